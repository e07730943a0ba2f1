//! What sealing one packet for one viewer costs: `cargo run --release --example seal`.
//!
//! As the engine does it: a frame of nine packets of 1,112 bytes is numbered, written and sealed
//! for each of many viewers with a key of its own, into one send buffer.
use std::hint::black_box;
use std::time::Instant;

use podium_media::codec::Codec;
use podium_media::egress::{HeaderExtensions, padding, write_packet};
use podium_media::frame::{Assembler, Frame, Layers, SlotId, SourceId, StampedPacket};
use podium_media::srtp::{Contexts, DtlsRole, Profile, SealRtp};
use podium_media::time::Reference;
use podium_media::viewer::{PayloadType, PayloadTypes, StreamConfig, Take, ViewerStream};

const VIEWERS: usize = 300;
const PACKETS: usize = 9;
const PAYLOAD: usize = 1_112;
const ROUNDS: u64 = 50;

/// How the payload is made ready.
#[derive(Debug, Clone, Copy)]
enum Case {
    /// Straight from the shared slab.
    Shared,
    /// With one byte of padding, so that it is gathered first.
    Gathered,
}

fn frame(number: u64) -> std::sync::Arc<Frame> {
    let mut assembler = Assembler::new(SlotId(1), 0);
    let mut out = Vec::new();
    let payload = vec![0x10; PAYLOAD];
    for place in 0..PACKETS as u64 {
        let packet = StampedPacket {
            source: SourceId(1),
            layers: Layers::ONE,
            epoch: 1,
            codec: Codec::H264,
            keyframe: number == 0,
            starts: place == 0,
            sequence: number * PACKETS as u64 + place,
            timestamp: (number * 3600) as u32,
            taken: Reference(0),
            marker: place + 1 == PACKETS as u64,
            payload: &payload,
        };
        assembler.push(&packet, Instant::now(), &mut out);
    }
    out.remove(0)
}

fn viewers(profile: Profile) -> Vec<(SealRtp, ViewerStream)> {
    (0..VIEWERS)
        .map(|viewer| {
            let exported: Vec<u8> = (0..profile.keying_material_len())
                .map(|i| (i * 7 + viewer) as u8)
                .collect();
            let keys = Contexts::from_dtls(profile, &exported, DtlsRole::Server);
            let h264 = PayloadType {
                media: 102,
                rtx: Some(103),
            };
            let mut stream = ViewerStream::new(StreamConfig {
                ssrc: viewer as u32,
                rtx_ssrc: None,
                payload_types: PayloadTypes::default().with(Codec::H264, h264),
                first_sequence: 1,
                first_rtx_sequence: 1,
                max_layer: 0,
            });
            stream.watch(Some(SlotId(1)));
            match keys {
                Ok(keys) => (keys.seal_rtp, stream),
                Err(error) => panic!("{error}"),
            }
        })
        .collect()
}

fn measure(profile: Profile, case: Case) -> f64 {
    let mut viewers = viewers(profile);
    let frames: Vec<_> = (0..ROUNDS).map(frame).collect();
    let extensions = HeaderExtensions::default().with_abs_send_time(2);
    let target = match case {
        Case::Shared => PAYLOAD,
        Case::Gathered => PAYLOAD + 1,
    };
    let mut buffer = vec![0; 16_000];
    let mut sealed = 0u64;
    let start = cpu_nanos();
    for frame in &frames {
        for (seal, stream) in &mut viewers {
            let Take::Send(run) = stream.take(frame) else {
                panic!("a frame was skipped");
            };
            let mut at = 0;
            for packet in run.packets(frame) {
                let pad = padding(packet.payload(0).len(), target).unwrap_or(0);
                let out = &mut buffer[at..];
                match write_packet(&packet, &extensions, [0; 3], pad, seal, out) {
                    Ok(len) => at += len,
                    Err(error) => panic!("{error}"),
                }
                sealed += 1;
            }
            black_box(&buffer[..at]);
        }
    }
    (cpu_nanos() - start) as f64 / sealed as f64
}

/// Nanoseconds that this thread has run, by the scheduler: other programs do not count.
fn cpu_nanos() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/thread-self/schedstat") else {
        panic!("this bench needs Linux with schedstat");
    };
    let first = text.split_whitespace().next();
    first.and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn main() {
    println!("{VIEWERS} viewers, {PACKETS} packets of {PAYLOAD} bytes; CPU ns/packet, best of 9");
    for profile in Profile::ALL {
        for case in [Case::Shared, Case::Gathered] {
            let best = (0..9)
                .map(|_| measure(profile, case))
                .fold(f64::INFINITY, f64::min);
            println!("{:>20} {case:?}: {best:.0}", profile.name());
        }
    }
}
