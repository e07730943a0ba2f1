//! Real WebRTC clients on loopback, made of str0m: publishers by SDP, viewers by their parts.
#![allow(dead_code)] // Every test file uses its own part of it.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use podium_net::{
    CodecSpec, Command, Config, Engine, Event, IceSpec, Kind, SessionId, SlotName, StreamSpec,
    ViewerSpec,
};
use podium_sound::opus::{Encoder, EncoderConfig};
use podium_sound::{FRAME, Frame, SAMPLE_RATE};
use str0m::change::SdpAnswer;
use str0m::crypto::Fingerprint;
use str0m::media::{Direction, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event as RtcEvent, IceCreds, Input, Output, Rtc, RtcConfig};

pub const ROOM: u64 = 1;
pub const LIMIT: Duration = Duration::from_secs(15);

pub fn engine(workers: usize) -> Engine {
    let config = Config {
        listen: vec!["127.0.0.1:0".to_owned()],
        public: Vec::new(),
        workers,
        gso: true,
        phones: None,
    };
    let engine = Engine::new(&config).expect("engine");
    engine.submit(Command::OpenRoom(ROOM)).expect("room");
    engine
}

/// One client.
pub struct Peer {
    pub session: SessionId,
    pub rtc: Rtc,
    pub socket: UdpSocket,
    pub address: SocketAddr,
    pub server: SocketAddr,
    pub connected: bool,
    pub closed: bool,
    /// Received media by SSRC, oldest first.
    pub heard: HashMap<u32, Vec<RtpPacket>>,
    /// Keyframe requests received.
    pub asked: usize,
    /// Drops the packets with these numbers of arrival, for loss.
    pub lose: Vec<usize>,
    arrived: usize,
    next: Instant,
    video: Option<Mid>,
    audio: Option<Mid>,
    /// Simulcast layers, the smallest first, with the next sequence number of each.
    layers: Vec<(Option<Rid>, u64)>,
    picture: u16,
    frames: u32,
    /// Opus packets that it says in turn; by default a frame of silence.
    pub words: Vec<Vec<u8>>,
    next_frame: Option<Instant>,
}

fn config() -> RtcConfig {
    RtcConfig::new().set_rtp_mode(true)
}

impl Peer {
    fn new(rtc: Rtc, socket: UdpSocket, session: SessionId, server: SocketAddr) -> Self {
        let address = socket.local_addr().expect("address");
        Self {
            session,
            rtc,
            socket,
            address,
            server,
            connected: false,
            closed: false,
            heard: HashMap::new(),
            asked: 0,
            lose: Vec::new(),
            arrived: 0,
            next: Instant::now(),
            video: None,
            audio: None,
            layers: vec![(None, 1000)],
            picture: 7,
            frames: 0,
            // A valid CELT frame of silence: decodes to near nothing.
            words: vec![vec![0xfc, 0xff, 0xfe]],
            next_frame: None,
        }
    }

