//! One WHEP viewer: what it counts, and what it reports to the server.

use std::net::UdpSocket;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use podium_media::rtcp::{CompoundWriter, ReportBlock};
use podium_media::rtp;

use crate::count::{KeyframeWatch, StreamCount};
use crate::fleet::{Totals, socket};
use crate::peer::{Credentials, Identity, Peer, Received, State};
use crate::{ClientError, http, sdp, vp8};

/// Between receiver reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Between looks at timers while connecting.
const HANDSHAKE_EVERY: Duration = Duration::from_millis(50);

/// Streams counted at most; a server has no reason to send more.
const MAX_STREAMS: usize = 16;

/// What a viewer says it could receive, bit/s.
const BANDWIDTH: u64 = 20_000_000;

/// How a viewer joins and what it looks into.
#[derive(Debug, Clone)]
pub struct ViewerPlan {
    /// `http://host:port`.
    pub base: String,
    /// Path with query.
    pub path: String,
    /// Picture slots to ask for.
    pub pictures: usize,
    /// Open every packet, not only those up to the first keyframe.
    pub sampled: bool,
    /// The zero of moments inside pictures.
    pub epoch: Instant,
    /// Receive bursts as one message.
    pub coalesce: bool,
}

/// One viewer.
pub struct Viewer {
    socket: UdpSocket,
    peer: Peer,
    plan: ViewerPlan,
    offered: Instant,
    answered: Instant,
    first_packet: Option<Instant>,
    first_picture: Option<Instant>,
    /// SSRCs of pictures, by the answer.
    pictures: Vec<u32>,
    streams: Vec<StreamCount>,
    watch: KeyframeWatch,
    next_report: Instant,
    opened: u64,
    unauthentic: u64,
}

