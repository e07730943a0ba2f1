//! One telephone call's sound: what comes in, and the header of what goes out.

use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use podium_media::rtp::{Packet, parse_header};
use podium_media::srtp::Contexts;
use podium_media::time::Ntp;
use podium_sound::Codec;
use podium_sound::wire::WireEncoder;

use crate::command::{LegSpec, RoomId, SessionId};
use crate::phones::keys::{KeyReader, KeySender};
use crate::phones::latch::{Latch, Verdict};
use crate::phones::outbox::{Outbox, Way};
use crate::phones::outgoing::Outgoing;
use crate::phones::port::Sockets;
use crate::phones::prompt::Playing;
use crate::phones::reception::{self, PeerView, Reception};
use crate::{random, sys};

/// Payload type of comfort noise at 8 kHz (RFC 3551 section 6).
const COMFORT_NOISE: u8 = 13;
/// Between reports.
const REPORT: Duration = Duration::from_secs(5);
/// Silence is told after this, and then once a minute.
const QUIET: Duration = Duration::from_secs(30);
const QUIET_AGAIN: Duration = Duration::from_secs(60);
/// Of the sound of a telephone that nobody hears, every so many packets are read: enough to know
/// that it is there, how its line is, and whether its address changed.
const STRIDE: u16 = 16;
/// Ticks for which a leg's own encoder goes on when nothing needs it any more (200 ms): its
/// sound equals the shared one by then, and the change is not heard.
const HANG: u32 = 10;

/// What a packet from the peer means.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Nothing to anybody else.
    Nothing,
    /// Not the peer's, or not understood.
    Refused,
    /// Sound: sequence number, RTP time, payload.
    Sound(u16, u32, Box<[u8]>),
    /// Silence with noise of so many -dBov.
    Comfort(u8),
    /// A key.
    Key(char),
}

/// What a leg's look-after has to tell.
#[derive(Debug, Default)]
pub struct Looked {
    /// Loss, round trip, bit/s.
    pub quality: Option<(f32, Option<f32>, u64)>,
    /// Seconds without anything from the peer.
    pub quiet: Option<u64>,
}

/// The leg itself.
pub struct Leg {
    /// Whose.
    pub session: SessionId,
    /// Its sockets.
    pub sockets: Sockets,
    /// Where it listens.
    pub room: Option<RoomId>,
    /// With whom it sits.
    pub place: Option<SessionId>,
    /// Its microphone is wanted open.
    pub microphone: bool,
    /// Its sound goes to that room's mix, in that codec; see [`Leg::go_live`].
    pub live: Option<(RoomId, Codec)>,
    /// What it is read.
    pub playing: Option<Playing>,
    /// Its own encoder while it hears something of its own, and ticks since it needed that.
    pub voice: Option<(WireEncoder, u32)>,
    /// Gain of the room's sound at the end of the last tick.
    pub room_gain: f32,
    /// Keys to send.
    pub keys: KeySender,
    /// Last period sent.
    pub period: u64,
    agreed: Option<LegSpec>,
    crypto: Option<Box<Contexts>>,
    latch: Latch,
    /// To the address that was asked for.
    way: Option<(SocketAddr, Way)>,
    /// Payload type of which the kernel lets only a part in.
    thinned: Option<u8>,
    reader: KeyReader,
    out: Outgoing,
    reception: Reception,
    view: Option<PeerView>,
    rtcp_source: Option<SocketAddr>,
    epoch: Instant,
    last_heard: Instant,
    quiet_due: Duration,
    report_due: Instant,
    reported: Instant,
}

impl Leg {
    /// Nothing is agreed yet.
    pub fn new(session: SessionId, sockets: Sockets, now: Instant) -> Self {
        Self {
            session,
            sockets,
            room: None,
            place: None,
            microphone: false,
            live: None,
            playing: None,
            voice: None,
            room_gain: 1.0,
            keys: KeySender::default(),
            period: 0,
            agreed: None,
            crypto: None,
            latch: Latch::default(),
            way: None,
            thinned: None,
            reader: KeyReader::default(),
            out: Outgoing::new(),
            reception: Reception::default(),
            view: None,
            rtcp_source: None,
            epoch: now,
            last_heard: now,
            quiet_due: QUIET,
            // Spread: not all that came at once report at once.
            report_due: now + REPORT / 4 + REPORT * u32::from(random::u16()) / (1 << 16),
            reported: now,
        }
    }

    /// A new agreement; keys were checked.
    pub fn agree(&mut self, spec: LegSpec, now: Instant) {
        if self.agreed.as_ref() == Some(&spec) {
            return;
        }
        let before = self.agreed.as_ref();
        if before.is_none_or(|b| b.srtp != spec.srtp) {
            self.crypto = spec
                .srtp
                .as_ref()
                .and_then(|keys| keys.contexts().ok())
                .map(Box::new);
            if before.is_some() {
                // Another key needs another stream: its roll-over counter starts anew.
                self.out = Outgoing::new();
            }
        }
        if before.is_none_or(|b| b.codec != spec.codec) {
            self.voice = None;
            self.out.pause();
            self.reader.reset();
        }
        self.latch.agree(spec.remote, now);
        self.rtcp_source = None;
        self.agreed = Some(spec);
        self.thin_out();
    }

