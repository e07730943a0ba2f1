//! Sealed packets of strangers: none may be believed, none may do harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use podium_media::srtp::{Contexts, DtlsRole, Profile};

fuzz_target!(|data: &[u8]| {
    for profile in Profile::ALL {
        let exported = vec![0x5a; profile.keying_material_len()];
        let Ok(mut keys) = Contexts::from_dtls(profile, &exported, DtlsRole::Server) else {
            panic!("the material has the right length");
        };
        let mut out = [0; 2048];
        // The fuzzer cannot know the key; a packet that opens would be a forgery.
        assert!(keys.open_rtp.open(data, &mut out).is_err());
        assert!(keys.open_rtcp.open(data, &mut out).is_err());
    }
});
