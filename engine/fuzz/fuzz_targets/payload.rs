//! The payload descriptors of every codec; a VP8 descriptor survives being rewritten.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podium_media::codec::vp8::{Descriptor, MAX_DESCRIPTOR, PictureNumbers};
use podium_media::codec::{Codec, look};

fuzz_target!(|data: &[u8]| {
    for codec in Codec::ALL {
        let _ = look(codec, data);
    }
    let Some(descriptor) = Descriptor::parse(data) else {
        return;
    };
    let numbers = PictureNumbers {
        picture: 0x1234,
        tl0: 0x56,
    };
    let mut out = [0; MAX_DESCRIPTOR];
    let len = descriptor.write(numbers, &mut out);
    let Some(again) = Descriptor::parse(&out[..len]) else {
        panic!("what was written is no descriptor");
    };
    assert_eq!(again.len, len);
    assert_eq!(
        (again.starts, again.layer),
        (descriptor.starts, descriptor.layer)
    );
});
