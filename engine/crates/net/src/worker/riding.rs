//! Sound rides in pictures. A message of its own costs as much as the whole burst of a picture,
//! so where a picture is due in a moment, sound for a crowd waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use podium_media::srtp::MAX_TAG;

use super::Worker;
use super::fanout::MAX_HEADER;
use super::stream::Media;
use super::viewer::Viewer;
use crate::messages::SoundTick;

/// Longest wait.
const PATIENCE: Duration = Duration::from_millis(10);
/// To fewer listeners a message more each is not worth a wait.
const CROWD: usize = 64;
/// Runs of packets this close belong to one picture.
const ONE_PICTURE: Duration = Duration::from_millis(5);
/// Longest gap that tells a pace: slower pictures carry nobody.
const SLOWEST: Duration = Duration::from_millis(250);
/// Longest packet that rides.
pub const RIDER: usize = 512;

/// When the next picture is due, by the last ones.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pace {
    came: Option<Instant>,
    every: Duration,
}

impl Pace {
    /// A picture, or a part of one, has come.
    pub fn beat(&mut self, now: Instant) {
        let gap = self.came.map(|came| now.saturating_duration_since(came));
        match gap {
            Some(gap) if gap < ONE_PICTURE => return,
            Some(gap) if gap > SLOWEST => self.every = Duration::ZERO,
            Some(gap) if self.every.is_zero() => self.every = gap,
            Some(gap) => self.every = (self.every * 7 + gap) / 8,
            None => {}
        }
        self.came = Some(now);
    }

    /// Whether the next one is worth waiting for.
    pub fn is_due(&self, now: Instant) -> bool {
        self.came.is_some_and(|came| {
            let next = came + self.every;
            !self.every.is_zero() && next <= now + PATIENCE && now <= next + PATIENCE
        })
    }
}

/// Sound that waits for a picture.
pub struct Held {
    tick: Arc<SoundTick>,
    due: Instant,
}

/// Writes the packet of sound that waits for a viewer; its length, 0 if none does.
pub fn rider(
    held: &[Held],
    viewer: &mut Viewer,
    send_time: [u8; 3],
    out: &mut [u8; RIDER],
) -> usize {
    let sound = viewer.slots.sound;
    let Some(waiting) = held.iter().find(|held| held.tick.slot == sound) else {
        return 0;
    };
    let tick = &waiting.tick;
    let Some(payload) = tick.payload_for(viewer.own) else {
        return 0;
    };
    let (Some(keys), true) = (&viewer.keys, MAX_HEADER + payload.len() + MAX_TAG <= RIDER) else {
        return 0;
    };
    let stream = viewer.streams.iter_mut().find_map(|s| match &mut s.media {
        Media::Sound(sound) => Some((sound, &s.extensions)),
        Media::Picture(_) => None,
    });
    let Some((sound, extensions)) = stream else {
        return 0;
    };
    let data = (tick.timestamp, &payload[..]);
    let written = sound.write(data, (extensions, send_time), &keys.rtp, out);
    written.unwrap_or(0)
}

impl Worker {
    /// 20 ms of sound have come: they leave at once, or with the picture that is about to.
    pub(super) fn sound(&mut self, tick: Arc<SoundTick>, now: Instant) {
        // What waited until now leaves first.
        while let Some(place) = self.held.iter().position(|h| h.tick.slot == tick.slot) {
            let earlier = self.held.swap_remove(place);
            self.speak(&earlier.tick, now);
        }
        let slot = self.slots.entry(tick.slot).or_default();
        slot.heard(tick.timestamp, tick.taken);
        if slot.seats.len() >= CROWD && slot.pace.is_due(now) {
            let due = now + PATIENCE;
            self.held.push(Held { tick, due });
        } else {
            self.speak(&tick, now);
        }
    }

    /// Sound that has waited long enough leaves alone.
    pub(super) fn release_sound(&mut self, now: Instant) {
        while let Some(place) = self.held.iter().position(|h| h.due <= now) {
            let overdue = self.held.swap_remove(place);
            self.speak(&overdue.tick, now);
        }
    }

    /// How long the thread may sleep for waiting sound.
    pub(super) fn sound_wait(&self, now: Instant) -> Option<Duration> {
        let due = self.held.iter().map(|h| h.due).min()?;
        Some(due.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(40);

    fn paced(start: Instant, pictures: u32) -> Pace {
        let mut pace = Pace::default();
        for n in 0..pictures {
            pace.beat(start + FRAME * n);
            // The rest of the same picture.
            pace.beat(start + FRAME * n + Duration::from_millis(2));
        }
        pace
    }

    #[test]
    fn a_picture_is_due_around_its_time_only() {
        let start = Instant::now();
        let pace = paced(start, 10);
        let next = start + FRAME * 10;
        assert!(!pace.is_due(next - Duration::from_millis(20)));
        assert!(pace.is_due(next - Duration::from_millis(9)));
        assert!(pace.is_due(next + Duration::from_millis(9)));
        assert!(!pace.is_due(next + Duration::from_millis(20)));
    }

    #[test]
    fn nothing_is_due_before_there_is_a_pace_or_when_it_is_lost() {
        let start = Instant::now();
        assert!(!Pace::default().is_due(start));
        assert!(!paced(start, 1).is_due(start + FRAME));
        let mut pace = paced(start, 10);
        let later = start + FRAME * 10 + SLOWEST * 2;
        pace.beat(later);
        assert!(!pace.is_due(later + FRAME));
    }
}
