//! How the packets of a thread's legs leave.
//!
//! A leg's own socket costs a system call for every packet, and a socket that is in no cache.
//! Where the system lets us (Linux: `CAP_NET_RAW`), the packets of legs that speak IPv4 leave
//! through one raw socket instead, many in a call, with headers that say the leg's own port: the
//! peer sees no difference. Whatever that socket does not take, leaves through the leg's own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

use podium_media::udp4::{HEADERS, write_headers};
use socket2::{Domain, Protocol, Socket, Type};

use crate::phones::outgoing::MAX_PACKET;
use crate::sys::{self, Outgoing, RawAddr, SEND_BATCH, send_batch};

/// Bytes under way at most, where we may say: a tick of some thousand legs.
const SEND_BUFFER: i32 = 8 << 20;
const BUFFER: usize = SEND_BATCH * (HEADERS + MAX_PACKET);

/// Packets that wait to leave.
pub struct Outbox {
    raw: Option<Socket>,
    buffer: Box<[u8]>,
    used: usize,
    batch: Vec<Outgoing>,
    /// The legs' own sockets, as long as the batch.
    own: Vec<RawFd>,
}

impl Outbox {
    /// With a raw socket if the system allows one.
    pub fn new() -> Self {
        let raw = raw_socket()
            .inspect_err(|error| {
                tracing::info!(%error, "without a raw socket each leg sends by its own");
            })
            .ok();
        Self::with(raw)
    }

    fn with(raw: Option<Socket>) -> Self {
        Self {
            raw,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            used: 0,
            batch: Vec::with_capacity(SEND_BATCH),
            own: Vec::with_capacity(SEND_BATCH),
        }
    }

    /// How packets of a leg that is bound to `own` reach its peer. Costs a system call or two where
    /// `own` is any address, so that it is to be kept; not for long, since routes change.
    pub fn way(&self, own: SocketAddr, to: SocketAddr) -> Way {
        let (Some(_), SocketAddr::V4(own), SocketAddr::V4(peer)) = (&self.raw, own, to) else {
            return Way::Own(to);
        };
        let ip = match own.ip() {
            any if any.is_unspecified() => source_towards(peer),
            ip => Some(*ip),
        };
        match ip {
            Some(ip) => Way::Shared(SocketAddrV4::new(ip, own.port()), peer),
            None => Way::Own(to),
        }
    }

    /// Sends a packet of at most [`MAX_PACKET`] bytes that `write` puts into the buffer; its
    /// length, 0 if none goes. It leaves with [`Self::flush`] at the latest.
    pub fn send(
        &mut self,
        way: Way,
        socket: &UdpSocket,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> usize {
        let room = &mut self.buffer[self.used..][..HEADERS + MAX_PACKET];
        let Some(length) = write(&mut room[HEADERS..]) else {
            return 0;
        };
        let total = HEADERS + length;
        let (from, to) = match way {
            Way::Shared(from, to) => (from, to),
            Way::Own(to) => {
                // What the system cannot take now is lost, as on any network.
                let sent = socket.send_to(&room[HEADERS..total], to);
                return sent.map_or(0, |_| length);
            }
        };
        if !write_headers(&mut room[..total], from, to) {
            return 0;
        }
        self.batch.push(Outgoing {
            address: RawAddr::new(to.into()),
            start: self.used as u32,
            length: total as u32,
            segment: total as u16,
        });
        self.own.push(socket.as_raw_fd());
        self.used += total;
        if self.batch.len() == SEND_BATCH {
            self.flush();
        }
        length
    }

    /// Sends what waits.
    pub fn flush(&mut self) {
        let Some(raw) = &self.raw else {
            return;
        };
        let mut at = 0;
        while at < self.batch.len() {
            match send_batch(raw.as_raw_fd(), &self.buffer, &self.batch[at..]) {
                Ok(sent) => at += sent.max(1),
                Err(_) => {
                    self.send_singly(at);
                    at += 1;
                }
            }
        }
        self.batch.clear();
        self.own.clear();
        self.used = 0;
    }

    fn send_singly(&self, at: usize) {
        let whole = self.batch[at];
        let payload = Outgoing {
            start: whole.start + HEADERS as u32,
            length: whole.length - HEADERS as u32,
            segment: whole.segment - HEADERS as u16,
            ..whole
        };
        // What the system cannot take now is lost, as on any network.
        let _ = send_batch(self.own[at], &self.buffer, &[payload]);
    }
}

/// How a leg's packets reach its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the shared socket: from where, to where.
    Shared(SocketAddrV4, SocketAddrV4),
    /// By the leg's own.
    Own(SocketAddr),
}

