"""Notices to a real mail server and a real HTTP receiver, from a queue on real databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.adapters.store.conftest import HandClock
from tests.support.programmes import (
    CARS,
    CREATE,
    HENAN,
    HOMES,
    ISSUE,
    OFFICE,
    PLAN,
    PROGRAMME,
    ZHEJIANG,
    liaison,
    report,
)

from podium.desk.ports import Contact, Message
from podium.desk.programmes import Programmes
from podium.notices.channels import (
    Channel,
    EmailChannel,
    NotSent,
    SmtpSettings,
    WebhookChannel,
    signature,
)
from podium.notices.dispatch import ATTEMPTS, Dispatch
from podium.store.opening import Store
from podium.work import commands as c


@dataclass
class Mailbox:
    """A real SMTP server's handler. ``answer`` is what it says to every message."""

    answer: str = "250 OK"
    got: list[tuple[list[str], bytes]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.got.append((list(envelope.rcpt_tos), envelope.content))
        return self.answer

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="test"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


@dataclass
class Receiver:
    """A real HTTP server that takes one request a connection."""

    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.splitlines()[1:] if line)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.got.append((headers, body))
        writer.write(
            f"HTTP/1.1 {self.status} x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def email(box: Mailbox) -> EmailChannel:
    return EmailChannel(SmtpSettings("127.0.0.1", box.port, "Podium <podium@example.org>", "none"))


async def begun(store: Store, clock: HandClock) -> Programmes:
    desk = Programmes(store.programme_log, clock)
    await desk.create(CREATE, OFFICE)
    await desk.act(PROGRAMME, (PLAN, ISSUE), OFFICE)
    await store.contacts.put(Contact(ZHEJIANG, "zj@example.org", "zh"))
    await store.contacts.put(Contact(HENAN, "hn@example.org", "en"))
    return desk


async def test_an_assignment_is_announced_by_e_mail(
    store: Store, clock: HandClock, mailbox: Mailbox
) -> None:
    desk = await begun(store, clock)
    dispatch = Dispatch(desk, store.notices, store.contacts, {"email": email(mailbox)}, clock)
    await dispatch.collect()
    assert await dispatch.deliver() == 2
    by_reader = {to[0]: message_from_bytes(raw, policy=default) for to, raw in mailbox.got}
    chinese, english = by_reader["zj@example.org"], by_reader["hn@example.org"]
    assert chinese["Subject"] == "【2023消费提振年】收到 2 项任务，请签收"
    assert "稳定汽车消费（2023-12-31 前完成）" in chinese.get_content()
    assert english["Subject"] == "[2023 Consumption Boost Year] 2 assignments to sign for"
    assert english["Auto-Submitted"] == "auto-generated"
    # Said once, also by a process that starts anew.
    anew = Dispatch(
        Programmes(store.programme_log, clock),
        store.notices,
        store.contacts,
        {"email": email(mailbox)},
        clock,
    )
    await anew.collect()
    assert await anew.deliver() == 0


async def test_lateness_goes_up_and_everybody_is_told_in_turn(
    store: Store, clock: HandClock, mailbox: Mailbox
) -> None:
    desk = await begun(store, clock)
    await desk.act(PROGRAMME, (c.Sign(ZHEJIANG, (CARS, HOMES)),), liaison(ZHEJIANG))
    dispatch = Dispatch(desk, store.notices, store.contacts, {"email": email(mailbox)}, clock)
    await dispatch.collect()
    await dispatch.deliver()
    mailbox.got.clear()
    clock.advance(timedelta(days=5))
    for _ in range(2):
        await dispatch.escalate()
        await dispatch.collect()
        await dispatch.deliver()
    [(to, raw)] = mailbox.got
    assert to == ["hn@example.org"]
    assert "Reminder" in message_from_bytes(raw, policy=default)["Subject"]


async def test_a_completion_is_posted_and_signed(
    store: Store, clock: HandClock, receiver: Receiver
) -> None:
    desk = await begun(store, clock)
    hook = WebhookChannel(f"http://127.0.0.1:{receiver.port}/hook", "secret", clock=lambda: 1000.0)
    dispatch = Dispatch(desk, store.notices, store.contacts, {"webhook": hook}, clock)
    await dispatch.collect()
    await dispatch.deliver()
    receiver.got.clear()
    done = report(ZHEJIANG, completed=True)
    await desk.act(PROGRAMME, (c.Sign(ZHEJIANG, (CARS,)), done), liaison(ZHEJIANG))
    await dispatch.collect()
    await dispatch.deliver()
    [(headers, body)] = receiver.got
    assert headers["podium-signature"] == signature(b"secret", 1000, body)
    value = json.loads(body)
    assert (value["kind"], value["organisation"]) == ("completion", "ministry")
    await hook.close()


async def test_a_receiver_that_is_away_gets_it_later(
    store: Store, clock: HandClock, receiver: Receiver
) -> None:
    desk = await begun(store, clock)
    hook = WebhookChannel(f"http://127.0.0.1:{receiver.port}/", "secret")
    dispatch = Dispatch(desk, store.notices, store.contacts, {"webhook": hook}, clock)
    receiver.status = 503
    await dispatch.collect()
    assert await dispatch.deliver() == 2
    assert await dispatch.deliver() == 0  # not yet
    receiver.status = 200
    clock.advance(timedelta(minutes=2))
    assert await dispatch.deliver() == 2
    deliveries = [headers["podium-delivery"] for headers, _ in receiver.got]
    assert sorted(deliveries) == sorted([*set(deliveries)] * 2)
    assert await dispatch.deliver() == 0
    await hook.close()


@dataclass
class Broken:
    """Fails for good, or for now."""

    final: bool
    tried: int = 0

    async def send(self, _: int, __: Message) -> None:
        self.tried += 1
        raise NotSent("broken", final=self.final)


@pytest.mark.parametrize(("final", "tries"), [(True, 1), (False, ATTEMPTS)])
async def test_a_message_is_given_up_in_the_end(
    store: Store, clock: HandClock, final: bool, tries: int
) -> None:
    desk = await begun(store, clock)
    channel = Broken(final)
    channels: dict[str, Channel] = {"email": channel}
    dispatch = Dispatch(desk, store.notices, store.contacts, channels, clock)
    await dispatch.collect()
    for _ in range(ATTEMPTS + 3):
        await dispatch.deliver()
        clock.advance(timedelta(hours=7))
    assert channel.tried == 2 * tries


async def test_what_a_mail_server_says(mailbox: Mailbox) -> None:
    channel = email(mailbox)
    with pytest.raises(NotSent, match="refuses the recipient") as refused:
        await channel.send(1, Message("email", "nobody@example.org", "x", "y"))
    assert refused.value.final
    mailbox.answer = "451 try later"
    with pytest.raises(NotSent, match="451") as later:
        await channel.send(1, Message("email", "zj@example.org", "x", "y"))
    assert not later.value.final
    nowhere = EmailChannel(SmtpSettings("127.0.0.1", 1, "podium@example.org", "none"))
    with pytest.raises(NotSent):
        await nowhere.send(1, Message("email", "zj@example.org", "x", "y"))


async def test_nothing_is_made_for_channels_that_are_not_set_up(
    store: Store, clock: HandClock
) -> None:
    desk = await begun(store, clock)
    silent = Dispatch(desk, store.notices, store.contacts, {}, clock)
    await silent.collect()
    assert await store.notices.due(clock.now(), 10) == []
    assert await store.notices.place(PROGRAMME) == 3


async def test_a_subject_is_one_line(mailbox: Mailbox) -> None:
    await email(mailbox).send(1, Message("email", "zj@example.org", "a\r\nBcc: x@y", "body"))
    [(to, raw)] = mailbox.got
    assert to == ["zj@example.org"]
    assert message_from_bytes(raw, policy=default)["Bcc"] is None
