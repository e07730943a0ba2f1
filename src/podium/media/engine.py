"""The media engine as values: what it can be told and what it says. Mirrors ``_engine.pyi``,
so that everything but :mod:`podium.media.native` runs and is tested without the binary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NewType, Protocol

from podium.hall.sessions import EngineFigures

RoomNumber = NewType("RoomNumber", int)
SessionNumber = NewType("SessionNumber", int)
Kind = Literal["audio", "video"]


class EngineFailed(Exception):
    """Our fault: the engine was told something that makes no sense, or is closed."""


class OfferUnanswerable(Exception):
    """The peer's fault. ``args[0]`` says why in plain words."""


@dataclass(frozen=True, slots=True)
class CodecChoice:
    """One payload type that a viewer offered. ``name`` is the SDP spelling."""

    name: str
    payload_type: int
    fmtp: str = ""
    rtx: int | None = None


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """One m-line of a viewer that is answered. ``slot``: "sound", a program slot's name, or
    "0" to "63" for the viewer's private slots."""

    mid: str
    kind: Kind
    slot: str
    ssrc: int
    codecs: tuple[CodecChoice, ...]
    rtx_ssrc: int | None
    mid_extension: int | None
    abs_send_time_extension: int | None


# --- commands


@dataclass(frozen=True, slots=True)
class OpenRoom:
    room: RoomNumber


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Ends every session in it."""

    room: RoomNumber


@dataclass(frozen=True, slots=True)
class View:
    """Adds a viewer whose answer is written. ``dtls_client``: the engine calls, it does not
    wait to be called."""

    room: RoomNumber
    session: SessionNumber
    local_ufrag: str
    local_pwd: str
    remote_ufrag: str
    remote_pwd: str
    remote_fingerprint: str
    dtls_client: bool
    streams: tuple[StreamChoice, ...]


@dataclass(frozen=True, slots=True)
class RestartViewer:
    session: SessionNumber
    local_ufrag: str
    local_pwd: str
    remote_ufrag: str
    remote_pwd: str


@dataclass(frozen=True, slots=True)
class StartTap:
    """Writes the room's program to a descriptor, which the engine then owns; the format is that
    of ``engine/crates/net/src/tap.rs``."""

    room: RoomNumber
    fd: int


@dataclass(frozen=True, slots=True)
class StopTap:
    room: RoomNumber


@dataclass(frozen=True, slots=True)
class Close:
    session: SessionNumber


@dataclass(frozen=True, slots=True)
class SetSlot:
    room: RoomNumber
    slot: str
    source: SessionNumber | None


@dataclass(frozen=True, slots=True)
class SetPrivateSlot:
    viewer: SessionNumber
    index: int
    source: SessionNumber | None
    size: str


@dataclass(frozen=True, slots=True)
class SetMicrophone:
    source: SessionNumber
    open: bool


@dataclass(frozen=True, slots=True)
class SetSelf:
    """``viewer``, a viewer or a leg, sits where ``source``, a publisher or a leg, sits."""

    viewer: SessionNumber
    source: SessionNumber | None


@dataclass(frozen=True, slots=True)
class SetLeg:
    """What was agreed for a leg; fields as in ``_engine.pyi``."""

    session: SessionNumber
    remote_address: str = field(repr=False)
    remote_port: int = field(repr=False)
    remote_rtcp_port: int | None = field(repr=False)
    codec: str
    payload_type: int
    events_payload_type: int | None
    ptime: int
    sends: bool
    receives: bool
    srtp_profile: str | None
    srtp_local: bytes = field(repr=False)
    srtp_remote: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachLeg:
    """``room`` None: the leg hears prompts only."""

    session: SessionNumber
    room: RoomNumber | None


@dataclass(frozen=True, slots=True)
class Play:
    """``mix``: over the room's sound instead of in its place. No prompts: playing ends."""

    session: SessionNumber
    prompts: tuple[str, ...]
    mix: bool


