//! The state of one viewer's stream.

use std::time::{Duration, Instant};

use super::budget::Budget;
use super::resend::{Resends, Stretch, Wanted};
use super::{OutPacket, PayloadTypes, Run};
use crate::codec::Codec;
use crate::codec::vp8::PictureNumbers;
use crate::frame::{Frame, SlotId};
use crate::rtcp::{ReportBlock, SenderReport};
use crate::rtp::{nearest, timestamp_after};
use crate::time::Ntp;

/// What was negotiated for a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamConfig {
    /// Of the media.
    pub ssrc: u32,
    /// Of retransmissions; without it nothing is retransmitted: sending the same index again
    /// with another header would break AES-GCM.
    pub rtx_ssrc: Option<u32>,
    /// What the viewer can decode.
    pub payload_types: PayloadTypes,
    /// Random; the highest bit is ignored, so that early reordering cannot confuse the receiver's
    /// roll-over counter.
    pub first_sequence: u16,
    /// Likewise, of retransmissions.
    pub first_rtx_sequence: u16,
    /// Largest layer that the viewer is to get.
    pub max_layer: u8,
}

/// What to do with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Send every packet of it, numbered so.
    Send(Run),
    /// Not for this viewer now.
    Skip,
}

/// How the viewer receives the stream, by its reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// Of the last report, in 1/256.
    pub fraction_lost: u8,
    /// Smoothed.
    pub round_trip: Option<Duration>,
    /// In timestamp units.
    pub jitter: u32,
}

/// What is being shown.
#[derive(Debug, Clone, Copy)]
struct Showing {
    slot: SlotId,
    layer: u8,
    epoch: u32,
    /// The slot's next sequence number that was not sent yet.
    next: u64,
    run: Run,
}

/// The last picture sent.
#[derive(Debug, Clone, Copy)]
struct LastPicture {
    /// As the frame had it.
    slot_timestamp: u32,
    /// As it was sent.
    timestamp: u32,
}

/// One stream of one viewer. See the module.
#[derive(Debug)]
pub struct ViewerStream {
    config: StreamConfig,
    watching: Option<SlotId>,
    showing: Option<Showing>,
    target: u8,
    /// Layer of `watching` whose keyframe is needed.
    wanted: Option<u8>,
    next: u64,
    next_rtx: u64,
    last: Option<LastPicture>,
    /// Of the last VP8 picture, as sent.
    numbers: Option<PictureNumbers>,
    blind: Option<Codec>,
    resends: Resends,
    budget: Budget,
    packets: u32,
    octets: u32,
    quality: Quality,
}

impl ViewerStream {
    /// Time differences between sources that are no reason to wait for a newer keyframe.
    const REPLAY_BEHIND: u32 = 90 * 200;
    const DEFAULT_ROUND_TRIP: Duration = Duration::from_millis(100);

    /// A stream that looks at nothing yet.
    #[must_use]
    pub fn new(config: StreamConfig) -> Self {
        Self {
            config,
            watching: None,
            showing: None,
            target: config.max_layer,
            wanted: None,
            next: u64::from(config.first_sequence & 0x7fff),
            next_rtx: u64::from(config.first_rtx_sequence & 0x7fff),
            last: None,
            numbers: None,
            blind: None,
            resends: Resends::default(),
            budget: Budget::new(),
            packets: 0,
            octets: 0,
            quality: Quality::default(),
        }
    }

    /// What was negotiated.
    #[must_use]
    pub fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// Looks at another slot from its next keyframe on; until then frames of the former slot are
    /// still taken. `None` stops the stream.
    pub fn watch(&mut self, slot: Option<SlotId>) {
        self.watching = slot;
        self.wanted = slot.map(|_| self.target);
        if slot.is_none() {
            self.showing = None;
        }
    }

    /// The slot that is looked at.
    #[must_use]
    pub fn watching(&self) -> Option<SlotId> {
        self.watching
    }

    /// The slot and layer that are being sent.
    #[must_use]
    pub fn showing(&self) -> Option<(SlotId, u8)> {
        self.showing.map(|s| (s.slot, s.layer))
    }

    /// Moves towards this layer at its next keyframe, within the stream's largest.
    pub fn set_target(&mut self, layer: u8) {
        self.target = layer.min(self.config.max_layer);
    }

    /// Layer aimed at.
    #[must_use]
    pub fn target(&self) -> u8 {
        self.target
    }

