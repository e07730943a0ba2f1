//! Errors that the caller sees. A peer's packets never make one.

use thiserror::Error;

/// The caller's fault, or the machine's.
#[derive(Debug, Error)]
pub enum EngineError {
    /// An address that cannot be read or announced.
    #[error("{0}")]
    Config(String),
    /// The socket could not be made.
    #[error("cannot open UDP port {address}: {source}")]
    Bind {
        /// As configured.
        address: String,
        /// From the system.
        source: std::io::Error,
    },
    /// No leg can be opened.
    #[error("no free pair of ports for a leg on {range}: {source}; widen the range")]
    NoLegPort {
        /// As configured.
        range: String,
        /// From the system.
        source: std::io::Error,
    },
    /// A system call that must not fail did.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// From the system.
        source: std::io::Error,
    },
    /// No such room.
    #[error("room {0} is not open")]
    UnknownRoom(u64),
    /// The room is already there.
    #[error("room {0} is already open")]
    RoomExists(u64),
    /// No such session, ever.
    #[error("session {0} is unknown")]
    UnknownSession(u64),
    /// Identifiers are never reused.
    #[error("session {0} exists or existed: identifiers are not reused")]
    SessionExists(u64),
    /// A value out of range.
    #[error("{0}")]
    Invalid(String),
    /// The engine is closed.
    #[error("the engine is closed")]
    Closed,
    /// A thread died of a bug.
    #[error("the engine's thread {0} failed; restart the service and report this")]
    Failed(String),
}

impl EngineError {
    /// For `map_err`: names the system call.
    pub(crate) fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}

/// The peer's fault: its offer cannot be answered.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct OfferError(pub String);

/// Either, from [`crate::Engine::publish`].
#[derive(Debug, Error)]
pub enum PublishError {
    /// The caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The peer's fault.
    #[error(transparent)]
    Offer(#[from] OfferError),
}
