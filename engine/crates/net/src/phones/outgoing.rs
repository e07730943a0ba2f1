//! The RTP stream that a leg sends: its numbers, and its packets.

use podium_media::rtcp::SenderReport;
use podium_media::rtp::{FIXED_HEADER, Header};
use podium_media::srtp::{MAX_TAG, PacketIndex, Payload, SealRtp};
use podium_media::time::Ntp;
use podium_sound::Codec;

use crate::random;

/// Largest payload that is sent.
const MAX_PAYLOAD: usize = 1_400;
/// Room for a packet with its tag.
pub const MAX_PACKET: usize = FIXED_HEADER + MAX_PAYLOAD + MAX_TAG;

/// The stream.
#[derive(Debug)]
pub struct Outgoing {
    /// Its source.
    pub ssrc: u32,
    /// With roll-over counter.
    sequence: u64,
    /// RTP time of period 0.
    base: u32,
    packets: u32,
    octets: u32,
    /// The next packet of sound is the first after a pause.
    fresh: bool,
    /// Sound that waits for a packet of more than 20 ms, and its first RTP time.
    pending: Vec<u8>,
    pending_from: u32,
    bytes: u64,
}

impl Outgoing {
    /// At random places.
    pub fn new() -> Self {
        Self {
            ssrc: random::u32(),
            sequence: u64::from(random::u16()),
            base: random::u32(),
            packets: 0,
            octets: 0,
            fresh: true,
            pending: Vec::new(),
            pending_from: 0,
            bytes: 0,
        }
    }

    /// RTP time of a period of 20 ms.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "modulo 2^32, like RTP time"
    )]
    pub fn time(&self, period: u64, codec: Codec) -> u32 {
        let units = period.wrapping_mul(u64::from(codec.clock() / 50));
        self.base.wrapping_add(units as u32)
    }

    /// Nothing is sent for a while, or something else: what waits is gone.
    pub fn pause(&mut self) {
        self.fresh = true;
        self.pending.clear();
    }

    /// Whether the next packet of sound needs the marker.
    pub fn marker(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }

    /// For packets of more than 20 ms, whose payload of `size` bytes has 125 us in each, which is
    /// one unit of RTP time: takes 20 ms that begin at `time`; a whole packet, if there is one.
    #[expect(clippy::cast_possible_truncation, reason = "some hundred bytes")]
    pub fn gather(&mut self, time: u32, payload: &[u8], size: usize) -> Option<(u32, Vec<u8>)> {
        let waiting = self.pending.len();
        if waiting == 0 || self.pending_from.wrapping_add(waiting as u32) != time {
            self.pending.clear();
            self.pending_from = time;
        }
        self.pending.extend_from_slice(payload);
        if self.pending.len() < size {
            return None;
        }
        let from = self.pending_from;
        self.pending_from = from.wrapping_add(size as u32);
        Some((from, self.pending.drain(..size).collect()))
    }

    /// Writes the next packet, (marker, payload type, RTP time) in front; its length.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low bits are what RTP carries"
    )]
    pub fn write(
        &mut self,
        (marker, payload_type, timestamp): (bool, u8, u32),
        payload: &[u8],
        seal: Option<&SealRtp>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        if payload.len() > MAX_PAYLOAD {
            return None;
        }
        let header = Header {
            marker,
            payload_type,
            sequence: self.sequence as u16,
            timestamp,
            ssrc: self.ssrc,
        };
        header.write(buffer, &[], false).ok()?;
        let length = match seal {
            None => {
                let end = FIXED_HEADER + payload.len();
                buffer.get_mut(FIXED_HEADER..end)?.copy_from_slice(payload);
                end
            }
            Some(seal) => {
                let index = PacketIndex {
                    ssrc: self.ssrc,
                    sequence: self.sequence,
                };
                let payload = Payload::plain(payload);
                seal.seal(index, FIXED_HEADER, payload, buffer).ok()?
            }
        };
        self.sequence += 1;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
        self.bytes += length as u64;
        Some(length)
    }

    /// Our sender report (RFC 3550 section 6.4.1); None while nothing was sent.
    pub fn report(&self, ntp: Ntp, rtp: u32) -> Option<SenderReport> {
        (self.packets > 0).then_some(SenderReport {
            ssrc: self.ssrc,
            ntp,
            rtp,
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// Bytes sent since the last call.
    pub fn take_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }

    /// A name that nobody else has (RFC 7022).
    pub fn name(&self) -> String {
        format!("leg{:08x}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_periods_make_two_packets_of_30_ms() {
        let mut out = Outgoing::new();
        let times: Vec<u32> = (0..6_u32)
            .filter_map(|n| {
                let (time, packet) = out.gather(n * 160, &[n as u8; 160], 240)?;
                assert_eq!(packet.len(), 240);
                Some(time)
            })
            .collect();
        assert_eq!(times, [0, 240, 480, 720]);
        // A period that was left out starts a packet anew.
        assert_eq!(out.gather(2_000, &[0; 160], 240), None);
        assert_eq!(out.gather(2_160, &[0; 160], 240).map(|p| p.0), Some(2_000));
    }
}
