//! Podium's media engine: sockets, threads, and everything that touches the network.
//!
//! [`Engine`] is the whole of it. One public UDP port; a thread for publishers ([`ingest`]),
//! threads for viewers ([`worker`]), a thread for sound ([`sound`]). What happens to a packet is
//! `podium-media`'s affair, to sound `podium-sound`'s; this crate moves bytes and time.

mod command;
mod dtls;
mod engine;
mod error;
mod events;
mod ingest;
mod mailbox;
mod messages;
mod random;
mod registry;
mod sdp;
mod shared;
mod socket;
mod sound;
mod sys;
pub mod tap;
mod worker;

pub use command::{
    CodecSpec, Command, EndReason, Event, IceSpec, Kind, PRIVATE_SLOTS, ProgramSlot, RoomId,
    SessionId, Size, SlotName, StreamSpec, ViewerSpec,
};
pub use engine::{Config, Engine, Stats};
pub use error::{EngineError, OfferError, PublishError};
