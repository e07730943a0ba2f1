//! The public port: one `SO_REUSEPORT` socket for each thread and listening address.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::EngineError;
use crate::sys;

/// Room for a keyframe to some thousand viewers.
const SEND_BUFFER: i32 = 8 << 20;
/// Room for what arrives while a thread is busy sending.
const RECEIVE_BUFFER: i32 = 4 << 20;
/// Listening addresses beyond this are a mistake in the configuration.
const MAX_LISTEN: usize = 8;

/// One thread's sockets, one for each listening address, in the same order everywhere.
#[derive(Debug, Default)]
pub struct Sockets(Vec<UdpSocket>);

impl Sockets {
    /// Descriptors for `poll`.
    pub fn raw(&self) -> Vec<RawFd> {
        self.0.iter().map(AsRawFd::as_raw_fd).collect()
    }

    /// Sends one datagram; an error is as if the network had lost it.
    pub fn send(&self, index: usize, data: &[u8], to: SocketAddr) -> io::Result<()> {
        let socket = self.0.get(index).ok_or(io::ErrorKind::NotConnected)?;
        socket.send_to(data, to).map(|_| ())
    }
}

/// The bound port.
#[derive(Debug)]
pub struct Port {
    /// For the publishers' thread, then for each worker.
    pub threads: Vec<Sockets>,
    /// What is announced, one list for each listening address.
    pub announced: Vec<Vec<SocketAddr>>,
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    sys::force_buffers(socket.as_raw_fd(), SEND_BUFFER, RECEIVE_BUFFER);
    sys::set_dont_fragment(socket.as_raw_fd(), address.is_ipv6())?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// A port that somebody else listens on must fail, although every socket of ours shares it.
fn probe(address: SocketAddr) -> io::Result<()> {
    if address.port() != 0 {
        UdpSocket::bind(address)?;
    }
    Ok(())
}

fn parse_listen(text: &str) -> Result<SocketAddr, EngineError> {
    text.parse().map_err(|_| {
        EngineError::Config(format!(
            "cannot listen on \"{text}\": write \"ip:port\" or \"[ip6]:port\""
        ))
    })
}

fn parse_public(text: &str) -> Result<(IpAddr, Option<u16>), EngineError> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok((ip, None));
    }
    text.parse::<SocketAddr>()
        .map(|a| (a.ip(), Some(a.port())))
        .map_err(|_| {
            EngineError::Config(format!(
                "cannot announce \"{text}\": write \"ip\" or \"ip:port\""
            ))
        })
}

fn announce(
    bound: SocketAddr,
    public: &[(IpAddr, Option<u16>)],
) -> Result<Vec<SocketAddr>, EngineError> {
    if public.is_empty() {
        if bound.ip().is_unspecified() {
            return Err(EngineError::Config(format!(
                "\"{bound}\" is every address of this machine: say which one browsers shall use (public)"
            )));
        }
        return Ok(vec![bound]);
    }
    let mut list = Vec::new();
    for (ip, port) in public {
        if ip.is_unspecified() {
            return Err(EngineError::Config(format!("\"{ip}\" cannot be announced")));
        }
        if ip.is_ipv4() == bound.is_ipv4() {
            list.push(SocketAddr::new(*ip, port.unwrap_or(bound.port())));
        }
    }
    if list.is_empty() {
        list.push(bound);
    }
    Ok(list)
}

impl Port {
    /// Binds every listening address once for the publishers' thread and once for each worker.
    pub fn open(listen: &[String], public: &[String], workers: usize) -> Result<Self, EngineError> {
        if listen.is_empty() || listen.len() > MAX_LISTEN {
            return Err(EngineError::Config(format!(
                "listen on 1 to {MAX_LISTEN} addresses"
            )));
        }
        let public = public
            .iter()
            .map(|p| parse_public(p))
            .collect::<Result<Vec<_>, _>>()?;
        let mut port = Self {
            threads: Vec::new(),
            announced: Vec::new(),
        };
        port.threads
            .resize_with(workers + 1, || Sockets(Vec::new()));
        for text in listen {
            let wanted = parse_listen(text)?;
            let failed = |source| EngineError::Bind {
                address: text.clone(),
                source,
            };
            probe(wanted).map_err(failed)?;
            let mut bound = wanted;
            // The order of binding is the index that `steer` speaks of.
            for sockets in &mut port.threads {
                let socket = bind(bound).map_err(failed)?;
                bound = socket.local_addr().map_err(failed)?;
                sockets.0.push(socket);
            }
            if let Some(socket) = port.threads[0].0.last() {
                sys::steer(socket.as_raw_fd(), workers as u32).map_err(failed)?;
            }
            port.announced.push(announce(bound, &public)?);
        }
        Ok(port)
    }