    fn socket() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
        socket.set_nonblocking(true).expect("nonblocking");
        socket
    }

    /// A publisher with sound and picture; `edit` may spoil its offer.
    pub fn publisher(engine: &Engine, session: SessionId, edit: impl Fn(&str) -> String) -> Self {
        Self::make_publisher(engine, session, &[], edit)
    }

    /// A publisher that sends its picture in these layers, the smallest first.
    pub fn simulcast(engine: &Engine, session: SessionId, layers: &[&str]) -> Self {
        Self::make_publisher(engine, session, layers, str::to_owned)
    }

    fn make_publisher(
        engine: &Engine,
        session: SessionId,
        layers: &[&str],
        edit: impl Fn(&str) -> String,
    ) -> Self {
        let socket = Self::socket();
        let mut rtc = config().build(Instant::now());
        let own = Candidate::host(socket.local_addr().expect("address"), Protocol::Udp);
        rtc.add_local_candidate(own.expect("candidate"));
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let simulcast = (!layers.is_empty()).then(|| Simulcast {
            // Listed from large to small, as browsers' pages do.
            send: layers
                .iter()
                .rev()
                .copied()
                .map(SimulcastLayer::new)
                .collect(),
            recv: Vec::new(),
        });
        let video = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
        let (offer, pending) = api.apply().expect("offer");
        let offer = edit(&offer.to_sdp_string());
        let answer = engine
            .publish(ROOM, session, &offer, "test")
            .expect("answer");
        let answer = SdpAnswer::from_sdp_string(&answer).expect("SDP");
        rtc.sdp_api()
            .accept_answer(pending, answer)
            .expect("accepted");
        let mut peer = Self::new(rtc, socket, session, engine.candidates()[0]);
        peer.video = Some(video);
        peer.audio = Some(audio);
        if !layers.is_empty() {
            peer.layers = layers.iter().map(|&rid| (Some(rid.into()), 1000)).collect();
        }
        peer
    }

    /// A viewer of these slots.
    pub fn viewer(engine: &Engine, session: SessionId, slots: &[SlotName]) -> Self {
        Self::viewer_with(engine, session, slots, false, engine.fingerprint())
    }

    pub fn ssrc(place: usize) -> u32 {
        5000 + 10 * place as u32
    }

    pub fn viewer_with(
        engine: &Engine,
        session: SessionId,
        slots: &[SlotName],
        engine_is_client: bool,
        expected: &str,
    ) -> Self {
        Self::make_viewer(engine, session, slots, (engine_is_client, expected), None)
    }

    /// A viewer whose fingerprint the engine is told wrongly.
    pub fn viewer_told(
        engine: &Engine,
        session: SessionId,
        slots: &[SlotName],
        fingerprint: &str,
    ) -> Self {
        let expected = (false, engine.fingerprint());
        Self::make_viewer(engine, session, slots, expected, Some(fingerprint))
    }

    fn make_viewer(
        engine: &Engine,
        session: SessionId,
        slots: &[SlotName],
        (engine_is_client, expected): (bool, &str),
        told: Option<&str>,
    ) -> Self {
        let socket = Self::socket();
        let mut rtc = config().build(Instant::now());
        let address = socket.local_addr().expect("address");
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp).expect("candidate"));
        let server = engine.candidates()[0];
        rtc.add_remote_candidate(Candidate::host(server, Protocol::Udp).expect("candidate"));
        let (ufrag, pass) = (
            format!("srv{session:05}"),
            format!("password-of-server-{session:05}"),
        );
        let mut api = rtc.direct_api();
        let own = api.local_ice_credentials();
        let fingerprint = api.local_dtls_fingerprint().to_string();
        api.set_ice_controlling(true);
        api.set_remote_ice_credentials(IceCreds {
            ufrag: ufrag.clone(),
            pass: pass.clone(),
        });
        api.set_remote_fingerprint(expected.parse::<Fingerprint>().expect("fingerprint"));
        let mut streams = Vec::new();
        for (place, &slot) in slots.iter().enumerate() {
            let mid = format!("m{place}");
            let sound = slot == SlotName::Sound;
            let kind = if sound {
                MediaKind::Audio
            } else {
                MediaKind::Video
            };
            let name: Mid = mid.as_str().into();
            api.declare_media(name, kind);
            let ssrc = Self::ssrc(place);
            let rtx = (!sound).then_some(ssrc + 1);
            api.expect_stream_rx(ssrc.into(), rtx.map(Ssrc::from), name, None);
            let codec = |name: &str, payload_type, rtx| CodecSpec {
                name: name.to_owned(),
                payload_type,
                fmtp: String::new(),
                rtx,
            };
            streams.push(StreamSpec {
                mid,
                kind: if sound { Kind::Audio } else { Kind::Video },
                slot,
                ssrc,
                rtx_ssrc: rtx,
                codecs: match sound {
                    true => vec![codec("opus", 111, None)],
                    false => vec![codec("VP8", 96, Some(97))],
                },
                mid_extension: Some(4),
                abs_send_time_extension: Some(2),
            });
        }
        api.start_dtls(!engine_is_client).expect("DTLS");
        let spec = ViewerSpec {
            room: ROOM,
            session,
            ice: IceSpec {
                local_ufrag: ufrag,
                local_pwd: pass,
                remote_ufrag: own.ufrag,
                remote_pwd: own.pass,
            },
            remote_fingerprint: told.map_or(fingerprint, str::to_owned),
            dtls_client: engine_is_client,
            streams,
        };
        engine.submit(Command::View(Box::new(spec))).expect("view");
        Self::new(rtc, socket, session, server)
    }

    /// Sends pictures of `session`'s own content from now on, and sound.
    pub fn start(&mut self) {
        self.next_frame = Some(Instant::now());
    }

    pub fn stop(&mut self) {
        self.next_frame = None;
    }

    /// Lets what waits happen.
    pub fn step(&mut self) {
        let mut buffer = [0; 2048];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            let data = &buffer[..length];
            let media = (128..192).contains(&data[0]) && !(192..224).contains(&data[1]);
            if media {
                self.arrived += 1;
                if self.lose.contains(&self.arrived) {
                    continue;
                }
            }
            if let Ok(input) = Receive::new(Protocol::Udp, source, self.address, data) {
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), input));
                self.drain();
            }
        }
        let now = Instant::now();
        if self.connected && self.next_frame.is_some_and(|at| at <= now) {
            self.next_frame = Some(now + Duration::from_millis(20));
            self.send(now);
        }
        if self.next <= now {
            let _ = self.rtc.handle_input(Input::Timeout(now));
        }
        self.drain();
    }

    /// One picture of four packets, a keyframe if one was asked for; and 20 ms of sound.
    fn send(&mut self, now: Instant) {
        self.frames += 1;
        let keyframe = self.asked > 0 || self.frames == 1;
        self.asked = 0;
        self.picture = self.picture.wrapping_add(1) & 0x7fff;
        let (session, frames) = (self.session, self.frames);
        if let Some(mid) = self.video {
            for (layer, (rid, sequence)) in self.layers.iter_mut().enumerate() {
                let mut api = self.rtc.direct_api();
                let stream = api.stream_tx_by_mid(mid, *rid).expect("video stream");
                for part in 0..4u8 {
                    let mut payload = vec![0x80 | u8::from(part == 0) << 4, 0x80];
                    payload.extend_from_slice(&(self.picture | 0x8000).to_be_bytes());
                    payload.push(u8::from(!keyframe));
                    payload.extend_from_slice(&session.to_be_bytes());
                    payload.push(layer as u8);
                    // Layers differ in size, as pictures do.
                    payload.resize(900 - 250 * layer + usize::from(part), 0x55);
                    let time = frames * 1800;
                    let number = (*sequence).into();
                    let write = RtpWrite::new(96.into(), number, time, now, payload);
                    stream.write_rtp(write.marker(part == 3).nackable(true));
                    *sequence += 1;
                }
            }
        }
        if let Some(mid) = self.audio {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_tx_by_mid(mid, None).expect("audio stream");
            let payload = self.words[frames as usize % self.words.len()].clone();
            let sequence = u64::from(frames).into();
            stream.write_rtp(RtpWrite::new(
                111.into(),
                sequence,
                frames * 960,
                now,
                payload,
            ));
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.next = at;
                    return;
                }
                Ok(Output::Transmit(t)) => {
                    let _ = self.socket.send_to(&t.contents, t.destination);
                }
                Ok(Output::Event(RtcEvent::Connected)) => self.connected = true,
                Ok(Output::Event(RtcEvent::Closed)) => self.closed = true,
                Ok(Output::Event(RtcEvent::KeyframeRequest(_))) => self.asked += 1,
                Ok(Output::Event(RtcEvent::RtpPacket(packet))) => {
                    self.heard
                        .entry(*packet.header.ssrc)
                        .or_default()
                        .push(packet);
                }
                Ok(Output::Event(_)) => {}
                Err(_) => {
                    self.closed = true;
                    return;
                }
            }
        }
    }

    /// Packets of the stream at that place.
    pub fn stream(&self, place: usize) -> &[RtpPacket] {
        self.heard
            .get(&Self::ssrc(place))
            .map_or(&[], Vec::as_slice)
    }

    /// Which publishers' pictures came, in order, without repetitions.
    pub fn sources(&self, place: usize) -> Vec<u64> {
        let mut list: Vec<u64> = self.stream(place).iter().map(source).collect();
        list.dedup();
        list
    }
}

