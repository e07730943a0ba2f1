"""The media engine's whole interface. Packets never cross it.

Identifiers are integers chosen by the caller, never reused within one engine. ``room`` is a
conference; ``session`` is one WHIP (publisher) or WHEP (viewer) session, or one leg: the sound of
one telephone call (RTP). Nothing here blocks for longer than a lock-free hand-over, except the
constructor and ``close``.
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
        phones: str | None = None,
        phone_ports: tuple[int, int] = (0, 0),
        phone_workers: int = 1,
    ) -> None:
        """Binds ``listen`` ("ip:port", UDP; port 0 picks one) and announces ``public``
        ("ip" or "ip:port"; empty means the bound addresses) as host candidates.
        ``workers`` threads serve viewers, one more serves publishers, one mixes sound.
        ``phones``: the address on which legs receive ("0.0.0.0" and "::" are all of this
        machine's), None for no legs; each takes an even port and the odd one above it of
        ``phone_ports`` (first and last; (0, 0): whatever is free).
        ``phone_workers`` threads serve them."""

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

    def open_leg(self, session: int) -> tuple[str, int]:
        """A leg that hears and says nothing yet. Binds its RTP port, which is returned with the
        address of ``phones``; RTCP is on the port above it and, multiplexed (RFC 5761), on the
        same. Raises ``EngineError`` when there are no ``phones``, or no port is free."""

    def load_prompt(self, name: str, pcm: bytes) -> None:
        """A text that is read to legs: 16 kHz, mono, s16le, at most 120 s. Replaces one of the
        same name; who is hearing that one hears it to its end."""

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
        """Ends a session of any kind."""
        def __init__(self, session: int) -> None: ...

    class SetSlot(Command):
        """``slot``: a program slot. ``source``: a publisher session, or None for nothing."""
        def __init__(self, room: int, slot: str, source: int | None) -> None: ...

    class SetPrivateSlot(Command):
        """``size`` caps the simulcast layer: "low" | "mid" | "high"."""
        def __init__(self, viewer: int, index: int, source: int | None, size: str) -> None: ...

    class SetMicrophone(Command):
        """Only open microphones are decoded and mixed. ``source``: a publisher or a leg; a leg's
        takes effect while it is attached to a room."""
        def __init__(self, source: int, open: bool) -> None: ...

    class SetSelf(Command):
        """``viewer`` sits where ``source`` sits, and neither hears the other. ``viewer``: a viewer
        or a leg; ``source``: a publisher or a leg. A leg that sits with another source also counts
        as that source for everybody who sits there."""
        def __init__(self, viewer: int, source: int | None) -> None: ...

    class SetLeg(Command):
        """What was agreed by offer and answer (RFC 3264); repeat it whenever that changes.
        ``remote_address`` (an IP), ``remote_port``: where the peer wants RTP, and where it is sent
        until the first authentic packet tells the true address. ``remote_rtcp_port``: where it
        wants RTCP; None: multiplexed. Any difference to the command before lets the leg look for
        its peer's address and SSRC anew. ``codec``: "PCMA" | "PCMU" | "G722" | "opus".
        ``ptime``: 20, 30, 40 or 60 ms of sound in a packet (Opus: always 20).
        ``sends``, ``receives``: as seen from here; on hold nothing is sent or heard, RTCP goes on.
        ``srtp_profile``: None for plain RTP, or "AES_CM_128_HMAC_SHA1_80" |
        "AES_CM_128_HMAC_SHA1_32" | "AEAD_AES_128_GCM" | "AEAD_AES_256_GCM" with
        ``srtp_local``, ``srtp_remote``: key and salt as in RFC 4568 and RFC 7714. Keys that stay
        the same keep their counters."""
        def __init__(
            self,
            session: int,
            remote_address: str,
            remote_port: int,
            remote_rtcp_port: int | None,
            codec: str,
            payload_type: int,
            events_payload_type: int | None,
            ptime: int,
            sends: bool,
            receives: bool,
            srtp_profile: str | None,
            srtp_local: bytes,
            srtp_remote: bytes,
        ) -> None: ...

    class AttachLeg(Command):
        """The leg hears this room's mix; None: silence and prompts only, and its microphone is not
        in any mix. A room that closes detaches its legs; it does not end them."""
        def __init__(self, session: int, room: int | None) -> None: ...

    class Play(Command):
        """Plays prompts by name, one after another, in place of those that are playing or waiting.
        ``mix``: over the sound of the room, which is lowered; else instead of it. An empty list
        ends playing. ``Event.Played`` follows once for every non-empty list."""
        def __init__(self, session: int, prompts: list[str], mix: bool) -> None: ...

    class SendDigits(Command):
        """Sends keys (0-9 * # A-D) as RFC 4733, 100 ms each with 100 ms between, after those that
        are still being sent. Nothing is sent where no ``events_payload_type`` was agreed."""
        def __init__(self, session: int, digits: str) -> None: ...

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

    class LegHeard(Event):
        """The first authentic RTP packet since a ``SetLeg`` that changed something: from now on
        only its source and SSRC are heard, and everything is sent there."""

        session: int

    class Digit(Event):
        """One press of a key (RFC 4733): "0" to "9", "*", "#", "A" to "D"."""

        session: int
        digit: str

    class Played(Event):
        """``completed``: to the end; else it was replaced, ended or the leg was closed."""

        session: int
        completed: bool

    class LegNoisy(Event):
        """A leg with an open microphone brings steady noise or an echo of what it hears; or, with
        False, does so no longer."""

        session: int
        noisy: bool

    class LegQuiet(Event):
        """Neither RTP nor RTCP came for so many seconds: at 30, then once a minute. Nothing is
        ended for it: who only listens may well be silent."""

        session: int
        seconds: int

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
    legs: int
    threads: list[tuple[str, float, float]]
