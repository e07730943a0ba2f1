//! The one mix of a room. Open microphones are decoded, the loudest few are summed, and the sum
//! is encoded once for every listener; each place that is heard has a mix without itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::delay::Bounds;
use crate::level::{Candidate, choose, dbov};
use crate::limiter::Limiter;
use crate::microphone::{Input, Microphone, sum};
use crate::opus::EncoderConfig;
use crate::place::{Forms, Output, Place, PrivateMix, Surroundings};
use crate::receiver::ReceiverStats;
use crate::{FRAME, Frame, SAMPLE_RATE, SoundError, samples};

/// A publisher, as its owner numbers it.
pub type SourceId = u64;

/// Frames of the shared mix that warm a cold encoder up.
const PRIMING: usize = 3;

/// How a room mixes.
#[derive(Debug, Clone, Copy)]
pub struct RoomConfig {
    /// Microphones heard at once, 1 to 8; with more open, those who speak loudest.
    pub heard: usize,
    /// Microphones open at once; one more is refused.
    pub open: usize,
    /// Encoder of the shared mix.
    pub shared: EncoderConfig,
    /// Encoders of the private mixes.
    pub private: EncoderConfig,
    /// Bounds of the jitter buffers' delay.
    pub delay: Bounds,
}

impl Default for RoomConfig {
    fn default() -> Self {
        let shared = EncoderConfig::default();
        Self {
            heard: 4,
            open: 128,
            shared,
            private: EncoderConfig {
                complexity: 5,
                ..shared
            },
            delay: Bounds::default(),
        }
    }
}

/// A microphone where somebody speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking {
    /// Whose.
    pub source: SourceId,
    /// -dBov: 0 loud to 127 silent.
    pub level: u8,
}

/// Result of one tick.
#[derive(Debug, Clone, PartialEq)]
pub struct MixOutput {
    /// RTP timestamp of this tick at 48 kHz. It grows by [`FRAME`] every tick, sent or not;
    /// sequence numbers count sent packets only.
    pub timestamp: u32,
    /// Opus packet for everybody who has no private mix; `None` in silence, where one packet
    /// in about 400 ms keeps the stream going.
    pub shared: Option<Arc<[u8]>>,
    /// Private mixes of this tick. Who is not named here hears the shared one.
    pub private: Vec<PrivateMix>,
    /// Microphones with voice, loudest first.
    pub speaking: Vec<Speaking>,
    /// Telephones that have begun (true) or ceased to disturb by noise or echo.
    pub noisy: Vec<(SourceId, bool)>,
}

/// The sound of one conference. Belongs to one thread.
pub struct Room {
    config: RoomConfig,
    epoch: Option<Instant>,
    timestamp: u32,
    microphones: BTreeMap<SourceId, Microphone>,
    /// Those with open microphones, by the source that stands for them.
    places: BTreeMap<SourceId, Place>,
    /// Sources that sit with another one.
    seats: BTreeMap<SourceId, SourceId>,
    /// Forms wanted beyond those that a place's own microphones ask for.
    wanted: BTreeMap<SourceId, Forms>,
    limiter: Limiter,
    output: Output,
    mixed: Box<Frame>,
    recent: VecDeque<Box<Frame>>,
    codec_errors: u64,
}

impl Room {
    /// # Errors
    /// When the encoder cannot be made.
    pub fn new(config: RoomConfig) -> Result<Self, SoundError> {
        Ok(Self {
            output: Output::new(config.shared)?,
            config: RoomConfig {
                heard: config.heard.clamp(1, 8),
                ..config
            },
            epoch: None,
            timestamp: 0,
            microphones: BTreeMap::new(),
            places: BTreeMap::new(),
            seats: BTreeMap::new(),
            wanted: BTreeMap::new(),
            limiter: Limiter::default(),
            mixed: Box::new([0.0; FRAME]),
            recent: VecDeque::with_capacity(PRIMING),
            codec_errors: 0,
        })
    }

