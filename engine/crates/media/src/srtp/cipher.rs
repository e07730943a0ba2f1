//! The ciphers of the profiles, each with its expanded keys kept.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::hmac;

use super::kdf::{KeyError, Label, MasterKey, Profile};
use super::{OpenError, SealError};

/// Labels of one of the two protocols.
pub(super) struct Labels {
    pub key: Label,
    pub auth: Label,
    pub salt: Label,
    /// Tags may be shorter than 80 bits: only those of RTP (RFC 4568 section 6.2).
    pub short_tags: bool,
}

pub(super) const RTP_LABELS: Labels = Labels {
    key: Label::RtpKey,
    auth: Label::RtpAuth,
    salt: Label::RtpSalt,
    short_tags: true,
};

pub(super) const RTCP_LABELS: Labels = Labels {
    key: Label::RtcpKey,
    auth: Label::RtcpAuth,
    salt: Label::RtcpSalt,
    short_tags: false,
};

/// Session keys of one direction and one protocol.
pub(super) enum Cipher {
    Gcm(Gcm),
    CmSha1(Box<CmSha1>),
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Gcm(_) => "Gcm",
            Self::CmSha1(_) => "CmSha1",
        })
    }
}

impl Cipher {
    pub(super) fn new(master: &MasterKey, labels: &Labels) -> Result<Self, KeyError> {
        match master.profile() {
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => {
                Ok(Self::Gcm(Gcm::new(master, labels)?))
            }
            Profile::Aes128CmSha1 | Profile::Aes128CmSha1Short => {
                Ok(Self::CmSha1(Box::new(CmSha1::new(master, labels)?)))
            }
        }
    }

    pub(super) fn tag_len(&self) -> usize {
        match self {
            Self::Gcm(_) => Gcm::TAG,
            Self::CmSha1(cm) => cm.tag_len,
        }
    }
}

/// AES-GCM (RFC 7714).
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    pub(super) const TAG: usize = 16;

    fn new(master: &MasterKey, labels: &Labels) -> Result<Self, KeyError> {
        let algorithm = match master.profile() {
            Profile::AeadAes256Gcm => &AES_256_GCM,
            _ => &AES_128_GCM,
        };
        let mut key = [0; 32];
        let key = &mut key[..algorithm.key_len()];
        master.derive(labels.key, key)?;
        let mut salt = [0; 12];
        master.derive(labels.salt, &mut salt)?;
        let key = UnboundKey::new(algorithm, key).map_err(|_| KeyError)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            salt,
        })
    }

    /// RFC 7714 sections 8.1 and 9.1: SSRC and 48-bit index, exclusive-or the salt.
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(&self.salt) {
            *byte ^= salt;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// Seals `plaintext` into `out` (as long) and `tag` (16 bytes).
    pub(super) fn seal_scatter(
        &self,
        (ssrc, index): (u32, u64),
        aad: &[u8],
        plaintext: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), SealError> {
        self.key
            .seal_out_of_place_scatter(
                self.nonce(ssrc, index),
                Aad::from(aad),
                plaintext,
                out,
                &[],
                tag,
            )
            .map_err(|_| SealError::Cipher)
    }

    /// Seals `text` in place and writes the 16-byte `tag`.
    pub(super) fn seal_in_place(
        &self,
        (ssrc, index): (u32, u64),
        aad: &[u8],
        text: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), SealError> {
        self.key
            .seal_in_place_scatter(self.nonce(ssrc, index), Aad::from(aad), text, &[], tag)
            .map_err(|_| SealError::Cipher)
    }

    /// Opens `sealed` (ciphertext and tag) into `out`, as long as the ciphertext.
    pub(super) fn open(
        &self,
        (ssrc, index): (u32, u64),
        aad: &[u8],
        sealed: &[u8],
        tag: &[u8],
        out: &mut [u8],
    ) -> Result<(), OpenError> {
        self.key
            .open_separate_gather(self.nonce(ssrc, index), Aad::from(aad), sealed, tag, out)
            .map_err(|_| OpenError::Forged)
    }
}

/// AES counter mode with HMAC-SHA1, tags of 80 or 32 bits (RFC 3711 sections 4.1.1 and 4.2.1).
pub(super) struct CmSha1 {
    key: EncryptingKey,
    auth: hmac::Key,
    salt: [u8; 14],
    tag_len: usize,
}

