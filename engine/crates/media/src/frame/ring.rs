//! What was sent lately, for those who lost some of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Frame;

/// Keeps the frames of the last [`Self::KEPT`] of one layer of a slot, by sequence number.
#[derive(Debug, Clone, Default)]
pub struct ResendRing {
    frames: VecDeque<(Instant, Arc<Frame>)>,
    /// Packets that filled a gap later, ascending.
    late: VecDeque<(Instant, Arc<Frame>)>,
    bytes: usize,
}

impl ResendRing {
    /// How long a frame is kept.
    pub const KEPT: Duration = Duration::from_secs(2);
    /// Most bytes kept: 2 s at 16 Mbit/s.
    pub const MAX_BYTES: usize = 4_000_000;

    /// Adds a frame and forgets old ones.
    pub fn push(&mut self, frame: &Arc<Frame>, now: Instant) {
        let first = frame.first_sequence();
        let list = if frame.late {
            &mut self.late
        } else {
            &mut self.frames
        };
        let at = list.partition_point(|(_, f)| f.first_sequence() < first);
        if list
            .get(at)
            .is_some_and(|(_, f)| f.first_sequence() == first)
        {
            return;
        }
        list.insert(at, (now, Arc::clone(frame)));
        self.bytes += frame.octets();
        self.expire(now);
    }

    /// Forgets frames older than [`Self::KEPT`], and the oldest beyond [`Self::MAX_BYTES`].
    pub fn expire(&mut self, now: Instant) {
        for list in [&mut self.late, &mut self.frames] {
            while let Some((since, frame)) = list.front() {
                let old = now.saturating_duration_since(*since) > Self::KEPT;
                if !old && self.bytes <= Self::MAX_BYTES {
                    break;
                }
                self.bytes -= frame.octets();
                list.pop_front();
            }
        }
    }

    /// The frame and place in it of the packet with this extended sequence number.
    #[must_use]
    pub fn get(&self, sequence: u64) -> Option<(&Arc<Frame>, usize)> {
        [&self.frames, &self.late].into_iter().find_map(|list| {
            let at = list.partition_point(|(_, f)| f.last_sequence() < sequence);
            let (_, frame) = list.get(at)?;
            frame.find(sequence).map(|place| (frame, place))
        })
    }

    /// Bytes of payload held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
