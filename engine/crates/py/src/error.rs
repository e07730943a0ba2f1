//! Which Python exception an error becomes.

use podium_net::{EngineError as NetError, PublishError};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyOSError};
use pyo3::prelude::*;

create_exception!(
    podium.media._engine,
    EngineError,
    PyException,
    "The caller's fault: unknown id, bad configuration. Never raised for peer input."
);
create_exception!(
    podium.media._engine,
    OfferError,
    PyException,
    "The peer's fault: the offer cannot be answered. args[0] says why in plain words."
);

/// A port that is taken is the system's matter, as everywhere in Python; all else the caller's.
pub fn engine(error: NetError) -> PyErr {
    match &error {
        NetError::Bind { source, .. } => match source.raw_os_error() {
            Some(code) => PyOSError::new_err((code, error.to_string())),
            None => PyOSError::new_err(error.to_string()),
        },
        _ => EngineError::new_err(error.to_string()),
    }
}

/// From [`podium_net::Engine::publish`].
pub fn publish(error: PublishError) -> PyErr {
    match error {
        PublishError::Engine(error) => engine(error),
        PublishError::Offer(error) => OfferError::new_err(error.to_string()),
    }
}

/// A name that means nothing.
pub fn unknown(what: &str, name: &str) -> PyErr {
    EngineError::new_err(format!("unknown {what} \"{name}\""))
}
