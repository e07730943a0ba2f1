//! Telephones that listen, and a few that speak, by RTP alone.
//!
//! `--listeners N --speakers M --seconds S`: prints `bound` with the addresses of all; waits for one
//! line with the engine's ports of the speakers, in order; then speaks and counts what every
//! listener gets. Ports after the speakers' are the listeners': each gets one packet of silence from
//! its listener, for bridges that send to nobody whom they have not heard; with `--voices 1` it sends
//! on, as telephones do whose microphones are closed at the conference only (needs `CAP_NET_RAW`).
//! `--warm S` is how long sound flows before it is measured (2). The first speaker's tone comes and goes once a second: from sending its first
//! packet to the arrival of the first packet that has it is the latency. One line of JSON a phase.
//! Without speakers it only counts, for the limit program to send to.
//!
//! Every listener has an address of its own in 127.0.0.0/8, and all of them one socket, which is
//! looked at every 2 ms: over loopback the sender pays for finding the receiver's socket and for
//! waking its owner, and telephones elsewhere would make it pay for neither.

use std::f32::consts::TAU;
use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use podium_client::ClientError;
use podium_client::args::Args;
use podium_client::count::{StreamCount, quantile};
use podium_client::fleet::socket;
use podium_client::raw::RawSender;
use podium_client::sys::{ReceiveBatch, force_buffers, reusable_udp, tell_destinations};
use podium_media::rtp::{FIXED_HEADER, Header, Packet};
use podium_sound::{Codec, g711};
use serde_json::{Value, json};

/// A packet of sound, and its samples at 8 kHz.
const TICK: Duration = Duration::from_millis(20);
const SAMPLES: usize = 160;
/// The intermittent tone lasts so many packets of every 50.
const BURST: u64 = 15;
/// Bytes that may wait for the listeners: some ticks of thousands of them.
const EARS_BUFFER: i32 = 32 << 20;
/// Of the first listener.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
/// Instead of a speaker's number.
const LISTENER: usize = 1_000;
/// Parts of a tick at which listeners send.
const SPREAD: u32 = 10;
/// Between two looks at the listeners.
const LOOK: Duration = Duration::from_millis(2);
/// Amplitude of tones, and of what counts as hearing one.
const LOUD: f32 = 0.25;
const HEARD: f32 = 0.02;

