//! How long to hold a source's packets: measured from when they arrive, in samples.
//!
//! A packet's transit is its arrival less its timestamp; only differences of transits mean
//! anything. The quickest of the recent packets is the base, and the delay on top of it is what
//! all but a few of them needed.

use crate::FRAME;

/// Packets remembered: about 5 s at 20 ms a packet.
const WINDOW: usize = 256;

/// Estimates are redone once per this many packets.
const REFRESH: usize = 4;

/// Share of packets that must be in time, per mille. The rest is concealed and caught up with.
const IN_TIME: usize = 980;

/// With more packets lost than this, each waits for its successor, which carries its redundancy.
const LOSSY: f32 = 0.01;

/// And with fewer than this no more.
const LOSSLESS: f32 = 0.003;

/// Packets over which loss is averaged.
const LOSS_WINDOW: f32 = 128.0;

/// Bounds of the delay in samples.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Never less than this; one tick, since a tick takes 20 ms at once.
    pub min: i64,
    /// Never more: packets later than this are lost.
    pub max: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            min: FRAME as i64,
            max: 10 * FRAME as i64,
        }
    }
}

/// Watches arrivals and says when a sample is to be played.
#[derive(Debug)]
pub struct DelayEstimator {
    bounds: Bounds,
    transits: Vec<i64>,
    next: usize,
    fresh: usize,
    sorted: Vec<i64>,
    base: i64,
    target: i64,
    loss: f32,
    redundancy: i64,
}

impl DelayEstimator {
    /// Starts without knowledge, at twice the least delay.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            transits: Vec::with_capacity(WINDOW),
            next: 0,
            fresh: 0,
            sorted: Vec::with_capacity(WINDOW),
            base: 0,
            target: (2 * bounds.min).min(bounds.max),
            loss: 0.0,
            redundancy: 0,
        }
    }

    /// A packet of that timestamp arrived; both in samples.
    pub fn arrived(&mut self, timestamp: i64, arrival: i64) {
        let transit = arrival.saturating_sub(timestamp);
        if self.transits.len() < WINDOW {
            self.transits.push(transit);
        } else if let Some(slot) = self.transits.get_mut(self.next) {
            *slot = transit;
            self.next = (self.next + 1) % WINDOW;
        }
        self.fresh += 1;
        if self.transits.len() == 1 || transit < self.base {
            self.base = transit;
        }
        if self.fresh >= REFRESH {
            self.refresh();
        }
    }

    fn refresh(&mut self) {
        self.fresh = 0;
        self.sorted.clear();
        self.sorted.extend_from_slice(&self.transits);
        self.sorted.sort_unstable();
        let (Some(&first), Some(last)) = (self.sorted.first(), self.sorted.len().checked_sub(1))
        else {
            return;
        };
        let needed = self
            .sorted
            .get(last * IN_TIME / 1000)
            .copied()
            .unwrap_or(first);
        self.base = first;
        let measured = needed.saturating_sub(first).saturating_add(FRAME as i64);
        let measured = measured.clamp(self.bounds.min, self.bounds.max);
        // Little evidence may raise the delay at once, but lower it only when it has become much.
        if self.transits.len() >= WINDOW / 8 || measured > self.target {
            self.target = measured;
        }
    }

    /// A packet of `duration` samples was played, and `lost` before it had not come.
    pub fn played(&mut self, lost: i64, duration: i64) {
        for _ in 0..lost.clamp(0, 10) {
            self.loss += (1.0 - self.loss) / LOSS_WINDOW;
        }
        self.loss -= self.loss / LOSS_WINDOW;
        if self.loss > LOSSY {
            self.redundancy = duration;
        } else if self.loss < LOSSLESS {
            self.redundancy = 0;
        }
    }

    /// Delay on top of the quickest packet, in samples.
    #[must_use]
    pub fn target(&self) -> i64 {
        (self.target + self.redundancy).min(self.bounds.max)
    }

    /// When the sample of that timestamp is to be played, on the clock of arrivals.
    #[must_use]
    pub fn due(&self, timestamp: i64) -> i64 {
        timestamp
            .saturating_add(self.base)
            .saturating_add(self.target())
    }

    /// Forgets everything, as for a new stream.
    pub fn reset(&mut self) {
        *self = Self::new(self.bounds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(lateness: impl Fn(i64) -> i64, packets: i64) -> DelayEstimator {
        let mut delay = DelayEstimator::new(Bounds::default());
        for n in 0..packets {
            delay.arrived(n * 960, (n * 960 + 70_000).saturating_add(lateness(n)));
        }
        delay
    }

    #[test]
    fn a_steady_network_needs_one_tick() {
        assert_eq!(run(|_| 0, 400).target(), 960);
    }

    #[test]
    fn jitter_is_covered_and_a_single_outlier_is_not() {
        let spread = run(|n| (n * 577) % 1440, 400).target();
        assert!((2250..=2400).contains(&spread), "{spread}");
        assert_eq!(run(|n| if n == 300 { 9_000 } else { 0 }, 400).target(), 960);
    }

    #[test]
    fn the_delay_is_bounded() {
        assert_eq!(run(|n| (n % 2) * 40_000, 400).target(), 9_600);
        assert_eq!(
            run(|n| if n % 2 == 0 { i64::MAX } else { i64::MIN }, 400).target(),
            9_600
        );
    }

    #[test]
    fn the_base_follows_a_drifting_clock() {
        // 200 ppm slow for ten minutes: 5,760 samples in all.
        let delay = run(|n| n * 960 / 5_000, 30_000);
        let last = 29_999 * 960;
        let arrival = last + 70_000 + last / 5_000;
        let held = delay.due(last) - arrival;
        assert!((0..=1_200).contains(&held), "{held}");
    }
}
