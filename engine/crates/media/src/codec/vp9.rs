//! VP9 payload descriptors (RFC 9628 section 4.2).

use super::Look;

pub(super) fn look(payload: &[u8]) -> Option<Look> {
    let first = *payload.first()?;
    let [has_picture, predicted, has_layers, flexible, starts] =
        [0x80, 0x40, 0x20, 0x10, 0x08].map(|bit| first & bit != 0);
    let mut at = 1;
    if has_picture {
        at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
    }
    let mut spatial = 0;
    if has_layers {
        spatial = (payload.get(at)? >> 1) & 0x07;
        at += if flexible { 1 } else { 2 };
    }
    // A descriptor that promises more than there is, is garbage.
    payload.get(at)?;
    let starts = starts && spatial == 0;
    Some(Look {
        keyframe: starts && !predicted,
        starts,
    })
}
