//! One viewer's stream over a slot: layers, joining, drops, retransmissions, reports.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Camera, Stage, read_camera};
use podium_media::codec::Codec;
use podium_media::frame::{Frame, KeyframeCache, ResendRing, SlotId};
use podium_media::rtcp::ReportBlock;
use podium_media::time::{Ntp, Reference};
use podium_media::viewer::{PayloadType, PayloadTypes, StreamConfig, Take, ViewerStream};

const SSRC: u32 = 0x100;
const RTX: u32 = 0x200;

fn config() -> StreamConfig {
    StreamConfig {
        ssrc: SSRC,
        rtx_ssrc: Some(RTX),
        payload_types: PayloadTypes::default().with(
            Codec::Vp8,
            PayloadType {
                media: 96,
                rtx: Some(97),
            },
        ),
        first_sequence: 0xfff0,
        first_rtx_sequence: 5,
        max_layer: 2,
    }
}

fn watching(slot: u64) -> ViewerStream {
    let mut stream = ViewerStream::new(config());
    stream.watch(Some(SlotId(slot)));
    stream
}

/// What arrives: (sequence, timestamp, camera and picture, picture number).
type Got = (u64, u32, (u8, u32), u16);

fn send(stream: &mut ViewerStream, frames: &[Arc<Frame>]) -> Vec<Got> {
    let mut got = Vec::new();
    for frame in frames {
        let Take::Send(run) = stream.take(frame) else {
            continue;
        };
        for packet in run.packets(frame) {
            assert_eq!(packet.header.ssrc, SSRC);
            assert_eq!(packet.header.sequence, packet.index.sequence as u16);
            let payload = flat(&packet);
            let (camera, count, _, _) = read_camera(&payload);
            let d = podium_media::codec::vp8::Descriptor::parse(&payload).expect("descriptor");
            let number = d.picture.expect("picture number").0;
            got.push((
                packet.index.sequence,
                packet.header.timestamp,
                (camera, count),
                number,
            ));
        }
    }
    got
}

fn flat(packet: &podium_media::viewer::OutPacket<'_>) -> Vec<u8> {
    let payload = packet.payload(0);
    [payload.head, payload.body].concat()
}

fn unbroken(got: &[Got]) {
    for pair in got.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1, "sequence");
        assert!(
            pair[1].1.wrapping_sub(pair[0].1) < 1 << 31,
            "time goes back"
        );
        let next = (pair[0].3 + 1) & 0x7fff;
        let same = pair[0].2 == pair[1].2;
        assert_eq!(
            pair[1].3,
            if same { pair[0].3 } else { next },
            "picture number"
        );
    }
}

#[test]
fn begins_at_a_keyframe_with_its_own_numbers() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    stage.take();
    stage.show(&mut camera, false, 2);
    let mut stream = watching(1);
    assert_eq!(send(&mut stream, &stage.take()), []);
    assert_eq!(stream.keyframe_wanted(), Some((SlotId(1), 0)));
    stage.show(&mut camera, true, 2);
    let got = send(&mut stream, &stage.take());
    assert_eq!(
        got.iter().map(|g| g.0).collect::<Vec<_>>(),
        [0x7ff0, 0x7ff1]
    );
    assert_eq!(
        (stream.keyframe_wanted(), stream.showing()),
        (None, Some((SlotId(1), 0)))
    );
}

#[test]
fn a_joiner_gets_the_cached_group_then_what_follows_without_a_break() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    let mut cache = KeyframeCache::default();
    stage.switch(Some(1));
    for tick in 0..8 {
        stage.show(&mut camera, tick == 0, 2);
    }
    stage.take().iter().for_each(|f| cache.push(f));
    let mut stream = watching(1);
    let mut got = Vec::new();
    let first = cache.after(None).expect("keyframe");
    assert!(stream.may_replay(first));
    // Paced: two frames of the cache for each live one; live ones are only cached meanwhile.
    while let Some(frame) = cache.after(stream.position(SlotId(1), 0)).cloned() {
        got.extend(send(&mut stream, &[frame]));
        if got.len() % 8 == 0 {
            stage.show(&mut camera, false, 2);
            stage.take().iter().for_each(|f| cache.push(f));
        }
    }
    stage.show(&mut camera, false, 2);
    got.extend(send(&mut stream, &stage.take()));
    unbroken(&got);
    assert_eq!(got.len(), 2 * camera.count as usize);
    // Frames that it had are not taken again.
    assert_eq!(send(&mut stream, cache.frames()), []);
}

