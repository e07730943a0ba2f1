//! The codecs that a source may send, on one time scale: samples at 48 kHz.

use crate::narrow::Narrow;
use crate::opus::{self, MAX_PACKET_SAMPLES};
use crate::{SAMPLE_RATE, SoundError};

/// RTP clock of G.711 and, by history, of G.722 (RFC 3551 section 4.5.2).
const TELEPHONE_CLOCK: u32 = 8_000;

/// How a source's sound is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// RFC 6716, RFC 7587.
    Opus,
    /// G.711 A-law.
    Pcma,
    /// G.711 mu-law.
    Pcmu,
    /// 64 kbit/s.
    G722,
}

impl Codec {
    /// The codec of that SDP name, any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Opus, Self::Pcma, Self::Pcmu, Self::G722]
            .into_iter()
            .find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// As in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
            Self::G722 => "G722",
        }
    }

    /// RTP timestamp units per second; telephone-events count in them, too.
    #[must_use]
    pub const fn clock(self) -> u32 {
        match self {
            Self::Opus => SAMPLE_RATE,
            Self::Pcma | Self::Pcmu | Self::G722 => TELEPHONE_CLOCK,
        }
    }

    /// Samples at 48 kHz in one unit of the RTP clock.
    #[must_use]
    pub const fn scale(self) -> i64 {
        (SAMPLE_RATE / self.clock()) as i64
    }

    /// Samples at 48 kHz in a payload, or `None` when it cannot be of this codec.
    #[must_use]
    pub fn duration(self, payload: &[u8]) -> Option<usize> {
        match self {
            Self::Opus => opus::duration(payload),
            // One byte holds 125 us.
            Self::Pcma | Self::Pcmu | Self::G722 => {
                let samples = payload.len() * 6;
                (1..=MAX_PACKET_SAMPLES)
                    .contains(&samples)
                    .then_some(samples)
            }
        }
    }
}

/// Decodes one source's packets in order of playing.
pub enum Decoder {
    /// Opus conceals and recovers by itself.
    Opus(Box<opus::Decoder>),
    /// The telephone's codecs.
    Narrow(Box<Narrow>),
}

impl Decoder {
    /// # Errors
    /// When the library cannot allocate.
    pub fn new(codec: Codec) -> Result<Self, SoundError> {
        Ok(match codec {
            Codec::Opus => Self::Opus(Box::new(opus::Decoder::new()?)),
            _ => Self::Narrow(Box::new(Narrow::new(codec))),
        })
    }

    /// Decodes a packet. `None` when it is not of the codec: the caller conceals its time.
    pub fn decode(&mut self, payload: &[u8]) -> Option<&[f32]> {
        match self {
            Self::Opus(decoder) => decoder.decode(payload),
            Self::Narrow(decoder) => Some(decoder.decode(payload)),
        }
    }

    /// What was lost just before `next`; `missing` in samples, at most 120 ms. May give a little
    /// more than that.
    pub fn recover(&mut self, next: &[u8], missing: usize) -> Option<&[f32]> {
        match self {
            Self::Opus(decoder) => decoder.recover(next, missing),
            Self::Narrow(decoder) => Some(decoder.conceal(missing)),
        }
    }

    /// Goes on from what was heard last. `missing` as in [`Decoder::recover`].
    pub fn conceal(&mut self, missing: usize) -> Option<&[f32]> {
        match self {
            Self::Opus(decoder) => decoder.conceal(missing),
            Self::Narrow(decoder) => Some(decoder.conceal(missing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_clocks_and_durations() {
        assert_eq!(Codec::parse("pcma"), Some(Codec::Pcma));
        assert_eq!(Codec::parse("OPUS"), Some(Codec::Opus));
        assert_eq!(Codec::parse("G729"), None);
        assert_eq!(Codec::G722.clock(), 8_000);
        assert_eq!(Codec::Pcmu.duration(&[0; 160]), Some(960));
        assert_eq!(Codec::Pcmu.duration(&[]), None);
        assert_eq!(Codec::Pcma.duration(&[0; 961]), None);
    }
}
