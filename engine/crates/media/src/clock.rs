//! Maps the clocks of senders to the one reference clock, by their sender reports.
//!
//! All streams of one sender share its wall clock, so sound and picture that were taken together
//! get the same [`Reference`]: that is lip sync. What the network delays shows up as a constant,
//! the smallest delay seen lately, which is the same for all streams of a sender.

use std::collections::VecDeque;

use crate::time::{Ntp, Reference};

/// The clock of one publisher.
#[derive(Debug, Default)]
pub struct SenderClock {
    wall: Wall,
    streams: Vec<Stream>,
}

impl SenderClock {
    /// Streams of one sender for which state is kept.
    pub const MAX_STREAMS: usize = 16;

    /// A clock of which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A sender report of stream `ssrc` came: at wall-clock time `ntp` its RTP clock, of `rate`
    /// Hz, showed `rtp`.
    pub fn on_sender_report(
        &mut self,
        ssrc: u32,
        rate: u32,
        ntp: Ntp,
        rtp: u32,
        arrival: Reference,
    ) {
        let (wall, is_step) = self.wall.on_report(ntp, arrival);
        if is_step {
            // What other streams reported goes by a clock that is no more.
            for stream in &mut self.streams {
                stream.report = None;
            }
        }
        if let Some(stream) = self.stream(ssrc, rate) {
            stream.on_report(wall, rtp);
        }
    }

    /// When the sender took what stream `ssrc` carries at `rtp`. Before the first sender report
    /// this goes by arrival; afterwards corrections are worked in smoothly.
    pub fn taken(&mut self, ssrc: u32, rate: u32, rtp: u32, arrival: Reference) -> Reference {
        let offset = self.wall.offset;
        match self.stream(ssrc, rate) {
            Some(stream) => stream.taken(offset, rtp, arrival),
            None => arrival,
        }
    }

    fn stream(&mut self, ssrc: u32, rate: u32) -> Option<&mut Stream> {
        match self.streams.iter().position(|s| s.ssrc == ssrc) {
            Some(at) => self.streams.get_mut(at),
            None if self.streams.len() < Self::MAX_STREAMS && rate > 0 => {
                self.streams.push(Stream::new(ssrc, rate));
                self.streams.last_mut()
            }
            None => None,
        }
    }
}

/// The sender's wall clock against the reference clock.
#[derive(Debug, Default)]
struct Wall {
    /// The first wall-clock time: others count from it.
    origin: Option<Ntp>,
    /// (arrival, arrival less wall clock) of the last reports.
    samples: VecDeque<(i64, i64)>,
    /// Reference time less wall clock: the smallest of the samples.
    offset: Option<i64>,
}

impl Wall {
    /// Samples older than this no longer count, so that drift is followed.
    const WINDOW: i64 = 30_000_000;
    const SAMPLES: usize = 64;
    /// A step of the sender's clock larger than this starts anew.
    const STEP: i64 = 2_000_000;

    /// Takes a report; returns its wall-clock time in microseconds since the first, and whether the
    /// clock was set.
    fn on_report(&mut self, ntp: Ntp, arrival: Reference) -> (i64, bool) {
        let origin = *self.origin.get_or_insert(ntp);
        let wall = ntp.since(origin);
        let sample = arrival.0 - wall;
        let is_step = self
            .offset
            .is_some_and(|offset| (sample - offset).abs() > Self::STEP);
        if is_step {
            self.samples.clear();
        }
        self.samples.push_back((arrival.0, sample));
        while let Some((at, _)) = self.samples.front()
            && (arrival.0 - at > Self::WINDOW || self.samples.len() > Self::SAMPLES)
        {
            self.samples.pop_front();
        }
        self.offset = self.samples.iter().map(|(_, sample)| *sample).min();
        (wall, is_step)
    }
}

/// One stream's RTP clock.
#[derive(Debug)]
struct Stream {
    ssrc: u32,
    rate: u32,
    /// Newest RTP time, unwrapped.
    newest: Option<i64>,
    /// (RTP time, wall clock) of the last report.
    report: Option<(i64, i64)>,
    /// Before the first report: arrival less RTP time, the smallest seen.
    by_arrival: Option<i64>,
    /// (RTP time, reference time) that was given last.
    given: Option<(i64, i64)>,
}

impl Stream {
    /// Corrections are worked in at 2 % of the time that passes.
    const SLEW: i64 = 50;
    /// Larger ones at once.
    const STEP: i64 = 500_000;

    fn new(ssrc: u32, rate: u32) -> Self {
        Self {
            ssrc,
            rate,
            newest: None,
            report: None,
            by_arrival: None,

            given: None,
        }
    }

    fn unwrap(&self, rtp: u32) -> i64 {
        match self.newest {
            Some(newest) => newest + i64::from(rtp.wrapping_sub(newest as u32) as i32),
            None => i64::from(rtp),
        }
    }

    fn micros(&self, ticks: i64) -> i64 {
        ((i128::from(ticks) * 1_000_000) / i128::from(self.rate)) as i64
    }

    fn on_report(&mut self, wall: i64, rtp: u32) {
        let ticks = self.unwrap(rtp);
        self.newest.get_or_insert(ticks);
        self.report = Some((ticks, wall));
    }

    fn taken(&mut self, offset: Option<i64>, rtp: u32, arrival: Reference) -> Reference {
        let ticks = self.unwrap(rtp);
        self.newest = Some(self.newest.map_or(ticks, |newest| newest.max(ticks)));
        let mapped = match (self.report, offset) {
            (Some((at, wall)), Some(offset)) => wall + offset + self.micros(ticks - at),
            _ => self.arrived(ticks, arrival),
        };
        self.smooth(ticks, mapped)
    }

    fn arrived(&mut self, ticks: i64, arrival: Reference) -> i64 {
        let position = self.micros(ticks);
        let sample = arrival.0 - position;
        // A source whose RTP clock stood still or jumped starts anew.
        let kept = self
            .by_arrival
            .filter(|offset| (sample - offset).abs() < Wall::STEP);
        let offset = kept.map_or(sample, |offset| offset.min(sample));
        self.by_arrival = Some(offset);
        position + offset
    }

    /// Follows `mapped` without jumps.
    fn smooth(&mut self, ticks: i64, mapped: i64) -> Reference {
        let Some((last_ticks, last_given)) = self.given else {
            self.given = Some((ticks, mapped));
            return Reference(mapped);
        };
        // What this moment would be, had the mapping not changed.
        let passed = self.micros(ticks - last_ticks);
        let error = last_given + passed - mapped;
        let given = if error.abs() > Self::STEP {
            mapped
        } else {
            let most = passed.abs() / Self::SLEW;
            mapped + error - error.clamp(-most, most)
        };
        if ticks > last_ticks {
            self.given = Some((ticks, given));
        }
        Reference(given)
    }
}
