//! Reading compounds without copying.

use super::{format, kind};
use crate::time::Ntp;
use crate::{be16, be24, be32, be64};

/// The compound ends in something that is not RTCP. Always the sender's fault; packets before it
/// are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("RTCP compound is malformed")]
pub struct ParseError;

/// One packet of a compound that Podium understands; all others are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Sender report.
    SenderReport {
        /// Whose.
        ssrc: u32,
        /// Wall clock of the sender.
        ntp: Ntp,
        /// RTP time of the same moment.
        rtp: u32,
        /// Packets sent so far.
        packets: u32,
        /// Payload bytes sent so far.
        octets: u32,
        /// What it receives.
        blocks: ReportBlocks<'a>,
    },
    /// Receiver report.
    ReceiverReport {
        /// Whose.
        ssrc: u32,
        /// What it receives.
        blocks: ReportBlocks<'a>,
    },
    /// CNAME of a source. Other source descriptions are skipped.
    Cname {
        /// Whose.
        ssrc: u32,
        /// At most 255 bytes, UTF-8 by convention.
        name: &'a [u8],
    },
    /// A source has left. A BYE of several sources gives several of these.
    Bye {
        /// Who.
        ssrc: u32,
    },
    /// Generic NACK (RFC 4585 section 6.2.1).
    Nack {
        /// The stream that lost packets.
        media: u32,
        /// What was lost.
        lost: Nacks<'a>,
    },
    /// Picture loss indication.
    Pli {
        /// The stream that needs a keyframe.
        media: u32,
    },
    /// Full intra request (RFC 5104 section 4.3.1), one per entry.
    Fir {
        /// The stream that needs a keyframe.
        media: u32,
        /// Repeated requests have the same number.
        number: u8,
    },
    /// Receiver's estimate of its bandwidth.
    Remb {
        /// In bit/s.
        bitrate: u64,
        /// Who says so.
        sender: u32,
    },
}

/// Iterates over the packets of a compound.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Entries yet to be given of a packet with several.
    pending: Pending<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Pending<'a> {
    None,
    /// SSRCs of a BYE.
    Bye(&'a [u8]),
    /// Entries of a FIR.
    Fir(&'a [u8]),
    /// This many chunks of an SDES.
    Sdes(&'a [u8], u8),
}

impl<'a> Reader<'a> {
    /// Over a plaintext compound; reduced-size compounds (RFC 5506) are welcome.
    #[must_use]
    pub fn new(compound: &'a [u8]) -> Self {
        Self {
            rest: compound,
            pending: Pending::None,
        }
    }

    fn pending(&mut self) -> Option<Packet<'a>> {
        match self.pending {
            Pending::None => None,
            Pending::Bye(list) => {
                let ssrc = be32(list, 0);
                self.pending = list.get(4..).map_or(Pending::None, Pending::Bye);
                ssrc.map(|ssrc| Packet::Bye { ssrc })
            }
            Pending::Fir(list) => {
                let entry = be32(list, 0).zip(list.get(4).copied());
                self.pending = list.get(8..).map_or(Pending::None, Pending::Fir);
                entry.map(|(media, number)| Packet::Fir { media, number })
            }
            Pending::Sdes(chunks, count) => self.cname(chunks, count),
        }
    }

    /// The next CNAME among `count` chunks.
    fn cname(&mut self, mut chunks: &'a [u8], count: u8) -> Option<Packet<'a>> {
        for left in (0..count).rev() {
            let (found, rest) = sdes_chunk(chunks)?;
            chunks = rest;
            self.pending = Pending::Sdes(chunks, left);
            if let Some((ssrc, name)) = found {
                return Some(Packet::Cname { ssrc, name });
            }
        }
        None
    }

    /// Reads the next packet; `Ok(None)` means that it is to be skipped.
    fn read(&mut self) -> Result<Option<Packet<'a>>, ParseError> {
        let head: &[u8; 4] = self.rest.first_chunk().ok_or(ParseError)?;
        let len = 4 * (usize::from(u16::from_be_bytes([head[2], head[3]])) + 1);
        if head[0] >> 6 != 2 || len > self.rest.len() {
            return Err(ParseError);
        }
        let (packet, rest) = self.rest.split_at(len);
        let (count, kind) = (head[0] & 0x1f, head[1]);
        let padding = match head[0] & 0x20 {
            0 => 0,
            _ => usize::from(packet[len - 1]),
        };
        let body = len
            .checked_sub(padding)
            .and_then(|end| packet.get(4..end))
            .ok_or(ParseError)?;
        self.rest = rest;
        self.body(kind, count, body)
    }

    fn body(
        &mut self,
        kind: u8,
        count: u8,
        body: &'a [u8],
    ) -> Result<Option<Packet<'a>>, ParseError> {
        match kind {
            kind::SR => sender_report(count, body).map(Some),
            kind::RR => Ok(Some(Packet::ReceiverReport {
                ssrc: be32(body, 0).ok_or(ParseError)?,
                blocks: ReportBlocks::new(count, &body[4..])?,
            })),
            kind::SDES => {
                self.pending = Pending::Sdes(body, count);
                Ok(None)
            }
            kind::BYE => {
                let list = body.get(..4 * usize::from(count)).ok_or(ParseError)?;
                self.pending = Pending::Bye(list);
                Ok(None)
            }
            kind::RTPFB if count == format::NACK => Ok(Some(Packet::Nack {
                media: be32(body, 4).ok_or(ParseError)?,
                lost: Nacks { data: &body[8..] },
            })),
            kind::PSFB => self.payload_feedback(count, body),
            _ => Ok(None),
        }
    }

    fn payload_feedback(
        &mut self,
        format: u8,
        body: &'a [u8],
    ) -> Result<Option<Packet<'a>>, ParseError> {
        let media = be32(body, 4).ok_or(ParseError)?;
        match format {
            format::PLI => Ok(Some(Packet::Pli { media })),
            format::FIR => {
                self.pending = Pending::Fir(&body[8..]);
                Ok(None)
            }
            format::AFB if body.get(8..12) == Some(b"REMB") => {
                let mantissa = be24(body, 13).ok_or(ParseError)?;
                let exponent = mantissa >> 18;
                let bits = u128::from(mantissa & 0x3ffff) << exponent;
                Ok(Some(Packet::Remb {
                    bitrate: u64::try_from(bits).unwrap_or(u64::MAX),
                    sender: be32(body, 0).ok_or(ParseError)?,
                }))
            }
            _ => Ok(None),
        }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Packet<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(packet) = self.pending() {
                return Some(Ok(packet));
            }
            self.pending = Pending::None;
            if self.rest.is_empty() {
                return None;
            }
            match self.read() {
                Ok(Some(packet)) => return Some(Ok(packet)),
                Ok(None) => {}
                Err(error) => {
                    self.rest = &[];
                    return Some(Err(error));
                }
            }
        }
    }
}

