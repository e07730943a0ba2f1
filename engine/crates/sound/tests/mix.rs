//! Who hears whom.

mod common;

use common::{Ear, Speaker, TICK, start};
use podium_sound::{Input, MixOutput, Room, RoomConfig};
use std::time::Instant;

/// A room with speakers of different tones, an ear at each, and one that only listens.
struct Stage {
    room: Room,
    now: Instant,
    speakers: Vec<Speaker>,
    ears: Vec<Ear>,
    listener: Ear,
}

const TONES: [f32; 6] = [400.0, 600.0, 900.0, 1_300.0, 1_900.0, 2_500.0];

/// Clearly there; clearly not. A tone as sent has -17 dBov.
const HEARD: f32 = -26.0;
const UNHEARD: f32 = -45.0;

impl Stage {
    fn new(speakers: usize) -> Self {
        let mut room = Room::new(RoomConfig::default()).expect("room");
        for source in 0..speakers {
            room.open(source as u64, Input::Station).expect("opens");
        }
        Self {
            room,
            now: start(),
            speakers: TONES
                .iter()
                .take(speakers)
                .map(|hertz| Speaker::new(*hertz))
                .collect(),
            ears: (0..speakers).map(|_| Ear::new()).collect(),
            listener: Ear::new(),
        }
    }

    fn tick(&mut self) -> MixOutput {
        for (source, speaker) in self.speakers.iter_mut().enumerate() {
            let (sequence, timestamp, payload) = speaker.packet();
            self.room
                .push(source as u64, sequence, timestamp, &payload, self.now);
        }
        let output = self.room.tick(self.now);
        self.now += TICK;
        self.listener.hear(output.shared.as_deref());
        for (source, ear) in self.ears.iter_mut().enumerate() {
            let own = output
                .private
                .iter()
                .find(|mix| mix.source == source as u64);
            let payload = own.map_or(&output.shared, |mix| &mix.payload);
            ear.hear(payload.as_deref());
        }
        output
    }

    fn run(&mut self, ticks: usize) {
        for _ in 0..ticks {
            self.tick();
        }
    }
}

#[test]
fn every_listener_hears_every_speaker_and_no_speaker_hears_itself() {
    let mut stage = Stage::new(3);
    stage.run(100);
    for (speaker, hertz) in TONES.iter().take(3).enumerate() {
        let level = stage.listener.tone(*hertz);
        assert!(level > HEARD, "the listener hears {hertz} Hz at {level}");
        for (place, ear) in stage.ears.iter().enumerate() {
            let level = ear.tone(*hertz);
            if place == speaker {
                assert!(level < UNHEARD, "speaker {place} hears itself at {level}");
            } else {
                assert!(level > HEARD, "speaker {place} hears {hertz} Hz at {level}");
            }
        }
    }
}

#[test]
fn a_closed_microphone_is_not_heard_and_its_venue_hears_the_shared_mix() {
    let mut stage = Stage::new(2);
    stage.run(60);
    stage.room.close(1);
    stage.run(60);
    assert!(stage.listener.tone(TONES[0]) > HEARD);
    assert!(stage.listener.tone(TONES[1]) < UNHEARD);
    let output = stage.tick();
    assert!(
        output.private.iter().all(|mix| mix.source != 1),
        "{:?}",
        output.private
    );
    assert!(stage.ears[1].tone(TONES[0]) > HEARD);
    assert_eq!(
        stage.room.stats(1),
        None,
        "a closed microphone is forgotten"
    );
}

#[test]
fn opening_and_closing_do_not_click() {
    let mut room = Room::new(RoomConfig::default()).expect("room");
    let mut speaker = Speaker::new(300.0);
    let mut now = start();
    let mut mixed = Vec::new();
    for tick in 0..150 {
        if tick % 25 == 0 {
            if tick % 50 == 0 {
                room.open(0, Input::Station).expect("opens");
            } else {
                room.close(0);
            }
        }
        let (sequence, timestamp, payload) = speaker.packet();
        room.push(0, sequence, timestamp, &payload, now);
        room.tick(now);
        mixed.extend_from_slice(room.mixed());
        now += TICK;
    }
    // The steepest slope of the tone itself is 0.2 * 2 pi * 300 / 48000 = 0.008.
    let steepest = mixed
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max);
    assert!(steepest < 0.02, "{steepest}");
    assert!(
        mixed.iter().any(|sample| sample.abs() > 0.15),
        "it is heard while open"
    );
}

