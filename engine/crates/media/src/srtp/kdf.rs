//! Protection profiles, the DTLS exporter's layout (RFC 5764 section 4.2) and key derivation
//! (RFC 3711 section 4.3, RFC 6188, RFC 7714 section 11).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};

use super::rtcp::{OpenRtcp, SealRtcp};
use super::rtp::{OpenRtp, SealRtp};

/// An SRTP protection profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `SRTP_AEAD_AES_256_GCM` (RFC 7714).
    AeadAes256Gcm,
    /// `SRTP_AEAD_AES_128_GCM` (RFC 7714).
    AeadAes128Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80` (RFC 5764).
    Aes128CmSha1,
    /// `SRTP_AES128_CM_HMAC_SHA1_32`: RTP tags of 32 bits. Telephones may ask for it (RFC 4568);
    /// never offered by DTLS.
    Aes128CmSha1Short,
}

impl Profile {
    /// Every profile that DTLS may choose, the one that the engine prefers first.
    pub const ALL: [Self; 3] = [Self::AeadAes128Gcm, Self::AeadAes256Gcm, Self::Aes128CmSha1];

    /// Name as in the engine's events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes128CmSha1 => "AES128_CM_SHA1_80",
            Self::Aes128CmSha1Short => "AES128_CM_SHA1_32",
        }
    }

    /// The profile of a crypto suite's name in SDP (RFC 4568 section 6.2, RFC 7714 section 14.2).
    #[must_use]
    pub fn of_suite(name: &str) -> Option<Self> {
        match name {
            "AES_CM_128_HMAC_SHA1_80" => Some(Self::Aes128CmSha1),
            "AES_CM_128_HMAC_SHA1_32" => Some(Self::Aes128CmSha1Short),
            "AEAD_AES_128_GCM" => Some(Self::AeadAes128Gcm),
            "AEAD_AES_256_GCM" => Some(Self::AeadAes256Gcm),
            _ => None,
        }
    }

    /// Value in the DTLS `use_srtp` extension.
    #[must_use]
    pub fn id(self) -> u16 {
        match self {
            Self::Aes128CmSha1 => 0x0001,
            Self::Aes128CmSha1Short => 0x0002,
            Self::AeadAes128Gcm => 0x0007,
            Self::AeadAes256Gcm => 0x0008,
        }
    }

    /// Master key length in bytes.
    #[must_use]
    pub fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::Aes128CmSha1 | Self::Aes128CmSha1Short => 16,
        }
    }

    /// Master salt length in bytes.
    #[must_use]
    pub fn salt_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            Self::Aes128CmSha1 | Self::Aes128CmSha1Short => 14,
        }
    }

    /// Bytes to take from the DTLS exporter `EXTRACTOR-dtls_srtp`.
    #[must_use]
    pub fn keying_material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }

    /// Length of the authentication tag of RTP in bytes.
    #[must_use]
    pub fn tag_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 16,
            Self::Aes128CmSha1 => 10,
            Self::Aes128CmSha1Short => 4,
        }
    }
}

/// Our role in the DTLS handshake that made the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsRole {
    /// We sent the ClientHello.
    Client,
    /// We answered it.
    Server,
}

/// The keying material does not fit the profile, or the cipher refused it. The caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("keying material does not fit the SRTP profile")]
pub struct KeyError;

/// A master key and salt: one direction of a session.
#[derive(Clone)]
pub struct MasterKey {
    profile: Profile,
    key: [u8; 32],
    salt: [u8; 14],
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKey")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl MasterKey {
    /// From key and salt of exactly the profile's lengths.
    ///
    /// # Errors
    /// [`KeyError`] on other lengths.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        if key.len() != profile.key_len() || salt.len() != profile.salt_len() {
            return Err(KeyError);
        }
        let mut master = Self {
            profile,
            key: [0; 32],
            salt: [0; 14],
        };
        master.key[..key.len()].copy_from_slice(key);
        // A 96-bit salt stands left in the 112-bit field (RFC 7714 section 11 with RFC 3711).
        master.salt[..salt.len()].copy_from_slice(salt);
        Ok(master)
    }

    /// From key and salt in one piece, as SDP carries them (RFC 4568 section 6.1).
    ///
    /// # Errors
    /// [`KeyError`] on another length than the profile's.
    pub fn inline(profile: Profile, material: &[u8]) -> Result<Self, KeyError> {
        let (key, salt) = material
            .split_at_checked(profile.key_len())
            .ok_or(KeyError)?;
        Self::new(profile, key, salt)
    }

    /// The profile this key is for.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Derives a session key of `out.len()` bytes for `label` (key derivation rate 0).
    pub(super) fn derive(&self, label: Label, out: &mut [u8]) -> Result<(), KeyError> {
        let algorithm = match self.profile {
            Profile::AeadAes256Gcm => &AES_256,
            _ => &AES_128,
        };
        let unbound = UnboundCipherKey::new(algorithm, &self.key[..self.profile.key_len()])
            .map_err(|_| KeyError)?;
        let prf = EncryptingKey::ctr(unbound).map_err(|_| KeyError)?;
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        iv[7] ^= label as u8;
        out.fill(0);
        prf.less_safe_encrypt(out, EncryptionContext::Iv128((&iv).into()))
            .map_err(|_| KeyError)?;
        Ok(())
    }
}

/// Labels of RFC 3711 section 4.3.2.
#[derive(Debug, Clone, Copy)]
pub(super) enum Label {
    RtpKey = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// Splits exported keying material into (what the client seals with, what the server seals with).
///
/// # Errors
/// [`KeyError`] if it has not exactly [`Profile::keying_material_len`] bytes.
pub fn exported_keys(
    profile: Profile,
    exported: &[u8],
) -> Result<(MasterKey, MasterKey), KeyError> {
    if exported.len() != profile.keying_material_len() {
        return Err(KeyError);
    }
    let (keys, salts) = exported.split_at(2 * profile.key_len());
    let (client_key, server_key) = keys.split_at(profile.key_len());
    let (client_salt, server_salt) = salts.split_at(profile.salt_len());
    Ok((
        MasterKey::new(profile, client_key, client_salt)?,
        MasterKey::new(profile, server_key, server_salt)?,
    ))
}

/// The four contexts of a session.
#[derive(Debug)]
pub struct Contexts {
    /// Seals RTP that we send.
    pub seal_rtp: SealRtp,
    /// Opens RTP that the peer sends.
    pub open_rtp: OpenRtp,
    /// Seals RTCP that we send.
    pub seal_rtcp: SealRtcp,
    /// Opens RTCP that the peer sends.
    pub open_rtcp: OpenRtcp,
}

impl Contexts {
    /// From what the DTLS exporter gave and our role in that handshake.
    ///
    /// # Errors
    /// [`KeyError`] if the material has the wrong length.
    pub fn from_dtls(profile: Profile, exported: &[u8], role: DtlsRole) -> Result<Self, KeyError> {
        let (client, server) = exported_keys(profile, exported)?;
        let (ours, theirs) = match role {
            DtlsRole::Client => (client, server),
            DtlsRole::Server => (server, client),
        };
        Self::new(&ours, &theirs)
    }

    /// From the keys of the two directions.
    ///
    /// # Errors
    /// [`KeyError`] if the cipher refuses a key.
    pub fn new(ours: &MasterKey, theirs: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            seal_rtp: SealRtp::new(ours)?,
            open_rtp: OpenRtp::new(theirs)?,
            seal_rtcp: SealRtcp::new(ours)?,
            open_rtcp: OpenRtcp::new(theirs)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_the_keys_of_rfc_3711_appendix_b_3() {
        let key = 0xE1F9_7A0D_3E01_8BE0_D64F_A32C_06DE_4139u128.to_be_bytes();
        let salt = [
            0x0E, 0xC6, 0x75, 0xAD, 0x49, 0x8A, 0xFE, 0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6,
        ];
        let master = MasterKey::new(Profile::Aes128CmSha1, &key, &salt).expect("key");
        let mut cipher = [0; 16];
        master.derive(Label::RtpKey, &mut cipher).expect("derive");
        assert_eq!(
            u128::from_be_bytes(cipher),
            0xC61E_7A93_744F_39EE_1073_4AFE_3FF7_A087
        );
        let mut salt = [0; 14];
        master.derive(Label::RtpSalt, &mut salt).expect("derive");
        assert_eq!(
            salt,
            [
                0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D, 0x8C, 0x85, 0xD4, 0x9D, 0xB3, 0x4A, 0x9A, 0xE1,
            ]
        );
        let mut auth = [0; 20];
        master.derive(Label::RtpAuth, &mut auth).expect("derive");
        assert_eq!(
            auth[..16],
            0xCEBE_321F_6FF7_716B_6FD4_AB49_AF25_6A15u128.to_be_bytes()
        );
        assert_eq!(auth[16..], 0x6D38_BAA4u32.to_be_bytes());
    }

    #[test]
    fn refuses_material_of_another_length() {
        for profile in Profile::ALL {
            let len = profile.keying_material_len();
            assert!(exported_keys(profile, &vec![0; len]).is_ok());
            assert!(exported_keys(profile, &vec![0; len - 1]).is_err());
            assert!(exported_keys(profile, &vec![0; len + 1]).is_err());
        }
    }
}
