//! System calls that the standard library lacks: the only unsafe code of this crate.
//!
//! Everything here is a thin, bounded wrapper; the callers see slices and `io::Result`.
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

mod epoll;
mod filter;

pub use epoll::Epoll;
pub use filter::{let_all_in, steer, thin_out};

/// Largest datagram that is accepted; anything longer is cut and fails authentication.
pub const DATAGRAM: usize = 2048;
/// Datagrams taken by one `recvmmsg`.
pub const RECEIVE_BATCH: usize = 64;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// A counter that wakes a waiting thread.
#[derive(Debug)]
pub struct EventFd(OwnedFd);

impl EventFd {
    /// A new descriptor, not ready.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked and owned once.
        let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: a fresh descriptor that nobody else owns.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Makes it readable.
    pub fn notify(&self) {
        let one: u64 = 1;
        // SAFETY: eight readable bytes. A full counter is readable anyway: the error is harmless.
        unsafe { libc::write(self.0.as_raw_fd(), (&raw const one).cast(), 8) };
    }

    /// Makes it unreadable.
    pub fn clear(&self) {
        let mut count: u64 = 0;
        // SAFETY: eight writable bytes. EAGAIN means that it was clear.
        unsafe { libc::read(self.0.as_raw_fd(), (&raw mut count).cast(), 8) };
    }

    /// For `poll`.
    pub fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Waits until one of the descriptors is readable or the time is over.
/// Bit `i` of the result stands for `fds[i]`; at most 64 of them.
pub fn wait_readable(fds: &[RawFd], timeout: Option<Duration>) -> io::Result<u64> {
    let mut list: [libc::pollfd; 64] = [libc::pollfd {
        fd: -1,
        events: 0,
        revents: 0,
    }; 64];
    let count = fds.len().min(list.len());
    for (entry, &fd) in list.iter_mut().zip(fds) {
        entry.fd = fd;
        entry.events = libc::POLLIN;
    }
    let limit = timeout.map(|t| libc::timespec {
        tv_sec: t.as_secs().min(3600) as libc::time_t,
        tv_nsec: libc::c_long::from(t.subsec_nanos()),
    });
    let limit_ptr = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: `list` holds `count` entries; the timespec outlives the call.
    let result = unsafe {
        libc::ppoll(
            list.as_mut_ptr(),
            count as libc::nfds_t,
            limit_ptr,
            std::ptr::null(),
        )
    };
    match check(result) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(0),
        Err(error) => return Err(error),
    }
    let mut ready = 0;
    for (index, entry) in list[..count].iter().enumerate() {
        if entry.revents != 0 {
            ready |= 1 << index;
        }
    }
    Ok(ready)
}

/// Lets this process open as many descriptors as it is allowed to.
pub fn raise_descriptor_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the structure outlives both calls. Refused, the old limit stays: fewer legs.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}

/// A socket address in the system's form.
#[derive(Clone, Copy)]
pub struct RawAddr {
    storage: libc::sockaddr_in6,
    length: libc::socklen_t,
}

