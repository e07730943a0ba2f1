//! The one mix of a room. Open microphones are decoded, the loudest few are summed, and the sum
//! is encoded once for every listener; each microphone that is heard has a mix without itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::delay::Bounds;
use crate::level::{Candidate, Meter, choose};
use crate::limiter::Limiter;
use crate::opus::{Encoder, EncoderConfig};
use crate::receiver::{Receiver, ReceiverStats};
use crate::{FRAME, Frame, SAMPLE_RATE, SoundError, samples};

/// A publisher, as its owner numbers it.
pub type SourceId = u64;

/// Opening and closing fade over this many samples (10 ms).
const FADE: usize = 480;

/// Ticks for which a private mix goes on after its microphone fell silent in the mix (100 ms):
/// it equals the shared one by then, and the change-over is not heard.
const HANG: u32 = 5;

/// Ticks for which a private encoder is kept warm after that (5 s).
const WARM: u32 = 250;

/// Frames of the shared mix that warm a cold encoder up.
const PRIMING: usize = 3;

/// Opus frames of at most this many bytes hold no sound: the first tells the receiver that
/// silence has begun, the others need not be sent.
const NOTHING: usize = 2;

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

/// What one microphone's own venue hears instead of the shared mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateMix {
    /// The microphone that is left out.
    pub source: SourceId,
    /// An Opus packet; `None`: nothing to send at this tick.
    pub payload: Option<Arc<[u8]>>,
}

/// Result of one tick.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// The sound of one conference. Belongs to one thread.
pub struct Room {
    config: RoomConfig,
    epoch: Option<Instant>,
    timestamp: u32,
    microphones: BTreeMap<SourceId, Microphone>,
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
            mixed: Box::new([0.0; FRAME]),
            recent: VecDeque::with_capacity(PRIMING),
            codec_errors: 0,
        })
    }

    /// Opens or closes a source's microphone. Closing fades out within the next tick, and soon
    /// the source is forgotten; opening an open one changes nothing.
    ///
    /// # Errors
    /// When too many are open, or the codec cannot be made.
    pub fn set_open(&mut self, source: SourceId, open: bool) -> Result<(), SoundError> {
        if let Some(microphone) = self.microphones.get_mut(&source) {
            microphone.open = open;
            return Ok(());
        }
        if !open {
            return Ok(());
        }
        if self.microphones.len() >= self.config.open {
            return Err(SoundError::TooManyOpen(self.config.open));
        }
        self.microphones
            .insert(source, Microphone::new(&self.config)?);
        Ok(())
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
        let shared = self.output.encode(&mut self.mixed, &mut self.codec_errors);
        self.remember();
        self.microphones
            .retain(|_, microphone| microphone.open || microphone.gain > 0.0);
        MixOutput {
            timestamp,
            shared,
            private,
            speaking: self.speaking(),
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
        let sources: Vec<SourceId> = self.microphones.keys().copied().collect();
        let mut mixes = Vec::new();
        for source in sources {
            // Taken out of the map for the while, so that what is left is the others.
            let Some(mut own) = self.microphones.remove(&source) else {
                continue;
            };
            own.private_due();
            if own.unheard <= WARM {
                let mut frame = [0.0; FRAME];
                sum(&mut frame, self.microphones.values());
                if own.cold {
                    own.output.prime(&self.recent, &self.output.limiter);
                    own.cold = false;
                }
                let payload = own.output.encode(&mut frame, &mut self.codec_errors);
                if own.unheard <= HANG {
                    mixes.push(PrivateMix { source, payload });
                }
            } else {
                own.cold = true;
            }
            self.microphones.insert(source, own);
        }
        mixes
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

/// One open microphone, or one that fades out.
struct Microphone {
    open: bool,
    heard: bool,
    receiver: Receiver,
    meter: Meter,
    /// The sound of this tick; after [`Microphone::fade`] as it goes into the mix.
    frame: Box<Frame>,
    gain: f32,
    /// Some of `frame` is in the mix.
    audible: bool,
    output: Output,
    /// Ticks since it was last in the mix.
    unheard: u32,
    /// The private encoder has not followed the mix.
    cold: bool,
}

impl Microphone {
    fn new(config: &RoomConfig) -> Result<Self, SoundError> {
        Ok(Self {
            open: true,
            heard: false,
            receiver: Receiver::new(config.delay)?,
            meter: Meter::default(),
            frame: Box::new([0.0; FRAME]),
            gain: 0.0,
            audible: false,
            output: Output::new(config.private)?,
            unheard: WARM + 1,
            cold: true,
        })
    }

    fn listen(&mut self, now: i64) {
        self.receiver.pull(&mut self.frame, now);
        self.meter.update(&self.frame[..]);
    }

    /// Applies the gain, which moves to where it should be within 10 ms.
    fn fade(&mut self) {
        let goal = if self.open && self.heard { 1.0 } else { 0.0 };
        let step = (1.0 / FADE as f32).copysign(goal - self.gain);
        self.audible = goal > 0.0 || self.gain > 0.0;
        for sample in self.frame.iter_mut() {
            #[expect(clippy::float_cmp, reason = "the goal is reached exactly, by clamping")]
            if self.gain != goal {
                self.gain = (self.gain + step).clamp(0.0, 1.0);
            }
            *sample *= self.gain;
        }
    }

    fn private_due(&mut self) {
        self.unheard = if self.audible {
            0
        } else {
            self.unheard.saturating_add(1)
        };
    }
}

/// The end of one mix: limiter and encoder.
struct Output {
    limiter: Limiter,
    encoder: Encoder,
    /// The receiver knows that it is silent.
    quiet: bool,
}

impl Output {
    fn new(config: EncoderConfig) -> Result<Self, SoundError> {
        Ok(Self {
            limiter: Limiter::default(),
            encoder: Encoder::new(config)?,
            quiet: false,
        })
    }

    /// Lets a private encoder hear what its venue has been hearing: the shared mix.
    fn prime(&mut self, recent: &VecDeque<Box<Frame>>, limiter: &Limiter) {
        self.encoder.reset();
        for frame in recent {
            // A failed frame only makes the start less smooth.
            let _ = self.encoder.encode(frame);
        }
        self.limiter = limiter.clone();
        self.quiet = false;
    }

    /// Limits the frame in place and encodes it; `None`: nothing to send.
    fn encode(&mut self, frame: &mut Frame, errors: &mut u64) -> Option<Arc<[u8]>> {
        self.limiter.apply(frame);
        let Ok(payload) = self.encoder.encode(frame) else {
            *errors += 1;
            return None;
        };
        let was_quiet = std::mem::replace(&mut self.quiet, payload.len() <= NOTHING);
        (!(was_quiet && self.quiet)).then(|| Arc::from(payload))
    }
}

fn sum<'a>(into: &mut Frame, microphones: impl Iterator<Item = &'a Microphone>) {
    into.fill(0.0);
    for microphone in microphones.filter(|one| one.audible) {
        for (sum, sample) in into.iter_mut().zip(microphone.frame.iter()) {
            *sum += sample;
        }
    }
}