#[test]
fn a_layer_changes_at_a_keyframe_without_a_break() {
    let mut stage = Stage::new(1);
    let mut cameras = [
        Camera::new(1, 1),
        Camera::new(1, 2).layer(1),
        Camera::new(1, 3).layer(2),
    ];
    stage.switch(Some(1));
    let mut stream = watching(1);
    let mut got = Vec::new();
    let mut layers = Vec::new();
    for tick in 0..60u32 {
        match tick {
            21 => stream.set_target(0),
            35 => stream.set_target(1),
            _ => {}
        }
        let taken = stage.taken();
        for camera in &mut cameras {
            let packets = 1 + usize::from(camera.layer);
            camera
                .picture(tick % 10 == 0, packets, taken)
                .iter()
                .for_each(|p| stage.push(p));
        }
        stage.pass(Camera::INTERVAL);
        got.extend(send(&mut stream, &stage.take()));
        layers.push(stream.showing().map(|s| s.1));
        if tick == 25 {
            assert_eq!(stream.keyframe_wanted(), Some((SlotId(1), 0)));
        }
    }
    layers.dedup();
    // At first only layer 0 is known of; the others follow with the same keyframe.
    assert_eq!(layers, [Some(2), Some(0), Some(1)]);
    unbroken_sequence_and_time(&got);
    for pair in got.windows(2) {
        let step = pair[1].3.wrapping_sub(pair[0].3) & 0x7fff;
        assert!(step <= 1, "picture numbers run on: {pair:?}");
    }
}

fn unbroken_sequence_and_time(got: &[Got]) {
    for pair in got.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1);
        assert!(pair[1].1.wrapping_sub(pair[0].1) < 1 << 31);
    }
}

#[test]
fn an_aim_that_is_taken_back_needs_no_keyframe() {
    let mut stage = Stage::new(1);
    let mut cameras = [Camera::new(1, 1), Camera::new(1, 2).layer(1)];
    stage.switch(Some(1));
    let mut stream = watching(1);
    stream.set_target(1);
    let mut tick = |stage: &mut Stage, stream: &mut ViewerStream, keyframe| {
        let taken = stage.taken();
        for camera in &mut cameras {
            camera
                .picture(keyframe, 1, taken)
                .iter()
                .for_each(|p| stage.push(p));
        }
        stage.pass(Camera::INTERVAL);
        send(stream, &stage.take());
    };
    tick(&mut stage, &mut stream, true);
    stream.set_target(0);
    tick(&mut stage, &mut stream, false);
    assert_eq!(stream.keyframe_wanted(), Some((SlotId(1), 0)));
    stream.set_target(1);
    tick(&mut stage, &mut stream, false);
    assert_eq!(stream.keyframe_wanted(), None);
}

#[test]
fn another_slot_is_shown_from_its_keyframe_on() {
    let (mut a, mut b) = (Stage::new(1), Stage::new(2));
    b.start = a.start;
    let (mut one, mut two) = (Camera::new(1, 1), Camera::new(2, 2));
    a.switch(Some(1));
    b.switch(Some(2));
    let mut stream = watching(1);
    let mut got = Vec::new();
    for tick in 0..40 {
        if tick == 13 {
            stream.watch(Some(SlotId(2)));
        }
        a.show(&mut one, tick % 10 == 0, 2);
        b.show(&mut two, tick % 10 == 0, 2);
        got.extend(send(&mut stream, &a.take()));
        got.extend(send(&mut stream, &b.take()));
    }
    unbroken(&got);
    let cameras: Vec<u8> = got.iter().map(|g| g.2.0).collect();
    assert_eq!(cameras.iter().filter(|c| **c == 1).count(), 2 * 21);
    assert_eq!(cameras.iter().filter(|c| **c == 2).count(), 2 * 20);
    stream.watch(None);
    b.show(&mut two, true, 1);
    assert_eq!(
        (send(&mut stream, &b.take()), stream.keyframe_wanted()),
        (vec![], None)
    );
}

