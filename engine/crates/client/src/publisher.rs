//! A synthetic venue that speaks: made-up pictures and a tone, by WHIP.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use podium_media::rtcp::{CompoundWriter, Packet, Reader, SenderReport};
use podium_media::rtp::Header;
use podium_media::srtp::{Contexts, PacketIndex, Payload};
use podium_media::time::Ntp;
use podium_sound::opus::{Encoder, EncoderConfig};
use podium_sound::{FRAME, Frame};

use crate::peer::{Credentials, Identity, Peer, Received, State, random};
use crate::vp8::Picture;
use crate::{ClientError, http, sdp};

/// Bytes of a delta picture, one in two: 9 and 10 packets.
const DELTA: [usize; 2] = [9 * 1_100, 10 * 1_100];

/// Bytes of a keyframe.
const KEYFRAME: usize = 40 * 1_100;

/// Most bytes of one packet's payload.
const PACKET: usize = 1_100;

/// One picture in this time (25 a second).
const PICTURE_EVERY: Duration = Duration::from_millis(40);

/// One Opus packet in this time.
const SOUND_EVERY: Duration = Duration::from_millis(20);

/// Keyframes are asked for again and again while viewers join; one in this time is enough.
const KEYFRAME_EVERY: Duration = Duration::from_millis(300);

/// Tone, hertz and amplitude.
const TONE: (f32, f32) = (440.0, 0.2);

/// What a publisher has done, for others to read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Keys are there.
    pub connected: AtomicBool,
    /// Pictures sent.
    pub pictures: AtomicU64,
    /// Of them, keyframes.
    pub keyframes: AtomicU64,
    /// Packets sent.
    pub packets: AtomicU64,
    /// Requests for a keyframe.
    pub requests: AtomicU64,
    /// Packets that the server says it lost.
    pub lost: AtomicU64,
}

/// Publishes until `stop`; blocks.
///
/// # Errors
/// When the server refuses or the connection fails.
pub fn publish(
    identity: &Identity,
    base: &str,
    token: &str,
    epoch: Instant,
    progress: &Progress,
    stop: &Arc<AtomicBool>,
) -> Result<(), ClientError> {
    let local = Credentials::generate()?;
    let ssrcs = [u32::from_ne_bytes(random()?), u32::from_ne_bytes(random()?)];
    let offer = sdp::publisher_offer(&local, &identity.fingerprint(), ssrcs[0], ssrcs[1]);
    let session = http::offer(base, "/whip", token, &offer)?;
    let answer = sdp::parse_answer(&session.answer)?;
    let socket = UdpSocket::bind(("0.0.0.0", 0))?;
    socket.connect(answer.address)?;
    let mut peer = Peer::new(identity, &local, &answer, Instant::now())?;
    let mut sender = Sender::new(&socket, ssrcs, epoch, progress)?;
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        peer.tick(now, &mut |data| drop(socket.send(data)));
        if let State::Failed(why) = peer.state() {
            return Err(ClientError::Unreachable {
                url: session.location,
                reason: why.to_owned(),
            });
        }
        if let Some(contexts) = peer.contexts() {
            sender.send_due(contexts, now)?;
        }
        receive(&socket, &mut peer, &mut sender)?;
    }
    peer.close(Instant::now(), &mut |data| drop(socket.send(data)));
    http::end(&session.location, token)
}

/// Waits for a datagram until something is due.
fn receive(socket: &UdpSocket, peer: &mut Peer, sender: &mut Sender) -> Result<(), ClientError> {
    let mut data = [0; 2_048];
    let now = Instant::now();
    let due = sender.next().min(peer.next());
    let wait = due
        .saturating_duration_since(now)
        .clamp(Duration::from_millis(1), SOUND_EVERY);
    socket.set_read_timeout(Some(wait))?;
    let Ok(length) = socket.recv(&mut data) else {
        return Ok(());
    };
    let data = &data[..length];
    let now = Instant::now();
    match peer.receive(data, now, &mut |data| drop(socket.send(data))) {
        Received::Connected => sender.start(now),
        Received::Rtcp => {
            if let Some(contexts) = peer.contexts() {
                sender.feedback(contexts, data);
            }
        }
        Received::Rtp | Received::Handled => {}
    }
    Ok(())
}

