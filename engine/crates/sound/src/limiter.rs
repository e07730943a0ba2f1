//! Keeps a sum of voices within full scale: the gain goes down ahead of a peak and comes back
//! slowly; what still stands out is bent, not clipped.

use crate::{FRAME, Frame};

/// Highest level let through unbent.
const CEILING: f32 = 0.9;

/// Gain is set per block of 2.5 ms and moves linearly within it.
const BLOCK: usize = 120;

/// Share of the way back to unity per block: about 100 ms to recover.
const RECOVERY: f32 = 0.03;

/// One mix's limiter.
#[derive(Debug, Clone)]
pub struct Limiter {
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// Limits one frame in place.
    pub fn apply(&mut self, pcm: &mut Frame) {
        let needed = required(pcm);
        if self.gain >= 1.0 && needed.iter().all(|gain| *gain >= 1.0) {
            return;
        }
        for (n, block) in pcm.chunks_exact_mut(BLOCK).enumerate() {
            let own = needed.get(n).copied().unwrap_or(1.0);
            let following = needed.get(n + 1).copied().unwrap_or(1.0);
            let recovered = self.gain + (1.0 - self.gain) * RECOVERY;
            let end = recovered.min(own).min(following);
            let step = (end - self.gain) / BLOCK as f32;
            for sample in block {
                self.gain += step;
                *sample = bend(*sample * self.gain);
            }
            self.gain = if end > 0.999 { 1.0 } else { end };
        }
    }
}

fn required(pcm: &Frame) -> [f32; FRAME / BLOCK] {
    let mut needed = [1.0; FRAME / BLOCK];
    for (gain, block) in needed.iter_mut().zip(pcm.chunks_exact(BLOCK)) {
        let peak = block
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak > CEILING {
            *gain = CEILING / peak;
        }
    }
    needed
}

/// The identity up to the ceiling, then ever flatter towards 1.
fn bend(sample: f32) -> f32 {
    let over = sample.abs() - CEILING;
    if over <= 0.0 {
        return sample;
    }
    let room = 1.0 - CEILING;
    (CEILING + room * (over / room).tanh()).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_not_touched() {
        let quiet: Frame = std::array::from_fn(|n| 0.8 * (n as f32 * 0.05).sin());
        let mut limited = quiet;
        Limiter::default().apply(&mut limited);
        assert_eq!(limited, quiet);
    }

    #[test]
    fn overload_stays_within_full_scale_and_the_gain_comes_back() {
        let mut limiter = Limiter::default();
        for _ in 0..10 {
            let mut loud: Frame = std::array::from_fn(|n| 4.0 * (n as f32 * 0.05).sin());
            limiter.apply(&mut loud);
            assert!(loud.iter().all(|sample| sample.abs() <= 1.0));
        }
        let mut after = [0.1; FRAME];
        limiter.apply(&mut after);
        assert!(after[0] < 0.05 && after[FRAME - 1] > after[0]);
        for _ in 0..100 {
            after = [0.1; FRAME];
            limiter.apply(&mut after);
        }
        assert_eq!(after, [0.1; FRAME]);
    }
}