/// A second of a tone in Opus packets.
pub fn tone() -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(EncoderConfig::default()).expect("encoder");
    let packet = |n: usize| {
        let turn = |i: usize| (n * FRAME + i) as f32 * 440.0 / SAMPLE_RATE as f32;
        let frame: Frame = std::array::from_fn(|i| 0.3 * (turn(i) * std::f32::consts::TAU).sin());
        encoder.encode(&frame).expect("a packet").to_vec()
    };
    (0..50).map(packet).collect()
}

/// The publisher whose test picture that is.
pub fn source(packet: &RtpPacket) -> u64 {
    u64::from_be_bytes(packet.payload[5..13].try_into().expect("eight bytes"))
}

/// Its simulcast layer.
pub fn layer(packet: &RtpPacket) -> u8 {
    packet.payload[13]
}

/// VP8 picture identifier.
pub fn picture(packet: &RtpPacket) -> u16 {
    u16::from_be_bytes([packet.payload[2], packet.payload[3]]) & 0x7fff
}

/// Whether the packet begins a keyframe.
pub fn is_keyframe(packet: &RtpPacket) -> bool {
    packet.payload[0] & 0x10 != 0 && packet.payload[4] & 1 == 0
}

/// Lets everything happen until `done`, and returns the events; panics after [`LIMIT`].
pub fn until(
    engine: &Engine,
    peers: &mut [&mut Peer],
    events: &mut Vec<Event>,
    what: &str,
    mut done: impl FnMut(&[&mut Peer], &[Event]) -> bool,
) {
    let limit = Instant::now() + LIMIT;
    loop {
        events.extend(engine.poll().expect("engine lives"));
        for peer in peers.iter_mut() {
            peer.step();
        }
        if done(peers, events) {
            return;
        }
        assert!(
            Instant::now() < limit,
            "never happened: {what}; events: {events:?}"
        );
        // Sockets are polled: a client of a test is not worth an event loop.
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// Connected session, by its event.
pub fn is_connected(events: &[Event], session: SessionId) -> bool {
    events
        .iter()
        .any(|e| matches!(e, Event::Connected { session: s, .. } if *s == session))
}

/// Reason of the session's end.
pub fn end(events: &[Event], session: SessionId) -> Option<&'static str> {
    events.iter().find_map(|event| match event {
        Event::Disconnected { session: s, reason } if *s == session => Some(reason.name()),
        _ => None,
    })
}
