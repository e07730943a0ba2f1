//! The handle: hands commands over, takes events.

mod starting;

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::Sender;

use crate::checks::{check_ice, check_viewer};
use crate::command::{Command, Event, IceSpec, PRIVATE_SLOTS, RoomId, SessionId, ViewerSpec};
use crate::error::{EngineError, PublishError};
use crate::ingest::{Publisher, Template};
use crate::legs::Legs;
use crate::messages::{
    IngestControl, IngestPost, PhoneControl, RoomSlots, SoundMessage, WorkerControl, WorkerPost,
};
use crate::phones::Prompt;
use crate::registry::{INGEST, Owner};
use crate::shared::{Session, Shared};
use crate::stats::Stats;
use crate::sys;

pub use starting::Config;

/// The running engine.
pub struct Engine {
    shared: Arc<Shared>,
    template: Template,
    fingerprint: String,
    ingest: IngestPost,
    workers: Vec<WorkerPost>,
    sound: Sender<SoundMessage>,
    legs: Option<Legs>,
    threads: Vec<JoinHandle<()>>,
    closed: AtomicBool,
}

impl Engine {
    /// Of the certificate, as in SDP.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Announced addresses.
    pub fn candidates(&self) -> &[SocketAddr] {
        &self.template.candidates
    }

    /// Readable when [`Self::poll`] has something to give.
    pub fn fileno(&self) -> RawFd {
        self.shared.events.raw()
    }

    fn check_alive(&self) -> Result<(), EngineError> {
        if let Some(thread) = self.shared.failure() {
            return Err(EngineError::Failed(thread));
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(EngineError::Closed);
        }
        Ok(())
    }

    /// Takes all waiting events.
    pub fn poll(&self) -> Result<Vec<Event>, EngineError> {
        let events = self.shared.events.take();
        if events.is_empty() && !self.closed.load(Ordering::Acquire) {
            self.check_alive()?;
        }
        Ok(events)
    }

    /// Answers a WHIP offer. `label` names the publisher in logs.
    pub fn publish(
        &self,
        room: RoomId,
        session: SessionId,
        offer: &str,
        label: &str,
    ) -> Result<String, PublishError> {
        self.check_alive()?;
        {
            let directory = self.shared.directory();
            if !directory.rooms.contains_key(&room) {
                return Err(EngineError::UnknownRoom(room).into());
            }
            if directory.sessions.contains_key(&session) {
                return Err(EngineError::SessionExists(session).into());
            }
        }
        let now = Instant::now();
        let (publisher, answer) = Publisher::accept(&self.template, (room, session), offer, now)?;
        let owner = Owner {
            thread: INGEST,
            session,
        };
        if !self
            .shared
            .registry
            .claim_fragment(&publisher.fragment, owner)
        {
            return Err(
                EngineError::Invalid("ICE credentials repeat: try again".to_owned()).into(),
            );
        }
        let mut directory = self.shared.directory();
        let slot = directory.new_slot();
        directory
            .sessions
            .insert(session, Session::Publisher(room, slot));
        self.ingest
            .control(IngestControl::Publish(Box::new(publisher), slot));
        drop(directory);
        tracing::debug!(room, session, label, "publisher is answered");
        Ok(answer)
    }

    /// Opens a leg; where it receives RTP.
    pub fn open_leg(&self, session: SessionId) -> Result<SocketAddr, EngineError> {
        self.check_alive()?;
        self.legs()?.open(&self.shared, session)
    }

    /// Keeps a text that legs may be read: 16 kHz mono, s16le.
    pub fn load_prompt(&self, name: &str, pcm: &[u8]) -> Result<(), EngineError> {
        self.check_alive()?;
        let prompt = Arc::new(Prompt::new(pcm)?);
        self.shared.prompts().insert(name.to_owned(), prompt);
        Ok(())
    }

    fn legs(&self) -> Result<&Legs, EngineError> {
        let none = || EngineError::Invalid("this engine was started without phones".to_owned());
        self.legs.as_ref().ok_or_else(none)
    }

