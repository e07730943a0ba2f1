//! Writing compounds into a caller's buffer.

use super::parse::ReportBlock;
use super::{format, kind};
use crate::time::Ntp;

/// The output buffer is full, or a list is longer than its count field allows; the compound is as
/// it was before. The caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("RTCP packet does not fit")]
pub struct WriteError;

/// The sender's part of a sender report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SenderReport {
    /// Whose.
    pub ssrc: u32,
    /// Wall clock.
    pub ntp: Ntp,
    /// RTP time of the same moment.
    pub rtp: u32,
    /// Packets sent so far.
    pub packets: u32,
    /// Payload bytes sent so far.
    pub octets: u32,
}

/// Appends packets to a compound.
#[derive(Debug)]
pub struct CompoundWriter<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl<'a> CompoundWriter<'a> {
    /// Starts an empty compound at the front of `out`.
    #[must_use]
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sender report with at most 31 blocks.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn sender_report(
        &mut self,
        report: &SenderReport,
        blocks: &[ReportBlock],
    ) -> Result<(), WriteError> {
        let len = 24 + ReportBlock::LEN * blocks.len();
        let body = self.packet(kind::SR, block_count(blocks)?, len)?;
        body[..4].copy_from_slice(&report.ssrc.to_be_bytes());
        body[4..12].copy_from_slice(&report.ntp.0.to_be_bytes());
        body[12..16].copy_from_slice(&report.rtp.to_be_bytes());
        body[16..20].copy_from_slice(&report.packets.to_be_bytes());
        body[20..24].copy_from_slice(&report.octets.to_be_bytes());
        write_blocks(&mut body[24..], blocks);
        Ok(())
    }

