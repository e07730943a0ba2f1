//! System calls that the standard library lacks: the only unsafe code of this crate.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// Most bytes that one coalesced receive can hold.
const COALESCED: usize = 65_536;

/// Messages taken by one `recvmmsg`.
const RECEIVE_BATCH: usize = 8;

/// Messages handed over by one `sendmmsg`.
pub const SEND_BATCH: usize = 16;

/// `SOL_UDP` option and control message: several datagrams received as one.
const UDP_GRO: libc::c_int = 104;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

fn set_option(
    fd: RawFd,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    // SAFETY: the pointer and length are those of a live integer.
    check(unsafe {
        libc::setsockopt(
            fd,
            level,
            name,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    })
    .map(|_| ())
}

/// Lets this process have `wanted` open files, as far as it may.
///
/// # Errors
/// When the limit is lower and cannot be raised.
pub fn allow_files(wanted: u64) -> io::Result<()> {
    // SAFETY: all zeroes is a valid value of this plain structure.
    let mut limit: libc::rlimit = unsafe { zeroed() };
    // SAFETY: the structure outlives the calls.
    check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    if limit.rlim_cur >= wanted {
        return Ok(());
    }
    limit.rlim_cur = wanted;
    limit.rlim_max = limit.rlim_max.max(wanted);
    // SAFETY: as above.
    check(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }).map(|_| ())
}

/// A socket that sends whole IPv4 datagrams, headers included, and receives nothing (raw(7)).
///
/// # Errors
/// When this user may not (`CAP_NET_RAW`).
pub fn raw_socket() -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointers; the result is checked and owned once.
    let fd = check(unsafe { libc::socket(libc::AF_INET, kind, libc::IPPROTO_RAW) })?;
    // SAFETY: a fresh descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A non-blocking UDP socket at an address of which others may have a part (`SO_REUSEADDR`).
///
/// # Errors
/// When the system refuses.
pub fn reusable_udp(address: SocketAddrV4) -> io::Result<UdpSocket> {
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no pointers; the result is checked and owned once.
    let fd = check(unsafe { libc::socket(libc::AF_INET, kind, 0) })?;
    // SAFETY: a fresh descriptor that nobody else owns.
    let socket = unsafe { UdpSocket::from_raw_fd(fd) };
    set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    let name = name(address);
    let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: pointer and length are those of a live address.
    check(unsafe { libc::bind(fd, (&raw const name).cast(), length) })?;
    Ok(socket)
}

fn name(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address.ip().octets()),
        },
        sin_zero: [0; 8],
    }
}

/// Lets a socket receive bursts as one message.
///
/// # Errors
/// When the kernel has no UDP GRO (before 5.0).
pub fn receive_coalesced(fd: RawFd) -> io::Result<()> {
    set_option(fd, libc::SOL_UDP, UDP_GRO, 1)
}

/// Never fragment, and do not look up path MTU caches for it.
///
/// # Errors
/// When the kernel refuses.
pub fn dont_fragment(fd: RawFd) -> io::Result<()> {
    set_option(
        fd,
        libc::IPPROTO_IP,
        libc::IP_MTU_DISCOVER,
        libc::IP_PMTUDISC_DO,
    )
}

/// Buffer sizes in bytes, above the system's limit where we may.
pub fn force_buffers(fd: RawFd, send: i32, receive: i32) {
    for (force, plain, size) in [
        (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF, send),
        (libc::SO_RCVBUFFORCE, libc::SO_RCVBUF, receive),
    ] {
        if set_option(fd, libc::SOL_SOCKET, force, size).is_err() {
            // Without the right to exceed the limit the kernel caps it: slower, not wrong.
            let _ = set_option(fd, libc::SOL_SOCKET, plain, size);
        }
    }
}

/// CPU seconds of the calling thread: in user mode, in the kernel.
#[must_use]
pub fn thread_times() -> (f64, f64) {
    // SAFETY: all zeroes is a valid value of this plain structure.
    let mut usage: libc::rusage = unsafe { zeroed() };
    // SAFETY: the structure outlives the call, which cannot fail with these arguments.
    unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    (seconds(usage.ru_utime), seconds(usage.ru_stime))
}

/// Waits for many sockets at once.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
    ready: usize,
}

