//! Counting what arrives.

use podium_media::rtp::SequenceExtender;

use crate::vp8;

/// One RTP stream, counted by its headers.
#[derive(Debug, Clone)]
pub struct StreamCount {
    /// Its source.
    pub ssrc: u32,
    /// Packets that arrived, duplicates included.
    pub packets: u64,
    /// Bytes of RTP, sealed.
    pub bytes: u64,
    extender: SequenceExtender,
    first: Option<u64>,
    highest: u64,
}

impl StreamCount {
    /// Nothing yet.
    #[must_use]
    pub fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            packets: 0,
            bytes: 0,
            extender: SequenceExtender::default(),
            first: None,
            highest: 0,
        }
    }

    /// A packet arrived.
    pub fn count(&mut self, sequence: u16, bytes: usize) {
        let extended = self.extender.extend(sequence);
        // A joiner's first packets may arrive out of order: the first is the least.
        self.first = Some(self.first.map_or(extended, |first| first.min(extended)));
        self.highest = self.highest.max(extended);
        self.packets += 1;
        self.bytes += bytes as u64;
    }

    /// Packets that should have arrived by the numbers.
    #[must_use]
    pub fn expected(&self) -> u64 {
        self.first.map_or(0, |first| self.highest - first + 1)
    }

    /// Highest sequence number, unwrapped.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.highest
    }
}

/// Watches for the first keyframe that is complete. Takes packets in order of arrival; a gap
/// within a keyframe discards it.
#[derive(Debug, Clone, Default)]
pub struct KeyframeWatch {
    expecting: Option<u16>,
    done: bool,
}

impl KeyframeWatch {
    /// A plaintext VP8 payload arrived; true if it completes the first keyframe.
    pub fn packet(&mut self, sequence: u16, marker: bool, payload: &[u8]) -> bool {
        if self.done {
            return false;
        }
        let starts = vp8::starts_keyframe(payload);
        let goes_on = self.expecting == Some(sequence);
        if !starts && !goes_on {
            self.expecting = None;
            return false;
        }
        self.expecting = (!marker).then_some(sequence.wrapping_add(1));
        self.done = marker;
        marker
    }

    /// Whether one was seen.
    #[must_use]
    pub fn done(&self) -> bool {
        self.done
    }
}

/// The value below which this share (0..=1) of `values` lies; `None` of nothing. Sorts.
pub fn quantile<T: Copy + PartialOrd>(values: &mut [T], share: f64) -> Option<T> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the slice"
    )]
    let place = (last as f64 * share.clamp(0.0, 1.0)).round() as usize;
    values.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_what_the_numbers_say_whatever_the_order() {
        let mut count = StreamCount::new(1);
        for sequence in [65_534_u16, 65_533, 65_535, 2, 0] {
            count.count(sequence, 10);
        }
        assert_eq!((count.expected(), count.packets, count.bytes), (6, 5, 50));
    }

    #[test]
    fn a_keyframe_counts_when_all_of_it_came() {
        let packets = |keyframe| {
            vp8::Picture {
                number: 3,
                keyframe,
                stamp: 0,
            }
            .packets(3_000, 1_100)
        };
        let mut watch = KeyframeWatch::default();
        let feed = |watch: &mut KeyframeWatch, start: u16, packets: &[Vec<u8>], lost: usize| {
            let last = packets.len() - 1;
            packets
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != lost)
                .any(|(n, payload)| watch.packet(start.wrapping_add(n as u16), n == last, payload))
        };
        assert!(!feed(&mut watch, 65_534, &packets(false), 9), "no keyframe");
        assert!(
            !feed(&mut watch, 10, &packets(true), 1),
            "a packet is missing"
        );
        assert!(feed(&mut watch, 65_534, &packets(true), 9));
        assert!(watch.done());
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&mut [3, 1, 2], 0.5), Some(2));
        assert_eq!(quantile(&mut [3, 1, 2], 1.0), Some(3));
        assert_eq!(quantile::<u32>(&mut [], 0.5), None);
    }
}
