//! RTCP compounds, with every list in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podium_media::rtcp::{Packet, Reader};
use podium_media::time::Ntp;

fuzz_target!(|data: &[u8]| {
    for packet in Reader::new(data).flatten() {
        match packet {
            Packet::SenderReport { blocks, .. } | Packet::ReceiverReport { blocks, .. } => {
                for block in blocks.iter() {
                    let _ = block.round_trip(Ntp(0));
                }
            }
            Packet::Nack { lost, .. } => assert!(lost.iter().count() <= data.len() * 17),
            _ => {}
        }
    }
});
