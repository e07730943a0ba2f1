//! Opus at 48 kHz mono (RFC 6716): a decoder that conceals and recovers, and an encoder for the
//! mix. A decoder for one channel makes one channel of a stereo packet by itself.

use opusic_c::{Application, Bitrate, Channels, ErrorCode, InbandFec, SampleRate, Signal};

use crate::level::dbov;
use crate::{Frame, SoundError};

/// Longest packet that Opus allows: 120 ms.
pub const MAX_PACKET_SAMPLES: usize = 5760;

/// Largest payload accepted or produced, bytes.
pub const MAX_PAYLOAD: usize = 1275;

/// Concealment works in steps of 2.5 ms.
const STEP: usize = 120;

impl From<ErrorCode> for SoundError {
    fn from(code: ErrorCode) -> Self {
        Self::Codec(code.message())
    }
}

/// Samples in a packet by its table-of-contents byte (RFC 6716 section 3.1), or `None` when the
/// packet cannot be Opus.
#[must_use]
pub fn duration(payload: &[u8]) -> Option<usize> {
    let toc = *payload.first()?;
    let config = toc >> 3;
    let frame = match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..=15 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => usize::from(payload.get(1)? & 0x3f),
    };
    let total = frame * count;
    (1..=MAX_PACKET_SAMPLES).contains(&total).then_some(total)
}

/// Decodes one source's packets in order of playing.
pub struct Decoder {
    inner: opusic_c::Decoder,
    scratch: Box<[f32; MAX_PACKET_SAMPLES]>,
}

impl Decoder {
    /// # Errors
    /// When the library cannot allocate.
    pub fn new() -> Result<Self, SoundError> {
        Ok(Self {
            inner: opusic_c::Decoder::new(Channels::Mono, SampleRate::Hz48000)?,
            scratch: Box::new([0.0; MAX_PACKET_SAMPLES]),
        })
    }

    /// Decodes a packet. `None` when it is not Opus: the caller conceals its time.
    pub fn decode(&mut self, payload: &[u8]) -> Option<&[f32]> {
        duration(payload)?;
        let count = self
            .inner
            .decode_float_to_slice(payload, &mut self.scratch[..], false);
        self.decoded(count.ok()?)
    }

    /// What was lost just before `next`, from the redundancy inside it where it has any and by
    /// concealment where not. `missing` in samples is rounded up to 2.5 ms, at most 120 ms.
    pub fn recover(&mut self, next: &[u8], missing: usize) -> Option<&[f32]> {
        duration(next)?;
        let size = steps(missing);
        let count = self
            .inner
            .decode_float_to_slice(next, &mut self.scratch[..size], true);
        self.decoded(count.ok()?)
    }

    /// Goes on from what was heard last. `missing` as in [`Decoder::recover`].
    pub fn conceal(&mut self, missing: usize) -> Option<&[f32]> {
        let size = steps(missing);
        let count = self
            .inner
            .decode_float_to_slice(&[], &mut self.scratch[..size], false);
        self.decoded(count.ok()?)
    }

    /// Forgets the past, as for a new stream.
    pub fn reset(&mut self) {
        // The only failure is an invalid state, which a constructed decoder never has.
        let _ = self.inner.reset();
    }

    fn decoded(&mut self, count: usize) -> Option<&[f32]> {
        let pcm = self.scratch.get_mut(..count)?;
        for sample in pcm.iter_mut() {
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        Some(pcm)
    }
}

/// Rounds up to concealment steps within what one call can give.
fn steps(samples: usize) -> usize {
    samples.clamp(1, MAX_PACKET_SAMPLES).div_ceil(STEP) * STEP
}

/// How to encode.
#[derive(Debug, Clone, Copy)]
pub struct EncoderConfig {
    /// Bits per second, 6,000 to 128,000.
    pub bitrate: u32,
    /// 0 (cheap) to 10 (best).
    pub complexity: u8,
    /// Loss to prepare for by in-band redundancy, percent.
    pub expected_loss: u8,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            bitrate: 40_000,
            complexity: 7,
            expected_loss: 8,
        }
    }
}

/// Softer than this is silence to the encoder, dBov. The library's own judgement takes steady
/// tones and music for noise, so it is asked only here.
const SILENCE: f32 = -65.0;

/// Encodes frames of 20 ms with in-band FEC; silence is transmitted discontinuously.
pub struct Encoder {
    inner: opusic_c::Encoder,
    silent: bool,
    scratch: Box<[u8; MAX_PAYLOAD]>,
}

