//! The handle's part for legs: opens them, and hands their commands to their threads.

use std::net::SocketAddr;
use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::command::{Command, LegSpec, SessionId};
use crate::error::EngineError;
use crate::mailbox::mailbox;
use crate::messages::{PhoneControl, PhonePost, SoundMessage};
use crate::phones::{self, Phones, Ports, Prompt};
use crate::shared::{Session, Shared};
use crate::sys;

/// Most threads.
const MAX_WORKERS: usize = 32;
/// Ticks of rooms' sound that may wait for a thread.
const DEPTH: usize = 1024;
/// Keys sent by one command.
const MOST_DIGITS: usize = 64;
/// Prompts in one list.
const MOST_PROMPTS: usize = 64;

/// How legs are served.
#[derive(Debug, Clone)]
pub struct PhonesConfig {
    /// On which address.
    pub listen: String,
    /// First and last port; (0, 0): any.
    pub ports: (u16, u16),
    /// Threads.
    pub workers: usize,
}

/// All that the handle knows of legs.
pub struct Legs {
    ports: Ports,
    posts: Vec<PhonePost>,
}

impl Legs {
    /// And the threads that serve them, to be started.
    pub fn new(
        config: &PhonesConfig,
        shared: &Arc<Shared>,
        sound: &Sender<SoundMessage>,
    ) -> Result<(Self, Vec<Phones>), EngineError> {
        if !(1..=MAX_WORKERS).contains(&config.workers) {
            let why = format!("phone_workers must be 1 to {MAX_WORKERS}");
            return Err(EngineError::Config(why));
        }
        let ports = Ports::new(&config.listen, config.ports)?;
        sys::raise_descriptor_limit();
        let mut posts = Vec::new();
        let mut threads = Vec::new();
        for thread in 0..config.workers {
            let no_mailbox = EngineError::system("cannot make a mailbox");
            let (post, mailbox) = mailbox(DEPTH).map_err(no_mailbox)?;
            posts.push(post);
            let parts = phones::Parts {
                shared: Arc::clone(shared),
                thread,
                mailbox,
                sound: sound.clone(),
            };
            let no_list = EngineError::system("cannot make a waiting list");
            threads.push(Phones::new(parts).map_err(no_list)?);
        }
        Ok((Self { ports, posts }, threads))
    }

    /// To the threads, in order.
    pub fn posts(&self) -> &[PhonePost] {
        &self.posts
    }

    /// Binds a leg's ports.
    pub fn open(&self, shared: &Shared, session: SessionId) -> Result<SocketAddr, EngineError> {
        if shared.directory().sessions.contains_key(&session) {
            return Err(EngineError::SessionExists(session));
        }
        let sockets = self.ports.open()?;
        let address = sockets.address;
        let mut directory = shared.directory();
        let thread = usize::try_from(session).unwrap_or(0) % self.posts.len();
        directory.sessions.insert(session, Session::Leg(thread));
        self.post(thread, PhoneControl::Open(session, Box::new(sockets)));
        Ok(address)
    }

    /// To one leg's thread.
    pub fn post(&self, thread: usize, message: PhoneControl) {
        if let Some(post) = self.posts.get(thread) {
            post.control(message);
        }
    }

    /// To all of them.
    pub fn tell_all(&self, message: impl Fn() -> PhoneControl) {
        for post in &self.posts {
            post.control(message());
        }
    }

    /// A command for legs alone; the room of an attachment is open.
    pub fn submit(&self, shared: &Shared, command: Command) -> Result<(), EngineError> {
        let (session, message) = match command {
            Command::SetLeg(session, spec) => {
                check_spec(&spec)?;
                (session, PhoneControl::Set(session, spec))
            }
            Command::AttachLeg(session, room) => (session, PhoneControl::Attach(session, room)),
            Command::Play {
                session,
                prompts,
                mix,
            } => {
                let prompts = find_prompts(shared, &prompts)?;
                (session, PhoneControl::Play(session, prompts, mix))
            }
            Command::SendDigits(session, digits) => {
                check_digits(&digits)?;
                (session, PhoneControl::Digits(session, digits))
            }
            _ => return Err(EngineError::Invalid("not a command for legs".to_owned())),
        };
        match shared.directory().sessions.get(&session) {
            Some(Session::Leg(thread)) => self.post(*thread, message),
            // The caller has yet to take the event that says so.
            Some(Session::Ended) => {}
            Some(_) => {
                return Err(EngineError::Invalid(format!("session {session} is no leg")));
            }
            None => return Err(EngineError::UnknownSession(session)),
        }
        Ok(())
    }
}

fn find_prompts(shared: &Shared, names: &[String]) -> Result<Vec<Arc<Prompt>>, EngineError> {
    if names.len() > MOST_PROMPTS {
        return Err(EngineError::Invalid(format!(
            "at most {MOST_PROMPTS} prompts at a time"
        )));
    }
    let known = shared.prompts();
    let find = |name: &String| {
        let found = known.get(name).cloned();
        found.ok_or_else(|| EngineError::Invalid(format!("no prompt \"{name}\" was loaded")))
    };
    names.iter().map(find).collect()
}

/// Digits are not repeated in the error: they may be a PIN.
fn check_digits(digits: &str) -> Result<(), EngineError> {
    let known = |c: char| c.is_ascii_digit() || "*#ABCDabcd".contains(c);
    if digits.len() <= MOST_DIGITS && digits.chars().all(known) {
        return Ok(());
    }
    Err(EngineError::Invalid(format!(
        "digits: up to {MOST_DIGITS} of 0-9 * # A-D"
    )))
}

fn check_spec(spec: &LegSpec) -> Result<(), EngineError> {
    let invalid = |why: &str| Err(EngineError::Invalid(why.to_owned()));
    if spec.remote.ip().is_unspecified() || spec.remote.port() == 0 {
        return invalid("remote_address and remote_port: where the peer wants RTP");
    }
    if spec.payload_type > 127 || spec.events_payload_type.is_some_and(|kind| kind > 127) {
        return invalid("payload types are 0 to 127");
    }
    if spec.events_payload_type == Some(spec.payload_type) {
        return invalid("events_payload_type must differ from payload_type");
    }
    if !matches!(spec.ptime, 20 | 30 | 40 | 60) {
        return invalid("ptime is 20, 30, 40 or 60");
    }
    if spec
        .srtp
        .as_ref()
        .is_some_and(|keys| keys.contexts().is_err())
    {
        return invalid("srtp_local, srtp_remote: key and salt as long as the profile says");
    }
    Ok(())
}
