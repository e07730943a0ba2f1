//! Keys of a telephone as telephone-events (RFC 4733), both ways.

use std::collections::VecDeque;

/// In order of their event codes.
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// Longest duration that one event packet can tell (section 2.5.1.3 goes on with a new one).
const LONGEST: u32 = 0xffff;
/// Keys that may wait to be sent.
const MOST: usize = 64;
/// Periods of 20 ms: a key sounds for 100 ms, its end is told three times in all, then a pause.
const SOUNDS: u32 = 5;
const ENDS: u32 = 3;
const PAUSES: u32 = 5;

/// A period of sending, in milliseconds.
const PERIOD: u32 = 20;

/// The event code of a key.
pub fn code(key: char) -> Option<u8> {
    let key = u8::try_from(key.to_ascii_uppercase()).ok()?;
    let place = KEYS.iter().position(|k| *k == key)?;
    u8::try_from(place).ok()
}

#[derive(Debug, Clone, Copy)]
struct Press {
    code: u8,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

/// Finds presses in event packets that come several times, out of order, or not at all.
#[derive(Debug, Default)]
pub struct KeyReader {
    last: Option<Press>,
}

impl KeyReader {
    /// Takes the payload of an event packet; the key, if this is the first that is known of its
    /// press.
    pub fn read(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let [code, flags, high, low] = *payload.first_chunk()?;
        let key = *KEYS.get(usize::from(code))?;
        let now = Press {
            code,
            timestamp,
            duration: u16::from_be_bytes([high, low]),
            ended: flags & 0x80 != 0,
        };
        if let Some(last) = &mut self.last {
            let later = timestamp.wrapping_sub(last.timestamp);
            if later == 0 && (last.code == code || !last.ended) {
                last.duration = last.duration.max(now.duration);
                last.ended |= now.ended;
                return None;
            }
            if later > 1 << 31 {
                return None;
            }
            let goes_on = !last.ended
                && last.code == code
                && later <= LONGEST
                && later.abs_diff(u32::from(last.duration)) <= 1
                && u32::from(last.duration) > LONGEST / 2;
            self.last = Some(now);
            return (!goes_on).then_some(char::from(key));
        }
        self.last = Some(now);
        Some(char::from(key))
    }

    /// Another stream begins.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

/// What goes out in place of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPacket {
    /// Of the beginning of the event.
    pub timestamp: u32,
    /// First packet of the event.
    pub marker: bool,
    /// Four bytes.
    pub payload: [u8; 4],
}

#[derive(Debug, Clone, Copy)]
struct Sending {
    code: u8,
    timestamp: u32,
    step: u32,
}

/// Sends presses one after another.
#[derive(Debug, Default)]
pub struct KeySender {
    waiting: VecDeque<u8>,
    sending: Option<Sending>,
    pause: u32,
}

impl KeySender {
    /// Adds keys; those beyond the bound are dropped.
    pub fn push(&mut self, digits: &str) {
        let room = MOST.saturating_sub(self.waiting.len());
        self.waiting
            .extend(digits.chars().filter_map(code).take(room));
    }

    /// Whether [`Self::next`] may have something.
    pub fn busy(&self) -> bool {
        self.sending.is_some() || !self.waiting.is_empty() || self.pause > 0
    }

    /// The packet of this period, whose sound would have that RTP time; None: sound goes out.
    pub fn next(&mut self, timestamp: u32, clock: u32) -> Option<EventPacket> {
        if self.sending.is_none() {
            if self.pause > 0 {
                self.pause -= 1;
                return None;
            }
            let code = self.waiting.pop_front()?;
            self.sending = Some(Sending {
                code,
                timestamp,
                step: 0,
            });
        }
        let sending = self.sending.as_mut()?;
        sending.step += 1;
        let (step, code, began) = (sending.step, sending.code, sending.timestamp);
        let duration = step.min(SOUNDS) * clock / 1_000 * PERIOD;
        let end = step >= SOUNDS;
        if step >= SOUNDS + ENDS - 1 {
            self.sending = None;
            self.pause = PAUSES;
        }
        let [high, low] = u16::try_from(duration).unwrap_or(u16::MAX).to_be_bytes();
        Some(EventPacket {
            timestamp: began,
            marker: step == 1,
            // Volume -10 dBm0.
            payload: [code, if end { 0x8a } else { 0x0a }, high, low],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(key: char, end: bool, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        let flags = if end { 0x8a } else { 0x0a };
        [code(key).expect("a key"), flags, high, low]
    }

    #[test]
    fn a_press_counts_once_however_often_it_is_told() {
        let mut reader = KeyReader::default();
        let mut keys = String::new();
        let start = u32::MAX - 100;
        for (offset, key) in [(0_u32, '5'), (3_000, '5'), (6_000, '#')] {
            let timestamp = start.wrapping_add(offset);
            for n in 1..=5 {
                keys.extend(reader.read(timestamp, &packet(key, false, 160 * n)));
            }
            for _ in 0..3 {
                keys.extend(reader.read(timestamp, &packet(key, true, 800)));
            }
        }
        assert_eq!(keys, "55#");
    }

    #[test]
    fn the_end_alone_is_enough_and_the_late_is_ignored() {
        let mut reader = KeyReader::default();
        assert_eq!(reader.read(1_000, &packet('1', true, 800)), Some('1'));
        assert_eq!(reader.read(3_000, &packet('2', true, 800)), Some('2'));
        assert_eq!(reader.read(1_000, &packet('1', true, 800)), None);
    }

    #[test]
    fn a_long_press_in_segments_is_one() {
        let mut reader = KeyReader::default();
        assert_eq!(reader.read(0, &packet('*', false, 0xffff)), Some('*'));
        assert_eq!(reader.read(0xffff, &packet('*', false, 160)), None);
        assert_eq!(reader.read(0xffff, &packet('*', true, 800)), None);
        assert_eq!(
            reader.read(0xffff + 2_000, &packet('*', false, 160)),
            Some('*')
        );
    }

    #[test]
    fn what_is_no_key_is_ignored() {
        let mut reader = KeyReader::default();
        for payload in [&[][..], &[1, 2, 3], &[16, 0x0a, 0, 160], &[255, 0, 0, 0]] {
            assert_eq!(reader.read(5, payload), None);
        }
    }

    #[test]
    fn what_is_sent_is_read_again() {
        for clock in [8_000, 48_000] {
            let mut sender = KeySender::default();
            let mut reader = KeyReader::default();
            sender.push("19*x");
            let (mut keys, mut sound, mut ends) = (String::new(), 0, 0);
            for period in 0..40_u32 {
                let now = 77 + period * clock / 50;
                match sender.next(now, clock) {
                    Some(event) => {
                        ends += u32::from(event.payload[1] >> 7);
                        keys.extend(reader.read(event.timestamp, &event.payload));
                    }
                    None => sound += 1,
                }
            }
            assert_eq!((keys.as_str(), ends), ("19*", 9));
            assert!(sound >= 15 && !sender.busy());
        }
    }
}
