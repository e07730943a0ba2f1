//! Nothing that a stranger sends makes the engine panic.

mod common;

use std::time::{Duration, Instant};

use podium_media::clock::SenderClock;
use podium_media::codec::vp8::Descriptor;
use podium_media::codec::{Codec, look};
use podium_media::frame::{KeyframeCache, Layers, ResendRing, SlotId, SourceId};
use podium_media::rtcp::{Packet as Rtcp, Reader, ReportBlock};
use podium_media::rtp::Packet;
use podium_media::slot::{Slot, SlotConfig, SourcePacket};
use podium_media::srtp::{Contexts, DtlsRole, Profile};
use podium_media::stun::{Message, classify};
use podium_media::time::{Ntp, Reference};
use podium_media::viewer::{
    LayerChooser, PayloadType, PayloadTypes, StreamConfig, Take, ViewerStream,
};
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

/// Bytes that begin like the real thing get further into a parser.
fn beginning(with: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    bytes().prop_map(move |rest| [with, &rest[..]].concat())
}

fn stun() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop::sample::select(vec![
        6u16, 8, 9, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802a, 1,
    ]);
    let attribute = (kinds, prop::collection::vec(any::<u8>(), 0..30), 0..40u16);
    prop::collection::vec(attribute, 0..8).prop_map(|attributes| {
        let mut data = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        data.resize(20, 7);
        for (kind, value, len) in attributes {
            data.extend(kind.to_be_bytes());
            data.extend(len.to_be_bytes());
            data.extend(value);
        }
        data.resize(data.len().next_multiple_of(4), 0);
        let len = (data.len() - 20) as u16;
        data[2..4].copy_from_slice(&len.to_be_bytes());
        data
    })
}

fn rtcp() -> impl Strategy<Value = Vec<u8>> {
    let packet = (
        any::<u8>(),
        198..210u8,
        0..12u16,
        prop::collection::vec(any::<u8>(), 0..60),
    );
    prop::collection::vec(packet, 0..5).prop_map(|packets| {
        let mut data = Vec::new();
        for (first, kind, words, body) in packets {
            data.extend([0x80 | (first & 0x3f), kind]);
            data.extend(words.to_be_bytes());
            data.extend(body);
        }
        data
    })
}

