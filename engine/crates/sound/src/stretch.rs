//! Playing a little faster or slower without changing the pitch: a piece of about one pitch
//! period is taken out or put in where the sound repeats itself, and cross-faded.

use std::collections::VecDeque;

/// Cross-fade, samples (5 ms).
const FADE: usize = 240;

/// Shortest and longest piece, samples (2.5 ms and 10 ms).
const LAGS: std::ops::RangeInclusive<usize> = 120..=480;

/// Samples that must be at hand.
pub const NEEDED: usize = FADE + 480;

/// Below this mean square the sound is as good as silent and may be cut anywhere (-50 dBov).
const QUIET: f32 = 1e-5;

/// How much alike the two sides of a cut must be, where there is no hurry.
const ALIKE: f32 = 0.6;

/// Takes a piece out of the front of `fifo`; how many samples it lost.
pub fn accelerate(fifo: &mut VecDeque<f32>, hurry: bool) -> usize {
    let Some(lag) = best_lag(fifo, hurry) else {
        return 0;
    };
    let pcm = fifo.make_contiguous();
    for n in 0..FADE {
        pcm[n + lag] = blend(pcm[n], pcm[n + lag], n);
    }
    fifo.drain(..lag);
    lag
}

/// Puts a piece into the front of `fifo`; how many samples it gained.
pub fn expand(fifo: &mut VecDeque<f32>, hurry: bool) -> usize {
    let Some(lag) = best_lag(fifo, hurry) else {
        return 0;
    };
    let pcm = fifo.make_contiguous();
    let mut piece: Vec<f32> = pcm[..lag].to_vec();
    for n in 0..FADE {
        // What would have come next goes over into what comes again.
        pcm[n] = blend(pcm[n + lag], pcm[n], n);
    }
    while let Some(sample) = piece.pop() {
        fifo.push_front(sample);
    }
    lag
}

fn blend(from: f32, to: f32, n: usize) -> f32 {
    let share = (n as f32 + 0.5) / FADE as f32;
    from + (to - from) * share
}

/// The distance at which the sound is most like itself, or `None` where it nowhere is.
fn best_lag(fifo: &mut VecDeque<f32>, hurry: bool) -> Option<usize> {
    let pcm = fifo.make_contiguous().get(..NEEDED)?;
    let head = &pcm[..FADE];
    let power = energy(head);
    if power < QUIET * FADE as f32 {
        return Some(*LAGS.end());
    }
    let (lag, alike) = LAGS
        .step_by(2)
        .map(|lag| {
            let there = &pcm[lag..lag + FADE];
            let dot: f32 = head.iter().zip(there).map(|(a, b)| a * b).sum();
            (
                lag,
                dot / (power * energy(there)).sqrt().max(f32::MIN_POSITIVE),
            )
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (hurry || alike >= ALIKE).then_some(lag)
}

fn energy(pcm: &[f32]) -> f32 {
    pcm.iter().map(|sample| sample * sample).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(count: usize) -> VecDeque<f32> {
        (0..count)
            .map(|n| 0.5 * (n as f32 * 440.0 * std::f32::consts::TAU / 48_000.0).sin())
            .collect()
    }

    fn roughest_step(pcm: &VecDeque<f32>) -> f32 {
        pcm.iter()
            .zip(pcm.iter().skip(1))
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_stays_smooth_when_cut_and_when_stretched() {
        let smooth = roughest_step(&tone(960));
        let mut shorter = tone(960);
        let lost = accelerate(&mut shorter, false);
        assert!(LAGS.contains(&lost) && shorter.len() == 960 - lost);
        assert!(roughest_step(&shorter) < smooth * 1.3);
        let mut longer = tone(960);
        let gained = expand(&mut longer, false);
        assert!(LAGS.contains(&gained) && longer.len() == 960 + gained);
        assert!(roughest_step(&longer) < smooth * 1.3);
    }

    #[test]
    fn noise_is_left_alone_unless_there_is_hurry() {
        let mut state = 1_u32;
        let mut noise: VecDeque<f32> = (0..960)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state as f32 / u32::MAX as f32 - 0.5
            })
            .collect();
        assert_eq!(accelerate(&mut noise, false), 0);
        assert_eq!(expand(&mut noise, false), 0);
        assert!(accelerate(&mut noise, true) > 0);
    }

    #[test]
    fn too_little_sound_is_not_touched() {
        assert_eq!(accelerate(&mut tone(NEEDED - 1), true), 0);
        assert_eq!(expand(&mut VecDeque::new(), true), 0);
    }
}
