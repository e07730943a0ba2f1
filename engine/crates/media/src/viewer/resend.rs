//! Which packets are to be retransmitted, and where they lie.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Run;
use crate::frame::SlotId;

/// A packet that a viewer lost: look it up in the resend ring of its slot and layer, then call
/// [`super::ViewerStream::resend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whose ring.
    pub slot: SlotId,
    /// Whose ring.
    pub layer: u8,
    /// Extended sequence number on that slot's layer.
    pub sequence: u64,
    pub(super) run: Run,
    pub(super) rtx: u8,
    /// Frames up to this timestamp had theirs altered; they cannot be retransmitted.
    pub(super) altered_until: Option<u32>,
}

/// A stretch of a viewer's stream under one mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// First sequence number on the viewer's stream.
    pub first: u64,
    pub slot: SlotId,
    pub layer: u8,
    /// The mapping; the timestamp in it does not count.
    pub run: Run,
    pub rtx: Option<u8>,
    pub altered_until: Option<u32>,
}

/// The last stretches, and what was asked for.
#[derive(Debug, Default)]
pub(super) struct Resends {
    /// Oldest first.
    stretches: VecDeque<Stretch>,
    queue: VecDeque<Wanted>,
    /// (viewer's sequence number, when) by the number's low bits; made at the first loss.
    asked: Vec<Option<(u64, Instant)>>,
}

impl Resends {
    const STRETCHES: usize = 6;
    const QUEUE: usize = 128;
    const ASKED: usize = 128;

    /// A new mapping begins.
    pub(super) fn begin(&mut self, stretch: Stretch) {
        if self.stretches.len() == Self::STRETCHES {
            self.stretches.pop_front();
        }
        self.stretches.push_back(stretch);
    }

    pub(super) fn current(&mut self) -> Option<&mut Stretch> {
        self.stretches.back_mut()
    }

    /// The viewer lost `sequence`. Asked again within `round_trip`, it is ignored: the first
    /// retransmission is still under way.
    pub(super) fn ask(&mut self, sequence: u64, now: Instant, round_trip: Duration) {
        if self.queue.len() >= Self::QUEUE {
            return;
        }
        let Some(stretch) = self.stretches.iter().rev().find(|s| s.first <= sequence) else {
            return;
        };
        let Some(rtx) = stretch.rtx else { return };
        if self.asked.is_empty() {
            self.asked.resize(Self::ASKED, None);
        }
        let place = &mut self.asked[sequence as usize % Self::ASKED];
        if let Some((asked, when)) = *place
            && asked == sequence
            && now.saturating_duration_since(when) < round_trip
        {
            return;
        }
        *place = Some((sequence, now));
        self.queue.push_back(Wanted {
            slot: stretch.slot,
            layer: stretch.layer,
            sequence: sequence.wrapping_sub(stretch.run.offset),
            run: stretch.run,
            rtx,
            altered_until: stretch.altered_until,
        });
    }

    pub(super) fn next(&mut self) -> Option<Wanted> {
        self.queue.pop_front()
    }
}
