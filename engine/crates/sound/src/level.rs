//! How loud a source is, whether somebody speaks there, and who is heard when many speak.

use crate::SAMPLE_RATE;

/// Level of digital silence, in -dBov (RFC 6464 counts likewise, 0 loud to 127 silent).
pub const SILENT: u8 = 127;

/// Louder than this is voice whatever the room's noise, dBov.
const SURELY_VOICE: f32 = -36.0;

/// Softer than this is never voice, dBov.
const NEVER_VOICE: f32 = -55.0;

/// Voice begins this far above the noise, and ends this much nearer to it, dB.
const ABOVE_NOISE: f32 = 9.0;
const HYSTERESIS: f32 = 4.0;

/// The noise estimate rises slowly, dB per second.
const NOISE_RISE: f32 = 3.0;

/// Voice goes on through pauses between words, samples (400 ms).
const HANGOVER: u32 = 19_200;

/// The smoothed level falls this fast, dB per second.
const RELEASE: f32 = 30.0;

/// Level of a piece of sound in dBov (0 is a full-scale square wave), never below -127.
#[must_use]
pub fn dbov(pcm: &[f32]) -> f32 {
    let mean = pcm.iter().map(|sample| sample * sample).sum::<f32>() / pcm.len().max(1) as f32;
    (10.0 * mean.max(1e-20).log10()).clamp(-127.0, 0.0)
}

/// Watches one source.
#[derive(Debug, Clone)]
pub struct Meter {
    level: f32,
    noise: f32,
    hangover: u32,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            level: -127.0,
            noise: -60.0,
            hangover: 0,
        }
    }
}

impl Meter {
    /// Takes the next piece of sound (mono, 48 kHz).
    pub fn update(&mut self, pcm: &[f32]) {
        let seconds = pcm.len() as f32 / SAMPLE_RATE as f32;
        let now = dbov(pcm);
        self.level = now.max(self.level - RELEASE * seconds);
        if now < self.noise {
            self.noise += (now - self.noise) * 0.2;
        } else {
            self.noise = (self.noise + NOISE_RISE * seconds).min(now);
        }
        self.noise = self.noise.max(-80.0);
        let margin = if self.speaking() {
            ABOVE_NOISE - HYSTERESIS
        } else {
            ABOVE_NOISE
        };
        let start = (self.noise + margin).clamp(NEVER_VOICE, SURELY_VOICE);
        if now > start {
            self.hangover = HANGOVER;
        } else {
            self.hangover = self
                .hangover
                .saturating_sub(u32::try_from(pcm.len()).unwrap_or(0));
        }
    }

    /// Whether somebody speaks, with pauses between words bridged.
    #[must_use]
    pub fn speaking(&self) -> bool {
        self.hangover > 0
    }

    /// Smoothed level, dBov: up at once, down slowly.
    #[must_use]
    pub fn level(&self) -> f32 {
        self.level
    }

    /// The floor under what is heard, dBov.
    #[must_use]
    pub fn noise(&self) -> f32 {
        self.noise
    }

    /// The level as RTP carries it: 0 loud to 127 silent.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    pub fn minus_dbov(&self) -> u8 {
        (-self.level).round().clamp(0.0, f32::from(SILENT)) as u8
    }
}

/// One that would like to be heard.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<K> {
    /// Who it is.
    pub key: K,
    /// Smoothed level, dBov.
    pub level: f32,
    /// Whether somebody speaks there.
    pub speaking: bool,
    /// Whether it is heard now.
    pub heard: bool,
}

/// A newcomer must be this much louder than one who is heard, to take its place, dB.
const TAKE_OVER: f32 = 6.0;

/// Chooses who is heard: everybody while there is room; then those who speak, louder first, and
/// whoever is heard already stays unless clearly outdone.
pub fn choose<K: Copy + Ord>(candidates: &mut [Candidate<K>], limit: usize) -> Vec<K> {
    if candidates.len() > limit {
        let rank = |one: &Candidate<K>| {
            let bonus = if one.heard { TAKE_OVER } else { 0.0 };
            (one.speaking, one.level + bonus, one.heard)
        };
        candidates.sort_by(|a, b| {
            let (a_rank, b_rank) = (rank(a), rank(b));
            b_rank
                .0
                .cmp(&a_rank.0)
                .then(b_rank.1.total_cmp(&a_rank.1))
                .then(b_rank.2.cmp(&a_rank.2))
                .then(a.key.cmp(&b.key))
        });
    }
    candidates.iter().take(limit).map(|one| one.key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FRAME, Frame};

    fn hum(amplitude: f32) -> Frame {
        std::array::from_fn(|n| amplitude * (n as f32 * std::f32::consts::TAU / 96.0).sin())
    }

    #[test]
    fn levels_are_relative_to_overload() {
        assert!((dbov(&[1.0; FRAME])).abs() < 0.01);
        assert!((dbov(&hum(0.1)) + 23.01).abs() < 0.05);
        assert!((dbov(&[0.0; FRAME]) + 127.0).abs() < f32::EPSILON);
    }

    #[test]
    fn voice_is_told_from_the_noise_of_a_room() {
        let mut meter = Meter::default();
        for _ in 0..500 {
            meter.update(&hum(0.004));
        }
        assert!(!meter.speaking(), "a steady hum of -51 dBov is noise");
        meter.update(&hum(0.05));
        assert!(meter.speaking());
        for _ in 0..10 {
            meter.update(&hum(0.004));
        }
        assert!(meter.speaking(), "a pause of 200 ms is part of speaking");
        for _ in 0..20 {
            meter.update(&hum(0.004));
        }
        assert!(!meter.speaking());
    }

    #[test]
    fn a_loud_tone_counts_as_voice_for_as_long_as_it_lasts() {
        let mut meter = Meter::default();
        for _ in 0..3_000 {
            meter.update(&hum(0.1));
        }
        assert!(meter.speaking());
    }

    fn candidate(key: u64, level: f32, speaking: bool, heard: bool) -> Candidate<u64> {
        Candidate {
            key,
            level,
            speaking,
            heard,
        }
    }

    #[test]
    fn those_who_are_heard_give_way_only_to_the_clearly_louder() {
        let mut few = [
            candidate(1, -90.0, false, false),
            candidate(2, -20.0, true, true),
        ];
        assert_eq!(choose(&mut few, 2).len(), 2);
        let mut near = [
            candidate(1, -25.0, true, true),
            candidate(2, -21.0, true, false),
        ];
        assert_eq!(choose(&mut near, 1), [1]);
        let mut far = [
            candidate(1, -30.0, true, true),
            candidate(2, -21.0, true, false),
        ];
        assert_eq!(choose(&mut far, 1), [2]);
        let mut silent = [
            candidate(1, -22.0, false, true),
            candidate(2, -40.0, true, false),
        ];
        assert_eq!(choose(&mut silent, 1), [2]);
    }
}
