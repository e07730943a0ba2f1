//! From two cameras through a slot to a viewer, over networks that lose, delay, reorder and
//! duplicate: every picture arrives whole or is skipped up to a keyframe, numbers never break.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use common::{Camera, Chance, OwnedPacket, read_camera};
use podium_media::codec::Codec;
use podium_media::egress::{HeaderExtensions, write_packet};
use podium_media::frame::{ResendRing, SlotId, SourceId};
use podium_media::rtcp::{CompoundWriter, Packet as Rtcp, Reader};
use podium_media::rtp::{Packet, SequenceExtender};
use podium_media::slot::{Slot, SlotConfig};
use podium_media::srtp::{Contexts, DtlsRole, Profile};
use podium_media::time::Reference;
use podium_media::viewer::{PayloadType, PayloadTypes, StreamConfig, Take, ViewerStream};

const SSRC: u32 = 100;
const RTX: u32 = 200;
const STEP: u64 = 1_000;

/// A one-way link: what goes in comes out later, or not, or twice.
struct Link<T> {
    chance: Chance,
    loss: u64,
    duplicates: u64,
    delay: u64,
    jitter: u64,
    flying: BTreeMap<(u64, u64), T>,
    count: u64,
}

impl<T: Clone> Link<T> {
    fn new(seed: u64, loss: u64, delay: u64, jitter: u64) -> Self {
        Self {
            chance: Chance(seed),
            loss,
            duplicates: 1,
            delay,
            jitter,
            flying: BTreeMap::new(),
            count: 0,
        }
    }

    fn send(&mut self, now: u64, item: T) {
        let copies = match self.chance.percent(self.loss) {
            true => 0,
            false => 1 + u64::from(self.chance.percent(self.duplicates)),
        };
        for _ in 0..copies {
            let at = now + self.delay + self.chance.below(self.jitter + 1);
            self.count += 1;
            self.flying.insert((at, self.count), item.clone());
        }
    }

    fn arrived(&mut self, now: u64) -> Vec<T> {
        let later = self.flying.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.flying, later)
            .into_values()
            .collect()
    }
}

/// A receiver that reassembles pictures and asks for what is missing.
struct Receiver {
    keys: Contexts,
    extender: SequenceExtender,
    rtx: SequenceExtender,
    /// Payload, timestamp and marker by sequence number.
    packets: BTreeMap<u64, (Vec<u8>, u32, bool)>,
    /// When each missing packet was asked for last.
    asked: BTreeMap<u64, u64>,
    recovered: BTreeSet<u64>,
}

impl Receiver {
    fn receive(&mut self, sealed: &[u8]) {
        let mut out = [0; 1500];
        // A duplicate is a replay.
        let Ok((len, _)) = self.keys.open_rtp.open(sealed, &mut out) else {
            return;
        };
        let packet = Packet::parse(&out[..len]).expect("packet");
        let (sequence, payload) = match packet.header.ssrc {
            SSRC => (self.extender.extend(packet.header.sequence), packet.payload),
            RTX => {
                assert_eq!(packet.header.payload_type, 97);
                self.rtx.extend(packet.header.sequence);
                let (original, rest) = packet.payload.split_first_chunk::<2>().expect("number");
                let sequence = self.extender.extend(u16::from_be_bytes(*original));
                self.recovered.insert(sequence);
                (sequence, rest)
            }
            other => panic!("unknown source {other}"),
        };
        let new = (
            payload.to_vec(),
            packet.header.timestamp,
            packet.header.marker,
        );
        if let Some(old) = self.packets.insert(sequence, new.clone()) {
            assert_eq!(old, new, "a retransmission differs from its original");
        }
    }

