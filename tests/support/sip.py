"""Two SIP user agents and a peer by hand, on a simulated network and clock."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from podium.telephone.sip.agent import UserAgent
from podium.telephone.sip.core import KeepAlive, Resolve, Send
from podium.telephone.sip.events import CallKey, Event, IncomingCall
from podium.telephone.sip.flow import Flow, Transport
from podium.telephone.sip.gate import Admit, Verdict
from podium.telephone.sip.headers import Headers
from podium.telephone.sip.line import Policy
from podium.telephone.sip.message import Message, Request, Response, encode
from podium.telephone.sip.outgoing import Invitation
from podium.telephone.sip.parse import parse
from podium.telephone.sip.timers import Timers
from podium.telephone.sip.uri import NameAddr, Uri

OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=offer\r\n"
ANSWER = b"v=0\r\no=- 2 1 IN IP4 192.0.2.9\r\ns=answer\r\n"
OTHER = b"v=0\r\no=- 1 2 IN IP4 192.0.2.9\r\ns=hold\r\n"

PODIUM = Flow(Transport.UDP, "192.0.2.1", 5060)
PHONE = Flow(Transport.UDP, "198.51.100.7", 5070)


@dataclass
class OpenGate:
    """Everybody may call, unless a test says otherwise."""

    verdict: Verdict = field(default_factory=lambda: Admit("test"))

    def judge(self, request: Request, source: Flow, now: float) -> Verdict:
        return self.verdict


@dataclass(frozen=True)
class At:
    """A host that has one address."""

    flow: Flow

    def towards(self, flow: Flow) -> tuple[str, int]:
        return (self.flow.host, self.flow.port)


def agent(
    at: Flow = PODIUM, *, seed: int = 1, gate: OpenGate | None = None, policy: Policy | None = None
) -> UserAgent:
    return UserAgent(random.Random(seed), At(at), gate or OpenGate(), policy, Timers())


def uri(user: str = "9000", at: Flow = PODIUM) -> Uri:
    return Uri.sip(user, at.host, at.port)


def invitation(target: Uri | None = None, offer: bytes = OFFER) -> Invitation:
    return Invitation(target or uri(), offer, NameAddr(uri("zhang", PHONE)))


def request(
    method: str = "INVITE",
    *,
    body: bytes = b"",
    number: int = 1,
    branch: str = "z9hG4bKfirst",
    to_tag: str | None = None,
    from_tag: str = "peer",
    call_id: str = "call",
    target: Uri | None = None,
    source: Flow = PHONE,
    lines: Sequence[tuple[str, str]] = (),
    without: Sequence[str] = (),
) -> Request:
    """A peer's request, as it comes off the wire. ``lines`` are added, ``without`` left out."""
    target = target or uri()
    to = NameAddr(uri())
    via = f"SIP/2.0/{source.transport} {source.host}:{source.port};branch={branch};rport"
    headers = Headers(
        [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", str(NameAddr(uri("zhang", PHONE)).with_tag(from_tag))),
            ("To", str(to.with_tag(to_tag) if to_tag else to)),
            ("Call-ID", call_id),
            ("CSeq", f"{number} {method}"),
            ("Contact", str(NameAddr(uri("zhang", source)))),
            *([("Content-Type", "application/sdp")] if body else []),
        ]
    ).without(*without)
    made = Request(method, target, Headers([*headers, *lines]), body)
    parsed = parse(encode(made))
    assert isinstance(parsed, Request)
    return parsed


def ack(
    response: Response, *, body: bytes = b"", number: int = 1, branch: str = "z9hG4bKack"
) -> Request:
    """The ACK of a 2xx that the peer of ``request`` got."""
    return request("ACK", body=body, number=number, branch=branch, to_tag=response.to.tag)


class Peer:
    """One user agent, and a test that plays its peer by hand."""

    def __init__(self, ua: UserAgent | None = None, source: Flow = PHONE) -> None:
        self.ua = ua or agent()
        self.source = source
        self.now = 1000.0
        self.sent: list[Message] = []
        self.flows: list[Flow] = []
        self.events: list[Event] = []
        self.asked: list[Uri] = []
        self.kept_alive: list[Flow] = []

    def hear(self, message: Message, source: Flow | None = None) -> list[Message]:
        """Gives the agent a message; what it sends at once."""
        self.ua.receive(message, source or self.source, self.now)
        return self.collect()

    def wait(self, seconds: float) -> list[Message]:
        """Lets time pass, alarm by alarm; what the agent sends in it."""
        until = self.now + seconds
        sent: list[Message] = []
        while (due := self.ua.deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self.ua.tick(self.now)
            sent += self.collect()
        self.now = until
        return sent

    def collect(self) -> list[Message]:
        sent: list[Message] = []
        for output in self.ua.take():
            match output:
                case Send(flow, message):
                    sent.append(parse(encode(message)))
                    self.flows.append(flow)
                case Resolve(asked):
                    self.asked.append(asked)
                case KeepAlive(flow):
                    self.kept_alive.append(flow)
                case _:
                    self.events.append(output)
        self.sent += sent
        return sent

    def last(self) -> Event:
        return self.events[-1]

    def incoming(self, **changes: object) -> CallKey:
        """An INVITE came in; the call."""
        self.hear(request(**({"body": OFFER} | changes)))  # type: ignore[arg-type]
        event = self.events[-1]
        assert isinstance(event, IncomingCall)
        return event.call

    def established(self) -> tuple[CallKey, Response]:
        """A call that came in, was accepted and acknowledged; and our 2xx."""
        call = self.incoming()
        self.ua.accept(call, ANSWER, self.now)
        (ok,) = responses(self.collect(), 200)
        self.hear(ack(ok))
        return call, ok

    def idle(self) -> bool:
        """Whether nothing is left of what happened, once its time is over."""
        self.wait(200.0)
        return not len(self.ua.transactions) and not len(self.ua.calls)


def responses(messages: Sequence[Message], status: int | None = None) -> list[Response]:
    return [m for m in messages if isinstance(m, Response) and status in (None, m.status)]


def requests(messages: Sequence[Message], method: str | None = None) -> list[Request]:
    return [m for m in messages if isinstance(m, Request) and method in (None, m.method)]


def distinct(messages: Sequence[Message], method: str | None = None) -> list[Request]:
    """Requests without their retransmissions."""
    found = {sent.cseq: sent for sent in requests(messages, method) if sent.method != "ACK"}
    return list(found.values())


def answer_to(
    ours: Request,
    status: int,
    *,
    body: bytes = b"",
    tag: str | None = "callee",
    lines: Sequence[tuple[str, str]] = (),
    contact: Flow = PHONE,
) -> Response:
    """A peer's response to a request of ours, as it comes off the wire."""
    to = ours.headers.get("To") or ""
    if tag is not None and ours.to.tag is None:
        to = f"{to};tag={tag}"
    headers = Headers(
        [
            *ours.headers.only("Via", "From"),
            ("To", to),
            *ours.headers.only("Call-ID", "CSeq"),
            ("Contact", str(NameAddr(uri("li", contact)))),
            *([("Content-Type", "application/sdp")] if body else []),
            *lines,
        ]
    )
    parsed = parse(encode(Response(status, "", headers, body)))
    assert isinstance(parsed, Response)
    return parsed


def of(events: Sequence[Event], call: CallKey) -> Iterator[Event]:
    return (event for event in events if getattr(event, "call", None) == call)
