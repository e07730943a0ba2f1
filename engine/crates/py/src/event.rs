//! Events as Python sees them.

use podium_net as net;
use pyo3::prelude::*;

/// What the engine has to say.
#[pyclass(frozen, module = "podium.media._engine")]
pub enum Event {
    Connected {
        session: u64,
        profile: String,
    },
    Disconnected {
        session: u64,
        reason: String,
    },
    SourceStarted {
        session: u64,
        kind: String,
        codec: String,
    },
    SourceStopped {
        session: u64,
        kind: String,
    },
    SlotLive {
        room: u64,
        slot: String,
        source: u64,
        codec: String,
    },
    CannotDecode {
        viewer: u64,
        slot: String,
        codec: Option<String>,
    },
    Speaking {
        room: u64,
        levels: Vec<(u64, u8)>,
    },
    Quality {
        session: u64,
        loss: f32,
        rtt: Option<f32>,
        bitrate: u64,
        layer: Option<u8>,
    },
    TapEnded {
        room: u64,
        reason: String,
    },
    LegHeard {
        session: u64,
    },
    Digit {
        session: u64,
        digit: String,
    },
    Played {
        session: u64,
        completed: bool,
    },
    LegNoisy {
        session: u64,
        noisy: bool,
    },
    LegQuiet {
        session: u64,
        seconds: u64,
    },
}

impl From<net::Event> for Event {
    fn from(event: net::Event) -> Self {
        match event {
            net::Event::Connected { session, profile } => Self::Connected {
                session,
                profile: profile.to_owned(),
            },
            net::Event::Disconnected { session, reason } => Self::Disconnected {
                session,
                reason: reason.name().to_owned(),
            },
            net::Event::SourceStarted {
                session,
                kind,
                codec,
            } => Self::SourceStarted {
                session,
                kind: kind.name().to_owned(),
                codec: codec.to_owned(),
            },
            net::Event::SourceStopped { session, kind } => Self::SourceStopped {
                session,
                kind: kind.name().to_owned(),
            },
            net::Event::SlotLive {
                room,
                slot,
                source,
                codec,
            } => Self::SlotLive {
                room,
                slot: slot.name().to_owned(),
                source,
                codec: codec.to_owned(),
            },
            net::Event::CannotDecode {
                viewer,
                slot,
                codec,
            } => Self::CannotDecode {
                viewer,
                slot: slot.to_string(),
                codec: codec.map(str::to_owned),
            },
            net::Event::Speaking { room, levels } => Self::Speaking { room, levels },
            net::Event::Quality {
                session,
                loss,
                rtt,
                bitrate,
                layer,
            } => Self::Quality {
                session,
                loss,
                rtt,
                bitrate,
                layer,
            },
            net::Event::TapEnded { room, reason } => Self::TapEnded { room, reason },
            net::Event::LegHeard { session } => Self::LegHeard { session },
            net::Event::Digit { session, digit } => Self::Digit {
                session,
                digit: digit.to_string(),
            },
            net::Event::Played { session, completed } => Self::Played { session, completed },
            net::Event::LegNoisy { session, noisy } => Self::LegNoisy { session, noisy },
            net::Event::LegQuiet { session, seconds } => Self::LegQuiet { session, seconds },
        }
    }
}
