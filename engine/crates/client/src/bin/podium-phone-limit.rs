//! What the machine can do at best for telephones: the same packets to as many addresses, each from
//! a port of its own, on the way that the engine's legs take: one raw socket where this user may
//! open one, else a socket for each; with nothing else around it.
//!
//! `--receivers FILE --seconds S [--raw 1|0]`: the file has one address with port a line. Prints one
//! line of JSON.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use podium_client::ClientError;
use podium_client::args::Args;
use podium_client::fleet::socket;
use podium_client::raw::RawSender;
use podium_client::sys::{allow_files, dont_fragment, thread_times};
use podium_media::rtp::{FIXED_HEADER, Header};
use serde_json::json;

const TICK: Duration = Duration::from_millis(20);
/// Bytes of 20 ms of G.711.
const PAYLOAD: usize = 160;
const PACKET: usize = FIXED_HEADER + PAYLOAD;
/// Source ports of the raw way.
const FIRST_PORT: u16 = 10_000;

fn main() -> ExitCode {
    let known = ["receivers", "seconds", "raw"];
    match Args::parse(std::env::args_os().skip(1), &known).and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podium-phone-limit: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How packets leave.
enum Way {
    Raw(RawSender),
    Own(Vec<UdpSocket>),
}

fn run(args: &Args) -> Result<(), ClientError> {
    let text = std::fs::read_to_string(args.required::<String>("receivers")?)?;
    let seconds: f64 = args.or("seconds", 5.0)?;
    let receivers: Result<Vec<SocketAddrV4>, _> = text.split_whitespace().map(str::parse).collect();
    let wrong = |_| ClientError::Usage("the file is not of addresses with ports".to_owned());
    let receivers = receivers.map_err(wrong)?;
    let mut way = way(receivers.len(), args.or("raw", 1_u8)? != 0)?;
    let mut tick = 0;
    play(&receivers, &mut way, 50, &mut tick)?;
    let before = thread_times();
    let started = Instant::now();
    let refused = play(&receivers, &mut way, (seconds * 50.0) as u32, &mut tick)?;
    let after = thread_times();
    let window = started.elapsed().as_secs_f64();
    let packets = (seconds * 50.0).floor() * receivers.len() as f64;
    let (user, system) = (after.0 - before.0, after.1 - before.1);
    let line = json!({
        "receivers": receivers.len(),
        "raw": matches!(way, Way::Raw(_)),
        "window_s": window,
        "packets": packets,
        "refused": refused,
        "user_us": user * 1e6 / packets,
        "system_us": system * 1e6 / packets,
        "us": (user + system) * 1e6 / packets,
        "busy": (user + system) / window,
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn way(receivers: usize, raw: bool) -> Result<Way, ClientError> {
    if raw && let Ok(sender) = RawSender::open() {
        return Ok(Way::Raw(sender));
    }
    allow_files(receivers as u64 + 64)?;
    let own = || {
        let socket = socket(false)?;
        dont_fragment(socket.as_raw_fd())?;
        Ok(socket)
    };
    let sockets: std::io::Result<Vec<UdpSocket>> = (0..receivers).map(|_| own()).collect();
    Ok(Way::Own(sockets?))
}

/// Sends at its pace; how many packets the system did not take.
fn play(
    receivers: &[SocketAddrV4],
    way: &mut Way,
    ticks: u32,
    number: &mut u16,
) -> Result<u64, ClientError> {
    let started = Instant::now();
    let mut refused = 0;
    for tick in 0..ticks {
        let due = started + TICK * tick;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        refused += match way {
            Way::Raw(sender) => send_raw(receivers, sender, *number)?,
            Way::Own(sockets) => send_own(receivers, sockets, *number)?,
        };
        *number = number.wrapping_add(1);
    }
    Ok(refused)
}

fn send_own(
    receivers: &[SocketAddrV4],
    sockets: &[UdpSocket],
    number: u16,
) -> Result<u64, ClientError> {
    let mut packet = [0xd5; PACKET];
    let mut refused = 0;
    for (place, (to, socket)) in receivers.iter().zip(sockets).enumerate() {
        write(&mut packet, place, number)?;
        refused += u64::from(socket.send_to(&packet, to).is_err());
    }
    Ok(refused)
}

fn send_raw(
    receivers: &[SocketAddrV4],
    sender: &mut RawSender,
    number: u16,
) -> Result<u64, ClientError> {
    let mut packet = [0xd5; PACKET];
    for (place, to) in receivers.iter().enumerate() {
        write(&mut packet, place, number)?;
        let port = FIRST_PORT.wrapping_add(2 * place as u16);
        sender.put(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), *to, &packet);
    }
    sender.flush();
    Ok(std::mem::take(&mut sender.refused))
}

fn write(packet: &mut [u8], place: usize, number: u16) -> Result<(), ClientError> {
    let header = Header {
        marker: false,
        payload_type: 8,
        sequence: number,
        timestamp: u32::from(number) * PAYLOAD as u32,
        ssrc: place as u32,
    };
    let full = |_| ClientError::Crypto("the buffer is too small".to_owned());
    header.write(packet, &[], false).map_err(full)?;
    Ok(())
}
