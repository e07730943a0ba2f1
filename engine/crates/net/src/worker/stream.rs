//! One m-line of a viewer.

use std::time::Instant;

use podium_media::codec::Codec;
use podium_media::egress::HeaderExtensions;
use podium_media::frame::{Layers, SlotId};
use podium_media::rtcp::{ReportBlock, SenderReport};
use podium_media::rtp::Header;
use podium_media::srtp::{PacketIndex, Payload, SealRtp};
use podium_media::time::Ntp;
use podium_media::viewer::{
    LayerChooser, PayloadType, PayloadTypes, Quality, StreamConfig, ViewerStream,
};

use crate::command::{Kind, Size, SlotName, StreamSpec};

/// Highest layer of a slot.
pub const TOP_LAYER: u8 = Layers::MAX as u8 - 1;

/// What both kinds have.
pub struct Stream {
    /// What it carries.
    pub name: SlotName,
    /// Its header extensions.
    pub extensions: HeaderExtensions,
    /// Picture or sound.
    pub media: Media,
}

/// Picture or sound.
pub enum Media {
    /// Forwarded.
    Picture(Box<Picture>),
    /// Mixed.
    Sound(Sound),
}

/// A picture stream.
pub struct Picture {
    /// Numbers and retransmissions.
    pub out: ViewerStream,
    /// Which layer the link bears.
    pub chooser: LayerChooser,
    /// The largest layer that is asked for.
    pub cap: u8,
    /// What the caller was told that cannot be decoded.
    pub told: Option<Codec>,
    /// The cached keyframe group is being sent; frames from the network wait in the cache.
    pub replaying: bool,
}

/// The sound stream.
pub struct Sound {
    ssrc: u32,
    payload_type: Option<u8>,
    next: u64,
    packets: u32,
    octets: u32,
    /// RTP time of the newest packet.
    newest: Option<u32>,
    /// As the viewer reports.
    pub quality: Quality,
}

fn payload_types(spec: &StreamSpec) -> PayloadTypes {
    let mut types = PayloadTypes::default();
    for codec in &spec.codecs {
        // H.264 in packetization mode 0 cannot carry what publishers send (RFC 6184 section 5.4).
        let single_nal = codec.name.eq_ignore_ascii_case("H264")
            && !codec.fmtp.replace(' ', "").contains("packetization-mode=1");
        if let Some(known) = Codec::from_name(&codec.name)
            && !single_nal
        {
            let pair = PayloadType {
                media: codec.payload_type,
                rtx: codec.rtx,
            };
            types = types.with(known, pair);
        }
    }
    types
}

impl Stream {
    /// As negotiated; `first` are random sequence numbers.
    pub fn new(spec: &StreamSpec, first: [u16; 2]) -> Self {
        let mut extensions = HeaderExtensions::default();
        extensions.abs_send_time = spec.abs_send_time_extension;
        if let Some(id) = spec.mid_extension {
            extensions = extensions.with_mid(id, &spec.mid);
        }
        let types = payload_types(spec);
        let media = match spec.kind {
            Kind::Audio => Media::Sound(Sound {
                ssrc: spec.ssrc,
                payload_type: types.get(Codec::Opus).map(|pt| pt.media),
                next: u64::from(first[0] & 0x7fff),
                packets: 0,
                octets: 0,
                newest: None,
                quality: Quality::default(),
            }),
            Kind::Video => Media::Picture(Box::new(Picture {
                out: ViewerStream::new(StreamConfig {
                    ssrc: spec.ssrc,
                    rtx_ssrc: spec.rtx_ssrc,
                    payload_types: types,
                    first_sequence: first[0],
                    first_rtx_sequence: first[1],
                    max_layer: TOP_LAYER,
                }),
                chooser: LayerChooser::new(TOP_LAYER),
                cap: TOP_LAYER,
                told: None,
                replaying: false,
            })),
        };
        Self {
            name: spec.slot,
            extensions,
            media,
        }
    }

    /// SSRC of the media.
    pub fn ssrc(&self) -> u32 {
        match &self.media {
            Media::Picture(picture) => picture.out.config().ssrc,
            Media::Sound(sound) => sound.ssrc,
        }
    }

    /// How it is received.
    pub fn quality(&self) -> Quality {
        match &self.media {
            Media::Picture(picture) => picture.out.quality(),
            Media::Sound(sound) => sound.quality,
        }
    }

    /// The viewer's report on it.
    pub fn report(&mut self, block: &ReportBlock, ntp: Ntp, now: Instant) {
        match &mut self.media {
            Media::Picture(picture) => {
                picture.out.on_report(block, ntp);
                picture.chooser.on_loss(block.fraction_lost, now);
            }
            Media::Sound(sound) => sound.report(block, ntp),
        }
    }
}

impl Picture {
    /// Caps the layer.
    pub fn set_size(&mut self, size: Size) {
        self.cap = match size {
            Size::Low => 0,
            Size::Mid => 1,
            Size::High => TOP_LAYER,
        };
        self.aim(self.chooser.layer());
    }

    /// Aims at a layer within the cap.
    pub fn aim(&mut self, layer: u8) {
        self.out.set_target(layer.min(self.cap));
    }

    /// Looks at another slot.
    pub fn watch(&mut self, slot: Option<SlotId>) {
        self.replaying = false;
        self.out.watch(slot);
    }
}

impl Sound {
    /// Writes one packet; None if it was written already, the viewer has no Opus, or it cannot be
    /// sealed.
    pub fn write(
        &mut self,
        (timestamp, payload): (u32, &[u8]),
        (extensions, send_time): (&HeaderExtensions, [u8; 3]),
        seal: &SealRtp,
        out: &mut [u8],
    ) -> Option<usize> {
        if self.newest == Some(timestamp) {
            return None;
        }
        let header = Header {
            marker: self.packets == 0,
            payload_type: self.payload_type?,
            sequence: self.next as u16,
            timestamp,
            ssrc: self.ssrc,
        };
        let index = PacketIndex {
            ssrc: self.ssrc,
            sequence: self.next,
        };
        let header_len = extensions.write(&header, send_time, false, out).ok()?;
        let length = seal
            .seal(index, header_len, Payload::plain(payload), out)
            .ok()?;
        self.newest = Some(timestamp);
        self.next += 1;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        Some(length)
    }

    /// Sender report, once something was sent.
    pub fn sender_report(&self, ntp: Ntp, timestamp: u32) -> Option<SenderReport> {
        (self.packets > 0).then_some(SenderReport {
            ssrc: self.ssrc,
            ntp,
            rtp: timestamp,
            packets: self.packets,
            octets: self.octets,
        })
    }

    fn report(&mut self, block: &ReportBlock, now: Ntp) {
        self.quality.fraction_lost = block.fraction_lost;
        self.quality.jitter = block.jitter;
        if let Some(micros) = block.round_trip(now) {
            self.quality.round_trip = Some(std::time::Duration::from_micros(micros.into()));
        }
    }
}
