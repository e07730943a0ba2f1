//! A coarse timer wheel: every viewer's turn comes once a second, a twentieth of them at a time.

use std::time::{Duration, Instant};

use podium_media::srtp::MAX_RTCP_OVERHEAD;

use super::Worker;
use super::egress::Route;
use super::fanout::PACE;
use super::slots::SlotState;
use super::stream::{Media, Stream};
use super::viewer::{Answers, Feedback, News};
use crate::command::{EndReason, SessionId};
use crate::messages::IngestControl;

/// Parts of a turn of the wheel.
const SPOKES: usize = 20;
/// Time of one.
const STEP: Duration = Duration::from_millis(50);
/// Longest compound of sender reports: a wall with 64 pictures fits.
const REPORT: usize = 64 * 28 + 64 + MAX_RTCP_OVERHEAD;

/// Where the wheel stands.
pub struct Wheel {
    spoke: usize,
    next: Instant,
    next_replay: Instant,
}

impl Wheel {
    /// Starts to turn.
    pub fn new(now: Instant) -> Self {
        Self {
            spoke: 0,
            next: now + STEP,
            next_replay: now,
        }
    }

    /// How long the thread may sleep.
    pub fn wait(&self, now: Instant, replaying: bool) -> Duration {
        let next = if replaying {
            self.next.min(self.next_replay)
        } else {
            self.next
        };
        next.saturating_duration_since(now)
    }

    /// Whether paced sending is due; moves on if so.
    pub fn replay_due(&mut self, now: Instant) -> bool {
        let due = now >= self.next_replay;
        if due {
            self.next_replay = now + PACE;
        }
        due
    }

    /// The spoke whose turn has come.
    fn turn(&mut self, now: Instant) -> Option<usize> {
        if now < self.next {
            return None;
        }
        // What was missed is made up for by one turn, not by a rush.
        self.next = now.max(self.next + STEP);
        self.spoke = (self.spoke + 1) % SPOKES;
        Some(self.spoke)
    }
}

impl Worker {
    /// Does what time asks for.
    pub(super) fn tick(&mut self, now: Instant) {
        let Some(spoke) = self.wheel.turn(now) else {
            return;
        };
        self.handshakes(now);
        for index in (spoke..self.viewers.len()).step_by(SPOKES) {
            if self.viewers[index].is_some() {
                self.attend(index, now);
            }
        }
    }

    fn handshakes(&mut self, now: Instant) {
        for index in self.handshaking.clone() {
            let Some(viewer) = self.viewers.get_mut(index).and_then(Option::as_mut) else {
                continue;
            };
            let mut answers = Answers::new();
            let news = viewer.handshake(now, &mut answers);
            for (route, answer) in &answers {
                self.egress.datagram(*route, answer);
            }
            self.heed(index, news, &Feedback::default(), now);
        }
        let viewers = &self.viewers;
        self.handshaking
            .retain(|&index| viewers[index].as_ref().is_some_and(|v| v.keys.is_none()));
    }

    /// One viewer's turn, once a second.
    fn attend(&mut self, index: usize, now: Instant) {
        let Some(viewer) = self.viewers[index].as_mut() else {
            return;
        };
        if viewer.keys.is_none() {
            return;
        }
        let session: SessionId = viewer.session;
        if viewer.is_deserted(now) {
            return self.end(session, EndReason::ConsentExpired);
        }
        if let Some(quality) = viewer.quality(now) {
            self.shared.events.put(quality);
        }
        let mut answers = Answers::new();
        let news = viewer.handshake(now, &mut answers);
        for (route, answer) in &answers {
            self.egress.datagram(*route, answer);
        }
        if news != News::None {
            return self.heed(index, news, &Feedback::default(), now);
        }
        self.choose_layers(index, now);
        self.report(index, now);
    }

    fn choose_layers(&mut self, index: usize, now: Instant) {
        let Some(viewer) = self.viewers[index].as_mut() else {
            return;
        };
        for stream in &mut viewer.streams {
            let Media::Picture(picture) = &mut stream.media else {
                continue;
            };
            let Some(id) = picture.out.watching() else {
                continue;
            };
            let Some(slot) = self.slots.get_mut(&id) else {
                continue;
            };
            let layer = picture
                .chooser
                .update(&slot.meter.rates(), slot.layers, now);
            picture.aim(layer);
            if let Some((wanted, layer)) = picture.out.keyframe_wanted()
                && wanted == id
                && !slot.layers.is_empty()
                && slot.ask(layer, now)
            {
                self.ingest.control(IngestControl::Keyframe(id, layer));
            }
        }
    }

    fn report(&mut self, index: usize, now: Instant) {
        let moment = self.shared.clock.at(now);
        let ntp = self.shared.clock.ntp(moment);
        let base = self.timestamp_base;
        let Some(viewer) = self.viewers[index].as_mut() else {
            return;
        };
        let sound = self
            .slots
            .get(&viewer.slots.sound)
            .and_then(|s| SlotState::sound_time(s, moment));
        let times = |stream: &Stream, at: podium_media::time::Reference| match &stream.media {
            Media::Picture(_) => Some(at.rtp(90_000, base)),
            Media::Sound(_) => sound,
        };
        let mut out = [0; REPORT];
        let Some(route): Option<Route> = viewer.route else {
            return;
        };
        if let Some(length) = viewer.reports((moment, ntp), &times, &mut out) {
            self.egress.datagram(route, &out[..length]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spoke_has_its_turn_within_a_second() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        let mut seen = [false; SPOKES];
        for step in 1..=SPOKES as u32 {
            let now = start + STEP * step;
            assert!(wheel.wait(now - STEP, false) <= STEP);
            seen[wheel.turn(now).expect("due")] = true;
            assert_eq!(wheel.turn(now), None);
        }
        assert!(seen.iter().all(|s| *s));
    }

    #[test]
    fn a_stalled_thread_does_not_catch_up_in_a_rush() {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        let late = start + STEP * 100;
        assert!(wheel.turn(late).is_some());
        assert!(wheel.turn(late).is_some());
        assert_eq!(wheel.turn(late), None);
        assert!(wheel.wait(late, false) <= STEP);
    }
}
