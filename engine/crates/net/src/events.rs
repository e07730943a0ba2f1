//! The way out: a bounded queue of events behind one descriptor.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::Event;
use crate::sys::EventFd;

/// Events that may wait; beyond it, reports that a later one replaces are dropped first.
const LIMIT: usize = 65_536;

struct Shared {
    queue: Mutex<VecDeque<Event>>,
    event: EventFd,
}

/// Cheap to clone; any thread puts, the caller takes.
#[derive(Clone)]
pub struct Events(Arc<Shared>);

impl Events {
    /// An empty queue.
    pub fn new() -> io::Result<Self> {
        let shared = Shared {
            queue: Mutex::new(VecDeque::new()),
            event: EventFd::new()?,
        };
        Ok(Self(Arc::new(shared)))
    }

    /// Adds one. When nobody takes them, periodic reports are lost, never changes of state.
    pub fn put(&self, event: Event) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let periodic = matches!(
            event,
            Event::Quality { .. } | Event::Speaking { .. } | Event::LegQuiet { .. }
        );
        if queue.len() >= LIMIT && periodic {
            return;
        }
        let first = queue.is_empty();
        queue.push_back(event);
        drop(queue);
        if first {
            self.0.event.notify();
        }
    }

    /// Takes all and rearms the descriptor.
    pub fn take(&self) -> Vec<Event> {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.event.clear();
        queue.drain(..).collect()
    }

    /// Makes the descriptor readable without an event: a thread failed and `poll` must say so.
    pub fn wake(&self) {
        self.0.event.notify();
    }

    /// Readable when `take` has something.
    pub fn raw(&self) -> RawFd {
        self.0.event.raw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::EndReason;
    use crate::sys::wait_readable;
    use std::time::Duration;

    #[test]
    fn the_descriptor_follows_the_queue() {
        let events = Events::new().expect("eventfd");
        let ready = |e: &Events| wait_readable(&[e.raw()], Some(Duration::ZERO)).expect("poll");
        assert_eq!(ready(&events), 0);
        events.put(Event::Disconnected {
            session: 1,
            reason: EndReason::Closed,
        });
        events.put(Event::Connected {
            session: 2,
            profile: "AEAD_AES_256_GCM",
        });
        assert_eq!(ready(&events), 1);
        assert_eq!(events.take().len(), 2);
        assert_eq!(ready(&events), 0);
        events.put(Event::Disconnected {
            session: 3,
            reason: EndReason::Closed,
        });
        assert_eq!(ready(&events), 1);
    }

    #[test]
    fn an_idle_caller_loses_reports_but_no_changes() {
        let events = Events::new().expect("eventfd");
        for _ in 0..LIMIT + 10 {
            events.put(Event::Speaking {
                room: 1,
                levels: Vec::new(),
            });
        }
        events.put(Event::Disconnected {
            session: 3,
            reason: EndReason::Closed,
        });
        let taken = events.take();
        assert_eq!(taken.len(), LIMIT + 1);
        assert!(matches!(taken.last(), Some(Event::Disconnected { .. })));
    }
}
