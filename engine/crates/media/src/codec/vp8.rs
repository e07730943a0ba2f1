//! VP8 payload descriptors (RFC 7741 section 4.2).

use super::Look;
use crate::be16;

/// Longest descriptor.
pub const MAX_DESCRIPTOR: usize = 6;

/// The numbers of a picture, continued from source to source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PictureNumbers {
    /// Picture identifier, 15 bits.
    pub picture: u16,
    /// Index of the temporal base layer; 0 where there is none.
    pub tl0: u8,
}

impl PictureNumbers {
    /// Moved on by `by`, each number within its width.
    #[must_use]
    pub fn plus(self, by: Self) -> Self {
        Self {
            picture: self.picture.wrapping_add(by.picture) & 0x7fff,
            tl0: self.tl0.wrapping_add(by.tl0),
        }
    }

    /// What moves `earlier` on to this.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            picture: self.picture.wrapping_sub(earlier.picture) & 0x7fff,
            tl0: self.tl0.wrapping_sub(earlier.tl0),
        }
    }
}

/// A parsed payload descriptor. Offsets count from the start of the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Its length: the VP8 payload follows.
    pub len: usize,
    /// Start of partition 0, that is, of a picture.
    pub starts: bool,
    /// Nothing refers to this picture.
    pub non_reference: bool,
    /// Picture identifier and whether it has 15 bits (else 7).
    pub picture: Option<(u16, bool)>,
    /// Index of the temporal base layer.
    pub tl0: Option<u8>,
    /// Temporal layer, layer-sync bit and key index, as they stand in their byte.
    pub layer: Option<u8>,
    first: u8,
    has_tid: bool,
    has_keyidx: bool,
}

impl Descriptor {
    /// Parses the front of a payload; `None` if it is cut short.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut descriptor = Self {
            len: 1,
            starts: first & 0x10 != 0 && first & 0x07 == 0,
            non_reference: first & 0x20 != 0,
            picture: None,
            tl0: None,
            layer: None,
            first,
            has_tid: false,
            has_keyidx: false,
        };
        if first & 0x80 == 0 {
            return Some(descriptor);
        }
        let flags = *payload.get(1)?;
        let mut at = 2;
        if flags & 0x80 != 0 {
            let id = *payload.get(at)?;
            if id & 0x80 == 0 {
                descriptor.picture = Some((u16::from(id), false));
                at += 1;
            } else {
                descriptor.picture = Some((be16(payload, at)? & 0x7fff, true));
                at += 2;
            }
        }
        if flags & 0x40 != 0 {
            descriptor.tl0 = Some(*payload.get(at)?);
            at += 1;
        }
        if flags & 0x30 != 0 {
            descriptor.layer = Some(*payload.get(at)?);
            at += 1;
        }
        descriptor.has_tid = flags & 0x20 != 0;
        descriptor.has_keyidx = flags & 0x10 != 0;
        descriptor.len = at;
        Some(descriptor)
    }

    /// The picture's numbers, if it has a picture identifier.
    #[must_use]
    pub fn numbers(&self) -> Option<PictureNumbers> {
        self.picture.map(|(picture, _)| PictureNumbers {
            picture,
            tl0: self.tl0.unwrap_or(0),
        })
    }

    /// Writes the descriptor with other numbers, which it must have had, to the front of `out`;
    /// the picture identifier always takes 15 bits. Returns its length.
    pub fn write(&self, numbers: PictureNumbers, out: &mut [u8; MAX_DESCRIPTOR]) -> usize {
        let extended = self.picture.is_some() || self.tl0.is_some() || self.layer.is_some();
        out[0] = (self.first & 0x7f) | (u8::from(extended) << 7);
        if !extended {
            return 1;
        }
        out[1] = (u8::from(self.picture.is_some()) << 7)
            | (u8::from(self.tl0.is_some()) << 6)
            | (u8::from(self.has_tid) << 5)
            | (u8::from(self.has_keyidx) << 4);
        let mut at = 2;
        if self.picture.is_some() {
            out[at..at + 2].copy_from_slice(&(numbers.picture | 0x8000).to_be_bytes());
            at += 2;
        }
        if self.tl0.is_some() {
            out[at] = numbers.tl0;
            at += 1;
        }
        if let Some(layer) = self.layer {
            out[at] = layer;
            at += 1;
        }
        at
    }
}

pub(super) fn look(payload: &[u8]) -> Option<Look> {
    let descriptor = Descriptor::parse(payload)?;
    // The inverse key frame flag is the first bit of the VP8 frame header (RFC 6386 section 9.1).
    let keyframe = descriptor.starts && payload.get(descriptor.len)? & 1 == 0;
    Some(Look {
        keyframe,
        starts: descriptor.starts,
    })
}
