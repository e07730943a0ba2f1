//! One viewer: a receive-only peer (ICE-lite, DTLS, SRTP) without sockets.

use std::time::{Duration, Instant};

use podium_media::rtcp::{self, CompoundWriter};
use podium_media::srtp::{MAX_RTCP_OVERHEAD, OpenRtcp, Profile, SealRtcp, SealRtp};
use podium_media::time::{Ntp, Reference};

use super::egress::Route;
use super::ice::{ANSWER, Ice, Verdict};
use super::stream::{Media, Stream};
use crate::command::{EndReason, Event, ProgramSlot, RoomId, SessionId, SlotName, ViewerSpec};
use crate::dtls::{self, Fingerprint, Identity, Outcome};
use crate::messages::RoomSlots;
use crate::random;
use crate::sys::DATAGRAM;

/// Without keys by then the session is given up.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// Without an authentic check for so long the peer is gone (RFC 7675).
const CONSENT_LIMIT: Duration = Duration::from_secs(30);
/// Reports to the caller.
const QUALITY_INTERVAL: Duration = Duration::from_secs(2);
/// RTCP source description: constant, as it says nothing about anybody.
const CNAME: &[u8] = b"podium";

/// Keys of an established session.
pub struct Keys {
    /// Media.
    pub rtp: SealRtp,
    /// Reports that we send.
    pub seal: SealRtcp,
    /// Reports that we get.
    pub open: OpenRtcp,
}

/// What came of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing to do.
    None,
    /// Not authentic, or not for us.
    Rejected,
    /// The peer is at another address now; the former one is there to be released.
    Moved(Option<Route>),
    /// Keys are there.
    Connected(Profile),
    /// The session is over.
    Ended(EndReason),
    /// RTCP arrived: see [`Feedback`].
    Feedback,
}

/// What RTCP asked for, collected from one compound.
#[derive(Debug, Default)]
pub struct Feedback {
    /// Streams, by index, that lost packets.
    pub nacked: Vec<usize>,
    /// Streams, by index, that need a keyframe.
    pub blind: Vec<usize>,
}

/// The peer.
pub struct Viewer {
    /// Its identity.
    pub session: SessionId,
    /// Its conference.
    pub room: RoomId,
    /// The slots of its conference.
    pub slots: RoomSlots,
    /// Its m-lines.
    pub streams: Vec<Stream>,
    /// Where it is, once a check was authentic.
    pub route: Option<Route>,
    /// Once DTLS is done.
    pub keys: Option<Keys>,
    /// The publisher that it must not hear.
    pub own: Option<SessionId>,
    /// Media bytes sent.
    pub sent: u64,
    /// Credentials.
    pub ice: Ice,
    dtls: dtls::Session,
    begun: Instant,
    heard: Instant,
    reported: Instant,
    reported_bytes: u64,
}

/// Datagrams to be sent to the viewer in answer.
pub type Answers = Vec<(Route, Vec<u8>)>;

impl Viewer {
    /// As the caller's answer says. None if the fingerprint is malformed, which the caller was
    /// told before.
    pub fn new(
        spec: ViewerSpec,
        slots: RoomSlots,
        identity: &Identity,
        now: Instant,
    ) -> Option<Self> {
        let fingerprint = Fingerprint::parse(&spec.remote_fingerprint)?;
        let streams = spec
            .streams
            .iter()
            .map(|s| Stream::new(s, [random::u16(), random::u16()]))
            .collect();
        Some(Self {
            session: spec.session,
            room: spec.room,
            slots,
            streams,
            route: None,
            keys: None,
            own: None,
            sent: 0,
            ice: Ice::new(spec.ice),
            dtls: dtls::Session::new(identity, fingerprint, spec.dtls_client, now),
            begun: now,
            heard: now,
            reported: now,
            reported_bytes: 0,
        })
    }

