//! A room's program, written to a descriptor as it goes out: for recording.
//!
//! # Format
//! All integers are big-endian. The stream begins with the eight bytes `PODTAP1\n`. Then records:
//! `u32` length of what follows, `u8` type, body. Unknown types are to be skipped.
//!
//! Type 1, a run of RTP payloads of one picture; of simulcast the largest layer:
//!
//! | field | type | |
//! |---|---|---|
//! | slot | u8 | 0 main, 1 second, 2 content |
//! | codec | u8 | 0 VP8, 1 VP9, 2 H264, 3 AV1 |
//! | flags | u8 | 1 keyframe, 2 begins a picture, 4 ends a picture |
//! | epoch | u32 | counts changes of source |
//! | source | u64 | the publisher's session |
//! | timestamp | u32 | 90 kHz, unbroken over changes of source |
//! | taken | i64 | microseconds on the engine's reference clock |
//! | count | u16 | payloads that follow |
//! | payload | u16 length, bytes | without RTP header, in order; gaps are packets that never came |
//!
//! Type 2, 20 ms of the mix, which is missing in silence:
//!
//! | field | type | |
//! |---|---|---|
//! | timestamp | u32 | 48 kHz |
//! | taken | i64 | as above: same clock, so pictures and sound can be aligned |
//! | payload | rest | one Opus packet |
//!
//! Type 3, a slot that had a picture has none any more:
//!
//! | field | type | |
//! |---|---|---|
//! | slot | u8 | as above |
//! | taken | i64 | as above |
//!
//! A reader that is slow loses whole records. While a tap is written, its sources are asked for a
//! keyframe at its beginning and every [`KEYFRAME_EVERY`]: so a recording begins at once, can be
//! sought in, and does not stay broken for long.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use podium_media::frame::{Frame, Layers};
use podium_media::slot::Slot;
use podium_media::time::Reference;

use crate::command::{Event, RoomId};
use crate::events::Events;
use crate::messages::{RoomSlots, SoundTick};
use crate::sys::{set_nonblocking, wait_writable};

/// First bytes of the stream.
pub const MAGIC: &[u8; 8] = b"PODTAP1\n";
/// Records that may wait for the reader: some seconds.
const DEPTH: usize = 512;
/// How often a writer that waits looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often a source that is tapped is asked for a keyframe.
pub const KEYFRAME_EVERY: Duration = Duration::from_secs(10);
const PICTURE: u8 = 1;
const SOUND: u8 = 2;
const DARK: u8 = 3;

/// The engine's end of a tap. The tap ends when the last of its clones is dropped.
#[derive(Clone)]
pub struct TapPost {
    slots: RoomSlots,
    records: Sender<Vec<u8>>,
    _alive: Arc<()>,
}

/// Starts the tap's own thread.
pub fn start(room: RoomId, fd: OwnedFd, slots: RoomSlots, events: Events) -> io::Result<TapPost> {
    set_nonblocking(fd.as_raw_fd())?;
    let (records, queue) = crossbeam_channel::bounded(DEPTH);
    let alive = Arc::new(());
    let wanted = Arc::downgrade(&alive);
    std::thread::Builder::new()
        .name("podium-tap".to_owned())
        .spawn(move || {
            let reason = match write(&File::from(fd), &queue, &wanted) {
                Ok(()) => "stopped".to_owned(),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => "closed".to_owned(),
                Err(error) => error.to_string(),
            };
            events.put(Event::TapEnded { room, reason });
        })?;
    Ok(TapPost {
        slots,
        records,
        _alive: alive,
    })
}