    /// Opens a source's microphone; opening an open one changes nothing, unless other sound comes
    /// from it now.
    ///
    /// # Errors
    /// When too many are open, or the codec cannot be made.
    pub fn open(&mut self, source: SourceId, input: Input) -> Result<(), SoundError> {
        if let Some(microphone) = self.microphones.get_mut(&source)
            && microphone.input == input
        {
            microphone.open = true;
            return Ok(());
        }
        if self.microphones.len() >= self.config.open {
            return Err(SoundError::TooManyOpen(self.config.open));
        }
        let place = self.place_of(source);
        let microphone = Microphone::new(&self.config, input, place)?;
        self.microphones.insert(source, microphone);
        Ok(())
    }

    /// Closes a source's microphone: it fades out within the next tick, and soon the source is
    /// forgotten.
    pub fn close(&mut self, source: SourceId) {
        if let Some(microphone) = self.microphones.get_mut(&source) {
            microphone.open = false;
        }
    }

    /// `source` sits with `other` from now on, or for itself: those who sit together do not hear
    /// each other.
    pub fn seat(&mut self, source: SourceId, other: Option<SourceId>) {
        match other {
            Some(other) => self.seats.insert(source, other),
            None => self.seats.remove(&source),
        };
        let place = self.place_of(source);
        if let Some(microphone) = self.microphones.get_mut(&source) {
            microphone.place = place;
        }
    }

    /// A station listens at the place of `source`.
    pub fn want_opus(&mut self, source: SourceId) {
        self.wanted.entry(source).or_default().opus = true;
    }

    /// A telephone listens at the place of `source`.
    pub fn want_pcm(&mut self, source: SourceId) {
        self.wanted.entry(source).or_default().pcm = true;
    }

    /// The source is gone for good.
    pub fn forget(&mut self, source: SourceId) {
        self.close(source);
        self.seats.remove(&source);
        self.wanted.remove(&source);
    }

    fn place_of(&self, source: SourceId) -> SourceId {
        self.seats.get(&source).copied().unwrap_or(source)
    }

    /// Takes an RTP packet of a source as it arrived at `now`. Packets of a microphone that is
    /// not open are dropped.
    pub fn push(
        &mut self,
        source: SourceId,
        sequence: u16,
        timestamp: u32,
        payload: &[u8],
        now: Instant,
    ) {
        let now = self.clock(now);
        if let Some(microphone) = self.microphones.get_mut(&source)
            && microphone.open
        {
            microphone.receiver.push(sequence, timestamp, payload, now);
        }
    }

    /// A source's telephone sent comfort noise of so many -dBov instead of sound.
    pub fn comfort(&mut self, source: SourceId, level: u8) {
        if let Some(microphone) = self.microphones.get_mut(&source) {
            microphone.receiver.comfort(level);
        }
    }

    /// Makes the next 20 ms. Call it once per 20 ms; who comes late calls again, with the times
    /// at which the calls were due.
    pub fn tick(&mut self, now: Instant) -> MixOutput {
        let clock = self.clock(now);
        let timestamp = self.timestamp;
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        for microphone in self.microphones.values_mut() {
            microphone.listen(clock);
        }
        self.choose_heard();
        for microphone in self.microphones.values_mut() {
            microphone.fade();
        }
        let private = self.private_mixes();
        sum(&mut self.mixed, self.microphones.values());
        self.limiter.apply(&mut self.mixed);
        let shared = self.output.encode(&self.mixed, &mut self.codec_errors);
        let noisy = self.judge();
        self.remember();
        self.microphones
            .retain(|_, microphone| microphone.open || microphone.gain > 0.0);
        MixOutput {
            timestamp,
            shared,
            private,
            speaking: self.speaking(),
            noisy,
        }
    }

    /// The shared mix of the last tick, before encoding.
    #[must_use]
    pub fn mixed(&self) -> &Frame {
        &self.mixed
    }

