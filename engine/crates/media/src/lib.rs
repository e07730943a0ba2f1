//! What happens to a media packet between two sockets, without the sockets.
//!
//! Everything here is sans-IO: bytes and times come in as arguments, bytes and decisions go out.
//! Nothing blocks, nothing reads a clock, and nothing that a peer sends can panic.
//!
//! The path of a picture: a publisher's packets enter a [`slot::SlotOutput`], which gives them
//! unbroken numbers and times; an [`frame::Assembler`] collects them into immutable
//! [`frame::Frame`]s; every worker hands each frame to the [`viewer::ViewerStream`]s that look at
//! it, which say what header each packet gets; [`egress::write_packet`] writes and seals it.
#![forbid(unsafe_code)]

pub mod clock;
pub mod codec;
pub mod egress;
pub mod frame;
pub mod rtcp;
pub mod rtp;
pub mod slot;
pub mod srtp;
pub mod stun;
pub mod time;
pub mod udp4;
pub mod viewer;

/// Reads a big-endian integer at `at`, or `None` past the end.
pub(crate) fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

/// As [`be16`], for 24 bits.
pub(crate) fn be24(data: &[u8], at: usize) -> Option<u32> {
    let bytes: &[u8; 3] = data.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]))
}

/// As [`be16`], for 32 bits.
pub(crate) fn be32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

/// As [`be16`], for 64 bits.
pub(crate) fn be64(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(*data.get(at..)?.first_chunk()?))
}