impl Poller {
    /// # Errors
    /// When the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked and owned once.
        let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        Ok(Self {
            // SAFETY: a fresh descriptor that nobody else owns.
            epoll: unsafe { OwnedFd::from_raw_fd(fd) },
            events: vec![libc::epoll_event { events: 0, u64: 0 }; 256],
            ready: 0,
        })
    }

    /// Reports `fd` as `token` whenever it is readable.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: token,
        };
        // SAFETY: the event outlives the call.
        check(unsafe {
            libc::epoll_ctl(
                self.epoll.as_raw_fd(),
                libc::EPOLL_CTL_ADD,
                fd,
                &raw mut event,
            )
        })
        .map(|_| ())
    }

    /// Waits at most `timeout`; how many are ready.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<usize> {
        let millis = libc::c_int::try_from(timeout.as_millis()).unwrap_or(libc::c_int::MAX);
        // SAFETY: pointer and length are those of the vector.
        let result = check(unsafe {
            libc::epoll_wait(
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as libc::c_int,
                millis,
            )
        });
        self.ready = match result {
            Ok(count) => count as usize,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        Ok(self.ready)
    }

    /// Token of one of those that the last wait found.
    #[must_use]
    pub fn token(&self, index: usize) -> Option<u64> {
        self.events[..self.ready].get(index).map(|event| event.u64)
    }
}

/// Tells with what is received to which address it was sent.
///
/// # Errors
/// When the kernel refuses.
pub fn tell_destinations(fd: RawFd) -> io::Result<()> {
    set_option(fd, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)
}

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 64]);

/// Buffers for one `recvmmsg`, reused.
pub struct ReceiveBatch {
    buffers: Vec<Box<[u8; COALESCED]>>,
    /// Length of each message, and of the datagrams that it consists of.
    found: [(usize, usize); RECEIVE_BATCH],
    destinations: [Option<Ipv4Addr>; RECEIVE_BATCH],
}

impl Default for ReceiveBatch {
    fn default() -> Self {
        Self {
            buffers: (0..RECEIVE_BATCH)
                .map(|_| Box::new([0; COALESCED]))
                .collect(),
            found: [(0, 1); RECEIVE_BATCH],
            destinations: [None; RECEIVE_BATCH],
        }
    }
}

impl ReceiveBatch {
    /// Takes what waits on a socket; 0 when nothing does. Fewer than [`ReceiveBatch::full`] means
    /// that the socket is empty.
    ///
    /// # Errors
    /// When the socket is broken; answers of the network to earlier datagrams are not errors.
    pub fn receive(&mut self, fd: RawFd) -> io::Result<usize> {
        // SAFETY: all zeroes is a valid value of these plain structures.
        let mut iovecs: [libc::iovec; RECEIVE_BATCH] = unsafe { zeroed() };
        let mut controls = [Control([0; 64]); RECEIVE_BATCH];
        // SAFETY: as above.
        let mut messages: [libc::mmsghdr; RECEIVE_BATCH] = unsafe { zeroed() };
        for (index, buffer) in self.buffers.iter_mut().enumerate() {
            iovecs[index].iov_base = buffer.as_mut_ptr().cast();
            iovecs[index].iov_len = COALESCED;
            let header = &mut messages[index].msg_hdr;
            header.msg_iov = &raw mut iovecs[index];
            header.msg_iovlen = 1;
            header.msg_control = controls[index].0.as_mut_ptr().cast();
            header.msg_controllen = size_of::<Control>() as _;
        }
        // SAFETY: every pointer was set above to memory that outlives the call.
        let result = check(unsafe {
            libc::recvmmsg(
                fd,
                messages.as_mut_ptr(),
                RECEIVE_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        });
        let count = match result {
            Ok(count) => count as usize,
            Err(error) => {
                return match error.raw_os_error() {
                    Some(libc::EAGAIN | libc::EINTR | libc::ECONNREFUSED) => Ok(0),
                    _ => Err(error),
                };
            }
        };
        for (index, message) in messages[..count].iter().enumerate() {
            let length = (message.msg_len as usize).min(COALESCED);
            let told = Told::by(&message.msg_hdr);
            self.found[index] = (length, told.segment.unwrap_or(length).max(1));
            self.destinations[index] = told.destination;
        }
        Ok(count)
    }

    /// Whether a batch was full: more may be waiting.
    #[must_use]
    pub fn full(count: usize) -> bool {
        count == RECEIVE_BATCH
    }

    /// To which address one message of the last batch was sent, if that is told.
    #[must_use]
    pub fn destination(&self, index: usize) -> Option<Ipv4Addr> {
        self.destinations[index]
    }

    /// The datagrams of one message of the last batch.
    pub fn datagrams(&self, index: usize) -> impl Iterator<Item = &[u8]> {
        let (length, segment) = self.found[index];
        self.buffers[index][..length].chunks(segment)
    }
}

/// What the kernel says beside a message.
#[derive(Default)]
struct Told {
    segment: Option<usize>,
    destination: Option<Ipv4Addr>,
}

impl Told {
    fn by(header: &libc::msghdr) -> Self {
        let mut told = Self::default();
        // SAFETY: the kernel filled the control buffer that the header points to, and the macros
        // stay within its length; each kind of message has the structure that is read.
        unsafe {
            let mut control = libc::CMSG_FIRSTHDR(header);
            while !control.is_null() {
                let data = libc::CMSG_DATA(control);
                match ((*control).cmsg_level, (*control).cmsg_type) {
                    (libc::SOL_UDP, UDP_GRO) => {
                        let size = std::ptr::read_unaligned(data.cast::<libc::c_int>());
                        told.segment = usize::try_from(size).ok();
                    }
                    (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                        let info = std::ptr::read_unaligned(data.cast::<libc::in_pktinfo>());
                        told.destination = Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()));
                    }
                    _ => {}
                }
                control = libc::CMSG_NXTHDR(header, control);
            }
        }
        told
    }
}