    /// Sequence numbers to be asked for now.
    fn missing(&mut self, now: u64) -> Vec<u16> {
        let (Some((&first, _)), Some((&last, _))) = (
            self.packets.first_key_value(),
            self.packets.last_key_value(),
        ) else {
            return Vec::new();
        };
        let mut missing = Vec::new();
        for sequence in first.max(last.saturating_sub(400))..last {
            if self.packets.contains_key(&sequence) {
                continue;
            }
            let due = self
                .asked
                .get(&sequence)
                .is_none_or(|at| now - at >= 60_000);
            if due && missing.len() < 40 {
                self.asked.insert(sequence, now);
                missing.push(sequence as u16);
            }
        }
        missing
    }

    /// Pictures that arrived whole, in order: (camera, count, keyframe).
    fn pictures(&self) -> Vec<(u8, u32, bool)> {
        let mut pictures = Vec::new();
        let mut next_place = None;
        let mut next = None;
        for (sequence, (payload, _, marker)) in &self.packets {
            let (camera, count, place, keyframe) = read_camera(payload);
            let continues = next == Some(*sequence) && next_place == Some((camera, count, place));
            if place != 0 && !continues {
                (next, next_place) = (None, None);
                continue;
            }
            (next, next_place) = (Some(sequence + 1), Some((camera, count, place + 1)));
            if *marker {
                pictures.push((camera, count, keyframe));
                next_place = None;
            }
        }
        pictures
    }
}

struct Conditions {
    seed: u64,
    /// Per cent.
    up_loss: u64,
    down_loss: u64,
    jitter: u64,
    profile: Profile,
}

struct World {
    start: Instant,
    now: u64,
    cameras: [Camera; 2],
    keyframe_asked: [bool; 2],
    up: Link<OwnedPacket>,
    down: Link<Vec<u8>>,
    back: Link<Vec<u8>>,
    slot: Slot,
    stream: ViewerStream,
    ring: ResendRing,
    keys: Contexts,
    receiver: Receiver,
    /// Packets that reached the slot.
    reached: BTreeSet<(u64, u64)>,
    resent: usize,
}

impl World {
    fn new(c: &Conditions) -> Self {
        let exported = vec![7; c.profile.keying_material_len()];
        let keys = |role| Contexts::from_dtls(c.profile, &exported, role).expect("keys");
        let mut stream = ViewerStream::new(StreamConfig {
            ssrc: SSRC,
            rtx_ssrc: Some(RTX),
            payload_types: PayloadTypes::default().with(
                Codec::Vp8,
                PayloadType {
                    media: 96,
                    rtx: Some(97),
                },
            ),
            // Wraps early on.
            first_sequence: 0x7fff,
            first_rtx_sequence: 0x7ff0,
            max_layer: 0,
        });
        stream.watch(Some(SlotId(1)));
        let mut cameras = [Camera::new(1, c.seed), Camera::new(2, c.seed + 1)];
        cameras[0].sequence = 0x1_fff0;
        Self {
            start: Instant::now(),
            now: 0,
            cameras,
            keyframe_asked: [true; 2],
            up: Link::new(c.seed + 2, c.up_loss, 10_000, c.jitter),
            down: Link::new(c.seed + 3, c.down_loss, 20_000, c.jitter),
            back: Link::new(c.seed + 4, c.down_loss, 20_000, c.jitter),
            slot: Slot::new(SlotConfig::new(SlotId(1), 77)),
            stream,
            ring: ResendRing::default(),
            keys: keys(DtlsRole::Server),
            receiver: Receiver {
                keys: keys(DtlsRole::Client),
                extender: SequenceExtender::default(),
                rtx: SequenceExtender::default(),
                packets: BTreeMap::new(),
                asked: BTreeMap::new(),
                recovered: BTreeSet::new(),
            },
            reached: BTreeSet::new(),
            resent: 0,
        }
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_micros(self.now)
    }

    /// One millisecond of the world.
    fn step(&mut self, filming: bool) {
        self.now += STEP;
        if filming && self.now.is_multiple_of(40_000) {
            for (camera, asked) in self.cameras.iter_mut().zip(&mut self.keyframe_asked) {
                let keyframe = std::mem::take(asked);
                let packets = if keyframe { 20 } else { 5 };
                for packet in camera.picture(keyframe, packets, Reference(self.now as i64)) {
                    self.up.send(self.now, packet);
                }
            }
        }
        self.ingest();
        self.answer();
        self.receive();
    }

