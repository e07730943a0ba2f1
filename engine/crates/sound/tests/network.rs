//! Loss, jitter, reordering, pauses and drift, seeded: what reaches the mix in spite of them.

mod common;

use common::{Dice, Ear, Speaker, TICK, goertzel, start};
use podium_sound::delay::Bounds;
use podium_sound::receiver::{Receiver, ReceiverStats};
use podium_sound::{Codec, FRAME, Input, Room, RoomConfig};
use std::time::Duration;

/// Milliseconds in samples.
fn ms(value: f64) -> i64 {
    (value * 48.0) as i64
}

/// What happens to packet `n`: its delay in milliseconds, or `None` when it is lost.
type Network<'a> = dyn FnMut(usize) -> Option<f64> + 'a;

struct Heard {
    pcm: Vec<f32>,
    held: Vec<i64>,
    stats: ReceiverStats,
}

/// Sends `seconds` of a tone through a network into a receiver. `ppm`: the sender's clock.
fn listen(speaker: &mut Speaker, seconds: usize, ppm: f64, network: &mut Network) -> Heard {
    let mut receiver = Receiver::new(Codec::Opus, Bounds::default()).expect("receiver");
    let ticks = seconds * 50;
    let mut packets = Vec::new();
    let mut frames = 0;
    while (frames as f64 * 20.0) * (1.0 + ppm / 1e6) < seconds as f64 * 1000.0 {
        let packet = speaker.packet();
        if let Some(delay) = network(frames) {
            packets.push((
                ms(frames as f64 * 20.0 * (1.0 + ppm / 1e6) + 50.0 + delay),
                packet,
            ));
        }
        frames += 1;
    }
    packets.sort_by_key(|(arrival, _)| *arrival);
    let mut waiting = packets.into_iter().peekable();
    let mut heard = Heard {
        pcm: Vec::new(),
        held: Vec::new(),
        stats: ReceiverStats::default(),
    };
    for tick in 0..ticks {
        let now = tick as i64 * FRAME as i64 + 311;
        while let Some((arrival, (sequence, timestamp, payload))) =
            waiting.next_if(|(arrival, _)| *arrival <= now)
        {
            receiver.push(sequence, timestamp, &payload, arrival);
        }
        let mut frame = [0.0; FRAME];
        receiver.pull(&mut frame, now);
        heard.pcm.extend_from_slice(&frame);
        heard.held.extend(receiver.held());
    }
    heard.stats = receiver.stats();
    heard
}

/// Signal to everything else, dB, of one tone, over the last `seconds`.
fn clarity(pcm: &[f32], hertz: f32, seconds: usize) -> f32 {
    let tail = &pcm[pcm.len() - seconds * 48_000..];
    // Phase may shift at corrections: judged in pieces of 100 ms.
    let mut signal = 0.0;
    let mut total = 0.0;
    for piece in tail.chunks_exact(4_800) {
        signal += 10_f64.powf(f64::from(goertzel(piece, hertz)) / 10.0);
        total += piece.iter().map(|x| f64::from(x * x)).sum::<f64>() / piece.len() as f64;
    }
    (10.0 * (signal / (total - signal).max(1e-12)).log10()) as f32
}

#[test]
fn five_percent_loss_is_hardly_heard_thanks_to_redundancy() {
    let mut dice = Dice::new(7);
    let heard = listen(&mut Speaker::new(440.0), 20, 0.0, &mut |_| {
        (dice.roll() >= 0.05).then_some(0.0)
    });
    assert!(heard.stats.recovered > 20 * 960, "{:?}", heard.stats);
    let clear = clarity(&heard.pcm, 440.0, 15);
    assert!(clear > 15.0, "{clear} dB");
}

