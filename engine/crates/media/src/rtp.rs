//! RTP packets (RFC 3550 section 5) with header extensions (RFC 8285): parsing without copying,
//! and writing into a caller's buffer.

use crate::{be16, be32};

/// Length of the fixed header, without contributing sources and extensions.
pub const FIXED_HEADER: usize = 12;

const ONE_BYTE_PROFILE: u16 = 0xBEDE;
const TWO_BYTE_PROFILE: u16 = 0x1000;

/// Why bytes are not an RTP packet. Always the sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Shorter than what its own fields announce.
    #[error("RTP packet is cut short")]
    Truncated,
    /// Version field is not 2.
    #[error("RTP version is not 2")]
    Version,
    /// The padding count is zero or larger than the payload.
    #[error("RTP padding count is impossible")]
    Padding,
}

/// The output buffer cannot hold what was to be written. The caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("output buffer is too small")]
pub struct BufferTooSmall;

/// A parsed packet, borrowing the bytes it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Fixed header fields.
    pub header: Header,
    /// Header extension profile and data; empty data if there is none.
    pub extensions: Extensions<'a>,
    /// Bytes before the payload: fixed header, contributing sources and extension.
    pub header_len: usize,
    /// The payload without padding.
    pub payload: &'a [u8],
    /// Padding bytes that followed the payload.
    pub padding: u8,
}

/// The fixed header fields that Podium reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Header {
    /// The profile's marker: for video, the last packet of a picture.
    pub marker: bool,
    /// 7 bits.
    pub payload_type: u8,
    /// Sequence number on the wire.
    pub sequence: u16,
    /// In units of the codec's clock rate.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl<'a> Packet<'a> {
    /// Parses a plaintext packet.
    ///
    /// # Errors
    /// [`ParseError`]: the sender's fault.
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        let (header, extensions, header_len) = parse_header(data)?;
        let body = data.get(header_len..).ok_or(ParseError::Truncated)?;
        let padding = match data[0] & 0x20 {
            0 => 0,
            _ => *body.last().ok_or(ParseError::Padding)?,
        };
        if (data[0] & 0x20 != 0 && padding == 0) || usize::from(padding) > body.len() {
            return Err(ParseError::Padding);
        }
        Ok(Self {
            header,
            extensions,
            header_len,
            payload: &body[..body.len() - usize::from(padding)],
            padding,
        })
    }
}

/// Parses the header alone, as for a packet whose payload is still sealed. Returns the fields,
/// the extensions and the length of everything before the payload.
///
/// # Errors
/// [`ParseError`]: the sender's fault.
pub fn parse_header(data: &[u8]) -> Result<(Header, Extensions<'_>, usize), ParseError> {
    let fixed: &[u8; FIXED_HEADER] = data.first_chunk().ok_or(ParseError::Truncated)?;
    if fixed[0] >> 6 != 2 {
        return Err(ParseError::Version);
    }
    let header = Header {
        marker: fixed[1] & 0x80 != 0,
        payload_type: fixed[1] & 0x7f,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
    };
    let after_sources = FIXED_HEADER + 4 * usize::from(fixed[0] & 0x0f);
    if fixed[0] & 0x10 == 0 {
        if data.len() < after_sources {
            return Err(ParseError::Truncated);
        }
        return Ok((header, Extensions::NONE, after_sources));
    }
    let profile = be16(data, after_sources).ok_or(ParseError::Truncated)?;
    let words = be16(data, after_sources + 2).ok_or(ParseError::Truncated)?;
    let start = after_sources + 4;
    let end = start + 4 * usize::from(words);
    let extensions = Extensions {
        profile,
        data: data.get(start..end).ok_or(ParseError::Truncated)?,
    };
    Ok((header, extensions, end))
}

/// The header extension block of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extensions<'a> {
    profile: u16,
    data: &'a [u8],
}

impl<'a> Extensions<'a> {
    const NONE: Extensions<'static> = Extensions {
        profile: 0,
        data: &[],
    };

    /// The elements in order: (local identifier, value). Empty for a profile that is not of
    /// RFC 8285; ends silently at the first malformed element.
    #[must_use]
    pub fn iter(&self) -> ExtensionIter<'a> {
        let form = match self.profile {
            ONE_BYTE_PROFILE => Form::OneByte,
            p if p & 0xfff0 == TWO_BYTE_PROFILE => Form::TwoByte,
            _ => Form::None,
        };
        ExtensionIter {
            form,
            rest: self.data,
        }
    }

    /// The value of the first element with this identifier.
    #[must_use]
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        self.iter().find(|(found, _)| *found == id).map(|(_, v)| v)
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    None,
    OneByte,
    TwoByte,
}

/// Iterator over header extension elements.
#[derive(Debug, Clone)]
pub struct ExtensionIter<'a> {
    form: Form,
    rest: &'a [u8],
}