    fn ingest(&mut self) {
        let now = self.instant();
        let mut frames = Vec::new();
        for packet in self.up.arrived(self.now) {
            self.reached.insert((packet.source.0, packet.sequence));
            self.slot.push(&packet.borrow(), now, &mut frames);
        }
        self.slot.poll(now, &mut frames);
        for frame in frames {
            self.ring.push(&frame, now);
            if let Take::Send(run) = self.stream.take(&frame) {
                for packet in run.packets(&frame) {
                    let mut out = vec![0; 1500];
                    let len = write_packet(
                        &packet,
                        &HeaderExtensions::default(),
                        [0; 3],
                        0,
                        &self.keys.seal_rtp,
                        &mut out,
                    )
                    .expect("room");
                    out.truncate(len);
                    self.down.send(self.now, out);
                }
            }
        }
        if let Some((_, layer)) = self.stream.keyframe_wanted() {
            self.slot.want_keyframe(layer);
        }
        while let Some((SourceId(source), _)) = self.slot.keyframe_request(now) {
            self.keyframe_asked[source as usize - 1] = true;
        }
    }

    /// The viewer's reports, and retransmissions.
    fn answer(&mut self) {
        let now = self.instant();
        for compound in self.back.arrived(self.now) {
            for packet in Reader::new(&compound) {
                match packet.expect("packet") {
                    Rtcp::Nack { media, lost } => {
                        assert_eq!(media, SSRC);
                        self.stream.on_nack(lost.iter(), now);
                    }
                    Rtcp::Pli { .. } => self.slot.want_keyframe(0),
                    other => panic!("{other:?}"),
                }
            }
        }
        while let Some(wanted) = self.stream.next_resend() {
            let Some((frame, place)) = self.ring.get(wanted.sequence) else {
                continue;
            };
            let Some(packet) = self.stream.resend(&wanted, frame, place) else {
                continue;
            };
            let mut out = vec![0; 1500];
            let len = write_packet(
                &packet,
                &HeaderExtensions::default(),
                [0; 3],
                0,
                &self.keys.seal_rtp,
                &mut out,
            )
            .expect("room");
            out.truncate(len);
            self.resent += 1;
            self.down.send(self.now, out);
        }
    }

    fn receive(&mut self) {
        for sealed in self.down.arrived(self.now) {
            self.receiver.receive(&sealed);
        }
        if self.now.is_multiple_of(20_000) {
            let missing = self.receiver.missing(self.now);
            let mut out = [0; 500];
            let mut writer = CompoundWriter::new(&mut out);
            writer.nack(1, SSRC, &missing).expect("room");
            if !writer.is_empty() {
                let len = writer.len();
                self.back.send(self.now, out[..len].to_vec());
            }
        }
    }
}

fn run(conditions: &Conditions) -> World {
    let mut world = World::new(conditions);
    let mut frames = Vec::new();
    world.slot.switch(Some(SourceId(1)), &mut frames);
    for millis in 0..20_000 {
        match millis {
            5_000 | 13_000 => world.slot.switch(Some(SourceId(2)), &mut frames),
            9_000 => world.slot.switch(Some(SourceId(1)), &mut frames),
            _ => {}
        }
        world.ingest_leftover(&mut frames);
        world.step(true);
    }
    for _ in 0..1_500 {
        world.step(false);
    }
    world
}

impl World {
    /// A switch may finish a frame of the old source.
    fn ingest_leftover(&mut self, frames: &mut Vec<std::sync::Arc<podium_media::frame::Frame>>) {
        for frame in frames.drain(..) {
            self.ring.push(&frame, self.instant());
            if let Take::Send(run) = self.stream.take(&frame) {
                for packet in run.packets(&frame) {
                    let mut out = vec![0; 1500];
                    let len = write_packet(
                        &packet,
                        &HeaderExtensions::default(),
                        [0; 3],
                        0,
                        &self.keys.seal_rtp,
                        &mut out,
                    )
                    .expect("room");
                    out.truncate(len);
                    self.down.send(self.now, out);
                }
            }
        }
    }
}

