//! SRTCP: sealing and opening RTCP compounds (RFC 3711 section 3.4, RFC 7714 section 9).

use super::cipher::{Cipher, RTCP_LABELS};
use super::kdf::{KeyError, MasterKey};
use super::replay::ReplayWindow;
use super::{OpenError, SealError};
use crate::be32;

/// RTCP header and sender SSRC stay in the clear.
const CLEAR: usize = 8;
const ENCRYPTED: u32 = 1 << 31;

/// Seals RTCP compounds. Owns the SRTCP index, so it must be the only one with its key.
#[derive(Debug)]
pub struct SealRtcp {
    cipher: Cipher,
    next: u32,
}

impl SealRtcp {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`KeyError`] if the cipher refuses the key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(master, &RTCP_LABELS)?,
            next: 0,
        })
    }

    /// Seals the compound that stands in `buffer[..len]` in place; returns the new length, at
    /// most [`super::MAX_RTCP_OVERHEAD`] more.
    ///
    /// # Errors
    /// [`SealError`]: the caller's fault, also for a compound shorter than 8 bytes.
    pub fn seal(&mut self, buffer: &mut [u8], len: usize) -> Result<usize, SealError> {
        let index = self.next;
        if index & ENCRYPTED != 0 {
            return Err(SealError::Exhausted);
        }
        let tag_len = self.cipher.tag_len();
        let end = len + tag_len + 4;
        let ssrc = be32(buffer, 4).ok_or(SealError::BufferTooSmall)?;
        let packet = buffer.get_mut(..end).ok_or(SealError::BufferTooSmall)?;
        let trailer = (index | ENCRYPTED).to_be_bytes();
        if len < CLEAR {
            return Err(SealError::BufferTooSmall);
        }
        match &self.cipher {
            Cipher::Gcm(gcm) => {
                let aad = gcm_aad(packet, trailer);
                let (body, rest) = packet.split_at_mut(len);
                let (tag, word) = rest.split_at_mut(tag_len);
                let at = (ssrc, u64::from(index));
                gcm.seal_in_place(at, &aad, &mut body[CLEAR..], tag)?;
                word.copy_from_slice(&trailer);
            }
            Cipher::CmSha1(cm) => {
                let (sealed, tag) = packet.split_at_mut(len + 4);
                if !cm.crypt(ssrc, u64::from(index), &mut sealed[CLEAR..len]) {
                    return Err(SealError::Cipher);
                }
                sealed[len..].copy_from_slice(&trailer);
                cm.tag([sealed, &[]], tag);
            }
        }
        self.next += 1;
        Ok(end)
    }
}

/// RFC 7714 section 9.2: the clear header and the index word.
fn gcm_aad(packet: &[u8], trailer: [u8; 4]) -> [u8; CLEAR + 4] {
    let mut aad = [0; CLEAR + 4];
    aad[..CLEAR].copy_from_slice(&packet[..CLEAR]);
    aad[CLEAR..].copy_from_slice(&trailer);
    aad
}

/// Opens RTCP compounds of a bounded number of sender SSRCs.
#[derive(Debug)]
pub struct OpenRtcp {
    cipher: Cipher,
    sources: Vec<(u32, ReplayWindow)>,
}

impl OpenRtcp {
    /// SSRCs for which a context keeps state.
    pub const MAX_SOURCES: usize = 64;

    /// Derives the session keys.
    ///
    /// # Errors
    /// [`KeyError`] if the cipher refuses the key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(master, &RTCP_LABELS)?,
            sources: Vec::new(),
        })
    }

    /// Authenticates and deciphers a compound into `out`; returns its length. Compounds that are
    /// not enciphered are refused: WebRTC never sends them (RFC 8827 section 6.5).
    ///
    /// # Errors
    /// [`OpenError`]; the context is then unchanged.
    pub fn open(&mut self, packet: &[u8], out: &mut [u8]) -> Result<usize, OpenError> {
        let tag_len = self.cipher.tag_len();
        let len = packet
            .len()
            .checked_sub(tag_len + 4)
            .filter(|len| *len >= CLEAR)
            .ok_or(OpenError::Malformed)?;
        let gcm = matches!(self.cipher, Cipher::Gcm(_));
        let word_at = if gcm { len + tag_len } else { len };
        let word = be32(packet, word_at).ok_or(OpenError::Malformed)?;
        let ssrc = be32(packet, 4).ok_or(OpenError::Malformed)?;
        if packet[0] >> 6 != 2 || word & ENCRYPTED == 0 {
            return Err(OpenError::Malformed);
        }
        let index = u64::from(word & !ENCRYPTED);
        let known = self.sources.iter().position(|(s, _)| *s == ssrc);
        match known {
            Some(at) if !self.sources[at].1.is_fresh(index) => return Err(OpenError::Replayed),
            None if self.sources.len() >= Self::MAX_SOURCES => {
                return Err(OpenError::TooManySources);
            }
            _ => {}
        }
        let out = out.get_mut(..len).ok_or(OpenError::BufferTooSmall)?;
        self.decipher(packet, (ssrc, index), word, out)?;
        match known {
            Some(at) => self.sources[at].1.accept(index),
            None => {
                let mut window = ReplayWindow::default();
                window.accept(index);
                self.sources.push((ssrc, window));
            }
        }
        Ok(len)
    }

    fn decipher(
        &self,
        packet: &[u8],
        (ssrc, index): (u32, u64),
        word: u32,
        out: &mut [u8],
    ) -> Result<(), OpenError> {
        let len = out.len();
        let (sealed, rest) = packet.split_at(len);
        match &self.cipher {
            Cipher::Gcm(gcm) => {
                let aad = gcm_aad(sealed, word.to_be_bytes());
                let tag = &rest[..self.cipher.tag_len()];
                gcm.open(
                    (ssrc, index),
                    &aad,
                    &sealed[CLEAR..],
                    tag,
                    &mut out[CLEAR..],
                )?;
                out[..CLEAR].copy_from_slice(&sealed[..CLEAR]);
            }
            Cipher::CmSha1(cm) => {
                let (authenticated, tag) = packet.split_at(len + 4);
                cm.verify([authenticated, &[]], tag)?;
                out.copy_from_slice(sealed);
                if !cm.crypt(ssrc, index, &mut out[CLEAR..]) {
                    return Err(OpenError::Malformed);
                }
            }
        }
        Ok(())
    }
}
