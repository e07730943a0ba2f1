//! The mix as telephones take it: 20 ms at a time, in their codec. An encoder of one leg begins as
//! a copy of the one that all legs share, so that the change is not heard.

use crate::codec::Codec;
use crate::resample::{Down, Factor};
use crate::{Frame, SoundError, g711, g722, opus};

/// Encodes 20 ms at a time.
pub enum WireEncoder {
    /// 8 kHz, A-law or mu-law.
    G711(Codec, Down),
    /// 16 kHz.
    G722(Box<(Down, g722::Encoder)>),
    /// Its state cannot be copied.
    Opus(Box<OpusWire>),
}

/// Opus for a leg of its own.
pub struct OpusWire {
    encoder: opus::Encoder,
    quiet: bool,
}

/// Opus frames of at most this many bytes hold no sound.
const NOTHING: usize = 2;

impl WireEncoder {
    /// Starts in silence.
    ///
    /// # Errors
    /// When the library cannot allocate.
    pub fn new(codec: Codec) -> Result<Self, SoundError> {
        Ok(match codec {
            Codec::Pcma | Codec::Pcmu => Self::G711(codec, Down::new(Factor::Six)),
            Codec::G722 => Self::G722(Box::new((
                Down::new(Factor::Three),
                g722::Encoder::default(),
            ))),
            Codec::Opus => Self::Opus(Box::new(OpusWire {
                encoder: opus::Encoder::new(opus::EncoderConfig {
                    complexity: 5,
                    bitrate: 32_000,
                    ..opus::EncoderConfig::default()
                })?,
                quiet: false,
            })),
        })
    }

    /// Goes on where this one stands; for Opus, as near to it as `recent` sound brings a new one.
    ///
    /// # Errors
    /// When the library cannot allocate.
    pub fn fork(&self, recent: &[&Frame]) -> Result<Self, SoundError> {
        match self {
            Self::G711(codec, down) => Ok(Self::G711(*codec, down.clone())),
            Self::G722(state) => Ok(Self::G722(state.clone())),
            Self::Opus(_) => {
                let mut fresh = Self::new(Codec::Opus)?;
                let mut lost = Vec::new();
                for frame in recent {
                    lost.clear();
                    fresh.encode(frame, &mut lost);
                }
                Ok(fresh)
            }
        }
    }

    /// Adds the payload of 20 ms to `out`; false when nothing need be sent.
    pub fn encode(&mut self, frame: &Frame, out: &mut Vec<u8>) -> bool {
        let mut pcm = Vec::with_capacity(320);
        match self {
            Self::G711(codec, down) => {
                down.run(frame, &mut pcm);
                g711::encode(*codec, &pcm, out);
                true
            }
            Self::G722(state) => {
                let (down, encoder) = state.as_mut();
                down.run(frame, &mut pcm);
                encoder.encode(pcm.iter().map(|sample| g711::to_pcm16(*sample)), out);
                true
            }
            Self::Opus(wire) => {
                let Ok(payload) = wire.encoder.encode(frame) else {
                    return false;
                };
                let was_quiet = std::mem::replace(&mut wire.quiet, payload.len() <= NOTHING);
                out.extend_from_slice(payload);
                !(was_quiet && wire.quiet)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FRAME;
    use crate::codec::Decoder;
    use crate::level::dbov;

    fn tone(tick: usize) -> Frame {
        let step = 700.0 * std::f32::consts::TAU / 48_000.0;
        std::array::from_fn(|n| 0.3 * ((tick * FRAME + n) as f32 * step).sin())
    }

    #[test]
    fn every_codec_carries_the_mix_in_its_own_size() {
        for (codec, size) in [
            (Codec::Pcma, Some(160)),
            (Codec::Pcmu, Some(160)),
            (Codec::G722, Some(160)),
            (Codec::Opus, None),
        ] {
            let mut encoder = WireEncoder::new(codec).expect("encoder");
            let mut decoder = Decoder::new(codec).expect("decoder");
            let mut level = -127.0;
            for tick in 0..20 {
                let mut payload = Vec::new();
                assert!(encoder.encode(&tone(tick), &mut payload));
                assert_eq!(codec.duration(&payload), Some(FRAME));
                assert!(size.is_none_or(|size| payload.len() == size));
                level = dbov(decoder.decode(&payload).expect("decodes"));
            }
            assert!((level - dbov(&tone(0))).abs() < 1.0, "{codec:?} {level}");
        }
    }

    #[test]
    fn a_fork_says_the_same() {
        for codec in [Codec::Pcma, Codec::G722] {
            let mut encoder = WireEncoder::new(codec).expect("encoder");
            for tick in 0..5 {
                encoder.encode(&tone(tick), &mut Vec::new());
            }
            let mut fork = encoder.fork(&[]).expect("fork");
            let (mut one, mut other) = (Vec::new(), Vec::new());
            encoder.encode(&tone(5), &mut one);
            fork.encode(&tone(5), &mut other);
            assert_eq!(one, other);
        }
    }
}
