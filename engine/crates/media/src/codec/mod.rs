//! What a forwarder must know of each codec: where pictures and keyframes begin.

mod av1;
mod h264;
pub mod vp8;
mod vp9;

/// A codec that Podium forwards or mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7741.
    Vp8,
    /// RFC 9628.
    Vp9,
    /// RFC 6184.
    H264,
    /// AOMedia "RTP Payload Format For AV1".
    Av1,
    /// RFC 7587.
    Opus,
}

impl Codec {
    /// Every codec, in the order of [`Self::index`].
    pub const ALL: [Self; 5] = [Self::Vp8, Self::Vp9, Self::H264, Self::Av1, Self::Opus];

    /// SDP spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::H264 => "H264",
            Self::Av1 => "AV1",
            Self::Opus => "opus",
        }
    }

    /// From the SDP spelling in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// RTP clock rate in Hz.
    #[must_use]
    pub fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            _ => 90_000,
        }
    }

    /// Place in tables by codec.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Vp8 => 0,
            Self::Vp9 => 1,
            Self::H264 => 2,
            Self::Av1 => 3,
            Self::Opus => 4,
        }
    }
}

/// What one packet's payload says about the picture it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// A picture that can be decoded by itself begins here.
    pub keyframe: bool,
    /// A picture begins here, as far as the payload tells. The end of every picture is told by
    /// the RTP marker bit and by the next timestamp.
    pub starts: bool,
}

/// Looks at a payload. Garbage is neither keyframe nor start.
#[must_use]
pub fn look(codec: Codec, payload: &[u8]) -> Look {
    let seen = match codec {
        Codec::Vp8 => vp8::look(payload),
        Codec::Vp9 => vp9::look(payload),
        Codec::H264 => h264::look(payload),
        Codec::Av1 => av1::look(payload),
        // Every Opus packet stands by itself, near enough for a listener who joins.
        Codec::Opus => Some(Look {
            keyframe: true,
            starts: true,
        }),
    };
    seen.unwrap_or_default()
}
