//! One source's sound, 20 ms at a time: jitter buffer, decoder, concealment and the control of
//! delay together. Time here is a count of samples since the receiver was made.

use std::collections::VecDeque;

use crate::codec::{Codec, Decoder};
use crate::delay::{Bounds, DelayEstimator};
use crate::jitter::{Inserted, JitterBuffer};
use crate::opus::MAX_PACKET_SAMPLES;
use crate::{FRAME, Frame, SoundError, stretch};

/// Concealment at a stretch when nothing comes, samples (100 ms); then silence until it does.
const MAX_CONCEALED: i64 = 4_800;

/// Concealed at a time while waiting, samples (10 ms).
const CONCEAL_STEP: usize = 480;

/// Off the right delay by less than this is right, samples (10 ms).
const TOLERANCE: i64 = 480;

/// Off by this much is urgent, samples (60 ms).
const URGENT: i64 = 2_880;

/// Off by this much is hopeless: start afresh, samples (1 s).
const HOPELESS: i64 = 48_000;

/// Late packets in a row after which they, and not what was played, are the stream.
const ALL_LATE: u32 = 10;

/// Ticks between two corrections of the delay.
const CORRECTION_PAUSE: u32 = 4;

/// What has happened to a source's packets since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiverStats {
    /// Packets decoded.
    pub decoded: u64,
    /// Packets that came after their time.
    pub late: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that were not of the codec, or of no known stream.
    pub refused: u64,
    /// Samples made good from redundancy or concealment where a packet was lost.
    pub recovered: u64,
    /// Samples of concealment while nothing came.
    pub starved: u64,
    /// Samples taken out to lower the delay.
    pub accelerated: u64,
    /// Samples put in to raise it.
    pub expanded: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Silence, until the first packet is due.
    Waiting,
    /// `next` is the timestamp after what is in the queue; `concealed` samples of what follows
    /// have been made up already.
    Playing {
        next: i64,
        last_sequence: i64,
        concealed: i64,
    },
}

/// Noise instead of dead silence, about as bright as a telephone's.
#[derive(Debug, Clone)]
struct Comfort {
    amplitude: f32,
    state: u32,
    last: f32,
}

impl Comfort {
    /// Smoothing of the noise, and what it takes away from its level.
    const SMOOTH: f32 = 0.8;

    fn new(level: u8) -> Self {
        let rms = 10_f32.powf(-f32::from(level.clamp(30, 127)) / 20.0);
        let kept = ((1.0 - Self::SMOOTH) / (1.0 + Self::SMOOTH)).sqrt();
        Self {
            amplitude: rms * 3.0_f32.sqrt() / kept,
            state: 0x2545_f491,
            last: 0.0,
        }
    }

    fn take(&mut self, count: usize) -> impl Iterator<Item = f32> {
        (0..count).map(|_| {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 17;
            self.state ^= self.state << 5;
            let white = (self.state as f32 / u32::MAX as f32 * 2.0 - 1.0) * self.amplitude;
            self.last = Self::SMOOTH * self.last + (1.0 - Self::SMOOTH) * white;
            self.last
        })
    }
}

/// Everything that stands between a source's packets and the mix.
pub struct Receiver {
    jitter: JitterBuffer,
    delay: DelayEstimator,
    decoder: Decoder,
    queue: VecDeque<f32>,
    state: State,
    pause: u32,
    late_in_a_row: u32,
    comfort: Option<Comfort>,
    stats: ReceiverStats,
}

impl Receiver {
    /// # Errors
    /// When the decoder cannot be made.
    pub fn new(codec: Codec, bounds: Bounds) -> Result<Self, SoundError> {
        Ok(Self {
            jitter: JitterBuffer::new(codec),
            delay: DelayEstimator::new(bounds),
            decoder: Decoder::new(codec)?,
            queue: VecDeque::with_capacity(2 * MAX_PACKET_SAMPLES),
            state: State::Waiting,
            pause: 0,
            late_in_a_row: 0,
            comfort: None,
            stats: ReceiverStats::default(),
        })
    }

