//! Which simulcast layer a viewer's link bears.

use std::time::{Duration, Instant};

use crate::frame::Layers;

/// Measures the bitrate of each layer of a slot, for all its viewers.
#[derive(Debug, Clone, Default)]
pub struct RateMeter {
    layers: [Meter; Layers::MAX],
}

#[derive(Debug, Clone, Copy, Default)]
struct Meter {
    since: Option<Instant>,
    bytes: u64,
    rate: u64,
}

impl RateMeter {
    const WINDOW: Duration = Duration::from_secs(1);

    /// `bytes` of a layer were sent.
    pub fn push(&mut self, layer: u8, bytes: usize, now: Instant) {
        let Some(meter) = self.layers.get_mut(usize::from(layer)) else {
            return;
        };
        let since = *meter.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= Self::WINDOW {
            let measured = (u128::from(meter.bytes) * 8_000_000 / elapsed.as_micros()) as u64;
            meter.rate = match meter.rate {
                0 => measured,
                old => (old + measured) / 2,
            };
            meter.since = Some(now);
            meter.bytes = 0;
        }
        meter.bytes += bytes as u64;
    }

    /// Bit/s by layer; 0 until known.
    #[must_use]
    pub fn rates(&self) -> [u64; Layers::MAX] {
        self.layers.map(|meter| meter.rate)
    }
}

/// Chooses the layer for one viewer: down at once when its link is too small, up by careful
/// trials, which become rarer each time one fails.
#[derive(Debug, Clone)]
pub struct LayerChooser {
    max: u8,
    layer: u8,
    remb: Option<(u64, Instant)>,
    /// Since when the estimate is below what is sent.
    below: Option<Instant>,
    lossy: bool,
    /// Since when there is nothing to complain of.
    good: Option<Instant>,
    changed: Option<Instant>,
    /// How long it must be good before the next trial.
    patience: Duration,
}

impl LayerChooser {
    /// Loss above 10 %, in 1/256.
    const LOSS: u8 = 25;
    /// Loss below 2 % is good.
    const LITTLE_LOSS: u8 = 5;
    /// An estimate must be too low for this long.
    const BELOW_FOR: Duration = Duration::from_millis(500);
    /// After a change the link gets this long to settle.
    const SETTLE: Duration = Duration::from_millis(1500);
    const REMB_VALID: Duration = Duration::from_secs(10);
    const PATIENCE: Duration = Duration::from_secs(4);
    const MOST_PATIENCE: Duration = Duration::from_secs(64);
    /// A trial that ends this soon has failed.
    const TRIAL: Duration = Duration::from_secs(8);

    /// Begins with the largest layer.
    #[must_use]
    pub fn new(max: u8) -> Self {
        Self {
            max,
            layer: max,
            remb: None,
            below: None,
            lossy: false,
            good: None,
            changed: None,
            patience: Self::PATIENCE,
        }
    }

    /// The layer chosen last.
    #[must_use]
    pub fn layer(&self) -> u8 {
        self.layer
    }

    /// The viewer estimates its bandwidth, in bit/s.
    pub fn on_remb(&mut self, bitrate: u64, now: Instant) {
        self.remb = Some((bitrate, now));
    }

    /// The viewer reports loss, in 1/256.
    pub fn on_loss(&mut self, fraction_lost: u8, now: Instant) {
        self.lossy = fraction_lost > Self::LOSS;
        if fraction_lost > Self::LITTLE_LOSS {
            self.good = None;
        } else {
            self.good.get_or_insert(now);
        }
    }

    /// Chooses among the `available` layers with their `rates`; call it after each report and at
    /// least once a second.
    pub fn update(&mut self, rates: &[u64; Layers::MAX], available: Layers, now: Instant) -> u8 {
        let Some(sent) = available.best(self.layer) else {
            return self.layer;
        };
        let rate = rates[usize::from(sent)];
        let estimate = self
            .remb
            .filter(|(_, at)| now.saturating_duration_since(*at) < Self::REMB_VALID)
            .map(|(bitrate, _)| bitrate);
        let too_low = estimate.is_some_and(|e| e < rate);
        match too_low {
            true => {
                self.below.get_or_insert(now);
                self.good = None;
            }
            false => self.below = None,
        }
        let settled = self.for_long(self.changed, Self::SETTLE, now);
        if self.lossy
            || self
                .below
                .is_some_and(|since| now - since >= Self::BELOW_FOR)
        {
            if settled && let Some(lower) = Self::lower(available, sent, rates, estimate) {
                self.fall(lower, now);
            }
        } else if self.good.is_some_and(|since| now - since >= self.patience)
            && settled
            && let Some(higher) = (sent + 1..=self.max).find(|l| available.contains(*l))
        {
            self.change(higher, now);
        }
        self.layer
    }

    /// The largest layer below `sent` that the estimate bears, else the next one down.
    fn lower(
        available: Layers,
        sent: u8,
        rates: &[u64; Layers::MAX],
        estimate: Option<u64>,
    ) -> Option<u8> {
        let below = || (0..sent).rev().filter(|l| available.contains(*l));
        match estimate {
            Some(estimate) => below()
                .find(|l| rates[usize::from(*l)] <= estimate)
                .or_else(|| below().next_back()),
            None => below().next(),
        }
    }

    fn fall(&mut self, layer: u8, now: Instant) {
        let failed = self.changed.is_some() && !self.for_long(self.changed, Self::TRIAL, now);
        self.patience = match failed {
            true => (self.patience * 2).min(Self::MOST_PATIENCE),
            false => Self::PATIENCE,
        };
        self.change(layer, now);
    }

    fn change(&mut self, layer: u8, now: Instant) {
        self.layer = layer;
        self.changed = Some(now);
        self.below = None;
        self.good = None;
        self.lossy = false;
    }

    fn for_long(&self, since: Option<Instant>, long: Duration, now: Instant) -> bool {
        since.is_none_or(|since| now.saturating_duration_since(since) >= long)
    }
}
