//! Runs of plaintext packets that are shared by every viewer, and what is kept of them.

mod assembler;
mod cache;
mod ring;

use std::sync::Arc;

pub use assembler::{Assembler, StampedPacket};
pub use cache::KeyframeCache;
pub use ring::ResendRing;

use crate::codec::Codec;
use crate::codec::vp8::PictureNumbers;
use crate::time::Reference;

/// A slot: one m-line's worth of output, the same for all who look at it. Chosen by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId(pub u64);

/// A publisher's stream, chosen by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// A set of simulcast layers; layer 0 is the smallest picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Layers(u8);

impl Layers {
    /// Most layers that a slot has.
    pub const MAX: usize = 3;
    /// No layer.
    pub const NONE: Self = Self(0);
    /// Layer 0 alone.
    pub const ONE: Self = Self(1);

    /// The layers below `count`.
    #[must_use]
    pub fn first(count: usize) -> Self {
        Self((1u8 << count.min(Self::MAX)) - 1)
    }

    /// With `layer` added; layers beyond the most are ignored.
    #[must_use]
    pub fn with(self, layer: u8) -> Self {
        match usize::from(layer) < Self::MAX {
            true => Self(self.0 | 1 << layer),
            false => self,
        }
    }

    /// With `layer` taken out.
    #[must_use]
    pub fn without(self, layer: u8) -> Self {
        Self(self.0 & !Self::NONE.with(layer).0)
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `layer` is in it.
    #[must_use]
    pub fn contains(self, layer: u8) -> bool {
        usize::from(layer) < Self::MAX && self.0 & (1 << layer) != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The largest layer that is at most `wanted`, else the smallest there is.
    #[must_use]
    pub fn best(self, wanted: u8) -> Option<u8> {
        let most = Self::MAX as u8;
        (0..most)
            .rev()
            .find(|l| *l <= wanted && self.contains(*l))
            .or_else(|| (0..most).find(|l| self.contains(*l)))
    }

    /// Layers from small to large.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..Self::MAX as u8).filter(move |l| self.contains(*l))
    }
}

/// A run of packets of one picture: a whole picture, or a part of a large or slow one. Immutable,
/// shared as `Arc<Frame>`. Sequence numbers ascend; gaps are packets that never came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whose output this is.
    pub slot: SlotId,
    /// Simulcast layer of the slot.
    pub layer: u8,
    /// Layers that the slot has at this time.
    pub layers: Layers,
    /// Counts the slot's switches of source; frames of one source have the same.
    pub epoch: u32,
    /// Where the picture comes from.
    pub source: SourceId,
    /// May change with the source.
    pub codec: Codec,
    /// Part of a picture that can be decoded by itself.
    pub keyframe: bool,
    /// The run begins with the picture's first packet.
    pub starts: bool,
    /// Packets that came too late for their frame: for the resend ring alone.
    pub late: bool,
    /// Time on the slot's RTP clock.
    pub timestamp: u32,
    /// When the picture was taken.
    pub taken: Reference,
    /// Picture numbers of a VP8 frame whose sender numbers its pictures.
    pub numbers: Option<PictureNumbers>,
    spans: Box<[Span]>,
    data: Box<[u8]>,
}

/// Where one packet lies in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    sequence: u64,
    start: u32,
    len: u16,
    marker: bool,
}

/// One packet of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePacket<'a> {
    /// Extended sequence number on the slot's layer.
    pub sequence: u64,
    /// Ends the picture.
    pub marker: bool,
    /// Plaintext without padding.
    pub payload: &'a [u8],
}

impl Frame {
    /// A frame of one packet that stands by itself, such as a packet of the sound.
    #[must_use]
    pub fn single(
        slot: SlotId,
        codec: Codec,
        sequence: u64,
        timestamp: u32,
        taken: Reference,
        marker: bool,
        payload: &[u8],
    ) -> Arc<Self> {
        let mut assembler = Assembler::new(slot, 0);
        let packet = StampedPacket {
            source: SourceId(0),
            layers: Layers::ONE,
            epoch: 0,
            codec,
            keyframe: true,
            starts: true,
            sequence,
            timestamp,
            taken,
            marker,
            payload,
        };
        assembler.single(&packet)
    }

    /// Number of packets, at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Never true of a frame from an [`Assembler`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The packet at `index`.
    #[must_use]
    pub fn packet(&self, index: usize) -> Option<FramePacket<'_>> {
        let span = self.spans.get(index)?;
        let start = span.start as usize;
        Some(FramePacket {
            sequence: span.sequence,
            marker: span.marker,
            payload: self.data.get(start..start + usize::from(span.len))?,
        })
    }

    /// All packets in order.
    pub fn packets(&self) -> impl Iterator<Item = FramePacket<'_>> {
        (0..self.len()).filter_map(|index| self.packet(index))
    }

    /// Sequence number of the first packet.
    #[must_use]
    pub fn first_sequence(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.sequence)
    }

    /// Sequence number of the last packet.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.spans.last().map_or(0, |span| span.sequence)
    }

    /// Place of the packet with this sequence number.
    #[must_use]
    pub fn find(&self, sequence: u64) -> Option<usize> {
        self.spans
            .binary_search_by_key(&sequence, |span| span.sequence)
            .ok()
    }

    /// Whether the run holds the picture's last packet.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.spans.last().is_some_and(|span| span.marker)
    }

    /// Bytes of payload.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.data.len()
    }

    /// Length of the longest payload, to which a GSO run is padded.
    #[must_use]
    pub fn longest(&self) -> usize {
        let longest = self.spans.iter().map(|span| span.len).max();
        usize::from(longest.unwrap_or(0))
    }
}
