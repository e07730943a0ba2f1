//! Any datagram, through classification and STUN, up to the check of integrity.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podium_media::stun::{Message, classify};

fuzz_target!(|data: &[u8]| {
    let _ = classify(data);
    if let Ok(message) = Message::parse(data) {
        let _ = (message.verify(b"password"), message.ufrags());
    }
});
