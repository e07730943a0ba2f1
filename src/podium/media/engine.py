"""The media engine as values: what it can be told and what it says. Mirrors ``_engine.pyi``,
so that everything but :mod:`podium.media.native` runs and is tested without the binary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    viewer: SessionNumber
    source: SessionNumber | None


Command = (
    OpenRoom
    | CloseRoom
    | View
    | RestartViewer
    | Close
    | SetSlot
    | SetPrivateSlot
    | SetMicrophone
    | SetSelf
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

    def figures(self) -> EngineFigures:
        """Raises ``EngineFailed``."""
        ...

    def close(self) -> None: ...