fn main() -> ExitCode {
    let known = ["listeners", "speakers", "seconds", "warm", "voices"];
    match Args::parse(std::env::args_os().skip(1), &known).and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podium-phone-load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Multiples of 50 Hz are told apart within one packet.
fn tone(speaker: usize) -> f32 {
    1_000.0 + 350.0 * speaker as f32
}

/// When bursts began, and when they were heard.
#[derive(Default)]
struct Bursts {
    sent: Option<Instant>,
    latencies: Vec<f64>,
}

fn run(args: &Args) -> Result<(), ClientError> {
    let listeners: usize = args.required("listeners")?;
    let speakers: usize = args.or("speakers", 3)?;
    let seconds: f64 = args.or("seconds", 10.0)?;
    let warm: f64 = args.or("warm", 2.0)?;
    let ears = reusable_udp(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0))?;
    force_buffers(ears.as_raw_fd(), 1 << 16, EARS_BUFFER);
    tell_destinations(ears.as_raw_fd())?;
    let places = addresses(listeners, ears.local_addr()?.port());
    let mouths: std::io::Result<Vec<UdpSocket>> = (0..speakers).map(|_| socket(false)).collect();
    let mouths = mouths?;
    let speaking = mouths
        .iter()
        .map(mouth_address)
        .collect::<Result<Vec<_>, _>>()?;
    say(&json!({"phase": "bound", "listeners": texts(&places), "speakers": texts(&speaking)}))?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let targets: Result<Vec<u16>, _> = line.split_whitespace().map(str::parse).collect();
    let targets = targets.map_err(|_| ClientError::Usage("the line is not of ports".to_owned()))?;
    for (place, port) in places.iter().zip(targets.iter().skip(speakers)) {
        let greeting = packet(LISTENER, 0, false);
        reusable_udp(*place)?.send_to(&greeting, (Ipv4Addr::LOCALHOST, *port))?;
    }
    let voices = match args.or("voices", 0_u8)? {
        0 => None,
        _ => Some(Voices::new(
            &places,
            &targets[speakers.min(targets.len())..],
        )?),
    };
    let bursts = Arc::new(Mutex::new(Bursts::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let speaking = {
        let (bursts, stop) = (Arc::clone(&bursts), Arc::clone(&stop));
        std::thread::spawn(move || speak(&mouths, &targets, &bursts, &stop))
    };
    let humming = voices.map(|voices| {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || voices.hum(&stop))
    });
    let mut ears = Ears::new(ears, listeners, bursts);
    ears.listen(Duration::from_secs_f64(warm))?;
    ears.forget();
    say(&json!({"phase": "steady"}))?;
    let started = Instant::now();
    ears.listen(Duration::from_secs_f64(seconds))?;
    let window = started.elapsed().as_secs_f64();
    say(&ears.report(window))?;
    stop.store(true, Ordering::Relaxed);
    let failed = |_| ClientError::Crypto("a speakers' thread failed".to_owned());
    humming.map_or(Ok(()), |thread| thread.join().map_err(failed))?;
    speaking.join().map_err(failed)?
}

/// One for each listener.
fn addresses(listeners: usize, port: u16) -> Vec<SocketAddrV4> {
    (u32::from(FIRST)..)
        .take(listeners)
        .map(|ip| SocketAddrV4::new(Ipv4Addr::from(ip), port))
        .collect()
}

fn mouth_address(mouth: &UdpSocket) -> std::io::Result<SocketAddrV4> {
    let port = mouth.local_addr()?.port();
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

fn texts(addresses: &[SocketAddrV4]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

fn say(line: &Value) -> Result<(), ClientError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

fn speak(
    mouths: &[UdpSocket],
    targets: &[u16],
    bursts: &Mutex<Bursts>,
    stop: &AtomicBool,
) -> Result<(), ClientError> {
    let started = Instant::now();
    let mut tick = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        let due = started + TICK * u32::try_from(tick).unwrap_or(u32::MAX);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for (speaker, (mouth, port)) in mouths.iter().zip(targets).enumerate() {
            let sounds = speaker > 0 || tick % 50 < BURST;
            let packet = packet(speaker, tick, sounds);
            if speaker == 0 && tick.is_multiple_of(50) {
                let mut bursts = bursts.lock().unwrap_or_else(PoisonError::into_inner);
                bursts.sent = Some(Instant::now());
            }
            mouth.send_to(&packet, SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port))?;
        }
        tick += 1;
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low bits are what RTP carries"
)]
fn packet(speaker: usize, tick: u64, sounds: bool) -> Vec<u8> {
    let mut out = vec![0; FIXED_HEADER];
    let header = Header {
        marker: false,
        payload_type: 8,
        sequence: tick as u16,
        timestamp: (tick * SAMPLES as u64) as u32,
        ssrc: 0x1000 + speaker as u32,
    };
    // The buffer is as long as the header.
    let _ = header.write(&mut out, &[], false);
    let step = TAU * tone(speaker) / 8_000.0;
    let amplitude = if sounds { LOUD } else { 0.0 };
    // Tones are multiples of 50 Hz: every packet begins at the same phase.
    let pcm: Vec<f32> = (0..SAMPLES)
        .map(|n| amplitude * (step * n as f32).sin())
        .collect();
    g711::encode(Codec::Pcma, &pcm, &mut out);
    out
}

/// What listeners send: one packet of silence each tick, spread over it.
struct Voices {
    sender: RawSender,
    ways: Vec<(SocketAddrV4, SocketAddrV4)>,
}

impl Voices {
    fn new(places: &[SocketAddrV4], ports: &[u16]) -> Result<Self, ClientError> {
        let to = |port: &u16| SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port);
        Ok(Self {
            sender: RawSender::open()?,
            ways: places.iter().copied().zip(ports.iter().map(to)).collect(),
        })
    }

    fn hum(mut self, stop: &AtomicBool) {
        let started = Instant::now();
        let part = self.ways.len().div_ceil(SPREAD as usize).max(1);
        let mut tick = 0;
        while !stop.load(Ordering::Relaxed) {
            let silence = packet(LISTENER, u64::from(tick) + 1, false);
            for (place, ways) in self.ways.chunks(part).enumerate() {
                let due = started + TICK * tick + TICK * place as u32 / SPREAD;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                for (from, to) in ways {
                    self.sender.put(*from, *to, &silence);
                }
                self.sender.flush();
            }
            tick += 1;
        }
    }
}