    /// How long a source's sound is held before it is mixed, beyond its quickest packet; `None`
    /// while it is silent or not open. For lip sync.
    #[must_use]
    pub fn held(&self, source: SourceId) -> Option<Duration> {
        let held = self.microphones.get(&source)?.receiver.held()?;
        let held = u32::try_from(held).ok()?;
        Some(Duration::from_secs(1) * held / SAMPLE_RATE)
    }

    /// What happened to a source's packets since its microphone was opened.
    #[must_use]
    pub fn stats(&self, source: SourceId) -> Option<ReceiverStats> {
        Some(self.microphones.get(&source)?.receiver.stats())
    }

    /// Frames that an encoder refused; they were not sent.
    #[must_use]
    pub fn codec_errors(&self) -> u64 {
        self.codec_errors
    }

    fn clock(&mut self, now: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(now);
        samples(now.saturating_duration_since(epoch))
    }

    fn choose_heard(&mut self) {
        let mut candidates: Vec<Candidate<SourceId>> = self
            .microphones
            .iter()
            .filter(|(_, microphone)| microphone.open)
            .map(|(source, microphone)| Candidate {
                key: *source,
                level: microphone.meter.level(),
                speaking: microphone.meter.speaking(),
                heard: microphone.heard,
            })
            .collect();
        let heard = choose(&mut candidates, self.config.heard);
        for (source, microphone) in &mut self.microphones {
            microphone.heard = heard.contains(source);
        }
    }

    fn private_mixes(&mut self) -> Vec<PrivateMix> {
        for microphone in self.microphones.values() {
            self.places.entry(microphone.place).or_default();
        }
        let mut mixes = Vec::new();
        self.places.retain(|source, place| {
            let own = self.microphones.values().filter(|m| m.place == *source);
            let (mut here, mut audible) = (false, false);
            let mut forms = self.wanted.get(source).copied().unwrap_or_default();
            for microphone in own {
                here = true;
                audible |= microphone.audible;
                match microphone.input {
                    Input::Station => forms.opus = true,
                    Input::Telephone(_) => forms.pcm = true,
                }
            }
            if place.due(audible) {
                let mut frame = [0.0; FRAME];
                let others = self.microphones.values().filter(|m| m.place != *source);
                sum(&mut frame, others);
                let room = Surroundings {
                    config: &self.config,
                    recent: &self.recent,
                    limiter: &self.limiter,
                    errors: &mut self.codec_errors,
                };
                mixes.extend(place.hear(*source, frame, forms, room));
            }
            here
        });
        mixes
    }

    /// Whose line has begun or ceased to disturb.
    fn judge(&mut self) -> Vec<(SourceId, bool)> {
        let shared = dbov(&self.mixed[..]);
        let places = &self.places;
        let microphones = self.microphones.iter_mut();
        microphones
            .filter_map(|(source, microphone)| {
                let heard = places.get(&microphone.place).map_or(shared, |p| p.level);
                microphone.judge(heard).map(|noisy| (*source, noisy))
            })
            .collect()
    }

    /// Keeps the last shared frames for encoders that must be warmed up.
    fn remember(&mut self) {
        let mut frame = if self.recent.len() < PRIMING {
            Box::new([0.0; FRAME])
        } else {
            self.recent
                .pop_front()
                .unwrap_or_else(|| Box::new([0.0; FRAME]))
        };
        *frame = *self.mixed;
        self.recent.push_back(frame);
    }

    fn speaking(&self) -> Vec<Speaking> {
        let mut speaking: Vec<Speaking> = self
            .microphones
            .iter()
            .filter(|(_, microphone)| microphone.open && microphone.meter.speaking())
            .map(|(source, microphone)| Speaking {
                source: *source,
                level: microphone.meter.minus_dbov(),
            })
            .collect();
        speaking.sort_by_key(|one| (one.level, one.source));
        speaking
    }
}
