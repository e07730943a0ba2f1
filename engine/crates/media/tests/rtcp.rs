//! RTCP compounds: what is written is read; strangers' compounds are read as far as they go.

mod common;

use common::hex;
use podium_media::rtcp::{
    CompoundWriter, Packet, ParseError, Reader, ReportBlock, SenderReport, WriteError,
};
use podium_media::time::Ntp;
use proptest::prelude::*;

fn read(data: &[u8]) -> Vec<Packet<'_>> {
    Reader::new(data).map(|p| p.expect("packet")).collect()
}

fn block(ssrc: u32) -> ReportBlock {
    ReportBlock {
        ssrc,
        fraction_lost: 26,
        cumulative_lost: -3,
        highest: 0x0001_1234,
        jitter: 90,
        last_sr: 0xaabb_ccdd,
        delay: 0x1_0000,
    }
}

#[test]
fn writes_and_reads_every_kind() {
    let mut out = [0; 600];
    let mut writer = CompoundWriter::new(&mut out);
    let report = SenderReport {
        ssrc: 1,
        ntp: Ntp(0x0123_4567_89ab_cdef),
        rtp: 5,
        packets: 6,
        octets: 7,
    };
    writer.sender_report(&report, &[block(9)]).expect("sr");
    writer
        .receiver_report(2, &[block(10), block(11)])
        .expect("rr");
    writer.cname(1, b"podium").expect("sdes");
    writer.nack(1, 3, &[65_535, 0, 15, 40]).expect("nack");
    writer.pli(1, 3).expect("pli");
    writer.fir(1, 3, 4).expect("fir");
    writer.remb(1, 2_000_000, &[3]).expect("remb");
    writer.generic(204, 1, b"appl").expect("app");
    writer.bye(&[1, 2]).expect("bye");
    let len = writer.len();

    let packets = read(&out[..len]);
    let mut packets = packets.iter();
    let Some(Packet::SenderReport {
        ssrc: 1,
        ntp,
        rtp: 5,
        packets: 6,
        octets: 7,
        blocks,
    }) = packets.next()
    else {
        panic!("sender report expected");
    };
    assert_eq!(
        (*ntp, blocks.iter().collect::<Vec<_>>()),
        (report.ntp, vec![block(9)])
    );
    let Some(Packet::ReceiverReport { ssrc: 2, blocks }) = packets.next() else {
        panic!("receiver report expected");
    };
    assert_eq!(blocks.iter().collect::<Vec<_>>(), [block(10), block(11)]);
    assert_eq!(
        packets.next(),
        Some(&Packet::Cname {
            ssrc: 1,
            name: b"podium"
        })
    );
    let Some(Packet::Nack { media: 3, lost }) = packets.next() else {
        panic!("nack expected");
    };
    assert_eq!(lost.iter().collect::<Vec<_>>(), [65_535, 0, 15, 40]);
    assert_eq!(packets.next(), Some(&Packet::Pli { media: 3 }));
    assert_eq!(
        packets.next(),
        Some(&Packet::Fir {
            media: 3,
            number: 4
        })
    );
    assert_eq!(
        packets.next(),
        Some(&Packet::Remb {
            bitrate: 2_000_000,
            sender: 1
        })
    );
    assert_eq!(packets.next(), Some(&Packet::Bye { ssrc: 1 }));
    assert_eq!(packets.next(), Some(&Packet::Bye { ssrc: 2 }));
    assert_eq!(packets.next(), None);
}

#[test]
fn transport_wide_feedback_and_unknown_kinds_are_skipped() {
    let compound = hex("8fcd0005 00000001 00000002 00010001 00000000 20010000 \
         80cf0001 00000001 \
         81ce0002 00000001 00000002");
    assert_eq!(read(&compound), [Packet::Pli { media: 2 }]);
}