    /// Hands a command over.
    pub fn submit(&self, command: Command) -> Result<(), EngineError> {
        self.check_alive()?;
        match command {
            Command::OpenRoom(room) => self.open_room(room),
            Command::CloseRoom(room) => self.close_room(room),
            Command::View(spec) => self.view(*spec),
            Command::RestartViewer { session, ice } => self.restart(session, ice),
            Command::Close(session) => self.close_session(session),
            Command::SetSlot { room, slot, source } => {
                self.room(room)?;
                if let Some(source) = source {
                    self.known(source)?;
                }
                self.ingest
                    .control(IngestControl::SetSlot(room, slot, source));
                Ok(())
            }
            Command::SetPrivateSlot {
                viewer,
                index,
                source,
                size,
            } => {
                if index >= PRIVATE_SLOTS {
                    let why = format!("private slots are 0 to {}", PRIVATE_SLOTS - 1);
                    return Err(EngineError::Invalid(why));
                }
                let slot = match source.map(|source| self.known(source)).transpose()? {
                    Some(Session::Publisher(_, slot)) => Some(slot),
                    _ => None,
                };
                let message = WorkerControl::SetPrivateSlot {
                    viewer,
                    index,
                    slot,
                    size,
                };
                self.to_viewer(viewer, message)
            }
            Command::SetMicrophone { source, open } => {
                match self.known(source)? {
                    Session::Leg(thread) => {
                        let message = PhoneControl::Microphone(source, open);
                        self.legs()?.post(thread, message);
                    }
                    _ => {
                        self.ingest
                            .control(IngestControl::SetMicrophone(source, open));
                    }
                }
                Ok(())
            }
            Command::SetSelf { viewer, source } => self.seat(viewer, source),
            Command::AttachLeg(session, room) => {
                room.map(|room| self.room(room)).transpose()?;
                let command = Command::AttachLeg(session, room);
                self.legs()?.submit(&self.shared, command)
            }
            command @ (Command::SetLeg(..) | Command::Play { .. } | Command::SendDigits(..)) => {
                self.legs()?.submit(&self.shared, command)
            }
            Command::StartTap { room, fd } => {
                let fd = sys::adopt(fd)
                    .map_err(EngineError::system("the tap's descriptor is not usable"))?;
                self.room(room)?;
                self.ingest.control(IngestControl::StartTap(room, fd));
                Ok(())
            }
            Command::StopTap(room) => {
                self.room(room)?;
                self.ingest.control(IngestControl::StopTap(room));
                Ok(())
            }
        }
    }

    fn room(&self, room: RoomId) -> Result<RoomSlots, EngineError> {
        let directory = self.shared.directory();
        directory
            .rooms
            .get(&room)
            .copied()
            .ok_or(EngineError::UnknownRoom(room))
    }

    fn known(&self, session: SessionId) -> Result<Session, EngineError> {
        let directory = self.shared.directory();
        directory
            .sessions
            .get(&session)
            .copied()
            .ok_or(EngineError::UnknownSession(session))
    }

    fn seat(&self, viewer: SessionId, source: Option<SessionId>) -> Result<(), EngineError> {
        let with = source.map(|source| self.known(source)).transpose()?;
        match self.known(viewer)? {
            Session::Leg(thread) => {
                self.legs()?
                    .post(thread, PhoneControl::Seat(viewer, source));
                return Ok(());
            }
            Session::Viewer(room, _) => {
                if let (Some(Session::Leg(_)), Some(leg)) = (with, source) {
                    self.tell_sound(SoundMessage::Seated(room, leg));
                }
            }
            Session::Publisher(..) | Session::Ended => {}
        }
        self.to_viewer(viewer, WorkerControl::SetSelf(viewer, source))
    }

    fn tell_sound(&self, message: SoundMessage) {
        // It lives as long as the engine; where it failed, `check_alive` says so.
        let _ = self.sound.send(message);
    }

    /// A session that is over is no error: the caller has yet to take the event that says so.
    fn to_viewer(&self, session: SessionId, message: WorkerControl) -> Result<(), EngineError> {
        match self.known(session)? {
            Session::Viewer(_, thread) => {
                self.workers[thread - 1].control(message);
                Ok(())
            }
            Session::Ended => Ok(()),
            Session::Publisher(..) | Session::Leg(_) => Err(no_viewer(session)),
        }
    }