    /// Where its sound goes from now on.
    pub fn go_live(&mut self, live: Option<(RoomId, Codec)>) -> Option<(RoomId, Codec)> {
        let before = std::mem::replace(&mut self.live, live);
        self.thin_out();
        before
    }

    /// Lets the kernel drop most of the sound that nobody hears, since reading it would cost as much
    /// as sending does. Keys and noise levels all come in.
    fn thin_out(&mut self) {
        let unheard = self.live.is_none() && self.latch.is_settled();
        let wanted = self.agreed.as_ref().filter(|_| unheard);
        let wanted = wanted.map(|spec| spec.payload_type);
        if wanted == self.thinned {
            return;
        }
        let socket = self.sockets.rtp.as_raw_fd();
        let done = match wanted {
            Some(kind) => sys::thin_out(socket, kind, STRIDE),
            None => sys::let_all_in(socket),
        };
        if done.is_ok() {
            self.thinned = wanted;
            self.reception.thin_out(wanted.map_or(1, |_| STRIDE));
        }
    }

    /// The codec, once agreed.
    pub fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|spec| spec.codec)
    }

    /// Whether sound is to be sent.
    pub fn sends(&self) -> bool {
        self.agreed.as_ref().is_some_and(|spec| spec.sends)
    }

    /// Whether it hears something of its own.
    pub fn is_private(&self) -> bool {
        self.playing.is_some() || self.voice.is_some()
    }

    /// Counts a tick in which its own encoder was needed, or not; drops it when it no longer is.
    pub fn need_voice(&mut self, needed: bool) {
        if let Some((_, idle)) = &mut self.voice {
            *idle = if needed { 0 } else { *idle + 1 };
            if *idle > HANG {
                self.voice = None;
            }
        }
    }

    // --- in

    /// A datagram on the RTP port; `settled` is set when the latch found its peer.
    pub fn receive(
        &mut self,
        data: &[u8],
        source: SocketAddr,
        (now, ntp): (Instant, Ntp),
        settled: &mut bool,
    ) -> Heard {
        // RFC 5761 section 4: RTCP has packet types 192 to 223.
        if data.get(1).is_some_and(|kind| (192..=223).contains(kind)) {
            return self.receive_rtcp(data, source, (now, ntp));
        }
        let Some(spec) = &self.agreed else {
            return Heard::Refused;
        };
        let Ok((header, ..)) = parse_header(data) else {
            return Heard::Refused;
        };
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        let clock = spec.codec.clock();
        let known = header.payload_type == spec.payload_type
            || Some(header.payload_type) == spec.events_payload_type
            || header.payload_type == COMFORT_NOISE;
        if !known || self.latch.judge(source, ssrc, sequence, now) == Verdict::Stranger {
            return Heard::Refused;
        }
        let mut opened = [0; sys::DATAGRAM];
        let plain = match &mut self.crypto {
            None => data,
            Some(keys) => match keys.open_rtp.open(data, &mut opened) {
                Ok((length, _)) => &opened[..length],
                Err(_) => return Heard::Refused,
            },
        };
        let Ok(packet) = Packet::parse(plain) else {
            return Heard::Refused;
        };
        *settled = self.latch.accept(source, ssrc, sequence, now);
        if *settled {
            self.thin_out();
        }
        self.alive(now);
        let numbers = (ssrc, sequence, header.timestamp);
        self.reception.record(numbers, clock, (now, self.epoch));
        self.understand(&packet)
    }

    fn understand(&mut self, packet: &Packet<'_>) -> Heard {
        let Some(spec) = self.agreed.as_ref().filter(|spec| spec.receives) else {
            return Heard::Nothing;
        };
        let header = packet.header;
        if Some(header.payload_type) == spec.events_payload_type {
            let key = self.reader.read(header.timestamp, packet.payload);
            return key.map_or(Heard::Nothing, Heard::Key);
        }
        if header.payload_type != spec.payload_type {
            // RFC 3389: the first byte is the level.
            let level = packet.payload.first().map(|level| level & 0x7f);
            return level.map_or(Heard::Nothing, Heard::Comfort);
        }
        if self.live.is_none() {
            return Heard::Nothing;
        }
        Heard::Sound(header.sequence, header.timestamp, packet.payload.into())
    }

    /// A datagram on the RTCP port, or multiplexed.
    pub fn receive_rtcp(
        &mut self,
        data: &[u8],
        source: SocketAddr,
        (now, ntp): (Instant, Ntp),
    ) -> Heard {
        let Some(spec) = &self.agreed else {
            return Heard::Refused;
        };
        let expected = self.latch.source().unwrap_or(spec.remote);
        if source.ip() != expected.ip() {
            return Heard::Refused;
        }
        let mut opened = [0; sys::DATAGRAM];
        let plain = match &mut self.crypto {
            None => data,
            Some(keys) => match keys.open_rtcp.open(data, &mut opened) {
                Ok(length) => &opened[..length],
                Err(_) => return Heard::Refused,
            },
        };
        let moment = (now, ntp);
        let (ours, view) = (self.out.ssrc, &mut self.view);
        if !reception::read(plain, ours, moment, &mut self.reception, view) {
            return Heard::Refused;
        }
        self.rtcp_source = Some(source);
        self.alive(now);
        Heard::Nothing
    }

    fn alive(&mut self, now: Instant) {
        self.last_heard = now;
        self.quiet_due = QUIET;
    }

    // --- out

    /// Sends the sound of a period; bytes of the datagram, if one went.
    pub fn send_sound(
        &mut self,
        period: u64,
        payload: Option<&[u8]>,
        outbox: &mut Outbox,
    ) -> usize {
        let Some(spec) = &self.agreed else {
            return 0;
        };
        let (codec, ptime, kind) = (spec.codec, spec.ptime, spec.payload_type);
        let time = self.out.time(period, codec);
        if self.keys.busy()
            && let Some(kind) = spec.events_payload_type
            && let Some(event) = self.keys.next(time, codec.clock())
        {
            self.out.pause();
            let header = (event.marker, kind, event.timestamp);
            return self.send(header, &event.payload, outbox);
        }
        let Some(payload) = payload else {
            self.out.pause();
            return 0;
        };
        if ptime == 20 || codec == Codec::Opus {
            let marker = self.out.marker();
            return self.send((marker, kind, time), payload, outbox);
        }
        let size = usize::from(ptime) * 8;
        let Some((from, packet)) = self.out.gather(time, payload, size) else {
            return 0;
        };
        let marker = self.out.marker();
        self.send((marker, kind, from), &packet, outbox)
    }

    fn send(&mut self, header: (bool, u8, u32), payload: &[u8], outbox: &mut Outbox) -> usize {
        let Some(way) = self.way(outbox) else {
            return 0;
        };
        let seal = self.crypto.as_ref().map(|keys| &keys.seal_rtp);
        outbox.send(way, &self.sockets.rtp, |buffer| {
            self.out.write(header, payload, seal, buffer)
        })
    }

    fn way(&mut self, outbox: &Outbox) -> Option<Way> {
        let to = self.latch.to()?;
        match self.way {
            Some((known, way)) if known == to => Some(way),
            _ => {
                let way = outbox.way(self.sockets.address, to);
                self.way = Some((to, way));
                Some(way)
            }
        }
    }

    // --- from time to time

    /// Reports to the peer, and says what is to be told about it.
    pub fn look_after(&mut self, now: Instant, ntp: Ntp, period: u64) -> Looked {
        let mut looked = Looked::default();
        let Some(spec) = &self.agreed else {
            return looked;
        };
        let silence = now.saturating_duration_since(self.last_heard);
        if silence >= self.quiet_due {
            self.quiet_due += QUIET_AGAIN;
            looked.quiet = Some(silence.as_secs());
        }
        if now < self.report_due {
            return looked;
        }
        self.report_due = now + REPORT;
        // Routes change; this is often enough to ask again.
        self.way = None;
        let multiplexed = spec.rtcp_port.is_none();
        let port = spec.rtcp_port;
        let codec = spec.codec;
        let block = self.reception.block(now);
        let own_loss = block.map_or(0.0, |b| f32::from(b.fraction_lost) / 256.0);
        let seconds = now.saturating_duration_since(self.reported).as_secs_f64();
        self.reported = now;
        let rate = (self.out.take_bytes() as f64 * 8.0 / seconds.max(0.1)) as u64;
        let view = self.view.unwrap_or_default();
        if block.is_some() || self.view.is_some() {
            looked.quality = Some((own_loss.max(view.loss), view.rtt, rate));
        }
        let report = self.out.report(ntp, self.out.time(period, codec));
        let mut buffer = [0; 256];
        let name = self.out.name();
        let ssrc = self.out.ssrc;
        let Some(length) = reception::write(&mut buffer, report.as_ref(), ssrc, block, &name)
        else {
            return looked;
        };
        self.send_rtcp(&mut buffer, length, multiplexed, port);
        looked
    }

    fn send_rtcp(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        multiplexed: bool,
        port: Option<u16>,
    ) {
        let length = match &mut self.crypto {
            None => length,
            Some(keys) => match keys.seal_rtcp.seal(buffer, length) {
                Ok(length) => length,
                Err(_) => return,
            },
        };
        let Some(rtp) = self.latch.to() else {
            return;
        };
        let data = &buffer[..length];
        // As with sound: what does not go is lost.
        let _ = if multiplexed {
            self.sockets.rtp.send_to(data, rtp)
        } else {
            let named = SocketAddr::new(rtp.ip(), port.unwrap_or(rtp.port().saturating_add(1)));
            let to = self.rtcp_source.unwrap_or(named);
            self.sockets.rtcp.send_to(data, to)
        };
    }
}
