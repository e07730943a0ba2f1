//! What the legs of one room hear, encoded once for each codec.

use std::collections::VecDeque;
use std::sync::Arc;

use podium_sound::wire::WireEncoder;
use podium_sound::{Codec, Frame, SoundError};

use crate::messages::PhoneTick;

/// Frames that bring a new Opus encoder near to the shared one.
const RECENT: usize = 3;
/// Codecs for which there is a shared encoder.
const CODECS: [Codec; 4] = [Codec::Pcma, Codec::Pcmu, Codec::G722, Codec::Opus];

struct Shared {
    encoder: WireEncoder,
    payload: Vec<u8>,
    /// The period that is in `payload`.
    period: u64,
    sent: bool,
}

/// One room, or the silence of those who are in none.
#[derive(Default)]
pub struct Feed {
    /// Who listens, by place in the table of legs.
    pub members: Vec<usize>,
    shared: [Option<Box<Shared>>; CODECS.len()],
    recent: VecDeque<Arc<Frame>>,
}

impl Feed {
    /// A new tick begins.
    pub fn begin(&mut self, tick: &PhoneTick) {
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::clone(&tick.shared));
    }

    /// The payload of this tick in that codec; None: nothing need be sent.
    pub fn payload<'a>(&'a mut self, codec: Codec, tick: &'a PhoneTick) -> Option<&'a [u8]> {
        if codec == Codec::Opus && tick.room.is_some() {
            return tick.opus.as_deref();
        }
        let shared = self.encoder(codec).ok()?;
        if shared.period != tick.period {
            shared.period = tick.period;
            shared.payload.clear();
            shared.sent = shared.encoder.encode(&tick.shared, &mut shared.payload);
        }
        shared.sent.then_some(&shared.payload)
    }

    /// An encoder for one leg that goes on where the shared one was before this tick.
    ///
    /// # Errors
    /// When the library cannot allocate.
    pub fn fork(&mut self, codec: Codec) -> Result<WireEncoder, SoundError> {
        let recent: Vec<Arc<Frame>> = self.recent.iter().cloned().collect();
        let before = recent.split_last().map_or(&[][..], |(_, before)| before);
        let frames: Vec<&Frame> = before.iter().map(AsRef::as_ref).collect();
        self.encoder(codec)?.encoder.fork(&frames)
    }

    fn encoder(&mut self, codec: Codec) -> Result<&mut Shared, SoundError> {
        let place = CODECS.iter().position(|c| *c == codec).unwrap_or(0);
        let slot = &mut self.shared[place];
        if slot.is_none() {
            *slot = Some(Box::new(Shared {
                encoder: WireEncoder::new(codec)?,
                payload: Vec::new(),
                period: 0,
                sent: false,
            }));
        }
        slot.as_deref_mut()
            .ok_or(SoundError::Codec("no encoder was made"))
    }
}
