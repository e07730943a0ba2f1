//! A viewers' thread: its sockets, its viewers, and the frames that go to them.

mod demux;
mod egress;
mod fanout;
mod ice;
mod riding;
mod slots;
mod stream;
mod timers;
mod viewer;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use podium_media::frame::{Frame, SlotId};

use crate::command::{EndReason, SessionId, SlotName};
use crate::dtls::Identity;
use crate::mailbox::Mailbox;
use crate::messages::{IngestControl, IngestPost, WorkerControl, WorkerMedia, WorkerPost};
use crate::registry::{Owner, ThreadIndex};
use crate::shared::Shared;
use crate::socket::Sockets;
use crate::sys::{ReceiveBatch, wait_readable};
pub use demux::named;
use egress::Egress;
use riding::{Held, RIDER};
use slots::{Seat, SlotState};
use stream::{Media, Stream};
use timers::Wheel;
use viewer::{Answers, Viewer};

/// Batches of datagrams taken between two looks at what else is waiting.
const RECEIVE_ROUNDS: usize = 4;
/// Messages of other threads likewise.
const MEDIA_ROUNDS: usize = 256;

/// A frame on its way to the viewers of its slot.
struct Job {
    frame: Arc<Frame>,
    /// Seats served so far.
    next: usize,
    since: Instant,
}

/// What a worker is made of.
pub struct Parts {
    /// For all threads.
    pub shared: Arc<Shared>,
    /// 1 and up.
    pub thread: ThreadIndex,
    /// Certificate.
    pub identity: Identity,
    /// Its sockets.
    pub sockets: Sockets,
    /// What others tell it.
    pub mailbox: Mailbox<WorkerControl, WorkerMedia>,
    /// The publishers' thread.
    pub ingest: IngestPost,
    /// All viewers' threads, for datagrams that are theirs.
    pub workers: Vec<WorkerPost>,
    /// RTP time of the reference clock's epoch.
    pub timestamp_base: u32,
}

/// The thread's state.
pub struct Worker {
    shared: Arc<Shared>,
    thread: ThreadIndex,
    identity: Identity,
    sockets: Sockets,
    mailbox: Mailbox<WorkerControl, WorkerMedia>,
    ingest: IngestPost,
    workers: Vec<WorkerPost>,
    timestamp_base: u32,
    egress: Egress,
    viewers: Vec<Option<Box<Viewer>>>,
    free: Vec<usize>,
    by_session: HashMap<SessionId, usize>,
    by_address: HashMap<SocketAddr, usize>,
    handshaking: Vec<usize>,
    slots: HashMap<SlotId, SlotState>,
    /// How many private slots look at a source's own slot.
    watched: HashMap<SlotId, usize>,
    jobs: VecDeque<Job>,
    replays: Vec<Seat>,
    /// Sound that waits for a picture to ride in.
    held: Vec<Held>,
    rider: Box<[u8; RIDER]>,
    wheel: Wheel,
}

impl Worker {
    /// Ready to run.
    pub fn new(parts: Parts) -> Self {
        let egress = Egress::new(Arc::clone(&parts.shared), parts.sockets.raw());
        Self {
            shared: parts.shared,
            thread: parts.thread,
            identity: parts.identity,
            sockets: parts.sockets,
            mailbox: parts.mailbox,
            ingest: parts.ingest,
            workers: parts.workers,
            timestamp_base: parts.timestamp_base,
            egress,
            viewers: Vec::new(),
            free: Vec::new(),
            by_session: HashMap::new(),
            by_address: HashMap::new(),
            handshaking: Vec::new(),
            slots: HashMap::new(),
            watched: HashMap::new(),
            jobs: VecDeque::new(),
            replays: Vec::new(),
            held: Vec::new(),
            rider: Box::new([0; RIDER]),
            wheel: Wheel::new(Instant::now()),
        }
    }

    /// Until told to stop.
    pub fn run(mut self) {
        let mut batch = ReceiveBatch::default();
        let sockets = self.sockets.raw();
        let mut descriptors = sockets.clone();
        descriptors.push(self.mailbox.raw());
        loop {
            let busy = !self.jobs.is_empty() || self.mailbox.is_waiting();
            let wait = match busy {
                true => Duration::ZERO,
                false => self.idle(Instant::now()),
            };
            let ready = wait_readable(&descriptors, Some(wait)).unwrap_or(u64::MAX);
            self.mailbox.hush();
            while let Some(message) = self.mailbox.take_control() {
                if !self.obey(message) {
                    self.farewell();
                    return;
                }
            }
            self.listen();
            for (path, &socket) in sockets.iter().enumerate() {
                if ready & (1 << path) != 0 {
                    self.receive((socket, path), &mut batch);
                }
            }
            let now = Instant::now();
            self.release_sound(now);
            self.slice(now);
            if self.wheel.replay_due(now) && !self.replays.is_empty() {
                self.replay(now);
            }
            self.tick(now);
            self.egress.flush();
        }
    }

