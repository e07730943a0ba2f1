//! A slot's output is one unbroken stream, whatever happens to its sources.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Camera, Stage, read_camera};
use podium_media::codec::vp8::Descriptor;
use podium_media::frame::{Frame, Layers, SourceId};

fn sequences(frames: &[Arc<Frame>]) -> Vec<u64> {
    frames
        .iter()
        .flat_map(|f| f.packets().map(|p| p.sequence).collect::<Vec<_>>())
        .collect()
}

/// Sources in the order in which they were shown.
fn shown(frames: &[Arc<Frame>]) -> Vec<u8> {
    let mut shown: Vec<u8> = frames
        .iter()
        .map(|f| read_camera(f.packet(0).expect("packet").payload).0)
        .collect();
    shown.dedup();
    shown
}

fn unbroken(frames: &[Arc<Frame>]) {
    let sequences = sequences(frames);
    assert!(
        sequences.windows(2).all(|w| w[1] == w[0] + 1),
        "{sequences:?}"
    );
    for pair in frames.windows(2) {
        let (a, b) = (
            pair[0].numbers.expect("numbers"),
            pair[1].numbers.expect("numbers"),
        );
        assert_eq!(b.picture, (a.picture + 1) & 0x7fff);
        assert_eq!(b.tl0, a.tl0.wrapping_add(1));
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        // A picture of the new source that was taken with the old one's last follows at once.
        let together = pair[0].source != pair[1].source && step == 1;
        assert!(
            together || (3590..=3610).contains(&step),
            "40 ms are 3600 ticks, not {step}"
        );
    }
}

#[test]
fn nothing_leaves_before_a_keyframe() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.show(&mut camera, true, 2);
    stage.switch(Some(1));
    stage.show(&mut camera, false, 2);
    assert_eq!((stage.take().len(), stage.slot.live()), (0, None));
    assert_eq!(stage.slot.source(), Some(SourceId(1)));
    stage.show(&mut camera, true, 2);
    let live = stage.slot.live().expect("live");
    assert_eq!(
        (live.source, live.epoch, stage.take().len()),
        (SourceId(1), 1, 1)
    );
}

#[test]
fn a_switch_happens_at_a_keyframe_and_nobody_can_tell_by_the_numbers() {
    let mut stage = Stage::new(1);
    let mut cameras = [Camera::new(1, 11), Camera::new(2, 22), Camera::new(3, 33)];
    stage.switch(Some(1));
    for tick in 0..60 {
        match tick {
            15 => stage.switch(Some(2)),
            35 => stage.switch(Some(3)),
            _ => {}
        }
        let taken = stage.taken();
        for camera in &mut cameras {
            let keyframe = tick % 10 == 0;
            for packet in camera.picture(keyframe, 3, taken) {
                stage.push(&packet);
            }
        }
        stage.pass(Camera::INTERVAL);
    }
    let frames = stage.take();
    unbroken(&frames);
    assert_eq!(shown(&frames), [1, 2, 3]);
    for pair in frames.windows(2).filter(|p| p[0].source != p[1].source) {
        assert!(pair[1].keyframe && pair[1].starts);
        assert_eq!(pair[1].epoch, pair[0].epoch + 1);
    }
}

#[test]
fn a_switch_taken_back_before_the_keyframe_does_nothing() {
    let mut stage = Stage::new(1);
    let (mut one, mut two) = (Camera::new(1, 1), Camera::new(2, 2));
    stage.switch(Some(1));
    stage.show(&mut one, true, 1);
    stage.switch(Some(2));
    stage.switch(Some(1));
    stage.show(&mut two, true, 1);
    stage.show(&mut one, false, 1);
    assert_eq!(shown(&stage.take()), [1]);
}

#[test]
fn an_emptied_slot_is_silent_and_goes_on_with_the_next_numbers() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    stage.switch(None);
    assert_eq!(
        (stage.slot.live(), stage.slot.source(), stage.slot.layers()),
        (None, None, Layers::NONE)
    );
    stage.show(&mut camera, true, 2);
    assert_eq!(stage.frames.len(), 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    let frames = stage.take();
    let numbers = sequences(&frames);
    assert_eq!(numbers.last().expect("packet") - numbers[0], 3);
    assert_eq!(frames[1].timestamp.wrapping_sub(frames[0].timestamp), 7200);
}

