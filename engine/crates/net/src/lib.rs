//! Podium's media engine: sockets, threads, and everything that touches the network.
//!
//! [`Engine`] is the whole of it. One public UDP port; a thread for publishers ([`ingest`]),
//! threads for viewers ([`worker`]) and for telephones ([`phones`]), a thread for sound ([`sound`]). What happens to a packet is
//! `podium-media`'s affair, to sound `podium-sound`'s; this crate moves bytes and time.

mod checks;
mod command;
mod dtls;
mod engine;
mod error;
mod events;
mod ingest;
mod legs;
mod mailbox;
mod messages;
mod phones;
mod random;
mod registry;
mod sdp;
mod shared;
mod socket;
mod sound;
mod stats;
mod sys;
pub mod tap;
mod worker;

pub use command::{
    CodecSpec, Command, EndReason, Event, IceSpec, Kind, LegSpec, PRIVATE_SLOTS, ProgramSlot,
    RoomId, SessionId, Size, SlotName, SrtpSpec, StreamSpec, ViewerSpec,
};
pub use engine::{Config, Engine};
pub use error::{EngineError, OfferError, PublishError};
pub use legs::PhonesConfig;
pub use podium_media::srtp::Profile;
pub use podium_sound::Codec;
pub use stats::Stats;

/// Entries for fuzz targets.
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::phones::fuzzing::leg;
}
