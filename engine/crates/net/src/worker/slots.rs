//! What a viewers' thread knows of each slot.

use std::time::{Duration, Instant};

use podium_media::frame::{Frame, KeyframeCache, Layers, ResendRing};
use podium_media::time::Reference;
use podium_media::viewer::RateMeter;
use std::sync::Arc;

use super::riding::Pace;

/// A keyframe is asked for at most this often.
const ASK_INTERVAL: Duration = Duration::from_millis(500);
/// The same while this thread cannot keep up: keyframes are large and would keep it from it.
const STRAINED_ASK_INTERVAL: Duration = Duration::from_millis(1500);
/// How long a thread that could not keep up is spared.
const STRAIN: Duration = Duration::from_secs(6);
/// Sound's RTP clock in kHz.
const SOUND_KHZ: i64 = 48;

/// One stream of one viewer, by indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Viewer.
    pub viewer: usize,
    /// Its stream.
    pub stream: usize,
}

/// One slot.
#[derive(Default)]
pub struct SlotState {
    /// Who looks at it.
    pub seats: Vec<Seat>,
    /// For those who lost packets, by layer.
    pub ring: [ResendRing; Layers::MAX],
    /// For those who join, by layer.
    pub cache: [KeyframeCache; Layers::MAX],
    /// Bitrates.
    pub meter: RateMeter,
    /// Layers at present.
    pub layers: Layers,
    /// Of a sound slot: the pictures beside it.
    pub pace: Pace,
    asked: [Option<Instant>; Layers::MAX],
    strained: Option<Instant>,
    sound: Option<(u32, Reference)>,
}

impl SlotState {
    /// A frame has come.
    pub fn keep(&mut self, frame: &Arc<Frame>, now: Instant) {
        let layer = usize::from(frame.layer);
        if layer >= Layers::MAX {
            return;
        }
        self.ring[layer].push(frame, now);
        self.cache[layer].push(frame);
        self.meter.push(frame.layer, frame.octets(), now);
        self.layers = frame.layers;
    }

    /// Nothing is shown any more.
    pub fn darken(&mut self) {
        self.cache = Default::default();
        self.layers = Layers::NONE;
        self.sound = None;
    }

    /// Whether to ask for a keyframe of that layer now.
    pub fn ask(&mut self, layer: u8, now: Instant) -> bool {
        let Some(asked) = self.asked.get_mut(usize::from(layer)) else {
            return false;
        };
        let strained = self
            .strained
            .is_some_and(|at| now.saturating_duration_since(at) < STRAIN);
        let interval = if strained {
            STRAINED_ASK_INTERVAL
        } else {
            ASK_INTERVAL
        };
        let recent = asked.is_some_and(|at| now.saturating_duration_since(at) < interval);
        if !recent {
            *asked = Some(now);
        }
        !recent
    }

    /// Viewers had to go without a frame because this thread could not keep up.
    pub fn strained(&mut self, now: Instant) {
        self.strained = Some(now);
    }

    /// 20 ms of sound have come.
    pub fn heard(&mut self, timestamp: u32, taken: Reference) {
        self.sound = Some((timestamp, taken));
    }

    /// RTP time of the mix at a moment.
    pub fn sound_time(&self, moment: Reference) -> Option<u32> {
        let (timestamp, taken) = self.sound?;
        let ticks = moment.since(taken).saturating_mul(SOUND_KHZ) / 1000;
        Some(timestamp.wrapping_add(ticks as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_asked_for_in_moderation() {
        let mut slot = SlotState::default();
        let now = Instant::now();
        assert!(slot.ask(0, now));
        assert!(!slot.ask(0, now + ASK_INTERVAL / 2));
        assert!(slot.ask(1, now));
        assert!(slot.ask(0, now + ASK_INTERVAL));
        assert!(!slot.ask(200, now));
    }

    #[test]
    fn a_thread_that_cannot_keep_up_asks_more_rarely() {
        let mut slot = SlotState::default();
        let now = Instant::now();
        assert!(slot.ask(0, now));
        slot.strained(now);
        assert!(!slot.ask(0, now + ASK_INTERVAL));
        assert!(slot.ask(0, now + STRAINED_ASK_INTERVAL));
        let later = now + STRAIN + STRAINED_ASK_INTERVAL;
        assert!(slot.ask(0, later));
        assert!(slot.ask(0, later + ASK_INTERVAL));
    }

    #[test]
    fn sound_time_follows_the_reference() {
        let mut slot = SlotState::default();
        assert_eq!(slot.sound_time(Reference(0)), None);
        slot.heard(1000, Reference(20_000));
        assert_eq!(slot.sound_time(Reference(40_000)), Some(1960));
        assert_eq!(slot.sound_time(Reference(0)), Some(40));
    }
}
