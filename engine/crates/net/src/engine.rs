//! The handle: starts the threads, hands commands over, takes events.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::Sender;

use crate::checks::{check_ice, check_viewer};
use crate::command::{Command, Event, IceSpec, PRIVATE_SLOTS, RoomId, SessionId, ViewerSpec};
use crate::dtls::Identity;
use crate::error::{EngineError, PublishError};
use crate::events::Events;
use crate::ingest::{self, Ingest, Publisher, Template};
use crate::legs::{Legs, PhonesConfig};
use crate::mailbox::mailbox;
use crate::messages::{
    IngestControl, IngestPost, PhoneControl, PhonePost, RoomSlots, SoundMessage, WorkerControl,
    WorkerPost,
};
use crate::phones::Prompt;
use crate::registry::{INGEST, Owner};
use crate::shared::{Session, Shared};
use crate::socket::Port;
use crate::sound::SoundThread;
use crate::stats::Stats;
use crate::worker::{self, Worker};
use crate::{random, sys};

/// Most viewers' threads.
const MAX_WORKERS: usize = 32;
/// Frames, ticks and datagrams that may wait for a viewers' thread.
const WORKER_DEPTH: usize = 4096;
/// Datagrams that may wait for the publishers' thread.
const INGEST_DEPTH: usize = 4096;
/// How to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// "ip:port" to bind.
    pub listen: Vec<String>,
    /// "ip" or "ip:port" to announce.
    pub public: Vec<String>,
    /// Viewers' threads.
    pub workers: usize,
    /// Let the kernel segment bursts.
    pub gso: bool,
    /// Telephones, if any are to be served.
    pub phones: Option<PhonesConfig>,
}

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

fn spawn(
    shared: &Arc<Shared>,
    name: String,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, EngineError> {
    let shared = Arc::clone(shared);
    let (enlisted, enlisting) = crossbeam_channel::bounded(1);
    let thread = std::thread::Builder::new()
        .name(name.clone())
        .spawn(move || {
            shared.enlist(&name);
            // Whoever waits for it is in this very function.
            let _ = enlisted.send(());
            // A panic is a bug of ours; it is told to the caller instead of leaving a dead port.
            if catch_unwind(AssertUnwindSafe(body)).is_err() {
                shared.fail(&name);
            }
        })
        .map_err(EngineError::system("cannot start a thread"))?;
    // An engine that has started lists all of its threads.
    let _ = enlisting.recv();
    Ok(thread)
}

impl Engine {
    /// Binds the port and starts the threads.
    pub fn new(config: &Config) -> Result<Self, EngineError> {
        if !(1..=MAX_WORKERS).contains(&config.workers) {
            return Err(EngineError::Config(format!(
                "workers must be 1 to {MAX_WORKERS}"
            )));
        }
        let mailboxes = || EngineError::system("cannot make a mailbox");
        let identity = Identity::generate()?;
        let port = Port::open(&config.listen, &config.public, config.workers)?;
        let events = Events::new().map_err(mailboxes())?;
        let shared = Arc::new(Shared::new(events, config.gso, config.workers));
        let timestamp_base = random::u32();
        let local = port
            .announced
            .iter()
            .filter_map(|list| list.first().copied())
            .collect();
        let template = Template {
            certificate: identity.certificate(),
            candidates: port.candidates(),
            local: Arc::new(local),
        };
        let (ingest, ingest_mail) = mailbox(INGEST_DEPTH).map_err(mailboxes())?;
        let mut posts = Vec::new();
        let mut mails = Vec::new();
        for _ in 0..config.workers {
            let (post, mail) = mailbox(WORKER_DEPTH).map_err(mailboxes())?;
            posts.push(post);
            mails.push(mail);
        }
        let (sound, sound_mail) = crossbeam_channel::unbounded();
        let mut engine = Self {
            shared: Arc::clone(&shared),
            template,
            fingerprint: identity.fingerprint(),
            ingest: ingest.clone(),
            workers: posts.clone(),
            sound: sound.clone(),
            legs: None,
            threads: Vec::new(),
            closed: AtomicBool::new(false),
        };
        let mut sockets = port.threads.into_iter();
        let first = sockets.next().unwrap_or_default();
        let parts = ingest::Parts {
            shared: Arc::clone(&shared),
            sockets: first,
            mailbox: ingest_mail,
            workers: posts.clone(),
            sound: sound.clone(),
            timestamp_base,
        };
        engine.start("podium-ingest", move || Ingest::new(parts).run())?;
        for (index, (own, mailbox)) in sockets.zip(mails).enumerate() {
            let parts = worker::Parts {
                shared: Arc::clone(&shared),
                thread: index + 1,
                identity: identity.clone(),
                sockets: own,
                mailbox,
                ingest: ingest.clone(),
                workers: posts.clone(),
                timestamp_base,
            };
            engine.start(&format!("podium-egress-{index}"), move || {
                Worker::new(parts).run()
            })?;
        }
        let phones = engine.start_phones(config.phones.as_ref(), &sound)?;
        let mixer = SoundThread::new(Arc::clone(&shared), posts, phones);
        engine.start("podium-sound", move || mixer.run(&sound_mail))?;
        Ok(engine)
    }

    fn start_phones(
        &mut self,
        config: Option<&PhonesConfig>,
        sound: &Sender<SoundMessage>,
    ) -> Result<Vec<PhonePost>, EngineError> {
        let Some(config) = config else {
            return Ok(Vec::new());
        };
        let (legs, threads) = Legs::new(config, &self.shared, sound)?;
        let posts = legs.posts().to_vec();
        self.legs = Some(legs);
        for (thread, phones) in threads.into_iter().enumerate() {
            self.start(&format!("podium-phones-{thread}"), move || phones.run())?;
        }
        Ok(posts)
    }

    fn start(
        &mut self,
        name: &str,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<(), EngineError> {
        let thread = spawn(&self.shared, name.to_owned(), body)?;
        self.threads.push(thread);
        Ok(())
    }

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