/// What must hold whatever the network does.
fn check(world: &World) {
    let packets = &world.receiver.packets;
    let mut last: Option<(u64, u32)> = None;
    for (sequence, (payload, timestamp, _)) in packets {
        let (camera, count, ..) = read_camera(payload);
        if let Some((at, before)) = last {
            assert!(
                timestamp.wrapping_sub(before) < 1 << 31,
                "time goes back at {at}"
            );
        }
        assert!(camera == 1 || camera == 2);
        assert!(count < 600);
        last = Some((*sequence, *timestamp));
    }
    let pictures = world.receiver.pictures();
    let mut shown: Vec<u8> = pictures.iter().map(|p| p.0).collect();
    shown.dedup();
    assert_eq!(shown, [1, 2, 1, 2]);
    // The first picture of each source that the slot sent is a keyframe.
    let mut first = None;
    for (payload, ..) in packets.values() {
        let (camera, _, _, keyframe) = read_camera(payload);
        if first != Some(camera) {
            assert!(keyframe, "camera {camera} begins without a keyframe");
            first = Some(camera);
        }
    }
}

/// Sequence numbers that the viewer never got.
fn holes(world: &World) -> Vec<u64> {
    let packets = &world.receiver.packets;
    let (first, last) = (packets.first_key_value(), packets.last_key_value());
    let (first, last) = (*first.expect("first").0, *last.expect("last").0);
    (first..=last)
        .filter(|s| !packets.contains_key(s))
        .collect()
}

#[test]
fn on_a_clean_network_every_picture_of_the_source_on_air_arrives() {
    let world = run(&Conditions {
        seed: 1,
        up_loss: 0,
        down_loss: 0,
        jitter: 0,
        profile: Profile::AeadAes128Gcm,
    });
    check(&world);
    assert_eq!((holes(&world), world.resent), (vec![], 0));
    // 500 ticks, and at three switches a picture of each source at most.
    let pictures = world.receiver.pictures().len();
    assert!((495..=503).contains(&pictures), "{pictures}");
}

#[test]
fn packets_that_the_viewer_loses_are_recovered() {
    for (seed, profile) in (10..).zip(Profile::ALL) {
        let world = run(&Conditions {
            seed,
            up_loss: 0,
            down_loss: 5,
            jitter: 8_000,
            profile,
        });
        check(&world);
        assert_eq!(holes(&world), [], "seed {seed}");
        assert!(world.receiver.recovered.len() > 80, "seed {seed}");
        let pictures = world.receiver.pictures().len();
        assert!((490..=503).contains(&pictures), "seed {seed}: {pictures}");
    }
}

#[test]
fn packets_that_the_slot_never_got_are_the_only_holes() {
    for seed in 20..26 {
        let world = run(&Conditions {
            seed,
            up_loss: 2,
            down_loss: 3,
            jitter: 15_000,
            profile: Profile::AeadAes256Gcm,
        });
        check(&world);
        let lost_upwards = world
            .cameras
            .iter()
            .map(|c| c.count as usize * 6)
            .sum::<usize>()
            - world.reached.len();
        let holes = holes(&world).len();
        assert!(
            holes > 0 && holes <= lost_upwards,
            "seed {seed}: {holes} of {lost_upwards}"
        );
        // Each of about 2600 packets is lost upwards with 2 %.
        assert!(holes < 100, "seed {seed}: {holes}");
    }
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let conditions = Conditions {
        seed: 5,
        up_loss: 3,
        down_loss: 3,
        jitter: 9_000,
        profile: Profile::Aes128CmSha1,
    };
    let (one, two) = (run(&conditions), run(&conditions));
    assert_eq!(one.receiver.packets, two.receiver.packets);
    assert_eq!(one.resent, two.resent);
}
