//! The threads of telephones: RTP legs, what they hear, and what they say.
//!
//! A leg has its own ports, since they are how its peer knows it. Those who only listen share
//! one encoding for each room and codec; who speaks, or is read something, has an encoder of its
//! own that begins as a copy of the shared one.

mod feed;
pub mod fuzzing;
mod keys;
mod latch;
mod leg;
mod outbox;
mod outgoing;
mod port;
mod prompt;
mod reception;
mod tick;

use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use podium_sound::{FRAME, Input};

use crate::command::{EndReason, Event, LegSpec, RoomId, SessionId};
use crate::mailbox::Mailbox;
use crate::messages::{PhoneControl, PhoneTick, SoundMessage};
use crate::shared::Shared;
use crate::sound::TICK;
use crate::sys::{DATAGRAM, Epoll};
use feed::Feed;
use leg::{Heard, Leg};
use outbox::Outbox;
pub use port::{Ports, Sockets};
use prompt::Playing;
pub use prompt::Prompt;

/// Datagrams taken from one socket between two looks at the others.
const RECEIVE_ROUNDS: usize = 8;
/// Ticks of 20 ms after which a room's sound is too old to be sent: a telephone's buffer that
/// has grown to this is at its end.
const LATE: u64 = 10;
/// How often legs are looked after.
const LOOK_AFTER: Duration = Duration::from_millis(250);
/// A leg's sockets in the waiting list: twice its place, and one more for RTCP.
const RTCP: u64 = 1;
/// The mailbox in the waiting list.
const MAIL: u64 = u64::MAX;

/// What a thread is made of.
pub struct Parts {
    /// For all threads.
    pub shared: Arc<Shared>,
    /// Which of the phones' threads.
    pub thread: usize,
    /// What others tell it.
    pub mailbox: Mailbox<PhoneControl, Arc<PhoneTick>>,
    /// The sound thread.
    pub sound: Sender<SoundMessage>,
}

/// The thread's state.
pub struct Phones {
    parts: Parts,
    waiting: Epoll,
    legs: Vec<Option<Leg>>,
    free: Vec<usize>,
    places: HashMap<SessionId, usize>,
    rooms: HashMap<RoomId, Feed>,
    /// Legs in no room.
    idle: Feed,
    silence: Arc<podium_sound::Frame>,
    outbox: Outbox,
}

impl Phones {
    /// Ready to run.
    pub fn new(parts: Parts) -> std::io::Result<Self> {
        let waiting = Epoll::new()?;
        waiting.add(parts.mailbox.raw(), MAIL)?;
        Ok(Self {
            parts,
            waiting,
            legs: Vec::new(),
            free: Vec::new(),
            places: HashMap::new(),
            rooms: HashMap::new(),
            idle: Feed::default(),
            silence: Arc::new([0.0; FRAME]),
            outbox: Outbox::new(),
        })
    }

    /// Until told to stop.
    pub fn run(mut self) {
        let mut due = Instant::now() + TICK;
        let mut look = Instant::now() + LOOK_AFTER;
        let mut ready = Vec::new();
        let mut behind = false;
        loop {
            let wait = if behind {
                Duration::ZERO
            } else {
                due.min(look).saturating_duration_since(Instant::now())
            };
            ready.clear();
            // A failed wait is tried again with the next tick.
            let _ = self.waiting.wait(&mut ready, wait);
            self.parts.mailbox.hush();
            while let Some(message) = self.parts.mailbox.take_control() {
                if !self.obey(message) {
                    self.farewell();
                    return;
                }
            }
            // Between two ticks, what people say is read: a full thread delays it by one at most.
            for token in &ready {
                self.receive(*token);
            }
            behind = self.next_tick();
            let now = Instant::now();
            if now >= due {
                self.idle_tick(due);
                due = (due + TICK).max(now);
            }
            if now >= look {
                self.look_after(now);
                look = now + LOOK_AFTER;
            }
        }
    }

    /// Sends a tick that waits; false when none does.
    fn next_tick(&mut self) -> bool {
        let Some(tick) = self.parts.mailbox.take_media() else {
            return false;
        };
        if self.is_stale(&tick) {
            self.parts.shared.counters.dropped_slow.add(1);
        } else {
            self.tick(&tick);
        }
        true
    }

    /// A thread that cannot keep up leaves sound out rather than falling ever further behind.
    fn is_stale(&self, tick: &PhoneTick) -> bool {
        self.parts.shared.period(Instant::now()) > tick.period + LATE
    }

    // --- orders

    /// False when the engine closes.
    fn obey(&mut self, message: PhoneControl) -> bool {
        match message {
            PhoneControl::Open(session, sockets) => self.open(session, *sockets),
            PhoneControl::Set(session, spec) => self.set(session, *spec),
            PhoneControl::Attach(session, room) => self.attach(session, room),
            PhoneControl::Play(session, prompts, over) => self.play(session, prompts, over),
            PhoneControl::Digits(session, digits) => {
                if let Some(leg) = self.leg(session) {
                    leg.keys.push(&digits);
                }
            }
            PhoneControl::Microphone(session, open) => {
                if let Some(leg) = self.leg(session) {
                    leg.microphone = open;
                }
                self.settle(session);
            }
            PhoneControl::Seat(session, place) => self.seat(session, place),
            PhoneControl::Close(session) => self.close(session),
            PhoneControl::CloseRoom(room) => self.close_room(room),
            PhoneControl::Stop => return false,
        }
        true
    }

