//! Speakers, networks and ears for the tests of the mixer.
#![allow(dead_code, reason = "each test file uses its part")]

use std::f32::consts::TAU;
use std::time::{Duration, Instant};

use podium_sound::opus::{Decoder, Encoder, EncoderConfig};
use podium_sound::{FRAME, Frame, SAMPLE_RATE};

/// One tick.
pub const TICK: Duration = Duration::from_millis(20);

/// A venue whose microphone gives one tone, sent in RTP as a browser would.
pub struct Speaker {
    pub hertz: f32,
    pub amplitude: f32,
    encoder: Encoder,
    sample: u64,
    pub sequence: u16,
    pub timestamp: u32,
}

impl Speaker {
    pub fn new(hertz: f32) -> Self {
        let config = EncoderConfig {
            complexity: 5,
            expected_loss: 20,
            ..EncoderConfig::default()
        };
        Self {
            hertz,
            amplitude: 0.2,
            encoder: Encoder::new(config).expect("encoder"),
            sample: 0,
            sequence: 65_500,
            timestamp: u32::MAX - 20_000,
        }
    }

    /// The next 20 ms: sequence, timestamp, payload.
    pub fn packet(&mut self) -> (u16, u32, Vec<u8>) {
        let start = self.sample;
        let frame: Frame = std::array::from_fn(|n| {
            let time = (start + n as u64) as f64 / f64::from(SAMPLE_RATE);
            self.amplitude * ((time * f64::from(self.hertz)).fract() as f32 * TAU).sin()
        });
        self.sample += FRAME as u64;
        let packet = (
            self.sequence,
            self.timestamp,
            self.encoder.encode(&frame).expect("encodes").to_vec(),
        );
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        packet
    }
}

/// A listener: decodes what it is sent, as a browser would.
pub struct Ear {
    decoder: Decoder,
    pub heard: Vec<f32>,
}

impl Ear {
    pub fn new() -> Self {
        Self {
            decoder: Decoder::new().expect("decoder"),
            heard: Vec::new(),
        }
    }

    pub fn hear(&mut self, payload: Option<&[u8]>) {
        let pcm = match payload {
            Some(payload) => self.decoder.decode(payload),
            None => self.decoder.conceal(FRAME),
        };
        self.heard
            .extend_from_slice(pcm.expect("what the mixer sends is Opus"));
    }

    /// Level of one tone in the last half second, dBov of its sine.
    pub fn tone(&self, hertz: f32) -> f32 {
        let tail = &self.heard[self.heard.len().saturating_sub(24_000)..];
        goertzel(tail, hertz)
    }
}

/// Power of one frequency in a signal, in dB of a full-scale square wave.
pub fn goertzel(pcm: &[f32], hertz: f32) -> f32 {
    let step = f64::from(hertz) / f64::from(SAMPLE_RATE) * std::f64::consts::TAU;
    let (mut real, mut imaginary) = (0.0_f64, 0.0_f64);
    for (n, sample) in pcm.iter().enumerate() {
        let window = 1.0 - (n as f64 / pcm.len() as f64 * std::f64::consts::TAU).cos();
        real += f64::from(*sample) * window * (step * n as f64).cos();
        imaginary += f64::from(*sample) * window * (step * n as f64).sin();
    }
    let amplitude = 2.0 * (real * real + imaginary * imaginary).sqrt() / pcm.len() as f64;
    (20.0 * (amplitude / std::f64::consts::SQRT_2).max(1e-9).log10()) as f32
}

/// Numbers that look random and are the same every time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// Uniform in 0.0 .. 1.0.
    pub fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The moment at which every test starts.
pub fn start() -> Instant {
    Instant::now()
}
