//! Datagrams: whose they are, and what their owner makes of them.

use std::net::SocketAddr;
use std::time::Instant;

use podium_media::stun::{Datagram as Kind, Message, classify};

use super::Worker;
use super::egress::Route;
use super::slots::Seat;
use super::stream::Media;
use super::viewer::{Answers, Feedback, News};
use crate::command::Event;
use crate::messages::{Datagram, IngestControl, WorkerMedia};
use crate::registry::{INGEST, Owner, Registry};

/// Addresses that one viewer may use at a time.
const MAX_ADDRESSES: usize = 8;

/// The session that a STUN message names by our user fragment.
pub fn named(registry: &Registry, data: &[u8]) -> Option<Owner> {
    let (ours, _) = Message::parse(data).ok()?.ufrags()?;
    registry.by_fragment(std::str::from_utf8(ours).ok()?)
}

/// A viewer, by index, and where the datagram came from.
type From = (usize, Route);

impl Worker {
    /// A datagram from this thread's socket.
    pub(super) fn datagram(&mut self, data: &[u8], source: SocketAddr, path: usize, now: Instant) {
        let kind = classify(data);
        let owner = match kind {
            Kind::Unknown => None,
            Kind::Stun => named(&self.shared.registry, data),
            _ => match self.by_address.get(&source) {
                Some(&index) => {
                    return self.handle(
                        kind,
                        data,
                        (
                            index,
                            Route {
                                address: source,
                                path,
                            },
                        ),
                        now,
                    );
                }
                None => self.shared.registry.by_address(source),
            },
        };
        let Some(owner) = owner else {
            self.shared.counters.rejected.add(1);
            return;
        };
        if owner.thread == self.thread {
            if let Some(&index) = self.by_session.get(&owner.session) {
                self.handle(
                    kind,
                    data,
                    (
                        index,
                        Route {
                            address: source,
                            path,
                        },
                    ),
                    now,
                );
            }
            return;
        }
        let session = owner.session;
        let datagram = Datagram {
            data: data.into(),
            source,
            path,
            session,
            at: now,
        };
        let delivered = match owner.thread {
            INGEST => self.ingest.media(datagram),
            thread => self
                .workers
                .get(thread - 1)
                .is_some_and(|post| post.media(WorkerMedia::Datagram(datagram))),
        };
        if !delivered {
            self.shared.counters.rejected.add(1);
        }
    }

    /// A datagram that another thread's socket got.
    pub(super) fn forwarded(&mut self, datagram: Datagram, now: Instant) {
        if let Some(&index) = self.by_session.get(&datagram.session) {
            let route = Route {
                address: datagram.source,
                path: datagram.path,
            };
            self.handle(
                classify(&datagram.data),
                &datagram.data,
                (index, route),
                now,
            );
            self.egress.flush();
        }
    }

    fn handle(&mut self, kind: Kind, data: &[u8], (index, from): From, now: Instant) {
        let Some(viewer) = self.viewers.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        let mut answers = Answers::new();
        let mut feedback = Feedback::default();
        let news = match kind {
            Kind::Stun => {
                let (news, gone) = viewer.stun(data, from, now, &mut answers);
                if let Some(gone) = gone {
                    self.shared.registry.release_fragment(&gone);
                }
                if news != News::Rejected {
                    self.remember(index, from.address);
                }
                news
            }
            Kind::Dtls => viewer.dtls(data, from, now, &mut answers),
            Kind::Rtcp => {
                let ntp = self.shared.clock.ntp(self.shared.clock.at(now));
                viewer.rtcp(data, (ntp, now), &mut feedback)
            }
            // A viewer sends no media.
            Kind::Rtp | Kind::Unknown => News::Rejected,
        };
        for (route, answer) in &answers {
            self.egress.datagram(*route, answer);
        }
        self.heed(index, news, &feedback, now);
    }

    /// Acts on what a viewer said.
    pub(super) fn heed(&mut self, index: usize, news: News, feedback: &Feedback, now: Instant) {
        let Some(viewer) = self.viewers.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        let session = viewer.session;
        match news {
            News::None => {}
            News::Rejected => self.shared.counters.rejected.add(1),
            News::Moved(former) => {
                let mut answers = Answers::new();
                let news = viewer.handshake(now, &mut answers);
                for (route, answer) in &answers {
                    self.egress.datagram(*route, answer);
                }
                tracing::trace!(
                    session,
                    again = former.is_some(),
                    "viewer's route is chosen"
                );
                if news != News::None {
                    self.heed(index, news, feedback, now);
                }
            }
            News::Connected(profile) => {
                let profile = profile.name();
                self.shared
                    .events
                    .put(Event::Connected { session, profile });
                self.seat(index, now);
            }
            News::Ended(reason) => self.end(session, reason),
            News::Feedback => self.relieve(index, feedback, now),
        }
    }

    fn relieve(&mut self, index: usize, feedback: &Feedback, now: Instant) {
        for &stream in &feedback.nacked {
            self.resend(
                Seat {
                    viewer: index,
                    stream,
                },
                now,
            );
        }
        for &stream in &feedback.blind {
            let Some(viewer) = self.viewers.get(index).and_then(Option::as_ref) else {
                return;
            };
            let Some(Media::Picture(picture)) = viewer.streams.get(stream).map(|s| &s.media) else {
                continue;
            };
            let Some((slot, layer)) = picture.out.showing().or(picture.out.keyframe_wanted())
            else {
                continue;
            };
            if self
                .slots
                .get_mut(&slot)
                .is_some_and(|state| state.ask(layer, now))
            {
                self.ingest.control(IngestControl::Keyframe(slot, layer));
            }
        }
    }

    /// The viewer was authentic at that address.
    fn remember(&mut self, index: usize, address: SocketAddr) {
        if self.by_address.get(&address) == Some(&index) {
            return;
        }
        let Some(viewer) = self.viewers.get(index).and_then(Option::as_ref) else {
            return;
        };
        let session = viewer.session;
        let current = viewer.route.map(|route| route.address);
        let owned = |owner: &usize| *owner == index;
        if self.by_address.values().filter(|o| owned(o)).count() >= MAX_ADDRESSES {
            let former = self
                .by_address
                .iter()
                .find(|(known, owner)| owned(owner) && Some(**known) != current)
                .map(|(known, _)| *known);
            if let Some(former) = former {
                self.by_address.remove(&former);
                self.shared.registry.release_address(former, session);
            }
        }
        self.by_address.insert(address, index);
        self.shared
            .registry
            .claim_address(address, self.owner(session));
    }
}
