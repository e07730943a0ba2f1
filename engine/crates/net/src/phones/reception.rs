//! What a leg knows of its stream's arrival (RFC 3550 sections 6.4 and A.8), and its reports.

use std::time::Instant;

use podium_media::rtcp::{CompoundWriter, Packet, Reader, ReportBlock, SenderReport};
use podium_media::rtp::SequenceExtender;
use podium_media::time::Ntp;

/// The stream that comes in.
#[derive(Debug, Default)]
pub struct Reception {
    ssrc: Option<u32>,
    extender: SequenceExtender,
    highest: u64,
    /// Every so many packets come, those whose number is a multiple; 0 and 1: all.
    stride: u64,
    /// First and last number and how many came, since the stride is what it is.
    run: Option<(u64, u64, u64)>,
    /// Expected and received before that.
    before: (u64, u64),
    /// Expected and received at the last report.
    reported: (u64, u64),
    jitter: f64,
    transit: Option<i64>,
    /// Middle of the last sender report and when it came.
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// A packet of the stream came; `clock` in Hz, `epoch` any fixed moment.
    pub fn record(
        &mut self,
        (ssrc, sequence, timestamp): (u32, u16, u32),
        clock: u32,
        (now, epoch): (Instant, Instant),
    ) {
        if self.ssrc != Some(ssrc) {
            *self = Self {
                ssrc: Some(ssrc),
                stride: self.stride,
                ..Self::default()
            };
        }
        let extended = self.extender.extend(sequence);
        self.highest = self.highest.max(extended);
        if extended.is_multiple_of(self.stride.max(1)) {
            let (first, last, received) = self.run.unwrap_or((extended, extended, 0));
            self.run = Some((first, last.max(extended), received + 1));
        }
        let micros = now.saturating_duration_since(epoch).as_micros();
        let arrival = i64::try_from(micros * u128::from(clock) / 1_000_000).unwrap_or(0);
        // Only differences count, and they wrap with the timestamp.
        #[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 like RTP time")]
        let transit = i64::from((arrival as u32).wrapping_sub(timestamp).cast_signed());
        if let Some(before) = self.transit.replace(transit) {
            #[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 like RTP time")]
            let step = f64::from(((transit - before) as i32).unsigned_abs());
            self.jitter += (step - self.jitter) / 16.0;
        }
    }

    /// From now on only packets whose number is a multiple of `stride`, a power of two, are sure to
    /// come if they were sent; 1: all are. Those are counted, each for as many.
    pub fn thin_out(&mut self, stride: u16) {
        self.before = self.lost();
        self.run = None;
        self.stride = u64::from(stride);
    }

    /// Expected and received.
    fn lost(&self) -> (u64, u64) {
        let stride = self.stride.max(1);
        let (expected, received) = self.run.map_or((0, 0), |(first, last, received)| {
            ((last - first) / stride + 1, received)
        });
        (
            self.before.0 + expected * stride,
            self.before.1 + received * stride,
        )
    }

    /// The report block of the time since the last one; None: nothing ever came.
    pub fn block(&mut self, now: Instant) -> Option<ReportBlock> {
        let ssrc = self.ssrc?;
        let (expected, received) = self.lost();
        let since = expected.saturating_sub(self.reported.0);
        let came = received.saturating_sub(self.reported.1);
        let lost = since.saturating_sub(came);
        self.reported = (expected, received);
        let cumulative =
            i64::try_from(expected).unwrap_or(0) - i64::try_from(received).unwrap_or(0);
        let delay = self.sender_report.map_or(0, |(_, at)| {
            now.saturating_duration_since(at).as_micros() * 65_536 / 1_000_000
        });
        #[expect(
            clippy::cast_possible_truncation,
            reason = "clamped, or defined modulo 2^32"
        )]
        Some(ReportBlock {
            ssrc,
            fraction_lost: (lost * 256).checked_div(since).unwrap_or(0).min(255) as u8,
            cumulative_lost: cumulative.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest: self.highest as u32,
            jitter: self.jitter as u32,
            last_sr: self.sender_report.map_or(0, |(middle, _)| middle),
            delay: delay as u32,
        })
    }
}

/// What the peer's reports say of what it hears.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PeerView {
    /// 0 to 1, since its last report.
    pub loss: f32,
    /// Seconds.
    pub rtt: Option<f32>,
}

