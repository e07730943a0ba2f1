//! Datagrams from any address to any other through one raw socket, many in a call.

use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, OwnedFd};

use podium_media::udp4::{HEADERS, write_headers};

use crate::sys::{Outgoing, SEND_BATCH, force_buffers, raw_socket, send_batch};

/// Bytes that may wait in the socket.
const SEND_BUFFER: i32 = 8 << 20;
/// Largest payload.
pub const MOST: usize = 256;
const SLOT: usize = HEADERS + MOST;

/// The sender.
pub struct RawSender {
    socket: OwnedFd,
    buffer: Box<[u8; SEND_BATCH * SLOT]>,
    batch: Vec<Outgoing>,
    /// What the system did not take.
    pub refused: u64,
}

impl RawSender {
    /// # Errors
    /// When this user may not (`CAP_NET_RAW`).
    pub fn open() -> io::Result<Self> {
        let socket = raw_socket()?;
        force_buffers(socket.as_raw_fd(), SEND_BUFFER, 0);
        Ok(Self {
            socket,
            buffer: Box::new([0; SEND_BATCH * SLOT]),
            batch: Vec::with_capacity(SEND_BATCH),
            refused: 0,
        })
    }

    /// Takes `payload`, of at most [`MOST`] bytes; it leaves with [`Self::flush`] at the latest.
    pub fn put(&mut self, from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) {
        let start = self.batch.len() * SLOT;
        let length = HEADERS + payload.len().min(MOST);
        let datagram = &mut self.buffer[start..start + length];
        datagram[HEADERS..].copy_from_slice(&payload[..length - HEADERS]);
        write_headers(datagram, from, to);
        self.batch.push(Outgoing {
            address: to,
            start,
            length,
            segment: length as u16,
        });
        if self.batch.len() == SEND_BATCH {
            self.flush();
        }
    }

    /// Sends what waits.
    pub fn flush(&mut self) {
        let mut at = 0;
        while at < self.batch.len() {
            let sent = send_batch(self.socket.as_raw_fd(), &self.buffer[..], &self.batch[at..]);
            match sent {
                Ok(count) => at += count.max(1),
                Err(_) => {
                    self.refused += 1;
                    at += 1;
                }
            }
        }
        self.batch.clear();
    }
}
