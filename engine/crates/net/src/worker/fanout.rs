//! From slots to viewers: pictures in slices, sound at once, cached groups in paces.

use std::sync::Arc;
use std::time::{Duration, Instant};

use podium_media::egress::HeaderExtensions;
use podium_media::frame::{Frame, SlotId};
use podium_media::srtp::MAX_TAG;
use podium_media::time::abs_send_time;
use podium_media::viewer::Take;

use super::egress::{Lost, Route, Writer};
use super::riding;
use super::slots::{Seat, SlotState};
use super::stream::{Media, Picture};
use super::viewer::{Keys, Viewer};
use super::{Job, Worker};
use crate::command::Event;
use crate::messages::{IngestControl, SoundTick};

/// Viewers served between two looks at what else is waiting: sound never queues behind pictures.
const SLICE: usize = 64;
/// Packets of a cached group sent to a joiner at once.
const PACE_PACKETS: usize = 16;
/// How often.
pub const PACE: Duration = Duration::from_millis(4);
/// Frames that may wait, whatever their age.
const MAX_JOBS: usize = 256;
/// Who has not got a frame after so long does not get it: this thread cannot keep up, and what is
/// late delays what follows. Those viewers go on at the next keyframe, and until then cost nothing,
/// so that all the others go on smoothly.
const TOO_LATE: Duration = Duration::from_millis(400);
/// RTP header and extensions, at most.
pub const MAX_HEADER: usize = 64;

/// A viewer's picture stream with what is needed to send on it.
struct Ready<'a> {
    keys: &'a Keys,
    route: Route,
    extensions: &'a HeaderExtensions,
    picture: &'a mut Picture,
    sent: &'a mut u64,
}

fn ready(viewer: &mut Viewer, stream: usize) -> Option<Ready<'_>> {
    let stream = viewer.streams.get_mut(stream)?;
    let Media::Picture(picture) = &mut stream.media else {
        return None;
    };
    let extensions = &stream.extensions;
    let (keys, route, sent) = (viewer.keys.as_ref()?, viewer.route?, &mut viewer.sent);
    Some(Ready {
        keys,
        route,
        extensions,
        picture,
        sent,
    })
}

impl Worker {
    /// A frame has come: keeps it and queues it for its viewers.
    pub(super) fn enqueue(&mut self, frame: Arc<Frame>, now: Instant) {
        let Some(slot) = self.slots.get_mut(&frame.slot) else {
            self.slots.entry(frame.slot).or_default().keep(&frame, now);
            return;
        };
        slot.keep(&frame, now);
        if frame.late || slot.seats.is_empty() {
            return;
        }
        let first = slot
            .seats
            .first()
            .and_then(|s| self.viewers.get(s.viewer)?.as_ref());
        let room = first
            .map(|viewer| viewer.slots)
            .filter(|room| room.program.contains(&frame.slot));
        if self.jobs.len() >= MAX_JOBS {
            self.shared
                .counters
                .dropped_slow
                .add(slot.seats.len() as u64 * frame.len() as u64);
            return;
        }
        self.jobs.push_back(Job {
            frame,
            next: 0,
            since: now,
        });
        if let Some(sound) = room.and_then(|room| self.slots.get_mut(&room.sound)) {
            sound.pace.beat(now);
        }
    }

    /// Serves the next few viewers of the oldest frame.
    pub(super) fn slice(&mut self, now: Instant) {
        let Some(mut job) = self.jobs.pop_front() else {
            return;
        };
        let Some(mut slot) = self.slots.remove(&job.frame.slot) else {
            return;
        };
        if now.saturating_duration_since(job.since) > TOO_LATE {
            let rest = slot.seats.get(job.next..).unwrap_or_default();
            let layer = self.shed(rest, &job.frame);
            slot.strained(now);
            self.want(&mut slot, (job.frame.slot, layer), now);
            self.slots.insert(job.frame.slot, slot);
            return;
        }
        let send_time = abs_send_time(self.shared.clock.at(now));
        let end = slot.seats.len().min(job.next + SLICE);
        let mut wanted = None;
        for seat in &slot.seats[job.next..end] {
            if let Some(layer) = self.serve(*seat, &job.frame, send_time) {
                wanted = Some(layer);
            }
        }
        self.egress.flush();
        if let Some(layer) = self.settle_lost(&job.frame) {
            wanted = Some(layer);
        }
        self.want(&mut slot, (job.frame.slot, wanted), now);
        job.next = end;
        let done = end == slot.seats.len();
        self.slots.insert(job.frame.slot, slot);
        if !done {
            self.jobs.push_front(job);
        }
    }

