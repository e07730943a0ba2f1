//! Where pictures and keyframes begin, codec by codec.

mod common;

use common::hex;
use podium_media::codec::vp8::{Descriptor, MAX_DESCRIPTOR, PictureNumbers};
use podium_media::codec::{Codec, Look, look};
use proptest::prelude::*;

const NOTHING: Look = Look {
    keyframe: false,
    starts: false,
};
const START: Look = Look {
    keyframe: false,
    starts: true,
};
const KEY: Look = Look {
    keyframe: true,
    starts: true,
};

fn check(codec: Codec, cases: &[(&str, &str, Look)]) {
    for (what, payload, expected) in cases {
        assert_eq!(
            look(codec, &hex(payload)),
            *expected,
            "{}: {what}",
            codec.name()
        );
    }
}

#[test]
fn vp8() {
    check(
        Codec::Vp8,
        &[
            ("bare descriptor, keyframe", "10 10 02 00 9d012a", KEY),
            ("bare descriptor, later picture", "10 11 02 00", START),
            ("continuation", "00 10 02 00", NOTHING),
            ("second partition", "11 10 02 00", NOTHING),
            ("all fields, keyframe", "90 f0 8123 05 20 10 02 00", KEY),
            (
                "all fields, non-reference",
                "b0 f0 8123 05 a0 31 02 00",
                START,
            ),
            ("7-bit picture id", "90 80 23 10", KEY),
            ("descriptor without payload", "90 80 23", NOTHING),
            ("cut descriptor", "90 f0 81", NOTHING),
            ("empty", "", NOTHING),
        ],
    );
}

#[test]
fn vp8_descriptor_fields() {
    let d = Descriptor::parse(&hex("b0 f0 8123 05 a0 31")).expect("descriptor");
    assert_eq!((d.len, d.starts, d.non_reference), (6, true, true));
    assert_eq!(
        (d.picture, d.tl0, d.layer),
        (Some((0x123, true)), Some(5), Some(0xa0))
    );
    let d = Descriptor::parse(&hex("80 40 07 10")).expect("descriptor");
    assert_eq!(
        (d.len, d.picture, d.tl0, d.numbers()),
        (3, None, Some(7), None)
    );
}

#[test]
fn vp9() {
    check(
        Codec::Vp9,
        &[
            ("keyframe, 15-bit picture id", "88 8123 82", KEY),
            ("keyframe, flexible mode, layer", "b8 8123 00 82", KEY),
            ("keyframe, layer with TL0PICIDX", "a8 8123 00 07 82", KEY),
            ("upper spatial layer", "a8 8123 02 07 82", NOTHING),
            ("inter picture", "c8 8123 82", START),
            ("later packet of a keyframe", "84 8123 82", NOTHING),
            ("descriptor without payload", "88 8123", NOTHING),
        ],
    );
}

#[test]
fn h264() {
    check(
        Codec::H264,
        &[
            ("parameter set", "67 42e01f", KEY),
            ("picture parameters", "68 ce3c80", START),
            ("access unit delimiter", "09 10", START),
            ("IDR slice", "65 88 84", KEY),
            ("second IDR slice", "65 40 84", NOTHING),
            ("slice", "41 9a 00", START),
            ("second slice", "41 5a 00", NOTHING),
            (
                "STAP-A of parameters and IDR",
                "78 0004 6742e01f 0002 68ce 0003 658884",
                KEY,
            ),
            ("STAP-A of slices", "78 0003 419a00", START),
            ("STAP-A cut", "78 0009 6742", NOTHING),
            ("FU-A, first of IDR", "7c 85 88 84", KEY),
            ("FU-A, first of second IDR slice", "7c 85 40 84", NOTHING),
            ("FU-A, middle of IDR", "7c 05 88 84", NOTHING),
            ("FU-A, first of slice", "5c 81 9a", START),
            ("supplemental information", "06 05 10", NOTHING),
            ("empty", "", NOTHING),
        ],
    );
}

#[test]
fn av1() {
    check(
        Codec::Av1,
        &[
            ("N, one element: sequence header", "18 0a0b000000", KEY),
            (
                "N, counted elements: sequence header, frame",
                "28 02 0a0b 30aabb",
                KEY,
            ),
            ("N, delimiter first", "38 01 12 02 0a0b 30aa", KEY),
            ("N, lengths on all elements", "08 02 0a0b 02 30aa", KEY),
            ("N without sequence header", "18 30aabb", START),
            ("a later picture", "10 30aabb", START),
            ("continuation", "90 aabbcc", NOTHING),
            ("length beyond the end", "28 ff7f 0a", START),
            ("empty", "", NOTHING),
        ],
    );
}

#[test]
fn names_are_read_in_any_case() {
    for codec in Codec::ALL {
        assert_eq!(Codec::from_name(&codec.name().to_lowercase()), Some(codec));
        assert_eq!(Codec::ALL[codec.index()], codec);
    }
    assert_eq!(Codec::from_name("H265"), None);
}

proptest! {
    #[test]
    fn a_rewritten_vp8_descriptor_says_the_same_with_other_numbers(
        first: u8, flags: u8, rest in prop::collection::vec(any::<u8>(), 5..9), picture in 0..0x8000u16, tl0: u8,
    ) {
        let mut payload = vec![first, flags];
        payload.extend(rest);
        let before = Descriptor::parse(&payload).expect("long enough");
        let mut out = [0; MAX_DESCRIPTOR];
        let len = before.write(PictureNumbers { picture, tl0 }, &mut out);
        let mut written = out[..len].to_vec();
        written.extend_from_slice(&payload[before.len..]);
        let after = Descriptor::parse(&written).expect("descriptor");
        prop_assert_eq!(after.len, len);
        prop_assert_eq!((after.starts, after.non_reference, after.layer), (before.starts, before.non_reference, before.layer));
        prop_assert_eq!(after.picture, before.picture.map(|_| (picture, true)));
        prop_assert_eq!(after.tl0, before.tl0.map(|_| tl0));
        prop_assert_eq!(&written[after.len..], &payload[before.len..]);
    }
}