    fn open_room(&self, room: RoomId) -> Result<(), EngineError> {
        let mut directory = self.shared.directory();
        if directory.rooms.contains_key(&room) {
            return Err(EngineError::RoomExists(room));
        }
        let program = std::array::from_fn(|_| directory.new_slot());
        let slots = RoomSlots {
            program,
            sound: directory.new_slot(),
        };
        directory.rooms.insert(room, slots);
        // Before anybody else can speak of the room to the sound thread.
        self.tell_sound(SoundMessage::Open(room, slots.sound));
        self.ingest.control(IngestControl::OpenRoom(room, slots));
        Ok(())
    }

    fn close_room(&self, room: RoomId) -> Result<(), EngineError> {
        let slots = self.room(room)?;
        self.shared.directory().rooms.remove(&room);
        self.ingest.control(IngestControl::CloseRoom(room));
        for worker in &self.workers {
            worker.control(WorkerControl::CloseRoom(room, slots));
        }
        if let Some(legs) = &self.legs {
            legs.tell_all(|| PhoneControl::CloseRoom(room));
        }
        self.tell_sound(SoundMessage::Close(room));
        Ok(())
    }

    fn view(&self, spec: ViewerSpec) -> Result<(), EngineError> {
        check_viewer(&spec)?;
        let slots = self.room(spec.room)?;
        let session = spec.session;
        let mut directory = self.shared.directory();
        if directory.sessions.contains_key(&session) {
            return Err(EngineError::SessionExists(session));
        }
        let thread = directory.idlest();
        let owner = Owner { thread, session };
        if !self
            .shared
            .registry
            .claim_fragment(&spec.ice.local_ufrag, owner)
        {
            let why = "the local ufrag is in use: it must be random".to_owned();
            return Err(EngineError::Invalid(why));
        }
        directory
            .sessions
            .insert(session, Session::Viewer(spec.room, thread));
        directory.load[thread - 1] += 1;
        self.workers[thread - 1].control(WorkerControl::View(Box::new(spec), slots));
        Ok(())
    }

    fn restart(&self, session: SessionId, ice: IceSpec) -> Result<(), EngineError> {
        check_ice(&ice)?;
        let thread = match self.known(session)? {
            Session::Viewer(_, thread) => thread,
            Session::Ended => return Ok(()),
            Session::Publisher(..) | Session::Leg(_) => return Err(no_viewer(session)),
        };
        if !self
            .shared
            .registry
            .claim_fragment(&ice.local_ufrag, Owner { thread, session })
        {
            let why = "the local ufrag is in use: it must be random".to_owned();
            return Err(EngineError::Invalid(why));
        }
        self.workers[thread - 1].control(WorkerControl::Restart(session, ice));
        Ok(())
    }

    fn close_session(&self, session: SessionId) -> Result<(), EngineError> {
        match self.known(session)? {
            Session::Publisher(..) => {
                self.ingest.control(IngestControl::Close(session));
            }
            Session::Viewer(_, thread) => {
                self.workers[thread - 1].control(WorkerControl::Close(session));
            }
            Session::Leg(thread) => self.legs()?.post(thread, PhoneControl::Close(session)),
            Session::Ended => {}
        }
        Ok(())
    }

    /// Counters and times.
    pub fn stats(&self) -> Stats {
        Stats::of(&self.shared)
    }

    /// Ends every session and joins the threads. Does nothing the second time.
    pub fn close(&mut self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.ingest.control(IngestControl::Stop);
        for worker in &self.workers {
            worker.control(WorkerControl::Stop);
        }
        if let Some(legs) = &self.legs {
            legs.tell_all(|| PhoneControl::Stop);
        }
        // Gone already if it failed.
        let _ = self.sound.send(SoundMessage::Stop);
        for thread in self.threads.drain(..) {
            // A panic was reported by `fail`.
            let _ = thread.join();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

impl AsRawFd for Engine {
    fn as_raw_fd(&self) -> RawFd {
        self.fileno()
    }
}

fn no_viewer(session: SessionId) -> EngineError {
    EngineError::Invalid(format!("session {session} is no viewer"))
}
