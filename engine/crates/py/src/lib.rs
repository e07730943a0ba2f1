//! The media engine as a Python module. Everything it offers is in `_engine.pyi`.

#![allow(missing_docs)] // The stub is the documentation.

mod command;
mod error;
mod event;

use std::sync::{Mutex, MutexGuard, PoisonError};

use podium_net as net;
use pyo3::prelude::*;

use command::{Codec, Command, Stream};
use event::Event;

/// Counters since start. `threads`: (name, user seconds, system seconds).
#[pyclass(frozen, get_all, module = "podium.media._engine")]
struct EngineStats {
    packets_in: u64,
    packets_out: u64,
    bytes_out: u64,
    retransmitted: u64,
    dropped_slow: u64,
    rejected: u64,
    publishers: usize,
    viewers: usize,
    legs: usize,
    threads: Vec<(String, f64, f64)>,
}

/// Sockets, worker threads and everything that touches a media packet.
#[pyclass(frozen, module = "podium.media._engine")]
struct Engine {
    inner: Mutex<net::Engine>,
}

impl Engine {
    fn inner(&self) -> MutexGuard<'_, net::Engine> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        *, listen, public, workers = 1, gso = true,
        phones = None, phone_ports = (0, 0), phone_workers = 1
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        listen: Vec<String>,
        public: Vec<String>,
        workers: usize,
        gso: bool,
        phones: Option<String>,
        phone_ports: (u16, u16),
        phone_workers: usize,
    ) -> PyResult<Self> {
        let config = net::Config {
            listen,
            public,
            workers,
            gso,
            phones: phones.map(|listen| net::PhonesConfig {
                listen,
                ports: phone_ports,
                workers: phone_workers,
            }),
        };
        let engine = py
            .detach(|| net::Engine::new(&config))
            .map_err(error::engine)?;
        Ok(Self {
            inner: Mutex::new(engine),
        })
    }

    #[getter]
    fn fingerprint(&self) -> String {
        self.inner().fingerprint().to_owned()
    }

    #[getter]
    fn candidates(&self) -> Vec<(String, u16)> {
        self.inner()
            .candidates()
            .iter()
            .map(|a| (a.ip().to_string(), a.port()))
            .collect()
    }

    fn fileno(&self) -> i32 {
        self.inner().fileno()
    }

    fn poll(&self, py: Python<'_>) -> PyResult<Vec<Event>> {
        let events = py.detach(|| self.inner().poll()).map_err(error::engine)?;
        Ok(events.into_iter().map(Event::from).collect())
    }

    fn submit(&self, py: Python<'_>, command: Command) -> PyResult<()> {
        let command = command.into_net()?;
        py.detach(|| self.inner().submit(command))
            .map_err(error::engine)
    }

    #[pyo3(signature = (room, session, offer, *, label))]
    fn publish(
        &self,
        py: Python<'_>,
        room: u64,
        session: u64,
        offer: &str,
        label: &str,
    ) -> PyResult<String> {
        py.detach(|| self.inner().publish(room, session, offer, label))
            .map_err(error::publish)
    }

    fn open_leg(&self, py: Python<'_>, session: u64) -> PyResult<(String, u16)> {
        let address = py
            .detach(|| self.inner().open_leg(session))
            .map_err(error::engine)?;
        Ok((address.ip().to_string(), address.port()))
    }

    fn load_prompt(&self, py: Python<'_>, name: &str, pcm: &[u8]) -> PyResult<()> {
        py.detach(|| self.inner().load_prompt(name, pcm))
            .map_err(error::engine)
    }

    fn stats(&self, py: Python<'_>) -> EngineStats {
        let stats = py.detach(|| self.inner().stats());
        EngineStats {
            packets_in: stats.packets_in,
            packets_out: stats.packets_out,
            bytes_out: stats.bytes_out,
            retransmitted: stats.retransmitted,
            dropped_slow: stats.dropped_slow,
            rejected: stats.rejected,
            publishers: stats.publishers,
            viewers: stats.viewers,
            legs: stats.legs,
            threads: stats.threads,
        }
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.inner().close());
    }
}

#[pymodule]
mod _engine {
    use super::*;

    #[pymodule_export]
    use super::error::{EngineError, OfferError};
    #[pymodule_export]
    use super::{Codec, Command, Engine, EngineStats, Event, Stream};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("BUILD", env!("PODIUM_BUILD"))
    }
}
