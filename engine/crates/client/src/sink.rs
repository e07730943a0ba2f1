//! Receivers without a session: sockets that count RTP headers just as viewers do, for the limit
//! program to send to.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use podium_media::rtp;
use podium_media::stun::{Datagram, classify};

use crate::ClientError;
use crate::count::StreamCount;
use crate::fleet::socket;
use crate::sys::{Poller, ReceiveBatch};

/// Streams of one receiver.
const MAX_STREAMS: usize = 16;

/// What has arrived in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SinkTotals {
    /// Packets that arrived.
    pub packets: u64,
    /// Packets that should have, by their numbers.
    pub expected: u64,
    /// Bytes that arrived.
    pub bytes: u64,
}

/// Receivers, one socket each.
pub struct Sink {
    sockets: Vec<UdpSocket>,
    streams: Vec<Vec<StreamCount>>,
}

impl Sink {
    /// Binds `count` sockets.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn bind(count: usize, coalesce: bool) -> Result<Self, ClientError> {
        let sockets: Result<Vec<_>, _> = (0..count).map(|_| socket(coalesce)).collect();
        Ok(Self {
            sockets: sockets?,
            streams: vec![Vec::new(); count],
        })
    }

    /// Where each receiver listens.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn ports(&self) -> Result<Vec<u16>, ClientError> {
        self.sockets
            .iter()
            .map(|one| Ok(one.local_addr()?.port()))
            .collect()
    }

    /// Receives until `stop`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn run(&mut self, stop: &AtomicBool) -> Result<(), ClientError> {
        let mut poller = Poller::new()?;
        for (place, socket) in self.sockets.iter().enumerate() {
            poller.add(socket.as_raw_fd(), place as u64)?;
        }
        let mut batch = ReceiveBatch::default();
        while !stop.load(Ordering::Relaxed) {
            let ready = poller.wait(Duration::from_millis(100))?;
            for index in 0..ready {
                let place = poller.token(index).unwrap_or(0) as usize;
                let Some(socket) = self.sockets.get(place) else {
                    continue;
                };
                let count = batch.receive(socket.as_raw_fd())?;
                // As a viewer does, once per batch.
                let _now = Instant::now();
                for message in 0..count {
                    for datagram in batch.datagrams(message) {
                        count_packet(&mut self.streams[place], datagram);
                    }
                }
            }
        }
        Ok(())
    }

    /// The sums so far.
    #[must_use]
    pub fn totals(&self) -> SinkTotals {
        let mut totals = SinkTotals::default();
        for stream in self.streams.iter().flatten() {
            totals.packets += stream.packets;
            totals.expected += stream.expected();
            totals.bytes += stream.bytes;
        }
        totals
    }
}

fn count_packet(streams: &mut Vec<StreamCount>, data: &[u8]) {
    if classify(data) != Datagram::Rtp {
        return;
    }
    let Ok((header, _, _)) = rtp::parse_header(data) else {
        return;
    };
    let known = streams.iter().position(|stream| stream.ssrc == header.ssrc);
    let place = match known {
        Some(place) => place,
        None if streams.len() < MAX_STREAMS => {
            streams.push(StreamCount::new(header.ssrc));
            streams.len() - 1
        }
        None => return,
    };
    streams[place].count(header.sequence, data.len());
}
