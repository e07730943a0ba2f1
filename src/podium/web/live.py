"""Live conferences and those who follow them.

A follower remembers the moment that it was last sent and is woken when there is a newer one; what
it is then sent is the difference. So a slow follower costs one old state, never a queue, and gets
one larger message for what it missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from podium.conference.state import ConferenceId, VenueId
from podium.hall.loop import Hall, HallStopped
from podium.hall.ports import Clock
from podium.hall.sessions import DemandChanged, Notice, QualityMeasured, Speaking
from podium.hall.subscription import Subscription, TooSlow
from podium.web import frames
from podium.web.errors import ApiError
from podium.web.frames import Moment, Steps
from podium.web.ports import MediaSessions, TelephoneDesk
from podium.web.principal import AccountPrincipal, Principal, TokenPrincipal
from podium.web.signings import Signings, Tallies
from podium.web.view import Audience, Console, Json, Station

log = logging.getLogger(__name__)

PACE: Final = 0.05
"""Seconds between two deltas at least: many changes at once become one message."""
OUTBOX: Final = 64
"""Answers that may wait for a client that does not read; then we stop reading it."""

SUPERSEDED_CODE: Final = 4001
NONSENSE_CODE: Final = 4400
UNKNOWN_CODE: Final = 4401
FORBIDDEN_CODE: Final = 4403
NOT_FOUND_CODE: Final = 4404
RESTART_CODE: Final = 1012


@dataclass(frozen=True, slots=True)
class Farewell:
    """The last message, if any, and the close code."""

    code: int
    text: str | None = None


def farewell(code: int, error: str) -> Farewell:
    return Farewell(code, frames.error_text(ApiError(error).body()))


class Follower:
    """One WebSocket, as the feed sees it. ``drain`` gives what is to be sent now."""

    def __init__(self, principal: Principal, audience: Audience, you: Json, clock: Clock) -> None:
        self.principal = principal
        self.audience = audience
        self.leaving: Farewell | None = None
        self._you = you
        self._clock = clock
        self._wake = asyncio.Event()
        self._answers: asyncio.Queue[str] = asyncio.Queue(OUTBOX)
        self._sent: Moment | None = None
        """The state that the client has, or one that looks the same to it."""
        self._client_seq = 0
        self._demand: str | None = None
        self._telephone: str | None = None
        self._work: str | None = None
        self._told_work: str | None = None
        self._speaking: str | None = None
        self._quality: deque[str] = deque(maxlen=8)

    async def woken(self) -> None:
        await self._wake.wait()
        self._wake.clear()

    def wake(self) -> None:
        self._wake.set()

    async def answer(self, text: str) -> None:
        """Waits while the client does not read."""
        await self._answers.put(text)
        self._wake.set()

    def leave(self, last: Farewell) -> None:
        """The first reason counts."""
        if self.leaving is None:
            self.leaving = last
            self._wake.set()

    def resync(self) -> None:
        self._sent = None
        self._wake.set()

    def demand(self, text: str) -> None:
        self._demand = text
        self._wake.set()

    def telephone(self, text: str) -> None:
        self._telephone = text
        self._wake.set()

    def work(self, text: str) -> None:
        if text != self._told_work:
            self._work = self._told_work = text
            self._wake.set()

    def speaking(self, text: str) -> None:
        self._speaking = text
        self._wake.set()

    def quality(self, text: str) -> None:
        self._quality.append(text)
        self._wake.set()

    def advance(self, before: Moment, after: Moment, steps: Steps) -> None:
        """Wakes it, unless it is up to date and the step changes nothing that it sees."""
        if self._sent is before and not steps.between(before, after).concerns(self.audience):
            self._sent = after
        else:
            self._wake.set()

    def drain(self, now: Moment, steps: Steps) -> Iterable[str]:
        state = self._state_text(now, steps)
        if state is not None:
            yield state
        if self._demand is not None:
            text, self._demand = self._demand, None
            yield text
        if self._telephone is not None:
            text, self._telephone = self._telephone, None
            yield text
        if self._work is not None:
            text, self._work = self._work, None
            yield text
        if self._speaking is not None:
            text, self._speaking = self._speaking, None
            yield text
        while self._quality:
            yield self._quality.popleft()
        while not self._answers.empty():
            yield self._answers.get_nowait()

    def _state_text(self, now: Moment, steps: Steps) -> str | None:
        before, self._sent = self._sent, now
        if before is now:
            return None
        if before is None:
            self._client_seq = now.seq
            return frames.snapshot_text(now, self.audience, self._you, self._clock.now())
        tail = steps.between(before, now).tail(self.audience)
        if tail is None:
            return None
        base, self._client_seq = self._client_seq, now.seq
        return frames.delta_text(base, tail)


class Feed:
    """The followers of one conference. Made by ``Feeds``."""

    def __init__(
        self,
        hall: Hall,
        media: MediaSessions,
        telephone: TelephoneDesk,
        signings: Signings,
        clock: Clock,
    ) -> None:
        state = hall.state
        assert state is not None
        self.conference = hall.conference
        self.steps = Steps()
        self.now = Moment(hall.seq, clock.now(), state)
        self._hall = hall
        self._media = media
        self._subscription = hall.subscribe()
        self._others: set[Follower] = set()
        self._stations: dict[VenueId, Follower] = {}
        self._telephone = telephone
        self._tallies: Tallies = {}
        self._unlisten: tuple[Callable[[], None], ...] = (
            signings.follow(self.conference, self._tell_of_work),
            media.listen(self.conference, self._hear),
            telephone.listen(self._tell_of_telephone),
        )
        self._task = asyncio.create_task(self._follow(), name=f"feed {self.conference}")

    @property
    def followers(self) -> list[Follower]:
        return [*self._others, *self._stations.values()]

    @property
    def empty(self) -> bool:
        return not self._others and not self._stations

    @property
    def ended(self) -> bool:
        return self._task.done()

    def join(self, follower: Follower) -> None:
        """A station takes over from an older one of its venue."""
        if isinstance(follower.audience, Station):
            venue = follower.audience.venue
            self.supersede(venue)
            self._stations[venue] = follower
            follower.demand(frames.publish_text(self._media.demand(self.conference, venue)))
            self._media.station_here(self.conference, venue, True)
        else:
            self._others.add(follower)
            if follower.audience == Console(numbers=True):
                follower.telephone(frames.telephone_text(self._telephone))
        if self._tallies:
            follower.work(self._work_text(follower.audience))
        follower.wake()

    def part(self, follower: Follower) -> None:
        self._others.discard(follower)
        if isinstance(follower.audience, Station):
            venue = follower.audience.venue
            if self._stations.get(venue) is follower:
                del self._stations[venue]
                self._media.station_here(self.conference, venue, False)

    def supersede(self, venue: VenueId) -> None:
        """The page that attends for this venue stops: something newer does."""
        older = self._stations.get(venue)
        if older is not None:
            older.leave(Farewell(SUPERSEDED_CODE, frames.SUPERSEDED))

    def close(self) -> None:
        self._task.cancel()
        self._subscription.close()
        for unlisten in self._unlisten:
            unlisten()

    # --- the conference's changes

    async def _follow(self) -> None:
        try:
            while True:
                try:
                    await self._take_changes()
                    return
                except TooSlow:
                    self._subscription = self._hall.subscribe()
                    self._advance_to_present()
        except HallStopped:
            log.warning("feed of %s ends: its hall stopped", self.conference)
        finally:
            for follower in self.followers:
                follower.leave(Farewell(RESTART_CODE))

    async def _take_changes(self) -> None:
        """Until the hall is closed. Raises ``TooSlow`` and ``HallStopped``."""
        subscription: Subscription = self._subscription
        async for first in subscription:
            latest = (first, *subscription.take_waiting())[-1]
            self._advance(Moment(latest.seq, latest.entries[-1].at, latest.after))
            await asyncio.sleep(PACE)

    def _advance_to_present(self) -> None:
        state = self._subscription.state
        if state is not None:
            self._advance(Moment(self._subscription.seq, self.now.at, state))

    def _advance(self, after: Moment) -> None:
        before, self.now = self.now, after
        for venue, station in self._stations.items():
            if venue not in after.state.venues:
                station.leave(farewell(FORBIDDEN_CODE, "withdrawn"))
        for follower in self.followers:
            follower.advance(before, after, self.steps)

    # --- what media and telephone say

    def _tell_of_telephone(self) -> None:
        text = frames.telephone_text(self._telephone)
        for follower in self._others:
            if follower.audience == Console(numbers=True):
                follower.telephone(text)

    # --- what the conference has issued

    def _tell_of_work(self, tallies: Tallies) -> None:
        self._tallies = tallies
        for follower in self.followers:
            follower.work(self._work_text(follower.audience))

    def _work_text(self, audience: Audience) -> str:
        """Stations hear of their own organisation alone."""
        if not isinstance(audience, Station):
            return frames.work_text(self._tallies)
        venue = self.now.state.venues.get(audience.venue)
        return frames.own_work_text(self._tallies, None if venue is None else venue.organisation)

    def _hear(self, notice: Notice) -> None:
        match notice:
            case DemandChanged(venue, demand):
                station = self._stations.get(venue)
                if station is not None:
                    station.demand(frames.publish_text(demand))
            case Speaking():
                text = frames.speaking_text(notice)
                for follower in self._others:
                    follower.speaking(text)
            case QualityMeasured():
                self._hear_quality(notice)
            case _:
                # A page whose publisher is replaced by its own next one goes on; one that is
                # replaced by a device is told where the device publishes.
                pass

    def _hear_quality(self, notice: QualityMeasured) -> None:
        if any(isinstance(f.audience, Console) for f in self._others):
            text = frames.venues_quality_text(notice.venues)
            for follower in self._others:
                follower.quality(text)
        for venue, figures in notice.venues.items():
            station = self._stations.get(venue)
            if station is not None:
                station.quality(frames.own_quality_text(figures))


class Feeds:
    """All feeds of this process; one lives as long as somebody follows it."""

    def __init__(
        self, media: MediaSessions, telephone: TelephoneDesk, signings: Signings, clock: Clock
    ) -> None:
        self._media = media
        self._telephone = telephone
        self._signings = signings
        self._clock = clock
        self._feeds: dict[ConferenceId, Feed] = {}

    def join(self, hall: Hall, follower: Follower) -> Feed:
        """Raises ``HallStopped``."""
        feed = self._feeds.get(hall.conference)
        if feed is None or feed.ended:
            if feed is not None:
                feed.close()
            feed = self._feeds[hall.conference] = Feed(
                hall, self._media, self._telephone, self._signings, self._clock
            )
        feed.join(follower)
        return feed

    def part(self, feed: Feed, follower: Follower) -> None:
        feed.part(follower)
        if feed.empty:
            feed.close()
            if self._feeds.get(feed.conference) is feed:
                del self._feeds[feed.conference]

    def count(self) -> dict[str, int]:
        """Followers by kind."""
        followers = [f for feed in self._feeds.values() for f in feed.followers]
        stations = sum(isinstance(f.audience, Station) for f in followers)
        return {"station": stations, "console": len(followers) - stations}

    def supersede(self, conference: ConferenceId, venue: VenueId) -> None:
        feed = self._feeds.get(conference)
        if feed is not None:
            feed.supersede(venue)

    def expel(self, whom: Callable[[Principal], bool]) -> None:
        """Their credential is no longer valid."""
        for feed in tuple(self._feeds.values()):
            for follower in feed.followers:
                if whom(follower.principal):
                    follower.leave(farewell(UNKNOWN_CODE, "unauthenticated"))

    def expel_account(self, account: str) -> None:
        self.expel(
            lambda p: isinstance(p, AccountPrincipal | TokenPrincipal) and p.account.id == account
        )

    def close(self) -> None:
        """Everybody is asked to come back."""
        for feed in tuple(self._feeds.values()):
            for follower in feed.followers:
                follower.leave(Farewell(RESTART_CODE))
            feed.close()
        self._feeds.clear()
