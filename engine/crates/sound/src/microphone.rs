//! One open microphone: its packets, its level and its gain in the mix.

use crate::codec::Codec;
use crate::level::{Meter, dbov};
use crate::leveller::Leveller;
use crate::mixer::{RoomConfig, SourceId};
use crate::noise::NoiseWatch;
use crate::receiver::Receiver;
use crate::{FRAME, Frame, SoundError};

/// Opening and closing fade over this many samples (10 ms).
const FADE: usize = 480;

/// What comes from a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A station: Opus, levelled by itself.
    Station,
    /// A telephone: levelled here, and watched for noise.
    Telephone(Codec),
}

impl Input {
    /// How it is coded.
    #[must_use]
    pub const fn codec(self) -> Codec {
        match self {
            Self::Station => Codec::Opus,
            Self::Telephone(codec) => codec,
        }
    }
}

/// What a telephone's line needs beyond a station's.
#[derive(Default)]
struct Line {
    leveller: Leveller,
    watch: NoiseWatch,
}

/// One open microphone, or one that fades out.
pub(crate) struct Microphone {
    pub open: bool,
    pub heard: bool,
    pub input: Input,
    /// Where it stands: microphones of one place do not hear each other.
    pub place: SourceId,
    pub receiver: Receiver,
    pub meter: Meter,
    /// The sound of this tick; after [`Microphone::fade`] as it goes into the mix.
    pub frame: Box<Frame>,
    pub gain: f32,
    /// Some of `frame` is in the mix.
    pub audible: bool,
    line: Option<Box<Line>>,
    level: f32,
}

impl Microphone {
    pub fn new(config: &RoomConfig, input: Input, place: SourceId) -> Result<Self, SoundError> {
        Ok(Self {
            open: true,
            heard: false,
            input,
            place,
            receiver: Receiver::new(input.codec(), config.delay)?,
            meter: Meter::default(),
            frame: Box::new([0.0; FRAME]),
            gain: 0.0,
            audible: false,
            line: matches!(input, Input::Telephone(_)).then(Box::default),
            level: -127.0,
        })
    }

    pub fn listen(&mut self, now: i64) {
        self.receiver.pull(&mut self.frame, now);
        self.meter.update(&self.frame[..]);
        if let Some(line) = &mut self.line {
            self.level = dbov(&self.frame[..]);
            line.leveller.apply(&mut self.frame, &self.meter);
        }
    }

    /// Judges the line, of which its place heard sound of that level in this tick (dBov).
    pub fn judge(&mut self, heard: f32) -> Option<bool> {
        let line = self.line.as_mut()?;
        if !self.open {
            return line.watch.forgive();
        }
        line.watch.update(self.level, self.meter.noise(), heard)
    }

    /// Applies the gain, which moves to where it should be within 10 ms.
    pub fn fade(&mut self) {
        let goal = if self.open && self.heard { 1.0 } else { 0.0 };
        let step = (1.0 / FADE as f32).copysign(goal - self.gain);
        self.audible = goal > 0.0 || self.gain > 0.0;
        for sample in self.frame.iter_mut() {
            #[expect(clippy::float_cmp, reason = "the goal is reached exactly, by clamping")]
            if self.gain != goal {
                self.gain = (self.gain + step).clamp(0.0, 1.0);
            }
            *sample *= self.gain;
        }
    }
}

pub(crate) fn sum<'a>(into: &mut Frame, microphones: impl Iterator<Item = &'a Microphone>) {
    into.fill(0.0);
    for microphone in microphones.filter(|one| one.audible) {
        for (sum, sample) in into.iter_mut().zip(microphone.frame.iter()) {
            *sum += sample;
        }
    }
}
