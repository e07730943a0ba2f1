//! One stream of one viewer: what it gets of a slot, under which numbers.
//!
//! A [`ViewerStream`] is the one owner of its SSRC's sequence numbers, and of its retransmission
//! SSRC's: each index leaves it exactly once, strictly ascending, so sealing is safe.

mod budget;
mod layers;
mod resend;
mod stream;

pub use layers::{LayerChooser, RateMeter};
pub use resend::Wanted;
pub use stream::{Quality, StreamConfig, Take, ViewerStream};

use crate::codec::Codec;
use crate::codec::vp8::{Descriptor, MAX_DESCRIPTOR, PictureNumbers};
use crate::frame::Frame;
use crate::rtp::Header;
use crate::srtp::{PacketIndex, Payload};

/// Payload types that a viewer negotiated for a codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadType {
    /// For the codec itself.
    pub media: u8,
    /// For its retransmissions (RFC 4588), if negotiated.
    pub rtx: Option<u8>,
}

/// What a viewer can decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PayloadTypes([Option<PayloadType>; Codec::ALL.len()]);

impl PayloadTypes {
    /// With `codec` added; the first offer of a codec counts.
    #[must_use]
    pub fn with(mut self, codec: Codec, payload_type: PayloadType) -> Self {
        self.0[codec.index()].get_or_insert(payload_type);
        self
    }

    /// The payload types of `codec`.
    #[must_use]
    pub fn get(&self, codec: Codec) -> Option<PayloadType> {
        self.0[codec.index()]
    }
}

/// How one frame is to be sent to one viewer: a few numbers, from which the packets follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub(crate) ssrc: u32,
    pub(crate) payload_type: u8,
    pub(crate) timestamp: u32,
    /// Added to the slot's sequence number, wrapping.
    pub(crate) offset: u64,
    /// Added to VP8 picture numbers.
    pub(crate) numbers: PictureNumbers,
}

impl Run {
    /// The packet at `place` of `frame`, for which this run was made. Allocates nothing.
    #[must_use]
    pub fn packet<'f>(&self, frame: &'f Frame, place: usize) -> Option<OutPacket<'f>> {
        let packet = frame.packet(place)?;
        let sequence = packet.sequence.wrapping_add(self.offset);
        let mut out = OutPacket {
            header: Header {
                marker: packet.marker,
                payload_type: self.payload_type,
                sequence: sequence as u16,
                timestamp: self.timestamp,
                ssrc: self.ssrc,
            },
            index: PacketIndex {
                ssrc: self.ssrc,
                sequence,
            },
            head: Head::default(),
            body: packet.payload,
        };
        if frame.codec == Codec::Vp8 && self.numbers != PictureNumbers::default() {
            out.renumber(self.numbers);
        }
        Some(out)
    }

    /// All packets of `frame`, for which this run was made.
    pub fn packets<'f>(&self, frame: &'f Frame) -> impl Iterator<Item = OutPacket<'f>> + use<'f> {
        let run = *self;
        (0..frame.len()).filter_map(move |place| run.packet(frame, place))
    }
}

/// The few payload bytes that are a viewer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Head {
    bytes: [u8; 2 + MAX_DESCRIPTOR],
    len: u8,
}

/// One packet to be written and sealed: see [`crate::egress::write_packet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutPacket<'f> {
    /// The header's fields.
    pub header: Header,
    /// The packet's index for the cipher.
    pub index: PacketIndex,
    head: Head,
    body: &'f [u8],
}

impl OutPacket<'_> {
    /// The payload's parts, followed by `padding` bytes of RTP padding.
    #[must_use]
    pub fn payload(&self, padding: u8) -> Payload<'_> {
        Payload {
            head: &self.head.bytes[..usize::from(self.head.len)],
            body: self.body,
            padding,
        }
    }

    /// Replaces the VP8 descriptor by one with moved numbers.
    fn renumber(&mut self, by: PictureNumbers) {
        let Some(descriptor) = Descriptor::parse(self.body) else {
            return;
        };
        let Some(numbers) = descriptor.numbers() else {
            return;
        };
        let mut written = [0; MAX_DESCRIPTOR];
        let len = descriptor.write(numbers.plus(by), &mut written);
        self.head.bytes[..len].copy_from_slice(&written[..len]);
        self.head.len = len as u8;
        self.body = &self.body[descriptor.len..];
    }

    /// Makes this a retransmission: the original sequence number goes before the payload
    /// (RFC 4588 section 4).
    fn retransmit(&mut self, ssrc: u32, payload_type: u8, sequence: u64) {
        let len = usize::from(self.head.len);
        self.head.bytes.copy_within(..len, 2);
        self.head.bytes[..2].copy_from_slice(&self.header.sequence.to_be_bytes());
        self.head.len += 2;
        self.header.ssrc = ssrc;
        self.header.payload_type = payload_type;
        self.header.sequence = sequence as u16;
        self.index = PacketIndex { ssrc, sequence };
    }
}
