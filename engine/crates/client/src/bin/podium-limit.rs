//! What the machine can do at best: seals the same packets for as many receivers as Podium has
//! viewers and sends them the same way, with nothing else around it.
//!
//! `--ports FILE --seconds S [--profile 256|128] [--audio ride|alone] [--gso 1|0]`: the file has
//! one port of 127.0.0.1 a line. Prints one line of JSON. Per 40 ms and receiver: a picture of 9
//! or 10 packets of 1,100 bytes, and two packets of sound, of which one rides as the last segment
//! of the picture (`ride`) or none (`alone`).

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use podium_client::ClientError;
use podium_client::args::Args;
use podium_client::peer::random;
use podium_client::sys::{
    Outgoing, SEND_BATCH, dont_fragment, force_buffers, send_batch, thread_times,
};
use podium_client::vp8::Picture;
use podium_media::rtp::Header;
use podium_media::srtp::{MasterKey, PacketIndex, Payload, Profile, SealRtp};
use serde_json::json;

/// One picture in this time; sound in half of it.
const PICTURE_EVERY: Duration = Duration::from_millis(40);

/// Bytes of a sound packet's payload: 40 kbit/s.
const SOUND: usize = 100;

/// Room for one receiver's picture in the send buffer.
const BURST: usize = 16_384;

