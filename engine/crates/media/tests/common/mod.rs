//! What several tests need.
#![allow(dead_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use podium_media::codec::Codec;
use podium_media::frame::{Frame, SlotId, SourceId};
use podium_media::slot::{Slot, SlotConfig, SourcePacket};
use podium_media::time::Reference;

pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .map(|b| (b as char).to_digit(16).expect("hex digit") as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// A reproducible source of chance (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A packet that owns its payload.
#[derive(Debug, Clone)]
pub struct OwnedPacket {
    pub source: SourceId,
    pub layer: u8,
    pub sequence: u64,
    pub timestamp: u32,
    pub taken: Reference,
    pub marker: bool,
    pub payload: Vec<u8>,
}

impl OwnedPacket {
    pub fn borrow(&self) -> SourcePacket<'_> {
        SourcePacket {
            source: self.source,
            layer: self.layer,
            codec: Codec::Vp8,
            sequence: self.sequence,
            timestamp: self.timestamp,
            taken: self.taken,
            marker: self.marker,
            payload: &self.payload,
        }
    }
}

/// A VP8 sender of 25 pictures a second, on its own numbers and clock.
pub struct Camera {
    pub source: SourceId,
    pub layer: u8,
    pub sequence: u64,
    pub clock: u32,
    pub picture: u16,
    pub tl0: u8,
    /// Pictures sent.
    pub count: u32,
}

impl Camera {
    pub const INTERVAL: i64 = 40_000;

    pub fn new(source: u64, seed: u64) -> Self {
        let mut chance = Chance(seed);
        Self {
            source: SourceId(source),
            layer: 0,
            sequence: 0x1_0000 + chance.below(60_000),
            clock: chance.next() as u32,
            picture: chance.below(0x8000) as u16,
            tl0: chance.next() as u8,
            count: 0,
        }
    }

    pub fn layer(mut self, layer: u8) -> Self {
        self.layer = layer;
        self
    }

    /// The packets of the next picture, taken at `taken`. The payload after the descriptor is:
    /// VP8 frame tag byte, source, picture count (4 bytes), place, filler.
    pub fn picture(
        &mut self,
        keyframe: bool,
        packets: usize,
        taken: Reference,
    ) -> Vec<OwnedPacket> {
        let made = (0..packets)
            .map(|place| {
                let mut payload = vec![if place == 0 { 0x90 } else { 0x80 }, 0xe0];
                payload.extend_from_slice(&(0x8000 | self.picture).to_be_bytes());
                payload.extend_from_slice(&[self.tl0, 0]);
                payload.push(u8::from(!keyframe));
                payload.push(self.source.0 as u8);
                payload.extend_from_slice(&self.count.to_be_bytes());
                payload.push(place as u8);
                payload.resize(60 + place, 0xab);
                OwnedPacket {
                    source: self.source,
                    layer: self.layer,
                    sequence: self.sequence + place as u64,
                    timestamp: self.clock.wrapping_add((taken.0 * 9 / 100) as u32),
                    taken,
                    marker: place + 1 == packets,
                    payload,
                }
            })
            .collect();
        self.sequence += packets as u64;
        self.picture = (self.picture + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(1);
        self.count += 1;
        made
    }
}

/// What [`Camera`] wrote into a payload: (source, picture count, place, keyframe).
pub fn read_camera(payload: &[u8]) -> (u8, u32, u8, bool) {
    let d = podium_media::codec::vp8::Descriptor::parse(payload).expect("descriptor");
    let rest = &payload[d.len..];
    let count = u32::from_be_bytes([rest[2], rest[3], rest[4], rest[5]]);
    (rest[1], count, rest[6], rest[0] & 1 == 0)
}

/// A slot with a clock that the test moves.
pub struct Stage {
    pub slot: Slot,
    pub start: Instant,
    pub micros: i64,
    pub frames: Vec<Arc<Frame>>,
}

impl Stage {
    pub fn new(id: u64) -> Self {
        Self {
            slot: Slot::new(SlotConfig::new(SlotId(id), 1000)),
            start: Instant::now(),
            micros: 0,
            frames: Vec::new(),
        }
    }

    pub fn now(&self) -> Instant {
        self.start + Duration::from_micros(self.micros as u64)
    }

    pub fn taken(&self) -> Reference {
        Reference(self.micros)
    }

    pub fn switch(&mut self, source: Option<u64>) {
        self.slot.switch(source.map(SourceId), &mut self.frames);
    }

    pub fn push(&mut self, packet: &OwnedPacket) {
        let now = self.now();
        self.slot.push(&packet.borrow(), now, &mut self.frames);
    }

    pub fn pass(&mut self, micros: i64) {
        self.micros += micros;
        let now = self.now();
        self.slot.poll(now, &mut self.frames);
    }

    /// One picture of a camera, sent at once, and the time until the next.
    pub fn show(&mut self, camera: &mut Camera, keyframe: bool, packets: usize) {
        for packet in camera.picture(keyframe, packets, self.taken()) {
            self.push(&packet);
        }
        self.pass(Camera::INTERVAL);
    }

    pub fn take(&mut self) -> Vec<Arc<Frame>> {
        std::mem::take(&mut self.frames)
    }
}