@dataclass(frozen=True, slots=True)
class SendDigits:
    session: SessionNumber
    digits: str = field(repr=False)


Command = (
    OpenRoom
    | CloseRoom
    | View
    | RestartViewer
    | Close
    | StartTap
    | StopTap
    | SetSlot
    | SetPrivateSlot
    | SetMicrophone
    | SetSelf
    | SetLeg
    | AttachLeg
    | Play
    | SendDigits
)


# --- events


@dataclass(frozen=True, slots=True)
class Connected:
    session: SessionNumber
    profile: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session is over. ``reason`` as in ``_engine.pyi``."""

    session: SessionNumber
    reason: str


@dataclass(frozen=True, slots=True)
class SourceStarted:
    session: SessionNumber
    kind: str
    codec: str


@dataclass(frozen=True, slots=True)
class SourceStopped:
    session: SessionNumber
    kind: str


@dataclass(frozen=True, slots=True)
class SlotLive:
    room: RoomNumber
    slot: str
    source: SessionNumber
    codec: str


@dataclass(frozen=True, slots=True)
class CannotDecode:
    """``codec`` None: it can again."""

    viewer: SessionNumber
    slot: str
    codec: str | None


@dataclass(frozen=True, slots=True)
class Levels:
    """Open microphones with voice, loudest first."""

    room: RoomNumber
    levels: tuple[tuple[SessionNumber, int], ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """``loss`` 0..1, ``rtt`` in seconds, ``bitrate`` in bit/s."""

    session: SessionNumber
    loss: float
    rtt: float | None
    bitrate: int
    layer: int | None


@dataclass(frozen=True, slots=True)
class TapEnded:
    room: RoomNumber
    reason: str


@dataclass(frozen=True, slots=True)
class LegHeard:
    """A leg has found its peer."""

    session: SessionNumber


@dataclass(frozen=True, slots=True)
class Digit:
    """One press of a key."""

    session: SessionNumber
    digit: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Played:
    """A list of prompts has ended; ``completed``: nothing took its place."""

    session: SessionNumber
    completed: bool


@dataclass(frozen=True, slots=True)
class LegNoisy:
    session: SessionNumber
    noisy: bool


@dataclass(frozen=True, slots=True)
class LegQuiet:
    """Nothing has come from the leg's peer for so many seconds."""

    session: SessionNumber
    seconds: int


Event = (
    Connected
    | Disconnected
    | SourceStarted
    | SourceStopped
    | SlotLive
    | CannotDecode
    | Levels
    | Quality
    | TapEnded
    | LegHeard
    | Digit
    | Played
    | LegNoisy
    | LegQuiet
)


class EnginePort(Protocol):
    """What the media room needs of an engine. Nothing here blocks."""

    @property
    def fingerprint(self) -> str:
        """Of the DTLS certificate: "sha-256 AB:CD:..."."""
        ...

    @property
    def candidates(self) -> Sequence[tuple[str, int]]:
        """Announced (address, port) pairs."""
        ...

    def fileno(self) -> int:
        """Readable when ``poll`` has something to give."""
        ...

    def poll(self) -> Sequence[Event]:
        """Takes all waiting events. Raises ``EngineFailed`` when the engine has broken down."""
        ...

    def submit(self, command: Command) -> None:
        """Raises ``EngineFailed``."""
        ...

    def publish(self, room: RoomNumber, session: SessionNumber, offer: str, *, label: str) -> str:
        """The answer. Raises ``OfferUnanswerable``, ``EngineFailed``."""
        ...

    def open_leg(self, session: SessionNumber) -> tuple[str, int]:
        """Address and port on which the leg receives. Raises ``EngineFailed``, also when no port
        is free."""
        ...

    def load_prompt(self, name: str, pcm: bytes) -> None:
        """16 kHz, mono, s16le. Raises ``EngineFailed``."""
        ...

    def figures(self) -> EngineFigures:
        """Raises ``EngineFailed``."""
        ...

    def close(self) -> None: ...
