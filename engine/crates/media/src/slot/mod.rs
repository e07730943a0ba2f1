//! The output of a slot: whatever its source, one unbroken stream per layer.
//!
//! A slot is told which source to show; it goes on with the old one until the new one's keyframe
//! is there. Sequence numbers, picture numbers and timestamps run on over the switch.

mod feed;
mod numbering;
mod output;
mod reorder;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::codec::{self, Codec};
use crate::frame::{Frame, Layers, SlotId, SourceId};
use crate::time::Reference;
use feed::Feed;
use output::{Context, Output};
use reorder::Reorder;

/// A packet from a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcePacket<'a> {
    /// Whose.
    pub source: SourceId,
    /// Its simulcast layer; 0 without simulcast.
    pub layer: u8,
    /// Of the payload.
    pub codec: Codec,
    /// Extended sequence number as the publisher sent it.
    pub sequence: u64,
    /// RTP timestamp as the publisher sent it.
    pub timestamp: u32,
    /// When the picture was taken, by [`crate::clock::SenderClock`].
    pub taken: Reference,
    /// Ends a picture.
    pub marker: bool,
    /// Plaintext without padding.
    pub payload: &'a [u8],
}

/// What a slot is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotConfig {
    /// Chosen by the caller.
    pub id: SlotId,
    /// RTP timestamp of the reference clock's epoch; the same for every slot of an engine, so
    /// that a viewer's stream may move from slot to slot.
    pub timestamp_base: u32,
    /// How long a gap is held open for packets that are out of order or being retransmitted.
    pub patience: Duration,
}

impl SlotConfig {
    /// With the usual patience of 30 ms.
    #[must_use]
    pub fn new(id: SlotId, timestamp_base: u32) -> Self {
        Self {
            id,
            timestamp_base,
            patience: Duration::from_millis(30),
        }
    }
}

/// The source on air, from which epoch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Live {
    /// Whose pictures leave.
    pub source: SourceId,
    /// In which codec.
    pub codec: Codec,
    /// As in [`Frame::epoch`].
    pub epoch: u32,
}

/// A slot's output: up to [`Layers::MAX`] streams of one source at a time.
#[derive(Debug)]
pub struct Slot {
    config: SlotConfig,
    epoch: u32,
    live: Option<Feed>,
    pending: Option<Feed>,
    outputs: [Output; Layers::MAX],
    announced: Option<Live>,
}

impl Slot {
    /// An empty slot.
    #[must_use]
    pub fn new(config: SlotConfig) -> Self {
        Self {
            config,
            epoch: 0,
            live: None,
            pending: None,
            outputs: std::array::from_fn(|layer| Output::new(&config, layer as u8)),
            announced: None,
        }
    }

    /// Which slot this is.
    #[must_use]
    pub fn id(&self) -> SlotId {
        self.config.id
    }

    /// Shows `source` from its next keyframe on; `None` empties the slot at once.
    pub fn switch(&mut self, source: Option<SourceId>, out: &mut Vec<Arc<Frame>>) {
        let Some(source) = source else {
            self.pending = None;
            self.live = None;
            self.announced = None;
            self.end(out);
            return;
        };
        if self.live.as_ref().is_some_and(|feed| feed.source == source) {
            self.pending = None;
        } else if self.pending.as_ref().is_none_or(|p| p.source != source) {
            let mut feed = Feed::new(source, self.config.patience);
            feed.want(Layers::ONE);
            self.pending = Some(feed);
        }
    }

    /// The source that the slot is to show: the pending one, else the one on air.
    #[must_use]
    pub fn source(&self) -> Option<SourceId> {
        let feed = self.pending.as_ref().or(self.live.as_ref());
        feed.map(|feed| feed.source)
    }

    /// The source whose pictures leave.
    #[must_use]
    pub fn live(&self) -> Option<Live> {
        self.announced
    }

    /// Layers that the source on air sends at present.
    #[must_use]
    pub fn layers(&self) -> Layers {
        self.live.as_ref().map_or(Layers::NONE, Feed::active)
    }

