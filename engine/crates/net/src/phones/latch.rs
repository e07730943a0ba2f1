//! Which address and SSRC a leg hears, and where it sends (symmetric RTP, RFC 4961).
//!
//! The first authentic packet tells the peer's true address. From then on nobody else is heard,
//! until a new agreement, or, for a peer whose address changed on the way, after a silence.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A peer that was silent for this long may go on from another address.
pub const MOVED_AFTER: Duration = Duration::from_secs(3);
/// After a new agreement the old address is believed to be still the right one, once it has
/// gone on for this long.
const SETTLED: Duration = Duration::from_secs(2);
/// A sequence number that goes on: ahead by at most this (60 s of 20 ms).
const GOES_ON: u16 = 3_000;

/// What to do with a packet, before it is known to be authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The peer's.
    Known,
    /// The peer's from now on, if authentic.
    New,
    /// Somebody else's.
    Stranger,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    source: SocketAddr,
    ssrc: u32,
    sequence: u16,
    at: Instant,
}

/// One leg's latch.
#[derive(Debug, Default)]
pub struct Latch {
    signalled: Option<SocketAddr>,
    heard: Option<Heard>,
    /// Open since a new agreement; whether that named another address.
    open: Option<(Instant, bool)>,
}

impl Latch {
    /// A new agreement names this address.
    pub fn agree(&mut self, remote: SocketAddr, now: Instant) {
        let moved = self.signalled.is_some_and(|before| before != remote);
        self.signalled = Some(remote);
        self.open = Some((now, moved));
    }

    /// Where to send.
    pub fn to(&self) -> Option<SocketAddr> {
        match (self.heard, self.open) {
            (Some(heard), None | Some((_, false))) => Some(heard.source),
            _ => self.signalled,
        }
    }

    /// Where the peer was heard, while that holds.
    pub fn source(&self) -> Option<SocketAddr> {
        self.heard.map(|heard| heard.source)
    }

    /// Whether it is known who is heard, until something new is agreed.
    pub fn is_settled(&self) -> bool {
        self.heard.is_some() && self.open.is_none()
    }

    /// Whose packet is it?
    pub fn judge(&self, source: SocketAddr, ssrc: u32, sequence: u16, now: Instant) -> Verdict {
        let Some(heard) = self.heard else {
            return if self.open.is_some() {
                Verdict::New
            } else {
                Verdict::Stranger
            };
        };
        if heard.source == source && heard.ssrc == ssrc {
            return Verdict::Known;
        }
        let ahead = sequence.wrapping_sub(heard.sequence);
        let moved = heard.ssrc == ssrc
            && (1..=GOES_ON).contains(&ahead)
            && now.saturating_duration_since(heard.at) > MOVED_AFTER;
        if self.open.is_some() || moved {
            Verdict::New
        } else {
            Verdict::Stranger
        }
    }

    /// An authentic packet that was not a stranger's; true if it settles where the peer is.
    pub fn accept(&mut self, source: SocketAddr, ssrc: u32, sequence: u16, now: Instant) -> bool {
        let same = self
            .heard
            .is_some_and(|heard| heard.source == source && heard.ssrc == ssrc);
        let newest = match self.heard {
            Some(heard) if same && sequence.wrapping_sub(heard.sequence) > 1 << 15 => {
                heard.sequence
            }
            _ => sequence,
        };
        self.heard = Some(Heard {
            source,
            ssrc,
            sequence: newest,
            at: now,
        });
        // What is still under way from the old address must not shut out the new one.
        let settles = match self.open {
            Some((since, moved)) => {
                !same || !moved || now.saturating_duration_since(since) > SETTLED
            }
            None => !same,
        };
        if settles {
            self.open = None;
        }
        settles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn the_first_packet_latches_and_strangers_are_not_heard() {
        let mut latch = Latch::default();
        let now = Instant::now();
        assert_eq!(latch.judge(at(1), 7, 1, now), Verdict::Stranger);
        latch.agree(at(100), now);
        assert_eq!(latch.to(), Some(at(100)));
        assert_eq!(latch.judge(at(1), 7, 1, now), Verdict::New);
        assert!(latch.accept(at(1), 7, 1, now));
        assert_eq!(latch.to(), Some(at(1)));
        assert_eq!(latch.judge(at(1), 7, 2, now), Verdict::Known);
        assert!(!latch.accept(at(1), 7, 2, now));
        assert_eq!(latch.judge(at(2), 7, 3, now), Verdict::Stranger);
        assert_eq!(latch.judge(at(1), 8, 3, now), Verdict::Stranger);
    }

    #[test]
    fn a_moved_peer_goes_on_after_a_silence_only_with_its_own_numbers() {
        let mut latch = Latch::default();
        let now = Instant::now();
        latch.agree(at(100), now);
        latch.accept(at(1), 7, u16::MAX, now);
        let later = now + MOVED_AFTER + Duration::from_millis(1);
        assert_eq!(latch.judge(at(2), 7, 5, now), Verdict::Stranger);
        assert_eq!(latch.judge(at(2), 8, 5, later), Verdict::Stranger);
        assert_eq!(latch.judge(at(2), 7, 40_000, later), Verdict::Stranger);
        assert_eq!(latch.judge(at(2), 7, 5, later), Verdict::New);
        assert!(latch.accept(at(2), 7, 5, later));
        assert_eq!(latch.to(), Some(at(2)));
        assert_eq!(latch.judge(at(1), 7, 6, later), Verdict::Stranger);
    }

    #[test]
    fn a_new_agreement_opens_the_latch_again() {
        let mut latch = Latch::default();
        let now = Instant::now();
        latch.agree(at(100), now);
        latch.accept(at(1), 7, 1, now);
        latch.agree(at(200), now);
        assert_eq!(latch.to(), Some(at(200)), "the new address is named");
        // A packet of the old stream is heard, but does not shut the new one out.
        assert!(!latch.accept(at(1), 7, 2, now));
        assert_eq!(latch.judge(at(200), 9, 1, now), Verdict::New);
        assert!(latch.accept(at(200), 9, 1, now));
        assert_eq!(latch.judge(at(1), 7, 3, now), Verdict::Stranger);
    }

    #[test]
    fn without_a_new_address_the_old_peer_settles_it_at_once() {
        let mut latch = Latch::default();
        let now = Instant::now();
        latch.agree(at(100), now);
        latch.accept(at(1), 7, 1, now);
        latch.agree(at(100), now);
        assert_eq!(latch.to(), Some(at(1)));
        assert!(latch.accept(at(1), 7, 2, now));
        assert_eq!(latch.judge(at(2), 7, 3, now), Verdict::Stranger);
    }
}
