//! What the engine can be told, and what it says: the values behind the Python interface.

use std::net::SocketAddr;

use podium_media::srtp::{Contexts, KeyError, MasterKey, Profile};
use podium_sound::Codec;

/// A conference.
pub type RoomId = u64;
/// One WHIP (publisher) or WHEP (viewer) session, or a leg.
pub type SessionId = u64;

/// One of a room's program slots: what every viewer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProgramSlot {
    /// The main picture.
    Main,
    /// The second picture.
    Second,
    /// Slides or a shared screen.
    Content,
}

impl ProgramSlot {
    /// All program slots, in order.
    pub const ALL: [Self; 3] = [Self::Main, Self::Second, Self::Content];

    /// Its name in commands and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Second => "second",
            Self::Content => "content",
        }
    }

    /// The slot of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// Private slots of one viewer: "0" to "63".
pub const PRIVATE_SLOTS: u8 = 64;

/// What one m-line of a viewer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotName {
    /// The sound of the room.
    Sound,
    /// A program picture.
    Program(ProgramSlot),
    /// A picture for this viewer alone.
    Private(u8),
}

impl SlotName {
    /// The slot of that name.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "sound" {
            return Some(Self::Sound);
        }
        if let Some(slot) = ProgramSlot::parse(name) {
            return Some(Self::Program(slot));
        }
        let index: u8 = name.parse().ok()?;
        (index < PRIVATE_SLOTS && name == index.to_string()).then_some(Self::Private(index))
    }
}

impl std::fmt::Display for SlotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sound => f.write_str("sound"),
            Self::Program(slot) => f.write_str(slot.name()),
            Self::Private(index) => write!(f, "{index}"),
        }
    }
}

/// Cap on the simulcast layer of a private slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Size {
    /// The smallest layer.
    Low,
    /// The middle one.
    Mid,
    /// No cap.
    #[default]
    High,
}

impl Size {
    /// The size of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "low" => Some(Self::Low),
            "mid" => Some(Self::Mid),
            "high" => Some(Self::High),
            _ => None,
        }
    }
}

/// Audio or video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

impl Kind {
    /// As in SDP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "audio" => Some(Self::Audio),
            "video" => Some(Self::Video),
            _ => None,
        }
    }
}

/// One payload type that a viewer offered.
#[derive(Debug, Clone)]
pub struct CodecSpec {
    /// "VP8", "VP9", "H264", "AV1" or "opus", any case.
    pub name: String,
    /// 0 to 127.
    pub payload_type: u8,
    /// As in `a=fmtp`.
    pub fmtp: String,
    /// Payload type of its RTX, where offered.
    pub rtx: Option<u8>,
}

/// One m-line of a viewer.
#[derive(Debug, Clone)]
pub struct StreamSpec {
    /// Media identification tag (RFC 5888).
    pub mid: String,
    /// Audio or video.
    pub kind: Kind,
    /// What it carries.
    pub slot: SlotName,
    /// SSRC that the answer announced.
    pub ssrc: u32,
    /// SSRC of its retransmissions.
    pub rtx_ssrc: Option<u32>,
    /// In order of preference.
    pub codecs: Vec<CodecSpec>,
    /// Extension id of the mid (RFC 9143).
    pub mid_extension: Option<u8>,
    /// Extension id of abs-send-time.
    pub abs_send_time_extension: Option<u8>,
}

/// ICE credentials of both ends.
#[derive(Debug, Clone)]
pub struct IceSpec {
    /// Ours.
    pub local_ufrag: String,
    /// Ours.
    pub local_pwd: String,
    /// The peer's.
    pub remote_ufrag: String,
    /// The peer's.
    pub remote_pwd: String,
}

/// A viewer whose answer the caller has written.
#[derive(Debug, Clone)]
pub struct ViewerSpec {
    /// The conference.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Credentials.
    pub ice: IceSpec,
    /// As in SDP: "sha-256 AB:CD:...".
    pub remote_fingerprint: String,
    /// The engine takes the active DTLS role.
    pub dtls_client: bool,
    /// In order of the offer.
    pub streams: Vec<StreamSpec>,
}

/// SRTP keys that signalling agreed on (RFC 4568).
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpSpec {
    /// Of both directions.
    pub profile: Profile,
    /// Key and salt of what we send.
    pub local: Vec<u8>,
    /// Key and salt of what the peer sends.
    pub remote: Vec<u8>,
}

impl std::fmt::Debug for SrtpSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SrtpSpec")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl SrtpSpec {
    /// Fresh contexts.
    ///
    /// # Errors
    /// When a key does not fit the profile.
    pub fn contexts(&self) -> Result<Contexts, KeyError> {
        let ours = MasterKey::inline(self.profile, &self.local)?;
        let theirs = MasterKey::inline(self.profile, &self.remote)?;
        Contexts::new(&ours, &theirs)
    }
}

/// What a telephone call's sound was agreed to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegSpec {
    /// Where the peer wants RTP.
    pub remote: SocketAddr,
    /// Where it wants RTCP; None: multiplexed.
    pub rtcp_port: Option<u16>,
    /// Both ways.
    pub codec: Codec,
    /// 0 to 127.
    pub payload_type: u8,
    /// Of RFC 4733.
    pub events_payload_type: Option<u8>,
    /// 20, 30, 40 or 60 ms.
    pub ptime: u8,
    /// We send.
    pub sends: bool,
    /// We listen.
    pub receives: bool,
    /// None: plain RTP.
    pub srtp: Option<SrtpSpec>,
}