/// One datagram or burst to send: a range of the send buffer, cut by the kernel into `segment`
/// bytes each.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing {
    /// To whom.
    pub address: SocketAddrV4,
    /// Start in the buffer.
    pub start: usize,
    /// Length in the buffer.
    pub length: usize,
    /// Size of every segment but the last; `length` itself for a single datagram.
    pub segment: u16,
}

/// Sends up to [`SEND_BATCH`] messages; returns how many went.
///
/// # Errors
/// That of the first message.
pub fn send_batch(fd: RawFd, buffer: &[u8], batch: &[Outgoing]) -> io::Result<usize> {
    let batch = &batch[..batch.len().min(SEND_BATCH)];
    // SAFETY: all zeroes is a valid value of these plain structures.
    let mut addresses: [libc::sockaddr_in; SEND_BATCH] = unsafe { zeroed() };
    // SAFETY: as above.
    let mut iovecs: [libc::iovec; SEND_BATCH] = unsafe { zeroed() };
    let mut controls = [Control([0; 64]); SEND_BATCH];
    // SAFETY: as above.
    let mut messages: [libc::mmsghdr; SEND_BATCH] = unsafe { zeroed() };
    for (index, item) in batch.iter().enumerate() {
        let bytes = &buffer[item.start..item.start + item.length];
        addresses[index] = name(item.address);
        iovecs[index].iov_base = bytes.as_ptr().cast_mut().cast();
        iovecs[index].iov_len = bytes.len();
        let header = &mut messages[index].msg_hdr;
        header.msg_name = (&raw mut addresses[index]).cast();
        header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        header.msg_iov = &raw mut iovecs[index];
        header.msg_iovlen = 1;
        if usize::from(item.segment) < item.length {
            header.msg_control = controls[index].0.as_mut_ptr().cast();
            // SAFETY: a plain size computation.
            header.msg_controllen = unsafe { libc::CMSG_SPACE(2) } as _;
            // SAFETY: the control buffer is aligned and longer than one message of two bytes.
            unsafe {
                let control = libc::CMSG_FIRSTHDR(header);
                (*control).cmsg_level = libc::SOL_UDP;
                (*control).cmsg_type = libc::UDP_SEGMENT;
                (*control).cmsg_len = libc::CMSG_LEN(2) as _;
                std::ptr::write_unaligned(libc::CMSG_DATA(control).cast::<u16>(), item.segment);
            }
        }
    }
    // SAFETY: every pointer was set above to memory that outlives the call.
    let result = unsafe {
        libc::sendmmsg(
            fd,
            messages.as_mut_ptr(),
            batch.len() as libc::c_uint,
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        )
    };
    check(result).map(|count| count as usize)
}
