//! Pictures that look like VP8 to everything but a decoder (RFC 7741, RFC 6386 section 9.1), with
//! the moment of sending inside.

use podium_media::codec::vp8::Descriptor;

/// The frame tag, which in a keyframe a start code and the size follow.
const TAG: usize = 3;

/// Announces that a moment of sending follows.
const MAGIC: [u8; 8] = *b"podium\x00\x01";

/// Moment and magic together.
const STAMP: usize = 16;

/// A picture to be made.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    /// Counts pictures; 15 bits of it go on the wire.
    pub number: u32,
    /// Whether a decoder could start here.
    pub keyframe: bool,
    /// When it is sent: nanoseconds on the process's own clock.
    pub stamp: u64,
}

impl Picture {
    /// The payloads of its packets: `size` bytes in all, in equal parts of at most `most`.
    #[must_use]
    pub fn packets(&self, size: usize, most: usize) -> Vec<Vec<u8>> {
        let count = size.div_ceil(most).max(1);
        let short = size / count;
        let longer = size % count;
        (0..count)
            .map(|index| {
                let length = (short + usize::from(index < longer)).max(64);
                self.packet(index == 0, length)
            })
            .collect()
    }

    fn packet(&self, first: bool, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length);
        // X, and S in the first packet; I; picture number with M.
        out.push(0x80 | if first { 0x10 } else { 0 });
        out.push(0x80);
        out.extend_from_slice(&((self.number as u16 & 0x7fff) | 0x8000).to_be_bytes());
        if first {
            // Size of the first partition, shown, version 0, and 0 for a keyframe.
            let tag: u32 = (1_000 << 5) | (1 << 4) | u32::from(!self.keyframe);
            out.extend_from_slice(&tag.to_le_bytes()[..TAG]);
            if self.keyframe {
                out.extend_from_slice(&[0x9d, 0x01, 0x2a]);
                out.extend_from_slice(&1_280_u16.to_le_bytes());
                out.extend_from_slice(&720_u16.to_le_bytes());
            }
        }
        // Noise, as compressed pictures are.
        let mut state = self.number.wrapping_mul(2_654_435_761) | 1;
        while out.len() + STAMP < length {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            out.push(state as u8);
        }
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.stamp.to_be_bytes());
        out
    }
}

/// Whether a plaintext payload begins a keyframe.
#[must_use]
pub fn starts_keyframe(payload: &[u8]) -> bool {
    let Some(descriptor) = Descriptor::parse(payload) else {
        return false;
    };
    descriptor.starts && payload.get(descriptor.len).is_some_and(|tag| tag & 1 == 0)
}

/// The moment of sending inside a payload, if it is one of ours.
#[must_use]
pub fn stamp(payload: &[u8]) -> Option<u64> {
    let tail = payload.get(payload.len().checked_sub(STAMP)?..)?;
    let (magic, moment) = tail.split_at(MAGIC.len());
    (magic == MAGIC).then(|| moment.try_into().ok().map(u64::from_be_bytes))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Length of a descriptor with a picture number of 15 bits.
    const DESCRIPTOR: usize = 4;

    #[test]
    fn pictures_are_split_into_equal_packets_and_understood() {
        let picture = Picture {
            number: 70_000,
            keyframe: true,
            stamp: 42,
        };
        let packets = picture.packets(10_003, 1_100);
        assert_eq!(packets.len(), 10);
        assert_eq!(packets.iter().map(Vec::len).sum::<usize>(), 10_003);
        assert!(
            packets
                .iter()
                .all(|packet| (1_000..=1_001).contains(&packet.len()))
        );
        for (n, packet) in packets.iter().enumerate() {
            let descriptor = Descriptor::parse(packet).expect("a descriptor");
            assert_eq!(descriptor.len, DESCRIPTOR);
            assert_eq!(
                (descriptor.starts, starts_keyframe(packet)),
                (n == 0, n == 0)
            );
            assert_eq!(descriptor.picture.map(|(number, _)| number), Some(4_464));
            assert_eq!(stamp(packet), Some(42));
        }
        assert_eq!(
            &packets[0][DESCRIPTOR + TAG..DESCRIPTOR + TAG + 3],
            &[0x9d, 1, 0x2a]
        );
        assert!(packets[0].len() > DESCRIPTOR + TAG + 7 + STAMP);
        assert!(!starts_keyframe(
            &Picture {
                keyframe: false,
                ..picture
            }
            .packets(500, 1_100)[0]
        ));
        assert_eq!(stamp(&[1, 2, 3]), None);
    }
}
