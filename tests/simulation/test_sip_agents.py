"""Two SIP user agents over a network that loses, repeats and reorders, by a hypothesis state
machine. What must hold: one call for one INVITE however often it comes; both sides agree in the
end, on the call and on what was offered and answered last; a call that was accepted and that nobody
hung up stands; nothing is left over."""

from __future__ import annotations

import heapq
import random
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.sip import PHONE, PODIUM, agent, invitation, uri

from podium.telephone.sip import events as e
from podium.telephone.sip.core import Resolve, Send
from podium.telephone.sip.events import CallKey
from podium.telephone.sip.flow import Flow
from podium.telephone.sip.message import Message, encode
from podium.telephone.sip.negotiation import Offer
from podium.telephone.sip.parse import parse

FAIR = 3
"""How often in a row the network loses one message: it is bad, but not gone."""


class Side:
    """One agent with an application that remembers what it was told."""

    def __init__(self, at: Flow, other: Flow, seed: int) -> None:
        self.at = at
        self.other = other
        self.ua = agent(at, seed=seed)
        self.offers = 0
        self.arrived: list[CallKey] = []
        self.reoffered: list[CallKey] = []
        self.names: dict[CallKey, str] = {}
        """Call-ID by key."""
        self.up: set[CallKey] = set()
        self.over: Counter[CallKey] = Counter()
        self.silent: set[CallKey] = set()
        """Ended by our own refusal, of which no event tells."""

    def sdp(self) -> bytes:
        self.offers += 1
        return f"v=0\r\no=- 1 {self.offers} IN IP4 {self.at.host}\r\n".encode()

    def take(self) -> list[Message]:
        sent: list[Message] = []
        for output in self.ua.take():
            match output:
                case Send(flow, message):
                    assert flow == self.other
                    sent.append(message)
                case Resolve():
                    raise AssertionError("everything here has an address")
                case e.IncomingCall(call=call):
                    found = self.ua.calls.find(call)
                    if found is not None:
                        self.names[call] = found.dialog_id[0]
                    self.arrived.append(call)
                case e.Reoffered(call=call):
                    self.reoffered.append(call)
                case e.Answered(call=call) | e.Confirmed(call=call):
                    assert not self.over[call], "nothing is told of a call that is over"
                    self.up.add(call)
                case e.Rejected(call=call) | e.Unreachable(call=call) | e.Ended(call=call):
                    self.over[call] += 1
                    self.up.discard(call)
                case _:
                    pass
        return sent


