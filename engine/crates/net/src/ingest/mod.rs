//! The publishers' thread: their sockets, their peers, and the slots that their pictures fill.

mod crypto;
mod demux;
mod media;
mod publisher;
mod room;

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use podium_media::clock::SenderClock;
use podium_media::codec::Codec;
use podium_media::frame::{Frame, SlotId, SourceId};
use podium_media::slot::{Slot, SlotConfig};
use podium_sound::Input;

use crate::command::{EndReason, Event, Kind, RoomId, SessionId};
use crate::mailbox::Mailbox;
use crate::messages::{
    Datagram, IngestControl, RoomSlots, SoundMessage, WorkerControl, WorkerPost,
};
use crate::shared::Shared;
use crate::socket::Sockets;
use crate::sys::{ReceiveBatch, wait_readable};
use crate::tap::{self, Tap};
use publisher::Happening;
pub use publisher::{Publisher, Template};
use room::{Room, SlotOwner};

/// Batches of datagrams taken between two looks at what else is waiting.
const RECEIVE_ROUNDS: usize = 8;
/// How often sources are looked after.
const LOOK_AFTER: Duration = Duration::from_millis(250);
/// A source without a packet for so long has stopped.
const STOPPED: Duration = Duration::from_secs(2);
/// Timers are not finer than this.
const GRAIN: Duration = Duration::from_millis(1);

/// Sound or picture of a publisher.
#[derive(Default)]
struct Track {
    codec: Option<Codec>,
    last: Option<Instant>,
}

/// A publisher and what is known of its media.
struct Peer {
    publisher: Publisher,
    clock: SenderClock,
    /// Its pictures for those who look at it alone.
    own: Slot,
    /// Threads with somebody who does.
    watchers: usize,
    audio: Track,
    video: Track,
    microphone: bool,
    /// SSRC of each layer.
    layers: [Option<u32>; podium_media::frame::Layers::MAX],
    bytes: u64,
    told: Instant,
    due: Instant,
}

impl Peer {
    fn track(&mut self, kind: Kind) -> &mut Track {
        match kind {
            Kind::Audio => &mut self.audio,
            Kind::Video => &mut self.video,
        }
    }
}

/// What the thread is made of.
pub struct Parts {
    /// For all threads.
    pub shared: Arc<Shared>,
    /// Its sockets.
    pub sockets: Sockets,
    /// What others tell it.
    pub mailbox: Mailbox<IngestControl, Datagram>,
    /// Viewers' threads.
    pub workers: Vec<WorkerPost>,
    /// The sound thread.
    pub sound: Sender<SoundMessage>,
    /// RTP time of the reference clock's epoch.
    pub timestamp_base: u32,
}

/// The thread's state.
pub struct Ingest {
    parts: Parts,
    peers: HashMap<SessionId, Peer>,
    by_address: HashMap<SocketAddr, SessionId>,
    timers: BTreeSet<(Instant, SessionId)>,
    /// Publishers whose own slot somebody looks at.
    watched: BTreeSet<SessionId>,
    rooms: HashMap<RoomId, Room>,
    owners: HashMap<SlotId, SlotOwner>,
    happenings: Vec<Happening>,
    frames: Vec<Arc<Frame>>,
    next_look: Instant,
}

