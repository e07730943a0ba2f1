//! The program slots of a room.

use std::sync::Arc;
use std::time::Instant;

use podium_media::frame::{Frame, SlotId, SourceId};
use podium_media::slot::{Live, Slot, SlotConfig};

use crate::command::{ProgramSlot, RoomId, SessionId};
use crate::messages::RoomSlots;
use crate::tap::Tap;

/// Whose slot that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotOwner {
    /// A room's, by place.
    Program(RoomId, usize),
    /// A publisher's own.
    Own(SessionId),
}

/// A room.
pub struct Room {
    /// Identifiers.
    pub slots: RoomSlots,
    /// In the order of [`ProgramSlot::ALL`].
    pub program: [Slot; 3],
    /// Where the program is also written to.
    pub tap: Option<Tap>,
    told: [Option<Live>; 3],
}

impl Room {
    /// With empty slots.
    pub fn new(slots: RoomSlots, timestamp_base: u32) -> Self {
        let slot = |id: SlotId| Slot::new(SlotConfig::new(id, timestamp_base));
        Self {
            slots,
            program: slots.program.map(slot),
            tap: None,
            told: [None; 3],
        }
    }

    /// When a slot has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        self.program.iter().filter_map(Slot::deadline).min()
    }

    /// A source is gone: the slots that showed it, or were to, are empty.
    pub fn forget(&mut self, source: SourceId, out: &mut Vec<Arc<Frame>>) -> Vec<SlotId> {
        let mut dark = Vec::new();
        for slot in &mut self.program {
            let live = slot.live().map(|live| live.source);
            if slot.source() == Some(source) || live == Some(source) {
                // A slot that waits for another source goes on waiting.
                let waiting = slot.source().filter(|next| *next != source);
                slot.switch(None, out);
                slot.switch(waiting, out);
                dark.push(slot.id());
            }
        }
        dark
    }

    /// Sources that went on air since the last call.
    pub fn news(&mut self) -> Vec<(ProgramSlot, Live)> {
        let mut news = Vec::new();
        for (place, name) in ProgramSlot::ALL.into_iter().enumerate() {
            let live = self.program[place].live();
            if live != self.told[place] {
                self.told[place] = live;
                news.extend(live.map(|live| (name, live)));
            }
        }
        news
    }
}
