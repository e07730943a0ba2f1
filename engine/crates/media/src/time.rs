//! The engine's own time: microseconds on one reference clock, and the NTP form of it.
//!
//! Time is always an argument. [`std::time::Instant`] says when something arrived or must leave;
//! [`Reference`] says when a picture or a sound was made, on a clock that all senders share.

use std::time::{Duration, Instant};

/// A moment on the reference clock, in microseconds since the clock's epoch. May be negative:
/// a sender's stream may have begun before the engine did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Reference(pub i64);

impl Reference {
    /// This moment moved by `micros`.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RTP timestamp of this moment at `rate` Hz, where the epoch has timestamp `base`.
    #[must_use]
    pub fn rtp(self, rate: u32, base: u32) -> u32 {
        let ticks = (i128::from(self.0) * i128::from(rate)).div_euclid(1_000_000);
        // The RTP clock is the ticks modulo 2^32.
        (ticks.rem_euclid(1 << 32) as u32).wrapping_add(base)
    }
}

/// An NTP timestamp: seconds since 1900 in 32.32 fixed point (RFC 5905 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ntp(pub u64);

impl Ntp {
    /// Seconds from 1900 to 1970.
    const UNIX: u64 = 2_208_988_800;

    /// From the time since the Unix epoch.
    #[must_use]
    pub fn from_unix(since: Duration) -> Self {
        let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        Self(((since.as_secs().wrapping_add(Self::UNIX)) << 32) | fraction)
    }

    /// The middle 32 bits, as report blocks carry them (RFC 3550 section 6.4.1).
    #[must_use]
    pub fn middle(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// Moved by `micros`; wraps with the NTP era.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        let delta = (i128::from(micros) << 32) / 1_000_000;
        Self(self.0.wrapping_add(delta as u64))
    }

    /// Microseconds from `earlier`, right within 68 years either way.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        let delta = self.0.wrapping_sub(earlier.0) as i64;
        ((i128::from(delta) * 1_000_000) >> 32) as i64
    }
}

/// Ties the monotonic clock, the reference clock and wall-clock time together, once per engine.
#[derive(Debug, Clone, Copy)]
pub struct ReferenceClock {
    epoch: Instant,
    ntp: Ntp,
}

impl ReferenceClock {
    /// The reference epoch is `epoch`, when wall-clock time was `since_unix` after 1970.
    #[must_use]
    pub fn new(epoch: Instant, since_unix: Duration) -> Self {
        Self {
            epoch,
            ntp: Ntp::from_unix(since_unix),
        }
    }

    /// The moment on the reference clock.
    #[must_use]
    pub fn at(&self, now: Instant) -> Reference {
        let micros = match now.checked_duration_since(self.epoch) {
            Some(later) => i64::try_from(later.as_micros()).unwrap_or(i64::MAX),
            None => -i64::try_from(self.epoch.duration_since(now).as_micros()).unwrap_or(i64::MAX),
        };
        Reference(micros)
    }

    /// The NTP form of a moment. Never steps, whatever the machine's wall clock does.
    #[must_use]
    pub fn ntp(&self, moment: Reference) -> Ntp {
        self.ntp.plus(moment.0)
    }
}

/// The 24-bit value of the abs-send-time header extension: 6.18 fixed-point seconds.
#[must_use]
pub fn abs_send_time(moment: Reference) -> [u8; 3] {
    let ticks = ((i128::from(moment.0) << 18) / 1_000_000) as u32;
    let bytes = ticks.to_be_bytes();
    [bytes[1], bytes[2], bytes[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtp_of_a_moment_wraps_and_takes_negative_moments() {
        assert_eq!(Reference(1_000_000).rtp(90_000, 7), 90_007);
        assert_eq!(
            Reference(-1_000_000).rtp(90_000, 0),
            0u32.wrapping_sub(90_000)
        );
        let wraps = Reference(47_721_858_845 * 2);
        assert!(wraps.rtp(90_000, 0) < 200_000);
    }

    #[test]
    fn ntp_of_the_unix_epoch_and_its_middle() {
        let ntp = Ntp::from_unix(Duration::from_millis(500));
        assert_eq!(ntp.0, (2_208_988_800 << 32) | (1 << 31));
        assert_eq!(ntp.middle(), (2_208_988_800u64 << 16) as u32 | 0x8000);
    }

    #[test]
    fn ntp_difference_undoes_plus() {
        let ntp = Ntp::from_unix(Duration::from_secs(1_700_000_000));
        for micros in [-5_000_000, -1, 0, 1, 999_999, 3_600_000_000] {
            assert!((ntp.plus(micros).since(ntp) - micros).abs() <= 1);
        }
    }

    #[test]
    fn clock_agrees_with_itself_before_its_epoch() {
        let epoch = Instant::now() + Duration::from_secs(10);
        let clock = ReferenceClock::new(epoch, Duration::from_secs(1_700_000_000));
        assert_eq!(
            clock.at(epoch - Duration::from_secs(1)),
            Reference(-1_000_000)
        );
        assert_eq!(
            clock.ntp(Reference(0)),
            Ntp::from_unix(Duration::from_secs(1_700_000_000))
        );
    }

    #[test]
    fn send_time_has_eighteen_fraction_bits() {
        assert_eq!(abs_send_time(Reference(1_000_000)), [0x04, 0, 0]);
        assert_eq!(abs_send_time(Reference(64_000_000)), [0, 0, 0]);
    }
}
