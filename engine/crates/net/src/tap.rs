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
//! A reader that is slow loses whole records.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use podium_media::frame::{Frame, Layers};

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
const PICTURE: u8 = 1;
const SOUND: u8 = 2;

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

    /// A run of packets of a picture.
    pub fn picture(&self, frame: &Frame) {
        let largest = frame.layers.best(Layers::MAX as u8 - 1) == Some(frame.layer);
        let Some(slot) = self.slots.program.iter().position(|id| *id == frame.slot) else {
            return;
        };
        if frame.late || !largest {
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use podium_media::codec::Codec;
    use podium_media::frame::SlotId;
    use podium_media::time::Reference;
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
        tap.picture(&frame);
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
            tap.picture(&frame);
        }
        drop(tap);
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
}