#[test]
fn reads_a_browsers_remb() {
    let compound = hex("8fce0005 00000001 00000000 52454d42 010f4240 12345678");
    // Exponent 3, mantissa 0x34240.
    assert_eq!(
        read(&compound),
        [Packet::Remb {
            bitrate: 0x34240 << 3,
            sender: 1
        }]
    );
}

#[test]
fn a_source_description_of_several_sources_gives_each_name() {
    let compound =
        hex("82ca0008 00000001 020161 010362 6364 00000000 00000002 0103656667 000000 00000000");
    let len = 4 * 9;
    let names: Vec<_> = read(&compound[..len]);
    assert_eq!(
        names,
        [
            Packet::Cname {
                ssrc: 1,
                name: b"bcd"
            },
            Packet::Cname {
                ssrc: 2,
                name: b"efg"
            }
        ]
    );
}

#[test]
fn good_packets_before_a_bad_one_count() {
    let mut compound = hex("81ce0002 00000001 00000002");
    compound.extend(hex("81ce0009 00000001"));
    let found: Vec<_> = Reader::new(&compound).collect();
    assert_eq!(found, [Ok(Packet::Pli { media: 2 }), Err(ParseError)]);
}

#[test]
fn a_report_that_promises_more_blocks_than_it_has_is_refused() {
    let compound = hex("82c90001 00000001");
    let found: Vec<_> = Reader::new(&compound).collect();
    assert_eq!(found, [Err(ParseError)]);
}

#[test]
fn what_does_not_fit_leaves_the_compound_as_it_was() {
    let mut out = [0; 15];
    let mut writer = CompoundWriter::new(&mut out);
    writer.pli(1, 2).expect("room");
    assert_eq!(writer.pli(1, 3), Err(WriteError));
    assert_eq!(writer.bye(&[0; 32]), Err(WriteError));
    assert_eq!(writer.generic(204, 0, &[1, 2, 3]), Err(WriteError));
    assert_eq!(writer.len(), 12);
}

#[test]
fn round_trip_time_is_what_remains_beside_the_delay() {
    let sent = Ntp(0x1111_2222_3333_4444);
    let mut block = block(1);
    block.last_sr = sent.middle();
    block.delay = 65_536 / 2;
    let rtt = block.round_trip(sent.plus(620_000)).expect("known");
    assert!(rtt.abs_diff(120_000) < 50, "{rtt}");
    assert_eq!(
        block.round_trip(sent.plus(499_990)),
        Some(0),
        "less than a tick early"
    );
    assert_eq!(block.round_trip(sent.plus(100_000)), None, "impossible");
    block.last_sr = 0;
    assert_eq!(block.round_trip(sent), None);
}

proptest! {
    #[test]
    fn a_nack_names_exactly_what_was_lost(start: u16, steps in prop::collection::vec(1..60u16, 0..60)) {
        let mut lost = vec![start];
        for step in steps {
            lost.push(lost.last().unwrap_or(&0).wrapping_add(step));
        }
        let mut out = [0; 1000];
        let mut writer = CompoundWriter::new(&mut out);
        writer.nack(1, 2, &lost).expect("room");
        let len = writer.len();
        let packets = read(&out[..len]);
        let [Packet::Nack { lost: found, .. }] = packets[..] else {
            return Err(TestCaseError::fail("one nack expected"));
        };
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), lost);
    }

    #[test]
    fn a_bandwidth_estimate_is_told_within_a_part_in_a_hundred_thousand(bitrate in 0..u64::MAX >> 1) {
        let mut out = [0; 40];
        let mut writer = CompoundWriter::new(&mut out);
        writer.remb(1, bitrate, &[2]).expect("room");
        let len = writer.len();
        let packets = read(&out[..len]);
        let [Packet::Remb { bitrate: told, .. }] = packets[..] else {
            return Err(TestCaseError::fail("one estimate expected"));
        };
        prop_assert!(told <= bitrate && bitrate - told <= bitrate / 100_000);
    }
}