    /// Takes a STUN message. The second part is an ICE fragment that is no longer ours.
    pub fn stun(
        &mut self,
        data: &[u8],
        from: Route,
        now: Instant,
        answers: &mut Answers,
    ) -> (News, Option<String>) {
        let mut out = [0; ANSWER];
        let (verdict, gone) = self.ice.request(data, from.address, &mut out);
        let (length, news) = match verdict {
            Verdict::Refused(length) => (length, News::Rejected),
            Verdict::Accepted { answer, nominated } => {
                self.heard = now;
                (answer, self.seen(from, nominated))
            }
        };
        if length > 0 {
            answers.push((from, out[..length].to_vec()));
        }
        (news, gone)
    }

    fn seen(&mut self, from: Route, nominated: bool) -> News {
        match self.route {
            Some(route) if route == from || !nominated => News::None,
            former => {
                self.route = Some(from);
                News::Moved(former)
            }
        }
    }

    /// Takes a DTLS record.
    pub fn dtls(&mut self, data: &[u8], from: Route, now: Instant, answers: &mut Answers) -> News {
        let outcome = self.dtls.receive(data, now, &mut |packet| {
            answers.push((from, packet.to_vec()))
        });
        self.settle(outcome)
    }

    /// Retransmits and gives up in time.
    pub fn handshake(&mut self, now: Instant, answers: &mut Answers) -> News {
        if self.keys.is_none() && now.saturating_duration_since(self.begun) > CONNECT_LIMIT {
            return News::Ended(EndReason::NeverConnected);
        }
        let Some(route) = self.route else {
            return News::None;
        };
        let outcome = self
            .dtls
            .tick(now, &mut |packet| answers.push((route, packet.to_vec())));
        self.settle(outcome)
    }

    fn settle(&mut self, outcome: Outcome) -> News {
        match outcome {
            Outcome::Pending => News::None,
            Outcome::PeerClosed => News::Ended(EndReason::PeerClosed),
            Outcome::Failed if self.keys.is_some() => News::Ended(EndReason::PeerClosed),
            Outcome::Failed => News::Ended(EndReason::DtlsFailed),
            Outcome::Connected(profile, contexts) => {
                let contexts = *contexts;
                self.keys = Some(Keys {
                    rtp: contexts.seal_rtp,
                    seal: contexts.seal_rtcp,
                    open: contexts.open_rtcp,
                });
                News::Connected(profile)
            }
        }
    }

    /// Says goodbye: DTLS close_notify.
    pub fn close(&mut self, now: Instant, answers: &mut Answers) {
        if let Some(route) = self.route
            && self.keys.is_some()
        {
            self.dtls
                .close(now, &mut |packet| answers.push((route, packet.to_vec())));
        }
    }