fn sender_report(count: u8, body: &[u8]) -> Result<Packet<'_>, ParseError> {
    let fixed = body.get(..24).ok_or(ParseError)?;
    let word = |at| be32(fixed, at).ok_or(ParseError);
    Ok(Packet::SenderReport {
        ssrc: word(0)?,
        ntp: Ntp(be64(fixed, 4).ok_or(ParseError)?),
        rtp: word(12)?,
        packets: word(16)?,
        octets: word(20)?,
        blocks: ReportBlocks::new(count, &body[24..])?,
    })
}

type Chunk<'a> = (Option<(u32, &'a [u8])>, &'a [u8]);

/// Reads one SDES chunk: its CNAME, if any, and what follows the chunk.
fn sdes_chunk(data: &[u8]) -> Option<Chunk<'_>> {
    let ssrc = be32(data, 0)?;
    let mut at = 4;
    let mut name = None;
    loop {
        match *data.get(at)? {
            0 => break,
            item => {
                let len = usize::from(*data.get(at + 1)?);
                let value = data.get(at + 2..at + 2 + len)?;
                if item == 1 {
                    name = Some((ssrc, value));
                }
                at += 2 + len;
            }
        }
    }
    // The null item pads the chunk to the next word.
    let end = (at + 1).next_multiple_of(4).min(data.len());
    Some((name, &data[end..]))
}

/// One report block (RFC 3550 section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportBlock {
    /// The stream reported on.
    pub ssrc: u32,
    /// Lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost since the start; 24 bits, signed.
    pub cumulative_lost: i32,
    /// Highest sequence number received, with cycles in the high half.
    pub highest: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
    /// [`Ntp::middle`] of the last sender report; 0 if none came.
    pub last_sr: u32,
    /// Since that report arrived, in 1/65536 s.
    pub delay: u32,
}

impl ReportBlock {
    pub(super) const LEN: usize = 24;

    fn parse(data: &[u8]) -> Option<Self> {
        let lost = be24(data, 5)?;
        Some(Self {
            ssrc: be32(data, 0)?,
            fraction_lost: *data.get(4)?,
            cumulative_lost: ((lost << 8) as i32) >> 8,
            highest: be32(data, 8)?,
            jitter: be32(data, 12)?,
            last_sr: be32(data, 16)?,
            delay: be32(data, 20)?,
        })
    }

    /// Round-trip time in microseconds, had this block arrived when the wall clock was `now`;
    /// `None` if it refers to no sender report or cannot be true.
    #[must_use]
    pub fn round_trip(&self, now: Ntp) -> Option<u32> {
        if self.last_sr == 0 {
            return None;
        }
        let units = now
            .middle()
            .wrapping_sub(self.last_sr)
            .wrapping_sub(self.delay);
        // Clocks tick in 1/65536 s: an answer within the same tick can look early by one.
        let units = if units > u32::MAX - 2 { 0 } else { units };
        let micros = u64::from(units) * 1_000_000 / 65_536;
        (micros < 60_000_000).then_some(micros as u32)
    }
}

/// The report blocks of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlocks<'a> {
    data: &'a [u8],
}

impl<'a> ReportBlocks<'a> {
    fn new(count: u8, data: &'a [u8]) -> Result<Self, ParseError> {
        data.get(..ReportBlock::LEN * usize::from(count))
            .map(|data| Self { data })
            .ok_or(ParseError)
    }

    /// Block by block.
    pub fn iter(&self) -> impl Iterator<Item = ReportBlock> + 'a {
        self.data
            .chunks_exact(ReportBlock::LEN)
            .filter_map(ReportBlock::parse)
    }
}

/// The lost sequence numbers of a NACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nacks<'a> {
    data: &'a [u8],
}

impl<'a> Nacks<'a> {
    /// Sequence numbers in the order given; at most 17 per four bytes.
    #[must_use]
    pub fn iter(&self) -> Lost<'a> {
        Lost {
            rest: self.data,
            at: 0,
            more: 0,
        }
    }
}

/// Iterator over lost sequence numbers.
#[derive(Debug, Clone)]
pub struct Lost<'a> {
    rest: &'a [u8],
    at: u16,
    more: u16,
}

impl Iterator for Lost<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.more != 0 {
            let skip = self.more.trailing_zeros();
            self.more &= self.more - 1;
            return Some(self.at.wrapping_add(1 + skip as u16));
        }
        self.at = be16(self.rest, 0)?;
        self.more = be16(self.rest, 2)?;
        self.rest = &self.rest[4..];
        Some(self.at)
    }
}