    /// How long nothing is due.
    fn idle(&self, now: Instant) -> Duration {
        let wheel = self.wheel.wait(now, !self.replays.is_empty());
        self.sound_wait(now).map_or(wheel, |wait| wait.min(wheel))
    }

    /// What other threads send: sound at once, pictures in their turn.
    fn listen(&mut self) {
        for _ in 0..MEDIA_ROUNDS {
            let Some(message) = self.mailbox.take_media() else {
                return;
            };
            let now = Instant::now();
            match message {
                WorkerMedia::Picture(frame) => self.enqueue(frame, now),
                WorkerMedia::Sound(tick) => self.sound(tick, now),
                WorkerMedia::Datagram(datagram) => self.forwarded(datagram, now),
            }
        }
    }

    fn receive(&mut self, (socket, path): (RawFd, usize), batch: &mut ReceiveBatch) {
        for _ in 0..RECEIVE_ROUNDS {
            let Ok(count) = batch.receive(socket) else {
                return;
            };
            let now = Instant::now();
            self.shared.counters.packets_in.add(count as u64);
            for index in 0..count {
                if let Some((data, source)) = batch.get(index) {
                    self.datagram(data, source, path, now);
                }
            }
            self.egress.flush();
            if count < crate::sys::RECEIVE_BATCH {
                return;
            }
        }
    }

    /// False when the engine closes.
    fn obey(&mut self, message: WorkerControl) -> bool {
        let now = Instant::now();
        match message {
            WorkerControl::View(spec, slots) => {
                let session = spec.session;
                match Viewer::new(*spec, slots, &self.identity, now) {
                    Some(viewer) => self.admit(viewer),
                    None => self.shared.end_session(session, EndReason::DtlsFailed),
                }
            }
            WorkerControl::Restart(session, ice) => {
                if let Some(viewer) = self.find(session)
                    && let Some(gone) = viewer.ice.restart(ice)
                {
                    self.shared.registry.release_fragment(&gone);
                }
            }
            WorkerControl::Close(session) => self.end(session, EndReason::Closed),
            WorkerControl::CloseRoom(room, slots) => {
                let viewers = self.viewers.iter().flatten();
                let sessions: Vec<SessionId> = viewers
                    .filter(|v| v.room == room)
                    .map(|v| v.session)
                    .collect();
                for session in sessions {
                    self.end(session, EndReason::Closed);
                }
                for slot in slots.program.into_iter().chain([slots.sound]) {
                    self.forget_slot(slot);
                }
            }
            WorkerControl::SetPrivateSlot {
                viewer,
                index,
                slot,
                size,
            } => {
                self.set_private(viewer, index, (slot, size), now);
            }
            WorkerControl::SetSelf(session, own) => {
                if let Some(viewer) = self.find(session) {
                    viewer.own = own;
                }
            }
            WorkerControl::Dark(slot, false) => {
                if let Some(state) = self.slots.get_mut(&slot) {
                    state.darken();
                }
            }
            WorkerControl::Dark(slot, true) => self.forget_slot(slot),
            WorkerControl::Stop => return false,
        }
        true
    }

    fn find(&mut self, session: SessionId) -> Option<&mut Box<Viewer>> {
        let index = *self.by_session.get(&session)?;
        self.viewers.get_mut(index)?.as_mut()
    }

    fn admit(&mut self, viewer: Viewer) {
        let session = viewer.session;
        let viewer = Some(Box::new(viewer));
        let index = match self.free.pop() {
            Some(index) => {
                self.viewers[index] = viewer;
                index
            }
            None => {
                self.viewers.push(viewer);
                self.viewers.len() - 1
            }
        };
        self.by_session.insert(session, index);
        self.handshaking.push(index);
    }

    /// Keys are there: the viewer's streams take their seats.
    fn seat(&mut self, index: usize, now: Instant) {
        let Some(viewer) = self.viewers.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        let slots = viewer.slots;
        let mut seats = Vec::new();
        for (stream, each) in viewer.streams.iter_mut().enumerate() {
            let slot = match (&mut each.media, each.name) {
                (Media::Sound(_), _) => Some(slots.sound),
                (Media::Picture(picture), SlotName::Program(slot)) => {
                    picture.watch(Some(slots.of(slot)));
                    picture.out.watching()
                }
                (Media::Picture(picture), _) => picture.out.watching(),
            };
            seats.extend(slot.map(|slot| {
                (
                    Seat {
                        viewer: index,
                        stream,
                    },
                    slot,
                )
            }));
        }
        for (seat, slot) in seats {
            self.slots.entry(slot).or_default().seats.push(seat);
            self.welcome(seat, slot, now);
        }
    }

