//! AV1 payloads (AOMedia RTP payload format section 4.4): the aggregation header's N bit says
//! that a coded video sequence begins, which a sequence header OBU must confirm.

use super::Look;

const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;

pub(super) fn look(payload: &[u8]) -> Option<Look> {
    let aggregation = *payload.first()?;
    let continues = aggregation & 0x80 != 0;
    let new_sequence = aggregation & 0x08 != 0;
    let mut elements = Elements {
        rest: payload.get(1..)?,
        // W: how many elements there are; the last then has no length. 0: all have.
        left: (aggregation >> 4) & 0x03,
        counted: (aggregation >> 4) & 0x03 != 0,
    };
    let keyframe = !continues
        && new_sequence
        && elements
            .find_map(|element| match (element.first()? >> 3) & 0x0f {
                TEMPORAL_DELIMITER => None,
                kind => Some(kind == SEQUENCE_HEADER),
            })
            .unwrap_or(false);
    Some(Look {
        keyframe,
        // A picture's later packets that begin with a whole OBU look the same; the timestamp
        // tells them apart.
        starts: !continues,
    })
}

struct Elements<'a> {
    rest: &'a [u8],
    left: u8,
    counted: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() || (self.counted && self.left == 0) {
            return None;
        }
        let last = self.counted && self.left == 1;
        self.left = self.left.saturating_sub(1);
        if last {
            return Some(std::mem::take(&mut self.rest));
        }
        let (len, used) = leb128(self.rest)?;
        let element = self.rest.get(used..used.checked_add(len)?)?;
        self.rest = &self.rest[used + len..];
        Some(element)
    }
}

/// Reads an unsigned LEB128 of at most 8 bytes: (value, length).
fn leb128(data: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0u64;
    for (i, byte) in data.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, i + 1));
        }
    }
    None
}
