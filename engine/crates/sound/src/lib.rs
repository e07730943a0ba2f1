//! Sound of a conference: jitter buffers, codecs, levels and the one mix that every listener hears.
//!
//! Without I/O and without a clock: packets and time come in as arguments, payloads go out.
//! Everything runs at 48 kHz, mono, in frames of 20 ms; time differences are counted in samples.
//! Whatever a peer sends, nothing here panics or grows without bound.
#![forbid(unsafe_code)]

pub mod codec;
pub mod delay;
pub mod g711;
pub mod g722;
pub mod jitter;
pub mod level;
pub mod leveller;
pub mod limiter;
pub mod microphone;
pub mod mixer;
pub mod narrow;
pub mod noise;
pub mod opus;
pub mod place;
pub mod receiver;
pub mod resample;
pub mod stretch;
pub mod wire;

pub use codec::Codec;
pub use microphone::Input;
pub use mixer::{MixOutput, Room, RoomConfig, SourceId, Speaking};
pub use place::PrivateMix;

/// Samples per second of everything in this crate.
pub const SAMPLE_RATE: u32 = 48_000;

/// Samples in one tick of the mixer (20 ms).
pub const FRAME: usize = 960;

/// One tick of sound, nominally within -1.0 ..= 1.0.
pub type Frame = [f32; FRAME];

/// What can go wrong here that is not a peer's doing.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// The codec library refused; out of memory, in practice.
    #[error("Opus failed: {0}")]
    Codec(&'static str),
    /// More microphones opened than one room may decode at once.
    #[error("a room can have at most {0} microphones open; close one first")]
    TooManyOpen(usize),
}

/// A duration in samples, for lengths that are known to be short.
#[must_use]
pub fn samples(duration: std::time::Duration) -> i64 {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 48);
    micros.saturating_mul(48) / 1000
}
