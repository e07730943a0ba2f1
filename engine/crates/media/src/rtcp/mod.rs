//! RTCP compounds (RFC 3550 section 6, RFC 4585, RFC 5104, REMB): reading and writing.

mod parse;
mod write;

pub use parse::{Lost, Nacks, Packet, ParseError, Reader, ReportBlock, ReportBlocks};
pub use write::{CompoundWriter, SenderReport, WriteError};

/// Packet types.
pub(crate) mod kind {
    pub const SR: u8 = 200;
    pub const RR: u8 = 201;
    pub const SDES: u8 = 202;
    pub const BYE: u8 = 203;
    pub const RTPFB: u8 = 205;
    pub const PSFB: u8 = 206;
}

/// Feedback message types.
pub(crate) mod format {
    pub const NACK: u8 = 1;
    pub const PLI: u8 = 1;
    pub const FIR: u8 = 4;
    pub const AFB: u8 = 15;
}
