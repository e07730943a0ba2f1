//! One layer of a slot: gives packets the slot's own numbers and times.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::SlotConfig;
use super::numbering::Numbering;
use super::reorder::{Ordered, Reorder};
use crate::codec::{self, Codec, Look};
use crate::frame::{Assembler, Frame, Layers, SourceId, StampedPacket};
use crate::rtp::timestamp_after;

/// What all packets of the moment have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub source: SourceId,
    pub layers: Layers,
    pub epoch: u32,
}

/// A picture that was begun.
#[derive(Debug, Clone, Copy)]
struct Picture {
    /// The source's timestamp.
    from: u32,
    /// The slot's timestamp.
    to: u32,
    keyframe: bool,
}

/// The output stream of one layer.
#[derive(Debug)]
pub(super) struct Output {
    timestamp_base: u32,
    assembler: Assembler,
    /// The epoch whose keyframe has come.
    epoch: Option<u32>,
    /// Added to the source's sequence number, wrapping.
    offset: u64,
    /// The first sequence number of this epoch.
    first: u64,
    /// The next sequence number.
    next: u64,
    /// Pictures of this epoch, the newest last.
    pictures: VecDeque<Picture>,
    last_timestamp: Option<u32>,
    numbering: Numbering,
    scratch: Vec<u8>,
}

impl Output {
    const PICTURES: usize = 64;

    pub(super) fn new(config: &SlotConfig, layer: u8) -> Self {
        Self {
            timestamp_base: config.timestamp_base,
            assembler: Assembler::new(config.id, layer),
            epoch: None,
            offset: 0,
            first: 0,
            next: 0,
            pictures: VecDeque::new(),
            last_timestamp: None,
            numbering: Numbering::default(),
            scratch: Vec::new(),
        }
    }

    /// Whether the keyframe of `epoch` has come on this layer.
    pub(super) fn began(&self, epoch: u32) -> bool {
        self.epoch == Some(epoch)
    }

    /// Takes a packet in its turn; true if a keyframe begins with it.
    pub(super) fn push(
        &mut self,
        packet: &Ordered<'_>,
        context: &Context,
        now: Instant,
        out: &mut Vec<Arc<Frame>>,
    ) -> bool {
        let look = codec::look(packet.codec, packet.payload);
        if !self.began(context.epoch) {
            if !look.keyframe || packet.late {
                return false;
            }
            self.begin(packet, context.epoch);
        }
        if packet.late {
            self.late(packet, look, context, out);
            return false;
        }
        let known = self.pictures.back().copied();
        let (picture, starts) = match known {
            Some(picture) if picture.from == packet.timestamp => (picture, false),
            _ => (self.new_picture(packet), look.starts),
        };
        // Parameter sets may come in a packet of their own before what they are for.
        let keyframe = picture.keyframe || look.keyframe;
        if let Some(newest) = self.pictures.back_mut() {
            newest.keyframe = keyframe;
        }
        let sequence = self.number(packet.sequence);
        let stamped = StampedPacket {
            source: context.source,
            layers: context.layers,
            epoch: context.epoch,
            codec: packet.codec,
            keyframe,
            starts,
            sequence,
            timestamp: picture.to,
            taken: packet.taken,
            marker: packet.marker,
            payload: packet.payload,
        };
        let payload = renumbered(&mut self.numbering, &mut self.scratch, packet);
        self.assembler
            .push(&StampedPacket { payload, ..stamped }, now, out);
        look.keyframe
    }

    /// Finishes a frame whose patience is over.
    pub(super) fn poll(&mut self, now: Instant, out: &mut Vec<Arc<Frame>>) {
        self.assembler.poll(now, out);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.assembler.deadline()
    }

    /// Nothing more of this source is to leave.
    pub(super) fn end(&mut self, out: &mut Vec<Arc<Frame>>) {
        self.assembler.flush(out);
        self.epoch = None;
        self.pictures.clear();
    }

    fn begin(&mut self, packet: &Ordered<'_>, epoch: u32) {
        self.epoch = Some(epoch);
        self.first = self.next;
        self.offset = self.next.wrapping_sub(packet.sequence);
        self.pictures.clear();
        self.numbering.begin();
    }

    /// The slot's sequence number of a packet in its turn.
    fn number(&mut self, sequence: u64) -> u64 {
        let mut number = sequence.wrapping_add(self.offset);
        if number.wrapping_sub(self.next) > Reorder::MAX_STEP {
            // The source counts anew: one missing number tells the viewers that there is a break.
            number = self.next + 1;
            self.offset = number.wrapping_sub(sequence);
        }
        self.next = number + 1;
        number
    }

    fn new_picture(&mut self, packet: &Ordered<'_>) -> Picture {
        let stamp = self.stamp(packet);
        let to = match (self.last_timestamp, self.pictures.back()) {
            // A source may number pictures backwards (B-frames); it must be let.
            (Some(_), Some(previous)) if !timestamp_after(packet.timestamp, previous.from) => stamp,
            (Some(last), _) if !timestamp_after(stamp, last) => last.wrapping_add(1),
            _ => stamp,
        };
        self.last_timestamp = match self.last_timestamp {
            Some(last) if !timestamp_after(to, last) => Some(last),
            _ => Some(to),
        };
        if self.pictures.len() == Self::PICTURES {
            self.pictures.pop_front();
        }
        let picture = Picture {
            from: packet.timestamp,
            to,
            keyframe: false,
        };
        self.pictures.push_back(picture);
        picture
    }

    fn stamp(&self, packet: &Ordered<'_>) -> u32 {
        let rate = packet.codec.clock_rate();
        packet.taken.rtp(rate, self.timestamp_base)
    }

    /// A packet that fills a gap which the stream has passed already.
    fn late(
        &mut self,
        packet: &Ordered<'_>,
        look: Look,
        context: &Context,
        out: &mut Vec<Arc<Frame>>,
    ) {
        let sequence = packet.sequence.wrapping_add(self.offset);
        if !(self.first..self.next).contains(&sequence) {
            // From before the keyframe that this epoch began with.
            return;
        }
        let known = self
            .pictures
            .iter()
            .rev()
            .find(|picture| picture.from == packet.timestamp)
            .copied();
        let picture = known.unwrap_or(Picture {
            from: packet.timestamp,
            to: self.stamp(packet),
            keyframe: false,
        });
        let stamped = StampedPacket {
            source: context.source,
            layers: context.layers,
            epoch: context.epoch,
            codec: packet.codec,
            keyframe: picture.keyframe || look.keyframe,
            starts: look.starts,
            sequence,
            timestamp: picture.to,
            taken: packet.taken,
            marker: packet.marker,
            payload: packet.payload,
        };
        let payload = renumbered(&mut self.numbering, &mut self.scratch, packet);
        let frame = self.assembler.late(&StampedPacket { payload, ..stamped });
        out.push(frame);
    }
}

/// The payload with the slot's picture numbers where it has any.
fn renumbered<'a>(
    numbering: &mut Numbering,
    scratch: &'a mut Vec<u8>,
    packet: &Ordered<'a>,
) -> &'a [u8] {
    if packet.codec == Codec::Vp8 && numbering.rewrite(packet.payload, scratch) {
        scratch
    } else {
        packet.payload
    }
}
