//! Brings telephones to one common loudness, gently: slow gain while somebody speaks, and less of
//! the line's noise while nobody does.

use crate::level::Meter;
use crate::{FRAME, Frame};

/// Where speech should lie, dBov.
const GOAL: f32 = -22.0;
/// Most that is added and taken away, dB.
const MOST: f32 = 12.0;
const LEAST: f32 = -12.0;
/// dB per second: louder slowly, softer a little faster.
const RISE: f32 = 3.0;
const FALL: f32 = 6.0;
/// Nearer to the goal than this is near enough, dB.
const NEAR: f32 = 2.0;
/// While nobody speaks the sound is lowered by this, dB.
const GATE: f32 = -9.0;
/// The gate closes and opens by so much a tick, dB.
const CLOSING: f32 = 0.5;
const OPENING: f32 = 4.5;

const TICK: f32 = 0.02;

/// One source's gain.
#[derive(Debug, Clone)]
pub struct Leveller {
    gain: f32,
    gate: f32,
    applied: f32,
}

impl Default for Leveller {
    fn default() -> Self {
        Self {
            gain: 0.0,
            gate: 0.0,
            applied: 1.0,
        }
    }
}

impl Leveller {
    /// Levels one frame in place, of which `meter` has heard.
    pub fn apply(&mut self, frame: &mut Frame, meter: &Meter) {
        if meter.speaking() {
            self.gate = (self.gate + OPENING).min(0.0);
            let error = GOAL - (meter.level() + self.gain);
            if error > NEAR {
                self.gain += (RISE * TICK).min(error);
            } else if error < -NEAR {
                self.gain -= (FALL * TICK).min(-error);
            }
            self.gain = self.gain.clamp(LEAST, MOST);
        } else {
            self.gate = (self.gate - CLOSING).max(GATE);
        }
        let goal = 10_f32.powf((self.gain + self.gate) / 20.0);
        let step = (goal - self.applied) / FRAME as f32;
        for sample in frame.iter_mut() {
            self.applied += step;
            *sample *= self.applied;
        }
        self.applied = goal;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;

    fn hum(amplitude: f32) -> Frame {
        std::array::from_fn(|n| amplitude * (n as f32 * std::f32::consts::TAU / 96.0).sin())
    }

    fn run(amplitude: f32, ticks: usize) -> f32 {
        let (mut meter, mut leveller) = (Meter::default(), Leveller::default());
        let mut level = 0.0;
        for _ in 0..ticks {
            let mut frame = hum(amplitude);
            meter.update(&frame);
            leveller.apply(&mut frame, &meter);
            level = dbov(&frame);
        }
        level
    }

    #[test]
    fn loud_and_soft_phones_come_near_each_other() {
        let (soft, loud) = (run(0.03, 500), run(0.6, 500));
        assert!((soft - GOAL).abs() < 3.0, "{soft}");
        assert!((loud - GOAL).abs() < 3.0, "{loud}");
    }

    #[test]
    fn noise_is_lowered_and_never_raised() {
        let noise = run(0.002, 500);
        assert!(noise < dbov(&hum(0.002)) - 8.0, "{noise}");
    }
}