impl Ingest {
    /// Ready to run.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            peers: HashMap::new(),
            by_address: HashMap::new(),
            timers: BTreeSet::new(),
            watched: BTreeSet::new(),
            rooms: HashMap::new(),
            owners: HashMap::new(),
            happenings: Vec::new(),
            frames: Vec::new(),
            next_look: Instant::now() + LOOK_AFTER,
        }
    }

    /// Until told to stop.
    pub fn run(mut self) {
        let mut batch = ReceiveBatch::default();
        let sockets = self.parts.sockets.raw();
        let mut descriptors = sockets.clone();
        descriptors.push(self.parts.mailbox.raw());
        loop {
            let wait = self.deadline().saturating_duration_since(Instant::now());
            let ready = wait_readable(&descriptors, Some(wait)).unwrap_or(u64::MAX);
            self.parts.mailbox.hush();
            while let Some(message) = self.parts.mailbox.take_control() {
                if !self.obey(message) {
                    self.farewell();
                    return;
                }
            }
            while let Some(datagram) = self.parts.mailbox.take_media() {
                self.forwarded(&datagram);
            }
            for (path, &socket) in sockets.iter().enumerate() {
                if ready & (1 << path) != 0 {
                    self.receive(socket, path, &mut batch);
                }
            }
            self.pass_time(Instant::now());
        }
    }

    fn deadline(&self) -> Instant {
        let timer = self.timers.first().map_or(self.next_look, |(at, _)| *at);
        let slots = self.rooms.values().filter_map(Room::deadline);
        let watched = self.watched.iter().filter_map(|id| self.peers.get(id));
        let own = watched.filter_map(|peer| peer.own.deadline());
        slots
            .chain(own)
            .fold(timer.min(self.next_look), Instant::min)
    }

    fn receive(&mut self, socket: i32, path: usize, batch: &mut ReceiveBatch) {
        for _ in 0..RECEIVE_ROUNDS {
            let Ok(count) = batch.receive(socket) else {
                return;
            };
            let now = Instant::now();
            self.parts.shared.counters.packets_in.add(count as u64);
            for index in 0..count {
                if let Some((data, source)) = batch.get(index) {
                    self.datagram(data, (source, path), now);
                }
            }
            if count < crate::sys::RECEIVE_BATCH {
                return;
            }
        }
    }

    /// False when the engine closes.
    fn obey(&mut self, message: IngestControl) -> bool {
        match message {
            IngestControl::OpenRoom(id, slots) => self.open_room(id, slots),
            IngestControl::CloseRoom(id) => self.close_room(id),
            IngestControl::Publish(publisher, slot) => self.admit(*publisher, slot),
            IngestControl::Close(session) => self.close(session),
            IngestControl::SetSlot(room, slot, source) => self.set_slot(room, slot, source),
            IngestControl::SetMicrophone(source, open) => self.set_microphone(source, open),
            IngestControl::Watch(slot, begins) => self.watch(slot, begins),
            IngestControl::Keyframe(slot, layer) => self.want_keyframe(slot, layer),
            IngestControl::StartTap(room, fd) => self.start_tap(room, fd),
            IngestControl::StopTap(room) => self.stop_tap(room),
            IngestControl::Stop => return false,
        }
        true
    }

    fn open_room(&mut self, id: RoomId, slots: RoomSlots) {
        for (place, slot) in slots.program.into_iter().enumerate() {
            self.owners.insert(slot, SlotOwner::Program(id, place));
        }
        self.rooms
            .insert(id, Room::new(slots, self.parts.timestamp_base));
    }

    fn close_room(&mut self, id: RoomId) {
        let of_room = |p: &&Peer| p.publisher.room == id;
        let sessions: Vec<SessionId> = self
            .peers
            .values()
            .filter(of_room)
            .map(|p| p.publisher.session)
            .collect();
        for session in sessions {
            self.close(session);
        }
        self.stop_tap(id);
        if let Some(room) = self.rooms.remove(&id) {
            for slot in room.slots.program {
                self.owners.remove(&slot);
            }
        }
    }

    fn admit(&mut self, publisher: Publisher, slot: SlotId) {
        let session = publisher.session;
        let now = Instant::now();
        self.owners.insert(slot, SlotOwner::Own(session));
        let own = Slot::new(SlotConfig::new(slot, self.parts.timestamp_base));
        let due = publisher.next;
        self.timers.insert((due, session));
        let peer = Peer {
            publisher,
            clock: SenderClock::new(),
            own,
            watchers: 0,
            audio: Track::default(),
            video: Track::default(),
            microphone: false,
            layers: Default::default(),
            bytes: 0,
            told: now,
            due,
        };
        self.peers.insert(session, peer);
    }

    fn close(&mut self, session: SessionId) {
        let mut happenings = std::mem::take(&mut self.happenings);
        if let Some(peer) = self.peers.get_mut(&session) {
            peer.publisher.close(&mut happenings);
        }
        self.happenings = happenings;
        self.settle(session, Instant::now());
    }

    /// A session is over: nothing of it stays.
    fn remove(&mut self, session: SessionId, reason: EndReason) {
        let Some(mut peer) = self.peers.remove(&session) else {
            return;
        };
        self.timers.remove(&(peer.due, session));
        self.parts
            .shared
            .registry
            .release_fragment(&peer.publisher.fragment);
        for address in std::mem::take(&mut peer.publisher.addresses) {
            self.parts.shared.registry.release_address(address, session);
            if self.by_address.get(&address) == Some(&session) {
                self.by_address.remove(&address);
            }
        }
        self.watched.remove(&session);
        self.owners.remove(&peer.own.id());
        self.tell_workers(|| WorkerControl::Dark(peer.own.id(), true));
        let source = SourceId(session);
        let mut dark = Vec::new();
        if let Some(room) = self.rooms.get_mut(&peer.publisher.room) {
            dark = room.forget(source, &mut self.frames);
        }
        self.frames.clear();
        self.tell_tap(peer.publisher.room, Instant::now());
        for slot in dark {
            self.tell_workers(|| WorkerControl::Dark(slot, false));
        }
        if peer.microphone {
            self.tell_sound(SoundMessage::Microphone(peer.publisher.room, session, None));
        }
        for kind in [Kind::Audio, Kind::Video] {
            if peer.track(kind).codec.is_some() {
                self.parts
                    .shared
                    .events
                    .put(Event::SourceStopped { session, kind });
            }
        }
        self.parts.shared.end_session(session, reason);
    }

    fn set_microphone(&mut self, source: SessionId, open: bool) {
        if let Some(peer) = self.peers.get_mut(&source)
            && peer.microphone != open
        {
            peer.microphone = open;
            let room = peer.publisher.room;
            let input = open.then_some(Input::Station);
            self.tell_sound(SoundMessage::Microphone(room, source, input));
        }
    }

    fn start_tap(&mut self, id: RoomId, fd: OwnedFd) {
        self.stop_tap(id);
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        match tap::start(id, fd, room.slots, self.parts.shared.events.clone()) {
            Ok(post) => {
                room.tap = Some(Tap::new(post.clone(), Instant::now()));
                self.tell_sound(SoundMessage::Tap(id, Some(post)));
            }
            Err(error) => {
                let reason = error.to_string();
                self.parts
                    .shared
                    .events
                    .put(Event::TapEnded { room: id, reason });
            }
        }
    }

    fn stop_tap(&mut self, id: RoomId) {
        if let Some(room) = self.rooms.get_mut(&id)
            && room.tap.take().is_some()
        {
            self.tell_sound(SoundMessage::Tap(id, None));
        }
    }

    fn tell_sound(&self, message: SoundMessage) {
        // The sound thread lives as long as this one; without it there is nobody to tell.
        let _ = self.parts.sound.send(message);
    }

    fn tell_workers(&self, message: impl Fn() -> WorkerControl) {
        for worker in &self.parts.workers {
            worker.control(message());
        }
    }

    /// The engine closes: every publisher gets a goodbye.
    fn farewell(&mut self) {
        let sessions: Vec<SessionId> = self.peers.keys().copied().collect();
        for session in sessions {
            self.close(session);
        }
    }
}