#[test]
fn after_a_drop_it_waits_for_a_keyframe_and_numbers_run_on() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    let mut stream = watching(1);
    stage.show(&mut camera, true, 4);
    let frames = stage.take();
    let before = send(&mut stream, &frames);
    let counted = stream.sender_report(Ntp(0), 0);
    stage.show(&mut camera, false, 4);
    let frames = stage.take();
    assert!(matches!(stream.take(&frames[0]), Take::Send(_)));
    stream.dropped(&frames[0], 1);
    let after = stream.sender_report(Ntp(0), 0);
    assert_eq!(
        after.packets,
        counted.packets + 1,
        "what was not sent does not count"
    );
    assert_eq!(stream.keyframe_wanted(), Some((SlotId(1), 0)));
    stage.show(&mut camera, false, 4);
    assert_eq!(send(&mut stream, &stage.take()), []);
    stage.show(&mut camera, true, 4);
    let got = send(&mut stream, &stage.take());
    assert_eq!(got[0].0, before[3].0 + 5, "no number is used twice");
}

#[test]
fn a_viewer_without_the_codec_is_told_and_sees_again_when_it_can() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    let mut other = StreamConfig {
        payload_types: PayloadTypes::default(),
        ..config()
    };
    other.payload_types = other.payload_types.with(
        Codec::H264,
        PayloadType {
            media: 100,
            rtx: None,
        },
    );
    let mut stream = ViewerStream::new(other);
    stream.watch(Some(SlotId(1)));
    stage.switch(Some(1));
    stage.show(&mut camera, true, 1);
    assert_eq!(send(&mut stream, &stage.take()), []);
    assert_eq!(
        (stream.blind(), stream.keyframe_wanted()),
        (Some(Codec::Vp8), None)
    );
    let packet = camera.picture(false, 1, stage.taken()).remove(0);
    stage.switch(None);
    stage.switch(Some(2));
    let sps = [0x67, 0x42, 0xe0, 0x1f];
    let foreign = podium_media::slot::SourcePacket {
        source: podium_media::frame::SourceId(2),
        codec: Codec::H264,
        marker: true,
        payload: &sps,
        ..packet.borrow()
    };
    let now = stage.now();
    stage.slot.push(&foreign, now, &mut stage.frames);
    let frames = stage.take();
    let Take::Send(run) = stream.take(&frames[0]) else {
        panic!("sent")
    };
    assert_eq!(
        run.packet(&frames[0], 0)
            .expect("packet")
            .header
            .payload_type,
        100
    );
    assert_eq!(stream.blind(), None);
}

/// A stream, its ring and what was sent of ten pictures of three packets.
fn played() -> (Stage, ViewerStream, ResendRing, Vec<(u64, Vec<u8>)>) {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    let (mut stream, mut ring, mut sent) = (watching(1), ResendRing::default(), Vec::new());
    stage.switch(Some(1));
    for tick in 0..10 {
        stage.show(&mut camera, tick == 0, 3);
        for frame in stage.take() {
            ring.push(&frame, stage.now());
            let Take::Send(run) = stream.take(&frame) else {
                panic!("sent")
            };
            sent.extend(run.packets(&frame).map(|p| (p.index.sequence, flat(&p))));
        }
    }
    (stage, stream, ring, sent)
}

