//! H.264 payloads (RFC 6184 section 5): a keyframe begins with a sequence parameter set, or, for
//! encoders that send the sets out of band, with an IDR slice.

use super::Look;
use crate::be16;

const SLICE: u8 = 1;
const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

pub(super) fn look(payload: &[u8]) -> Option<Look> {
    let first = *payload.first()?;
    match first & 0x1f {
        STAP_A => {
            let mut look = Look::default();
            let mut at = 1;
            while at < payload.len() {
                let len = usize::from(be16(payload, at)?);
                let unit = unit(payload.get(at + 2..at + 2 + len)?);
                look.keyframe |= unit.keyframe;
                look.starts |= unit.starts;
                at += 2 + len;
            }
            Some(look)
        }
        FU_A => {
            let fragment = *payload.get(1)?;
            if fragment & 0x80 == 0 {
                return Some(Look::default());
            }
            slice(fragment & 0x1f, payload.get(2..)?)
        }
        _ => Some(unit(payload)),
    }
}

/// A whole NAL unit.
fn unit(unit: &[u8]) -> Look {
    unit.split_first()
        .and_then(|(head, body)| slice(head & 0x1f, body))
        .unwrap_or_default()
}

fn slice(kind: u8, body: &[u8]) -> Option<Look> {
    // first_mb_in_slice is ue(v): the single bit 1 means 0, the first slice of a picture.
    let first_slice = || body.first().is_some_and(|byte| byte & 0x80 != 0);
    Some(match kind {
        SPS => Look {
            keyframe: true,
            starts: true,
        },
        IDR => Look {
            keyframe: first_slice(),
            starts: first_slice(),
        },
        SLICE => Look {
            keyframe: false,
            starts: first_slice(),
        },
        PPS | DELIMITER => Look {
            keyframe: false,
            starts: true,
        },
        _ => Look::default(),
    })
}
