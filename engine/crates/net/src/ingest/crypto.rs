//! The publishers' library does not say which SRTP profile was agreed on. Its cryptography is
//! pluggable, so this plug notes for which profile the keys were made.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};

use podium_media::srtp::Profile;
use str0m::crypto::{
    CryptoProvider, SrtpProvider, SupportedAeadAes128Gcm, SupportedAeadAes256Gcm,
    SupportedAes128CmSha1_80,
};

thread_local! {
    static LAST: Cell<Option<Profile>> = const { Cell::new(None) };
}

#[derive(Debug)]
struct Noting(&'static dyn SrtpProvider);

impl SrtpProvider for Noting {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        LAST.set(Some(Profile::Aes128CmSha1));
        self.0.aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        LAST.set(Some(Profile::AeadAes128Gcm));
        self.0.aead_aes_128_gcm()
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        LAST.set(Some(Profile::AeadAes256Gcm));
        self.0.aead_aes_256_gcm()
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        self.0.srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        self.0.srtp_aes_256_ecb_round(key, input, output);
    }
}

/// The library's cryptography with the note-taking plug.
pub fn provider() -> Arc<CryptoProvider> {
    static PLAIN: OnceLock<CryptoProvider> = OnceLock::new();
    static NOTING: OnceLock<Noting> = OnceLock::new();
    let plain = PLAIN.get_or_init(str0m::crypto::from_feature_flags);
    let noting = NOTING.get_or_init(|| Noting(plain.srtp_provider));
    Arc::new(CryptoProvider {
        srtp_provider: noting,
        ..plain.clone()
    })
}

/// The profile of the keys that this thread made last. Ask when the library says "connected":
/// the keys were made in that same poll.
pub fn last_profile() -> Option<Profile> {
    LAST.get()
}
