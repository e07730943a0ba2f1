//! Puts a source's packets into order again, without waiting where nothing is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::SourcePacket;
use crate::codec::Codec;
use crate::time::Reference;

/// A packet in its turn, or one that fills a gap too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ordered<'a> {
    pub codec: Codec,
    pub sequence: u64,
    pub timestamp: u32,
    pub taken: Reference,
    pub marker: bool,
    pub late: bool,
    pub payload: &'a [u8],
}

/// A packet that waits for those before it.
#[derive(Debug)]
struct Held {
    since: Instant,
    codec: Codec,
    timestamp: u32,
    taken: Reference,
    marker: bool,
    payload: Vec<u8>,
}

/// The reorder buffer of one stream. Until its first keyframe it only remembers what came lately,
/// so that a keyframe whose first packet comes last, out of order or retransmitted, is not lost.
/// Each sequence number leaves it at most once; those not late
/// leave it ascending, unless the source starts its numbers anew.
#[derive(Debug)]
pub(super) struct Reorder {
    patience: Duration,
    /// The number whose turn it is; `None` before the first keyframe.
    next: Option<u64>,
    held: BTreeMap<u64, Held>,
    /// Numbers that were given up but may still come.
    missing: BTreeSet<u64>,
}

impl Reorder {
    const MAX_HELD: usize = 128;
    const MAX_MISSING: usize = 1024;
    /// A step larger than this is a new start of the numbers, not loss.
    pub(super) const MAX_STEP: u64 = 2000;
    /// How long packets are remembered before the first keyframe.
    const REMEMBERED: Duration = Duration::from_millis(100);

    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            next: None,
            held: BTreeMap::new(),
            missing: BTreeSet::new(),
        }
    }

    /// Takes a packet and emits what is in order now. `keyframe`: one begins with this packet.
    pub(super) fn push(
        &mut self,
        packet: &SourcePacket<'_>,
        keyframe: bool,
        now: Instant,
        emit: &mut dyn FnMut(Ordered<'_>),
    ) {
        let next = match self.next {
            Some(next) if packet.sequence.abs_diff(next) <= Self::MAX_STEP => next,
            Some(_) => {
                self.restart(packet.sequence, emit);
                packet.sequence
            }
            None if keyframe => {
                // What follows within reach; the rest is of another time.
                let reach = packet.sequence.saturating_add(1)
                    ..=packet.sequence.saturating_add(Self::MAX_STEP);
                self.held.retain(|sequence, _| reach.contains(sequence));
                packet.sequence
            }
            None => return self.remember(packet, now),
        };
        match packet.sequence {
            sequence if sequence == next => {
                emit(ordered(packet, false));
                self.next = Some(next + 1);
                self.drain(emit);
            }
            sequence if sequence < next => {
                if self.missing.remove(&sequence) {
                    emit(ordered(packet, true));
                }
            }
            _ => {
                self.hold(packet, now);
                if self.held.len() > Self::MAX_HELD {
                    self.skip_gap(emit);
                }
            }
        }
        self.poll(now, emit);
    }

    /// Gives up gaps that were held open long enough.
    pub(super) fn poll(&mut self, now: Instant, emit: &mut dyn FnMut(Ordered<'_>)) {
        while self.deadline().is_some_and(|at| at <= now) {
            self.skip_gap(emit);
        }
    }

    /// When [`Self::poll`] has something to do: the oldest packet held has waited long enough.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next?;
        let oldest = self.held.values().map(|held| held.since).min();
        oldest.map(|since| since + self.patience)
    }

    fn hold(&mut self, packet: &SourcePacket<'_>, now: Instant) {
        self.held.entry(packet.sequence).or_insert_with(|| Held {
            since: now,
            codec: packet.codec,
            timestamp: packet.timestamp,
            taken: packet.taken,
            marker: packet.marker,
            payload: packet.payload.to_vec(),
        });
    }

    /// Keeps a packet for the case that it belongs to a keyframe whose start is still to come.
    fn remember(&mut self, packet: &SourcePacket<'_>, now: Instant) {
        self.held
            .retain(|_, held| now.saturating_duration_since(held.since) <= Self::REMEMBERED);
        self.hold(packet, now);
        if self.held.len() > Self::MAX_HELD {
            self.held.pop_first();
        }
    }

    /// Goes on behind the first gap.
    fn skip_gap(&mut self, emit: &mut dyn FnMut(Ordered<'_>)) {
        let (Some(next), Some((&first, _))) = (self.next, self.held.first_key_value()) else {
            return;
        };
        self.missing.extend(next..first);
        while self.missing.len() > Self::MAX_MISSING {
            self.missing.pop_first();
        }
        self.next = Some(first);
        self.drain(emit);
    }

    /// Emits held packets up to the next gap.
    fn drain(&mut self, emit: &mut dyn FnMut(Ordered<'_>)) {
        while let Some(next) = self.next
            && let Some(held) = self.held.remove(&next)
        {
            emit(Ordered {
                codec: held.codec,
                sequence: next,
                timestamp: held.timestamp,
                taken: held.taken,
                marker: held.marker,
                late: false,
                payload: &held.payload,
            });
            self.next = Some(next + 1);
        }
    }

    /// The source numbers its packets anew from `sequence`.
    fn restart(&mut self, sequence: u64, emit: &mut dyn FnMut(Ordered<'_>)) {
        while !self.held.is_empty() {
            self.skip_gap(emit);
        }
        self.missing.clear();
        self.next = Some(sequence);
    }
}

fn ordered<'a>(packet: &SourcePacket<'a>, late: bool) -> Ordered<'a> {
    Ordered {
        codec: packet.codec,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        taken: packet.taken,
        marker: packet.marker,
        late,
        payload: packet.payload,
    }
}