    /// Slot and layer of which this stream needs a keyframe, to begin, to go on after a drop, or
    /// to change layer.
    #[must_use]
    pub fn keyframe_wanted(&self) -> Option<(SlotId, u8)> {
        self.watching.zip(self.wanted)
    }

    /// The codec in the slot that this viewer cannot decode, if so.
    #[must_use]
    pub fn blind(&self) -> Option<Codec> {
        self.blind
    }

    /// The next frame of its slot that this stream should get, by the slot's sequence numbers:
    /// `Some(n)` if it shows that slot and layer, `None` if it needs the keyframe. For replaying
    /// a [`crate::frame::KeyframeCache`] with [`crate::frame::KeyframeCache::after`].
    #[must_use]
    pub fn position(&self, slot: SlotId, layer: u8) -> Option<u64> {
        self.showing
            .filter(|s| s.slot == slot && s.layer == layer)
            .map(|s| s.next)
    }

    /// Whether replaying a cached group that begins with `keyframe` makes sense: nothing was
    /// shown yet, or nothing newer.
    #[must_use]
    pub fn may_replay(&self, keyframe: &Frame) -> bool {
        self.last.is_none_or(|last| {
            let behind = last.timestamp.wrapping_sub(keyframe.timestamp);
            timestamp_after(keyframe.timestamp, last.timestamp) || behind <= Self::REPLAY_BEHIND
        })
    }

    /// Decides on a frame of a slot that this stream looks at. A frame that is taken counts as
    /// sent; tell [`Self::dropped`] if it was not.
    #[inline]
    pub fn take(&mut self, frame: &Frame) -> Take {
        if frame.late || frame.is_empty() {
            return Take::Skip;
        }
        if let Some(showing) = &mut self.showing
            && showing.slot == frame.slot
            && showing.layer == frame.layer
            && showing.epoch == frame.epoch
        {
            if frame.first_sequence() < showing.next {
                return Take::Skip;
            }
            // Another layer is aimed at, or this one is about to end: its keyframe is needed.
            if self.watching == Some(frame.slot) {
                let better = frame.layers.best(self.target);
                self.wanted = better.filter(|better| *better != frame.layer);
            }
            return self.send(frame);
        }
        self.begin(frame)
    }

    /// Starts a stretch of the stream if this frame allows it.
    fn begin(&mut self, frame: &Frame) -> Take {
        let older = self.showing.is_some_and(|showing| {
            showing.slot == frame.slot && frame.epoch.wrapping_sub(showing.epoch) > u32::MAX / 2
        });
        if self.watching != Some(frame.slot)
            || older
            || frame.layers.best(self.target) != Some(frame.layer)
        {
            return Take::Skip;
        }
        let Some(payload_type) = self.config.payload_types.get(frame.codec) else {
            self.blind = Some(frame.codec);
            self.showing = None;
            self.wanted = None;
            return Take::Skip;
        };
        self.blind = None;
        if !(frame.keyframe && frame.starts) {
            self.wanted = Some(frame.layer);
            return Take::Skip;
        }
        self.wanted = None;
        let run = Run {
            ssrc: self.config.ssrc,
            payload_type: payload_type.media,
            timestamp: frame.timestamp,
            offset: self.next.wrapping_sub(frame.first_sequence()),
            numbers: self.continued(frame),
        };
        self.showing = Some(Showing {
            slot: frame.slot,
            layer: frame.layer,
            epoch: frame.epoch,
            next: frame.first_sequence(),
            run,
        });
        self.resends.begin(Stretch {
            first: self.next,
            slot: frame.slot,
            layer: frame.layer,
            run,
            rtx: self.config.rtx_ssrc.and(payload_type.rtx),
            altered_until: None,
        });
        self.send(frame)
    }

    /// What to add to the frame's picture numbers so that they follow the last ones.
    fn continued(&self, frame: &Frame) -> PictureNumbers {
        match (self.numbers, frame.numbers) {
            (Some(last), Some(first)) => {
                let one = PictureNumbers { picture: 1, tl0: 1 };
                last.plus(one).since(first)
            }
            _ => PictureNumbers::default(),
        }
    }

