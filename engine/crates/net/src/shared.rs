//! What all threads of one engine share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use podium_media::frame::SlotId;
use podium_media::time::ReferenceClock;

use crate::command::{EndReason, Event, RoomId, SessionId};
use crate::events::Events;
use crate::messages::RoomSlots;
use crate::phones::Prompt;
use crate::registry::{Registry, ThreadIndex};
use crate::sound::TICK;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Datagrams received.
    pub packets_in: Counter,
    /// Media packets sent to viewers.
    pub packets_out: Counter,
    /// Bytes of them, as UDP payload.
    pub bytes_out: Counter,
    /// Media packets sent again.
    pub retransmitted: Counter,
    /// Media packets not sent because a viewer or thread was too slow.
    pub dropped_slow: Counter,
    /// Datagrams that belong to nobody or failed authentication.
    pub rejected: Counter,
}

/// What is known of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// A publisher and its own slot.
    Publisher(RoomId, SlotId),
    /// A viewer and its thread.
    Viewer(RoomId, ThreadIndex),
    /// A leg and which of the phones' threads.
    Leg(usize),
    /// Over.
    Ended,
}

/// Rooms and sessions by identifier.
#[derive(Debug, Default)]
pub struct Directory {
    /// Open rooms.
    pub rooms: HashMap<RoomId, RoomSlots>,
    /// All that ever were: identifiers are not reused.
    pub sessions: HashMap<SessionId, Session>,
    /// Viewers by thread.
    pub load: Vec<usize>,
    slots: u64,
}

impl Directory {
    /// A slot identifier that was never used.
    pub fn new_slot(&mut self) -> SlotId {
        self.slots += 1;
        SlotId(self.slots)
    }

    /// The viewers' thread with the fewest viewers.
    pub fn idlest(&self) -> ThreadIndex {
        let least = self
            .load
            .iter()
            .enumerate()
            .min_by_key(|(_, count)| **count);
        least.map_or(1, |(index, _)| index + 1)
    }
}

/// What all threads share.
pub struct Shared {
    /// Whose datagram.
    pub registry: Registry,
    /// The way out.
    pub events: Events,
    /// Counters.
    pub counters: Counters,
    /// The one reference clock.
    pub clock: ReferenceClock,
    /// Segmentation by the kernel; turned off for good where it fails.
    pub gso: AtomicBool,
    epoch: Instant,
    prompts: Mutex<HashMap<String, Arc<Prompt>>>,
    directory: Mutex<Directory>,
    threads: Mutex<Vec<(String, i32)>>,
    failed: Mutex<Option<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// With that many viewers' threads.
    pub fn new(events: Events, gso: bool, workers: usize) -> Self {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let epoch = Instant::now();
        let directory = Directory {
            load: vec![0; workers],
            ..Directory::default()
        };
        Self {
            registry: Registry::default(),
            events,
            counters: Counters::default(),
            clock: ReferenceClock::new(epoch, unix),
            gso: AtomicBool::new(gso),
            epoch,
            prompts: Mutex::new(HashMap::new()),
            directory: Mutex::new(directory),
            threads: Mutex::new(Vec::new()),
            failed: Mutex::new(None),
        }
    }

    /// Rooms and sessions; hold it briefly.
    pub fn directory(&self) -> MutexGuard<'_, Directory> {
        lock(&self.directory)
    }

    /// A session is over: says so, once.
    pub fn end_session(&self, session: SessionId, reason: EndReason) {
        let mut directory = self.directory();
        let previous = directory.sessions.insert(session, Session::Ended);
        if previous == Some(Session::Ended) {
            return;
        }
        if let Some(Session::Viewer(_, thread)) = previous
            && let Some(count) = directory.load.get_mut(thread - 1)
        {
            *count = count.saturating_sub(1);
        }
        drop(directory);
        self.events.put(Event::Disconnected { session, reason });
    }

    /// Publishers, viewers and legs at present.
    pub fn population(&self) -> (usize, usize, usize) {
        let directory = self.directory();
        let count = |kind: fn(&Session) -> bool| {
            let sessions = directory.sessions.values();
            sessions.filter(|session| kind(session)).count()
        };
        let publishers = count(|s| matches!(s, Session::Publisher(..)));
        let legs = count(|s| matches!(s, Session::Leg(_)));
        (publishers, directory.load.iter().sum(), legs)
    }

    /// Which 20 ms since the start it is, to the nearest.
    pub fn period(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.epoch) + TICK / 2;
        u64::try_from(since.as_nanos() / TICK.as_nanos()).unwrap_or(0)
    }

    /// Prompts by name.
    pub fn prompts(&self) -> MutexGuard<'_, HashMap<String, Arc<Prompt>>> {
        lock(&self.prompts)
    }

    /// The calling thread is one of the engine's.
    pub fn enlist(&self, name: &str) {
        lock(&self.threads).push((name.to_owned(), crate::sys::thread_id()));
    }

    /// Names and system identifiers of the engine's threads.
    pub fn threads(&self) -> Vec<(String, i32)> {
        lock(&self.threads).clone()
    }

    /// A thread died of a bug.
    pub fn fail(&self, thread: &str) {
        lock(&self.failed).get_or_insert_with(|| thread.to_owned());
        self.events.wake();
    }

    /// Which thread died.
    pub fn failure(&self) -> Option<String> {
        lock(&self.failed).clone()
    }
}
