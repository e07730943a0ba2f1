//! Writes one sealed packet for one viewer: the innermost loop of the engine.

use crate::rtp::Header;
use crate::srtp::{SealError, SealRtp};
use crate::viewer::OutPacket;

/// Header extensions that a viewer's stream carries. Identifiers are from its answer, 1 to 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderExtensions {
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time`.
    pub abs_send_time: Option<u8>,
    mid: Option<(u8, [u8; Self::MID], u8)>,
}

impl HeaderExtensions {
    /// Longest `mid` that is carried.
    pub const MID: usize = 16;

    /// With the time of sending under `id`.
    #[must_use]
    pub fn with_abs_send_time(mut self, id: u8) -> Self {
        self.abs_send_time = Some(id);
        self
    }

    /// `urn:ietf:params:rtp-hdrext:sdes:mid`; a value that is empty or longer than 16 bytes is
    /// left out, as the SSRC tells the m-line too.
    #[must_use]
    pub fn with_mid(mut self, id: u8, mid: &str) -> Self {
        let mut value = [0; Self::MID];
        if let Some(place) = value.get_mut(..mid.len())
            && !mid.is_empty()
        {
            place.copy_from_slice(mid.as_bytes());
            self.mid = Some((id, value, mid.len() as u8));
        }
        self
    }

    /// Bytes of header, fixed part and extensions, of every packet with these.
    #[must_use]
    pub fn header_len(&self) -> usize {
        let elements = self.abs_send_time.map_or(0, |_| 4)
            + self.mid.map_or(0, |(_, _, len)| 1 + usize::from(len));
        match elements {
            0 => crate::rtp::FIXED_HEADER,
            _ => crate::rtp::FIXED_HEADER + (4 + elements).next_multiple_of(4),
        }
    }

    /// Writes header and extensions to the front of `out`; returns their length.
    ///
    /// # Errors
    /// [`SealError::BufferTooSmall`].
    pub fn write(
        &self,
        header: &Header,
        send_time: [u8; 3],
        padded: bool,
        out: &mut [u8],
    ) -> Result<usize, SealError> {
        let mut elements: [(u8, &[u8]); 2] = [(0, &[]); 2];
        let mut count = 0;
        if let Some(id) = self.abs_send_time {
            elements[count] = (id, &send_time);
            count += 1;
        }
        if let Some((id, value, len)) = &self.mid {
            elements[count] = (*id, &value[..usize::from(*len)]);
            count += 1;
        }
        header
            .write(out, &elements[..count], padded)
            .map_err(|_| SealError::BufferTooSmall)
    }
}

/// Most padding that makes a GSO run equal; a packet that needs more starts a new run.
pub const MAX_PADDING: usize = 255;

/// Padding that brings a payload of `len` bytes to `target`, or `None` if padding cannot.
#[must_use]
pub fn padding(len: usize, target: usize) -> Option<u8> {
    target
        .checked_sub(len)
        .and_then(|padding| u8::try_from(padding).ok())
}

/// Writes header and sealed payload, followed by `padding` bytes of RTP padding, to the front of
/// `out`; returns the packet's length: [`HeaderExtensions::header_len`], payload, padding, tag.
///
/// # Errors
/// [`SealError`]: the caller's fault.
#[inline]
pub fn write_packet(
    packet: &OutPacket<'_>,
    extensions: &HeaderExtensions,
    send_time: [u8; 3],
    padding: u8,
    seal: &SealRtp,
    out: &mut [u8],
) -> Result<usize, SealError> {
    let header_len = extensions.write(&packet.header, send_time, padding != 0, out)?;
    seal.seal(packet.index, header_len, packet.payload(padding), out)
}
