//! What the machine can do at best for telephones: the same packets to as many ports, each from a
//! socket of its own as every leg has, with nothing else around it.
//!
//! `--ports FILE --seconds S [--connected 1|0]`: the file has one port of 127.0.0.1 a line. Prints
//! one line of JSON.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use podium_client::ClientError;
use podium_client::args::Args;
use podium_client::fleet::socket;
use podium_client::sys::{allow_files, dont_fragment, thread_times};
use podium_media::rtp::{FIXED_HEADER, Header};
use serde_json::json;

const TICK: Duration = Duration::from_millis(20);
/// Bytes of 20 ms of G.711.
const PAYLOAD: usize = 160;

fn main() -> ExitCode {
    let known = ["ports", "seconds", "connected"];
    match Args::parse(std::env::args_os().skip(1), &known).and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("podium-phone-limit: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Leg {
    socket: UdpSocket,
    to: SocketAddrV4,
    ssrc: u32,
}

fn run(args: &Args) -> Result<(), ClientError> {
    let ports = std::fs::read_to_string(args.required::<String>("ports")?)?;
    let connected = args.or("connected", 0_u8)? != 0;
    let seconds: f64 = args.or("seconds", 5.0)?;
    let ports: Result<Vec<u16>, _> = ports.split_whitespace().map(str::parse).collect();
    let ports = ports.map_err(|_| ClientError::Usage("the file is not of ports".to_owned()))?;
    allow_files(ports.len() as u64 + 64)?;
    let legs = ports
        .iter()
        .enumerate()
        .map(|(place, port)| leg(place, *port, connected))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tick = 0;
    play(&legs, connected, 50, &mut tick)?;
    let before = thread_times();
    let started = Instant::now();
    let refused = play(&legs, connected, (seconds * 50.0) as u32, &mut tick)?;
    let after = thread_times();
    let window = started.elapsed().as_secs_f64();
    let packets = (seconds * 50.0).floor() * legs.len() as f64;
    let (user, system) = (after.0 - before.0, after.1 - before.1);
    let line = json!({
        "receivers": legs.len(),
        "connected": connected,
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

fn leg(place: usize, port: u16, connected: bool) -> Result<Leg, ClientError> {
    let socket = socket(false)?;
    dont_fragment(socket.as_raw_fd())?;
    let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    if connected {
        socket.connect(to)?;
    }
    let ssrc = place as u32;
    Ok(Leg { socket, to, ssrc })
}

/// Sends at its pace; how many packets the system did not take.
fn play(legs: &[Leg], connected: bool, ticks: u32, number: &mut u16) -> Result<u64, ClientError> {
    let started = Instant::now();
    let mut buffer = [0xd5; FIXED_HEADER + PAYLOAD];
    let mut refused = 0;
    for tick in 0..ticks {
        let due = started + TICK * tick;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for leg in legs {
            let header = Header {
                marker: false,
                payload_type: 8,
                sequence: *number,
                timestamp: u32::from(*number) * PAYLOAD as u32,
                ssrc: leg.ssrc,
            };
            let full = |_| ClientError::Crypto("the buffer is too small".to_owned());
            header.write(&mut buffer, &[], false).map_err(full)?;
            let sent = if connected {
                leg.socket.send(&buffer)
            } else {
                leg.socket.send_to(&buffer, leg.to)
            };
            refused += u64::from(sent.is_err());
        }
        *number = number.wrapping_add(1);
    }
    Ok(refused)
}