    fn leg(&mut self, session: SessionId) -> Option<&mut Leg> {
        let place = *self.places.get(&session)?;
        self.legs.get_mut(place)?.as_mut()
    }

    fn feed(&mut self, room: Option<RoomId>) -> &mut Feed {
        match room {
            Some(room) => self.rooms.entry(room).or_default(),
            None => &mut self.idle,
        }
    }

    fn open(&mut self, session: SessionId, sockets: Sockets) {
        let place = self.free.pop().unwrap_or(self.legs.len());
        let token = 2 * place as u64;
        let rtp = self.waiting.add(sockets.rtp.as_raw_fd(), token);
        let rtcp = self.waiting.add(sockets.rtcp.as_raw_fd(), token | RTCP);
        if let Err(error) = rtp.and(rtcp) {
            tracing::error!(session, %error, "a leg cannot be waited for");
        }
        let leg = Some(Leg::new(session, sockets, Instant::now()));
        if place == self.legs.len() {
            self.legs.push(leg);
        } else {
            self.legs[place] = leg;
        }
        self.places.insert(session, place);
        self.idle.members.push(place);
    }

    fn set(&mut self, session: SessionId, spec: LegSpec) {
        if let Some(leg) = self.leg(session) {
            leg.agree(spec, Instant::now());
        }
        self.settle(session);
    }

    fn attach(&mut self, session: SessionId, room: Option<RoomId>) {
        let Some(&place) = self.places.get(&session) else {
            return;
        };
        let Some(leg) = self.leg(session) else {
            return;
        };
        let before = std::mem::replace(&mut leg.room, room);
        if before == room {
            return;
        }
        let seat = leg.place;
        // The other room's mix has nothing in common with the encoder's state.
        leg.voice = None;
        if let Some(live) = leg.go_live(None) {
            self.tell(SoundMessage::Microphone(live.0, session, None));
        }
        if let Some(before) = before {
            self.tell(SoundMessage::Forget(before, session));
        }
        self.leave(before, place);
        if let Some(room) = room {
            self.tell(SoundMessage::Phones(room, self.parts.thread, true));
            self.tell(SoundMessage::Seat(room, session, seat));
        }
        self.feed(room).members.push(place);
        self.settle(session);
    }

    fn leave(&mut self, room: Option<RoomId>, place: usize) {
        let feed = self.feed(room);
        feed.members.retain(|member| *member != place);
        if let Some(room) = room
            && feed.members.is_empty()
        {
            self.rooms.remove(&room);
            self.tell(SoundMessage::Phones(room, self.parts.thread, false));
        }
    }

    fn seat(&mut self, session: SessionId, place: Option<SessionId>) {
        let Some(leg) = self.leg(session) else {
            return;
        };
        leg.place = place;
        if let Some(room) = leg.room {
            self.tell(SoundMessage::Seat(room, session, place));
        }
    }

    fn play(&mut self, session: SessionId, prompts: Vec<Arc<Prompt>>, over: bool) {
        let Some(leg) = self.leg(session) else {
            return;
        };
        let playing = (!prompts.is_empty()).then(|| Playing::new(prompts, over));
        if std::mem::replace(&mut leg.playing, playing).is_some() {
            self.played(session, false);
        }
    }

    fn played(&self, session: SessionId, completed: bool) {
        let event = Event::Played { session, completed };
        self.parts.shared.events.put(event);
    }

    /// Makes the room's mix take the leg's sound, or not.
    fn settle(&mut self, session: SessionId) {
        let Some(leg) = self.leg(session) else {
            return;
        };
        let wanted = match (leg.room, leg.codec(), leg.microphone) {
            (Some(room), Some(codec), true) => Some((room, codec)),
            _ => None,
        };
        if leg.live == wanted {
            return;
        }
        let before = leg.go_live(wanted);
        match (before, wanted) {
            (_, Some((room, codec))) => {
                let input = Some(Input::Telephone(codec));
                self.tell(SoundMessage::Microphone(room, session, input));
            }
            (Some((room, _)), None) => {
                self.tell(SoundMessage::Microphone(room, session, None));
            }
            (None, None) => {}
        }
    }

    fn close(&mut self, session: SessionId) {
        let Some(place) = self.places.remove(&session) else {
            return;
        };
        let Some(leg) = self.legs.get_mut(place).and_then(Option::take) else {
            return;
        };
        self.leave(leg.room, place);
        if let Some(room) = leg.room {
            self.tell(SoundMessage::Forget(room, session));
        }
        if leg.playing.is_some() {
            self.played(session, false);
        }
        self.free.push(place);
        // Closing its sockets takes them off the waiting list.
        drop(leg);
        self.parts.shared.end_session(session, EndReason::Closed);
    }

