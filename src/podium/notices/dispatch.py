"""From the log to messages, and from the queue to the channels.

The log itself is the queue's source: what was appended while nobody looked is found at the next
look, by the place that was reached before.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from podium.desk.ports import Clock, Contact, Contacts, Message, Queue, Waiting
from podium.desk.programmes import Accepted, Programmes
from podium.notices.channels import Channel, NotSent
from podium.values.text import OrganisationId
from podium.work.commands import Actor, Escalate, Role
from podium.work.events import Recorded
from podium.work.notices import Notice, notices
from podium.work.state import Programme
from podium.work.values import ProgrammeId

logger = logging.getLogger("podium.notices")

TIMER: Final = Actor(Role.SYSTEM, "timer")
_BATCH: Final = 50
_FIRST_RETRY: Final = timedelta(minutes=1)
_LONGEST_RETRY: Final = timedelta(hours=6)
ATTEMPTS: Final = 12
"""With these waits a receiver may be away for a day and a half."""


class Dispatch:
    """``channels`` by name; a message for a channel that is not set up is never made."""

    def __init__(
        self,
        programmes: Programmes,
        queue: Queue,
        contacts: Contacts,
        channels: Mapping[str, Channel],
        clock: Clock,
    ) -> None:
        self._programmes = programmes
        self._queue = queue
        self._contacts = contacts
        self._channels = channels
        self._clock = clock

    async def escalate(self) -> None:
        """Tells every programme to look who is late. Once a day would do; oftener is no harm."""
        for programme in await self._programmes.ids():
            outcome = await self._programmes.act(programme, (Escalate(),), TIMER)
            while isinstance(outcome, Accepted) and outcome.entries:  # a turn takes so many
                outcome = await self._programmes.act(programme, (Escalate(),), TIMER)

    async def collect(self) -> None:
        """Makes messages of what is new in the logs."""
        contacts = {contact.organisation: contact for contact in await self._contacts.all()}
        for programme in await self._programmes.ids():
            await self._collect(programme, contacts)

    async def _collect(
        self, programme: ProgrammeId, contacts: Mapping[OrganisationId, Contact]
    ) -> None:
        place = await self._queue.place(programme)
        async for page in self._programmes.pages(programme, place):
            state = await self._programmes.look(programme)
            if state is None:
                return
            made = await asyncio.to_thread(self._made, programme, state, page, contacts)
            await self._queue.add(programme, page[-1].seq, made, self._clock.now())

    def _made(
        self,
        programme: ProgrammeId,
        state: Programme,
        entries: Sequence[Recorded],
        contacts: Mapping[OrganisationId, Contact],
    ) -> Sequence[Message]:
        return [
            message
            for entry in entries
            for notice in notices(state, entry)
            for message in self._messages(programme, notice, contacts.get(notice.organisation))
        ]

    def _messages(
        self, programme: ProgrammeId, notice: Notice, contact: Contact | None
    ) -> Iterator[Message]:
        if contact is not None and "email" in self._channels:
            zh = contact.language == "zh"
            yield Message(
                "email",
                contact.email,
                notice.subject.zh if zh else notice.subject.en,
                notice.body.zh if zh else notice.body.en,
            )
        if "webhook" in self._channels:
            yield Message("webhook", "", notice.subject.en, _json(programme, notice))

    async def deliver(self) -> int:
        """Sends what is due; how many were tried."""
        waiting = await self._queue.due(self._clock.now(), _BATCH)
        for one in waiting:
            await self._deliver(one)
        return len(waiting)

    async def _deliver(self, one: Waiting) -> None:
        channel = self._channels.get(one.message.channel)
        try:
            if channel is None:
                raise NotSent("its channel is not set up any more", final=True)
            await channel.send(one.id, one.message)
        except NotSent as error:
            last = error.final or one.attempts + 1 >= ATTEMPTS
            retry = None if last else self._clock.now() + _wait(one.attempts)
            then = "given up" if last else "again later"
            logger.warning("notice %d was not sent: %s; %s", one.id, error, then)
            await self._queue.failed(one.id, retry)
        else:
            await self._queue.sent(one.id, self._clock.now())

    async def run(self, every: float = 5.0, escalate_every: float = 900.0) -> None:
        """Until cancelled. A store that fails is tried again."""
        loop = asyncio.get_running_loop()
        next_escalation = loop.time()
        while True:
            try:
                if loop.time() >= next_escalation:
                    next_escalation = loop.time() + escalate_every
                    await self.escalate()
                await self.collect()
                while await self.deliver() == _BATCH:
                    pass
            except OSError as error:
                logger.warning("notices wait: %s", error)
            except Exception:
                logger.exception("notices met a fault")
            await asyncio.sleep(every)


def _wait(attempts: int) -> timedelta:
    return min(_FIRST_RETRY * (1 << min(attempts, 16)), _LONGEST_RETRY)


def _json(programme: ProgrammeId, notice: Notice) -> str:
    value = {
        "programme": programme,
        "seq": notice.seq,
        "kind": notice.kind,
        "organisation": notice.organisation,
        "subject": {"zh": notice.subject.zh, "en": notice.subject.en},
        "body": {"zh": notice.body.zh, "en": notice.body.en},
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