    /// Takes a packet that arrived at `now` (samples).
    pub fn push(&mut self, sequence: u16, timestamp: u32, payload: &[u8], now: i64) {
        match self.jitter.insert(sequence, timestamp, payload) {
            Inserted::Stored(timestamp) => {
                self.late_in_a_row = 0;
                self.delay.arrived(timestamp, now);
            }
            Inserted::Late(timestamp) => {
                self.stats.late += 1;
                self.late_in_a_row += 1;
                self.delay.arrived(timestamp, now);
                if self.late_in_a_row >= ALL_LATE {
                    self.restart();
                }
            }
            Inserted::Restarted(timestamp) => {
                self.delay.reset();
                self.delay.arrived(timestamp, now);
                self.state = State::Waiting;
            }
            Inserted::Duplicate => self.stats.duplicates += 1,
            Inserted::Invalid | Inserted::Stray => self.stats.refused += 1,
        }
    }

    /// The source says that it will be silent for a while, with noise of so many -dBov
    /// (RFC 3389): that is heard until sound comes again.
    pub fn comfort(&mut self, level: u8) {
        self.comfort = Some(Comfort::new(level));
    }

    /// Gives the next 20 ms; silence where there is nothing. `now` in samples.
    pub fn pull(&mut self, out: &mut Frame, now: i64) {
        self.fill(FRAME, now);
        if self.correct(now) {
            self.fill(FRAME, now);
        }
        for (sample, played) in out.iter_mut().zip(self.queue.drain(..FRAME)) {
            *sample = played;
        }
    }

    /// How far behind the quickest packet the sound is played, in samples; `None` in silence.
    #[must_use]
    pub fn held(&self) -> Option<i64> {
        matches!(self.state, State::Playing { .. }).then(|| self.delay.target())
    }

    /// Counters since the receiver was made.
    #[must_use]
    pub fn stats(&self) -> ReceiverStats {
        self.stats
    }

    fn fill(&mut self, count: usize, now: i64) {
        while self.queue.len() < count {
            match self.state {
                State::Waiting => self.wait(count, now),
                State::Playing {
                    next,
                    last_sequence,
                    concealed,
                } => {
                    self.play(next, last_sequence, concealed);
                }
            }
        }
    }

    /// Adds silence up to `count`, or as much as is left until the first packet is due.
    fn wait(&mut self, count: usize, now: i64) {
        let room = count.saturating_sub(self.queue.len());
        let Some(packet) = self.jitter.peek() else {
            self.silence(room);
            return;
        };
        let (start, end, sequence) = (packet.timestamp, packet.end(), packet.sequence);
        let reached = now.saturating_add(self.queue.len() as i64);
        let left = self.delay.due(start).saturating_sub(reached);
        if left > HOPELESS {
            self.restart();
        } else if self.jitter.len() > 1 && self.delay.due(end).saturating_add(TOLERANCE) < reached {
            self.jitter.pop();
        } else if left > 0 {
            self.silence(room.min(usize::try_from(left).unwrap_or(room)));
        } else {
            self.comfort = None;
            self.state = State::Playing {
                next: start,
                last_sequence: sequence - 1,
                concealed: 0,
            };
        }
    }

    fn silence(&mut self, count: usize) {
        match &mut self.comfort {
            Some(comfort) => self.queue.extend(comfort.take(count)),
            None => self.queue.extend(std::iter::repeat_n(0.0, count)),
        }
    }

    /// Adds at least one sample: the next packet's, what was lost before it, or what may have been.
    fn play(&mut self, next: i64, last_sequence: i64, concealed: i64) {
        self.jitter.advance(next);
        let Some(packet) = self.jitter.peek() else {
            self.starve(next, last_sequence, concealed);
            return;
        };
        let gap = packet.timestamp - next;
        if gap <= 0 {
            self.decode(next, last_sequence);
            return;
        }
        let paused = packet.sequence == last_sequence + 1;
        if paused || gap > MAX_PACKET_SAMPLES as i64 {
            self.fade_out();
            return;
        }
        let missing = gap - concealed;
        let timestamp = packet.timestamp;
        if missing > 0 {
            let count = usize::try_from(missing).unwrap_or(CONCEAL_STEP);
            let payload = &packet.payload;
            match self.decoder.recover(payload, count) {
                Some(pcm) => self.queue.extend(pcm.iter().take(count)),
                None => self.queue.extend(std::iter::repeat_n(0.0, count)),
            }
            self.stats.recovered += count as u64;
        }
        self.state = State::Playing {
            next: timestamp,
            last_sequence,
            concealed: 0,
        };
    }