#[test]
fn a_lost_packet_is_retransmitted_once_per_round_trip() {
    let (stage, mut stream, ring, sent) = played();
    let (lost, payload) = &sent[7];
    let nack = |stream: &mut ViewerStream, at| stream.on_nack([*lost as u16].into_iter(), at);
    nack(&mut stream, stage.now());
    nack(&mut stream, stage.now());
    let wanted = stream.next_resend().expect("wanted");
    assert_eq!(stream.next_resend(), None);
    assert_eq!((wanted.slot, wanted.layer), (SlotId(1), 0));
    let (frame, place) = ring.get(wanted.sequence).expect("in the ring");
    let packet = stream.resend(&wanted, frame, place).expect("resent");
    assert_eq!((packet.header.ssrc, packet.header.payload_type), (RTX, 97));
    assert_eq!((packet.index.ssrc, packet.index.sequence), (RTX, 5));
    assert_eq!(packet.header.timestamp, frame.timestamp);
    let body = flat(&packet);
    assert_eq!(u16::from_be_bytes([body[0], body[1]]), *lost as u16);
    assert_eq!(&body[2..], &payload[..]);
    nack(&mut stream, stage.now() + Duration::from_millis(99));
    assert_eq!(stream.next_resend(), None);
    nack(&mut stream, stage.now() + Duration::from_millis(100));
    let again = stream.next_resend().expect("wanted");
    let packet = stream.resend(&again, frame, place).expect("resent");
    assert_eq!(packet.index.sequence, 6, "its own numbers");
}

#[test]
fn what_was_never_sent_is_not_retransmitted() {
    let (stage, mut stream, _, sent) = played();
    let last = sent.last().expect("sent").0 as u16;
    let never = [
        last.wrapping_add(1),
        last.wrapping_add(500),
        sent[0].0 as u16 - 1,
    ];
    stream.on_nack(never.into_iter(), stage.now());
    assert_eq!(stream.next_resend(), None);
}

#[test]
fn retransmission_keeps_to_its_budget() {
    let (stage, mut stream, ring, sent) = played();
    let mut bytes = 0;
    for round in 0..2000u32 {
        let at = stage.now() + Duration::from_millis(500) * round;
        stream.on_nack(sent.iter().map(|s| s.0 as u16), at);
        while let Some(wanted) = stream.next_resend() {
            let (frame, place) = ring.get(wanted.sequence).expect("in the ring");
            bytes += stream
                .resend(&wanted, frame, place)
                .map_or(0, |p| p.payload(0).len());
        }
    }
    let sent: usize = sent.iter().map(|s| s.1.len()).sum();
    let most = 32_000 + sent * 15 / 100 + 2 * 2000;
    assert!((20_000..most).contains(&bytes), "{bytes} of {most}");
}

#[test]
fn without_a_retransmission_stream_nothing_is_sent_twice() {
    let (mut stage, mut camera) = (Stage::new(1), Camera::new(1, 1));
    let mut stream = ViewerStream::new(StreamConfig {
        rtx_ssrc: None,
        ..config()
    });
    stream.watch(Some(SlotId(1)));
    stage.switch(Some(1));
    stage.show(&mut camera, true, 3);
    let got = send(&mut stream, &stage.take());
    stream.on_nack(got.iter().map(|g| g.0 as u16), stage.now());
    assert_eq!(stream.next_resend(), None);
}

#[test]
fn reports_tell_quality_and_sender_reports_count() {
    let (_, mut stream, _, sent) = played();
    let now = Ntp::from_unix(Duration::from_secs(1_700_000_000));
    let block = ReportBlock {
        ssrc: SSRC,
        fraction_lost: 12,
        jitter: 45,
        last_sr: now.plus(-80_000).middle(),
        delay: 0,
        ..ReportBlock::default()
    };
    stream.on_report(&block, now);
    let quality = stream.quality();
    assert_eq!((quality.fraction_lost, quality.jitter), (12, 45));
    let round_trip = quality.round_trip.expect("known");
    assert!(round_trip.abs_diff(Duration::from_millis(80)) < Duration::from_millis(1));
    let report = stream.sender_report(now, Reference(7_000_000).rtp(90_000, 1000));
    assert_eq!((report.ssrc, report.ntp, report.rtp), (SSRC, now, 631_000));
    assert_eq!(report.packets, 30);
    assert_eq!(
        report.octets as usize,
        sent.iter().map(|s| s.1.len()).sum::<usize>()
    );
    assert!(stream.has_sent() && !watching(1).has_sent());
}