/// What the engine can be told.
#[derive(Debug, Clone)]
pub enum Command {
    /// Makes a room.
    OpenRoom(RoomId),
    /// Ends a room and every session in it.
    CloseRoom(RoomId),
    /// Adds a viewer.
    View(Box<ViewerSpec>),
    /// ICE restart of a viewer.
    RestartViewer {
        /// The viewer.
        session: SessionId,
        /// New credentials.
        ice: IceSpec,
    },
    /// Ends a session of any kind.
    Close(SessionId),
    /// Puts a source into a program slot.
    SetSlot {
        /// The conference.
        room: RoomId,
        /// Which picture.
        slot: ProgramSlot,
        /// A publisher, or nothing.
        source: Option<SessionId>,
    },
    /// Puts a source into a private slot.
    SetPrivateSlot {
        /// The viewer.
        viewer: SessionId,
        /// 0 to 63.
        index: u8,
        /// A publisher, or nothing.
        source: Option<SessionId>,
        /// Cap on the layer.
        size: Size,
    },
    /// Opens or closes a microphone.
    SetMicrophone {
        /// The publisher or leg.
        source: SessionId,
        /// Only open ones are mixed.
        open: bool,
    },
    /// Two sessions in the same place: they do not hear each other.
    SetSelf {
        /// The viewer or leg.
        viewer: SessionId,
        /// The publisher or leg in the same place.
        source: Option<SessionId>,
    },
    /// A leg's sound was agreed.
    SetLeg(SessionId, Box<LegSpec>),
    /// A leg hears a room, or none.
    AttachLeg(SessionId, Option<RoomId>),
    /// A leg is read prompts.
    Play {
        /// The leg.
        session: SessionId,
        /// By name, in order; empty ends it.
        prompts: Vec<String>,
        /// Over the room's sound instead of in its place.
        mix: bool,
    },
    /// A leg sends keys.
    SendDigits(SessionId, String),
    /// Writes a room's program to a descriptor.
    StartTap {
        /// The conference.
        room: RoomId,
        /// Owned by the engine from now on.
        fd: i32,
    },
    /// Ends the tap and closes its descriptor.
    StopTap(RoomId),
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// By our own command.
    Closed,
    /// The peer said goodbye.
    PeerClosed,
    /// No consent (RFC 7675) for 30 s.
    ConsentExpired,
    /// No connection within 30 s.
    NeverConnected,
    /// The handshake failed, or the certificate is not the announced one.
    DtlsFailed,
}

impl EndReason {
    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::PeerClosed => "peer_closed",
            Self::ConsentExpired => "consent_expired",
            Self::NeverConnected => "never_connected",
            Self::DtlsFailed => "dtls_failed",
        }
    }
}

/// What the engine has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// DTLS done.
    Connected {
        /// The session.
        session: SessionId,
        /// SRTP profile.
        profile: &'static str,
    },
    /// The session is over.
    Disconnected {
        /// The session.
        session: SessionId,
        /// Why.
        reason: EndReason,
    },
    /// First media of that kind.
    SourceStarted {
        /// The publisher.
        session: SessionId,
        /// Audio or video.
        kind: Kind,
        /// SDP name.
        codec: &'static str,
    },
    /// No packet of that kind for 2 s.
    SourceStopped {
        /// The publisher.
        session: SessionId,
        /// Audio or video.
        kind: Kind,
    },
    /// The first frame of a source left for the viewers of a program slot.
    SlotLive {
        /// The conference.
        room: RoomId,
        /// Which picture.
        slot: ProgramSlot,
        /// The publisher.
        source: SessionId,
        /// SDP name.
        codec: &'static str,
    },
    /// A viewer lacks the codec of its slot.
    CannotDecode {
        /// The viewer.
        viewer: SessionId,
        /// Which m-line.
        slot: SlotName,
        /// None: it can again.
        codec: Option<&'static str>,
    },
    /// Who speaks.
    Speaking {
        /// The conference.
        room: RoomId,
        /// Publisher and level in -dBov, loudest first.
        levels: Vec<(SessionId, u8)>,
    },
    /// How a session fares.
    Quality {
        /// The session.
        session: SessionId,
        /// 0 to 1.
        loss: f32,
        /// Seconds.
        rtt: Option<f32>,
        /// Bit/s.
        bitrate: u64,
        /// Of the main picture, 0 the smallest.
        layer: Option<u8>,
    },
    /// The tap is closed.
    TapEnded {
        /// The conference.
        room: RoomId,
        /// "stopped", "closed" (by the reader) or the error.
        reason: String,
    },
    /// A leg's peer was found.
    LegHeard {
        /// The leg.
        session: SessionId,
    },
    /// A key was pressed.
    Digit {
        /// The leg.
        session: SessionId,
        /// 0-9, *, #, A-D.
        digit: char,
    },
    /// Prompts are over.
    Played {
        /// The leg.
        session: SessionId,
        /// To the end.
        completed: bool,
    },
    /// A leg disturbs by noise or echo, or no longer.
    LegNoisy {
        /// The leg.
        session: SessionId,
        /// Whether it does.
        noisy: bool,
    },
    /// Nothing came from a leg's peer for a while.
    LegQuiet {
        /// The leg.
        session: SessionId,
        /// For so long.
        seconds: u64,
    },
}
