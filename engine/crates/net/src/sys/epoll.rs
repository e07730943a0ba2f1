//! Waiting for any number of descriptors.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use super::check;

/// A waiting list for any number of descriptors.
#[derive(Debug)]
pub struct Epoll(OwnedFd);

/// Ready descriptors told by one wait.
const READY: usize = 512;

impl Epoll {
    /// An empty list.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers; the result is checked and owned once.
        let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: a fresh descriptor that nobody else owns.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Waits for it to be readable, too, until it is closed.
    pub fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: token,
        };
        // SAFETY: the event outlives the call.
        check(unsafe {
            libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event)
        })
        .map(|_| ())
    }

    /// Waits at most so long, rounded up to milliseconds; adds the tokens of those that are ready.
    pub fn wait(&self, tokens: &mut Vec<u64>, timeout: Duration) -> io::Result<()> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; READY];
        let millis = timeout.as_micros().div_ceil(1_000).min(60_000) as libc::c_int;
        // SAFETY: `events` holds READY entries and outlives the call.
        let result = unsafe {
            libc::epoll_wait(
                self.0.as_raw_fd(),
                events.as_mut_ptr(),
                READY as libc::c_int,
                millis,
            )
        };
        let count = match check(result) {
            Ok(count) => count as usize,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(error),
        };
        tokens.extend(events[..count].iter().map(|event| event.u64));
        Ok(())
    }
}
