//! SRTP: sealing and opening RTP packets.

use super::cipher::{Cipher, RTP_LABELS};
use super::kdf::{KeyError, MasterKey};
use super::replay::ReplayWindow;
use super::{OpenError, SealError};
use crate::rtp::{self, nearest};

/// Which packet of a stream this is: the input of the nonce. One index must be sealed at most
/// once per key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PacketIndex {
    /// Synchronisation source.
    pub ssrc: u32,
    /// Roll-over counter (32 bits) and sequence number (low 16 bits).
    pub sequence: u64,
}

/// A payload gathered from parts: `head`, then `body`, then `padding` bytes of RTP padding whose
/// last byte is the count (RFC 3550 section 5.1; the caller sets the header's padding bit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    /// Bytes of this viewer alone, such as a patched payload descriptor; usually empty.
    pub head: &'a [u8],
    /// Shared bytes.
    pub body: &'a [u8],
    /// Number of padding bytes.
    pub padding: u8,
}

impl<'a> Payload<'a> {
    /// The shared bytes alone.
    #[must_use]
    pub fn plain(body: &'a [u8]) -> Self {
        Self {
            head: &[],
            body,
            padding: 0,
        }
    }

    /// Length on the wire before sealing.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.len() + self.body.len() + usize::from(self.padding)
    }

    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies the parts to `out`, which is exactly [`Self::len`] long.
    fn gather(&self, out: &mut [u8]) {
        let (head, rest) = out.split_at_mut(self.head.len());
        head.copy_from_slice(self.head);
        let (body, padding) = rest.split_at_mut(self.body.len());
        body.copy_from_slice(self.body);
        padding.fill(0);
        if let Some(last) = padding.last_mut() {
            *last = self.padding;
        }
    }
}

/// Seals RTP packets of any number of SSRCs with one key.
#[derive(Debug)]
pub struct SealRtp {
    cipher: Cipher,
}

impl SealRtp {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`KeyError`] if the cipher refuses the key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(master, &RTP_LABELS)?,
        })
    }

    /// Bytes that sealing adds.
    #[must_use]
    pub fn tag_len(&self) -> usize {
        self.cipher.tag_len()
    }

    /// Seals `payload` behind the header that stands in `out[..header_len]`. Shared plaintext is
    /// enciphered straight into `out`; it is copied first only if the payload has more than one
    /// part. Returns the length of the finished packet.
    ///
    /// # Errors
    /// [`SealError`]: the caller's fault; what `out` holds then is undefined.
    #[inline]
    pub fn seal(
        &self,
        index: PacketIndex,
        header_len: usize,
        payload: Payload<'_>,
        out: &mut [u8],
    ) -> Result<usize, SealError> {
        let text_end = header_len + payload.len();
        let end = text_end + self.tag_len();
        if index.sequence >> 48 != 0 {
            return Err(SealError::Exhausted);
        }
        let packet = out.get_mut(..end).ok_or(SealError::BufferTooSmall)?;
        match &self.cipher {
            Cipher::Gcm(gcm) => {
                let (header, rest) = packet.split_at_mut(header_len);
                let (text, tag) = rest.split_at_mut(payload.len());
                let at = (index.ssrc, index.sequence);
                if payload.head.is_empty() && payload.padding == 0 {
                    gcm.seal_scatter(at, header, payload.body, text, tag)?;
                } else {
                    payload.gather(text);
                    gcm.seal_in_place(at, header, text, tag)?;
                }
            }
            Cipher::CmSha1(cm) => {
                let (sealed, tag) = packet.split_at_mut(text_end);
                let text = &mut sealed[header_len..];
                payload.gather(text);
                if !cm.crypt(index.ssrc, index.sequence, text) {
                    return Err(SealError::Cipher);
                }
                let roc = ((index.sequence >> 16) as u32).to_be_bytes();
                cm.tag([sealed, &roc], tag);
            }
        }
        Ok(end)
    }
}

/// Opens RTP packets of a bounded number of SSRCs with one key.
#[derive(Debug)]
pub struct OpenRtp {
    cipher: Cipher,
    sources: Vec<(u32, ReplayWindow)>,
}

impl OpenRtp {
    /// SSRCs for which a context keeps state. State is made only for authenticated packets.
    pub const MAX_SOURCES: usize = 64;

    /// Derives the session keys.
    ///
    /// # Errors
    /// [`KeyError`] if the cipher refuses the key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            cipher: Cipher::new(master, &RTP_LABELS)?,
            sources: Vec::new(),
        })
    }

    /// Authenticates and deciphers a packet into `out`: header, then payload (with its padding,
    /// which [`crate::rtp::Packet::parse`] takes off). Returns the plaintext packet's length and
    /// its index.
    ///
    /// # Errors
    /// [`OpenError`]; the context is then unchanged.
    pub fn open(
        &mut self,
        packet: &[u8],
        out: &mut [u8],
    ) -> Result<(usize, PacketIndex), OpenError> {
        let (header, _, header_len) =
            rtp::parse_header(packet).map_err(|_| OpenError::Malformed)?;
        let text_end = packet
            .len()
            .checked_sub(self.cipher.tag_len())
            .filter(|end| *end >= header_len)
            .ok_or(OpenError::Malformed)?;
        let known = self.sources.iter().position(|(s, _)| *s == header.ssrc);
        let sequence = match known {
            Some(at) => {
                let window = &self.sources[at].1;
                let index = nearest(window.highest().unwrap_or(0), header.sequence);
                if index >> 48 != 0 || !window.is_fresh(index) {
                    return Err(OpenError::Replayed);
                }
                index
            }
            None if self.sources.len() >= Self::MAX_SOURCES => {
                return Err(OpenError::TooManySources);
            }
            // A stream starts with roll-over counter 0 (RFC 3711 section 3.3.1).
            None => u64::from(header.sequence),
        };
        let index = PacketIndex {
            ssrc: header.ssrc,
            sequence,
        };
        self.decipher(packet, header_len, text_end, index, out)?;
        match known {
            Some(at) => self.sources[at].1.accept(sequence),
            None => {
                let mut window = ReplayWindow::default();
                window.accept(sequence);
                self.sources.push((header.ssrc, window));
            }
        }
        Ok((text_end, index))
    }

    fn decipher(
        &self,
        packet: &[u8],
        header_len: usize,
        text_end: usize,
        index: PacketIndex,
        out: &mut [u8],
    ) -> Result<(), OpenError> {
        let out = out.get_mut(..text_end).ok_or(OpenError::BufferTooSmall)?;
        let (sealed, tag) = packet.split_at(text_end);
        let (header, text) = sealed.split_at(header_len);
        match &self.cipher {
            Cipher::Gcm(gcm) => {
                let at = (index.ssrc, index.sequence);
                gcm.open(at, header, text, tag, &mut out[header_len..])?;
                out[..header_len].copy_from_slice(header);
            }
            Cipher::CmSha1(cm) => {
                let roc = ((index.sequence >> 16) as u32).to_be_bytes();
                cm.verify([sealed, &roc], tag)?;
                out.copy_from_slice(sealed);
                if !cm.crypt(index.ssrc, index.sequence, &mut out[header_len..]) {
                    return Err(OpenError::Malformed);
                }
            }
        }
        Ok(())
    }
}