    fn set_private(
        &mut self,
        session: SessionId,
        index: u8,
        (slot, size): (Option<SlotId>, crate::command::Size),
        now: Instant,
    ) {
        let Some(&viewer_index) = self.by_session.get(&session) else {
            return;
        };
        let Some(viewer) = self.viewers.get_mut(viewer_index).and_then(Option::as_mut) else {
            return;
        };
        let connected = viewer.keys.is_some();
        let named = |s: &Stream| s.name == SlotName::Private(index);
        let Some(stream) = viewer.streams.iter().position(named) else {
            return;
        };
        let Media::Picture(picture) = &mut viewer.streams[stream].media else {
            return;
        };
        picture.set_size(size);
        let former = picture.out.watching();
        if former == slot {
            return;
        }
        picture.watch(slot);
        let seat = Seat {
            viewer: viewer_index,
            stream,
        };
        if let Some(slot) = slot {
            self.watch(slot);
            if connected {
                let state = self.slots.entry(slot).or_default();
                if !state.seats.contains(&seat) {
                    state.seats.push(seat);
                }
                self.welcome(seat, slot, now);
            }
        }
        if let Some(former) = former {
            self.unwatch(former);
        }
    }

    fn watch(&mut self, slot: SlotId) {
        let count = self.watched.entry(slot).or_default();
        *count += 1;
        if *count == 1 {
            self.ingest.control(IngestControl::Watch(slot, true));
        }
    }

    fn unwatch(&mut self, slot: SlotId) {
        let Some(count) = self.watched.get_mut(&slot) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            self.watched.remove(&slot);
            self.ingest.control(IngestControl::Watch(slot, false));
        }
    }

    fn forget_slot(&mut self, slot: SlotId) {
        self.slots.remove(&slot);
        self.watched.remove(&slot);
        self.jobs.retain(|job| job.frame.slot != slot);
        for stream in self
            .viewers
            .iter_mut()
            .flatten()
            .flat_map(|v| v.streams.iter_mut())
        {
            if let Media::Picture(picture) = &mut stream.media
                && picture.out.watching() == Some(slot)
            {
                picture.watch(None);
            }
        }
    }

    /// Ends a session, with a goodbye if it was by our command.
    fn end(&mut self, session: SessionId, reason: EndReason) {
        let Some(index) = self.by_session.remove(&session) else {
            return;
        };
        let Some(mut viewer) = self.viewers.get_mut(index).and_then(Option::take) else {
            return;
        };
        if reason == EndReason::Closed {
            let mut answers = Answers::new();
            viewer.close(Instant::now(), &mut answers);
            self.answer(&answers);
        }
        for fragment in viewer.ice.fragments() {
            self.shared.registry.release_fragment(fragment);
        }
        self.by_address.retain(|address, owner| {
            let his = *owner == index;
            if his {
                self.shared.registry.release_address(*address, session);
            }
            !his
        });
        self.vacate(index);
        for stream in &viewer.streams {
            if let (SlotName::Private(_), Media::Picture(picture)) = (stream.name, &stream.media)
                && let Some(slot) = picture.out.watching()
            {
                self.unwatch(slot);
            }
        }
        self.handshaking.retain(|i| *i != index);
        self.replays.retain(|seat| seat.viewer != index);
        self.free.push(index);
        self.shared.end_session(session, reason);
    }

    /// Takes a viewer's seats away; frames under way keep their place in the row.
    fn vacate(&mut self, index: usize) {
        for (id, slot) in &mut self.slots {
            let before = |next: usize| {
                slot.seats
                    .iter()
                    .take(next)
                    .filter(|seat| seat.viewer == index)
                    .count()
            };
            for job in self.jobs.iter_mut().filter(|job| job.frame.slot == *id) {
                job.next -= before(job.next);
            }
            slot.seats.retain(|seat| seat.viewer != index);
        }
    }

    fn answer(&mut self, answers: &Answers) {
        for (route, data) in answers {
            self.egress.datagram(*route, data);
        }
        self.egress.flush();
    }

    /// The engine closes: every viewer gets a goodbye.
    fn farewell(&mut self) {
        let sessions: Vec<SessionId> = self.by_session.keys().copied().collect();
        for session in sessions {
            self.end(session, EndReason::Closed);
        }
    }

    fn owner(&self, session: SessionId) -> Owner {
        Owner {
            thread: self.thread,
            session,
        }
    }
}
