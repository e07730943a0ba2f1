//! The start: binds the port, makes the threads and what they tell each other by.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use crossbeam_channel::Sender;

use super::Engine;
use crate::dtls::Identity;
use crate::error::EngineError;
use crate::events::Events;
use crate::ingest::{self, Ingest, Template};
use crate::legs::{Legs, PhonesConfig};
use crate::mailbox::mailbox;
use crate::messages::{PhonePost, SoundMessage};
use crate::random;
use crate::shared::Shared;
use crate::socket::Port;
use crate::sound::SoundThread;
use crate::worker::{self, Worker};

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