/// Reads an RTCP compound; true if it is one.
pub fn read(
    compound: &[u8],
    ours: u32,
    (now, ntp): (Instant, Ntp),
    reception: &mut Reception,
    view: &mut Option<PeerView>,
) -> bool {
    let mut any = false;
    for packet in Reader::new(compound) {
        let Ok(packet) = packet else {
            return any;
        };
        any = true;
        let blocks = match packet {
            Packet::SenderReport { ntp, blocks, .. } => {
                reception.sender_report = Some((ntp.middle(), now));
                blocks
            }
            Packet::ReceiverReport { blocks, .. } => blocks,
            _ => continue,
        };
        for block in blocks.iter().filter(|block| block.ssrc == ours) {
            let rtt = block.round_trip(ntp).map(|micros| micros as f32 / 1e6);
            *view = Some(PeerView {
                loss: f32::from(block.fraction_lost) / 256.0,
                rtt: rtt.or(view.and_then(|v| v.rtt)),
            });
        }
    }
    any
}

/// Writes a report with our name; its length.
pub fn write(
    out: &mut [u8],
    sender: Option<&SenderReport>,
    ssrc: u32,
    block: Option<ReportBlock>,
    name: &str,
) -> Option<usize> {
    let mut writer = CompoundWriter::new(out);
    let blocks: &[ReportBlock] = block.as_slice();
    match sender {
        Some(report) => writer.sender_report(report, blocks).ok()?,
        None => writer.receiver_report(ssrc, blocks).ok()?,
    }
    writer.cname(ssrc, name.as_bytes()).ok()?;
    Some(writer.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn loss_and_jitter_are_told_since_the_last_report() {
        let epoch = Instant::now();
        let mut reception = Reception::default();
        assert_eq!(reception.block(epoch), None);
        for n in 0..100_u16 {
            if n % 10 != 5 {
                let at = epoch + Duration::from_millis(20) * u32::from(n);
                let sequence = 65_500_u16.wrapping_add(n);
                let time = u32::from(n) * 160;
                reception.record((7, sequence, time), 8_000, (at, epoch));
            }
        }
        let block = reception.block(epoch).expect("heard");
        assert_eq!(
            (block.ssrc, block.cumulative_lost, block.jitter),
            (7, 10, 0)
        );
        assert_eq!(block.fraction_lost, 25);
        assert_eq!(reception.block(epoch).expect("heard").fraction_lost, 0);
    }

    #[test]
    fn loss_is_told_from_a_part_of_the_packets_too() {
        let epoch = Instant::now();
        let mut reception = Reception::default();
        let send = |reception: &mut Reception, numbers: std::ops::Range<u16>, lost: u16| {
            for n in numbers {
                if n != lost {
                    reception.record((7, n, u32::from(n) * 160), 8_000, (epoch, epoch));
                }
            }
        };
        send(&mut reception, 3..103, 50);
        let block = reception.block(epoch).expect("heard");
        assert_eq!((block.fraction_lost, block.cumulative_lost), (2, 1));
        reception.thin_out(16);
        // 112 to 384 are the multiples; one is lost, others that come do not count.
        for n in (112..=384).step_by(16) {
            send(&mut reception, n..n + 1 + u16::from(n == 160), 272);
        }
        let block = reception.block(epoch).expect("heard");
        assert_eq!((block.fraction_lost, block.cumulative_lost), (14, 17));
        assert_eq!(block.highest & 0xffff, 384);
        reception.thin_out(1);
        send(&mut reception, 400..500, 0);
        let block = reception.block(epoch).expect("heard");
        assert_eq!((block.fraction_lost, block.cumulative_lost), (0, 17));
    }

    #[test]
    fn reports_are_read_by_the_other_side() {
        let now = Instant::now();
        let ntp = Ntp::from_unix(Duration::from_secs(1_000));
        let (mut here, mut there) = (Reception::default(), Reception::default());
        let mut out = [0; 256];
        let report = SenderReport {
            ssrc: 5,
            ntp,
            ..SenderReport::default()
        };
        let length = write(&mut out, Some(&report), 5, None, "a").expect("fits");
        let mut view = None;
        assert!(read(&out[..length], 9, (now, ntp), &mut there, &mut view));
        there.record((5, 1, 0), 8_000, (now, now));
        // A new SSRC forgets the report that came before its first packet.
        assert!(read(&out[..length], 9, (now, ntp), &mut there, &mut view));
        let block = there.block(now + Duration::from_millis(100));
        let length = write(&mut out, None, 9, block, "b").expect("fits");
        let later = (now, ntp.plus(150_000));
        assert!(read(&out[..length], 5, later, &mut here, &mut view));
        let rtt = view.expect("told").rtt.expect("known");
        assert!((rtt - 0.05).abs() < 0.001, "{rtt}");
        assert!(!read(&[1, 2, 3], 5, later, &mut here, &mut view));
    }
}