impl CmSha1 {
    fn new(master: &MasterKey, labels: &Labels) -> Result<Self, KeyError> {
        let mut key = [0; 16];
        master.derive(labels.key, &mut key)?;
        let mut auth = [0; 20];
        master.derive(labels.auth, &mut auth)?;
        let mut salt = [0; 14];
        master.derive(labels.salt, &mut salt)?;
        let unbound = UnboundCipherKey::new(&AES_128, &key).map_err(|_| KeyError)?;
        Ok(Self {
            key: EncryptingKey::ctr(unbound).map_err(|_| KeyError)?,
            auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth),
            salt,
            tag_len: match master.profile() {
                Profile::Aes128CmSha1Short if labels.short_tags => 4,
                _ => 10,
            },
        })
    }

    /// Encrypts or decrypts `text` in place; false if the cipher refused.
    pub(super) fn crypt(&self, ssrc: u32, index: u64, text: &mut [u8]) -> bool {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        let position = (u128::from(ssrc) << 64) | (u128::from(index) << 16);
        for (byte, mix) in iv.iter_mut().zip(position.to_be_bytes()) {
            *byte ^= mix;
        }
        // Counter mode cannot take an empty text.
        text.is_empty()
            || self
                .key
                .less_safe_encrypt(text, EncryptionContext::Iv128((&iv).into()))
                .is_ok()
    }

    /// Writes the tag over `parts` in order to `tag`, which is as long as one.
    pub(super) fn tag(&self, parts: [&[u8]; 2], tag: &mut [u8]) {
        let mut context = hmac::Context::with_key(&self.auth);
        for part in parts {
            context.update(part);
        }
        tag.copy_from_slice(&context.sign().as_ref()[..tag.len()]);
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, parts: [&[u8]; 2], tag: &[u8]) -> Result<(), OpenError> {
        let mut expected = [0; 10];
        let expected = &mut expected[..self.tag_len];
        self.tag(parts, expected);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag)
            .map_err(|_| OpenError::Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"Gallia est omnis divisa in partes tres";
    const HEADER: [u8; 12] = [
        0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2,
    ];
    const SSRC: u32 = 0x5501_a0b2;

    fn gcm(key: &[u8]) -> Gcm {
        let algorithm = if key.len() == 16 {
            &AES_128_GCM
        } else {
            &AES_256_GCM
        };
        let mut salt = [0; 12];
        salt.copy_from_slice(b"Quid pro quo");
        Gcm {
            key: LessSafeKey::new(UnboundKey::new(algorithm, key).expect("key")),
            salt,
        }
    }

    /// RFC 7714 sections 16.1.1 and 16.2.1: (key length, ciphertext and tag).
    fn vectors() -> [(usize, String); 2] {
        [
            (
                16,
                concat!(
                    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b",
                    "36de3adf8833899d7f27beb16a9152cf765ee4390cce"
                )
                .into(),
            ),
            (
                32,
                concat!(
                    "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f",
                    "1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"
                )
                .into(),
            ),
        ]
    }

    #[test]
    fn seals_and_opens_the_vectors_of_rfc_7714() {
        for (len, expected) in vectors() {
            let key: Vec<u8> = (0..len as u8).collect();
            let gcm = gcm(&key);
            let mut out = vec![0; PLAIN.len()];
            let mut tag = [0; 16];
            let at = (SSRC, 0xf17b);
            gcm.seal_scatter(at, &HEADER, PLAIN, &mut out, &mut tag)
                .expect("seal");
            let hex: String = out.iter().chain(&tag).map(|b| format!("{b:02x}")).collect();
            assert_eq!(hex, expected);
            let mut opened = vec![0; PLAIN.len()];
            gcm.open(at, &HEADER, &out, &tag, &mut opened)
                .expect("open");
            assert_eq!(opened, PLAIN);
            let mut in_place = PLAIN.to_vec();
            let mut second = [0; 16];
            gcm.seal_in_place(at, &HEADER, &mut in_place, &mut second)
                .expect("seal");
            assert_eq!((in_place, second), (out, tag));
        }
    }
}