#[test]
fn packets_out_of_order_are_put_into_order_without_delay() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 1);
    for _ in 0..50 {
        let packets = camera.picture(false, 4, stage.taken());
        for place in [0, 2, 1, 3] {
            stage.push(&packets[place]);
        }
        stage.pass(Camera::INTERVAL);
    }
    let frames = stage.take();
    unbroken(&frames);
    assert_eq!(frames.len(), 51);
}

#[test]
fn duplicates_leave_once() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    for tick in 0..20 {
        for packet in camera.picture(tick == 0, 3, stage.taken()) {
            stage.push(&packet);
            stage.push(&packet);
        }
        stage.pass(Camera::INTERVAL);
    }
    let frames = stage.take();
    unbroken(&frames);
    assert_eq!(sequences(&frames).len(), 60);
}

#[test]
fn a_gap_is_held_open_then_kept_in_the_numbers_and_filled_late() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    let mut packets = camera.picture(false, 4, stage.taken());
    let lost = packets.remove(2);
    packets.iter().for_each(|p| stage.push(p));
    stage.pass(29_000);
    assert_eq!(
        sequences(&stage.frames).len(),
        4,
        "what came before the gap has left"
    );
    let deadline = stage.slot.deadline().expect("deadline");
    assert_eq!(deadline - stage.now(), Duration::from_millis(1));
    stage.pass(1_000);
    let before = sequences(&stage.frames);
    assert_eq!(before.len(), 5);
    assert_eq!(before[4], before[3] + 2);
    stage.push(&lost);
    stage.push(&lost);
    let late = stage.frames.last().expect("frame");
    assert!(late.late);
    assert_eq!(sequences(&stage.frames)[5..], [before[3] + 1]);
    let whole = &stage.frames[1];
    assert_eq!((late.timestamp, late.epoch), (whole.timestamp, whole.epoch));
}

#[test]
fn a_retransmission_in_time_fills_its_gap_in_order() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    let packets = camera.picture(false, 4, stage.taken());
    for place in [0, 1, 3] {
        stage.push(&packets[place]);
    }
    stage.pass(20_000);
    stage.push(&packets[2]);
    let frames = stage.take();
    assert!(frames.iter().all(|f| !f.late));
    assert!(sequences(&frames).windows(2).all(|w| w[1] == w[0] + 1));
    assert!(frames.last().expect("frame").ends());
}

#[test]
fn late_packets_of_the_former_source_are_dropped() {
    let mut stage = Stage::new(1);
    let (mut one, mut two) = (Camera::new(1, 1), Camera::new(2, 2));
    stage.switch(Some(1));
    stage.show(&mut one, true, 2);
    let packets = one.picture(false, 3, stage.taken());
    stage.push(&packets[0]);
    stage.push(&packets[2]);
    stage.switch(Some(2));
    stage.show(&mut two, true, 2);
    let count = stage.frames.len();
    stage.push(&packets[1]);
    stage.pass(100_000);
    assert_eq!(stage.frames.len(), count);
}

#[test]
fn a_source_that_counts_anew_leaves_one_number_out() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    stage.show(&mut camera, true, 2);
    camera.sequence += 30_000;
    stage.show(&mut camera, false, 2);
    camera.sequence -= 20_000;
    stage.show(&mut camera, false, 2);
    let numbers = sequences(&stage.take());
    let steps: Vec<_> = numbers.windows(2).map(|w| w[1] - w[0]).collect();
    assert_eq!(steps, [1, 2, 1, 2, 1]);
}

#[test]
fn a_source_whose_clock_lags_does_not_turn_time_back() {
    let mut stage = Stage::new(1);
    let (mut one, mut two) = (Camera::new(1, 1), Camera::new(2, 2));
    stage.switch(Some(1));
    stage.show(&mut one, true, 1);
    stage.switch(Some(2));
    for tick in 0..10 {
        let lagging = stage.taken().plus(-150_000);
        for packet in two.picture(tick == 0, 1, lagging) {
            stage.push(&packet);
        }
        stage.pass(Camera::INTERVAL);
    }
    let stamps: Vec<u32> = stage.take().iter().map(|f| f.timestamp).collect();
    assert!(stamps.windows(2).all(|w| w[1] > w[0]), "{stamps:?}");
    assert_eq!(stamps[10] - stamps[9], 3600, "caught up");
}