impl RawAddr {
    /// No address.
    pub const NONE: Self = Self {
        storage: libc::sockaddr_in6 {
            sin6_family: 0,
            sin6_port: 0,
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: [0; 16] },
            sin6_scope_id: 0,
        },
        length: 0,
    };

    /// From the standard form.
    pub fn new(address: SocketAddr) -> Self {
        // SAFETY: all zeroes is a valid value of this plain structure.
        let mut storage: libc::sockaddr_in6 = unsafe { zeroed() };
        let length = match address {
            SocketAddr::V4(v4) => {
                // SAFETY: sockaddr_in is smaller and has a weaker alignment than sockaddr_in6.
                let target = unsafe { &mut *(&raw mut storage).cast::<libc::sockaddr_in>() };
                target.sin_family = libc::AF_INET as libc::sa_family_t;
                target.sin_port = v4.port().to_be();
                target.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(v6) => {
                storage.sin6_family = libc::AF_INET6 as libc::sa_family_t;
                storage.sin6_port = v6.port().to_be();
                storage.sin6_addr.s6_addr = v6.ip().octets();
                storage.sin6_scope_id = v6.scope_id();
                size_of::<libc::sockaddr_in6>()
            }
        };
        Self {
            storage,
            length: length as libc::socklen_t,
        }
    }

    fn standard(&self) -> Option<SocketAddr> {
        match libc::c_int::from(self.storage.sin6_family) {
            libc::AF_INET => {
                // SAFETY: the family says that this is a sockaddr_in.
                let v4 = unsafe { &*(&raw const self.storage).cast::<libc::sockaddr_in>() };
                let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
                Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                let ip = Ipv6Addr::from(self.storage.sin6_addr.s6_addr);
                let port = u16::from_be(self.storage.sin6_port);
                Some(SocketAddrV6::new(ip, port, 0, self.storage.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

/// Buffers for one `recvmmsg`, reused.
pub struct ReceiveBatch {
    buffers: Box<[[u8; DATAGRAM]; RECEIVE_BATCH]>,
    addresses: Box<[RawAddr; RECEIVE_BATCH]>,
    lengths: [usize; RECEIVE_BATCH],
}

impl Default for ReceiveBatch {
    fn default() -> Self {
        let empty = RawAddr::new(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        Self {
            buffers: vec![[0; DATAGRAM]; RECEIVE_BATCH]
                .try_into()
                .unwrap_or_else(|_| unreachable!("the length is the constant")),
            addresses: Box::new([empty; RECEIVE_BATCH]),
            lengths: [0; RECEIVE_BATCH],
        }
    }
}

impl ReceiveBatch {
    /// Takes what waits on a non-blocking socket; `Ok(0)` when nothing does.
    pub fn receive(&mut self, socket: RawFd) -> io::Result<usize> {
        // SAFETY: all zeroes is a valid value of these plain structures.
        let mut iovecs: [libc::iovec; RECEIVE_BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut messages: [libc::mmsghdr; RECEIVE_BATCH] = unsafe { zeroed() };
        for index in 0..RECEIVE_BATCH {
            iovecs[index].iov_base = self.buffers[index].as_mut_ptr().cast();
            iovecs[index].iov_len = DATAGRAM;
            let header = &mut messages[index].msg_hdr;
            header.msg_name = (&raw mut self.addresses[index].storage).cast();
            header.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            header.msg_iov = &raw mut iovecs[index];
            header.msg_iovlen = 1;
        }
        // SAFETY: every pointer was set above to memory that outlives the call.
        let result = unsafe {
            libc::recvmmsg(
                socket,
                messages.as_mut_ptr(),
                RECEIVE_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let count = match check(result) {
            Ok(count) => count as usize,
            Err(error) => {
                return match error.raw_os_error() {
                    // ECONNREFUSED is an ICMP answer to an earlier datagram of ours.
                    Some(libc::EAGAIN | libc::EINTR | libc::ECONNREFUSED) => Ok(0),
                    _ => Err(error),
                };
            }
        };
        for (length, message) in self.lengths.iter_mut().zip(&messages[..count]) {
            *length = (message.msg_len as usize).min(DATAGRAM);
        }
        Ok(count)
    }

    /// One datagram of the last batch.
    pub fn get(&mut self, index: usize) -> Option<(&mut [u8], SocketAddr)> {
        let source = self.addresses.get(index)?.standard()?;
        let length = *self.lengths.get(index)?;
        Some((&mut self.buffers[index][..length], source))
    }
}

/// One datagram or burst to send: a range of the send buffer, cut by the kernel into `segment`
/// bytes each.
#[derive(Clone, Copy)]
pub struct Outgoing {
    /// To whom.
    pub address: RawAddr,
    /// Start in the buffer.
    pub start: u32,
    /// Length in the buffer.
    pub length: u32,
    /// Size of every segment but the last; `length` itself for a single datagram.
    pub segment: u16,
}

/// Messages handed over by one `sendmmsg`.
pub const SEND_BATCH: usize = 16;

#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 24]);

/// Sends up to [`SEND_BATCH`] messages; returns how many went. An error is that of the first one.
pub fn send_batch(socket: RawFd, buffer: &[u8], batch: &[Outgoing]) -> io::Result<usize> {
    let batch = &batch[..batch.len().min(SEND_BATCH)];
    let mut iovecs: [MaybeUninit<libc::iovec>; SEND_BATCH] = [MaybeUninit::uninit(); SEND_BATCH];
    let mut controls = [Control([0; 24]); SEND_BATCH];
    // SAFETY: all zeroes is a valid value of these plain structures.
    let mut messages: [libc::mmsghdr; SEND_BATCH] = unsafe { zeroed() };
    for (index, item) in batch.iter().enumerate() {
        let bytes = &buffer[item.start as usize..][..item.length as usize];
        let iovec = iovecs[index].write(libc::iovec {
            iov_base: bytes.as_ptr().cast_mut().cast(),
            iov_len: bytes.len(),
        });
        let header = &mut messages[index].msg_hdr;
        header.msg_name = (&raw const item.address.storage).cast_mut().cast();
        header.msg_namelen = item.address.length;
        header.msg_iov = iovec;
        header.msg_iovlen = 1;
        if u32::from(item.segment) < item.length {
            header.msg_control = controls[index].0.as_mut_ptr().cast();
            header.msg_controllen = size_of::<Control>() as _;
            // SAFETY: the control buffer is aligned and as long as one u16 message needs
            // (CMSG_SPACE(2) is 24 with 64-bit headers, less with 32-bit ones).
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
            socket,
            messages.as_mut_ptr(),
            batch.len() as libc::c_uint,
            libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
        )
    };
    check(result).map(|count| count as usize)
}

fn set_option<T>(
    socket: RawFd,
    level: libc::c_int,
    name: libc::c_int,
    value: &T,
) -> io::Result<()> {
    // SAFETY: pointer and size describe `value`, which outlives the call.
    check(unsafe {
        libc::setsockopt(
            socket,
            level,
            name,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    })
    .map(|_| ())
}

/// Never fragment, and do not look up path MTU caches for it (7 to 16 % of the send time).
pub fn set_dont_fragment(socket: RawFd, v6: bool) -> io::Result<()> {
    if v6 {
        set_option(
            socket,
            libc::IPPROTO_IPV6,
            libc::IPV6_MTU_DISCOVER,
            &libc::IPV6_PMTUDISC_DO,
        )
    } else {
        set_option(
            socket,
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            &libc::IP_PMTUDISC_DO,
        )
    }
}

/// Buffer sizes above the system's limit, where we may.
pub fn force_buffers(socket: RawFd, send: libc::c_int, receive: libc::c_int) {
    for (force, plain, size) in [
        (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF, send),
        (libc::SO_RCVBUFFORCE, libc::SO_RCVBUF, receive),
    ] {
        if set_option(socket, libc::SOL_SOCKET, force, &size).is_err() {
            // Without the right to exceed the limit the kernel caps it: slower, not wrong.
            let _ = set_option(socket, libc::SOL_SOCKET, plain, &size);
        }
    }
}

/// Waits until the descriptor takes bytes, or fails, or the time is over; true unless it is over.
pub fn wait_writable(fd: RawFd, timeout: Duration) -> bool {
    let mut entry = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    let millis = timeout.as_millis().min(60_000) as libc::c_int;
    // SAFETY: one entry that outlives the call.
    unsafe { libc::poll(&raw mut entry, 1, millis) > 0 }
}

/// Makes writing to the descriptor never wait.
pub fn set_nonblocking(fd: RawFd) -> io::Result<()> {
    // SAFETY: no pointers.
    let flags = check(unsafe { libc::fcntl(fd, libc::F_GETFL) })?;
    // SAFETY: as above.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) }).map(|_| ())
}

/// Takes over a descriptor that the caller gives away.
pub fn adopt(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: F_GETFD only looks at the number.
    check(unsafe { libc::fcntl(fd, libc::F_GETFD) })?;
    // SAFETY: open, and the caller has given it away.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Identifier of the calling thread.
pub fn thread_id() -> i32 {
    // SAFETY: no arguments, cannot fail.
    unsafe { libc::gettid() }
}

/// Clock ticks per second of the times in `/proc`.
pub fn ticks_per_second() -> f64 {
    // SAFETY: no pointers.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    if ticks > 0 { ticks as f64 } else { 100.0 }
}
