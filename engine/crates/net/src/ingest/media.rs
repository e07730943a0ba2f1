//! Packets of publishers on their way into slots and into the mix.

use std::sync::Arc;
use std::time::{Duration, Instant};

use podium_media::frame::{Layers, SlotId, SourceId};
use podium_media::slot::SourcePacket;
use podium_media::time::Ntp;
use str0m::rtp::RtpPacket;

use super::room::SlotOwner;
use super::{Ingest, Peer, STOPPED};
use crate::command::{Event, Kind, ProgramSlot, RoomId, SessionId};
use crate::messages::{SoundMessage, WorkerControl, WorkerMedia};

fn clock_rate(kind: Kind) -> u32 {
    match kind {
        Kind::Audio => 48_000,
        Kind::Video => 90_000,
    }
}

impl Ingest {
    /// A media packet.
    pub(super) fn packet(&mut self, session: SessionId, packet: &RtpPacket) {
        let Some(peer) = self.peers.get_mut(&session) else {
            return;
        };
        let Some(stream) = peer.publisher.stream(packet) else {
            return;
        };
        let now = packet.timestamp;
        let track = peer.track(stream.kind);
        track.last = Some(now);
        if track.codec != Some(stream.codec) {
            track.codec = Some(stream.codec);
            let (kind, codec) = (stream.kind, stream.codec.name());
            self.parts.shared.events.put(Event::SourceStarted {
                session,
                kind,
                codec,
            });
        }
        if packet.payload.is_empty() {
            return;
        }
        if stream.kind == Kind::Audio {
            return self.sound(session, packet);
        }
        let ssrc = *packet.header.ssrc;
        if let Some(place) = peer.layers.get_mut(usize::from(stream.layer)) {
            *place = Some(ssrc);
        }
        let arrival = self.parts.shared.clock.at(now);
        let timestamp = packet.header.timestamp;
        let taken = peer
            .clock
            .taken(ssrc, clock_rate(Kind::Video), timestamp, arrival);
        let out = SourcePacket {
            source: SourceId(session),
            layer: stream.layer,
            codec: stream.codec,
            sequence: *packet.seq_no,
            timestamp,
            taken,
            marker: packet.header.marker,
            payload: &packet.payload,
        };
        if peer.watchers > 0 {
            peer.own.push(&out, now, &mut self.frames);
        }
        let room = peer.publisher.room;
        if let Some(room) = self.rooms.get_mut(&room) {
            for slot in &mut room.program {
                slot.push(&out, now, &mut self.frames);
            }
        }
        self.publish_frames();
        self.announce(room);
    }

    fn sound(&mut self, session: SessionId, packet: &RtpPacket) {
        let Some(peer) = self.peers.get_mut(&session).filter(|peer| peer.microphone) else {
            return;
        };
        let room = peer.publisher.room;
        self.tell_sound(SoundMessage::Packet {
            room,
            source: session,
            sequence: packet.header.sequence_number,
            timestamp: packet.header.timestamp,
            payload: Arc::clone(&packet.payload),
            at: packet.timestamp,
        });
    }

    /// A sender report.
    pub(super) fn sender_report(
        &mut self,
        session: SessionId,
        (ssrc, kind): (u32, Kind),
        (ntp, rtp): (Ntp, u32),
        at: Instant,
    ) {
        let arrival = self.parts.shared.clock.at(at);
        if let Some(peer) = self.peers.get_mut(&session) {
            peer.clock
                .on_sender_report(ssrc, clock_rate(kind), ntp, rtp, arrival);
        }
    }

    /// Hands finished frames to the viewers' threads and to taps.
    fn publish_frames(&mut self) {
        for frame in self.frames.drain(..) {
            if let Some(SlotOwner::Program(room, _)) = self.owners.get(&frame.slot)
                && let Some(tap) = self.rooms.get_mut(room).and_then(|room| room.tap.as_mut())
            {
                tap.picture(&frame);
            }
            for worker in &self.parts.workers {
                if !worker.media(WorkerMedia::Picture(Arc::clone(&frame))) {
                    self.parts
                        .shared
                        .counters
                        .dropped_slow
                        .add(frame.len() as u64);
                }
            }
        }
    }

    /// Says which sources went on air.
    fn announce(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        for (slot, live) in room.news() {
            let (source, codec) = (live.source.0, live.codec.name());
            self.parts.shared.events.put(Event::SlotLive {
                room: id,
                slot,
                source,
                codec,
            });
        }
    }

    /// Puts a source on air, at its next keyframe.
    pub(super) fn set_slot(&mut self, id: RoomId, slot: ProgramSlot, source: Option<SessionId>) {
        let now = Instant::now();
        let Some(room) = self.rooms.get_mut(&id) else {
            return;
        };
        let source = source.map(SourceId);
        room.program[slot as usize].switch(source, &mut self.frames);
        let output = room.slots.of(slot);
        self.publish_frames();
        if source.is_none() {
            self.tell_workers(|| WorkerControl::Dark(output, false));
            self.tell_tap(id, now);
        }
        self.poll_slots(now);
    }

