//! What the threads tell each other.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use podium_media::frame::{Frame, SlotId};
use podium_media::time::Reference;
use podium_sound::Input;

use crate::command::{IceSpec, LegSpec, ProgramSlot, RoomId, SessionId, Size, ViewerSpec};
use crate::ingest::Publisher;
use crate::mailbox::Post;
use crate::phones::{Prompt, Sockets};

/// A datagram on its way to the thread that owns its session.
#[derive(Debug)]
pub struct Datagram {
    /// Its bytes.
    pub data: Box<[u8]>,
    /// From where.
    pub source: SocketAddr,
    /// To which listening address.
    pub path: usize,
    /// Whose it is.
    pub session: SessionId,
    /// When it arrived.
    pub at: Instant,
}

/// The slots of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomSlots {
    /// In the order of [`ProgramSlot::ALL`].
    pub program: [SlotId; 3],
    /// The mix.
    pub sound: SlotId,
}

impl RoomSlots {
    /// Identifier of a program slot.
    pub fn of(&self, slot: ProgramSlot) -> SlotId {
        self.program[slot as usize]
    }
}

/// To the publishers' thread.
pub enum IngestControl {
    /// A new room.
    OpenRoom(RoomId, RoomSlots),
    /// The room and its publishers end.
    CloseRoom(RoomId),
    /// A new publisher; frames for it alone go to that slot.
    Publish(Box<Publisher>, SlotId),
    /// Ends a publisher.
    Close(SessionId),
    /// Puts a source on air.
    SetSlot(RoomId, ProgramSlot, Option<SessionId>),
    /// Opens or closes a microphone.
    SetMicrophone(SessionId, bool),
    /// Somebody began (true) or ceased to look at a source's own slot.
    Watch(SlotId, bool),
    /// Viewers of that slot need a keyframe of that layer.
    Keyframe(SlotId, u8),
    /// Writes the room's program to a descriptor.
    StartTap(RoomId, OwnedFd),
    /// Ends it.
    StopTap(RoomId),
    /// The engine closes.
    Stop,
}

/// To a viewers' thread.
pub enum WorkerControl {
    /// A new viewer.
    View(Box<ViewerSpec>, RoomSlots),
    /// New ICE credentials.
    Restart(SessionId, IceSpec),
    /// Ends a viewer.
    Close(SessionId),
    /// Ends all viewers of a room and forgets its slots.
    CloseRoom(RoomId, RoomSlots),
    /// A private slot looks at that slot of a source.
    SetPrivateSlot {
        /// Whose.
        viewer: SessionId,
        /// 0 to 63.
        index: u8,
        /// The source's own slot.
        slot: Option<SlotId>,
        /// Cap.
        size: Size,
    },
    /// Must not hear that source.
    SetSelf(SessionId, Option<SessionId>),
    /// The slot shows nothing any more; with true it never will again.
    Dark(SlotId, bool),
    /// The engine closes.
    Stop,
}

/// To a viewers' thread, droppable.
pub enum WorkerMedia {
    /// A run of packets of a picture.
    Picture(Arc<Frame>),
    /// 20 ms of sound.
    Sound(Arc<SoundTick>),
    /// Arrived at another thread's socket.
    Datagram(Datagram),
}

/// 20 ms of a room's sound.
#[derive(Debug)]
pub struct SoundTick {
    /// The room's slot.
    pub slot: SlotId,
    /// RTP time of all mixes, at 48 kHz.
    pub timestamp: u32,
    /// When it was spoken.
    pub taken: Reference,
    /// What everybody hears who is not named in `private`; None: nothing to send.
    pub shared: Option<Arc<[u8]>>,
    /// What the venue of an open microphone hears.
    pub private: Vec<(SessionId, Option<Arc<[u8]>>)>,
}

impl SoundTick {
    /// What the venue of that microphone hears, or who has none.
    pub fn payload_for(&self, own: Option<SessionId>) -> Option<&Arc<[u8]>> {
        let mix = own.and_then(|own| self.private.iter().find(|(source, _)| *source == own));
        mix.map_or(self.shared.as_ref(), |(_, mix)| mix.as_ref())
    }
}

/// To the sound thread.
pub enum SoundMessage {
    /// A new room.
    Open(RoomId, SlotId),
    /// The room ends.
    Close(RoomId),
    /// Opens a microphone for such sound, or closes it.
    Microphone(RoomId, SessionId, Option<Input>),
    /// A leg listens, and sits with that other source or for itself.
    Seat(RoomId, SessionId, Option<SessionId>),
    /// A leg is gone.
    Forget(RoomId, SessionId),
    /// A viewer sits with that leg.
    Seated(RoomId, SessionId),
    /// That one of the phones' threads has somebody in the room, or no longer.
    Phones(RoomId, usize, bool),
    /// A leg sends comfort noise of so many -dBov.
    Comfort(RoomId, SessionId, u8),
    /// A packet of an open microphone.
    Packet {
        /// Where.
        room: RoomId,
        /// Whose.
        source: SessionId,
        /// On the wire.
        sequence: u16,
        /// On the wire.
        timestamp: u32,
        /// In the microphone's codec.
        payload: Arc<[u8]>,
        /// Arrival.
        at: Instant,
    },
    /// The mix also goes to this tap.
    Tap(RoomId, Option<crate::tap::TapPost>),
    /// The engine closes.
    Stop,
}

/// 20 ms of a room's sound for its legs.
#[derive(Debug)]
pub struct PhoneTick {
    /// None: silence, for those who are in no room.
    pub room: Option<RoomId>,
    /// Number of this 20 ms since the engine's start.
    pub period: u64,
    /// What everybody hears who is not named in `private`.
    pub shared: Arc<podium_sound::Frame>,
    /// The same in Opus; None: nothing to send.
    pub opus: Option<Arc<[u8]>>,
    /// What places with open microphones hear.
    pub private: Vec<(SessionId, Arc<podium_sound::Frame>)>,
}

/// To a thread of phones.
pub enum PhoneControl {
    /// A new leg.
    Open(SessionId, Box<Sockets>),
    /// Its sound was agreed.
    Set(SessionId, Box<LegSpec>),
    /// It hears that room, or none.
    Attach(SessionId, Option<RoomId>),
    /// It is read something; whether over the room's sound.
    Play(SessionId, Vec<Arc<Prompt>>, bool),
    /// It sends keys.
    Digits(SessionId, String),
    /// Opens or closes its microphone.
    Microphone(SessionId, bool),
    /// It sits with another source.
    Seat(SessionId, Option<SessionId>),
    /// Ends it.
    Close(SessionId),
    /// A room is gone: its legs are in none.
    CloseRoom(RoomId),
    /// The engine closes.
    Stop,
}

/// To a thread of phones.
pub type PhonePost = Post<PhoneControl, Arc<PhoneTick>>;
/// To a viewers' thread.
pub type WorkerPost = Post<WorkerControl, WorkerMedia>;
/// To the publishers' thread.
pub type IngestPost = Post<IngestControl, Datagram>;
