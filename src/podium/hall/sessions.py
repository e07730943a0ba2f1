"""Media sessions (WHIP and WHEP) as those see them who do not carry packets.

Values and errors only. The media room makes them, the web speaks HTTP about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from podium.conference.state import ConferenceId, VenueId

MediaSessionId = NewType("MediaSessionId", str)
"""Unguessable (at least 128 random bits), URL-safe; part of the ``Location``."""


class Source(StrEnum):
    """What a publisher sends: the venue's camera and microphone, or its shared screen."""

    CAMERA = "camera"
    CONTENT = "content"


class View(StrEnum):
    """What a viewer watches."""

    PROGRAM = "program"
    PREVIEW = "preview"
    WALL = "wall"


class Size(StrEnum):
    """How large a picture is wanted, by simulcast layer."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Publishing:
    source: Source


@dataclass(frozen=True, slots=True)
class Viewing:
    view: View


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session that exists now."""

    id: MediaSessionId
    conference: ConferenceId
    venue: VenueId | None
    """The venue that publishes or watches; ``None`` for consoles and walls."""
    owner: str
    """As given when it was made; only the same owner may touch the session."""
    kind: Publishing | Viewing
    etag: str
    """Of its ICE session (RFC 9725, 4.3.1), without quotes; an ICE restart changes it."""


@dataclass(frozen=True, slots=True)
class Answer:
    session: SessionInfo
    sdp: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The server's side of an ICE restart: a ``trickle-ice-sdpfrag`` and the new ETag."""

    fragment: str
    etag: str


class MediaSessionError(Exception):
    """``args[0]`` says in plain words what is wrong."""


class OfferRefused(MediaSessionError):
    """The peer's fault: the offer is SDP but cannot be answered (422)."""


class OfferMalformed(MediaSessionError):
    """The peer's fault: this is not an SDP offer (400)."""


class FragmentRefused(MediaSessionError):
    """The peer's fault: not a fragment of this session (400)."""


class RestartUnsupported(MediaSessionError):
    """This kind of session cannot restart ICE: delete it and make a new one (422)."""


class RoomClosed(MediaSessionError):
    """The conference takes no media now (409)."""


class NoSuchSession(MediaSessionError):
    """It never was, or has ended (404)."""


class TooManySessions(MediaSessionError):
    """The engine, or this owner, has all the sessions it may have (503)."""


class EngineDown(MediaSessionError):
    """Our fault: the engine does not answer (503)."""


class Video(StrEnum):
    """What a station is asked to send."""

    OFF = "off"
    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PublishDemand:
    """What the server wants of a station now."""

    video: Video = Video.OFF
    sound: bool = False
    content: bool = False


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """``loss`` 0..1, ``rtt`` in seconds (``None`` until known), ``bitrate`` in bit/s."""

    loss: float
    rtt: float | None
    bitrate: int


@dataclass(frozen=True, slots=True)
class DemandChanged:
    venue: VenueId
    demand: PublishDemand


@dataclass(frozen=True, slots=True)
class Speaking:
    """Loudest first; level in -dBov, 0 loud .. 127 silent. Empty when it falls silent."""

    levels: tuple[tuple[VenueId, int], ...]


@dataclass(frozen=True, slots=True)
class QualityMeasured:
    """Only the venues of which something new is known. Each venue's worst session counts."""

    venues: Mapping[VenueId, QualityFigures]


@dataclass(frozen=True, slots=True)
class PublisherSuperseded:
    """A newer publisher of the same venue and source has ended this session."""

    venue: VenueId
    session: MediaSessionId
    by: MediaSessionId


Notice = DemandChanged | Speaking | QualityMeasured | PublisherSuperseded
"""Live news of a conference that is not part of its record."""


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """Counters since the engine's start. ``threads``: (name, user seconds, system seconds)."""

    packets_in: int
    packets_out: int
    bytes_out: int
    retransmitted: int
    dropped_slow: int
    rejected: int
    publishers: int
    viewers: int
    legs: int
    threads: tuple[tuple[str, float, float], ...]
