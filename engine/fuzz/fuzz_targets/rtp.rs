//! RTP headers: what was read can be written, and is then read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podium_media::rtp::Packet;

fuzz_target!(|data: &[u8]| {
    let Ok(packet) = Packet::parse(data) else {
        return;
    };
    let elements: Vec<(u8, &[u8])> = packet.extensions.iter().collect();
    let mut out = vec![0; data.len() * 3 + 64];
    let Ok(len) = packet.header.write(&mut out, &elements, false) else {
        panic!("three times the room must do");
    };
    let Ok(again) = Packet::parse(&out[..len]) else {
        panic!("what was written is not RTP");
    };
    assert_eq!(again.header, packet.header);
    assert!(again.extensions.iter().eq(elements));
});