/// One that sends whole IPv4 datagrams and receives nothing (raw(7): `IPPROTO_RAW`).
fn raw_socket() -> io::Result<Socket> {
    let protocol = Protocol::from(libc::IPPROTO_RAW);
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(protocol))?;
    socket.set_nonblocking(true)?;
    sys::force_buffers(socket.as_raw_fd(), SEND_BUFFER, 0);
    Ok(socket)
}

/// The address that this machine uses towards another: asking for the way sends nothing.
fn source_towards(to: SocketAddrV4) -> Option<Ipv4Addr> {
    let probe = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    probe.connect(to).ok()?;
    match probe.local_addr().ok()? {
        SocketAddr::V4(found) => Some(*found.ip()),
        SocketAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn bound() -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let limit = Some(Duration::from_secs(5));
        socket.set_read_timeout(limit).expect("a socket");
        socket
    }

    fn send(outbox: &mut Outbox, way: Way, leg: &UdpSocket, payload: &[u8]) -> usize {
        outbox.send(way, leg, |buffer| {
            buffer[..payload.len()].copy_from_slice(payload);
            Some(payload.len())
        })
    }

    fn heard(peer: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut data = [0; 64];
        let (length, source) = peer.recv_from(&mut data).expect("a packet");
        (data[..length].to_vec(), source)
    }

    /// More packets than a batch, from legs with ports of their own; the peer sees those.
    fn all_arrive(outbox: &mut Outbox) {
        let peer = bound();
        let to = peer.local_addr().expect("bound");
        let legs: Vec<UdpSocket> = (0..3 * SEND_BATCH / 2).map(|_| bound()).collect();
        for (number, leg) in legs.iter().enumerate() {
            let way = outbox.way(leg.local_addr().expect("bound"), to);
            assert_eq!(send(outbox, way, leg, &[number as u8; 20]), 20);
        }
        outbox.flush();
        for (number, leg) in legs.iter().enumerate() {
            let own = leg.local_addr().expect("bound");
            assert_eq!(heard(&peer), (vec![number as u8; 20], own));
        }
    }

    #[test]
    fn peers_see_the_legs_own_ports() {
        all_arrive(&mut Outbox::with(None));
        let mut outbox = Outbox::new();
        if outbox.raw.is_none() {
            eprintln!("the shared way is not tested: this user may not open raw sockets");
            return;
        }
        all_arrive(&mut outbox);
    }

    #[test]
    fn what_the_shared_socket_refuses_leaves_by_the_legs_own() {
        // A socket of another family refuses every packet.
        let deaf = Socket::new(Domain::UNIX, Type::DGRAM, None).expect("a socket");
        all_arrive(&mut Outbox::with(Some(deaf)));
    }

    #[test]
    fn the_shared_way_is_for_ipv4_and_knows_its_source() {
        let raw = Socket::new(Domain::UNIX, Type::DGRAM, None).expect("a socket");
        let outbox = Outbox::with(Some(raw));
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5_000));
        let to = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9);
        let from = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 5_000);
        assert_eq!(outbox.way(any, to.into()), Way::Shared(from, to));
        let six = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 9));
        assert_eq!(outbox.way(six, six), Way::Own(six));
        let alone = Outbox::with(None);
        assert_eq!(alone.way(any, to.into()), Way::Own(to.into()));
    }
}
