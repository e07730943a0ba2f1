//! The thread that mixes the sound of all rooms, every 20 ms.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use podium_media::frame::SlotId;
use podium_sound::{Input, MixOutput, Room, RoomConfig, Speaking};

use crate::command::{Event, RoomId, SessionId};
use crate::messages::{PhonePost, PhoneTick, SoundMessage, SoundTick, WorkerMedia, WorkerPost};
use crate::shared::Shared;
use crate::tap::TapPost;

/// One frame of sound.
pub const TICK: Duration = Duration::from_millis(20);
/// Later than this the missed time is skipped instead of made up for.
const TOO_LATE: Duration = Duration::from_millis(200);
/// Speakers are told at most this often.
const SPEAKING_INTERVAL: Duration = Duration::from_millis(200);

struct Hall {
    slot: SlotId,
    room: Room,
    /// Latest delay of the loudest microphone, smoothed: how old the mixed sound is.
    age: Duration,
    told: Option<Instant>,
    silent: bool,
    tap: Option<TapPost>,
    /// Threads of phones with somebody in the room.
    phones: Vec<usize>,
}

/// All rooms' sound.
pub struct SoundThread {
    shared: Arc<Shared>,
    workers: Vec<WorkerPost>,
    phones: Vec<PhonePost>,
    rooms: HashMap<RoomId, Hall>,
}

impl SoundThread {
    /// Mixes go to `workers` and `phones`.
    pub fn new(shared: Arc<Shared>, workers: Vec<WorkerPost>, phones: Vec<PhonePost>) -> Self {
        Self {
            shared,
            workers,
            phones,
            rooms: HashMap::new(),
        }
    }

    /// Until told to stop, or everyone who could tell is gone.
    pub fn run(mut self, messages: &Receiver<SoundMessage>) {
        let mut due = Instant::now() + TICK;
        loop {
            match messages.recv_deadline(due) {
                Ok(SoundMessage::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(message) => self.hear(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now.saturating_duration_since(due) > TOO_LATE {
                due = now;
            }
            while due <= now {
                self.tick(due);
                due += TICK;
            }
        }
    }

    fn hear(&mut self, message: SoundMessage) {
        match message {
            SoundMessage::Open(id, slot) => self.open(id, slot),
            SoundMessage::Close(id) => {
                self.rooms.remove(&id);
            }
            SoundMessage::Microphone(id, source, input) => self.microphone(id, source, input),
            SoundMessage::Seat(id, leg, other) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.room.seat(leg, other);
                    hall.room.want_pcm(other.unwrap_or(leg));
                }
            }
            SoundMessage::Forget(id, leg) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.room.forget(leg);
                }
            }
            SoundMessage::Seated(id, leg) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.room.want_opus(leg);
                }
            }
            SoundMessage::Phones(id, thread, here) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.phones.retain(|other| *other != thread);
                    hall.phones.extend(here.then_some(thread));
                }
            }
            SoundMessage::Comfort(id, leg, level) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.room.comfort(leg, level);
                }
            }
            SoundMessage::Packet {
                room,
                source,
                sequence,
                timestamp,
                payload,
                at,
            } => {
                if let Some(hall) = self.rooms.get_mut(&room) {
                    hall.room.push(source, sequence, timestamp, &payload, at);
                }
            }
            SoundMessage::Tap(id, tap) => {
                if let Some(hall) = self.rooms.get_mut(&id) {
                    hall.tap = tap;
                }
            }
            SoundMessage::Stop => {}
        }
    }

    fn microphone(&mut self, id: RoomId, source: SessionId, input: Option<Input>) {
        let Some(hall) = self.rooms.get_mut(&id) else {
            return;
        };
        let Some(input) = input else {
            hall.room.close(source);
            return;
        };
        if let Err(error) = hall.room.open(source, input) {
            tracing::warn!(room = id, source, %error, "microphone stays closed");
        }
    }

    fn open(&mut self, id: RoomId, slot: SlotId) {
        match Room::new(RoomConfig::default()) {
            Ok(room) => {
                let age = Duration::ZERO;
                let hall = Hall {
                    slot,
                    room,
                    age,
                    told: None,
                    silent: true,
                    tap: None,
                    phones: Vec::new(),
                };
                self.rooms.insert(id, hall);
            }
            Err(error) => tracing::error!(room = id, %error, "the room has no sound"),
        }
    }

    fn tick(&mut self, due: Instant) {
        for (id, hall) in &mut self.rooms {
            let output = hall.room.tick(due);
            hall.measure_age(&output.speaking);
            if let Some(levels) = hall.speakers(&output.speaking, due) {
                self.shared
                    .events
                    .put(Event::Speaking { room: *id, levels });
            }
            for (session, noisy) in &output.noisy {
                self.shared.events.put(Event::LegNoisy {
                    session: *session,
                    noisy: *noisy,
                });
            }
            if !hall.phones.is_empty() {
                let tick = Arc::new(PhoneTick {
                    room: Some(*id),
                    period: self.shared.period(due),
                    shared: Arc::new(*hall.room.mixed()),
                    opus: output.shared.clone(),
                    private: private_pcm(&output),
                });
                for thread in &hall.phones {
                    let post = self.phones.get(*thread);
                    if post.is_some_and(|post| !post.media(Arc::clone(&tick))) {
                        self.shared.counters.dropped_slow.add(1);
                    }
                }
            }
            let taken = self
                .shared
                .clock
                .at(due)
                .plus(-(hall.age.as_micros() as i64));
            let tick = Arc::new(SoundTick {
                slot: hall.slot,
                timestamp: output.timestamp,
                taken,
                private: private(&output),
                shared: output.shared,
            });
            if let Some(tap) = &hall.tap {
                tap.sound(&tick);
            }
            if tick.shared.is_none() && tick.private.is_empty() {
                continue;
            }
            for worker in &self.workers {
                if !worker.media(WorkerMedia::Sound(Arc::clone(&tick))) {
                    self.shared.counters.dropped_slow.add(1);
                }
            }
        }
    }
}

fn private(output: &MixOutput) -> Vec<(SessionId, Option<Arc<[u8]>>)> {
    output
        .private
        .iter()
        .map(|mix| (mix.source, mix.payload.clone()))
        .collect()
}

fn private_pcm(output: &MixOutput) -> Vec<(SessionId, Arc<podium_sound::Frame>)> {
    let mixes = output.private.iter();
    mixes
        .filter_map(|mix| Some((mix.source, mix.pcm.clone()?)))
        .collect()
}

impl Hall {
    /// Follows the loudest speaker's delay slowly, so that lips do not jump.
    fn measure_age(&mut self, speaking: &[Speaking]) {
        if let Some(held) = speaking.first().and_then(|one| self.room.held(one.source)) {
            self.age = (self.age * 49 + held) / 50;
        }
    }

    /// What to tell now, if anything: levels while somebody speaks, and once an empty list.
    fn speakers(&mut self, speaking: &[Speaking], now: Instant) -> Option<Vec<(SessionId, u8)>> {
        let recent = self
            .told
            .is_some_and(|t| now.saturating_duration_since(t) < SPEAKING_INTERVAL);
        if recent || (speaking.is_empty() && self.silent) {
            return None;
        }
        self.told = Some(now);
        self.silent = speaking.is_empty();
        Some(speaking.iter().map(|one| (one.source, one.level)).collect())
    }
}