#[test]
fn keyframes_are_asked_for_at_once_then_each_second_until_they_come() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    let expected = Some((SourceId(1), Layers::ONE));
    assert_eq!(stage.slot.keyframe_request(stage.now()), expected);
    for _ in 0..24 {
        stage.show(&mut camera, false, 1);
        assert_eq!(stage.slot.keyframe_request(stage.now()), None);
    }
    stage.pass(Camera::INTERVAL);
    assert_eq!(stage.slot.keyframe_request(stage.now()), expected);
    stage.show(&mut camera, true, 1);
    stage.pass(2_000_000);
    assert_eq!(stage.slot.keyframe_request(stage.now()), None, "it came");
    stage.slot.want_keyframe(0);
    stage.slot.want_keyframe(0);
    assert_eq!(stage.slot.keyframe_request(stage.now()), expected);
    assert_eq!(stage.slot.keyframe_request(stage.now()), None);
    let again = stage.slot.deadline().expect("deadline") - stage.now();
    assert_eq!(again, Duration::from_secs(1));
}

#[test]
fn layers_go_live_together_and_each_at_its_keyframe() {
    let mut stage = Stage::new(1);
    let mut low = Camera::new(1, 1);
    let mut high = Camera::new(1, 2).layer(2);
    stage.switch(Some(1));
    stage.show(&mut low, true, 1);
    stage.show(&mut high, false, 1);
    assert_eq!(stage.slot.layers(), Layers::ONE.with(2));
    let wanted = stage.slot.keyframe_request(stage.now()).expect("request");
    assert!(wanted.1.contains(2) && !wanted.1.contains(0));
    assert!(stage.take().iter().all(|f| f.layer == 0));
    stage.show(&mut high, true, 1);
    let frames = stage.take();
    assert_eq!(
        (frames[0].layer, frames[0].epoch, frames[0].layers),
        (2, 1, Layers::ONE.with(2))
    );
    // The high layer stops: after a second it is no longer announced.
    for _ in 0..30 {
        stage.show(&mut low, false, 1);
    }
    assert_eq!(stage.take().last().expect("frame").layers, Layers::ONE);
    assert_eq!(stage.slot.keyframe_request(stage.now()), None);
}

#[test]
fn a_narrow_picture_number_is_widened() {
    let mut stage = Stage::new(1);
    let mut camera = Camera::new(1, 1);
    stage.switch(Some(1));
    for picture in 120..140u8 {
        let mut packets = camera.picture(picture == 120, 1, stage.taken());
        let old = Descriptor::parse(&packets[0].payload)
            .expect("descriptor")
            .len;
        let mut payload = vec![0x90, 0x80, picture & 0x7f];
        payload.extend_from_slice(&packets[0].payload[old..]);
        packets[0].payload = payload;
        stage.push(&packets[0]);
        stage.pass(Camera::INTERVAL);
    }
    let pictures: Vec<u16> = stage
        .take()
        .iter()
        .map(|f| f.numbers.expect("numbers").picture)
        .collect();
    assert_eq!(pictures, (120..140).collect::<Vec<u16>>());
}

#[test]
fn a_keyframe_whose_first_packet_comes_last_is_whole() {
    let mut stage = Stage::new(1);
    let (mut one, mut two) = (Camera::new(1, 1), Camera::new(2, 2));
    stage.switch(Some(1));
    stage.show(&mut one, true, 2);
    stage.switch(Some(2));
    let packets = two.picture(true, 5, stage.taken());
    for place in [2, 1, 4, 3] {
        stage.push(&packets[place]);
        stage.pass(20_000);
    }
    assert_eq!(shown(&stage.frames), [1]);
    stage.push(&packets[0]);
    let frames = stage.take();
    assert_eq!(shown(&frames), [1, 2]);
    assert_eq!(sequences(&frames).len(), 7);
    assert!(frames.last().expect("frame").ends());
    unbroken_numbers(&frames);
}

fn unbroken_numbers(frames: &[Arc<Frame>]) {
    let sequences = sequences(frames);
    assert!(
        sequences.windows(2).all(|w| w[1] == w[0] + 1),
        "{sequences:?}"
    );
}
