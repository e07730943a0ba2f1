//! From a publisher by way of a slot to viewers.

mod support;

use podium_net::{Command, Event, ProgramSlot, Size, SlotName};
use support::*;

const MAIN: SlotName = SlotName::Program(ProgramSlot::Main);

fn show(source: u64) -> Command {
    Command::SetSlot {
        room: ROOM,
        slot: ProgramSlot::Main,
        source: Some(source),
    }
}

#[test]
fn a_picture_reaches_viewers_and_survives_a_change_of_source() {
    let mut engine = engine(2);
    let mut events = Vec::new();
    let mut one = Peer::publisher(&engine, 11, str::to_owned);
    let mut two = Peer::publisher(&engine, 12, str::to_owned);
    let mut near = Peer::viewer(&engine, 21, &[SlotName::Sound, MAIN]);
    let mut far = Peer::viewer_with(&engine, 22, &[MAIN], true, engine.fingerprint());
    one.start();
    two.start();
    engine.submit(show(11)).expect("slot");
    until(
        &engine,
        &mut [&mut one, &mut two, &mut near, &mut far],
        &mut events,
        "first",
        |p, _| p[2].stream(1).len() > 100 && p[3].stream(0).len() > 100,
    );
    for session in [11, 12, 21, 22] {
        assert!(is_connected(&events, session), "{session}: {events:?}");
    }
    assert!(events.contains(&Event::SlotLive {
        room: ROOM,
        slot: ProgramSlot::Main,
        source: 11,
        codec: "VP8"
    }));
    engine.submit(show(12)).expect("slot");
    until(
        &engine,
        &mut [&mut one, &mut two, &mut near, &mut far],
        &mut events,
        "next",
        |p, _| {
            p[2].sources(1) == [11, 12] && p[3].sources(0) == [11, 12] && p[2].stream(1).len() > 300
        },
    );
    for packets in [near.stream(1), far.stream(0)] {
        let mut sorted: Vec<_> = packets.iter().collect();
        sorted.sort_by_key(|packet| *packet.seq_no);
        assert!(is_keyframe(sorted[0]));
        for pair in sorted.windows(2) {
            assert_eq!(*pair[1].seq_no, *pair[0].seq_no + 1, "numbers are unbroken");
            let step = pair[1]
                .header
                .timestamp
                .wrapping_sub(pair[0].header.timestamp);
            assert!(step < 90_000, "times go on: {step}");
            let pictures = picture(pair[1]).wrapping_sub(picture(pair[0])) & 0x7fff;
            assert_eq!(
                pictures,
                u16::from(pair[0].header.marker),
                "picture numbers go on"
            );
            if source(pair[0]) != source(pair[1]) {
                assert!(is_keyframe(pair[1]), "a change begins with a keyframe");
            }
        }
    }
    assert!(!near.stream(0).is_empty(), "the mix goes on in silence");
    engine.close();
    assert_eq!(end(&engine.poll().expect("events"), 21), Some("closed"));
}

#[test]
fn who_joins_later_begins_with_a_keyframe_at_once() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut one = Peer::publisher(&engine, 11, str::to_owned);
    let mut first = Peer::viewer(&engine, 21, &[MAIN]);
    one.start();
    engine.submit(show(11)).expect("slot");
    until(
        &engine,
        &mut [&mut one, &mut first],
        &mut events,
        "first viewer",
        |p, _| p[1].stream(0).len() > 60,
    );
    let mut late = Peer::viewer(&engine, 22, &[MAIN]);
    until(
        &engine,
        &mut [&mut one, &mut first, &mut late],
        &mut events,
        "late viewer",
        |p, _| p[2].stream(0).len() > 200,
    );
    let numbers: Vec<u64> = late.stream(0).iter().map(|packet| *packet.seq_no).collect();
    assert!(is_keyframe(&late.stream(0)[0]));
    assert!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{numbers:?}"
    );
}

#[test]
fn lost_packets_are_sent_again() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut one = Peer::publisher(&engine, 11, str::to_owned);
    let mut viewer = Peer::viewer(&engine, 21, &[MAIN]);
    viewer.lose = vec![30, 31, 57, 90];
    one.start();
    engine.submit(show(11)).expect("slot");
    until(
        &engine,
        &mut [&mut one, &mut viewer],
        &mut events,
        "repaired",
        |p, _| {
            let mut numbers: Vec<u64> =
                p[1].stream(0).iter().map(|packet| *packet.seq_no).collect();
            numbers.sort_unstable();
            numbers.len() > 200
                && numbers
                    .windows(2)
                    .take(150)
                    .all(|pair| pair[1] == pair[0] + 1)
        },
    );
    assert!(engine.stats().retransmitted >= 4);
}

