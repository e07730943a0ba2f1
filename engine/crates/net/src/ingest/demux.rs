//! Datagrams of publishers, and what comes of them.

use std::net::SocketAddr;
use std::time::Instant;

use podium_media::stun::{Datagram as Type, classify};

use super::publisher::Happening;
use super::{GRAIN, Ingest};
use crate::command::{Event, SessionId};
use crate::messages::{Datagram, WorkerMedia};
use crate::registry::{INGEST, Owner};
use crate::worker::named;

/// Addresses that one publisher may use at a time.
const MAX_ADDRESSES: usize = 8;

impl Ingest {
    /// A datagram from this thread's socket.
    pub(super) fn datagram(
        &mut self,
        data: &[u8],
        (source, path): (SocketAddr, usize),
        now: Instant,
    ) {
        let shared = &self.parts.shared;
        let owner = match classify(data) {
            Type::Unknown => None,
            Type::Stun => named(&shared.registry, data),
            _ => match self.by_address.get(&source) {
                Some(&session) => Some(Owner {
                    thread: INGEST,
                    session,
                }),
                None => shared.registry.by_address(source),
            },
        };
        match owner {
            None => shared.counters.rejected.add(1),
            Some(Owner {
                thread: INGEST,
                session,
            }) => {
                self.handle(session, data, (source, path), now);
            }
            Some(Owner { thread, session }) => {
                let datagram = Datagram {
                    data: data.into(),
                    source,
                    path,
                    session,
                    at: now,
                };
                let post = self.parts.workers.get(thread - 1);
                if !post.is_some_and(|post| post.media(WorkerMedia::Datagram(datagram))) {
                    shared.counters.rejected.add(1);
                }
            }
        }
    }

    /// A datagram that another thread's socket got.
    pub(super) fn forwarded(&mut self, datagram: &Datagram) {
        let from = (datagram.source, datagram.path);
        self.handle(datagram.session, &datagram.data, from, datagram.at);
    }

    fn handle(
        &mut self,
        session: SessionId,
        data: &[u8],
        (source, path): (SocketAddr, usize),
        now: Instant,
    ) {
        let Some(peer) = self.peers.get_mut(&session) else {
            return;
        };
        if classify(data) == Type::Stun {
            if !peer.publisher.is_authentic(data) {
                return self.parts.shared.counters.rejected.add(1);
            }
            if self.by_address.get(&source) != Some(&session) {
                if peer.publisher.addresses.len() >= MAX_ADDRESSES {
                    let former = peer.publisher.addresses.remove(0);
                    self.by_address.remove(&former);
                    self.parts.shared.registry.release_address(former, session);
                }
                peer.publisher.addresses.push(source);
                self.by_address.insert(source, session);
                let owner = Owner {
                    thread: INGEST,
                    session,
                };
                self.parts.shared.registry.claim_address(source, owner);
            }
        }
        peer.publisher
            .receive(data, (source, path), now, &mut self.happenings);
        self.settle(session, now);
    }

    /// Lets time pass for those whose timers are due, and for slots.
    pub(super) fn pass_time(&mut self, now: Instant) {
        while let Some(&(at, session)) = self.timers.first() {
            if at > now {
                break;
            }
            self.timers.remove(&(at, session));
            if let Some(peer) = self.peers.get_mut(&session) {
                peer.publisher.tick(now, &mut self.happenings);
                self.settle(session, now);
            }
        }
        self.poll_slots(now);
        if now >= self.next_look {
            self.next_look = now + super::LOOK_AFTER;
            self.look_after_sources(now);
        }
    }

    /// Acts on what came of a publisher's input, and sets its timer.
    pub(super) fn settle(&mut self, session: SessionId, now: Instant) {
        let mut happenings = std::mem::take(&mut self.happenings);
        let mut ended = None;
        for happening in happenings.drain(..) {
            match happening {
                Happening::Transmit(path, to, data) => {
                    // What the network refuses is lost, as on any network.
                    let _ = self.parts.sockets.send(path, &data, to);
                }
                Happening::Packet(packet) => self.packet(session, &packet),
                Happening::Report {
                    ssrc,
                    kind,
                    ntp,
                    rtp,
                    at,
                } => {
                    self.sender_report(session, (ssrc, kind), (ntp, rtp), at);
                }
                Happening::Connected(profile) => {
                    let profile = profile.map_or("", podium_media::srtp::Profile::name);
                    self.parts
                        .shared
                        .events
                        .put(Event::Connected { session, profile });
                }
                Happening::Fared { loss, rtt, bytes } => {
                    self.report_quality(session, (loss, rtt, bytes), now);
                }
                Happening::Ended(reason) => ended = Some(reason),
            }
        }
        self.happenings = happenings;
        if let Some(reason) = ended {
            return self.remove(session, reason);
        }
        if let Some(peer) = self.peers.get_mut(&session) {
            let latest = now + super::LOOK_AFTER * 4;
            let due = peer.publisher.next.clamp(now + GRAIN, latest);
            self.timers.remove(&(peer.due, session));
            peer.due = due;
            self.timers.insert((due, session));
        }
    }
}