impl<'a> Iterator for ExtensionIter<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, after) = self.rest.split_first()?;
            let (id, len, body) = match self.form {
                Form::None => return None,
                // An identifier of 0 is a single padding byte in both forms.
                _ if first == 0 => {
                    self.rest = after;
                    continue;
                }
                Form::OneByte if first >> 4 == 15 => return None,
                Form::OneByte => (first >> 4, usize::from(first & 0x0f) + 1, after),
                Form::TwoByte => {
                    let (&len, body) = after.split_first()?;
                    (first, usize::from(len), body)
                }
            };
            if body.len() < len {
                self.rest = &[];
                return None;
            }
            let (value, rest) = body.split_at(len);
            self.rest = rest;
            return Some((id, value));
        }
    }
}

impl Header {
    /// Writes the header with the given extension elements to the front of `out`, without
    /// contributing sources; `padded` sets the padding bit. Returns the header's length.
    ///
    /// Elements take the one-byte form unless an identifier above 14 or a value that is empty or
    /// longer than 16 bytes needs the two-byte form (RFC 8285 section 4.1.2: never mixed).
    /// Elements with identifier 0 or values above 255 bytes are left out.
    ///
    /// # Errors
    /// [`BufferTooSmall`].
    pub fn write(
        &self,
        out: &mut [u8],
        extensions: &[(u8, &[u8])],
        padded: bool,
    ) -> Result<usize, BufferTooSmall> {
        let fixed: &mut [u8; FIXED_HEADER] = out.first_chunk_mut().ok_or(BufferTooSmall)?;
        fixed[0] = 0x80 | (u8::from(padded) << 5) | (u8::from(!extensions.is_empty()) << 4);
        fixed[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        fixed[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        fixed[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        fixed[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        if extensions.is_empty() {
            return Ok(FIXED_HEADER);
        }
        write_extensions(&mut out[FIXED_HEADER..], extensions).map(|n| FIXED_HEADER + n)
    }
}

fn write_extensions(out: &mut [u8], elements: &[(u8, &[u8])]) -> Result<usize, BufferTooSmall> {
    let one_byte = elements
        .iter()
        .all(|(id, v)| *id <= 14 && (1..=16).contains(&v.len()));
    let mut at = 4;
    for (id, value) in elements {
        if *id == 0 || value.len() > 255 {
            continue;
        }
        if one_byte {
            *out.get_mut(at).ok_or(BufferTooSmall)? = (id << 4) | (value.len() - 1) as u8;
            at += 1;
        } else {
            let head = out.get_mut(at..at + 2).ok_or(BufferTooSmall)?;
            head.copy_from_slice(&[*id, value.len() as u8]);
            at += 2;
        }
        out.get_mut(at..at + value.len())
            .ok_or(BufferTooSmall)?
            .copy_from_slice(value);
        at += value.len();
    }
    let end = at.next_multiple_of(4);
    out.get_mut(at..end).ok_or(BufferTooSmall)?.fill(0);
    let profile = if one_byte {
        ONE_BYTE_PROFILE
    } else {
        TWO_BYTE_PROFILE
    };
    out.get_mut(..2)
        .ok_or(BufferTooSmall)?
        .copy_from_slice(&profile.to_be_bytes());
    let words = ((end - 4) / 4) as u16;
    out.get_mut(2..4)
        .ok_or(BufferTooSmall)?
        .copy_from_slice(&words.to_be_bytes());
    Ok(end)
}

/// The synchronisation source of a packet, sealed or not, without parsing the rest.
#[must_use]
pub fn peek_ssrc(data: &[u8]) -> Option<u32> {
    be32(data, 8)
}

/// Recovers extended (64-bit, never wrapping) sequence numbers from those on the wire, for a
/// stream whose packets are less than 2^15 out of order.
#[derive(Debug, Clone, Copy, Default)]
pub struct SequenceExtender {
    highest: Option<u64>,
}

impl SequenceExtender {
    /// The extended number of `sequence`. The first one seen begins in cycle 1, so that
    /// packets from just before it still have a number.
    pub fn extend(&mut self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            let first = 0x1_0000 | u64::from(sequence);
            self.highest = Some(first);
            return first;
        };
        let extended = nearest(highest, sequence);
        self.highest = Some(highest.max(extended));
        extended
    }
}

/// The extended sequence number nearest to `reference` whose low 16 bits are `sequence`; never
/// below zero.
#[must_use]
pub fn nearest(reference: u64, sequence: u16) -> u64 {
    let delta = i64::from(sequence.wrapping_sub(reference as u16) as i16);
    reference
        .checked_add_signed(delta)
        .unwrap_or(u64::from(sequence))
}

/// Whether RTP timestamp `a` is later than `b`, with wrapping.
#[must_use]
pub fn timestamp_after(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 31
}
