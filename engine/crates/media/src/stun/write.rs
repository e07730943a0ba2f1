//! Writing STUN messages into a caller's buffer.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

use super::message::{TransactionId, xor_address};
use super::{FINGERPRINT_XOR, HEADER, MAGIC, attribute, crc32};

/// The output buffer cannot hold the message; 548 bytes always do, unless a username is longer
/// than RFC 8445 allows. The caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("output buffer is too small for a STUN message")]
pub struct WriteError;

/// Errors that an ICE-lite agent replies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 400: required attributes are missing.
    BadRequest,
    /// 401: integrity is wrong.
    Unauthenticated,
    /// 420: this comprehension-required attribute is unknown.
    UnknownAttribute(u16),
    /// 487: both sides believe they have the same role (RFC 8445 section 7.3.1.1).
    RoleConflict,
}

impl ErrorCode {
    fn parts(self) -> (u16, &'static str) {
        match self {
            Self::BadRequest => (400, "Bad Request"),
            Self::Unauthenticated => (401, "Unauthenticated"),
            Self::UnknownAttribute(_) => (420, "Unknown Attribute"),
            Self::RoleConflict => (487, "Role Conflict"),
        }
    }
}

/// A connectivity check to be written.
#[derive(Debug, Clone, Copy)]
pub struct BindingRequest<'a> {
    /// Fresh random bits.
    pub transaction: TransactionId,
    /// "receiver's ufrag:our ufrag".
    pub username: &'a str,
    /// The receiver's password.
    pub password: &'a [u8],
    /// `PRIORITY` of our candidate as peer-reflexive.
    pub priority: u32,
    /// Nominates the pair; only with `controlling`.
    pub use_candidate: bool,
    /// Whether we are the controlling agent.
    pub controlling: bool,
    /// Random 64 bits, the same in every check of a session.
    pub tie_breaker: u64,
}

/// Writes a connectivity check with MESSAGE-INTEGRITY and FINGERPRINT; returns its length.
///
/// # Errors
/// [`WriteError`].
pub fn write_binding_request(
    request: &BindingRequest<'_>,
    out: &mut [u8],
) -> Result<usize, WriteError> {
    let mut writer = Writer::new(out, 0x0001, request.transaction)?;
    writer.attribute(attribute::USERNAME, request.username.as_bytes())?;
    writer.attribute(attribute::PRIORITY, &request.priority.to_be_bytes())?;
    let role = match request.controlling {
        true => attribute::ICE_CONTROLLING,
        false => attribute::ICE_CONTROLLED,
    };
    writer.attribute(role, &request.tie_breaker.to_be_bytes())?;
    if request.use_candidate {
        writer.attribute(attribute::USE_CANDIDATE, &[])?;
    }
    writer.finish(Some(request.password))
}

/// Writes a success response that tells the sender `mapped`, with our `password`; returns its
/// length (at most 92 bytes).
///
/// # Errors
/// [`WriteError`].
pub fn write_success(
    transaction: TransactionId,
    mapped: SocketAddr,
    password: &[u8],
    out: &mut [u8],
) -> Result<usize, WriteError> {
    let mut writer = Writer::new(out, 0x0101, transaction)?;
    let SocketAddrParts { bytes, len } = address_value(xor_address(mapped, transaction));
    writer.attribute(attribute::XOR_MAPPED_ADDRESS, &bytes[..len])?;
    writer.finish(Some(password))
}

/// Writes an error response; without `password` it carries no MESSAGE-INTEGRITY, as 400 and 401
/// must not (RFC 8489 section 9.1.3). Returns its length.
///
/// # Errors
/// [`WriteError`].
pub fn write_error(
    transaction: TransactionId,
    code: ErrorCode,
    password: Option<&[u8]>,
    out: &mut [u8],
) -> Result<usize, WriteError> {
    let mut writer = Writer::new(out, 0x0111, transaction)?;
    let (number, reason) = code.parts();
    let mut value = [0; 32];
    value[2] = (number / 100) as u8;
    value[3] = (number % 100) as u8;
    let end = 4 + reason.len();
    value[4..end].copy_from_slice(reason.as_bytes());
    writer.attribute(attribute::ERROR_CODE, &value[..end])?;
    if let ErrorCode::UnknownAttribute(kind) = code {
        writer.attribute(attribute::UNKNOWN_ATTRIBUTES, &kind.to_be_bytes())?;
    }
    writer.finish(password)
}

struct SocketAddrParts {
    bytes: [u8; 20],
    len: usize,
}

fn address_value(address: SocketAddr) -> SocketAddrParts {
    let mut bytes = [0; 20];
    bytes[2..4].copy_from_slice(&address.port().to_be_bytes());
    let len = match address.ip() {
        IpAddr::V4(ip) => {
            bytes[1] = 1;
            bytes[4..8].copy_from_slice(&ip.octets());
            8
        }
        IpAddr::V6(ip) => {
            bytes[1] = 2;
            bytes[4..20].copy_from_slice(&ip.octets());
            20
        }
    };
    SocketAddrParts { bytes, len }
}

struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    fn new(out: &'a mut [u8], kind: u16, transaction: TransactionId) -> Result<Self, WriteError> {
        let header = out.get_mut(..HEADER).ok_or(WriteError)?;
        header[..2].copy_from_slice(&kind.to_be_bytes());
        header[4..8].copy_from_slice(&MAGIC.to_be_bytes());
        header[8..].copy_from_slice(&transaction.0);
        Ok(Self { out, at: HEADER })
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) -> Result<(), WriteError> {
        let len = u16::try_from(value.len()).map_err(|_| WriteError)?;
        let padded = value.len().next_multiple_of(4);
        let room = self
            .out
            .get_mut(self.at..self.at + 4 + padded)
            .ok_or(WriteError)?;
        room[..2].copy_from_slice(&kind.to_be_bytes());
        room[2..4].copy_from_slice(&len.to_be_bytes());
        room[4..4 + value.len()].copy_from_slice(value);
        room[4 + value.len()..].fill(0);
        self.at += 4 + padded;
        Ok(())
    }

    /// Sets the length field as if `more` bytes followed.
    fn set_len(&mut self, more: usize) -> Result<(), WriteError> {
        let len = u16::try_from(self.at - HEADER + more).map_err(|_| WriteError)?;
        self.out[2..4].copy_from_slice(&len.to_be_bytes());
        Ok(())
    }

    fn finish(mut self, password: Option<&[u8]>) -> Result<usize, WriteError> {
        if let Some(password) = password {
            self.set_len(24)?;
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password);
            let tag = hmac::sign(&key, &self.out[..self.at]);
            self.attribute(attribute::MESSAGE_INTEGRITY, tag.as_ref())?;
        }
        self.set_len(8)?;
        let crc = crc32(&self.out[..self.at]) ^ FINGERPRINT_XOR;
        self.attribute(attribute::FINGERPRINT, &crc.to_be_bytes())?;
        Ok(self.at)
    }
}