impl Viewer {
    /// Offers, and waits for the answer; the rest happens in a fleet.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub fn join(identity: &Identity, token: &str, plan: ViewerPlan) -> Result<Self, ClientError> {
        let local = Credentials::generate()?;
        let offer = sdp::viewer_offer(&local, &identity.fingerprint(), plan.pictures);
        let offered = Instant::now();
        let session = http::offer(&plan.base, &plan.path, token, &offer)?;
        let answer = sdp::parse_answer(&session.answer)?;
        let socket = socket(plan.coalesce)?;
        socket.connect(answer.address)?;
        let answered = Instant::now();
        let pictures = answer
            .media
            .iter()
            .filter(|(kind, _)| kind == "video")
            .filter_map(|(_, ssrcs)| ssrcs.first().copied())
            .collect();
        Ok(Self {
            socket,
            peer: Peer::new(identity, &local, &answer, answered)?,
            plan,
            offered,
            answered,
            first_packet: None,
            first_picture: None,
            pictures,
            streams: Vec::new(),
            watch: KeyframeWatch::default(),
            next_report: answered + REPORT_EVERY,
            opened: 0,
            unauthentic: 0,
        })
    }

    /// For the poller.
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Sends what is due; when to come again.
    pub fn tick(&mut self, now: Instant) -> Instant {
        let socket = &self.socket;
        self.peer.tick(now, &mut |data| drop(socket.send(data)));
        match self.peer.state() {
            State::Connected => {
                if now >= self.next_report {
                    self.next_report = now + REPORT_EVERY;
                    self.report();
                }
                self.next_report.min(self.peer.next())
            }
            State::Failed(_) => now + Duration::from_secs(60),
            State::Checking | State::Handshaking => self
                .peer
                .next()
                .clamp(now + Duration::from_millis(5), now + HANDSHAKE_EVERY),
        }
    }

    /// Takes a datagram. For the last packet of a picture that was opened: milliseconds since it
    /// was sent.
    pub fn receive(&mut self, data: &[u8], now: Instant) -> Option<f64> {
        let socket = &self.socket;
        match self
            .peer
            .receive(data, now, &mut |data| drop(socket.send(data)))
        {
            Received::Rtp => self.media(data, now),
            Received::Connected => {
                self.next_report = now + REPORT_EVERY;
                None
            }
            Received::Rtcp | Received::Handled => None,
        }
    }

    fn media(&mut self, data: &[u8], now: Instant) -> Option<f64> {
        let (header, _, _) = rtp::parse_header(data).ok()?;
        self.first_packet.get_or_insert(now);
        let known = self
            .streams
            .iter()
            .position(|stream| stream.ssrc == header.ssrc);
        let place = match known {
            Some(place) => place,
            None if self.streams.len() < MAX_STREAMS => {
                self.streams.push(StreamCount::new(header.ssrc));
                self.streams.len() - 1
            }
            None => return None,
        };
        self.streams
            .get_mut(place)?
            .count(header.sequence, data.len());
        if self.plan.sampled || !self.watch.done() {
            self.open(data, now)
        } else {
            None
        }
    }

    fn open(&mut self, data: &[u8], now: Instant) -> Option<f64> {
        let mut plain = [0; 2_048];
        let contexts = self.peer.contexts()?;
        self.opened += 1;
        let Ok((length, _)) = contexts.open_rtp.open(data, &mut plain) else {
            self.unauthentic += 1;
            return None;
        };
        let packet = rtp::Packet::parse(&plain[..length]).ok()?;
        if packet.header.payload_type != sdp::VP8
            || self
                .pictures
                .first()
                .is_some_and(|ssrc| *ssrc != packet.header.ssrc)
        {
            return None;
        }
        let (sequence, marker) = (packet.header.sequence, packet.header.marker);
        if self.watch.packet(sequence, marker, packet.payload) {
            self.first_picture = Some(now);
        }
        if !marker || !self.plan.sampled {
            return None;
        }
        let sent = Duration::from_nanos(vp8::stamp(packet.payload)?);
        let arrived = now.duration_since(self.plan.epoch);
        Some(arrived.as_secs_f64() * 1e3 - sent.as_secs_f64() * 1e3)
    }

    fn report(&mut self) {
        let blocks: Vec<ReportBlock> = self
            .streams
            .iter()
            .take(31)
            .map(|stream| ReportBlock {
                ssrc: stream.ssrc,
                cumulative_lost: i32::try_from(stream.expected().saturating_sub(stream.packets))
                    .unwrap_or(0x7f_ffff),
                highest: stream.highest() as u32,
                ..ReportBlock::default()
            })
            .collect();
        let ssrcs: Vec<u32> = self.streams.iter().map(|stream| stream.ssrc).collect();
        let mut out = [0; 1_200];
        let mut writer = CompoundWriter::new(&mut out);
        let written = writer.receiver_report(1, &blocks).is_ok()
            && writer.cname(1, b"viewer").is_ok()
            && writer.remb(1, BANDWIDTH, &ssrcs).is_ok();
        if let (false, Some(ssrc)) = (self.watch.done(), self.pictures.first()) {
            // As a browser does that has waited for a second.
            let _ = writer.pli(1, *ssrc);
        }
        let length = writer.len();
        if let (true, Some(contexts)) = (written, self.peer.contexts())
            && let Ok(length) = contexts.seal_rtcp.seal(&mut out, length)
        {
            let _ = self.socket.send(&out[..length]);
        }
    }

    /// Adds what it has counted.
    pub fn add_to(&self, totals: &mut Totals) {
        totals.viewers += 1;
        match self.peer.state() {
            State::Connected => totals.connected += 1,
            State::Failed(why) => *totals.failed.entry(why).or_default() += 1,
            State::Checking | State::Handshaking => {}
        }
        if let Some(profile) = self.peer.profile() {
            *totals.profiles.entry(profile.name()).or_default() += 1;
        }
        for stream in &self.streams {
            totals.packets += stream.packets;
            totals.bytes += stream.bytes;
            totals.expected += stream.expected();
        }
        totals.opened += self.opened;
        totals.unauthentic += self.unauthentic;
        let since = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e3;
        totals
            .first_packet
            .extend(self.first_packet.map(|at| since(self.offered, at)));
        if let Some(at) = self.first_picture {
            totals.with_picture += 1;
            totals.first_picture.push(since(self.offered, at));
            totals.picture_after_answer.push(since(self.answered, at));
        }
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant) {
        let socket = &self.socket;
        self.peer.close(now, &mut |data| drop(socket.send(data)));
    }
}