#[test]
fn jitter_of_30_ms_is_held_by_less_than_60_ms() {
    let mut dice = Dice::new(3);
    let heard = listen(&mut Speaker::new(440.0), 30, 0.0, &mut |_| {
        Some(dice.roll() * 30.0)
    });
    let worst = heard.held.iter().skip(250).max().expect("plays");
    assert!(*worst <= ms(60.0), "{worst} samples; {:?}", heard.stats);
    assert!(heard.stats.starved < 30 * 48_000 / 100, "{:?}", heard.stats);
    assert!(clarity(&heard.pcm, 440.0, 20) > 15.0);
}

#[test]
fn a_steady_network_is_held_by_one_tick_and_nothing_is_made_up() {
    let heard = listen(&mut Speaker::new(440.0), 10, 0.0, &mut |_| Some(0.0));
    assert_eq!(heard.held.last(), Some(&ms(20.0)));
    assert_eq!(
        (heard.stats.starved, heard.stats.recovered, heard.stats.late),
        (0, 0, 0)
    );
}

#[test]
fn reordered_and_repeated_packets_change_nothing() {
    let mut room = Receiver::new(Codec::Opus, Bounds::default()).expect("receiver");
    let mut speaker = Speaker::new(440.0);
    let mut frame = [0.0; FRAME];
    for pair in 0..100_i64 {
        let first = speaker.packet();
        let second = speaker.packet();
        let now = pair * 2 * FRAME as i64;
        for (sequence, timestamp, payload) in [&second, &first, &second, &first] {
            room.push(*sequence, *timestamp, payload, now);
        }
        room.pull(&mut frame, now);
        room.pull(&mut frame, now + FRAME as i64);
    }
    let stats = room.stats();
    assert_eq!((stats.recovered, stats.starved), (0, 0), "{stats:?}");
    assert!(stats.duplicates + stats.late >= 190, "{stats:?}");
}

#[test]
fn clocks_that_differ_by_200_ppm_neither_overflow_nor_starve() {
    for ppm in [200.0, -200.0] {
        let mut dice = Dice::new(11);
        let heard = listen(&mut Speaker::new(440.0), 480, ppm, &mut |_| {
            Some(dice.roll() * 5.0)
        });
        // A slow sender's sound must be made longer, a fast one's shorter: 4,608 samples.
        let longer = (heard.stats.expanded + heard.stats.starved) as i64;
        let corrected = longer - heard.stats.accelerated as i64;
        let drifted = (480.0 * 48_000.0 * ppm / 1e6) as i64;
        assert!(
            corrected.abs_diff(drifted) < 1_500,
            "{ppm} ppm: {:?}",
            heard.stats
        );
        assert!(heard.stats.starved < 48_000, "{ppm} ppm: {:?}", heard.stats);
        assert!(heard.held.iter().skip(500).all(|held| *held <= ms(50.0)));
        assert!(clarity(&heard.pcm, 440.0, 60) > 15.0, "{ppm} ppm");
    }
}

#[test]
fn a_longer_path_raises_the_delay_and_is_forgotten_again() {
    let mut dice = Dice::new(5);
    let heard = listen(&mut Speaker::new(440.0), 40, 0.0, &mut |n| {
        let spread = if (500..1000).contains(&n) { 100.0 } else { 2.0 };
        Some(dice.roll() * spread)
    });
    assert!(heard.held.iter().max() >= Some(&ms(100.0)));
    assert!(
        heard.held.last() <= Some(&ms(30.0)),
        "{:?}",
        heard.held.last()
    );
    assert!(clarity(&heard.pcm, 440.0, 10) > 15.0);
}

