//! Decoding the telephone's codecs, with concealment of what was lost: the last pitch period goes
//! on, softer and softer (after G.711 appendix I), and sound comes back by a short cross-fade.

use crate::codec::Codec;
use crate::resample::{Factor, Up};
use crate::{g711, g722};

/// Concealment is full for this long, then falls to nothing; milliseconds.
const FULL: usize = 10;
const GONE: usize = 60;
/// Pitch periods looked for, milliseconds: 400 Hz to 67 Hz.
const SHORTEST: f32 = 2.5;
const LONGEST: usize = 15;
/// Compared for finding them, milliseconds.
const COMPARED: usize = 10;
/// Cross-fade back to sound, milliseconds.
const FADE: usize = 4;

/// One source's decoder.
#[derive(Debug)]
pub struct Narrow {
    codec: Codec,
    g722: g722::Decoder,
    up: Up,
    /// Samples a millisecond.
    rate: usize,
    /// The last that was decoded, at the codec's rate.
    history: Vec<f32>,
    /// What goes on while nothing comes.
    repeated: Vec<f32>,
    /// Samples concealed since the last packet.
    concealed: usize,
    pcm: Vec<f32>,
    out: Vec<f32>,
}

impl Narrow {
    /// `codec` is not Opus.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        let (factor, rate) = match codec {
            Codec::G722 => (Factor::Three, 16),
            _ => (Factor::Six, 8),
        };
        Self {
            codec,
            g722: g722::Decoder::default(),
            up: Up::new(factor),
            rate,
            history: vec![0.0; rate * (LONGEST + COMPARED)],
            repeated: Vec::new(),
            concealed: 0,
            pcm: Vec::new(),
            out: Vec::new(),
        }
    }

    /// The packet's sound at 48 kHz.
    pub fn decode(&mut self, payload: &[u8]) -> &[f32] {
        self.pcm.clear();
        match self.codec {
            Codec::G722 => self.g722.decode(payload, &mut self.pcm),
            codec => g711::decode(codec, payload, &mut self.pcm),
        }
        if self.concealed > 0 {
            let fade = (FADE * self.rate).min(self.pcm.len());
            for n in 0..fade {
                let share = (n as f32 + 0.5) / fade as f32;
                self.pcm[n] = self.pcm[n] * share + self.next_concealed() * (1.0 - share);
            }
            self.concealed = 0;
        }
        self.remember();
        self.give()
    }

    /// At least `missing` samples at 48 kHz of what may have been there.
    pub fn conceal(&mut self, missing: usize) -> &[f32] {
        if self.concealed == 0 {
            let period = self.period();
            self.repeated.clear();
            self.repeated
                .extend_from_slice(&self.history[self.history.len() - period..]);
        }
        let count = missing.div_ceil(48 / self.rate);
        self.pcm.clear();
        for _ in 0..count {
            let sample = self.next_concealed();
            self.pcm.push(sample);
        }
        self.give()
    }

    fn next_concealed(&mut self) -> f32 {
        let at = self.concealed;
        self.concealed += 1;
        let fallen = at.saturating_sub(FULL * self.rate) as f32;
        let gain = 1.0 - fallen / ((GONE - FULL) * self.rate) as f32;
        match self.repeated.get(at % self.repeated.len().max(1)) {
            Some(sample) if gain > 0.0 => sample * gain,
            _ => 0.0,
        }
    }

    fn remember(&mut self) {
        self.history.extend_from_slice(&self.pcm);
        let kept = self.rate * (LONGEST + COMPARED);
        self.history.drain(..self.history.len() - kept);
    }

    fn give(&mut self) -> &[f32] {
        self.out.clear();
        self.up.run(&self.pcm, &mut self.out);
        &self.out
    }

    /// The distance at which the end of the history is most like what came before.
    fn period(&self) -> usize {
        let length = self.rate * COMPARED;
        let end = self.history.len() - length;
        let head = &self.history[end..];
        let shortest = (self.rate as f32 * SHORTEST) as usize;
        let alike = |lag: usize| {
            let there = &self.history[end - lag..end - lag + length];
            let (mut dot, mut power) = (0.0, 1e-9_f32);
            for (a, b) in head.iter().zip(there) {
                dot += a * b;
                power += b * b;
            }
            dot / power.sqrt()
        };
        (shortest..=self.rate * LONGEST)
            .map(|lag| (lag, alike(lag)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(shortest, |(lag, _)| lag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;

    fn coded(hertz: f32, packets: usize) -> Vec<Vec<u8>> {
        let step = hertz * std::f32::consts::TAU / 8_000.0;
        let pcm: Vec<f32> = (0..packets * 160)
            .map(|n| 0.3 * (n as f32 * step).sin())
            .collect();
        pcm.chunks(160)
            .map(|piece| {
                let mut out = Vec::new();
                g711::encode(Codec::Pcma, piece, &mut out);
                out
            })
            .collect()
    }

    #[test]
    fn a_lost_packet_is_bridged_without_a_jump() {
        let mut decoder = Narrow::new(Codec::Pcma);
        let mut heard = Vec::new();
        for (n, packet) in coded(200.0, 20).iter().enumerate() {
            let pcm = if n == 10 {
                decoder.conceal(960)
            } else {
                decoder.decode(packet)
            };
            assert_eq!(pcm.len(), 960);
            heard.extend_from_slice(pcm);
        }
        let steepest = |pcm: &[f32]| {
            pcm.windows(2)
                .map(|w| (w[0] - w[1]).abs())
                .fold(0.0, f32::max)
        };
        let clean = steepest(&heard[4 * 960..9 * 960]);
        assert!(steepest(&heard[9 * 960..13 * 960]) < 2.0 * clean);
        assert!(dbov(&heard[10 * 960..11 * 960]) > -18.0);
    }

    #[test]
    fn concealment_ends_in_silence() {
        let mut decoder = Narrow::new(Codec::Pcmu);
        for packet in coded(200.0, 5) {
            decoder.decode(&packet);
        }
        for _ in 0..4 {
            decoder.conceal(960);
        }
        assert!(dbov(decoder.conceal(960)) < -100.0);
    }
}