    /// Takes a packet of any source; those of others than the source on air and the pending one
    /// are ignored. Finished frames go to `out`, in order within each layer.
    pub fn push(&mut self, packet: &SourcePacket<'_>, now: Instant, out: &mut Vec<Arc<Frame>>) {
        if usize::from(packet.layer) >= Layers::MAX {
            return;
        }
        let layer = usize::from(packet.layer);
        let begins = codec::look(packet.codec, packet.payload).keyframe;
        if let Some(feed) = self.pending.as_mut().filter(|f| f.source == packet.source) {
            feed.see(packet, now);
            feed.want(feed.active());
            if !begins {
                feed.inlets[layer].push(packet, false, now, &mut |_| {});
                return;
            }
            self.go_live(packet, out);
        }
        let Some(feed) = self.live.as_mut().filter(|f| f.source == packet.source) else {
            return;
        };
        feed.see(packet, now);
        let context = Context {
            source: feed.source,
            layers: feed.active(),
            epoch: self.epoch,
        };
        let output = &mut self.outputs[layer];
        let mut keyframe = false;
        feed.inlets[layer].push(packet, begins, now, &mut |ordered| {
            keyframe |= output.push(&ordered, &context, now, out);
        });
        if keyframe {
            feed.fulfil(packet.layer);
        } else if !output.began(self.epoch) {
            feed.want(Layers::NONE.with(packet.layer));
        }
    }

    /// The pending source goes on air with this packet.
    fn go_live(&mut self, packet: &SourcePacket<'_>, out: &mut Vec<Arc<Frame>>) {
        self.end(out);
        self.epoch = self.epoch.wrapping_add(1);
        self.live = self.pending.take();
        self.announced = Some(Live {
            source: packet.source,
            codec: packet.codec,
            epoch: self.epoch,
        });
    }

    /// Does what is due: gives up gaps, finishes frames.
    pub fn poll(&mut self, now: Instant, out: &mut Vec<Arc<Frame>>) {
        if let Some(feed) = &mut self.live {
            let context = Context {
                source: feed.source,
                layers: feed.active(),
                epoch: self.epoch,
            };
            for layer in 0..Layers::MAX as u8 {
                let output = &mut self.outputs[usize::from(layer)];
                let mut keyframe = false;
                feed.inlets[usize::from(layer)].poll(now, &mut |ordered| {
                    keyframe |= output.push(&ordered, &context, now, out);
                });
                if keyframe {
                    feed.fulfil(layer);
                }
            }
        }
        for output in &mut self.outputs {
            output.poll(now, out);
        }
    }

    /// When [`Self::poll`] has something to do, or [`Self::keyframe_request`] has again; ask the
    /// latter also after every push, switch and want.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let inlets = self.live.iter().flat_map(|feed| &feed.inlets);
        inlets
            .filter_map(Reorder::deadline)
            .chain(self.outputs.iter().filter_map(Output::deadline))
            .chain(self.live.iter().filter_map(Feed::deadline))
            .chain(self.pending.iter().filter_map(Feed::deadline))
            .min()
    }

    /// A viewer needs a keyframe of this layer of what is on air.
    pub fn want_keyframe(&mut self, layer: u8) {
        if let Some(feed) = &mut self.live {
            feed.want(Layers::NONE.with(layer));
        }
    }

    /// A source to be asked for keyframes of these layers; at most once a second and source, but
    /// again until they come. Call until it gives `None`.
    pub fn keyframe_request(&mut self, now: Instant) -> Option<(SourceId, Layers)> {
        [&mut self.pending, &mut self.live]
            .into_iter()
            .flatten()
            .find_map(|feed| feed.request(now).map(|layers| (feed.source, layers)))
    }

    /// Ends the stretch of the source on air on every layer.
    fn end(&mut self, out: &mut Vec<Arc<Frame>>) {
        for output in &mut self.outputs {
            output.end(out);
        }
    }
}
