//! Senders' clocks on the reference clock.

mod common;

use common::Chance;
use podium_media::clock::SenderClock;
use podium_media::time::{Ntp, Reference};

const AUDIO: u32 = 1;
const VIDEO: u32 = 2;

/// A sender whose wall clock is far off and runs `drift` parts in a million fast, behind a network
/// of `delay` microseconds and up to `jitter` more.
struct Sender {
    drift: i64,
    delay: i64,
    jitter: u64,
    chance: Chance,
}

impl Sender {
    /// The sender's own microseconds at reference time `at`.
    fn own(&self, at: i64) -> i64 {
        at + at * self.drift / 1_000_000
    }

    fn ntp(&self, at: i64) -> Ntp {
        Ntp(0xe000_0000_1234_5678).plus(self.own(at))
    }

    fn rtp(&self, rate: i64, base: u32, at: i64) -> u32 {
        base.wrapping_add((self.own(at) * rate / 1_000_000) as u32)
    }

    fn arrival(&mut self, at: i64) -> Reference {
        Reference(at + self.delay + self.chance.below(self.jitter + 1) as i64)
    }
}

/// Runs for `seconds` and returns the error of each stamp after the first ten seconds, less the
/// network's delay: (audio, video).
fn run(mut sender: Sender, seconds: i64) -> (Vec<i64>, Vec<i64>) {
    let mut clock = SenderClock::new();
    let (mut audio, mut video) = (Vec::new(), Vec::new());
    for tick in 0..seconds * 50 {
        let at = tick * 20_000;
        if tick % 100 == 70 {
            let arrival = sender.arrival(at);
            clock.on_sender_report(
                AUDIO,
                48_000,
                sender.ntp(at),
                sender.rtp(48_000, 77, at),
                arrival,
            );
            clock.on_sender_report(
                VIDEO,
                90_000,
                sender.ntp(at),
                sender.rtp(90_000, u32::MAX - 9, at),
                arrival,
            );
        }
        let arrival = sender.arrival(at);
        let a = clock.taken(AUDIO, 48_000, sender.rtp(48_000, 77, at), arrival);
        // Pictures take 60 ms longer to make and send than sound.
        let late = sender.arrival(at + 60_000);
        let v = clock.taken(VIDEO, 90_000, sender.rtp(90_000, u32::MAX - 9, at), late);
        if at > 10_000_000 {
            audio.push(a.0 - at - sender.delay);
            video.push(v.0 - at - sender.delay);
        }
    }
    (audio, video)
}

fn sender(drift: i64, jitter: u64) -> Sender {
    Sender {
        drift,
        delay: 35_000,
        jitter,
        chance: Chance(9),
    }
}

#[test]
fn sound_and_picture_taken_together_get_the_same_time() {
    let (audio, video) = run(sender(0, 0), 60);
    assert!(
        audio.iter().all(|e| e.abs() < 100),
        "{:?}",
        audio.iter().max()
    );
    assert!(
        video.iter().all(|e| e.abs() < 100),
        "{:?}",
        video.iter().max()
    );
}

#[test]
fn jitter_of_the_network_stays_out_of_the_stamps() {
    let (audio, video) = run(sender(0, 40_000), 120);
    for (a, v) in audio.iter().zip(&video) {
        assert!((a - v).abs() < 2_000, "lip sync: {a} {v}");
        assert!((0..=40_000).contains(a));
    }
    let steps = audio.windows(2).map(|w| (w[1] - w[0]).abs()).max();
    assert!(steps <= Some(1_000), "smooth: {steps:?}");
}

#[test]
fn a_drifting_clock_is_followed() {
    for drift in [-200, 200] {
        let (audio, video) = run(sender(drift, 1_000), 600);
        let worst = audio.iter().chain(&video).map(|e| e.abs()).max();
        // Over ten minutes 200 ppm make 120 ms.
        assert!(worst < Some(12_000), "{worst:?} at {drift} ppm");
    }
}

#[test]
fn before_any_report_time_goes_by_arrival() {
    let mut clock = SenderClock::new();
    let first = clock.taken(VIDEO, 90_000, 1000, Reference(50_000));
    assert_eq!(first, Reference(50_000));
    let second = clock.taken(VIDEO, 90_000, 1000 + 3600, Reference(95_000));
    assert!((second.0 - 90_000).abs() <= 1_000, "{second:?}");
}

#[test]
fn packets_of_one_picture_have_one_time() {
    let mut clock = SenderClock::new();
    let mut taken: Vec<Reference> = (0..20)
        .map(|i| clock.taken(VIDEO, 90_000, 555, Reference(1_000 + 700 * i)))
        .collect();
    taken.dedup();
    assert_eq!(taken.len(), 1, "{taken:?}");
}

#[test]
fn a_sender_clock_that_is_set_is_followed_at_once() {
    let mut clock = SenderClock::new();
    let base = Ntp(0xe000_0000_0000_0000);
    for i in 0..20i64 {
        let at = Reference(i * 1_000_000);
        let set = if i < 10 { 0 } else { 3_600_000_000 };
        let rtp = (i * 90_000) as u32;
        clock.on_sender_report(VIDEO, 90_000, base.plus(i * 1_000_000 + set), rtp, at);
        let taken = clock.taken(VIDEO, 90_000, rtp, at);
        assert!((taken.0 - at.0).abs() < 10_000, "second {i}: {taken:?}");
    }
}

#[test]
fn a_clock_that_is_set_on_one_stream_does_not_carry_the_other_away() {
    let mut clock = SenderClock::new();
    let base = Ntp(0xe000_0000_0000_0000);
    let year = 31_536_000_000_000;
    clock.on_sender_report(VIDEO, 90_000, base, 0, Reference(0));
    clock.on_sender_report(AUDIO, 48_000, base.plus(year), 0, Reference(1_000));
    for second in 0..5i64 {
        let at = Reference(second * 1_000_000);
        let taken = clock.taken(VIDEO, 90_000, (second * 90_000) as u32, at);
        assert!(
            (taken.0 - at.0).abs() < 10_000,
            "second {second}: {taken:?}"
        );
    }
}

#[test]
fn strangers_streams_are_bounded() {
    let mut clock = SenderClock::new();
    for ssrc in 0..1000 {
        clock.on_sender_report(ssrc, 90_000, Ntp(1 << 60), 0, Reference(5));
        let taken = clock.taken(ssrc, 90_000, 0, Reference(5));
        assert_eq!(taken, Reference(5));
    }
}
