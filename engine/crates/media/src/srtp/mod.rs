//! SRTP and SRTCP (RFC 3711, RFC 7714) with keys from a DTLS handshake (RFC 5764).
//!
//! Each direction has its own context. A context keeps its expanded keys and allocates nothing
//! per packet. It does not keep sequence numbers of what it seals: whoever owns an SSRC passes
//! its [`PacketIndex`], and **must never pass the same index twice with one key**.

mod cipher;
mod kdf;
mod replay;
mod rtcp;
mod rtp;

pub use kdf::{Contexts, DtlsRole, KeyError, MasterKey, Profile, exported_keys};
pub use replay::ReplayWindow;
pub use rtcp::{OpenRtcp, SealRtcp};
pub use rtp::{OpenRtp, PacketIndex, Payload, SealRtp};

/// Longest tag of any profile, in bytes: room to leave after a payload.
pub const MAX_TAG: usize = 16;

/// Most that sealing adds to an RTCP compound: tag and index word.
pub const MAX_RTCP_OVERHEAD: usize = MAX_TAG + 4;

/// Why a packet could not be opened. Always the peer's fault, or a stranger's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not an RTP or RTCP packet, or too short to hold a tag.
    #[error("packet is malformed")]
    Malformed,
    /// Seen before, or older than the replay window.
    #[error("packet was seen before or is too old")]
    Replayed,
    /// The tag is wrong.
    #[error("packet failed authentication")]
    Forged,
    /// More SSRCs than a context keeps state for.
    #[error("too many sources on one key")]
    TooManySources,
    /// The output buffer is shorter than the payload.
    #[error("output buffer is too small")]
    BufferTooSmall,
}

/// Why a packet could not be sealed. Always the caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The output buffer cannot hold header, payload and tag.
    #[error("output buffer is too small")]
    BufferTooSmall,
    /// The 48-bit packet index or the 31-bit RTCP index is used up: this key must not seal more.
    #[error("key is used up")]
    Exhausted,
    /// The cipher refused; does not happen with lengths that fit a datagram.
    #[error("cipher refused")]
    Cipher,
}