    /// Receiver report with at most 31 blocks.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlock]) -> Result<(), WriteError> {
        let len = 4 + ReportBlock::LEN * blocks.len();
        let body = self.packet(kind::RR, block_count(blocks)?, len)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        write_blocks(&mut body[4..], blocks);
        Ok(())
    }

    /// Source description with one chunk: the CNAME of `ssrc`, at most 255 bytes.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn cname(&mut self, ssrc: u32, name: &[u8]) -> Result<(), WriteError> {
        let count = u8::try_from(name.len()).map_err(|_| WriteError)?;
        // SSRC, item header, name, and at least one null.
        let len = (4 + 2 + name.len() + 1).next_multiple_of(4);
        let body = self.packet(kind::SDES, 1, len)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        body[4..6].copy_from_slice(&[1, count]);
        body[6..6 + name.len()].copy_from_slice(name);
        body[6 + name.len()..].fill(0);
        Ok(())
    }

    /// BYE of at most 31 sources.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn bye(&mut self, ssrcs: &[u32]) -> Result<(), WriteError> {
        let count = u8::try_from(ssrcs.len()).map_err(|_| WriteError)?;
        let body = self.packet(kind::BYE, count, 4 * ssrcs.len())?;
        for (place, ssrc) in body.chunks_exact_mut(4).zip(ssrcs) {
            place.copy_from_slice(&ssrc.to_be_bytes());
        }
        Ok(())
    }

    /// Picture loss indication for `media`.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn pli(&mut self, sender: u32, media: u32) -> Result<(), WriteError> {
        self.feedback(kind::PSFB, format::PLI, sender, media, 0)
            .map(|_| ())
    }

    /// Full intra request for `media` with the request's `number`.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn fir(&mut self, sender: u32, media: u32, number: u8) -> Result<(), WriteError> {
        let entry = self.feedback(kind::PSFB, format::FIR, sender, 0, 8)?;
        entry[..4].copy_from_slice(&media.to_be_bytes());
        entry[4..].copy_from_slice(&[number, 0, 0, 0]);
        Ok(())
    }

    /// Generic NACK for `lost` of `media`, which must be in ascending order (with wrapping).
    /// Nothing is written for an empty list.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn nack(&mut self, sender: u32, media: u32, lost: &[u16]) -> Result<(), WriteError> {
        let entries = NackEntries(lost).count();
        if entries == 0 {
            return Ok(());
        }
        let list = self.feedback(kind::RTPFB, format::NACK, sender, media, 4 * entries)?;
        for (place, (first, mask)) in list.chunks_exact_mut(4).zip(NackEntries(lost)) {
            place[..2].copy_from_slice(&first.to_be_bytes());
            place[2..].copy_from_slice(&mask.to_be_bytes());
        }
        Ok(())
    }

    /// Receiver's bandwidth estimate in bit/s, for at most 255 streams.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn remb(&mut self, sender: u32, bitrate: u64, ssrcs: &[u32]) -> Result<(), WriteError> {
        let count = u8::try_from(ssrcs.len()).map_err(|_| WriteError)?;
        let body = self.feedback(kind::PSFB, format::AFB, sender, 0, 8 + 4 * ssrcs.len())?;
        let exponent = (64 - bitrate.leading_zeros()).saturating_sub(18);
        let word = (exponent << 18) | (bitrate >> exponent) as u32;
        body[..4].copy_from_slice(b"REMB");
        body[4..8].copy_from_slice(&word.to_be_bytes());
        body[4] = count;
        for (place, ssrc) in body[8..].chunks_exact_mut(4).zip(ssrcs) {
            place.copy_from_slice(&ssrc.to_be_bytes());
        }
        Ok(())
    }

    /// Any packet: `count` is the five bits of the first byte, `body` what follows the first
    /// four bytes, a multiple of four long.
    ///
    /// # Errors
    /// [`WriteError`], also for another length.
    pub fn generic(&mut self, kind: u8, count: u8, body: &[u8]) -> Result<(), WriteError> {
        if !body.len().is_multiple_of(4) {
            return Err(WriteError);
        }
        self.packet(kind, count, body.len())?.copy_from_slice(body);
        Ok(())
    }

    fn feedback(
        &mut self,
        kind: u8,
        format: u8,
        sender: u32,
        media: u32,
        len: usize,
    ) -> Result<&mut [u8], WriteError> {
        let body = self.packet(kind, format, 8 + len)?;
        body[..4].copy_from_slice(&sender.to_be_bytes());
        body[4..8].copy_from_slice(&media.to_be_bytes());
        Ok(&mut body[8..])
    }

    /// Appends a packet header and returns the `len` bytes of its body.
    fn packet(&mut self, kind: u8, count: u8, len: usize) -> Result<&mut [u8], WriteError> {
        let words = u16::try_from(len / 4).map_err(|_| WriteError)?;
        if count > 31 {
            return Err(WriteError);
        }
        let end = self.len + 4 + len;
        let packet = self.out.get_mut(self.len..end).ok_or(WriteError)?;
        let (head, body) = packet.split_at_mut(4);
        head[0] = 0x80 | count;
        head[1] = kind;
        head[2..].copy_from_slice(&words.to_be_bytes());
        self.len = end;
        Ok(body)
    }
}

fn block_count(blocks: &[ReportBlock]) -> Result<u8, WriteError> {
    u8::try_from(blocks.len()).map_err(|_| WriteError)
}

fn write_blocks(out: &mut [u8], blocks: &[ReportBlock]) {
    for (place, block) in out.chunks_exact_mut(ReportBlock::LEN).zip(blocks) {
        let lost = block.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
        place[..4].copy_from_slice(&block.ssrc.to_be_bytes());
        place[4..8].copy_from_slice(&lost.to_be_bytes());
        place[4] = block.fraction_lost;
        place[8..12].copy_from_slice(&block.highest.to_be_bytes());
        place[12..16].copy_from_slice(&block.jitter.to_be_bytes());
        place[16..20].copy_from_slice(&block.last_sr.to_be_bytes());
        place[20..24].copy_from_slice(&block.delay.to_be_bytes());
    }
}

/// Groups ascending sequence numbers into (first, mask of the 16 after it).
struct NackEntries<'a>(&'a [u16]);

impl Iterator for NackEntries<'_> {
    type Item = (u16, u16);

    fn next(&mut self) -> Option<(u16, u16)> {
        let (&first, mut rest) = self.0.split_first()?;
        let mut mask = 0;
        while let Some((&next, after)) = rest.split_first() {
            match next.wrapping_sub(first) {
                0 => {}
                distance @ 1..=16 => mask |= 1 << (distance - 1),
                _ => break,
            }
            rest = after;
        }
        self.0 = rest;
        Some((first, mask))
    }
}
