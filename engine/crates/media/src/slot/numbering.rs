//! VP8 picture numbers that run on over changes of source.

use crate::codec::vp8::{Descriptor, MAX_DESCRIPTOR, PictureNumbers};

/// Maps the picture numbers of changing sources to one unbroken row.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The newest picture: as the source numbered it, and as it was sent.
    newest: Option<(PictureNumbers, PictureNumbers)>,
    new_source: bool,
}

impl Numbering {
    /// The next picture is of another source.
    pub(super) fn begin(&mut self) {
        self.new_source = true;
    }

    /// Writes `payload` with its descriptor renumbered to `scratch`; false if it has no numbers.
    pub(super) fn rewrite(&mut self, payload: &[u8], scratch: &mut Vec<u8>) -> bool {
        let Some(descriptor) = Descriptor::parse(payload) else {
            return false;
        };
        let Some((id, wide)) = descriptor.picture else {
            return false;
        };
        let sent = self.map(
            PictureNumbers {
                picture: id,
                tl0: descriptor.tl0.unwrap_or(0),
            },
            wide,
        );
        let mut written = [0; MAX_DESCRIPTOR];
        let len = descriptor.write(sent, &mut written);
        scratch.clear();
        scratch.extend_from_slice(&written[..len]);
        scratch.extend_from_slice(&payload[descriptor.len..]);
        true
    }

    fn map(&mut self, numbers: PictureNumbers, wide: bool) -> PictureNumbers {
        let sent = match self.newest {
            Some((_, sent)) if self.new_source => sent.plus(PictureNumbers { picture: 1, tl0: 1 }),
            Some((newest, sent)) => {
                let step = signed_step(numbers.picture, newest.picture, wide);
                let mapped = sent.plus(PictureNumbers {
                    picture: step as u16,
                    tl0: numbers.tl0.wrapping_sub(newest.tl0),
                });
                if step < 0 {
                    return mapped;
                }
                mapped
            }
            None => numbers,
        };
        self.new_source = false;
        self.newest = Some((numbers, sent));
        sent
    }
}

/// From `from` to `to` by the shorter way round a 7- or 15-bit circle.
fn signed_step(to: u16, from: u16, wide: bool) -> i16 {
    let unused = if wide { 1 } else { 9 };
    ((to.wrapping_sub(from) << unused) as i16) >> unused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(picture: u16, tl0: u8) -> PictureNumbers {
        PictureNumbers { picture, tl0 }
    }

    #[test]
    fn runs_on_from_a_narrow_source_to_a_wide_one() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.map(numbers(126, 10), false), numbers(126, 10));
        assert_eq!(numbering.map(numbers(127, 11), false), numbers(127, 11));
        assert_eq!(numbering.map(numbers(0, 12), false), numbers(128, 12));
        numbering.begin();
        assert_eq!(numbering.map(numbers(32_767, 255), true), numbers(129, 13));
        assert_eq!(numbering.map(numbers(0, 0), true), numbers(130, 14));
    }

    #[test]
    fn an_older_picture_keeps_its_own_number() {
        let mut numbering = Numbering::default();
        numbering.map(numbers(10, 0), true);
        numbering.map(numbers(12, 0), true);
        assert_eq!(numbering.map(numbers(11, 0), true), numbers(11, 0));
        assert_eq!(numbering.map(numbers(13, 0), true), numbers(13, 0));
    }
}
