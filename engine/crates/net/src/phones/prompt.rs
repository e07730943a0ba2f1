//! Texts that are read to a leg, in place of the room's sound or over it.

use std::collections::VecDeque;
use std::sync::Arc;

use podium_sound::resample::{Factor, Up};
use podium_sound::{FRAME, Frame};

use crate::error::EngineError;

/// Longest prompt, samples at 16 kHz (120 s).
const LONGEST: usize = 120 * 16_000;
/// Samples at 16 kHz in 20 ms.
const PIECE: usize = FRAME / 3;
/// The room's gain while prompts play over it.
const UNDER: f32 = 0.3;

/// One recorded text.
#[derive(Debug)]
pub struct Prompt(Box<[i16]>);

impl Prompt {
    /// From 16 kHz mono, s16le.
    pub fn new(pcm: &[u8]) -> Result<Self, EngineError> {
        if pcm.is_empty() || !pcm.len().is_multiple_of(2) || pcm.len() / 2 > LONGEST {
            let why = "a prompt is 16 kHz mono s16le, up to 120 s".to_owned();
            return Err(EngineError::Invalid(why));
        }
        let samples = pcm.chunks_exact(2);
        Ok(Self(
            samples
                .map(|two| i16::from_le_bytes([two[0], two[1]]))
                .collect(),
        ))
    }
}

/// What a leg is being read.
pub struct Playing {
    queue: VecDeque<Arc<Prompt>>,
    at: usize,
    up: Up,
    over: bool,
}

impl Playing {
    /// `prompts` is not empty.
    pub fn new(prompts: Vec<Arc<Prompt>>, over: bool) -> Self {
        Self {
            queue: prompts.into(),
            at: 0,
            up: Up::new(Factor::Three),
            over,
        }
    }

    /// Gain of the room's sound meanwhile.
    pub fn room_gain(&self) -> f32 {
        if self.over { UNDER } else { 0.0 }
    }

    /// Adds the next 20 ms to `frame`; false when that was the last.
    pub fn add_to(&mut self, frame: &mut Frame) -> bool {
        let mut piece = [0.0_f32; PIECE];
        let mut filled = 0;
        while let Some(prompt) = self.queue.front()
            && filled < PIECE
        {
            let rest = &prompt.0[self.at..];
            let count = rest.len().min(PIECE - filled);
            for (sample, value) in piece[filled..].iter_mut().zip(&rest[..count]) {
                *sample = f32::from(*value) / 32_768.0;
            }
            filled += count;
            self.at += count;
            if count == rest.len() {
                self.queue.pop_front();
                self.at = 0;
            }
        }
        let mut out = Vec::with_capacity(FRAME);
        self.up.run(&piece, &mut out);
        for (sample, value) in frame.iter_mut().zip(out) {
            *sample = (*sample + value).clamp(-1.0, 1.0);
        }
        !self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_follow_one_another_without_a_gap() {
        let prompt = |samples: usize| {
            let pcm: Vec<u8> = std::iter::repeat_n(8_192_i16.to_le_bytes(), samples)
                .flatten()
                .collect();
            Arc::new(Prompt::new(&pcm).expect("fits"))
        };
        let mut playing = Playing::new(vec![prompt(500), prompt(460)], false);
        for tick in 0..3 {
            let mut frame = [0.0; FRAME];
            assert_eq!(playing.add_to(&mut frame), tick < 2);
            if tick > 0 {
                assert!(frame.iter().all(|s| (s - 0.25).abs() < 0.01));
            }
        }
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        assert!(Prompt::new(&[]).is_err());
        assert!(Prompt::new(&[1]).is_err());
        assert!(Prompt::new(&vec![0; 2 * LONGEST + 2]).is_err());
    }
}
