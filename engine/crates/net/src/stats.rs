//! What the engine counts.

use crate::shared::Shared;
use crate::sys;

/// Counters and times.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Datagrams received.
    pub packets_in: u64,
    /// Media packets sent.
    pub packets_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Media packets sent again.
    pub retransmitted: u64,
    /// Media packets dropped for slowness.
    pub dropped_slow: u64,
    /// Datagrams of nobody.
    pub rejected: u64,
    /// At present.
    pub publishers: usize,
    /// At present.
    pub viewers: usize,
    /// At present.
    pub legs: usize,
    /// Name, user and system seconds.
    pub threads: Vec<(String, f64, f64)>,
}

impl Stats {
    /// As it stands now.
    pub fn of(shared: &Shared) -> Self {
        let counters = &shared.counters;
        let (publishers, viewers, legs) = shared.population();
        Self {
            packets_in: counters.packets_in.get(),
            packets_out: counters.packets_out.get(),
            bytes_out: counters.bytes_out.get(),
            retransmitted: counters.retransmitted.get(),
            dropped_slow: counters.dropped_slow.get(),
            rejected: counters.rejected.get(),
            publishers,
            viewers,
            legs,
            threads: thread_times(shared),
        }
    }
}

/// User and system seconds by thread, from the system's table.
fn thread_times(shared: &Shared) -> Vec<(String, f64, f64)> {
    let ticks = sys::ticks_per_second();
    let times = |id: i32| -> Option<(f64, f64)> {
        let text = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?;
        // The name stands in parentheses and may hold spaces; fields 14 and 15 are the times.
        let mut fields = text.rsplit_once(") ")?.1.split(' ').skip(11);
        let mut next = || fields.next()?.parse::<f64>().ok().map(|t| t / ticks);
        Some((next()?, next()?))
    };
    let threads = shared.threads().into_iter();
    threads
        .filter_map(|(name, id)| times(id).map(|(user, sys)| (name, user, sys)))
        .collect()
}