/// One of the two streams.
#[derive(Debug, Clone, Copy)]
struct Stream {
    ssrc: u32,
    payload_type: u8,
    sequence: u64,
    packets: u32,
    octets: u32,
}

struct Sender<'a> {
    socket: &'a UdpSocket,
    progress: &'a Progress,
    epoch: Instant,
    sound: Stream,
    picture: Stream,
    encoder: Encoder,
    started: Instant,
    next_sound: Instant,
    next_picture: Instant,
    next_report: Instant,
    last_keyframe: Option<Instant>,
    keyframe_wanted: bool,
    frames: u32,
    pictures: u32,
}

impl<'a> Sender<'a> {
    fn new(
        socket: &'a UdpSocket,
        ssrcs: [u32; 2],
        epoch: Instant,
        progress: &'a Progress,
    ) -> Result<Self, ClientError> {
        let stream = |ssrc, payload_type| Stream {
            ssrc,
            payload_type,
            sequence: 100,
            packets: 0,
            octets: 0,
        };
        let encoder = Encoder::new(EncoderConfig::default())
            .map_err(|error| ClientError::Crypto(error.to_string()))?;
        let now = Instant::now();
        Ok(Self {
            socket,
            progress,
            epoch,
            sound: stream(ssrcs[0], sdp::OPUS),
            picture: stream(ssrcs[1], sdp::VP8),
            encoder,
            started: now,
            next_sound: now,
            next_picture: now,
            next_report: now,
            last_keyframe: None,
            keyframe_wanted: true,
            frames: 0,
            pictures: 0,
        })
    }

    fn start(&mut self, now: Instant) {
        self.progress.connected.store(true, Ordering::Relaxed);
        self.started = now;
        self.next_sound = now;
        self.next_picture = now;
        self.next_report = now + SOUND_EVERY;
    }

    fn next(&self) -> Instant {
        self.next_sound.min(self.next_picture)
    }

    fn send_due(&mut self, contexts: &mut Contexts, now: Instant) -> Result<(), ClientError> {
        if now >= self.next_sound {
            self.next_sound += SOUND_EVERY;
            self.send_sound(contexts)?;
        }
        if now >= self.next_picture {
            self.next_picture += PICTURE_EVERY;
            self.send_picture(contexts, now)?;
        }
        if now >= self.next_report {
            self.next_report = now + Duration::from_secs(1);
            self.report(contexts, now)?;
        }
        Ok(())
    }

