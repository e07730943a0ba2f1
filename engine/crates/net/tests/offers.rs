//! Offers that were spoilt on the way are refused in words or answered, and never more.

mod support;

use proptest::prelude::*;
use str0m::Rtc;
use str0m::media::{Direction, MediaKind, Simulcast, SimulcastLayer};

use podium_net::PublishError;
use support::*;

fn good() -> String {
    let mut rtc = Rtc::new(std::time::Instant::now());
    let mut api = rtc.sdp_api();
    api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
    let layers = ["l", "m", "h"].map(SimulcastLayer::new);
    let simulcast = Simulcast {
        send: layers.to_vec(),
        recv: Vec::new(),
    };
    api.add_media(
        MediaKind::Video,
        Direction::SendOnly,
        None,
        None,
        Some(simulcast),
    );
    api.apply().expect("offer").0.to_sdp_string()
}

#[derive(Debug, Clone)]
enum Damage {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Cut(usize),
    Byte(usize, char),
    Number(usize, u64),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<usize>().prop_map(Damage::Drop),
        any::<usize>().prop_map(Damage::Double),
        any::<(usize, usize)>().prop_map(|(a, b)| Damage::Swap(a, b)),
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), any::<char>()).prop_map(|(at, c)| Damage::Byte(at, c)),
        (any::<usize>(), any::<u64>()).prop_map(|(at, n)| Damage::Number(at, n)),
    ]
}

fn spoil(offer: &str, damages: &[Damage]) -> String {
    let mut lines: Vec<String> = offer.lines().map(str::to_owned).collect();
    for damage in damages {
        let count = lines.len().max(1);
        match damage {
            Damage::Drop(at) if lines.len() > 1 => drop(lines.remove(at % count)),
            Damage::Double(at) => lines.insert(at % count, lines[at % count].clone()),
            Damage::Swap(a, b) => lines.swap(a % count, b % count),
            Damage::Cut(at) => {
                let line = &mut lines[at % count];
                let keep = line.chars().count() / 2;
                *line = line.chars().take(keep).collect();
            }
            Damage::Byte(at, c) => lines[at % count].insert(0, *c),
            Damage::Number(at, n) => {
                let line = &mut lines[at % count];
                let start = line
                    .find(|c: char| c.is_ascii_digit())
                    .unwrap_or(line.len());
                let rest = line[start..].trim_start_matches(|c: char| c.is_ascii_digit());
                *line = format!("{}{n}{rest}", &line[..start]);
            }
            Damage::Drop(_) => {}
        }
    }
    lines.join("\r\n") + "\r\n"
}

#[test]
fn spoilt_offers_are_refused_or_answered() {
    let engine = engine(1);
    let good = good();
    let sessions = std::cell::Cell::new(1);
    engine
        .publish(ROOM, 0, &good, "good")
        .expect("the good one is answered");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let damages = proptest::collection::vec(damage(), 1..6);
    let outcome = runner.run(&damages, |damages| {
        let session = sessions.replace(sessions.get() + 1);
        match engine.publish(ROOM, session, &spoil(&good, &damages), "spoilt") {
            Ok(answer) => prop_assert!(answer.starts_with("v=0")),
            Err(PublishError::Offer(error)) => prop_assert!(!error.0.is_empty()),
            Err(PublishError::Engine(error)) => prop_assert!(false, "{error}"),
        }
        Ok(())
    });
    outcome.expect("refused or answered");
    assert!(engine.poll().is_ok(), "every thread lives");
}
