//! Collects stamped packets into frames.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Frame, Layers, SlotId, SourceId, Span};
use crate::codec::{Codec, vp8};
use crate::time::Reference;

/// A packet with the slot's numbers and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampedPacket<'a> {
    /// Where it comes from.
    pub source: SourceId,
    /// Layers that the slot has at this time.
    pub layers: Layers,
    /// Counts the slot's switches of source.
    pub epoch: u32,
    /// Of the payload.
    pub codec: Codec,
    /// Belongs to a picture that can be decoded by itself.
    pub keyframe: bool,
    /// First packet of its picture.
    pub starts: bool,
    /// Extended; ascending from packet to packet.
    pub sequence: u64,
    /// On the slot's RTP clock.
    pub timestamp: u32,
    /// When the picture was taken.
    pub taken: Reference,
    /// Last packet of its picture.
    pub marker: bool,
    /// At most 65,535 bytes.
    pub payload: &'a [u8],
}

/// Builds the frames of one layer of one slot. A frame is finished by the marker bit, by a packet
/// of another picture, by its size, or by [`Self::PATIENCE`].
#[derive(Debug)]
pub struct Assembler {
    slot: SlotId,
    layer: u8,
    /// Since when, and what the packets so far have in common.
    open: Option<(Instant, Common)>,
    /// Reused from frame to frame.
    data: Vec<u8>,
    spans: Vec<Span>,
}

/// What the packets of the frame being built have in common.
#[derive(Debug, Clone, Copy)]
struct Common {
    source: SourceId,
    layers: Layers,
    epoch: u32,
    codec: Codec,
    keyframe: bool,
    starts: bool,
    timestamp: u32,
    taken: Reference,
}

impl Common {
    fn of(packet: &StampedPacket<'_>) -> Self {
        Self {
            source: packet.source,
            layers: packet.layers,
            epoch: packet.epoch,
            codec: packet.codec,
            keyframe: packet.keyframe,
            starts: packet.starts,
            timestamp: packet.timestamp,
            taken: packet.taken,
        }
    }
}

impl Assembler {
    /// How long a frame waits for its marker.
    pub const PATIENCE: Duration = Duration::from_millis(3);
    /// Most packets of a frame: one GSO run of a large keyframe.
    pub const MAX_PACKETS: usize = 16;
    /// Most bytes of a frame.
    pub const MAX_BYTES: usize = 48_000;

    /// For one layer of a slot.
    #[must_use]
    pub fn new(slot: SlotId, layer: u8) -> Self {
        Self {
            slot,
            layer,
            open: None,
            data: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Adds a packet; finished frames, at most two, go to `out`.
    pub fn push(&mut self, packet: &StampedPacket<'_>, now: Instant, out: &mut Vec<Arc<Frame>>) {
        let other = self
            .open
            .is_some_and(|(_, o)| o.timestamp != packet.timestamp || o.epoch != packet.epoch);
        let full = self.spans.len() >= Self::MAX_PACKETS
            || self.data.len() + packet.payload.len() > Self::MAX_BYTES;
        if other || full {
            self.flush(out);
        }
        let (_, open) = self.open.get_or_insert_with(|| (now, Common::of(packet)));
        // A keyframe may be recognised by its second packet (H.264 delimiter, then parameters).
        open.keyframe |= packet.keyframe;
        self.append(packet);
        if packet.marker {
            self.flush(out);
        }
    }

    /// Finishes a frame whose patience is over.
    pub fn poll(&mut self, now: Instant, out: &mut Vec<Arc<Frame>>) {
        if self.deadline().is_some_and(|at| at <= now) {
            self.flush(out);
        }
    }

    /// When [`Self::poll`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.open.map(|(since, _)| since + Self::PATIENCE)
    }

    /// Finishes the frame being built, if any.
    pub fn flush(&mut self, out: &mut Vec<Arc<Frame>>) {
        if let Some((_, open)) = self.open.take() {
            out.push(self.take(open, false));
        }
    }

    /// A frame of this packet alone, beside the one being built, marked late.
    #[must_use]
    pub fn late(&self, packet: &StampedPacket<'_>) -> Arc<Frame> {
        let mut alone = Self::new(self.slot, self.layer);
        alone.append(packet);
        alone.take(Common::of(packet), true)
    }

    pub(super) fn single(&mut self, packet: &StampedPacket<'_>) -> Arc<Frame> {
        self.append(packet);
        self.take(Common::of(packet), false)
    }

    fn append(&mut self, packet: &StampedPacket<'_>) {
        let len = u16::try_from(packet.payload.len()).unwrap_or(u16::MAX);
        self.spans.push(Span {
            sequence: packet.sequence,
            start: self.data.len() as u32,
            len,
            marker: packet.marker,
        });
        self.data
            .extend_from_slice(&packet.payload[..usize::from(len)]);
    }

    fn take(&mut self, open: Common, late: bool) -> Arc<Frame> {
        let numbers = match open.codec {
            Codec::Vp8 => vp8::Descriptor::parse(&self.data).and_then(|d| d.numbers()),
            _ => None,
        };
        let frame = Frame {
            slot: self.slot,
            layer: self.layer,
            layers: open.layers,
            epoch: open.epoch,
            source: open.source,
            codec: open.codec,
            keyframe: open.keyframe,
            starts: open.starts,
            late,
            timestamp: open.timestamp,
            taken: open.taken,
            numbers,
            spans: self.spans.as_slice().into(),
            data: self.data.as_slice().into(),
        };
        self.spans.clear();
        self.data.clear();
        Arc::new(frame)
    }
}