class Agents(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**32), callers=st.sampled_from(["a", "b", "ab", "aab"]))
    def begin(self, seed: int, callers: str) -> None:
        self.random = random.Random(seed)
        self.now = 0.0
        self.count = 0
        self.bad = True
        self.lost: Counter[bytes] = Counter()
        self.wire: list[tuple[float, int, Side, bytes]] = []
        self.accepted: set[str] = set()
        self.hung_up: set[str] = set()
        self.a = Side(PODIUM, PHONE, seed)
        self.b = Side(PHONE, PODIUM, seed + 1)
        for name in callers:
            self.invite(name)
        self.advance(3.0)

    def other(self, side: Side) -> Side:
        return self.b if side is self.a else self.a

    def flush(self) -> None:
        for side in self.both:
            for message in side.take():
                self.send(self.other(side), encode(message))

    def send(self, to: Side, data: bytes) -> None:
        copies = 1
        if self.bad:
            dice = self.random.random()
            if dice < 0.3 and self.lost[data] < FAIR:
                self.lost[data] += 1
                return
            self.lost[data] = 0
            copies = 2 if dice > 0.85 else 1
        for _ in range(copies):
            delay = self.random.choice((0.01, 0.05, 0.4, 1.2)) if self.bad else 0.01
            self.count += 1
            heapq.heappush(self.wire, (self.now + delay, self.count, to, data))

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            self.flush()
            times = [time for side in self.both if (time := side.ua.deadline) is not None]
            times += [self.wire[0][0]] if self.wire else []
            if not times or min(times) > until:
                self.now = until
                return
            self.now = max(self.now, min(times))
            if self.wire and self.wire[0][0] <= self.now:
                _, _, to, data = heapq.heappop(self.wire)
                to.ua.receive(parse(data), to.other, self.now)
            for side in self.both:
                side.ua.tick(self.now)

    @property
    def both(self) -> tuple[Side, Side]:
        return self.a, self.b

    sides = st.sampled_from("ab")

    def side(self, name: str) -> Side:
        return self.a if name == "a" else self.b

    @rule(name=sides)
    def invite(self, name: str) -> None:
        side = self.side(name)
        wanted = invitation(uri("x", side.other), side.sdp())
        key = side.ua.invite(wanted, self.now)
        found = side.ua.calls.find(key)
        assert found is not None
        side.names[key] = found.dialog_id[0]

    @precondition(lambda self: self.a.arrived or self.b.arrived)
    @rule(what=st.sampled_from(["ring", "accept", "accept", "accept", "reject"]))
    def respond(self, what: str) -> None:
        side = next(side for side in self.both if side.arrived)
        if what == "ring":
            side.ua.ring(side.arrived[0], self.now)
            return
        call = side.arrived.pop(0)
        if what == "accept":
            self.accepted.add(side.names[call])
            side.ua.accept(call, side.sdp(), self.now)
        else:
            if not side.over[call]:
                side.silent.add(call)
            side.ua.reject(call, 486, self.now)

    @precondition(lambda self: self.a.reoffered or self.b.reoffered)
    @rule(refuse=st.booleans())
    def respond_to_reoffer(self, refuse: bool) -> None:
        side = next(side for side in self.both if side.reoffered)
        call = side.reoffered.pop(0)
        if refuse:
            side.ua.refuse_reoffer(call, self.now)
        else:
            side.ua.answer_reoffer(call, side.sdp(), self.now)

    @precondition(lambda self: self.a.up or self.b.up)
    @rule(name=sides, which=st.integers(0, 9))
    def reoffer(self, name: str, which: int) -> None:
        side = self.side(name)
        if side.up:
            side.ua.reoffer(sorted(side.up)[which % len(side.up)], side.sdp(), self.now)

    @rule(name=sides, which=st.integers(0, 9))
    def hang_up(self, name: str, which: int) -> None:
        side = self.side(name)
        calls = sorted(call for call in side.names if not side.over[call])
        if calls:
            call = calls[which % len(calls)]
            if call in side.arrived:
                side.arrived.remove(call)
                side.silent.add(call)
            self.hung_up.add(side.names[call])
            side.ua.hang_up(call, self.now)

    @rule(seconds=st.sampled_from([0.02, 0.3, 0.6, 2.0, 7.0]))
    def wait(self, seconds: float) -> None:
        self.advance(seconds)

    @rule()
    def agree(self) -> None:
        """Everything is answered, and after a while both sides believe the same."""
        for _ in range(4):
            while any(side.arrived for side in self.both):
                self.respond("accept")
            while any(side.reoffered for side in self.both):
                self.respond_to_reoffer(refuse=False)
            self.bad = False
            self.advance(45.0)
        self.bad = True
        mine = {self.a.names[call]: call for call in self.a.up}
        theirs = {self.b.names[call]: call for call in self.b.up}
        assert mine.keys() == theirs.keys() == self.accepted - self.hung_up
        for name in mine:
            here = self.a.ua.calls.find(mine[name])
            there = self.b.ua.calls.find(theirs[name])
            assert here is not None
            assert there is not None
            assert here.session is not None
            assert there.session is not None
            ours, others = here.session.negotiation, there.session.negotiation
            assert ours.state is others.state is Offer.IDLE
            assert (ours.local, ours.remote) == (others.remote, others.local)

    @invariant()
    def one_call_for_one_invite(self) -> None:
        if hasattr(self, "a"):
            for side in self.both:
                assert max(Counter(side.names.values()).values(), default=1) == 1
                assert max(side.over.values(), default=0) <= 1

    def teardown(self) -> None:
        if not hasattr(self, "a"):
            return
        self.agree()
        for side in self.both:
            for call in side.names:
                side.ua.hang_up(call, self.now)
        self.advance(200.0)
        for side in self.both:
            assert len(side.ua.calls) == 0
            assert len(side.ua.transactions) == 0
            assert side.ua.deadline is None, "no alarm is left"
            assert all(side.over[call] or call in side.silent for call in side.names)


Agents.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAgents = Agents.TestCase
