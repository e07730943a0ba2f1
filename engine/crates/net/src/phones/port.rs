//! A leg's two sockets: RTP on an even port, RTCP on the odd one above (RFC 3550 section 11).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU32, Ordering};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::EngineError;
use crate::{random, sys};

/// Enough for 0.5 s of a telephone's packets.
const RECEIVE_BUFFER: i32 = 32 << 10;
const SEND_BUFFER: i32 = 64 << 10;
/// Where ports are looked for when none are given: below those that Linux gives to everybody else.
const ANY: (u16, u16) = (10_000, 32_767);

/// One leg's sockets.
#[derive(Debug)]
pub struct Sockets {
    /// Even port.
    pub rtp: UdpSocket,
    /// The one above.
    pub rtcp: UdpSocket,
    /// What `rtp` is bound to.
    pub address: SocketAddr,
}

/// The ports of all legs.
#[derive(Debug)]
pub struct Ports {
    ip: IpAddr,
    first: u16,
    /// Pairs of ports.
    pairs: u32,
    next: AtomicU32,
}

impl Ports {
    /// On that address; `range` holds first and last, (0, 0) is any.
    pub fn new(ip: &str, range: (u16, u16)) -> Result<Self, EngineError> {
        let invalid = |why: String| EngineError::Config(why);
        let ip: IpAddr = ip
            .parse()
            .map_err(|_| invalid(format!("phones: \"{ip}\" is not an IP address")))?;
        let (low, high) = if range == (0, 0) { ANY } else { range };
        let first = low.checked_next_multiple_of(2).unwrap_or(u16::MAX);
        let pairs = (u32::from(high) + 1).saturating_sub(u32::from(first)) / 2;
        if low < 1_024 || pairs == 0 {
            return Err(invalid(
                "phone_ports: from 1024, an even port and the one above at least".to_owned(),
            ));
        }
        // Ports are not to be guessed from the one before, and just used ones rest.
        let next = AtomicU32::new(random::u32() % pairs);
        Ok(Self {
            ip,
            first,
            pairs,
            next,
        })
    }

    /// Binds a free pair.
    pub fn open(&self) -> Result<Sockets, EngineError> {
        let mut last = None;
        for _ in 0..self.pairs {
            let pair = self.next.fetch_add(1, Ordering::Relaxed) % self.pairs;
            let offset = u16::try_from(2 * pair).unwrap_or(0);
            let address = SocketAddr::new(self.ip, self.first + offset);
            let above = SocketAddr::new(self.ip, self.first + offset + 1);
            match bind(address).and_then(|rtp| Ok((rtp, bind(above)?))) {
                Ok((rtp, rtcp)) => {
                    return Ok(Sockets { rtp, rtcp, address });
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(self.failed(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into())))
    }

    fn failed(&self, source: io::Error) -> EngineError {
        let last = u32::from(self.first) + 2 * self.pairs - 1;
        EngineError::NoLegPort {
            range: format!("{}, ports {} to {last}", self.ip, self.first),
            source,
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    sys::force_buffers(socket.as_raw_fd(), SEND_BUFFER, RECEIVE_BUFFER);
    sys::set_dont_fragment(socket.as_raw_fd(), address.is_ipv6())?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_even_and_odd_and_the_range_ends() {
        let ports = Ports::new("127.0.0.1", (0, 0)).expect("any");
        let one = ports.open().expect("free");
        let at = one.address;
        assert_eq!(at.port() % 2, 0);
        let above = one.rtcp.local_addr().expect("bound");
        assert_eq!(above.port(), at.port() + 1);
        let small = Ports::new("127.0.0.1", (at.port(), at.port() + 1)).expect("one pair");
        assert!(small.open().is_err(), "taken");
        drop(one);
        assert!(small.open().is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        for (ip, range) in [
            ("nonsense", (0, 0)),
            ("127.0.0.1", (10, 2_000)),
            ("127.0.0.1", (5_000, 4_000)),
            ("127.0.0.1", (5_000, 5_000)),
            ("127.0.0.1", (u16::MAX, u16::MAX)),
        ] {
            assert!(Ports::new(ip, range).is_err(), "{ip} {range:?}");
        }
    }
}
