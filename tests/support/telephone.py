"""A telephone house over real halls, with a user agent and legs that only remember."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.conferences import BEIJING, CONFERENCE, HENAN, OFFICE, SCHEDULE, ZHEJIANG
from tests.support.halls import HandClock, MemoryLog, MemoryMedia

from podium.conference import commands as c
from podium.conference.calls import Call
from podium.conference.commands import Actor, Command
from podium.conference.refusals import Refusal
from podium.conference.state import Conference, ConferenceId, Venue, VenueId
from podium.conference.telephone import CallEffect
from podium.hall.legs import (
    KeyPressed,
    LegId,
    LegMedia,
    LegNotice,
    NoLegFree,
    OpenLeg,
    PromptsEnded,
)
from podium.hall.notebook import Note, Notes, PlacedCall
from podium.hall.pins import PinHolder, PinLock
from podium.hall.registry import Halls
from podium.telephone.adapter import Caution, Fallback, TelephoneHouse
from podium.telephone.board import Manners
from podium.telephone.dialplan import DialLedger, DialRules, Route, ToAccount, Trunk
from podium.telephone.guard import Locked, PinGuard
from podium.telephone.lockout import Lockout
from podium.telephone.phones import Phone
from podium.telephone.ports import Notebook
from podium.telephone.prompts import load_prompts
from podium.telephone.prompts.texts import Language
from podium.telephone.sip.agreement import Capabilities, LocalLeg
from podium.telephone.sip.events import CallEvent, CallKey, Ended, IncomingCall, Why
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.offer_answer import make_offer
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.sdes import SEED_LENGTH
from podium.telephone.sip.uri import NameAddr, Uri
from podium.telephone.sound import Terms

NUMBER, SECOND = "+861065120001", "+861065120002"
PINS = {
    "20230301": PinHolder(CONFERENCE, HENAN),
    "20230302": PinHolder(CONFERENCE, ZHEJIANG),
    "99990000": PinHolder(CONFERENCE, None),
}
RULES = DialRules(
    allowed=("+8610",), accounts=frozenset({"8001"}), trunks=(Trunk("one"), Trunk("two"))
)
MANNERS = Manners(
    languages=(Language.ZH, Language.EN),
    access=frozenset({"9000"}),
    trunks=frozenset({"one", "two"}),
    phones={"8001": Phone("8001", "a long secret", HENAN, (Language.EN,), "MD5")},
    recorded=frozenset(load_prompts()),
    longest_call=3600.0,
)
PEER = LocalLeg("192.0.2.7", 4000, 7, bytes(SEED_LENGTH))


def offer(codecs: tuple[str, ...] = ("PCMA",)) -> bytes:
    return str(make_offer(Capabilities(codecs=codecs), PEER)).encode()  # type: ignore[arg-type]


class Bell:
    """Rings whenever something has been done; ``until`` waits for it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def until(self, true: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self._event.clear()
                await self._event.wait()


@dataclass
class MemoryAgent:
    bell: Bell
    done: dict[CallKey, list[str]] = field(default_factory=dict)
    """What was done to each call."""
    invited: list[tuple[CallKey, Invitation]] = field(default_factory=list)
    said: dict[CallKey, bytes] = field(default_factory=dict)
    """The last SDP of ours."""
    tell: Callable[[CallEvent], None] = lambda _: None
    _last: int = 0

    def next_key(self) -> CallKey:
        self._last += 1
        key = CallKey(self._last)
        self.done[key] = []
        return key

    def _did(self, call: CallKey, what: str, sdp: bytes | None = None) -> None:
        self.done[call].append(what)
        if sdp is not None:
            self.said[call] = sdp
        self.bell.ring()

    def invite(self, invitation: Invitation) -> CallKey:
        key = self.next_key()
        self.invited.append((key, invitation))
        self._did(key, "invited", invitation.offer)
        return key

    def ring(self, call: CallKey, status: int = 180) -> None:
        self._did(call, f"ring {status}")

    def accept(self, call: CallKey, sdp: bytes) -> None:
        self._did(call, "accepted", sdp)

    def reject(self, call: CallKey, status: int) -> None:
        self._did(call, f"rejected {status}")

    def answer_reoffer(self, call: CallKey, sdp: bytes) -> None:
        self._did(call, "answered", sdp)

    def refuse_reoffer(self, call: CallKey, status: int = 488) -> None:
        self._did(call, f"refused {status}")

    def hang_up(self, call: CallKey) -> None:
        if "ended" not in self.done[call]:
            self._did(call, "hung up")
            self._did(call, "ended")
            self.tell(Ended(call, Why.RELEASED))


@dataclass
class MemoryLegs:
    bell: Bell
    media: dict[LegId, LegMedia] = field(default_factory=dict)
    places: dict[LegId, tuple[ConferenceId, VenueId]] = field(default_factory=dict)
    heard: dict[LegId, list[str]] = field(default_factory=dict)
    """Names of recordings, since the leg opened."""
    closed: set[LegId] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    tell: Callable[[LegNotice], None] = lambda _: None
    free: int = 1000

    def open(self) -> OpenLeg:
        if not self.free:
            raise NoLegFree
        self.free -= 1
        leg = LegId(len(self.heard) + 1)
        self.heard[leg] = []
        return OpenLeg(leg, "127.0.0.1", 20_000 + 2 * leg)

    def set(self, leg: LegId, media: LegMedia) -> None:
        self.media[leg] = media
        self.bell.ring()

    def attach(self, leg: LegId, conference: ConferenceId, venue: VenueId) -> None:
        self.places[leg] = (conference, venue)
        self.bell.ring()

    def play(self, leg: LegId, names: Sequence[str], *, over: bool) -> None:
        self.heard[leg].extend(names)
        self.bell.ring()
        if names:  # heard at once
            asyncio.get_running_loop().call_soon(self.tell, PromptsEnded(leg))

    def close(self, leg: LegId) -> None:
        self.closed.add(leg)
        self.bell.ring()

    def load_prompt(self, name: str, pcm: bytes) -> None:
        self.loaded.add(name)

    def listen(self, listener: Callable[[LegNotice], None]) -> None:
        self.tell = listener


class MemoryPins:
    def __init__(self) -> None:
        self.asked = 0
        self.slow = False
        """Others come to their turn before it answers."""
        self.fault: Exception | None = None

    async def find(self, pin: str) -> PinHolder | None:
        self.asked += 1
        if self.slow:
            await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        return PINS.get(pin)


class MemoryNotebook:
    """Keeps what is written, as the store does."""

    def __init__(self) -> None:
        self.notes: dict[tuple[str, str], Note] = {}
        self.placed: list[PlacedCall] = []
        self.fault: OSError | None = None

    async def read(self) -> Notes:
        return Notes(notes=list(self.notes.values()), placed=list(self.placed))

    async def write(self, notes: Notes) -> None:
        if self.fault is not None:
            raise self.fault
        self.notes |= {(note.kind, note.key): note for note in notes.notes}
        for key in notes.forgotten:
            self.notes.pop(key, None)
        self.placed += notes.placed


def disguise(text: str) -> str:
    """Tests may see what is counted."""
    return f"<{text}>"


class MemoryRoutes:
    def ways(self, route: Route) -> Sequence[Callable[[bytes], Invitation]]:
        if isinstance(route, ToAccount):
            targets = [f"sip:{route.account}@192.0.2.7"]
        else:
            targets = [f"sip:{route.number}@{trunk}.example" for trunk in route.trunks]

        def way(target: str) -> Callable[[bytes], Invitation]:
            us = NameAddr(Uri.parse("sip:podium@127.0.0.1"))
            return lambda sdp: Invitation(Uri.parse(target), sdp, us)

        return [way(target) for target in targets]


class _Late:
    """The halls direct the telephone, and the telephone asks the halls."""

    house: TelephoneHouse

    def apply(self, conference: ConferenceId, effects: Sequence[CallEffect]) -> None:
        self.house.apply(conference, effects)


@dataclass
class Rig:
    house: TelephoneHouse
    halls: Halls
    agent: MemoryAgent
    legs: MemoryLegs
    pins: MemoryPins
    bell: Bell
    notebook: Notebook
    locks: list[PinLock | None]
    """What the console was told of the strangers' lock."""

    @property
    def guard(self) -> PinGuard:
        return self.house._board.admission.guard

    @property
    def lockout(self) -> Lockout:
        return self.house._board.admission.lockout

    def besiege(self) -> None:
        """Strangers have guessed, from many places, until they were locked out."""
        while not isinstance(self.lockout.verdict(), Locked):
            self.lockout.wrong()

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def state(self) -> Conference:
        (hall,) = self.halls.opened()
        assert hall.state is not None
        return hall.state

    def venue(self, venue: VenueId) -> Venue:
        return self.state.venues[venue]

    def call_of(self, venue: VenueId) -> Call:
        return self.venue(venue).call

    async def do(self, actor: Actor, *commands: Command) -> None:
        hall = await self.halls.get(CONFERENCE)
        assert hall is not None
        for command in commands:
            outcome = await hall.submit(command, actor)
            assert not isinstance(outcome, Refusal), outcome
        await self.settle()

    async def settle(self) -> None:
        """Until what has begun is done, as far as it waits for nothing."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def dial(
        self,
        user: str = "9000",
        *,
        by: str = "sources",
        caller: str = "8610650001",
        source: str = "127.0.0.1",
        sdp: bytes | None = b"",
    ) -> CallKey:
        key = self.ringing(user, by=by, caller=caller, source=source, sdp=sdp)
        await self.bell.until(lambda: bool(self.agent.done[key]))
        await self.settle()
        return key

    def ringing(
        self,
        user: str,
        *,
        by: str = "sources",
        caller: str = "8610650001",
        source: str = "127.0.0.1",
        sdp: bytes | None = b"",
    ) -> CallKey:
        """A call that has only just come in."""
        key = self.agent.next_key()
        incoming = IncomingCall(
            key,
            by,
            Flow(Transport.UDP, source, 5060),
            NameAddr(Uri.parse(f"sip:{caller}@192.0.2.7")),
            NameAddr(Uri.parse(f"sip:{user}@127.0.0.1")),
            Uri.parse(f"sip:{user}@127.0.0.1"),
            offer() if sdp == b"" else sdp,
        )
        self.house.sip(incoming)
        return key

    @property
    def leg(self) -> LegId:
        """The last that was opened."""
        return LegId(len(self.legs.heard))

    async def press(self, keys: str, leg: LegId | None = None) -> None:
        for key in keys:
            self.legs.tell(KeyPressed(leg or self.leg, key))
        await self.settle()

    def heard(self, leg: LegId | None = None) -> list[str]:
        """Since it was last asked; the language left out."""
        names = self.legs.heard[leg or self.leg]
        found = [name.partition("/")[2] for name in names]
        names.clear()
        return found

    async def tell(self, event: CallEvent) -> None:
        if isinstance(event, Ended):
            self.agent.done[event.call].append("ended")
        self.house.sip(event)
        await self.settle()


@asynccontextmanager
async def rig(
    *,
    rules: DialRules = RULES,
    manners: Manners = MANNERS,
    after: float = 0.02,
    grace: float = 0.02,
    notebook: Notebook | None = None,
) -> AsyncIterator[Rig]:
    """A scheduled conference whose venues Henan and Zhejiang have telephones."""
    bell, log, late = Bell(), MemoryLog(), _Late()
    agent, legs, pins = MemoryAgent(bell), MemoryLegs(bell), MemoryPins()
    notebook, locks = notebook or MemoryNotebook(), list[PinLock | None]()
    halls = Halls(log, MemoryMedia(log), late, HandClock())
    late.house = house = TelephoneHouse(
        agent=agent,
        legs=legs,
        conferences=halls,
        caution=Caution(pins, notebook, HandClock(), disguise, locks.append),
        ledger=DialLedger(rules),
        routes=MemoryRoutes(),
        manners=manners,
        terms=Terms(Capabilities(), "127.0.0.1"),
        fallback=Fallback(after, grace),
    )
    agent.tell = house.sip
    numbers = {HENAN: (NUMBER, SECOND), ZHEJIANG: ("8001",), BEIJING: ("+19005550100",)}
    venues = tuple(
        c.Invitation(v.id, v.organisation, v.name, v.kind, v.order, numbers.get(v.id, ()))
        for v in SCHEDULE.venues
    )
    scheduled = c.ScheduleConference(
        CONFERENCE, SCHEDULE.title, SCHEDULE.starts_at, (), SCHEDULE.organisations, venues
    )
    await halls.create(scheduled, OFFICE)
    await house.start()
    try:
        yield Rig(house, halls, agent, legs, pins, bell, notebook, locks)
    finally:
        await house.close()
        await halls.close()
