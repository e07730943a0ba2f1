"""The media engine's whole interface. Packets never cross it.

Identifiers are integers chosen by the caller, never reused within one engine. ``room`` is a
conference; ``session`` is one WHIP (publisher) or WHEP (viewer) session. Nothing here blocks
for longer than a lock-free hand-over, except the constructor and ``close``.
"""

from typing import final

BUILD: str
"""Hash of the engine's sources at build time; the package refuses a binary that differs."""

@final
class EngineError(Exception):
    """The caller's fault: unknown id, bad configuration. Never raised for peer input."""

@final
class OfferError(Exception):
    """The peer's fault: the offer cannot be answered. ``args[0]`` says why in plain words."""

@final
class Engine:
    """Sockets, worker threads and everything that touches a media packet."""

    def __init__(
        self,
        *,
        listen: list[str],
        public: list[str],
        workers: int = 1,
        gso: bool = True,
    ) -> None:
        """Binds ``listen`` ("ip:port", UDP; port 0 picks one) and announces ``public``
        ("ip" or "ip:port"; empty means the bound addresses) as host candidates.
        ``workers`` threads serve viewers, one more serves publishers, one mixes sound."""

    @property
    def fingerprint(self) -> str:
        """Of the DTLS certificate: "sha-256 AB:CD:...", for answers that Python writes."""

    @property
    def candidates(self) -> list[tuple[str, int]]:
        """Announced (address, port) pairs."""

    def fileno(self) -> int:
        """Readable when ``poll`` has something to give."""

    def poll(self) -> list[Event]:
        """Takes all waiting events and rearms the descriptor."""

    def submit(self, command: Command) -> None:
        """Hands a command over; its outcome, where it has one, comes back as an event."""

    def publish(self, room: int, session: int, offer: str, *, label: str) -> str:
        """Accepts a WHIP offer (send-only audio and/or video, simulcast by rid welcome) and
        returns the answer with all candidates. DTLS role by the offer: passive where allowed."""

    def stats(self) -> EngineStats: ...
    def close(self) -> None: ...

class Codec:
    """One payload type that a viewer offered for a stream."""

    def __init__(
        self, name: str, payload_type: int, *, fmtp: str = "", rtx: int | None = None
    ) -> None:
        """``name``: "VP8" | "VP9" | "H264" | "AV1" | "opus" (SDP spelling, any case)."""

class Stream:
    """One m-line of a viewer, in order of the offer."""

    def __init__(
        self,
        mid: str,
        kind: str,
        slot: str,
        ssrc: int,
        codecs: list[Codec],
        *,
        rtx_ssrc: int | None = None,
        mid_extension: int | None = None,
        abs_send_time_extension: int | None = None,
    ) -> None:
        """``kind``: "audio" | "video". ``slot``: "sound", a program slot ("main" | "second" |
        "content"), or "0".."63" for the viewer's private slots."""

class Command:
    """What the engine can be told."""

    class OpenRoom(Command):
        def __init__(self, room: int) -> None: ...

    class CloseRoom(Command):
        """Ends every session in it."""
        def __init__(self, room: int) -> None: ...

    class View(Command):
        """Adds a viewer whose answer Python has written. ``dtls_client``: the engine takes the
        active role. ``remote_fingerprint`` as in SDP."""
        def __init__(
            self,
            room: int,
            session: int,
            local_ufrag: str,
            local_pwd: str,
            remote_ufrag: str,
            remote_pwd: str,
            remote_fingerprint: str,
            dtls_client: bool,
            streams: list[Stream],
        ) -> None: ...

    class RestartViewer(Command):
        """ICE restart of a viewer: new credentials, same keys and streams."""
        def __init__(
            self, session: int, local_ufrag: str, local_pwd: str, remote_ufrag: str, remote_pwd: str
        ) -> None: ...

    class Close(Command):
        """Ends a session of either kind."""
        def __init__(self, session: int) -> None: ...

    class SetSlot(Command):
        """``slot``: a program slot. ``source``: a publisher session, or None for nothing."""
        def __init__(self, room: int, slot: str, source: int | None) -> None: ...

    class SetPrivateSlot(Command):
        """``size`` caps the simulcast layer: "low" | "mid" | "high"."""
        def __init__(self, viewer: int, index: int, source: int | None, size: str) -> None: ...

    class SetMicrophone(Command):
        """Only open microphones are decoded and mixed."""
        def __init__(self, source: int, open: bool) -> None: ...

    class SetSelf(Command):
        """This viewer sits in the room of that publisher: it must not hear itself."""
        def __init__(self, viewer: int, source: int | None) -> None: ...

    class StartTap(Command):
        """Writes the room's program (encoded pictures, encoded mix) to a descriptor, which the
        engine then owns; format: ``engine/crates/net/src/tap.rs``. A slow reader loses whole
        frames, never blocks the engine."""
        def __init__(self, room: int, fd: int) -> None: ...

    class StopTap(Command):
        def __init__(self, room: int) -> None: ...

class Event:
    """What the engine has to say."""

    class Connected(Event):
        """DTLS done. ``profile``: "AEAD_AES_256_GCM" | "AEAD_AES_128_GCM" |
        "AES128_CM_SHA1_80"."""

        session: int
        profile: str

    class Disconnected(Event):
        """``reason``: "closed" (by us), "peer_closed", "consent_expired", "never_connected",
        "dtls_failed", "superseded"."""

        session: int
        reason: str

    class SourceStarted(Event):
        """First media of that kind from a publisher. ``codec`` as in ``Codec.name``."""

        session: int
        kind: str
        codec: str

    class SourceStopped(Event):
        """No packet of that kind for 2 s."""

        session: int
        kind: str

    class SlotLive(Event):
        """The first frame of ``source`` left for the viewers of a program slot."""

        room: int
        slot: str
        source: int
        codec: str

    class CannotDecode(Event):
        """A viewer lacks the codec that is in its slot (``codec`` None: it can again)."""

        viewer: int
        slot: str
        codec: str | None

    class Speaking(Event):
        """Open microphones with voice, loudest first, level in -dBov (0 loud .. 127 silent).
        At most five times a second and room, and once when it falls silent."""

        room: int
        levels: list[tuple[int, int]]

    class Quality(Event):
        """Every 2 s and session. ``loss``: 0..1 as the receiver sees it; ``bitrate`` in bit/s;
        ``rtt`` in seconds, None until known; ``layer`` of the main picture for viewers."""

        session: int
        loss: float
        rtt: float | None
        bitrate: int
        layer: int | None

    class TapEnded(Event):
        room: int
        reason: str

class EngineStats:
    """Counters since start. ``threads``: (name, user seconds, system seconds)."""

    packets_in: int
    packets_out: int
    bytes_out: int
    retransmitted: int
    dropped_slow: int
    rejected: int
    """Datagrams that belong to nobody or failed authentication."""
    publishers: int
    viewers: int
    threads: list[tuple[str, float, float]]
