//! The replay window (RFC 3711 section 3.3.2).

/// Remembers which of the last 1,024 indexes below the highest were accepted. The window is wide
/// because a video sender's retransmissions come late.
#[derive(Debug, Clone)]
pub struct ReplayWindow {
    highest: Option<u64>,
    seen: [u64; Self::WORDS],
}

impl Default for ReplayWindow {
    fn default() -> Self {
        Self {
            highest: None,
            seen: [0; Self::WORDS],
        }
    }
}

impl ReplayWindow {
    const WORDS: usize = 16;
    /// Width in packets.
    pub const WIDTH: u64 = 64 * Self::WORDS as u64;

    /// The highest index accepted so far.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// Whether `index` may still be accepted.
    #[must_use]
    pub fn is_fresh(&self, index: u64) -> bool {
        match self.highest {
            Some(highest) if index <= highest => {
                highest - index < Self::WIDTH && self.word(index) & Self::bit(index) == 0
            }
            _ => true,
        }
    }

    /// Marks `index` as seen; only after its packet was authenticated.
    pub fn accept(&mut self, index: u64) {
        match self.highest {
            None => self.highest = Some(index),
            Some(highest) if index > highest => {
                // Everything between the old and the new highest is unseen.
                if index - highest >= Self::WIDTH {
                    self.seen = [0; Self::WORDS];
                } else {
                    for skipped in highest + 1..index {
                        self.seen[Self::slot(skipped)] &= !Self::bit(skipped);
                    }
                }
                self.highest = Some(index);
            }
            Some(highest) if highest - index >= Self::WIDTH => return,
            Some(_) => {}
        }
        self.seen[Self::slot(index)] |= Self::bit(index);
    }

    fn slot(index: u64) -> usize {
        (index / 64) as usize % Self::WORDS
    }

    fn bit(index: u64) -> u64 {
        1 << (index % 64)
    }

    fn word(&self, index: u64) -> u64 {
        self.seen[Self::slot(index)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn accepts_each_index_once_within_the_window() {
        let mut window = ReplayWindow::default();
        let mut model: HashSet<u64> = HashSet::new();
        let mut highest = 0;
        // A deterministic walk that goes forward, backward, and jumps over whole windows.
        let mut state = 1u64;
        let mut at = 10_000u64;
        for _ in 0..50_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let step = (state >> 33) % 100;
            at = match step {
                0 => at + 5_000,
                1..=30 => at.saturating_sub((state >> 40) % 1_500),
                _ => at + (state >> 40) % 40,
            };
            let fresh =
                !model.contains(&at) && (highest <= at || highest - at < ReplayWindow::WIDTH);
            assert_eq!(window.is_fresh(at), fresh, "index {at}, highest {highest}");
            if fresh {
                window.accept(at);
                model.insert(at);
                highest = highest.max(at);
            }
        }
    }
}
