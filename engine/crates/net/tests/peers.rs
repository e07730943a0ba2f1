//! Peers that come, go, restart, and lie.

mod support;

use std::net::UdpSocket;

use podium_net::{Command, Event, IceSpec, ProgramSlot, SlotName};
use support::*;

const MAIN: SlotName = SlotName::Program(ProgramSlot::Main);
const WRONG: &str = "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:\
                     00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

#[test]
fn a_viewer_with_another_certificate_is_refused() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut honest = Peer::viewer(&engine, 23, &[MAIN]);
    // The engine is told a fingerprint that is not this viewer's.
    let mut liar = Peer::viewer_told(&engine, 21, &[MAIN], WRONG);
    until(
        &engine,
        &mut [&mut honest, &mut liar],
        &mut events,
        "verdicts",
        |_, e| is_connected(e, 23) && end(e, 21) == Some("dtls_failed"),
    );
    assert!(!is_connected(&events, 21));
    // And a server with another certificate than announced is refused by the viewer.
    let mut deceived = Peer::viewer_with(&engine, 24, &[MAIN], false, WRONG);
    until(
        &engine,
        &mut [&mut deceived],
        &mut events,
        "mistrust",
        |p, _| p[0].closed,
    );
    assert!(!deceived.connected);
    let mut publisher = Peer::publisher(&engine, 11, |offer| {
        let mut lines: Vec<&str> = offer.lines().collect();
        let forged = format!("a=fingerprint:{WRONG}");
        for line in &mut lines {
            if line.starts_with("a=fingerprint:") {
                *line = &forged;
            }
        }
        lines.join("\r\n") + "\r\n"
    });
    until(
        &engine,
        &mut [&mut publisher, &mut honest],
        &mut events,
        "refusal",
        |_, e| end(e, 11) == Some("dtls_failed"),
    );
    assert!(!is_connected(&events, 11));
}

#[test]
fn a_viewer_that_says_goodbye_is_gone() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut viewer = Peer::viewer(&engine, 21, &[MAIN]);
    until(
        &engine,
        &mut [&mut viewer],
        &mut events,
        "connected",
        |_, e| is_connected(e, 21),
    );
    viewer.rtc.close().expect("close");
    until(&engine, &mut [&mut viewer], &mut events, "gone", |_, e| {
        end(e, 21) == Some("peer_closed")
    });
    assert_eq!(engine.stats().viewers, 0);
}

#[test]
fn closing_a_room_ends_its_sessions() {
    let engine = engine(2);
    let mut events = Vec::new();
    let mut viewer = Peer::viewer(&engine, 21, &[MAIN]);
    let mut publisher = Peer::publisher(&engine, 11, str::to_owned);
    until(
        &engine,
        &mut [&mut viewer, &mut publisher],
        &mut events,
        "connected",
        |_, e| is_connected(e, 21) && is_connected(e, 11),
    );
    engine.submit(Command::CloseRoom(ROOM)).expect("close");
    until(
        &engine,
        &mut [&mut viewer, &mut publisher],
        &mut events,
        "ended",
        |p, e| {
            end(e, 21) == Some("closed")
                && end(e, 11) == Some("closed")
                && p[0].closed
                && p[1].closed
        },
    );
    assert!(engine.submit(Command::CloseRoom(ROOM)).is_err());
}

#[test]
fn an_ice_restart_keeps_keys_and_streams() {
    let engine = engine(1);
    let mut events = Vec::new();
    let mut publisher = Peer::publisher(&engine, 11, str::to_owned);
    let mut viewer = Peer::viewer(&engine, 21, &[MAIN]);
    publisher.start();
    let (room, slot) = (ROOM, ProgramSlot::Main);
    engine
        .submit(Command::SetSlot {
            room,
            slot,
            source: Some(11),
        })
        .expect("slot");
    until(
        &engine,
        &mut [&mut publisher, &mut viewer],
        &mut events,
        "pictures",
        |p, _| p[1].stream(0).len() > 40,
    );
    // The same keys from another socket with other credentials: a station whose network changed.
    let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
    socket.set_nonblocking(true).expect("nonblocking");
    let fresh = IceSpec {
        local_ufrag: "fresh".to_owned(),
        local_pwd: "a-fresh-password-of-the-server".to_owned(),
        remote_ufrag: "clientfresh".to_owned(),
        remote_pwd: "a-fresh-password-of-client".to_owned(),
    };
    engine
        .submit(Command::RestartViewer {
            session: 21,
            ice: fresh,
        })
        .expect("restart");
    let mut check = [0; 512];
    let request = podium_media::stun::BindingRequest {
        transaction: podium_media::stun::TransactionId([3; 12]),
        username: "fresh:clientfresh",
        password: b"a-fresh-password-of-the-server",
        priority: 1,
        use_candidate: true,
        controlling: true,
        tie_breaker: 5,
    };
    let length = podium_media::stun::write_binding_request(&request, &mut check).expect("request");
    socket
        .send_to(&check[..length], engine.candidates()[0])
        .expect("send");
    let mut media = 0;
    until(
        &engine,
        &mut [&mut publisher, &mut viewer],
        &mut events,
        "moved pictures",
        |_, _| {
            let mut buffer = [0; 2048];
            while let Ok((length, _)) = socket.recv_from(&mut buffer) {
                media += usize::from(length > 500 && buffer[0] >> 6 == 2);
            }
            media > 40
        },
    );
    assert_eq!(end(&events, 21), None);
}

#[test]
fn garbage_is_counted_and_nothing_else() {
    let mut engine = engine(2);
    let mut events = Vec::new();
    let mut viewer = Peer::viewer(&engine, 21, &[MAIN]);
    let mut publisher = Peer::publisher(&engine, 11, str::to_owned);
    until(
        &engine,
        &mut [&mut viewer, &mut publisher],
        &mut events,
        "connected",
        |_, e| is_connected(e, 21) && is_connected(e, 11),
    );
    let before = engine.stats().rejected;
    let strangers: Vec<UdpSocket> = (0..8)
        .map(|_| UdpSocket::bind("127.0.0.1:0").expect("socket"))
        .collect();
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let target = engine.candidates()[0];
    let count = 4000;
    for round in 0..count {
        let mut data: Vec<u8> = (0..next() % 1400).map(|_| next() as u8).collect();
        if let Some(first) = data.first_mut() {
            *first = [0, 1, 20, 22, 63, 128, 144, 191, 255][round % 9];
        }
        // A quarter comes from the addresses of real peers.
        let socket = match round % 4 {
            0 => &viewer.socket,
            1 if round % 8 == 1 => &publisher.socket,
            _ => &strangers[round % strangers.len()],
        };
        socket.send_to(&data, target).expect("send");
        if round % 64 == 0 {
            viewer.step();
            publisher.step();
            events.extend(engine.poll().expect("engine lives"));
        }
    }
    publisher.start();
    let (room, slot) = (ROOM, ProgramSlot::Main);
    engine
        .submit(Command::SetSlot {
            room,
            slot,
            source: Some(11),
        })
        .expect("slot");
    until(
        &engine,
        &mut [&mut viewer, &mut publisher],
        &mut events,
        "pictures",
        |p, _| p[0].stream(0).len() > 40,
    );
    assert!(engine.stats().rejected > before + count as u64 / 4);
    assert!(
        !events
            .iter()
            .any(|e| matches!(e, Event::Disconnected { .. })),
        "{events:?}"
    );
    engine.close();
}
