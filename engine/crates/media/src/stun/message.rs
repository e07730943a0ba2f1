//! Reading STUN messages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use aws_lc_rs::{constant_time, hmac};

use super::{FINGERPRINT_XOR, HEADER, MAGIC, attribute, crc32};
use crate::{be16, be32, be64};

/// Identifies a request and its response: 96 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransactionId(pub [u8; 12]);

/// Class of a binding message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Asks for a response.
    Request,
    /// Asks for none; ICE keep-alives.
    Indication,
    /// Positive answer.
    Success,
    /// Negative answer.
    Error,
}

/// Why bytes are not a binding message. Always the sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not STUN, or its lengths do not add up.
    #[error("not a STUN message")]
    Malformed,
    /// A method other than Binding.
    #[error("STUN method is not Binding")]
    Method,
    /// FINGERPRINT is there and wrong.
    #[error("STUN fingerprint is wrong")]
    Fingerprint,
    /// A comprehension-required attribute is unknown (RFC 8489 section 14); reply 420.
    #[error("STUN attribute {0:#06x} is unknown but required")]
    UnknownRequired(u16),
}

/// A binding message, borrowing the datagram. Attributes after MESSAGE-INTEGRITY are ignored,
/// but for FINGERPRINT (RFC 8489 section 14.5).
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Request, indication or response.
    pub class: Class,
    /// As sent by the client.
    pub transaction: TransactionId,
    /// `USERNAME`: for ICE "receiver's ufrag:sender's ufrag", as bytes.
    pub username: Option<&'a [u8]>,
    /// `PRIORITY` of the candidate.
    pub priority: Option<u32>,
    /// `USE-CANDIDATE`: the controlling side nominates this pair.
    pub use_candidate: bool,
    /// Tie-breaker of `ICE-CONTROLLING`.
    pub controlling: Option<u64>,
    /// Tie-breaker of `ICE-CONTROLLED`.
    pub controlled: Option<u64>,
    /// `XOR-MAPPED-ADDRESS` (or `MAPPED-ADDRESS`) of a success response.
    pub mapped: Option<SocketAddr>,
    /// `ERROR-CODE`, 300 to 699.
    pub error: Option<u16>,
    /// Whether the message ended with a right FINGERPRINT.
    pub fingerprint: bool,
    data: &'a [u8],
    integrity_at: Option<usize>,
}