fn write(mut file: &File, queue: &Receiver<Vec<u8>>, wanted: &Weak<()>) -> io::Result<()> {
    let mut put = |mut data: &[u8]| -> io::Result<bool> {
        while !data.is_empty() {
            match file.write(data) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => data = &data[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !wait_writable(file.as_raw_fd(), PATIENCE) && wanted.strong_count() == 0 {
                        return Ok(false);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    };
    let mut going = put(MAGIC)?;
    while going && let Ok(record) = queue.recv() {
        going = put(&record)?;
    }
    Ok(())
}

fn finish(mut record: Vec<u8>) -> Vec<u8> {
    let length = (record.len() - 4) as u32;
    record[..4].copy_from_slice(&length.to_be_bytes());
    record
}

impl TapPost {
    fn put(&self, record: Vec<u8>) {
        // A full queue is a slow reader, a closed one has been told: the record is lost.
        let _ = self.records.try_send(finish(record));
    }

    fn picture(&self, slot: usize, frame: &Frame) {
        let flags =
            u8::from(frame.keyframe) | u8::from(frame.starts) << 1 | u8::from(frame.ends()) << 2;
        let mut record = Vec::with_capacity(48 + frame.octets() + 2 * frame.len());
        record.extend_from_slice(&[0, 0, 0, 0, PICTURE]);
        record.extend_from_slice(&[slot as u8, frame.codec.index() as u8, flags]);
        record.extend_from_slice(&frame.epoch.to_be_bytes());
        record.extend_from_slice(&frame.source.0.to_be_bytes());
        record.extend_from_slice(&frame.timestamp.to_be_bytes());
        record.extend_from_slice(&frame.taken.0.to_be_bytes());
        record.extend_from_slice(&(frame.len() as u16).to_be_bytes());
        for packet in frame.packets() {
            record.extend_from_slice(&(packet.payload.len() as u16).to_be_bytes());
            record.extend_from_slice(packet.payload);
        }
        self.put(record);
    }

    fn dark(&self, slot: usize, at: Reference) {
        let mut record = Vec::with_capacity(14);
        record.extend_from_slice(&[0, 0, 0, 0, DARK, slot as u8]);
        record.extend_from_slice(&at.0.to_be_bytes());
        self.put(record);
    }

    /// 20 ms of the mix.
    pub fn sound(&self, tick: &SoundTick) {
        let Some(payload) = &tick.shared else {
            return;
        };
        let mut record = Vec::with_capacity(17 + payload.len());
        record.extend_from_slice(&[0, 0, 0, 0, SOUND]);
        record.extend_from_slice(&tick.timestamp.to_be_bytes());
        record.extend_from_slice(&tick.taken.0.to_be_bytes());
        record.extend_from_slice(payload);
        self.put(record);
    }
}

/// What a slot's pictures are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taken {
    epoch: u32,
    layer: u8,
}

/// The pictures' side of a tap.
pub struct Tap {
    post: TapPost,
    taken: [Option<Taken>; 3],
    due: Instant,
}

impl Tap {
    /// Wants keyframes at once.
    pub fn new(post: TapPost, now: Instant) -> Self {
        Self {
            post,
            taken: [None; 3],
            due: now,
        }
    }

    /// A run of packets of a picture. Another layer is taken from its keyframe on.
    pub fn picture(&mut self, frame: &Frame) {
        let slots = &self.post.slots.program;
        let Some(slot) = slots.iter().position(|id| *id == frame.slot) else {
            return;
        };
        let this = Taken {
            epoch: frame.epoch,
            layer: frame.layer,
        };
        if frame.late {
            return;
        }
        if self.taken[slot] != Some(this) {
            let best = frame.layers.best(Layers::MAX as u8 - 1) == Some(frame.layer);
            if !best {
                return;
            }
            if !(frame.keyframe && frame.starts) {
                self.due = self.due.min(Instant::now());
                return;
            }
            self.taken[slot] = Some(this);
        }
        self.post.picture(slot, frame);
    }

    /// Says of which slots the picture is gone.
    pub fn look(&mut self, program: &[Slot; 3], at: Reference) {
        for (place, slot) in program.iter().enumerate() {
            if slot.live().is_none() && self.taken[place].take().is_some() {
                self.post.dark(place, at);
            }
        }
    }

    /// Asks for the keyframes that are due.
    pub fn want_keyframes(&mut self, program: &mut [Slot; 3], now: Instant) {
        if now < self.due {
            return;
        }
        self.due = now + KEYFRAME_EVERY;
        for slot in program {
            if let Some(layer) = slot.layers().best(Layers::MAX as u8 - 1) {
                slot.want_keyframe(layer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium_media::codec::Codec;
    use podium_media::frame::{SlotId, SourceId};
    use podium_media::slot::{SlotConfig, SourcePacket};
    use std::io::Read;

    const SLOTS: RoomSlots = RoomSlots {
        program: [SlotId(1), SlotId(2), SlotId(3)],
        sound: SlotId(4),
    };

    fn pipe() -> (File, OwnedFd) {
        let (read, write) = std::io::pipe().expect("pipe");
        (File::from(OwnedFd::from(read)), write.into())
    }

    #[test]
    fn records_are_framed_as_documented() {
        let (mut read, fd) = pipe();
        let events = Events::new().expect("events");
        let tap = start(7, fd, SLOTS, events.clone()).expect("tap");
        let frame = Frame::single(
            SlotId(2),
            Codec::Vp8,
            5,
            90,
            Reference(-3),
            true,
            &[0x10, 0, 1],
        );
        Tap::new(tap.clone(), Instant::now()).picture(&frame);
        tap.sound(&SoundTick {
            slot: SlotId(4),
            timestamp: 960,
            taken: Reference(20_000),
            shared: Some(Arc::from(&[1u8, 2, 3][..])),
            private: Vec::new(),
        });
        drop(tap);
        let mut all = Vec::new();
        read.read_to_end(&mut all).expect("read");
        assert_eq!(&all[..8], MAGIC);
        let picture = &all[8..];
        assert_eq!(u32::from_be_bytes(picture[..4].try_into().expect("4")), 35);
        assert_eq!(&picture[4..8], &[PICTURE, 1, 0, 7]);
        assert_eq!(&picture[24..32], &(-3i64).to_be_bytes());
        assert_eq!(&picture[32..40], &[0, 1, 0, 3, 0x10, 0, 1, 0][..8]);
        let sound = &picture[39..];
        assert_eq!(u32::from_be_bytes(sound[..4].try_into().expect("4")), 16);
        assert_eq!(sound[4], SOUND);
        assert_eq!(&sound[17..], &[1, 2, 3]);
        while events.take().is_empty() {
            crate::sys::wait_readable(&[events.raw()], Some(Duration::from_secs(5))).expect("poll");
        }
    }

    #[test]
    fn a_reader_that_leaves_ends_the_tap() {
        let (read, fd) = pipe();
        drop(read);
        let events = Events::new().expect("events");
        let _tap = start(7, fd, SLOTS, events.clone()).expect("tap");
        crate::sys::wait_readable(&[events.raw()], Some(Duration::from_secs(5))).expect("poll");
        assert_eq!(
            events.take(),
            [Event::TapEnded {
                room: 7,
                reason: "closed".to_owned()
            }]
        );
    }

    #[test]
    fn a_reader_that_sleeps_never_blocks_the_engine() {
        let (read, fd) = pipe();
        let events = Events::new().expect("events");
        let tap = start(7, fd, SLOTS, events.clone()).expect("tap");
        let payload = [0; 1200];
        let mut pictures = Tap::new(tap.clone(), Instant::now());
        for sequence in 0..2000 {
            let frame = Frame::single(
                SlotId(1),
                Codec::Vp8,
                sequence,
                0,
                Reference(0),
                true,
                &payload,
            );
            pictures.picture(&frame);
        }
        drop((tap, pictures));
        crate::sys::wait_readable(&[events.raw()], Some(Duration::from_secs(5))).expect("poll");
        assert_eq!(
            events.take(),
            [Event::TapEnded {
                room: 7,
                reason: "stopped".to_owned()
            }]
        );
        drop(read);
    }

    /// A slot on air, and the pictures that it has given.
    struct OnAir {
        slot: Slot,
        frames: Vec<Arc<Frame>>,
        sequences: [u64; 2],
    }

    const SOURCE: SourceId = SourceId(9);

    impl OnAir {
        fn new() -> Self {
            let mut slot = Slot::new(SlotConfig::new(SLOTS.program[0], 0));
            let mut frames = Vec::new();
            slot.switch(Some(SOURCE), &mut frames);
            Self {
                slot,
                frames,
                sequences: [0; 2],
            }
        }

        /// A picture of one packet of VP8.
        fn push(&mut self, layer: u8, keyframe: bool, at: Instant) {
            let sequence = &mut self.sequences[usize::from(layer)];
            *sequence += 1;
            let packet = SourcePacket {
                source: SOURCE,
                layer,
                codec: Codec::Vp8,
                sequence: *sequence,
                timestamp: *sequence as u32 * 3000,
                taken: Reference(*sequence as i64 * 33_000),
                marker: true,
                payload: &[0x10, u8::from(!keyframe), 0, 0],
            };
            self.slot.push(&packet, at, &mut self.frames);
        }
    }

    fn empty() -> Slot {
        Slot::new(SlotConfig::new(SlotId(0), 0))
    }

    fn taps() -> (Tap, File) {
        let (read, fd) = pipe();
        let post = start(7, fd, SLOTS, Events::new().expect("events")).expect("tap");
        (Tap::new(post, Instant::now()), read)
    }

    fn kinds(tap: Tap, mut read: File) -> Vec<(u8, u8)> {
        drop(tap);
        let mut all = Vec::new();
        read.read_to_end(&mut all).expect("read");
        let (mut rest, mut found) = (&all[8..], Vec::new());
        while !rest.is_empty() {
            let length = u32::from_be_bytes(rest[..4].try_into().expect("4")) as usize;
            found.push((rest[4], rest[5]));
            rest = &rest[4 + length..];
        }
        found
    }

    #[test]
    fn a_slot_that_goes_dark_is_told_once() {
        let (mut tap, read) = taps();
        let mut shown = OnAir::new();
        shown.push(0, true, Instant::now());
        for frame in &shown.frames {
            tap.picture(frame);
        }
        assert!(!shown.frames.is_empty());
        let mut program = [shown.slot, empty(), empty()];
        tap.look(&program, Reference(1));
        program[0].switch(None, &mut Vec::new());
        tap.look(&program, Reference(2));
        tap.look(&program, Reference(3));
        assert_eq!(kinds(tap, read), [(PICTURE, 0), (DARK, 0)]);
    }

    #[test]
    fn a_source_is_asked_for_keyframes_now_and_again() {
        let (mut tap, _read) = taps();
        let mut now = Instant::now();
        let mut shown = OnAir::new();
        while shown.slot.keyframe_request(now).is_some() {}
        shown.push(0, true, now);
        let mut program = [shown.slot, empty(), empty()];
        let mut asked = 0;
        for _ in 0..25 {
            now += Duration::from_secs(1);
            tap.want_keyframes(&mut program, now);
            while program[0].keyframe_request(now).is_some() {
                asked += 1;
                let mut again = OnAir {
                    slot: std::mem::replace(&mut program[0], empty()),
                    frames: Vec::new(),
                    sequences: [asked, 0],
                };
                again.push(0, true, now);
                program[0] = again.slot;
            }
        }
        assert_eq!(asked, 3);
    }

    #[test]
    fn a_larger_layer_is_taken_from_its_keyframe_on() {
        let (mut tap, read) = taps();
        let now = Instant::now();
        let mut shown = OnAir::new();
        shown.push(0, true, now);
        shown.push(1, false, now);
        shown.push(0, false, now);
        shown.push(1, true, now);
        shown.push(1, false, now);
        shown.push(0, false, now);
        let before: Vec<u8> = shown.frames.iter().map(|frame| frame.layer).collect();
        let mut taken = Vec::new();
        for frame in &shown.frames {
            tap.picture(frame);
            taken.push(tap.taken[0].map(|taken| taken.layer));
        }
        assert!(before.contains(&0) && before.contains(&1));
        assert_eq!(taken.first(), Some(&Some(0)));
        assert_eq!(taken.last(), Some(&Some(1)));
        assert!(kinds(tap, read).len() < before.len());
    }
}
