//! Frames: when they are finished, and what is kept of them.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Camera, Stage};
use podium_media::codec::Codec;
use podium_media::frame::{
    Assembler, Frame, KeyframeCache, Layers, ResendRing, SlotId, SourceId, StampedPacket,
};
use podium_media::time::Reference;

fn packet(sequence: u64, timestamp: u32, marker: bool, payload: &[u8]) -> StampedPacket<'_> {
    StampedPacket {
        source: SourceId(1),
        layers: Layers::ONE,
        epoch: 1,
        codec: Codec::H264,
        keyframe: false,
        starts: false,
        sequence,
        timestamp,
        taken: Reference(0),
        marker,
        payload,
    }
}

#[test]
fn the_marker_finishes_a_frame() {
    let (mut assembler, mut out, now) = (Assembler::new(SlotId(1), 2), Vec::new(), Instant::now());
    assembler.push(&packet(5, 9, false, b"one"), now, &mut out);
    assert!(out.is_empty());
    assembler.push(&packet(7, 9, true, b"three"), now, &mut out);
    let [frame] = &out[..] else {
        panic!("one frame expected")
    };
    assert_eq!(
        (frame.first_sequence(), frame.last_sequence(), frame.len()),
        (5, 7, 2)
    );
    assert_eq!((frame.octets(), frame.longest(), frame.layer), (8, 5, 2));
    assert!(frame.ends() && assembler.deadline().is_none());
    assert_eq!(
        (frame.find(5), frame.find(6), frame.find(7)),
        (Some(0), None, Some(1))
    );
    assert_eq!(frame.packet(1).expect("packet").payload, b"three");
    assert_eq!(frame.packet(2), None);
}

#[test]
fn patience_ends_after_three_milliseconds() {
    let (mut assembler, mut out, now) = (Assembler::new(SlotId(1), 0), Vec::new(), Instant::now());
    assembler.push(&packet(5, 9, false, b"one"), now, &mut out);
    let deadline = assembler.deadline().expect("deadline");
    assert_eq!(deadline, now + Duration::from_millis(3));
    assembler.poll(deadline - Duration::from_nanos(1), &mut out);
    assert!(out.is_empty());
    assembler.poll(deadline, &mut out);
    assert_eq!(out.len(), 1);
    assert!(!out[0].ends());
}

#[test]
fn another_picture_finishes_a_frame_whose_marker_was_lost() {
    let (mut assembler, mut out, now) = (Assembler::new(SlotId(1), 0), Vec::new(), Instant::now());
    assembler.push(&packet(5, 9, false, b"one"), now, &mut out);
    assembler.push(&packet(7, 10, true, b"two"), now, &mut out);
    let stamps: Vec<_> = out.iter().map(|f| (f.timestamp, f.ends())).collect();
    assert_eq!(stamps, [(9, false), (10, true)]);
}

#[test]
fn a_large_picture_comes_in_runs() {
    let (mut assembler, mut out, now) = (Assembler::new(SlotId(1), 0), Vec::new(), Instant::now());
    for i in 0..40u64 {
        let mut packet = packet(i, 9, i == 39, &[0; 1100]);
        packet.keyframe = true;
        packet.starts = i == 0;
        assembler.push(&packet, now, &mut out);
    }
    let runs: Vec<_> = out
        .iter()
        .map(|f| (f.len(), f.keyframe, f.starts, f.ends()))
        .collect();
    assert_eq!(
        runs,
        [
            (16, true, true, false),
            (16, true, false, false),
            (8, true, false, true)
        ]
    );
    out.clear();
    for i in 40..44u64 {
        assembler.push(&packet(i, 10, i == 43, &[0; 20_000]), now, &mut out);
    }
    assert!(out.iter().all(|f| f.octets() <= Assembler::MAX_BYTES) && out.len() == 2);
}

/// Frames of one camera by way of a slot, a keyframe every ten.
fn film(pictures: usize, packets: usize) -> Vec<Arc<Frame>> {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    for i in 0..pictures {
        stage.show(&mut camera, i % 10 == 0, packets);
    }
    stage.take()
}

#[test]
fn the_cache_holds_the_last_keyframe_and_what_followed() {
    let frames = film(27, 3);
    let mut cache = KeyframeCache::default();
    for frame in &frames {
        cache.push(frame);
    }
    assert_eq!(cache.frames(), &frames[20..]);
    assert_eq!(cache.after(None), Some(&frames[20]));
    assert_eq!(
        cache.after(Some(frames[23].last_sequence() + 1)),
        Some(&frames[24])
    );
    assert_eq!(cache.after(Some(frames[26].last_sequence() + 1)), None);
    cache.clear();
    assert_eq!(cache.after(None), None);
}

#[test]
fn a_group_that_outgrows_the_cache_is_given_up_until_the_next_keyframe() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 16);
    while camera.count < 45 {
        stage.show(&mut camera, false, 16);
    }
    let mut cache = KeyframeCache::default();
    for frame in stage.take() {
        cache.push(&frame);
    }
    assert!(cache.frames().is_empty());
    stage.show(&mut camera, true, 3);
    for frame in stage.take() {
        cache.push(&frame);
    }
    assert_eq!(cache.frames().len(), 1);
}

#[test]
fn the_ring_finds_every_packet_for_two_seconds() {
    let frames = film(100, 3);
    let mut ring = ResendRing::default();
    let start = Instant::now();
    for (i, frame) in (0..).zip(&frames) {
        ring.push(frame, start + Duration::from_millis(40 * i));
    }
    for (i, frame) in frames.iter().enumerate() {
        for (place, packet) in frame.packets().enumerate() {
            let found = ring
                .get(packet.sequence)
                .map(|(f, p)| (Arc::ptr_eq(f, frame), p));
            let kept = (99 - i) * 40 <= 2000;
            assert_eq!(found, kept.then_some((true, place)), "frame {i}");
        }
    }
    ring.expire(start + Duration::from_secs(60));
    assert_eq!(ring.bytes(), 0);
}

#[test]
fn the_ring_finds_packets_that_came_late() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 3);
    let mut packets = camera.picture(false, 3, stage.taken());
    let lost = packets.remove(1);
    packets.iter().for_each(|p| stage.push(p));
    stage.pass(100_000);
    stage.push(&lost);
    let frames = stage.take();
    let late = frames.last().expect("frame");
    assert!(late.late && late.len() == 1);
    let mut ring = ResendRing::default();
    for frame in &frames {
        ring.push(frame, stage.now());
    }
    let (found, place) = ring.get(late.first_sequence()).expect("found");
    assert!(Arc::ptr_eq(found, late) && place == 0);
    let mut cache = KeyframeCache::default();
    frames.iter().for_each(|f| cache.push(f));
    assert!(cache.frames().iter().all(|f| !f.late));
}

#[test]
fn layers_are_chosen_from_what_there_is() {
    let some = Layers::NONE.with(0).with(2);
    assert_eq!(
        (some.best(2), some.best(1), some.best(0)),
        (Some(2), Some(0), Some(0))
    );
    assert_eq!(Layers::NONE.with(1).best(0), Some(1), "else the smallest");
    assert_eq!(Layers::NONE.best(2), None);
    assert_eq!(some.with(9), some);
    assert_eq!(Layers::first(2).iter().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(Layers::first(3).without(1), some);
    assert_eq!(Layers::first(2).and(some), Layers::ONE);
}
