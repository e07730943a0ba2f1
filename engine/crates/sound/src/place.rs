//! A place with open microphones: it hears a mix without itself.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::level::dbov;
use crate::limiter::Limiter;
use crate::mixer::{RoomConfig, SourceId};
use crate::opus::Encoder;
use crate::{Frame, SoundError, opus};

/// Ticks for which a private mix goes on after its microphones fell silent in the mix (100 ms):
/// it equals the shared one by then, and the change-over is not heard.
const HANG: u32 = 5;

/// Ticks for which a private encoder is kept warm after that (5 s).
const WARM: u32 = 250;

/// Opus frames of at most this many bytes hold no sound: the first tells the receiver that
/// silence has begun, the others need not be sent.
const NOTHING: usize = 2;

/// What one place hears instead of the shared mix.
#[derive(Debug, Clone, PartialEq)]
pub struct PrivateMix {
    /// The source that stands for the place that is left out.
    pub source: SourceId,
    /// An Opus packet; `None`: nothing to send at this tick.
    pub payload: Option<Arc<[u8]>>,
    /// The same before encoding, where telephones listen.
    pub pcm: Option<Arc<Frame>>,
}

/// In which forms a place's mix is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forms {
    /// For stations.
    pub opus: bool,
    /// For telephones.
    pub pcm: bool,
}

/// The private mix of one place.
pub(crate) struct Place {
    limiter: Limiter,
    output: Option<Output>,
    /// Ticks since one of its microphones was last in the mix.
    unheard: u32,
    /// The private encoder has not followed the mix.
    cold: bool,
    /// Level of what it heard last, dBov.
    pub level: f32,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            limiter: Limiter::default(),
            output: None,
            unheard: WARM + 1,
            cold: true,
            level: -127.0,
        }
    }
}

/// What [`Place::hear`] needs of its room.
pub(crate) struct Surroundings<'a> {
    pub config: &'a RoomConfig,
    pub recent: &'a VecDeque<Box<Frame>>,
    pub limiter: &'a Limiter,
    pub errors: &'a mut u64,
}

impl Place {
    /// Whether a private mix is needed at this tick; `audible`: one of its own is in the mix.
    pub fn due(&mut self, audible: bool) -> bool {
        self.unheard = if audible {
            0
        } else {
            self.unheard.saturating_add(1)
        };
        self.cold |= self.unheard > WARM;
        self.unheard <= WARM
    }

    /// Makes the mix of this tick from the sum of the others; what is to be sent, if anything.
    pub fn hear(
        &mut self,
        source: SourceId,
        mut frame: Frame,
        forms: Forms,
        room: Surroundings<'_>,
    ) -> Option<PrivateMix> {
        let fresh = std::mem::take(&mut self.cold);
        if fresh {
            self.limiter = room.limiter.clone();
        }
        self.limiter.apply(&mut frame);
        self.level = dbov(&frame);
        let payload = if forms.opus {
            self.encode(&frame, fresh, room)
        } else {
            self.output = None;
            None
        };
        (self.unheard <= HANG).then(|| PrivateMix {
            source,
            payload,
            pcm: forms.pcm.then(|| Arc::new(frame)),
        })
    }

    fn encode(&mut self, frame: &Frame, fresh: bool, room: Surroundings<'_>) -> Option<Arc<[u8]>> {
        let fresh = fresh || self.output.is_none();
        if self.output.is_none() {
            match Output::new(room.config.private) {
                Ok(output) => self.output = Some(output),
                Err(_) => *room.errors += 1,
            }
        }
        let output = self.output.as_mut()?;
        if fresh {
            output.prime(room.recent);
        }
        output.encode(frame, room.errors)
    }
}

/// The end of one mix in Opus.
pub(crate) struct Output {
    encoder: Encoder,
    /// The receiver knows that it is silent.
    quiet: bool,
}

impl Output {
    pub fn new(config: opus::EncoderConfig) -> Result<Self, SoundError> {
        Ok(Self {
            encoder: Encoder::new(config)?,
            quiet: false,
        })
    }

    /// Lets a private encoder hear what its venue has been hearing: the shared mix.
    fn prime(&mut self, recent: &VecDeque<Box<Frame>>) {
        self.encoder.reset();
        for frame in recent {
            // A failed frame only makes the start less smooth.
            let _ = self.encoder.encode(frame);
        }
        self.quiet = false;
    }

    /// Encodes the frame; `None`: nothing to send.
    pub fn encode(&mut self, frame: &Frame, errors: &mut u64) -> Option<Arc<[u8]>> {
        let Ok(payload) = self.encoder.encode(frame) else {
            *errors += 1;
            return None;
        };
        let was_quiet = std::mem::replace(&mut self.quiet, payload.len() <= NOTHING);
        (!(was_quiet && self.quiet)).then(|| Arc::from(payload))
    }
}
