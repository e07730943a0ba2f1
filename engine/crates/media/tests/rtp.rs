//! RTP headers: what is written is read, and what is not RTP is refused.

mod common;

use common::hex;
use podium_media::rtp::{
    BufferTooSmall, Header, Packet, ParseError, SequenceExtender, nearest, timestamp_after,
};
use proptest::prelude::*;

#[test]
fn reads_a_browsers_video_packet() {
    // Chromium: VP8, one-byte extensions (abs-send-time 2, transport-cc 3, mid 4), 3 of padding.
    let data =
        hex("b0e0 1f2e 0a0b0c0d 11223344 bede0003 22a1b2c3 31000740 30000000 9080 01020300 0003");
    let packet = Packet::parse(&data).expect("packet");
    assert_eq!(
        packet.header,
        Header {
            marker: true,
            payload_type: 96,
            sequence: 0x1f2e,
            timestamp: 0x0a0b_0c0d,
            ssrc: 0x1122_3344,
        }
    );
    let extensions: Vec<_> = packet.extensions.iter().collect();
    let (time, count) = (hex("a1b2c3"), hex("0007"));
    assert_eq!(
        extensions,
        [(2, &time[..]), (3, &count[..]), (4, &b"0"[..])]
    );
    assert_eq!(packet.header_len, 28);
    assert_eq!(
        (packet.payload, packet.padding),
        (&hex("9080010203")[..], 3)
    );
}

#[test]
fn reads_two_byte_extensions_and_skips_their_padding() {
    let data = hex("9060 0001 00000000 00000001 1000 0003 0100 00 14 02 abcd 0000 00 0f 00 ff");
    let packet = Packet::parse(&data).expect("packet");
    let extensions: Vec<_> = packet
        .extensions
        .iter()
        .map(|(id, v)| (id, v.to_vec()))
        .collect();
    assert_eq!(extensions, [(1, vec![]), (20, hex("abcd")), (15, vec![])]);
    assert_eq!(packet.payload, hex("ff"));
}

#[test]
fn an_extension_of_unknown_profile_is_stepped_over() {
    let data = hex("9060 0001 00000000 00000001 abcd0001 11111111 77");
    let packet = Packet::parse(&data).expect("packet");
    assert_eq!(packet.extensions.iter().count(), 0);
    assert_eq!(packet.payload, hex("77"));
}

#[test]
fn contributing_sources_are_stepped_over() {
    let data = hex("8260 0001 00000000 00000001 00000002 00000003 55");
    assert_eq!(Packet::parse(&data).expect("packet").payload, hex("55"));
}

#[test]
fn refuses_what_is_not_rtp() {
    for (data, error) in [
        ("", ParseError::Truncated),
        ("8060000100000000000000", ParseError::Truncated),
        ("406000010000000000000001", ParseError::Version),
        ("816000010000000000000001", ParseError::Truncated),
        ("906000010000000000000001", ParseError::Truncated),
        (
            "906000010000000000000001bede0002aaaaaaaa",
            ParseError::Truncated,
        ),
        ("a06000010000000000000001", ParseError::Padding),
        ("a0600001000000000000000100", ParseError::Padding),
        ("a060000100000000000000010003", ParseError::Padding),
    ] {
        assert_eq!(Packet::parse(&hex(data)), Err(error), "{data}");
    }
}

#[test]
fn extended_sequence_numbers_survive_wrapping_and_reordering() {
    let mut extender = SequenceExtender::default();
    let given: Vec<u64> = [65_534u16, 0, 65_535, 1, 40_000, 2, 10]
        .into_iter()
        .map(|s| extender.extend(s))
        .collect();
    let base = 0x1_0000;
    assert_eq!(
        given,
        [65_534, 65_536, 65_535, 65_537, 40_000, 65_538, 65_546].map(|s: u64| s + base)
    );
    assert_eq!(nearest(5, 65_535), 65_535, "never below zero");
    assert!(timestamp_after(3, u32::MAX) && !timestamp_after(u32::MAX, 3));
    assert!(!timestamp_after(3, 3));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        marker: bool, payload_type in 0..128u8, sequence: u16, timestamp: u32, ssrc: u32,
        elements in prop::collection::vec((1..=255u8, prop::collection::vec(any::<u8>(), 0..40)), 0..5),
        body in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let header = Header { marker, payload_type, sequence, timestamp, ssrc };
        let borrowed: Vec<(u8, &[u8])> = elements.iter().map(|(id, v)| (*id, &v[..])).collect();
        let mut out = vec![0xee; 600];
        let at = header.write(&mut out, &borrowed, false).expect("room");
        out.truncate(at);
        out.extend_from_slice(&body);
        let packet = Packet::parse(&out).expect("packet");
        prop_assert_eq!(packet.header, header);
        prop_assert_eq!(packet.payload, &body[..]);
        prop_assert_eq!(packet.extensions.iter().collect::<Vec<_>>(), borrowed.clone());
        for (id, _) in &borrowed {
            let first = borrowed.iter().find(|(other, _)| other == id).map(|(_, v)| *v);
            prop_assert_eq!(packet.extensions.get(*id), first);
        }
        for len in 0..at {
            prop_assert_eq!(header.write(&mut vec![0; len], &borrowed, false), Err(BufferTooSmall));
        }
    }
}
