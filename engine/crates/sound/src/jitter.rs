//! Packets of one source, put back in order: duplicates and late ones recognised, sequence
//! numbers and timestamps unwrapped, bounded in number and size.

use std::collections::BTreeMap;

use crate::codec::Codec;
use crate::opus;

/// Packets kept at most; beyond, the oldest go.
const MAX_PACKETS: usize = 64;

/// A jump in sequence beyond this is a new stream, once a second packet confirms it.
const MAX_SEQUENCE_JUMP: i64 = 3_000;

/// A jump ahead in time beyond this is a new stream, too; in samples (60 s).
const MAX_TIME_AHEAD: i64 = 60 * 48_000;

/// And one back: in samples (10 s).
const MAX_TIME_BACK: i64 = 10 * 48_000;

/// One packet in the buffer. Numbers are unwrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// RTP sequence number.
    pub sequence: i64,
    /// RTP timestamp of its first sample, in samples at 48 kHz.
    pub timestamp: i64,
    /// Samples in it.
    pub duration: i64,
    /// As it came.
    pub payload: Vec<u8>,
}

impl Packet {
    /// Timestamp of the sample after its last.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.timestamp.saturating_add(self.duration)
    }
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It waits to be played; its unwrapped timestamp.
    Stored(i64),
    /// Its time has passed; its unwrapped timestamp, for it still tells of the network.
    Late(i64),
    /// It was here already.
    Duplicate,
    /// It is not of the codec.
    Invalid,
    /// It does not belong to the stream; a second one like it starts a new stream.
    Stray,
    /// It starts a new stream: whatever waited is gone; its unwrapped timestamp.
    Restarted(i64),
}

/// The last packet seen, as the reference for unwrapping; in units of the RTP clock.
#[derive(Debug, Clone, Copy)]
struct Newest {
    sequence: i64,
    timestamp: i64,
}

/// The buffer itself; it knows nothing of time.
#[derive(Debug)]
pub struct JitterBuffer {
    codec: Codec,
    packets: BTreeMap<i64, Packet>,
    newest: Option<Newest>,
    stray: Option<u16>,
    played: Option<i64>,
}

impl JitterBuffer {
    /// Empty, for packets of that codec.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            packets: BTreeMap::new(),
            newest: None,
            stray: None,
            played: None,
        }
    }

    /// Takes a packet as it came from the network.
    pub fn insert(&mut self, sequence: u16, timestamp: u32, payload: &[u8]) -> Inserted {
        let Some(duration) = self.codec.duration(payload) else {
            return Inserted::Invalid;
        };
        if payload.len() > 6 * opus::MAX_PAYLOAD {
            return Inserted::Invalid;
        }
        let (place, restarted) = match self.unwrap(sequence, timestamp) {
            Some(place) => (place, false),
            None if self.stray == Some(sequence.wrapping_sub(1)) => {
                self.clear();
                (first(sequence, timestamp), true)
            }
            None => {
                self.stray = Some(sequence);
                return Inserted::Stray;
            }
        };
        self.stray = None;
        self.newest = Some(match self.newest {
            Some(newest) if newest.sequence >= place.sequence => newest,
            _ => place,
        });
        let packet = Packet {
            sequence: place.sequence,
            timestamp: place.timestamp.saturating_mul(self.codec.scale()),
            duration: i64::try_from(duration).unwrap_or(0),
            payload: payload.to_vec(),
        };
        self.store(packet, restarted)
    }

    fn store(&mut self, packet: Packet, restarted: bool) -> Inserted {
        let timestamp = packet.timestamp;
        if self.played.is_some_and(|played| packet.end() <= played) {
            return Inserted::Late(timestamp);
        }
        if self.packets.contains_key(&timestamp) {
            return Inserted::Duplicate;
        }
        self.packets.insert(timestamp, packet);
        if self.packets.len() > MAX_PACKETS {
            self.packets.pop_first();
        }
        if restarted {
            Inserted::Restarted(timestamp)
        } else {
            Inserted::Stored(timestamp)
        }
    }

    /// Extends sequence and timestamp by the shortest way from the newest packet.
    fn unwrap(&self, sequence: u16, timestamp: u32) -> Option<Newest> {
        let Some(newest) = self.newest else {
            return Some(first(sequence, timestamp));
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits are what RTP carries"
        )]
        let (from, since) = (newest.sequence as u16, newest.timestamp as u32);
        let ahead = i64::from(sequence.wrapping_sub(from).cast_signed());
        let later = i64::from(timestamp.wrapping_sub(since).cast_signed());
        let samples = later * self.codec.scale();
        let near = ahead.abs() <= MAX_SEQUENCE_JUMP
            && (-MAX_TIME_BACK..=MAX_TIME_AHEAD).contains(&samples);
        near.then(|| Newest {
            sequence: newest.sequence.saturating_add(ahead),
            timestamp: newest.timestamp.saturating_add(later),
        })
    }

    /// The packet that is to be played next, if it is here.
    #[must_use]
    pub fn peek(&self) -> Option<&Packet> {
        self.packets.first_key_value().map(|(_, packet)| packet)
    }

    /// Takes out the packet that [`JitterBuffer::peek`] showed.
    pub fn pop(&mut self) -> Option<Packet> {
        self.packets.pop_first().map(|(_, packet)| packet)
    }

    /// Everything before this timestamp has been played or concealed.
    pub fn advance(&mut self, timestamp: i64) {
        self.played = Some(timestamp);
        while self.peek().is_some_and(|packet| packet.end() <= timestamp) {
            self.packets.pop_first();
        }
    }

    /// Packets waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Whether none is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Forgets the stream.
    pub fn clear(&mut self) {
        *self = Self::new(self.codec);
    }
}

