//! How much may be retransmitted.

/// A token bucket that fills with a share of what is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    bytes: u64,
}

impl Budget {
    const PERCENT: u64 = 15;
    /// Enough for a burst at once: a lost keyframe.
    const MOST: u64 = 64_000;
    const INITIAL: u64 = 32_000;

    pub(super) fn new() -> Self {
        Self {
            bytes: Self::INITIAL,
        }
    }

    /// `bytes` of media were sent.
    pub(super) fn earn(&mut self, bytes: usize) {
        self.bytes = (self.bytes + bytes as u64 * Self::PERCENT / 100).min(Self::MOST);
    }

    /// Takes `bytes` if they are there.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        match self.bytes.checked_sub(bytes as u64) {
            Some(left) => {
                self.bytes = left;
                true
            }
            None => false,
        }
    }
}
