//! The handle: starts the threads, hands commands over, takes events.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::Sender;

use crate::command::{
    Command, Event, IceSpec, Kind, PRIVATE_SLOTS, RoomId, SessionId, SlotName, ViewerSpec,
};
use crate::dtls::{Fingerprint, Identity};
use crate::error::{EngineError, PublishError};
use crate::events::Events;
use crate::ingest::{self, Ingest, Publisher, Template};
use crate::mailbox::mailbox;
use crate::messages::{
    IngestControl, IngestPost, RoomSlots, SoundMessage, WorkerControl, WorkerPost,
};
use crate::registry::{INGEST, Owner};
use crate::shared::{Session, Shared};
use crate::socket::Port;
use crate::sound::SoundThread;
use crate::worker::{self, Worker};
use crate::{random, sys};

/// Most viewers' threads.
const MAX_WORKERS: usize = 32;
/// Frames, ticks and datagrams that may wait for a viewers' thread.
const WORKER_DEPTH: usize = 4096;
/// Datagrams that may wait for the publishers' thread.
const INGEST_DEPTH: usize = 4096;
/// Sound messages that may wait: bounded by sessions, packets only of open microphones.
const MAX_STREAMS: usize = PRIVATE_SLOTS as usize + 4;

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
}

/// Counters and times.
#[derive(Debug, Clone)]
pub struct Stats {
    /// Datagrams received.
    pub packets_in: u64,
    /// Media packets sent.
    pub packets_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Media packets sent again.
    pub retransmitted: u64,
    /// Media packets dropped for slowness.
    pub dropped_slow: u64,
    /// Datagrams of nobody.
    pub rejected: u64,
    /// At present.
    pub publishers: usize,
    /// At present.
    pub viewers: usize,
    /// Name, user and system seconds.
    pub threads: Vec<(String, f64, f64)>,
}

/// The running engine.
pub struct Engine {
    shared: Arc<Shared>,
    template: Template,
    fingerprint: String,
    ingest: IngestPost,
    workers: Vec<WorkerPost>,
    sound: Sender<SoundMessage>,
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
            sound,
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
        let mixer = SoundThread::new(Arc::clone(&shared), posts);
        engine.start("podium-sound", move || mixer.run(&sound_mail))?;
        Ok(engine)
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
                self.known(source)?;
                self.ingest
                    .control(IngestControl::SetMicrophone(source, open));
                Ok(())
            }
            Command::SetSelf { viewer, source } => {
                self.to_viewer(viewer, WorkerControl::SetSelf(viewer, source))
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

    /// A session that is over is no error: the caller has yet to take the event that says so.
    fn to_viewer(&self, session: SessionId, message: WorkerControl) -> Result<(), EngineError> {
        match self.known(session)? {
            Session::Viewer(_, thread) => {
                self.workers[thread - 1].control(message);
                Ok(())
            }
            Session::Ended => Ok(()),
            Session::Publisher(..) => Err(EngineError::Invalid(format!(
                "session {session} is a publisher"
            ))),
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
            Session::Publisher(..) => {
                return Err(EngineError::Invalid(format!(
                    "session {session} is a publisher"
                )));
            }
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
            Session::Ended => {}
        }
        Ok(())
    }

    /// Counters and times.
    pub fn stats(&self) -> Stats {
        let counters = &self.shared.counters;
        let (publishers, viewers) = self.shared.population();
        Stats {
            packets_in: counters.packets_in.get(),
            packets_out: counters.packets_out.get(),
            bytes_out: counters.bytes_out.get(),
            retransmitted: counters.retransmitted.get(),
            dropped_slow: counters.dropped_slow.get(),
            rejected: counters.rejected.get(),
            publishers,
            viewers,
            threads: thread_times(&self.shared),
        }
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

/// User and system seconds by thread, from the system's table.
fn thread_times(shared: &Shared) -> Vec<(String, f64, f64)> {
    let ticks = sys::ticks_per_second();
    let times = |id: i32| -> Option<(f64, f64)> {
        let text = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?;
        // The name stands in parentheses and may hold spaces; fields 14 and 15 are the times.
        let mut fields = text.rsplit_once(") ")?.1.split(' ').skip(11);
        let mut next = || fields.next()?.parse::<f64>().ok().map(|t| t / ticks);
        Some((next()?, next()?))
    };
    let threads = shared.threads().into_iter();
    threads
        .filter_map(|(name, id)| times(id).map(|(user, sys)| (name, user, sys)))
        .collect()
}

fn check_ice(ice: &IceSpec) -> Result<(), EngineError> {
    let fits = |text: &str, least: usize| (least..=256).contains(&text.len()) && text.is_ascii();
    // RFC 8839 section 5.4.
    if fits(&ice.local_ufrag, 4)
        && fits(&ice.local_pwd, 22)
        && fits(&ice.remote_ufrag, 4)
        && fits(&ice.remote_pwd, 22)
    {
        return Ok(());
    }
    Err(EngineError::Invalid(
        "ICE credentials: ufrag of 4, pwd of 22 to 256 characters".to_owned(),
    ))
}

fn check_viewer(spec: &ViewerSpec) -> Result<(), EngineError> {
    let invalid = |why: String| Err(EngineError::Invalid(why));
    check_ice(&spec.ice)?;
    if Fingerprint::parse(&spec.remote_fingerprint).is_none() {
        return invalid("remote_fingerprint: sha-256, sha-384 or sha-512 as in SDP".to_owned());
    }
    if spec.streams.is_empty() || spec.streams.len() > MAX_STREAMS {
        return invalid(format!("a viewer has 1 to {MAX_STREAMS} streams"));
    }
    let mut ssrcs: Vec<u32> = spec
        .streams
        .iter()
        .flat_map(|s| std::iter::once(s.ssrc).chain(s.rtx_ssrc))
        .collect();
    let count = ssrcs.len();
    ssrcs.sort_unstable();
    ssrcs.dedup();
    if ssrcs.len() != count {
        return invalid("SSRCs of a viewer must differ".to_owned());
    }
    for (index, stream) in spec.streams.iter().enumerate() {
        let repeated = spec.streams[..index]
            .iter()
            .any(|other| other.slot == stream.slot);
        if repeated {
            return invalid(format!("slot \"{}\" is given twice", stream.slot));
        }
        if (stream.kind == Kind::Audio) != (stream.slot == SlotName::Sound) {
            return invalid(format!(
                "slot \"{}\" does not carry {}",
                stream.slot,
                stream.kind.name()
            ));
        }
        let extensions = [stream.mid_extension, stream.abs_send_time_extension];
        if extensions
            .into_iter()
            .flatten()
            .any(|id| !(1..=14).contains(&id))
        {
            return invalid("header extension ids are 1 to 14".to_owned());
        }
        let types = stream
            .codecs
            .iter()
            .flat_map(|c| std::iter::once(c.payload_type).chain(c.rtx));
        if types.into_iter().any(|pt| pt > 127) {
            return invalid("payload types are 0 to 127".to_owned());
        }
    }
    Ok(())
}