fn read_rtcp(data: &[u8]) {
    for packet in Reader::new(data).flatten() {
        match packet {
            Rtcp::SenderReport { blocks, .. } | Rtcp::ReceiverReport { blocks, .. } => {
                assert!(blocks.iter().count() <= 31);
                for block in blocks.iter() {
                    let _ = block.round_trip(Ntp(0));
                }
            }
            Rtcp::Nack { lost, .. } => assert!(lost.iter().count() <= data.len() * 17),
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn rtp(data in prop_oneof![bytes(), beginning(&[0x90]), beginning(&[0xb3, 0x60])]) {
        if let Ok(packet) = Packet::parse(&data) {
            packet.extensions.iter().for_each(drop);
        }
    }

    #[test]
    fn rtcp_compounds(data in prop_oneof![bytes(), rtcp()]) {
        read_rtcp(&data);
    }

    #[test]
    fn stun_messages(data in prop_oneof![bytes(), stun()]) {
        let _ = classify(&data);
        if let Ok(message) = Message::parse(&data) {
            let _ = (message.verify(b"password"), message.ufrags());
        }
    }

    #[test]
    fn payloads(data in bytes()) {
        for codec in Codec::ALL {
            let _ = look(codec, &data);
        }
        if let Some(descriptor) = Descriptor::parse(&data) {
            prop_assert!(descriptor.len <= data.len());
        }
    }

    #[test]
    fn sealed_packets(data in prop_oneof![bytes(), beginning(&[0x90, 0x60]), beginning(&[0x80, 200])], room in 0..400usize) {
        for profile in Profile::ALL {
            let exported = vec![1; profile.keying_material_len()];
            let mut keys = Contexts::from_dtls(profile, &exported, DtlsRole::Server).expect("keys");
            let mut out = vec![0; room];
            prop_assert!(keys.open_rtp.open(&data, &mut out).is_err());
            prop_assert!(keys.open_rtcp.open(&data, &mut out).is_err());
        }
    }

    #[test]
    fn clocks(reports in prop::collection::vec((any::<u32>(), any::<u64>(), any::<u32>(), 0..10_000_000i64), 1..50)) {
        let mut clock = SenderClock::new();
        for (ssrc, ntp, rtp, at) in reports {
            clock.on_sender_report(ssrc % 3, 90_000, Ntp(ntp), rtp, Reference(at));
            clock.taken(ssrc % 3, 90_000, rtp ^ ssrc, Reference(at));
        }
    }
}

/// What a hostile publisher may do to a slot.
#[derive(Debug, Clone)]
struct Move {
    source: u64,
    layer: u8,
    sequence: u64,
    timestamp: u32,
    taken: i64,
    marker: bool,
    codec: usize,
    millis: u64,
    switch: bool,
    payload: Vec<u8>,
    nacks: Vec<u16>,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let sequence = prop_oneof![0..50u64, 0..10_000u64, (1u64 << 47)..(1u64 << 48)];
    let payload = prop_oneof![
        Just(vec![0x10, 0, 0]),
        Just(vec![0x90, 0xe0, 0x81, 5, 3, 0, 0]),
        bytes()
    ];
    let first = (
        0..3u64,
        0..5u8,
        sequence,
        any::<u32>(),
        -1_000_000..1_000_000i64,
    );
    let second = (
        any::<bool>(),
        0..5usize,
        0..50u64,
        prop::bool::weighted(0.1),
    );
    let third = (payload, prop::collection::vec(any::<u16>(), 0..5));
    prop::collection::vec(
        (first, second, third).prop_map(|(a, b, c)| Move {
            source: a.0,
            layer: a.1,
            sequence: a.2,
            timestamp: a.3,
            taken: a.4,
            marker: b.0,
            codec: b.1,
            millis: b.2,
            switch: b.3,
            payload: c.0,
            nacks: c.1,
        }),
        1..120,
    )
}

fn stream() -> ViewerStream {
    let mut types = PayloadTypes::default();
    for codec in [Codec::Vp8, Codec::Vp9, Codec::H264] {
        types = types.with(
            codec,
            PayloadType {
                media: 96,
                rtx: Some(97),
            },
        );
    }
    let mut stream = ViewerStream::new(StreamConfig {
        ssrc: 1,
        rtx_ssrc: Some(2),
        payload_types: types,
        first_sequence: 9,
        first_rtx_sequence: 9,
        max_layer: 2,
    });
    stream.watch(Some(SlotId(1)));
    stream
}

proptest! {
    /// Whatever publishers and viewers send, no index leaves a viewer's stream twice, and all
    /// ascend: sealing stays safe.
    #[test]
    fn slots_and_viewers(moves in moves()) {
        let mut slot = Slot::new(SlotConfig::new(SlotId(1), 0));
        let (mut stream, mut ring, mut cache) = (stream(), ResendRing::default(), KeyframeCache::default());
        let mut chooser = LayerChooser::new(2);
        let mut now = Instant::now();
        let (mut frames, mut last, mut last_rtx) = (Vec::new(), None, None);
        slot.switch(Some(SourceId(0)), &mut frames);
        for m in &moves {
            now += Duration::from_millis(m.millis);
            if m.switch {
                slot.switch((m.layer != 4).then_some(SourceId(m.source)), &mut frames);
            }
            let packet = SourcePacket {
                source: SourceId(m.source),
                layer: m.layer,
                codec: Codec::ALL[m.codec],
                sequence: m.sequence,
                timestamp: m.timestamp,
                taken: Reference(m.taken),
                marker: m.marker,
                payload: &m.payload,
            };
            slot.push(&packet, now, &mut frames);
            slot.poll(now, &mut frames);
            slot.keyframe_request(now);
            for frame in frames.drain(..) {
                ring.push(&frame, now);
                cache.push(&frame);
                if let Take::Send(run) = stream.take(&frame) {
                    for packet in run.packets(&frame) {
                        prop_assert!(Some(packet.index.sequence) > last, "an index came again");
                        last = Some(packet.index.sequence);
                    }
                    if m.layer == 3 {
                        stream.dropped(&frame, 1);
                    }
                }
            }
            stream.on_nack(m.nacks.iter().copied(), now);
            stream.on_nack(last.iter().map(|l| *l as u16), now);
            while let Some(wanted) = stream.next_resend() {
                let Some((frame, place)) = ring.get(wanted.sequence) else { continue };
                if let Some(packet) = stream.resend(&wanted, frame, place) {
                    prop_assert!(Some(packet.index.sequence) > last_rtx);
                    last_rtx = Some(packet.index.sequence);
                }
            }
            let block = ReportBlock { last_sr: m.timestamp, delay: m.timestamp, ..ReportBlock::default() };
            stream.on_report(&block, Ntp(m.sequence));
            chooser.on_remb(m.sequence, now);
            chooser.on_loss(m.layer * 40, now);
            stream.set_target(chooser.update(&[1, 2, 3], Layers::first(m.codec), now));
        }
    }
}
