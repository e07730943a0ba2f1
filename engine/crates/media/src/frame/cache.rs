//! The last keyframe and what followed it, for those who join.

use std::sync::Arc;

use super::Frame;

/// Keeps the last keyframe group of one layer of a slot, within bounds. When the group outgrows
/// them it is given up until the next keyframe: a joiner then asks for one.
#[derive(Debug, Clone, Default)]
pub struct KeyframeCache {
    frames: Vec<Arc<Frame>>,
    packets: usize,
    bytes: usize,
}

impl KeyframeCache {
    /// Most packets of a group.
    pub const MAX_PACKETS: usize = 600;
    /// Most bytes of a group: about 2.5 s at 2 Mbit/s.
    pub const MAX_BYTES: usize = 640_000;

    /// Adds the layer's next frame. Late frames are ignored.
    pub fn push(&mut self, frame: &Arc<Frame>) {
        if frame.late {
            return;
        }
        let begins = frame.keyframe && frame.starts;
        let continues = self
            .frames
            .last()
            .is_some_and(|last| last.epoch == frame.epoch);
        if begins || !continues {
            self.clear();
        }
        if !begins && self.frames.is_empty() {
            return;
        }
        self.packets += frame.len();
        self.bytes += frame.octets();
        if self.packets > Self::MAX_PACKETS || self.bytes > Self::MAX_BYTES {
            self.clear();
            return;
        }
        self.frames.push(Arc::clone(frame));
    }

    /// Forgets the group, as when the slot is emptied.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.packets = 0;
        self.bytes = 0;
    }

    /// The group in order; begins with a keyframe unless empty.
    #[must_use]
    pub fn frames(&self) -> &[Arc<Frame>] {
        &self.frames
    }

    /// The first frame at or after `sequence`; with `None` the keyframe. A joiner is paced by
    /// calling this again with the number after the last frame it was sent.
    #[must_use]
    pub fn after(&self, sequence: Option<u64>) -> Option<&Arc<Frame>> {
        let Some(sequence) = sequence else {
            return self.frames.first();
        };
        let at = self
            .frames
            .partition_point(|frame| frame.first_sequence() < sequence);
        self.frames.get(at)
    }
}