    fn want(&self, slot: &mut SlotState, (id, layer): (SlotId, Option<u8>), now: Instant) {
        if let Some(layer) = layer
            && slot.ask(layer, now)
        {
            self.ingest.control(IngestControl::Keyframe(id, layer));
        }
    }

    /// Passes a frame over for these; the layer of which a keyframe is needed for that.
    fn shed(&mut self, seats: &[Seat], frame: &Frame) -> Option<u8> {
        let mut wanted = None;
        let mut dropped = 0;
        for seat in seats {
            let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut) else {
                continue;
            };
            let Some(ready) = ready(viewer, seat.stream) else {
                continue;
            };
            if ready.picture.out.showing() == Some((frame.slot, frame.layer)) {
                ready.picture.out.dropped(frame, frame.len());
                dropped += frame.len() as u64;
                wanted = ready.picture.out.keyframe_wanted().map(|(_, layer)| layer);
            }
        }
        self.shared.counters.dropped_slow.add(dropped);
        wanted
    }

    /// One frame for one viewer; the layer of which it needs a keyframe, if so.
    fn serve(&mut self, seat: Seat, frame: &Frame, send_time: [u8; 3]) -> Option<u8> {
        let viewer = self.viewers.get_mut(seat.viewer)?.as_mut()?;
        let session = viewer.session;
        let name = viewer.streams.get(seat.stream)?.name;
        let picture = ready(viewer, seat.stream)?.picture;
        if picture.replaying {
            return None;
        }
        if let Take::Send(run) = picture.out.take(frame) {
            let length = riding::rider(&self.held, viewer, send_time, &mut self.rider);
            let ready = ready(viewer, seat.stream)?;
            let writer = Writer {
                seal: &ready.keys.rtp,
                extensions: ready.extensions,
                send_time,
            };
            self.egress.frame(
                ready.route,
                (frame, &run),
                &writer,
                (seat.viewer, seat.stream),
                &self.rider[..length],
            );
            *ready.sent += (frame.octets() + length) as u64;
        }
        let ready = ready(viewer, seat.stream)?;
        let blind = ready.picture.out.blind();
        if blind != ready.picture.told {
            ready.picture.told = blind;
            let codec = blind.map(podium_media::codec::Codec::name);
            self.shared.events.put(Event::CannotDecode {
                viewer: session,
                slot: name,
                codec,
            });
        }
        let (slot, layer) = ready.picture.out.keyframe_wanted()?;
        (slot == frame.slot).then_some(layer)
    }

    /// Viewers that could not get the rest of a frame wait for a keyframe.
    fn settle_lost(&mut self, frame: &Frame) -> Option<u8> {
        if !self.egress.has_lost() {
            return None;
        }
        let mut wanted = None;
        for Lost {
            viewer,
            stream,
            place,
        } in self.egress.take_lost()
        {
            let found = self.viewers.get_mut(viewer).and_then(Option::as_mut);
            if let Some(ready) = found.and_then(|viewer| ready(viewer, stream)) {
                ready.picture.out.dropped(frame, place);
                wanted = ready
                    .picture
                    .out
                    .keyframe_wanted()
                    .map(|(_, layer)| layer)
                    .or(wanted);
            }
        }
        wanted
    }

    /// A stream begins to look at a slot: the cached group if there is one, else a keyframe.
    pub(super) fn welcome(&mut self, seat: Seat, slot_id: SlotId, now: Instant) {
        let Some(slot) = self.slots.get_mut(&slot_id) else {
            return;
        };
        let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut) else {
            return;
        };
        let Some(ready) = ready(viewer, seat.stream) else {
            return;
        };
        let out = &ready.picture.out;
        let Some(layer) = slot.layers.best(out.target()) else {
            return;
        };
        let group = slot.cache[usize::from(layer)].frames();
        if group
            .first()
            .is_some_and(|keyframe| out.may_replay(keyframe))
        {
            ready.picture.replaying = true;
            self.replays.push(seat);
        } else if slot.ask(layer, now) {
            self.ingest.control(IngestControl::Keyframe(slot_id, layer));
        }
    }

    /// Goes on with the cached groups.
    pub(super) fn replay(&mut self, now: Instant) {
        let seats = std::mem::take(&mut self.replays);
        for seat in seats {
            if self.pace(seat, now) {
                self.replays.push(seat);
            } else if let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut)
                && let Some(ready) = ready(viewer, seat.stream)
            {
                ready.picture.replaying = false;
            }
        }
    }

    /// The next few packets of a group; false when the stream has caught up or must not go on.
    fn pace(&mut self, seat: Seat, now: Instant) -> bool {
        let send_time = abs_send_time(self.shared.clock.at(now));
        let mut packets = 0;
        while packets < PACE_PACKETS {
            let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut) else {
                return false;
            };
            let Some(ready) = ready(viewer, seat.stream) else {
                return false;
            };
            let out = &mut ready.picture.out;
            if !ready.picture.replaying {
                return false;
            }
            let Some(slot_id) = out.watching() else {
                return false;
            };
            let Some(slot) = self.slots.get(&slot_id) else {
                return false;
            };
            let Some(layer) = slot.layers.best(out.target()) else {
                return false;
            };
            let position = out.position(slot_id, layer);
            let Some(frame) = slot.cache[usize::from(layer)].after(position) else {
                return false;
            };
            let Take::Send(run) = out.take(frame) else {
                return false;
            };
            let frame = Arc::clone(frame);
            let writer = Writer {
                seal: &ready.keys.rtp,
                extensions: ready.extensions,
                send_time,
            };
            self.egress.frame(
                ready.route,
                (&frame, &run),
                &writer,
                (seat.viewer, seat.stream),
                &[],
            );
            *ready.sent += frame.octets() as u64;
            packets += frame.len();
            self.egress.flush();
            if self.settle_lost(&frame).is_some() {
                return false;
            }
        }
        true
    }

    /// Sends again what viewers lost.
    pub(super) fn resend(&mut self, seat: Seat, now: Instant) {
        let send_time = abs_send_time(self.shared.clock.at(now));
        let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut) else {
            return;
        };
        let Some(ready) = ready(viewer, seat.stream) else {
            return;
        };
        let writer = Writer {
            seal: &ready.keys.rtp,
            extensions: ready.extensions,
            send_time,
        };
        while let Some(wanted) = ready.picture.out.next_resend() {
            let Some(slot) = self.slots.get(&wanted.slot) else {
                continue;
            };
            let Some((frame, place)) = slot.ring[usize::from(wanted.layer)].get(wanted.sequence)
            else {
                continue;
            };
            let packet = ready.picture.out.resend(&wanted, frame, place);
            if let Some(packet) = packet
                && self.egress.packet(ready.route, &packet, &writer)
            {
                self.shared.counters.retransmitted.add(1);
            }
        }
    }

    /// 20 ms of sound, each packet a message, for those listeners in whose picture it did not ride:
    /// what was said already is not written again.
    pub(super) fn speak(&mut self, tick: &SoundTick, now: Instant) {
        let Some(slot) = self.slots.get(&tick.slot) else {
            return;
        };
        let send_time = abs_send_time(self.shared.clock.at(now));
        for seat in &slot.seats {
            let Some(viewer) = self.viewers.get_mut(seat.viewer).and_then(Option::as_mut) else {
                continue;
            };
            let Some(payload) = tick.payload_for(viewer.own) else {
                continue;
            };
            let (Some(keys), Some(route)) = (&viewer.keys, viewer.route) else {
                continue;
            };
            let Some(stream) = viewer.streams.get_mut(seat.stream) else {
                continue;
            };
            let Media::Sound(sound) = &mut stream.media else {
                continue;
            };
            let extensions = &stream.extensions;
            let sent = self
                .egress
                .write(route, MAX_HEADER + payload.len() + MAX_TAG, |out| {
                    let data = (tick.timestamp, &payload[..]);
                    sound.write(data, (extensions, send_time), &keys.rtp, out)
                });
            viewer.sent += sent as u64;
        }
        self.egress.flush();
    }
}