    fn send(&mut self, frame: &Frame) -> Take {
        let timestamp = self.timestamp(frame);
        let Some(showing) = &mut self.showing else {
            return Take::Skip;
        };
        let run = Run {
            timestamp,
            ..showing.run
        };
        showing.next = frame.last_sequence() + 1;
        self.next = showing.next.wrapping_add(run.offset);
        if let Some(numbers) = frame.numbers {
            self.numbers = Some(numbers.plus(run.numbers));
        }
        self.packets = self.packets.wrapping_add(frame.len() as u32);
        self.octets = self.octets.wrapping_add(frame.octets() as u32);
        self.budget.earn(frame.octets());
        Take::Send(run)
    }

    /// The slot's timestamp, unless it would not move on: pictures of another slot or layer may
    /// have been taken a little earlier than the last one sent. They close up by single ticks.
    fn timestamp(&mut self, frame: &Frame) -> u32 {
        let timestamp = match self.last {
            Some(last) if last.slot_timestamp == frame.timestamp && !frame.starts => last.timestamp,
            Some(last) if !timestamp_after(frame.timestamp, last.timestamp) => {
                let altered = last.timestamp.wrapping_add(1);
                if let Some(stretch) = self.resends.current() {
                    stretch.altered_until = Some(altered);
                }
                altered
            }
            _ => frame.timestamp,
        };
        self.last = Some(LastPicture {
            slot_timestamp: frame.timestamp,
            timestamp,
        });
        timestamp
    }

    /// The packets of `frame` from `place` on could not be sent. The stream waits for a keyframe:
    /// what follows could not be decoded anyway, and there is no room for it.
    pub fn dropped(&mut self, frame: &Frame, place: usize) {
        for packet in frame.packets().skip(place) {
            self.packets = self.packets.wrapping_sub(1);
            self.octets = self.octets.wrapping_sub(packet.payload.len() as u32);
        }
        self.showing = None;
        self.wanted = Some(frame.layers.best(self.target).unwrap_or(frame.layer));
    }

    /// The viewer reports `lost` sequence numbers of this stream.
    pub fn on_nack(&mut self, lost: impl Iterator<Item = u16>, now: Instant) {
        let round_trip = self
            .quality
            .round_trip
            .unwrap_or(Self::DEFAULT_ROUND_TRIP)
            .clamp(Duration::from_millis(10), Duration::from_millis(500));
        for sequence in lost.take(512) {
            let sequence = nearest(self.next, sequence);
            if sequence < self.next {
                self.resends.ask(sequence, now, round_trip);
            }
        }
    }

    /// The next packet to be looked up for retransmission.
    pub fn next_resend(&mut self) -> Option<Wanted> {
        self.resends.next()
    }

    /// The retransmission of `wanted`, which lies at `place` of `frame`; `None` if the budget is
    /// spent or it must not be sent.
    pub fn resend<'f>(
        &mut self,
        wanted: &Wanted,
        frame: &'f Frame,
        place: usize,
    ) -> Option<OutPacket<'f>> {
        let altered = wanted
            .altered_until
            .is_some_and(|until| !timestamp_after(frame.timestamp, until));
        let ssrc = self.config.rtx_ssrc?;
        let run = Run {
            timestamp: frame.timestamp,
            ..wanted.run
        };
        let mut packet = run.packet(frame, place)?;
        if altered || !self.budget.spend(packet.payload(0).len()) {
            return None;
        }
        packet.retransmit(ssrc, wanted.rtx, self.next_rtx);
        self.next_rtx += 1;
        Some(packet)
    }

    /// The viewer reports how it receives this stream; `now` is our wall clock.
    pub fn on_report(&mut self, block: &ReportBlock, now: Ntp) {
        self.quality.fraction_lost = block.fraction_lost;
        self.quality.jitter = block.jitter;
        if let Some(micros) = block.round_trip(now) {
            let sample = Duration::from_micros(u64::from(micros));
            // Smoothed as TCP does (RFC 6298 section 2): an eighth of each new sample.
            self.quality.round_trip = Some(match self.quality.round_trip {
                Some(smooth) => (smooth * 7 + sample) / 8,
                None => sample,
            });
        }
    }

    /// How the viewer receives the stream.
    #[must_use]
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// Whether anything was sent, and so a sender report makes sense.
    #[must_use]
    pub fn has_sent(&self) -> bool {
        self.last.is_some()
    }

    /// The sender report for the moment `ntp`, which is `timestamp` on the slot's RTP clock.
    #[must_use]
    pub fn sender_report(&self, ntp: Ntp, timestamp: u32) -> SenderReport {
        SenderReport {
            ssrc: self.config.ssrc,
            ntp,
            rtp: timestamp,
            packets: self.packets,
            octets: self.octets,
        }
    }
}