fn main() -> ExitCode {
    let known = ["ports", "seconds", "profile", "audio", "gso"];
    match Args::parse(std::env::args_os().skip(1), &known).and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podium-limit: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Receiver {
    address: SocketAddrV4,
    seal: SealRtp,
}

/// Numbers of the two streams; the same for every receiver, as a slot's are.
struct Numbers {
    picture_ssrc: u32,
    sound_ssrc: u32,
    picture: u64,
    sound: u64,
    timestamp: u32,
}

struct Program {
    socket: UdpSocket,
    receivers: Vec<Receiver>,
    buffer: Vec<u8>,
    batch: Vec<Outgoing>,
    filled: usize,
    gso: bool,
    packets: u64,
    refused: u64,
}

fn run(args: &Args) -> Result<(), ClientError> {
    let ports = std::fs::read_to_string(args.required::<String>("ports")?)?;
    let profile = match args.or("profile", 256)? {
        128 => Profile::AeadAes128Gcm,
        _ => Profile::AeadAes256Gcm,
    };
    let ride = args.or("audio", "ride".to_owned())? == "ride";
    let mut program = Program::new(&ports, profile, args.or("gso", 1_u8)? != 0)?;
    let seconds: f64 = args.or("seconds", 5.0)?;
    // Fresh sources, so that receivers can tell one run from the next.
    let picture_ssrc = u32::from_ne_bytes(random()?);
    let mut numbers = Numbers {
        picture_ssrc,
        sound_ssrc: !picture_ssrc,
        picture: 1,
        sound: 1,
        timestamp: 0,
    };
    // One second to warm up.
    program.play(&mut numbers, Duration::from_secs(1), ride)?;
    program.packets = 0;
    let before = thread_times();
    let started = Instant::now();
    program.play(&mut numbers, Duration::from_secs_f64(seconds), ride)?;
    let after = thread_times();
    let window = started.elapsed().as_secs_f64();
    let per_packet = |seconds: f64| seconds * 1e6 / program.packets.max(1) as f64;
    let (user, system) = (after.0 - before.0, after.1 - before.1);
    let line = json!({
        "receivers": program.receivers.len(),
        "profile": profile.name(),
        "audio": if ride { "ride" } else { "alone" },
        "gso": program.gso,
        "window_s": window,
        "packets": program.packets,
        "refused": program.refused,
        "user_us": per_packet(user),
        "system_us": per_packet(system),
        "us": per_packet(user + system),
        "busy": (user + system) / window,
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

impl Program {
    fn new(ports: &str, profile: Profile, gso: bool) -> Result<Self, ClientError> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        dont_fragment(socket.as_raw_fd())?;
        force_buffers(socket.as_raw_fd(), 4 << 20, 1 << 20);
        let mut receivers = Vec::new();
        for port in ports.split_whitespace() {
            let port = port
                .parse()
                .map_err(|_| ClientError::Usage(format!("{port} is not a port")))?;
            let key: [u8; 32] = random()?;
            let salt: [u8; 14] = random()?;
            let refused = |_| ClientError::Crypto("a key was refused".to_owned());
            let master = MasterKey::new(
                profile,
                &key[..profile.key_len()],
                &salt[..profile.salt_len()],
            )
            .map_err(refused)?;
            let seal = SealRtp::new(&master).map_err(refused)?;
            receivers.push(Receiver {
                address: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
                seal,
            });
        }
        Ok(Self {
            socket,
            receivers,
            buffer: vec![0; SEND_BATCH * BURST],
            batch: Vec::with_capacity(SEND_BATCH),
            filled: 0,
            gso,
            packets: 0,
            refused: 0,
        })
    }

    /// Sends pictures and sound at their pace.
    fn play(
        &mut self,
        numbers: &mut Numbers,
        length: Duration,
        ride: bool,
    ) -> Result<(), ClientError> {
        let started = Instant::now();
        let sound = vec![vec![0x5a; SOUND]];
        let mut pictures = 0_u32;
        while PICTURE_EVERY * pictures < length {
            let due = started + PICTURE_EVERY * pictures;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let size = [9 * 1_100, 10 * 1_100][pictures as usize % 2];
            let picture = Picture {
                number: pictures,
                keyframe: false,
                stamp: 0,
            }
            .packets(size, 1_100);
            let riding: &[Vec<u8>] = if ride { &sound } else { &[] };
            self.spread(numbers, &picture, riding)?;
            if !ride {
                self.spread(numbers, &[], &sound)?;
            }
            let half = due + PICTURE_EVERY / 2;
            std::thread::sleep(half.saturating_duration_since(Instant::now()));
            self.spread(numbers, &[], &sound)?;
            pictures += 1;
        }
        Ok(())
    }

    /// One burst to every receiver.
    fn spread(
        &mut self,
        numbers: &mut Numbers,
        picture: &[Vec<u8>],
        sound: &[Vec<u8>],
    ) -> Result<(), ClientError> {
        for place in 0..self.receivers.len() {
            let start = self.filled;
            let mut segment = 0;
            for (n, payload) in picture.iter().chain(sound).enumerate() {
                let of_picture = n < picture.len();
                let (ssrc, number) = if of_picture {
                    (numbers.picture_ssrc, numbers.picture + n as u64)
                } else {
                    (numbers.sound_ssrc, numbers.sound)
                };
                let header = Header {
                    marker: of_picture && n + 1 == picture.len(),
                    payload_type: if of_picture { 96 } else { 111 },
                    sequence: number as u16,
                    timestamp: numbers.timestamp,
                    ssrc,
                };
                let length = self.seal(place, header, number, payload)?;
                if !self.gso {
                    self.message(place, self.filled - length, length as u16)?;
                } else if n == 0 {
                    segment = length as u16;
                }
                self.packets += 1;
            }
            if self.gso {
                self.message(place, start, segment)?;
            }
            if self.buffer.len() - self.filled < BURST {
                self.flush()?;
            }
        }
        self.flush()?;
        numbers.picture += picture.len() as u64;
        numbers.sound += sound.len() as u64;
        numbers.timestamp = numbers.timestamp.wrapping_add(1_800);
        Ok(())
    }

    fn seal(
        &mut self,
        place: usize,
        header: Header,
        number: u64,
        payload: &[u8],
    ) -> Result<usize, ClientError> {
        let full = || ClientError::Crypto("the send buffer is too small".to_owned());
        let out = self.buffer.get_mut(self.filled..).ok_or_else(full)?;
        let head = header.write(out, &[], false).map_err(|_| full())?;
        let index = PacketIndex {
            ssrc: header.ssrc,
            sequence: number,
        };
        let seal = &self.receivers[place].seal;
        let length = seal
            .seal(index, head, Payload::plain(payload), out)
            .map_err(|_| full())?;
        self.filled += length;
        Ok(length)
    }

    fn message(&mut self, place: usize, start: usize, segment: u16) -> Result<(), ClientError> {
        let address = self.receivers[place].address;
        self.batch.push(Outgoing {
            address,
            start,
            length: self.filled - start,
            segment,
        });
        if self.batch.len() == SEND_BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), ClientError> {
        let mut sent = 0;
        while sent < self.batch.len() {
            match send_batch(self.socket.as_raw_fd(), &self.buffer, &self.batch[sent..]) {
                Ok(count) => sent += count.max(1),
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {
                    self.refused += 1;
                    sent += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.batch.clear();
        self.filled = 0;
        Ok(())
    }
}