    /// All announced addresses, each once.
    pub fn candidates(&self) -> Vec<SocketAddr> {
        let mut list = Vec::new();
        for address in self.announced.iter().flatten() {
            if !list.contains(address) {
                list.push(*address);
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::{ReceiveBatch, wait_readable};
    use std::time::Duration;

    fn open(workers: usize) -> Port {
        Port::open(&["127.0.0.1:0".to_owned()], &[], workers).expect("loopback port")
    }

    fn arrives_at(port: &Port, client: &UdpSocket, data: &[u8]) -> usize {
        client.send_to(data, port.candidates()[0]).expect("send");
        let fds: Vec<RawFd> = port.threads.iter().flat_map(Sockets::raw).collect();
        let ready = wait_readable(&fds, Some(Duration::from_secs(5))).expect("poll");
        assert_eq!(ready.count_ones(), 1);
        let index = ready.trailing_zeros() as usize;
        assert_eq!(
            ReceiveBatch::default()
                .receive(fds[index])
                .expect("receive"),
            1
        );
        index
    }

    #[test]
    fn media_goes_to_the_publishers_thread_and_the_rest_to_workers() {
        let port = open(2);
        let mut workers = [0; 2];
        for _ in 0..32 {
            let client = UdpSocket::bind("127.0.0.1:0").expect("client");
            assert_eq!(arrives_at(&port, &client, &[0x80, 96, 0, 1]), 0);
            assert_eq!(arrives_at(&port, &client, &[0x90, 0xe0, 0, 1]), 0);
            let rtcp = arrives_at(&port, &client, &[0x81, 201, 0, 1]);
            assert_ne!(rtcp, 0);
            assert_eq!(arrives_at(&port, &client, &[0, 1, 0, 0]), rtcp);
            assert_eq!(arrives_at(&port, &client, &[22, 254, 253, 0]), rtcp);
            assert_eq!(arrives_at(&port, &client, &[0xff, 0, 0, 0]), rtcp);
            workers[rtcp - 1] += 1;
        }
        assert!(workers.iter().all(|&count| count > 0), "{workers:?}");
    }

    #[test]
    fn a_taken_port_is_refused() {
        let taken = UdpSocket::bind("127.0.0.1:0").expect("socket");
        let address = taken.local_addr().expect("address").to_string();
        assert!(matches!(
            Port::open(&[address], &[], 1),
            Err(EngineError::Bind { .. })
        ));
    }

    #[test]
    fn what_is_announced() {
        let listen = ["127.0.0.1:0".to_owned()];
        let announced = |public: &[&str]| {
            let public: Vec<String> = public.iter().map(|&p| p.to_owned()).collect();
            Port::open(&listen, &public, 1).map(|p| p.candidates())
        };
        let plain = announced(&["192.0.2.1"]).expect("port");
        assert_eq!(plain[0].ip().to_string(), "192.0.2.1");
        assert_ne!(plain[0].port(), 0);
        let mapped = announced(&["192.0.2.1:4444", "192.0.2.2:5"]).expect("port");
        assert_eq!(mapped.len(), 2);
        assert_eq!(mapped[0].to_string(), "192.0.2.1:4444");
        assert!(matches!(
            announced(&["nonsense"]),
            Err(EngineError::Config(_))
        ));
        let every = Port::open(&["0.0.0.0:0".to_owned()], &[], 1);
        assert!(matches!(every, Err(EngineError::Config(_))));
        let nonsense = Port::open(&["localhost".to_owned()], &[], 1);
        assert!(matches!(nonsense, Err(EngineError::Config(_))));
    }
}