    fn close_room(&mut self, room: RoomId) {
        let Some(feed) = self.rooms.get(&room) else {
            return;
        };
        let members = feed.members.clone();
        let sessions: Vec<SessionId> = members
            .iter()
            .filter_map(|place| Some(self.legs.get(*place)?.as_ref()?.session))
            .collect();
        for session in sessions {
            self.attach(session, None);
        }
    }

    fn tell(&self, message: SoundMessage) {
        // The sound thread outlives this one; without it there is nobody to tell.
        let _ = self.parts.sound.send(message);
    }

    fn farewell(&mut self) {
        let sessions: Vec<SessionId> = self.places.keys().copied().collect();
        for session in sessions {
            self.close(session);
        }
    }

    // --- what comes in

    fn receive(&mut self, token: u64) {
        let Some(leg) = usize::try_from(token / 2)
            .ok()
            .and_then(|place| self.legs.get_mut(place)?.as_mut())
        else {
            return;
        };
        let rtcp = token & RTCP != 0;
        let mut data = [0; DATAGRAM];
        for _ in 0..RECEIVE_ROUNDS {
            let socket = if rtcp {
                &leg.sockets.rtcp
            } else {
                &leg.sockets.rtp
            };
            let (length, source) = match socket.recv_from(&mut data) {
                Ok(received) => received,
                // An ICMP answer to a datagram of ours is taken off the socket by this.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => continue,
                Err(_) => return,
            };
            self.parts.shared.counters.packets_in.add(1);
            let now = Instant::now();
            let clock = &self.parts.shared.clock;
            let moment = (now, clock.ntp(clock.at(now)));
            let mut settled = false;
            let heard = if rtcp {
                leg.receive_rtcp(&data[..length], source, moment)
            } else {
                leg.receive(&data[..length], source, moment, &mut settled)
            };
            if settled {
                let session = leg.session;
                self.parts.shared.events.put(Event::LegHeard { session });
            }
            pass_on(&self.parts, leg, heard, now);
        }
    }

    fn look_after(&mut self, now: Instant) {
        let clock = &self.parts.shared.clock;
        let ntp = clock.ntp(clock.at(now));
        let period = self.parts.shared.period(now);
        let events = &self.parts.shared.events;
        for leg in self.legs.iter_mut().flatten() {
            let looked = leg.look_after(now, ntp, period);
            let session = leg.session;
            if let Some(seconds) = looked.quiet {
                events.put(Event::LegQuiet { session, seconds });
            }
            if let Some((loss, rtt, bitrate)) = looked.quality {
                events.put(Event::Quality {
                    session,
                    loss,
                    rtt,
                    bitrate,
                    layer: None,
                });
            }
        }
    }

    /// 20 ms for those who are in no room.
    fn idle_tick(&mut self, due: Instant) {
        if self.idle.members.is_empty() {
            return;
        }
        let tick = PhoneTick {
            room: None,
            period: self.parts.shared.period(due),
            shared: Arc::clone(&self.silence),
            opus: None,
            private: Vec::new(),
        };
        self.tick(&tick);
    }

    fn tick(&mut self, tick: &PhoneTick) {
        let feed = match tick.room {
            Some(room) => match self.rooms.get_mut(&room) {
                Some(feed) => feed,
                None => return,
            },
            None => &mut self.idle,
        };
        let (mut packets, mut bytes) = (0, 0);
        feed.begin(tick);
        let members = std::mem::take(&mut feed.members);
        for place in &members {
            let Some(leg) = self.legs.get_mut(*place).and_then(Option::as_mut) else {
                continue;
            };
            let sent = tick::give(leg, feed, tick, &mut self.outbox);
            packets += u64::from(sent.bytes > 0);
            bytes += sent.bytes as u64;
            if sent.played {
                let session = leg.session;
                let completed = true;
                let event = Event::Played { session, completed };
                self.parts.shared.events.put(event);
            }
        }
        feed.members = members;
        self.outbox.flush();
        self.parts.shared.counters.packets_out.add(packets);
        self.parts.shared.counters.bytes_out.add(bytes);
    }
}

/// Tells the others what a packet meant.
fn pass_on(parts: &Parts, leg: &Leg, heard: Heard, at: Instant) {
    let session = leg.session;
    let live = leg.live.map(|(room, _)| room);
    match (heard, live) {
        (Heard::Refused, _) => parts.shared.counters.rejected.add(1),
        (Heard::Key(key), _) => {
            let event = Event::Digit {
                session,
                digit: key,
            };
            parts.shared.events.put(event);
        }
        (Heard::Sound(sequence, timestamp, payload), Some(room)) => {
            let message = SoundMessage::Packet {
                room,
                source: session,
                sequence,
                timestamp,
                payload: payload.into(),
                at,
            };
            let _ = parts.sound.send(message);
        }
        (Heard::Comfort(level), Some(room)) => {
            let _ = parts
                .sound
                .send(SoundMessage::Comfort(room, session, level));
        }
        (Heard::Nothing | Heard::Sound(..) | Heard::Comfort(_), _) => {}
    }
}
