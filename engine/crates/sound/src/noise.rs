//! Finds lines that disturb a conference: steady noise, or an echo of what they are sent.

/// Ticks of 20 ms over which echo is looked for (3 s).
const WINDOW: usize = 150;
/// Longest way there and back, ticks (600 ms).
const LONGEST: usize = 30;
/// Judged once in so many ticks (0.5 s).
const PAUSE: usize = 25;
/// Noise begins at this floor and ends at the other, dBov.
const NOISY: f32 = -45.0;
const CALM: f32 = -51.0;
/// An echo moves like what was sent, this much alike at its beginning and end.
const ECHO: f32 = 0.85;
const NO_ECHO: f32 = 0.6;
/// Softer sound is no echo that anybody hears, dBov.
const HEARD: f32 = -50.0;
/// What was sent must move by so much that likeness means something, dB (standard deviation).
const LIVELY: f32 = 6.0;
/// Judgements in a row that make a change: 3 s to turn noisy, 5 s to be forgiven.
const TO_NOISY: u32 = 6;
const TO_CALM: u32 = 10;

/// Watches one line while its microphone is open.
#[derive(Debug, Clone)]
pub struct NoiseWatch {
    received: [f32; WINDOW],
    sent: [f32; WINDOW + LONGEST],
    at: usize,
    filled: usize,
    noisy: bool,
    streak: u32,
}

impl Default for NoiseWatch {
    fn default() -> Self {
        Self {
            received: [-127.0; WINDOW],
            sent: [-127.0; WINDOW + LONGEST],
            at: 0,
            filled: 0,
            noisy: false,
            streak: 0,
        }
    }
}

impl NoiseWatch {
    /// Takes the levels of one tick (dBov) of what came and of what was sent, and the line's noise
    /// floor; says when the judgement changes.
    pub fn update(&mut self, received: f32, floor: f32, sent: f32) -> Option<bool> {
        self.received[self.at % WINDOW] = received.max(-70.0);
        self.sent[self.at % (WINDOW + LONGEST)] = sent.max(-70.0);
        self.at = self.at.wrapping_add(1);
        self.filled = (self.filled + 1).min(WINDOW + LONGEST);
        if !self.at.is_multiple_of(PAUSE) || self.filled < WINDOW {
            return None;
        }
        let echo = self.echo();
        let disturbs = if self.noisy {
            floor > CALM || echo > NO_ECHO
        } else {
            floor > NOISY || echo > ECHO
        };
        if disturbs == self.noisy {
            self.streak = 0;
            return None;
        }
        self.streak += 1;
        let needed = if self.noisy { TO_CALM } else { TO_NOISY };
        if self.streak < needed {
            return None;
        }
        self.streak = 0;
        self.noisy = disturbs;
        Some(disturbs)
    }

    /// The microphone is closed: a line that disturbed does so no longer.
    pub fn forgive(&mut self) -> Option<bool> {
        let was = self.noisy;
        *self = Self::default();
        was.then_some(false)
    }

    /// How much what came moves like what was sent up to 600 ms before, 0 to 1.
    fn echo(&self) -> f32 {
        if self.filled < WINDOW + LONGEST {
            return 0.0;
        }
        let received: Vec<f32> = (0..WINDOW)
            .map(|n| self.received[(self.at + n) % WINDOW])
            .collect();
        if received.iter().fold(-127.0_f32, |a, b| a.max(*b)) < HEARD {
            return 0.0;
        }
        let sent: Vec<f32> = (0..WINDOW + LONGEST)
            .map(|n| self.sent[(self.at + n) % (WINDOW + LONGEST)])
            .collect();
        (0..=LONGEST)
            .map(|lag| likeness(&received, &sent[LONGEST - lag..][..WINDOW]))
            .fold(0.0, f32::max)
    }
}

/// Correlation of two series of levels; 0 where one hardly moves.
fn likeness(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len() as f32;
    let (mean_a, mean_b) = (a.iter().sum::<f32>() / count, b.iter().sum::<f32>() / count);
    let (mut dot, mut power_a, mut power_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        dot += a * b;
        power_a += a * a;
        power_b += b * b;
    }
    let lively = LIVELY * LIVELY * count;
    if power_a < lively || power_b < lively {
        return 0.0;
    }
    dot / (power_a * power_b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speech-like: bursts and pauses that never repeat exactly.
    fn speech(tick: usize, seed: usize) -> f32 {
        let mut syllable = (tick / 7 + seed * 100_003).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        syllable ^= syllable >> 29;
        syllable = syllable.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32;
        if syllable % 5 < 2 {
            -65.0
        } else {
            -20.0 - (syllable % 13) as f32
        }
    }

    fn changes(mut level: impl FnMut(usize) -> (f32, f32, f32), ticks: usize) -> Vec<bool> {
        let mut watch = NoiseWatch::default();
        (0..ticks)
            .filter_map(|tick| {
                let (received, floor, sent) = level(tick);
                watch.update(received, floor, sent)
            })
            .collect()
    }

    #[test]
    fn speech_between_pauses_is_welcome() {
        let both = |tick| (speech(tick, 1), -62.0, speech(tick, 2));
        assert!(changes(both, 3_000).is_empty());
    }

    #[test]
    fn steady_noise_is_told_once_and_its_end_too() {
        let line = |tick| {
            let floor = if tick < 1_000 { -40.0 } else { -65.0 };
            (floor, floor, -127.0)
        };
        assert_eq!(changes(line, 2_000), [true, false]);
    }

    #[test]
    fn an_echo_is_known_by_its_movement() {
        let line = |tick: usize| {
            let echo = speech(tick.saturating_sub(9), 1) - 12.0;
            (echo, -65.0, speech(tick, 1))
        };
        assert_eq!(changes(line, 1_000), [true]);
    }
}