impl<'a> Message<'a> {
    /// Parses a datagram. Its integrity is yet to be checked: [`Self::verify`].
    ///
    /// # Errors
    /// [`ParseError`]: the sender's fault.
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        let mut message = Self::header(data)?;
        let mut at = HEADER;
        while at < data.len() {
            let kind = be16(data, at).ok_or(ParseError::Malformed)?;
            let len = usize::from(be16(data, at + 2).ok_or(ParseError::Malformed)?);
            let value = data
                .get(at + 4..at + 4 + len)
                .ok_or(ParseError::Malformed)?;
            message.attribute(at, kind, value)?;
            at += 4 + len.next_multiple_of(4);
        }
        Ok(message)
    }

    fn header(data: &'a [u8]) -> Result<Self, ParseError> {
        let kind = be16(data, 0).ok_or(ParseError::Malformed)?;
        let len = usize::from(be16(data, 2).ok_or(ParseError::Malformed)?);
        let transaction: &[u8; 12] = data
            .get(8..HEADER)
            .and_then(<[u8]>::first_chunk)
            .ok_or(ParseError::Malformed)?;
        if be32(data, 4) != Some(MAGIC)
            || kind >> 14 != 0
            || !len.is_multiple_of(4)
            || data.len() != HEADER + len
        {
            return Err(ParseError::Malformed);
        }
        let class = match kind & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Error,
        };
        if kind & !0x0110 != 1 {
            return Err(ParseError::Method);
        }
        Ok(Self {
            class,
            transaction: TransactionId(*transaction),
            username: None,
            priority: None,
            use_candidate: false,
            controlling: None,
            controlled: None,
            mapped: None,
            error: None,
            fingerprint: false,
            data,
            integrity_at: None,
        })
    }

    fn attribute(&mut self, at: usize, kind: u16, value: &'a [u8]) -> Result<(), ParseError> {
        if kind == attribute::FINGERPRINT {
            let crc = crc32(&self.data[..at]) ^ FINGERPRINT_XOR;
            let last = at + 8 == self.data.len();
            self.fingerprint = last && be32(value, 0) == Some(crc) && value.len() == 4;
            return match self.fingerprint {
                true => Ok(()),
                false => Err(ParseError::Fingerprint),
            };
        }
        if self.integrity_at.is_some() {
            return Ok(());
        }
        match kind {
            attribute::USERNAME => self.username = Some(value),
            attribute::MESSAGE_INTEGRITY if value.len() == 20 => self.integrity_at = Some(at),
            attribute::MESSAGE_INTEGRITY => return Err(ParseError::Malformed),
            attribute::UNKNOWN_ATTRIBUTES => {}
            attribute::PRIORITY => self.priority = be32(value, 0),
            attribute::USE_CANDIDATE => self.use_candidate = true,
            attribute::ICE_CONTROLLING => self.controlling = be64(value, 0),
            attribute::ICE_CONTROLLED => self.controlled = be64(value, 0),
            attribute::XOR_MAPPED_ADDRESS => {
                self.mapped = xor_mapped(value, self.transaction).or(self.mapped);
            }
            attribute::MAPPED_ADDRESS => self.mapped = self.mapped.or(mapped(value)),
            attribute::ERROR_CODE => {
                let hundreds = value.get(2).ok_or(ParseError::Malformed)? & 7;
                let rest = value.get(3).ok_or(ParseError::Malformed)?;
                self.error = Some(u16::from(hundreds) * 100 + u16::from(*rest));
            }
            0..0x8000 => return Err(ParseError::UnknownRequired(kind)),
            _ => {}
        }
        Ok(())
    }

    /// Whether MESSAGE-INTEGRITY is there and right for `password` (short-term credentials: of
    /// the receiver for requests, of the request's receiver for responses).
    #[must_use]
    pub fn verify(&self, password: &[u8]) -> bool {
        let Some(at) = self.integrity_at else {
            return false;
        };
        // The length field counts up to the end of MESSAGE-INTEGRITY, whatever follows it.
        let covered = ((at + 24 - HEADER) as u16).to_be_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password);
        let mut context = hmac::Context::with_key(&key);
        context.update(&self.data[..2]);
        context.update(&covered);
        context.update(&self.data[4..at]);
        let tag = context.sign();
        let sent = &self.data[at + 4..at + 24];
        constant_time::verify_slices_are_equal(tag.as_ref(), sent).is_ok()
    }

    /// Splits `USERNAME` into (receiver's ufrag, sender's ufrag).
    #[must_use]
    pub fn ufrags(&self) -> Option<(&'a [u8], &'a [u8])> {
        let name = self.username?;
        let colon = name.iter().position(|b| *b == b':')?;
        Some((&name[..colon], &name[colon + 1..]))
    }
}

fn mapped(value: &[u8]) -> Option<SocketAddr> {
    let port = be16(value, 2)?;
    let ip = match (value.get(1)?, value.len()) {
        (1, 8) => IpAddr::V4(Ipv4Addr::from(be32(value, 4)?)),
        (2, 20) => IpAddr::V6(Ipv6Addr::from(*value.get(4..)?.first_chunk::<16>()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn xor_mapped(value: &[u8], transaction: TransactionId) -> Option<SocketAddr> {
    mapped(value).map(|address| xor_address(address, transaction))
}

/// Applies the exclusive-or of RFC 8489 section 14.2; its own inverse.
pub(super) fn xor_address(address: SocketAddr, transaction: TransactionId) -> SocketAddr {
    let port = address.port() ^ (MAGIC >> 16) as u16;
    let ip = match address.ip() {
        IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from(u32::from(ip) ^ MAGIC)),
        IpAddr::V6(ip) => {
            let mut mask = [0; 16];
            mask[..4].copy_from_slice(&MAGIC.to_be_bytes());
            mask[4..].copy_from_slice(&transaction.0);
            IpAddr::V6(Ipv6Addr::from(u128::from(ip) ^ u128::from_be_bytes(mask)))
        }
    };
    SocketAddr::new(ip, port)
}
