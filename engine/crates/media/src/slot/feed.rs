//! What is known of a source while it is on air, or about to be.

use std::time::{Duration, Instant};

use super::SourcePacket;
use super::reorder::Reorder;
use crate::frame::{Layers, SourceId};

/// One source of a slot.
#[derive(Debug)]
pub(super) struct Feed {
    pub source: SourceId,
    pub inlets: [Reorder; Layers::MAX],
    seen: [Option<Instant>; Layers::MAX],
    /// Layers of which somebody needs a keyframe.
    wanted: Layers,
    requested: Option<Instant>,
}

impl Feed {
    /// A layer that sends nothing for this long while another does, is not there.
    const SILENT: Duration = Duration::from_secs(1);
    /// Least time between two keyframe requests to one source.
    const REQUEST_EVERY: Duration = Duration::from_secs(1);

    pub(super) fn new(source: SourceId, patience: Duration) -> Self {
        Self {
            source,
            inlets: std::array::from_fn(|_| Reorder::new(patience)),
            seen: [None; Layers::MAX],
            wanted: Layers::NONE,
            requested: None,
        }
    }

    /// A packet of this source came.
    pub(super) fn see(&mut self, packet: &SourcePacket<'_>, now: Instant) {
        self.seen[usize::from(packet.layer)] = Some(now);
    }

    /// Layers that the source sends at present.
    pub(super) fn active(&self) -> Layers {
        let Some(newest) = self.seen.iter().flatten().max() else {
            return Layers::NONE;
        };
        let mut active = Layers::NONE;
        for (layer, seen) in (0..).zip(&self.seen) {
            if seen.is_some_and(|seen| *newest - seen < Self::SILENT) {
                active = active.with(layer);
            }
        }
        active
    }

    pub(super) fn want(&mut self, layers: Layers) {
        for layer in layers.iter() {
            self.wanted = self.wanted.with(layer);
        }
    }

    /// The keyframe that was wanted of this layer is there.
    pub(super) fn fulfil(&mut self, layer: u8) {
        self.wanted = self.wanted.without(layer);
    }

    /// Layers of which to request a keyframe now. What is wanted stays wanted until it comes.
    pub(super) fn request(&mut self, now: Instant) -> Option<Layers> {
        let early = self
            .requested
            .is_some_and(|at| now.saturating_duration_since(at) < Self::REQUEST_EVERY);
        let due = self.due();
        if early || due.is_empty() {
            return None;
        }
        self.requested = Some(now);
        Some(due)
    }

    /// When [`Self::request`] will have something to say.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let due = self.requested.map(|at| at + Self::REQUEST_EVERY);
        due.filter(|_| !self.due().is_empty())
    }

    /// What is wanted of the layers that are there; before the first packet, what is wanted.
    fn due(&self) -> Layers {
        let active = self.active();
        match active.is_empty() {
            true => self.wanted,
            false => self.wanted.and(active),
        }
    }
}