#[test]
fn a_pause_and_a_new_stream_are_followed_by_sound() {
    let mut receiver = Receiver::new(Codec::Opus, Bounds::default()).expect("receiver");
    let mut frame = [0.0; FRAME];
    let mut now = 0;
    let mut speaker = Speaker::new(440.0);
    for section in 0..4 {
        let mut pcm = Vec::new();
        for _ in 0..100 {
            let (sequence, timestamp, payload) = speaker.packet();
            receiver.push(sequence, timestamp, &payload, now);
            receiver.pull(&mut frame, now);
            pcm.extend_from_slice(&frame);
            now += FRAME as i64;
        }
        assert!(goertzel(&pcm[48_000..], 440.0) > -24.0, "section {section}");
        for tick in 0..100 {
            receiver.pull(&mut frame, now);
            now += FRAME as i64;
            assert!(
                tick < 10 || frame.iter().all(|x| *x == 0.0),
                "section {section}: {tick}"
            );
        }
        match section {
            // Discontinuous transmission: time passed, nothing was sent.
            0 => speaker.timestamp = speaker.timestamp.wrapping_add(100 * 960),
            // A sender whose clock stood still meanwhile.
            1 => {}
            // A new sender.
            _ => (speaker.sequence, speaker.timestamp) = (7, 123_456),
        }
    }
}

#[test]
fn packets_of_10_40_and_60_ms_and_stereo_are_understood() {
    use opusic_c::{Application, Channels, Encoder, SampleRate};
    for (length, channels) in [
        (480, Channels::Mono),
        (1_920, Channels::Mono),
        (2_880, Channels::Stereo),
    ] {
        let width = channels as usize;
        let mut encoder =
            Encoder::new(channels, SampleRate::Hz48000, Application::Audio).expect("encoder");
        let mut receiver = Receiver::new(Codec::Opus, Bounds::default()).expect("receiver");
        let mut pcm = Vec::new();
        let mut sent = 0_usize;
        for tick in 0..200_usize {
            let now = (tick * FRAME) as i64;
            while sent + length <= (tick + 1) * FRAME {
                let sound: Vec<f32> = (0..length * width)
                    .map(|n| {
                        let time = (sent + n / width) as f32 / 48_000.0;
                        0.2 * (time * 440.0 * std::f32::consts::TAU).sin()
                    })
                    .collect();
                let mut payload = vec![0; 1_275];
                let size = encoder
                    .encode_float_to_slice(&sound, &mut payload)
                    .expect("encodes");
                payload.truncate(size);
                let number = (sent / length) as u16;
                receiver.push(number, sent as u32, &payload, now);
                sent += length;
            }
            let mut frame = [0.0; FRAME];
            receiver.pull(&mut frame, now);
            pcm.extend_from_slice(&frame);
        }
        let level = goertzel(&pcm[pcm.len() - 48_000..], 440.0);
        assert!(
            (level + 17.0).abs() < 2.0,
            "{length} samples, {width} channels: {level}"
        );
        let stats = receiver.stats();
        assert_eq!(
            (stats.recovered, stats.refused),
            (0, 0),
            "{length}: {stats:?}"
        );
        assert!(stats.starved <= 4_800, "{length}: {stats:?}");
    }
}

#[test]
fn mouth_to_ear_within_the_server_is_below_60_ms() {
    let mut room = Room::new(RoomConfig::default()).expect("room");
    room.open(0, Input::Station).expect("opens");
    let mut speaker = Speaker::new(1_000.0);
    let mut ear = Ear::new();
    speaker.amplitude = 0.0;
    let mut now = start();
    let onset = 100;
    for tick in 0..200 {
        if tick == onset {
            speaker.amplitude = 0.5;
        }
        let (sequence, timestamp, payload) = speaker.packet();
        // A packet arrives when its sound has been captured; the tick falls 7 ms later.
        room.push(0, sequence, timestamp, &payload, now);
        let output = room.tick(now + Duration::from_millis(7));
        ear.hear(output.shared.as_deref());
        now += TICK;
    }
    let first = ear
        .heard
        .iter()
        .position(|x| x.abs() > 0.05)
        .expect("it is heard");
    // Heard at sample `first` of ticks that start at the arrival of the onset's packet.
    let delay = first as i64 - onset * FRAME as i64 + ms(7.0);
    assert!((0..ms(60.0)).contains(&delay), "{} ms", delay / 48);
}