    /// Says to a room's tap which pictures are gone.
    pub(super) fn tell_tap(&mut self, id: RoomId, now: Instant) {
        let at = self.parts.shared.clock.at(now);
        if let Some(room) = self.rooms.get_mut(&id)
            && let Some(tap) = &mut room.tap
        {
            tap.look(&room.program, at);
        }
    }

    /// Viewers of one thread begin or cease to look at a source's own slot.
    pub(super) fn watch(&mut self, slot: SlotId, begins: bool) {
        let Some(SlotOwner::Own(session)) = self.owners.get(&slot).copied() else {
            return;
        };
        let Some(peer) = self.peers.get_mut(&session) else {
            return;
        };
        if begins {
            peer.watchers += 1;
            self.watched.insert(session);
            peer.own.switch(Some(SourceId(session)), &mut self.frames);
        } else {
            peer.watchers = peer.watchers.saturating_sub(1);
            if peer.watchers == 0 {
                self.watched.remove(&session);
                peer.own.switch(None, &mut self.frames);
                self.tell_workers(|| WorkerControl::Dark(slot, false));
            }
        }
        self.publish_frames();
        self.poll_slots(Instant::now());
    }

    /// Viewers need a keyframe.
    pub(super) fn want_keyframe(&mut self, slot: SlotId, layer: u8) {
        match self.owners.get(&slot).copied() {
            Some(SlotOwner::Own(session)) => {
                if let Some(peer) = self.peers.get_mut(&session) {
                    peer.own.want_keyframe(layer);
                }
            }
            Some(SlotOwner::Program(id, place)) => {
                if let Some(room) = self.rooms.get_mut(&id) {
                    room.program[place].want_keyframe(layer);
                }
            }
            None => return,
        }
        self.poll_slots(Instant::now());
    }

    /// Gives up gaps, finishes frames and asks for keyframes where that is due.
    pub(super) fn poll_slots(&mut self, now: Instant) {
        let mut requests: Vec<(SourceId, Layers)> = Vec::new();
        for room in self.rooms.values_mut() {
            if let Some(tap) = &mut room.tap {
                tap.want_keyframes(&mut room.program, now);
            }
            for slot in &mut room.program {
                if slot.deadline().is_some_and(|at| at <= now) {
                    slot.poll(now, &mut self.frames);
                }
                while let Some(request) = slot.keyframe_request(now) {
                    requests.push(request);
                }
            }
        }
        for session in &self.watched {
            let Some(peer) = self.peers.get_mut(session) else {
                continue;
            };
            if peer.own.deadline().is_some_and(|at| at <= now) {
                peer.own.poll(now, &mut self.frames);
            }
            while let Some(request) = peer.own.keyframe_request(now) {
                requests.push(request);
            }
        }
        self.publish_frames();
        for (source, layers) in requests {
            self.request_keyframes(source.0, layers, now);
        }
    }

    fn request_keyframes(&mut self, session: SessionId, layers: Layers, now: Instant) {
        let Some(peer) = self.peers.get_mut(&session) else {
            return;
        };
        for layer in layers.iter() {
            if let Some(Some(ssrc)) = peer.layers.get(usize::from(layer)) {
                peer.publisher.request_keyframe((*ssrc).into());
            }
        }
        peer.publisher.tick(now, &mut self.happenings);
        self.settle(session, now);
    }

    /// Says which sources have stopped.
    pub(super) fn look_after_sources(&mut self, now: Instant) {
        for (&session, peer) in &mut self.peers {
            for kind in [Kind::Audio, Kind::Video] {
                let track = peer.track(kind);
                let silent = track
                    .last
                    .is_some_and(|at| now.saturating_duration_since(at) > STOPPED);
                if silent && track.codec.take().is_some() {
                    self.parts
                        .shared
                        .events
                        .put(Event::SourceStopped { session, kind });
                }
            }
        }
    }

    /// How a publisher fared.
    pub(super) fn report_quality(
        &mut self,
        session: SessionId,
        (loss, rtt, bytes): (f32, Option<Duration>, u64),
        now: Instant,
    ) {
        let Some(peer) = self.peers.get_mut(&session) else {
            return;
        };
        let Peer {
            bytes: before,
            told,
            publisher,
            ..
        } = peer;
        if !publisher.is_connected() {
            return;
        }
        let elapsed = now.saturating_duration_since(*told).as_millis().max(1);
        let bitrate = u128::from(bytes.saturating_sub(*before)) * 8_000 / elapsed;
        (*before, *told) = (bytes, now);
        self.parts.shared.events.put(Event::Quality {
            session,
            loss,
            rtt: rtt.map(|rtt| rtt.as_secs_f32()),
            bitrate: bitrate as u64,
            layer: None,
        });
    }
}