    /// Whether the peer has not confirmed for too long that it wants to receive.
    pub fn is_deserted(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) > CONSENT_LIMIT
    }

    /// Takes an RTCP compound; what it asks for is added to `feedback`.
    pub fn rtcp(
        &mut self,
        data: &[u8],
        (ntp, now): (Ntp, Instant),
        feedback: &mut Feedback,
    ) -> News {
        let Some(keys) = &mut self.keys else {
            return News::Rejected;
        };
        let mut plain = [0; DATAGRAM];
        let Ok(length) = keys.open.open(data, &mut plain) else {
            return News::Rejected;
        };
        // Packets before a malformed one are good; the rest is dropped.
        for packet in rtcp::Reader::new(&plain[..length]).map_while(Result::ok) {
            self.hear(&packet, (ntp, now), feedback);
        }
        News::Feedback
    }

    fn find(&self, ssrc: u32) -> Option<usize> {
        self.streams.iter().position(|stream| stream.ssrc() == ssrc)
    }

    fn hear(
        &mut self,
        packet: &rtcp::Packet<'_>,
        (ntp, now): (Ntp, Instant),
        feedback: &mut Feedback,
    ) {
        match packet {
            rtcp::Packet::ReceiverReport { blocks, .. }
            | rtcp::Packet::SenderReport { blocks, .. } => {
                for block in blocks.iter() {
                    if let Some(index) = self.find(block.ssrc) {
                        self.streams[index].report(&block, ntp, now);
                    }
                }
            }
            rtcp::Packet::Nack { media, lost } => {
                if let Some(index) = self.find(*media)
                    && let Media::Picture(picture) = &mut self.streams[index].media
                {
                    picture.out.on_nack(lost.iter(), now);
                    feedback.nacked.push(index);
                }
            }
            rtcp::Packet::Pli { media } | rtcp::Packet::Fir { media, .. } => {
                feedback.blind.extend(self.find(*media));
            }
            rtcp::Packet::Remb { bitrate, .. } => self.share(*bitrate, now),
            _ => {}
        }
    }

    /// An estimate is for all pictures together; each gets an equal share.
    fn share(&mut self, bitrate: u64, now: Instant) {
        let showing = |stream: &Stream| matches!(&stream.media, Media::Picture(p) if p.out.showing().is_some());
        let count = self.streams.iter().filter(|s| showing(s)).count().max(1) as u64;
        for stream in &mut self.streams {
            if let Media::Picture(picture) = &mut stream.media {
                picture.chooser.on_remb(bitrate / count, now);
            }
        }
    }

    /// Writes sealed sender reports of all streams that were sent, or nothing. `times` gives a
    /// stream's RTP time of this moment.
    pub fn reports(
        &mut self,
        (moment, ntp): (Reference, Ntp),
        times: &dyn Fn(&Stream, Reference) -> Option<u32>,
        out: &mut [u8],
    ) -> Option<usize> {
        let keys = self.keys.as_mut()?;
        let room = out.len().checked_sub(MAX_RTCP_OVERHEAD)?;
        let mut writer = CompoundWriter::new(&mut out[..room]);
        let mut first = None;
        for stream in &self.streams {
            let report = times(stream, moment).and_then(|timestamp| match &stream.media {
                Media::Picture(picture) => picture
                    .out
                    .has_sent()
                    .then(|| picture.out.sender_report(ntp, timestamp)),
                Media::Sound(sound) => sound.sender_report(ntp, timestamp),
            });
            // A compound that is full leaves the last streams for the next time.
            if let Some(report) = report
                && writer.sender_report(&report, &[]).is_ok()
            {
                first.get_or_insert(report.ssrc);
            }
        }
        writer.cname(first?, CNAME).ok()?;
        let length = writer.len();
        keys.seal.seal(out, length).ok()
    }

    /// How the session fares, every [`QUALITY_INTERVAL`].
    pub fn quality(&mut self, now: Instant) -> Option<Event> {
        let elapsed = now.saturating_duration_since(self.reported);
        if elapsed < QUALITY_INTERVAL || self.keys.is_none() {
            return None;
        }
        let bytes = self.sent - self.reported_bytes;
        (self.reported, self.reported_bytes) = (now, self.sent);
        let worst = self
            .streams
            .iter()
            .map(|s| s.quality().fraction_lost)
            .max()
            .unwrap_or(0);
        let rtt = self.streams.iter().find_map(|s| s.quality().round_trip);
        Some(Event::Quality {
            session: self.session,
            loss: f32::from(worst) / 256.0,
            rtt: rtt.map(|rtt| rtt.as_secs_f32()),
            bitrate: (u128::from(bytes) * 8_000 / elapsed.as_millis().max(1)) as u64,
            layer: self.main_layer(),
        })
    }

    /// Layer of the main picture; of the first private one where there is no main picture.
    fn main_layer(&self) -> Option<u8> {
        let pictures = || {
            self.streams
                .iter()
                .filter_map(|stream| match &stream.media {
                    Media::Picture(picture) => Some((stream.name, picture)),
                    Media::Sound(_) => None,
                })
        };
        let main = pictures().find(|(name, _)| *name == SlotName::Program(ProgramSlot::Main));
        let (_, picture) = main.or_else(|| pictures().next())?;
        picture.out.showing().map(|(_, layer)| layer)
    }
}