/// Everybody who listens.
struct Ears {
    socket: UdpSocket,
    /// By listener.
    streams: Vec<Option<Stream>>,
    bursts: Arc<Mutex<Bursts>>,
}

/// What one listener gets; `before`: packets and those due before the measured time.
struct Stream {
    count: StreamCount,
    before: (u64, u64),
}

impl Ears {
    fn new(socket: UdpSocket, listeners: usize, bursts: Arc<Mutex<Bursts>>) -> Self {
        Self {
            socket,
            streams: std::iter::repeat_with(|| None).take(listeners).collect(),
            bursts,
        }
    }

    fn listen(&mut self, length: Duration) -> Result<(), ClientError> {
        let end = Instant::now() + length;
        let mut batch = ReceiveBatch::default();
        while Instant::now() < end {
            let count = batch.receive(self.socket.as_raw_fd())?;
            if count == 0 {
                std::thread::sleep(LOOK);
            }
            for message in 0..count {
                let to = batch.destination(message).map_or(0, u32::from);
                let place = to.wrapping_sub(u32::from(FIRST)) as usize;
                for datagram in batch.datagrams(message) {
                    self.hear(place, datagram);
                }
            }
        }
        Ok(())
    }

    fn hear(&mut self, place: usize, data: &[u8]) {
        let Ok(packet) = Packet::parse(data) else {
            return;
        };
        // RTCP comes on the same port.
        if packet.header.payload_type != 8 {
            return;
        }
        let Some(stream) = self.streams.get_mut(place) else {
            return;
        };
        let stream = stream.get_or_insert_with(|| Stream {
            count: StreamCount::new(packet.header.ssrc),
            before: (0, 0),
        });
        stream.count.count(packet.header.sequence, data.len());
        if place == 0 && hears(packet.payload, tone(0)) {
            let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(sent) = bursts.sent.take() {
                bursts.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
            }
        }
    }

    /// What came until now does not count.
    fn forget(&mut self) {
        for stream in self.streams.iter_mut().flatten() {
            stream.before = (stream.count.packets, stream.count.expected());
        }
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        *bursts = Bursts::default();
    }

    fn report(&mut self, window: f64) -> Value {
        let (mut packets, mut expected) = (0, 0);
        for stream in self.streams.iter().flatten() {
            packets += stream.count.packets - stream.before.0;
            expected += stream.count.expected() - stream.before.1;
        }
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = bursts.latencies.len();
        let latencies = &mut bursts.latencies;
        json!({
            "phase": "done",
            "window_s": window,
            "packets": packets,
            "expected": expected,
            "lost": expected.saturating_sub(packets),
            "silent": self.streams.iter().filter(|stream| stream.is_none()).count(),
            "bursts": heard,
            "latency_ms": {
                "p50": quantile(latencies, 0.5),
                "p99": quantile(latencies, 0.99),
                "max": quantile(latencies, 1.0),
            },
        })
    }
}

/// Whether a payload holds the tone (Goertzel).
fn hears(payload: &[u8], hertz: f32) -> bool {
    let mut pcm = Vec::with_capacity(SAMPLES);
    g711::decode(Codec::Pcma, payload, &mut pcm);
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (n, sample) in pcm.iter().enumerate() {
        let phase = TAU * hertz * n as f32 / 8_000.0;
        sine += sample * phase.sin();
        cosine += sample * phase.cos();
    }
    2.0 * f32::hypot(sine, cosine) / pcm.len().max(1) as f32 > HEARD
}