#[test]
fn when_more_speak_than_are_heard_the_loudest_are() {
    let mut stage = Stage::new(6);
    for (place, speaker) in stage.speakers.iter_mut().enumerate() {
        speaker.amplitude = if place < 4 { 0.2 } else { 0.03 };
    }
    stage.run(100);
    for (place, hertz) in TONES.iter().enumerate() {
        let level = stage.listener.tone(*hertz);
        assert_eq!(level > HEARD, place < 4, "{hertz} Hz at {level}");
    }
    let output = stage.tick();
    let loudest: Vec<u64> = output
        .speaking
        .iter()
        .take(4)
        .map(|one| one.source)
        .collect();
    assert!(
        loudest.iter().all(|source| *source < 4),
        "{:?}",
        output.speaking
    );
    assert!(
        output
            .speaking
            .windows(2)
            .all(|pair| pair[0].level <= pair[1].level)
    );

    // One of the quiet takes over by speaking up, and hears the others without itself.
    stage.speakers[5].amplitude = 0.5;
    stage.run(60);
    assert!(stage.listener.tone(TONES[5]) > HEARD);
    assert!(stage.ears[5].tone(TONES[5]) < UNHEARD);
}

#[test]
fn many_loud_voices_stay_within_full_scale() {
    let mut stage = Stage::new(4);
    for speaker in &mut stage.speakers {
        speaker.amplitude = 0.9;
    }
    for _ in 0..100 {
        stage.tick();
        assert!(stage.room.mixed().iter().all(|sample| sample.abs() <= 1.0));
    }
    assert!(stage.listener.tone(TONES[0]) > HEARD);
}

#[test]
fn a_silent_room_sends_a_few_small_packets_and_time_goes_on() {
    let mut stage = Stage::new(0);
    stage.run(50);
    let outputs: Vec<MixOutput> = (0..100).map(|_| stage.tick()).collect();
    let sent = outputs
        .iter()
        .filter(|output| output.shared.is_some())
        .count();
    assert!(
        (2..=10).contains(&sent),
        "{sent} packets in two seconds of silence"
    );
    for pair in outputs.windows(2) {
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(960));
    }
    assert!(
        outputs
            .iter()
            .all(|output| output.private.is_empty() && output.speaking.is_empty())
    );
}

#[test]
fn a_room_refuses_more_microphones_than_it_may_decode() {
    let mut room = Room::new(RoomConfig {
        open: 2,
        ..RoomConfig::default()
    })
    .expect("room");
    room.open(1, Input::Station).expect("first");
    room.open(2, Input::Station).expect("second");
    assert!(room.open(3, Input::Station).is_err());
    room.open(1, Input::Station).expect("open already");
}

#[test]
fn those_who_sit_together_do_not_hear_each_other() {
    let mut stage = Stage::new(3);
    stage.room.seat(1, Some(0));
    for _ in 0..100 {
        let output = stage.tick();
        let places: Vec<u64> = output.private.iter().map(|mix| mix.source).collect();
        assert_eq!(places, [0, 2], "one mix for the two");
    }
    assert!(stage.ears[0].tone(TONES[2]) > HEARD);
    assert!(stage.ears[0].tone(TONES[1]) < UNHEARD);
    assert!(stage.ears[2].tone(TONES[1]) > HEARD);
    stage.room.seat(1, None);
    stage.run(100);
    assert!(stage.ears[0].tone(TONES[1]) > HEARD);
}

#[test]
fn a_telephone_is_mixed_and_gets_its_mix_before_encoding() {
    use podium_sound::Codec;
    use podium_sound::level::dbov;
    let mut stage = Stage::new(2);
    let telephone = Input::Telephone(Codec::Pcmu);
    stage.room.open(7, telephone).expect("opens");
    let mut heard = -127.0;
    for tick in 0..150_u16 {
        // 500 Hz: 16 samples a period, in mu-law.
        let payload: Vec<u8> = (0..160)
            .map(|n| if n % 16 < 8 { 0x9f } else { 0x1f })
            .collect();
        let time = u32::from(tick) * 160;
        stage.room.push(7, tick, time, &payload, stage.now);
        let output = stage.tick();
        let mine = output.private.iter().find(|mix| mix.source == 7);
        if let Some(mine) = mine {
            assert_eq!(mine.payload, None, "nobody wants it in Opus");
            heard = dbov(&mine.pcm.as_ref().expect("for the telephone")[..]);
        }
    }
    assert!(heard > -20.0, "{heard}");
    assert!(stage.listener.tone(500.0) > HEARD);
    stage.room.want_opus(7);
    let output = stage.tick();
    assert!(
        output
            .private
            .iter()
            .any(|mix| mix.source == 7 && mix.payload.is_some())
    );
}