/// Where a stream starts: far enough from zero that what came before it has room.
fn first(sequence: u16, timestamp: u32) -> Newest {
    Newest {
        sequence: i64::from(sequence) + (1 << 16),
        timestamp: i64::from(timestamp) + (1 << 32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CELT full band, 20 ms, one frame.
    const OPUS: [u8; 3] = [31 << 3, 1, 2];

    #[test]
    fn order_is_restored_over_the_wrap_of_sequence_and_time() {
        let mut buffer = JitterBuffer::new(Codec::Opus);
        let start = u32::MAX - 1_000;
        for (n, place) in [0_u16, 2, 1, 4, 3].into_iter().enumerate() {
            let sequence = 65_534_u16.wrapping_add(place);
            let timestamp = start.wrapping_add(960 * u32::from(place));
            let done = buffer.insert(sequence, timestamp, &OPUS);
            assert!(matches!(done, Inserted::Stored(_)), "packet {n}: {done:?}");
        }
        let mut last = None;
        while let Some(packet) = buffer.pop() {
            if let Some((sequence, end)) = last {
                assert_eq!((packet.sequence, packet.timestamp), (sequence + 1, end));
            }
            last = Some((packet.sequence, packet.end()));
        }
        assert!(last.is_some());
    }

    #[test]
    fn late_and_duplicate_packets_are_told_apart() {
        let mut buffer = JitterBuffer::new(Codec::Opus);
        let Inserted::Stored(start) = buffer.insert(10, 9_600, &OPUS) else {
            panic!("stored")
        };
        assert_eq!(buffer.insert(10, 9_600, &OPUS), Inserted::Duplicate);
        buffer.pop();
        buffer.advance(start + 960);
        assert_eq!(buffer.insert(10, 9_600, &OPUS), Inserted::Late(start));
        assert_eq!(buffer.insert(9, 8_640, &OPUS), Inserted::Late(start - 960));
        assert_eq!(
            buffer.insert(11, 10_560, &OPUS),
            Inserted::Stored(start + 960)
        );
    }

    #[test]
    fn a_new_stream_needs_two_packets_in_a_row() {
        let mut buffer = JitterBuffer::new(Codec::Opus);
        buffer.insert(10, 9_600, &OPUS);
        assert_eq!(buffer.insert(30_000, 5, &OPUS), Inserted::Stray);
        assert_eq!(
            buffer.insert(11, 10_560, &OPUS),
            Inserted::Stored((1 << 32) + 10_560)
        );
        assert_eq!(buffer.insert(30_001, 965, &OPUS), Inserted::Stray);
        assert_eq!(
            buffer.insert(30_002, 1_925, &OPUS),
            Inserted::Restarted((1 << 32) + 1_925)
        );
        assert_eq!(buffer.len(), 1);
    }

    #[test]
    fn the_telephone_clock_is_counted_in_samples() {
        let mut buffer = JitterBuffer::new(Codec::Pcma);
        let start = u32::MAX - 200;
        let mut times = Vec::new();
        for n in 0..4_u16 {
            let timestamp = start.wrapping_add(160 * u32::from(n));
            match buffer.insert(n, timestamp, &[0xd5; 160]) {
                Inserted::Stored(time) => times.push(time),
                other => panic!("{other:?}"),
            }
        }
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 960));
        assert_eq!(buffer.peek().map(|packet| packet.duration), Some(960));
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let mut buffer = JitterBuffer::new(Codec::Opus);
        for n in 0..1_000_u16 {
            buffer.insert(n, u32::from(n) * 960, &OPUS);
        }
        assert_eq!(buffer.len(), MAX_PACKETS);
        assert_eq!(
            buffer.peek().map(|packet| packet.sequence),
            Some((1 << 16) + 1_000 - 64)
        );
    }
}
