//! Telephones that listen, and a few that speak, by RTP alone.
//!
//! `--listeners N --speakers M --seconds S`: prints `bound` with the ports of all; waits for one
//! line with the engine's ports of the speakers, in order; then speaks and counts what every
//! listener gets. Ports after the speakers' are the listeners': each gets one packet of silence from
//! its listener, for bridges that send to nobody whom they have not heard. `--warm S` is how long
//! sound flows before it is measured (2). The first speaker's tone comes and goes once a second: from sending its first
//! packet to the arrival of the first packet that has it is the latency. One line of JSON a phase.
//! Without speakers it only counts, for the limit program to send to.
//!
//! Listeners are looked at every 2 ms, not woken by each packet: a telephone elsewhere would not
//! make the sender pay for waking it, either.

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
use podium_client::sys::{Poller, ReceiveBatch, allow_files};
use podium_media::rtp::{FIXED_HEADER, Header, Packet};
use podium_sound::{Codec, g711};
use serde_json::{Value, json};

/// A packet of sound, and its samples at 8 kHz.
const TICK: Duration = Duration::from_millis(20);
const SAMPLES: usize = 160;
/// The intermittent tone lasts so many packets of every 50.
const BURST: u64 = 15;
/// Between two looks at the listeners.
const LOOK: Duration = Duration::from_millis(2);
/// Amplitude of tones, and of what counts as hearing one.
const LOUD: f32 = 0.25;
const HEARD: f32 = 0.02;

fn main() -> ExitCode {
    let known = ["listeners", "speakers", "seconds", "warm"];
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
    allow_files(listeners as u64 + 64)?;
    let ears = bind(listeners)?;
    let mouths = bind(speakers)?;
    say(&json!({"phase": "bound", "listeners": ports(&ears)?, "speakers": ports(&mouths)?}))?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let targets: Result<Vec<u16>, _> = line.split_whitespace().map(str::parse).collect();
    let targets = targets.map_err(|_| ClientError::Usage("the line is not of ports".to_owned()))?;
    for (ear, port) in ears.iter().zip(targets.iter().skip(speakers)) {
        let greeting = packet(speakers, 0, false);
        ear.send_to(&greeting, SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port))?;
    }
    let bursts = Arc::new(Mutex::new(Bursts::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let speaking = {
        let (bursts, stop) = (Arc::clone(&bursts), Arc::clone(&stop));
        std::thread::spawn(move || speak(&mouths, &targets, &bursts, &stop))
    };
    let mut ears = Ears::new(ears, bursts)?;
    ears.listen(Duration::from_secs_f64(warm))?;
    ears.forget();
    say(&json!({"phase": "steady"}))?;
    let started = Instant::now();
    ears.listen(Duration::from_secs_f64(seconds))?;
    let window = started.elapsed().as_secs_f64();
    say(&ears.report(window))?;
    stop.store(true, Ordering::Relaxed);
    speaking
        .join()
        .map_err(|_| ClientError::Crypto("the speakers' thread failed".to_owned()))?
}

fn bind(count: usize) -> Result<Vec<UdpSocket>, ClientError> {
    let sockets: std::io::Result<_> = (0..count).map(|_| socket(false)).collect();
    Ok(sockets?)
}

fn ports(sockets: &[UdpSocket]) -> Result<Vec<u16>, ClientError> {
    sockets
        .iter()
        .map(|one| Ok(one.local_addr()?.port()))
        .collect()
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

/// Everybody who listens.
struct Ears {
    sockets: Vec<UdpSocket>,
    counts: Vec<Option<StreamCount>>,
    /// Packets before the measured time, by listener.
    before: Vec<(u64, u64)>,
    poller: Poller,
    bursts: Arc<Mutex<Bursts>>,
}

impl Ears {
    fn new(sockets: Vec<UdpSocket>, bursts: Arc<Mutex<Bursts>>) -> Result<Self, ClientError> {
        let poller = Poller::new()?;
        for (place, socket) in sockets.iter().enumerate() {
            poller.add(socket.as_raw_fd(), place as u64)?;
        }
        Ok(Self {
            counts: vec![None; sockets.len()],
            before: vec![(0, 0); sockets.len()],
            sockets,
            poller,
            bursts,
        })
    }

    fn listen(&mut self, length: Duration) -> Result<(), ClientError> {
        let end = Instant::now() + length;
        let mut batch = ReceiveBatch::default();
        while Instant::now() < end {
            let ready = self.poller.wait(Duration::ZERO)?;
            if ready == 0 {
                std::thread::sleep(LOOK);
            }
            for index in 0..ready {
                let place = self.poller.token(index).unwrap_or(0) as usize;
                let Some(socket) = self.sockets.get(place) else {
                    continue;
                };
                let count = batch.receive(socket.as_raw_fd())?;
                for message in 0..count {
                    for datagram in batch.datagrams(message) {
                        self.hear(place, datagram);
                    }
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
        let ssrc = packet.header.ssrc;
        let count = self.counts[place].get_or_insert_with(|| StreamCount::new(ssrc));
        count.count(packet.header.sequence, data.len());
        if place == 0 && hears(packet.payload, tone(0)) {
            let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(sent) = bursts.sent.take() {
                bursts.latencies.push(sent.elapsed().as_secs_f64() * 1e3);
            }
        }
    }

    /// What came until now does not count.
    fn forget(&mut self) {
        for (before, count) in self.before.iter_mut().zip(&self.counts) {
            *before = count
                .as_ref()
                .map_or((0, 0), |count| (count.packets, count.expected()));
        }
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        *bursts = Bursts::default();
    }

    fn report(&mut self, window: f64) -> Value {
        let (mut packets, mut expected, mut silent) = (0, 0, 0);
        for (before, count) in self.before.iter().zip(&self.counts) {
            let Some(count) = count else {
                silent += 1;
                continue;
            };
            packets += count.packets - before.0;
            expected += count.expected() - before.1;
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
            "silent": silent,
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