    fn send_sound(&mut self, contexts: &mut Contexts) -> Result<(), ClientError> {
        let start = self.frames as usize * FRAME;
        let frame: Frame = std::array::from_fn(|n| {
            let time = ((start + n) % 48_000) as f32 / 48_000.0;
            TONE.1 * (time * TONE.0 * std::f32::consts::TAU).sin()
        });
        let timestamp = self.frames.wrapping_mul(FRAME as u32);
        self.frames += 1;
        let payload = self
            .encoder
            .encode(&frame)
            .map_err(|error| ClientError::Crypto(error.to_string()))?
            .to_vec();
        send(
            self.socket,
            contexts,
            &mut self.sound,
            timestamp,
            &[payload],
        )?;
        self.progress.packets.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn send_picture(&mut self, contexts: &mut Contexts, now: Instant) -> Result<(), ClientError> {
        let rested = self
            .last_keyframe
            .is_none_or(|at| now.duration_since(at) >= KEYFRAME_EVERY);
        let keyframe = self.keyframe_wanted && rested;
        if keyframe {
            self.keyframe_wanted = false;
            self.last_keyframe = Some(now);
            self.progress.keyframes.fetch_add(1, Ordering::Relaxed);
        }
        let size = if keyframe {
            KEYFRAME
        } else {
            DELTA[self.pictures as usize % 2]
        };
        let stamp = u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(0);
        let packets = Picture {
            number: self.pictures,
            keyframe,
            stamp,
        }
        .packets(size, PACKET);
        let timestamp = self.picture_time(now);
        self.pictures += 1;
        send(
            self.socket,
            contexts,
            &mut self.picture,
            timestamp,
            &packets,
        )?;
        self.progress.pictures.fetch_add(1, Ordering::Relaxed);
        self.progress
            .packets
            .fetch_add(packets.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn picture_time(&self, now: Instant) -> u32 {
        let micros = now.duration_since(self.started).as_micros();
        // 90 kHz; the low bits are what RTP carries.
        (micros * 9 / 100) as u32
    }

    fn report(&mut self, contexts: &mut Contexts, now: Instant) -> Result<(), ClientError> {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let ntp = Ntp::from_unix(unix);
        let since = now.duration_since(self.started);
        let sound_time = (since.as_micros() * 48 / 1_000) as u32;
        for (stream, rtp) in [
            (self.sound, sound_time),
            (self.picture, self.picture_time(now)),
        ] {
            let mut out = [0; 128];
            let mut writer = CompoundWriter::new(&mut out);
            let report = SenderReport {
                ssrc: stream.ssrc,
                ntp,
                rtp,
                packets: stream.packets,
                octets: stream.octets,
            };
            let written = writer
                .sender_report(&report, &[])
                .and_then(|()| writer.cname(stream.ssrc, b"load"))
                .map(|()| writer.len());
            if let Ok(length) = written
                && let Ok(length) = contexts.seal_rtcp.seal(&mut out, length)
            {
                self.socket.send(&out[..length])?;
            }
        }
        Ok(())
    }

    fn feedback(&mut self, contexts: &mut Contexts, data: &[u8]) {
        let mut plain = [0; 2_048];
        let Ok(length) = contexts.open_rtcp.open(data, &mut plain) else {
            return;
        };
        for packet in Reader::new(&plain[..length]).flatten() {
            match packet {
                Packet::Pli { .. } | Packet::Fir { .. } => {
                    self.keyframe_wanted = true;
                    self.progress.requests.fetch_add(1, Ordering::Relaxed);
                }
                Packet::Nack { lost, .. } => {
                    let count = lost.iter().count() as u64;
                    self.progress.lost.fetch_add(count, Ordering::Relaxed);
                }
                _ => {}
            }
        }
    }
}

/// Seals and sends the packets of one frame.
fn send(
    socket: &UdpSocket,
    contexts: &Contexts,
    stream: &mut Stream,
    timestamp: u32,
    payloads: &[Vec<u8>],
) -> Result<(), ClientError> {
    for (n, payload) in payloads.iter().enumerate() {
        let header = Header {
            marker: stream.payload_type == sdp::VP8 && n + 1 == payloads.len(),
            payload_type: stream.payload_type,
            sequence: stream.sequence as u16,
            timestamp,
            ssrc: stream.ssrc,
        };
        let mut out = [0; 1_500];
        let refused = |_| ClientError::Crypto("a packet does not fit".to_owned());
        let head = header
            .write(&mut out, &[], false)
            .map_err(|_| ClientError::Crypto("a header does not fit".to_owned()))?;
        let index = PacketIndex {
            ssrc: stream.ssrc,
            sequence: stream.sequence,
        };
        let length = contexts
            .seal_rtp
            .seal(index, head, Payload::plain(payload), &mut out)
            .map_err(refused)?;
        stream.sequence += 1;
        stream.packets = stream.packets.wrapping_add(1);
        stream.octets = stream.octets.wrapping_add(payload.len() as u32);
        // A full socket loses a packet, as networks do.
        let _ = socket.send(&out[..length]);
    }
    Ok(())
}