impl Encoder {
    /// # Errors
    /// When the library cannot allocate or refuses the settings.
    pub fn new(config: EncoderConfig) -> Result<Self, SoundError> {
        let mut inner =
            opusic_c::Encoder::new(Channels::Mono, SampleRate::Hz48000, Application::Voip)?;
        inner.set_bitrate(Bitrate::Value(config.bitrate.clamp(6_000, 128_000)))?;
        inner.set_complexity(config.complexity.min(10))?;
        inner.set_signal(Signal::Voice)?;
        inner.set_packet_loss(config.expected_loss.min(100))?;
        inner.set_inband_fec(InbandFec::Mode1)?;
        inner.set_dtx(false)?;
        Ok(Self {
            inner,
            silent: false,
            scratch: Box::new([0; MAX_PAYLOAD]),
        })
    }

    /// Encodes 20 ms. A result of at most two bytes says that nothing need be sent (RFC 7587
    /// section 3.1.3): the receiver goes on with comfort noise.
    ///
    /// # Errors
    /// When the library fails; the next frame can be tried as usual.
    pub fn encode(&mut self, pcm: &Frame) -> Result<&[u8], SoundError> {
        let silent = dbov(pcm) < SILENCE;
        if silent != self.silent {
            self.inner.set_dtx(silent)?;
            self.silent = silent;
        }
        let size = self
            .inner
            .encode_float_to_slice(pcm, &mut self.scratch[..])?;
        self.scratch
            .get(..size)
            .ok_or(SoundError::Codec("size beyond the buffer"))
    }

    /// Forgets the past, keeps the settings.
    pub fn reset(&mut self) {
        // As for the decoder: a constructed encoder is never in an invalid state.
        let _ = self.inner.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FRAME;

    #[test]
    fn durations_follow_the_table_of_contents() {
        assert_eq!(duration(&[]), None);
        // config 1 (SILK NB 20 ms), one frame
        assert_eq!(duration(&[1 << 3]), Some(960));
        // config 31 (CELT FB 20 ms), two frames
        assert_eq!(duration(&[31 << 3 | 1, 0]), Some(1920));
        // config 16 (CELT 2.5 ms), counted frames
        assert_eq!(duration(&[16 << 3 | 3, 4]), Some(480));
        // 3 x 60 ms is more than a packet may hold; no count byte; zero frames
        assert_eq!(duration(&[3 << 3 | 3, 3]), None);
        assert_eq!(duration(&[3 << 3 | 3]), None);
        assert_eq!(duration(&[3 << 3 | 3, 0]), None);
    }

    #[test]
    fn silence_ends_in_frames_that_need_not_be_sent() {
        let mut encoder = Encoder::new(EncoderConfig::default()).expect("encoder");
        let sizes: Vec<usize> = (0..100)
            .map(|_| encoder.encode(&[0.0; FRAME]).expect("encodes").len())
            .collect();
        let sent = sizes[50..].iter().filter(|size| **size > 2).count();
        assert!(
            (1..=5).contains(&sent),
            "{sent} of 50 silent frames sent: {sizes:?}"
        );
    }

    fn tone(hertz: f32, tick: usize) -> Frame {
        let step = hertz * std::f32::consts::TAU / 48_000.0;
        std::array::from_fn(|n| 0.3 * ((tick * FRAME + n) as f32 * step).sin())
    }

    #[test]
    fn what_was_lost_is_in_the_next_packet() {
        let config = EncoderConfig {
            expected_loss: 20,
            ..EncoderConfig::default()
        };
        let mut encoder = Encoder::new(config).expect("encoder");
        let mut decoder = Decoder::new().expect("decoder");
        let mut guessing = Decoder::new().expect("decoder");
        // Silence, then a sound that nobody can guess from what came before.
        let mut sent = Vec::new();
        for tick in 0..40 {
            let amplitude = if tick < 30 { 0.01 } else { 1.0 };
            let frame = tone(400.0, tick).map(|sample| sample * amplitude);
            sent.push(encoder.encode(&frame).expect("encodes").to_vec());
        }
        for payload in &sent[..31] {
            decoder.decode(payload).expect("decodes");
            guessing.decode(payload).expect("decodes");
        }
        let recovered = dbov(decoder.recover(&sent[32], FRAME).expect("recovers"));
        let guessed = dbov(guessing.conceal(FRAME).expect("conceals"));
        assert!(
            (-22.0..-10.0).contains(&recovered),
            "{recovered}, guessed {guessed}"
        );
    }
}