    /// Plays the packet in front, from the sample `next` on.
    fn decode(&mut self, next: i64, last_sequence: i64) {
        let Some(packet) = self.jitter.pop() else {
            return;
        };
        self.delay
            .played(packet.sequence - last_sequence - 1, packet.duration);
        let skip = usize::try_from(next - packet.timestamp).unwrap_or(0);
        let count = usize::try_from(packet.duration)
            .unwrap_or(0)
            .saturating_sub(skip);
        match self.decoder.decode(&packet.payload) {
            Some(pcm) => {
                let before = self.queue.len();
                self.queue.extend(pcm.iter().skip(skip).take(count));
                let short = count - (self.queue.len() - before).min(count);
                self.silence(short);
                self.stats.decoded += 1;
            }
            None => {
                self.conceal(count);
                self.stats.refused += 1;
            }
        }
        self.state = State::Playing {
            next: packet.end(),
            last_sequence: packet.sequence,
            concealed: 0,
        };
    }

    fn starve(&mut self, next: i64, last_sequence: i64, concealed: i64) {
        if concealed >= MAX_CONCEALED || self.comfort.is_some() {
            self.fade_out();
            return;
        }
        self.conceal(CONCEAL_STEP);
        self.stats.starved += CONCEAL_STEP as u64;
        let concealed = concealed + CONCEAL_STEP as i64;
        self.state = State::Playing {
            next,
            last_sequence,
            concealed,
        };
    }

    /// Adds `count` samples of concealment, whatever the decoder says.
    fn conceal(&mut self, count: usize) {
        let before = self.queue.len();
        if let Some(pcm) = self.decoder.conceal(count) {
            self.queue.extend(pcm.iter().take(count));
        }
        let added = self.queue.len() - before;
        self.silence(count.saturating_sub(added));
    }

    /// The source pauses: the sound ends softly, and the next packet waits until it is due.
    fn fade_out(&mut self) {
        let before = self.queue.len();
        self.conceal(CONCEAL_STEP);
        for (n, sample) in self.queue.iter_mut().skip(before).enumerate() {
            *sample *= 1.0 - (n + 1) as f32 / CONCEAL_STEP as f32;
        }
        self.state = State::Waiting;
    }

    /// The stream's clock jumped: nothing that was learnt about it holds.
    fn restart(&mut self) {
        self.jitter.clear();
        self.delay.reset();
        self.late_in_a_row = 0;
        self.state = State::Waiting;
    }

    /// Brings the delay nearer to what it should be; true if that took sound out of the queue.
    fn correct(&mut self, now: i64) -> bool {
        self.pause = self.pause.saturating_sub(1);
        let State::Playing { next, .. } = self.state else {
            return false;
        };
        let head = next.saturating_sub(self.queue.len() as i64);
        let error = now.saturating_sub(self.delay.due(head));
        if error.abs() > HOPELESS {
            self.restart();
            return false;
        }
        let urgent = error.abs() > URGENT;
        if error.abs() <= TOLERANCE || (self.pause > 0 && !urgent) {
            return false;
        }
        self.pause = CORRECTION_PAUSE;
        if error > 0 {
            let lost = stretch::accelerate(&mut self.queue, urgent);
            self.stats.accelerated += lost as u64;
            lost > 0
        } else {
            self.stats.expanded += stretch::expand(&mut self.queue, urgent) as u64;
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;

    #[test]
    fn a_pause_with_comfort_noise_is_not_dead() {
        let mut receiver = Receiver::new(Codec::Pcmu, Bounds::default()).expect("receiver");
        let mut level = Vec::new();
        for tick in 0..100_i64 {
            if tick < 20 {
                let sequence = u16::try_from(tick).expect("small");
                let payload = [0x90_u8, 0x10].repeat(80);
                receiver.push(sequence, u32::from(sequence) * 160, &payload, tick * 960);
            } else if tick == 20 {
                receiver.comfort(50);
            }
            let mut out = [0.0; FRAME];
            receiver.pull(&mut out, tick * 960);
            level.push(dbov(&out));
        }
        assert!(level[10] > -40.0, "{level:?}");
        let noise = &level[40..];
        assert!(
            noise.iter().all(|l| (-54.0..-46.0).contains(l)),
            "{noise:?}"
        );
    }
}
