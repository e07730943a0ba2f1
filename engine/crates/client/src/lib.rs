//! Clients of Podium for measuring it: thousands of WHEP viewers and a WHIP publisher in one
//! process, and a program that shows what the machine could do at best.
//!
//! A viewer is a real one on the wire: its own UDP port, ICE checks and consent, DTLS, SRTP,
//! receiver reports. It does not decode pictures; it counts what arrives.

pub mod args;
pub mod count;
pub mod fleet;
pub mod http;
pub mod peer;
pub mod publisher;
pub mod raw;
pub mod sdp;
pub mod sink;
pub mod sys;
pub mod viewer;
pub mod vp8;

/// What can go wrong while measuring.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The system refused.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
    /// The server cannot be reached, or spoke no HTTP.
    #[error("{url}: {reason}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why it failed.
        reason: String,
    },
    /// The server answered with an error.
    #[error("{url}: status {status}: {body}")]
    Refused {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
        /// Start of the answer.
        body: String,
    },
    /// The server's SDP answer cannot be used.
    #[error("the answer cannot be used: {0}")]
    Answer(&'static str),
    /// The cryptography refused.
    #[error("cryptography failed: {0}")]
    Crypto(String),
    /// Wrong arguments of a program.
    #[error("{0}")]
    Usage(String),
}