#[test]
fn private_slots_show_what_each_viewer_asks_for() {
    let engine = engine(2);
    let mut events = Vec::new();
    let mut one = Peer::publisher(&engine, 11, str::to_owned);
    let mut two = Peer::publisher(&engine, 12, str::to_owned);
    let mut wall = Peer::viewer(&engine, 21, &[SlotName::Private(0), SlotName::Private(1)]);
    one.start();
    two.start();
    let set = |index, source| {
        let (viewer, size) = (21, Size::Low);
        engine
            .submit(Command::SetPrivateSlot {
                viewer,
                index,
                source,
                size,
            })
            .expect("slot");
    };
    set(0, Some(11));
    set(1, Some(12));
    until(
        &engine,
        &mut [&mut one, &mut two, &mut wall],
        &mut events,
        "both",
        |p, _| p[2].stream(0).len() > 60 && p[2].stream(1).len() > 60,
    );
    set(0, Some(12));
    set(1, None);
    until(
        &engine,
        &mut [&mut one, &mut two, &mut wall],
        &mut events,
        "changed",
        |p, _| p[2].sources(0) == [11, 12],
    );
    assert_eq!(wall.sources(1), [12]);
    let numbers: Vec<u64> = wall.stream(0).iter().map(|packet| *packet.seq_no).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{numbers:?}"
    );
    set(0, None);
    set(0, Some(11));
    until(
        &engine,
        &mut [&mut one, &mut two, &mut wall],
        &mut events,
        "again",
        |p, _| p[2].sources(0) == [11, 12, 11],
    );
}

#[test]
fn a_source_that_falls_silent_is_told() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut one = Peer::publisher(&engine, 11, str::to_owned);
    one.start();
    until(&engine, &mut [&mut one], &mut events, "started", |_, e| {
        e.iter()
            .filter(|e| matches!(e, Event::SourceStarted { session: 11, .. }))
            .count()
            == 2
    });
    one.stop();
    until(&engine, &mut [&mut one], &mut events, "stopped", |_, e| {
        e.iter()
            .filter(|e| matches!(e, Event::SourceStopped { session: 11, .. }))
            .count()
            == 2
    });
    engine.submit(Command::Close(11)).expect("close");
    until(&engine, &mut [&mut one], &mut events, "closed", |p, e| {
        p[0].closed && end(e, 11) == Some("closed")
    });
}

#[test]
fn simulcast_layers_follow_the_size_of_a_slot() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut one = Peer::simulcast(&engine, 11, &["l", "m", "h"]);
    let slots = [SlotName::Private(0), SlotName::Private(1), MAIN];
    let mut wall = Peer::viewer(&engine, 21, &slots);
    one.start();
    let set = |index, size| {
        let (viewer, source) = (21, Some(11));
        engine
            .submit(Command::SetPrivateSlot {
                viewer,
                index,
                source,
                size,
            })
            .expect("slot");
    };
    set(0, Size::Low);
    set(1, Size::Mid);
    engine.submit(show(11)).expect("slot");
    let last = |peer: &Peer, place: usize| peer.stream(place).last().map(layer);
    until(
        &engine,
        &mut [&mut one, &mut wall],
        &mut events,
        "layers",
        |p, _| last(p[1], 0) == Some(0) && last(p[1], 1) == Some(1) && last(p[1], 2) == Some(2),
    );
    set(0, Size::High);
    until(
        &engine,
        &mut [&mut one, &mut wall],
        &mut events,
        "larger",
        |p, _| last(p[1], 0) == Some(2),
    );
    let packets = wall.stream(0);
    for pair in packets.windows(2) {
        assert_eq!(*pair[1].seq_no, *pair[0].seq_no + 1, "numbers are unbroken");
        if layer(&pair[0]) != layer(&pair[1]) {
            assert!(is_keyframe(&pair[1]), "a change begins with a keyframe");
        }
    }
}

#[test]
fn a_crowd_hears_every_packet_once_though_sound_rides_in_pictures() {
    let mut engine = engine(1);
    let mut events = Vec::new();
    let mut speaker = Peer::publisher(&engine, 11, str::to_owned);
    speaker.words = tone();
    speaker.start();
    engine.submit(show(11)).expect("slot");
    let open = Command::SetMicrophone {
        source: 11,
        open: true,
    };
    engine.submit(open).expect("microphone");
    let mut crowd: Vec<Peer> = (0..70)
        .map(|n| Peer::viewer(&engine, 100 + n, &[SlotName::Sound, MAIN]))
        .collect();
    // Some have no picture: nothing for sound to ride in.
    crowd.extend((0..10).map(|n| Peer::viewer(&engine, 200 + n, &[SlotName::Sound])));
    let mut peers: Vec<&mut Peer> = crowd.iter_mut().collect();
    peers.push(&mut speaker);
    until(&engine, &mut peers, &mut events, "speech", |p, _| {
        p[..80].iter().all(|viewer| viewer.stream(0).len() > 60)
    });
    for viewer in &crowd {
        let mut heard: Vec<_> = viewer.stream(0).iter().collect();
        heard.sort_by_key(|packet| *packet.seq_no);
        for pair in heard.windows(2) {
            assert_eq!(*pair[1].seq_no, *pair[0].seq_no + 1, "numbers are unbroken");
            let step = pair[1]
                .header
                .timestamp
                .wrapping_sub(pair[0].header.timestamp);
            assert!(step > 0 && step % 960 == 0, "each 20 ms once: {step}");
        }
    }
    engine.close();
}
