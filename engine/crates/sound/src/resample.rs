//! Between 48 kHz and the rates of telephones: one polyphase filter for each factor, linear in
//! phase, 60 dB of stop band, 2.5 ms of delay.

use std::collections::VecDeque;
use std::sync::OnceLock;

/// Taps for each phase.
const TAPS: usize = 40;
/// Kaiser's parameter for 60 dB.
const BETA: f64 = 5.65;
/// Pass band as a share of half of the lower rate.
const PASS: f64 = 0.95;

/// The lower rate as a part of 48 kHz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// 16 kHz.
    Three,
    /// 8 kHz.
    Six,
}

impl Factor {
    /// Samples at 48 kHz for one at the lower rate.
    #[must_use]
    pub const fn get(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Six => 6,
        }
    }

    /// The low-pass filter at 48 kHz, with a gain of one.
    fn filter(self) -> &'static [f32] {
        static THREE: OnceLock<Vec<f32>> = OnceLock::new();
        static SIX: OnceLock<Vec<f32>> = OnceLock::new();
        let cell = match self {
            Self::Three => &THREE,
            Self::Six => &SIX,
        };
        cell.get_or_init(|| design(self.get()))
    }
}

fn design(factor: usize) -> Vec<f32> {
    let count = TAPS * factor;
    let middle = (count - 1) as f64 / 2.0;
    let cut = PASS / factor as f64;
    let taps: Vec<f64> = (0..count)
        .map(|n| {
            let at = n as f64 - middle;
            let x = std::f64::consts::PI * cut * at;
            let sinc = if x == 0.0 { 1.0 } else { x.sin() / x };
            let edge = at / (middle + 0.5);
            sinc * bessel(BETA * (1.0 - edge * edge).max(0.0).sqrt())
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

/// Modified Bessel function of the first kind and order zero.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..30 {
        let half = x / (2.0 * f64::from(n));
        term *= half * half;
        sum += term;
    }
    sum
}

/// Sums in lanes, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

/// From 48 kHz down. A copy goes on where the original stands.
#[derive(Debug, Clone)]
pub struct Down {
    factor: Factor,
    /// The end of what came before, then the new samples.
    line: Vec<f32>,
}

impl Down {
    /// Starts in silence.
    #[must_use]
    pub fn new(factor: Factor) -> Self {
        Self {
            factor,
            line: vec![0.0; TAPS * factor.get() - factor.get()],
        }
    }

    /// Adds the samples to `out`, one for `factor` of `pcm`, whose length is a multiple of it.
    pub fn run(&mut self, pcm: &[f32], out: &mut Vec<f32>) {
        let filter = self.factor.filter();
        let step = self.factor.get();
        let kept = self.line.len();
        self.line.extend_from_slice(pcm);
        out.extend(
            self.line
                .windows(filter.len())
                .step_by(step)
                .map(|window| dot(window, filter)),
        );
        self.line.drain(..self.line.len() - kept);
    }
}

/// Up to 48 kHz.
#[derive(Debug, Clone)]
pub struct Up {
    factor: Factor,
    /// By phase, the taps in order of the line.
    phases: Vec<[f32; TAPS]>,
    line: VecDeque<f32>,
}

impl Up {
    /// Starts in silence.
    #[must_use]
    pub fn new(factor: Factor) -> Self {
        let step = factor.get();
        let filter = factor.filter();
        let phase =
            |p: usize| std::array::from_fn(|n| filter[(TAPS - 1 - n) * step + p] * step as f32);
        Self {
            factor,
            phases: (0..step).map(phase).collect(),
            line: VecDeque::from(vec![0.0; TAPS]),
        }
    }

    /// Adds `factor` samples to `out` for each of `pcm`.
    pub fn run(&mut self, pcm: &[f32], out: &mut Vec<f32>) {
        out.reserve(pcm.len() * self.factor.get());
        for sample in pcm {
            self.line.pop_front();
            self.line.push_back(*sample);
            let line = self.line.make_contiguous();
            out.extend(self.phases.iter().map(|phase| dot(phase, line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;

    fn tone(hertz: f32, rate: f32, count: usize) -> Vec<f32> {
        let step = hertz * std::f32::consts::TAU / rate;
        (0..count).map(|n| 0.5 * (n as f32 * step).sin()).collect()
    }

    fn down(factor: Factor, hertz: f32) -> f32 {
        let mut out = Vec::new();
        let mut filter = Down::new(factor);
        for piece in tone(hertz, 48_000.0, 9_600).chunks(960) {
            filter.run(piece, &mut out);
        }
        assert_eq!(out.len(), 9_600 / factor.get());
        dbov(&out[200..])
    }

    #[test]
    fn voice_passes_and_what_would_alias_does_not() {
        let level = dbov(&tone(1_000.0, 48_000.0, 960));
        assert!((down(Factor::Six, 1_000.0) - level).abs() < 0.1);
        assert!((down(Factor::Six, 3_300.0) - level).abs() < 0.5);
        assert!(down(Factor::Six, 5_000.0) < level - 55.0);
        assert!((down(Factor::Three, 6_600.0) - level).abs() < 0.5);
        assert!(down(Factor::Three, 10_000.0) < level - 55.0);
    }

    #[test]
    fn up_keeps_the_level_and_makes_no_images() {
        for (factor, rate) in [(Factor::Six, 8_000.0), (Factor::Three, 16_000.0)] {
            let pcm = tone(1_000.0, rate, 1_600);
            let mut out = Vec::new();
            Up::new(factor).run(&pcm, &mut out);
            assert_eq!(out.len(), 1_600 * factor.get());
            let count = TAPS * factor.get() / 2;
            let wanted = tone(1_000.0, 48_000.0, out.len());
            // The delay is half a sample off a whole number: compare levels and smoothness.
            assert!((dbov(&out[count * 4..]) - dbov(&wanted)).abs() < 0.1);
            let roughest = |pcm: &[f32]| {
                pcm.windows(2)
                    .map(|w| (w[0] - w[1]).abs())
                    .fold(0.0, f32::max)
            };
            assert!(roughest(&out[count * 4..]) < 1.02 * roughest(&wanted));
        }
    }

    #[test]
    fn pieces_and_copies_make_no_difference() {
        let pcm = tone(900.0, 48_000.0, 1_920);
        let mut whole = Vec::new();
        Down::new(Factor::Six).run(&pcm, &mut whole);
        let (mut first, mut parts) = (Down::new(Factor::Six), Vec::new());
        first.run(&pcm[..960], &mut parts);
        first.clone().run(&pcm[960..], &mut parts);
        assert_eq!(whole, parts);
    }
}
