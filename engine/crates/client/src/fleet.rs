//! Thousands of viewers in one thread: one socket each, one wait for all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{Read, Write};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::ClientError;
use crate::sys::{Poller, ReceiveBatch, force_buffers, receive_coalesced};
use crate::viewer::Viewer;

/// The poller's token for the channel.
const WAKE: u64 = u64::MAX;

/// Bytes that a viewer's socket may hold: a keyframe and more.
const SOCKET_BUFFER: i32 = 1 << 20;

/// Sums over all viewers of a fleet, and what was seen since the last time.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Viewers whose offer was answered.
    pub viewers: u64,
    /// Of them, those that have keys now.
    pub connected: u64,
    /// Those that have seen a whole keyframe.
    pub with_picture: u64,
    /// Why viewers failed, and how many.
    pub failed: BTreeMap<&'static str, u64>,
    /// SRTP profiles.
    pub profiles: BTreeMap<&'static str, u64>,
    /// RTP packets that arrived.
    pub packets: u64,
    /// Bytes of RTP that arrived.
    pub bytes: u64,
    /// Packets that should have arrived by their numbers.
    pub expected: u64,
    /// Packets that were opened, and of them those that failed authentication.
    pub opened: u64,
    /// See `opened`.
    pub unauthentic: u64,
    /// Messages received: with coalescing fewer than packets.
    pub messages: u64,
    /// Milliseconds from the offer to the first packet, per viewer.
    pub first_packet: Vec<f64>,
    /// Milliseconds from the offer to the first whole keyframe, per viewer.
    pub first_picture: Vec<f64>,
    /// Milliseconds from the answer to the first whole keyframe, per viewer.
    pub picture_after_answer: Vec<f64>,
    /// Milliseconds from the publisher's sending of a picture to its last packet's arrival, per
    /// sampled viewer and picture since the last totals.
    pub latency: Vec<f64>,
}

impl Totals {
    /// Adds another fleet's.
    pub fn merge(&mut self, other: Self) {
        self.viewers += other.viewers;
        self.connected += other.connected;
        self.with_picture += other.with_picture;
        for (reason, count) in other.failed {
            *self.failed.entry(reason).or_default() += count;
        }
        for (profile, count) in other.profiles {
            *self.profiles.entry(profile).or_default() += count;
        }
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.expected += other.expected;
        self.opened += other.opened;
        self.unauthentic += other.unauthentic;
        self.messages += other.messages;
        self.first_packet.extend(other.first_packet);
        self.first_picture.extend(other.first_picture);
        self.picture_after_answer.extend(other.picture_after_answer);
        self.latency.extend(other.latency);
    }
}

enum Order {
    Add(Box<Viewer>),
    Report(Sender<Totals>),
    Stop,
}

/// A fleet's handle; dropping it stops the fleet.
pub struct Fleet {
    orders: Sender<Order>,
    waker: UnixStream,
    thread: Option<JoinHandle<Result<(), ClientError>>>,
}

impl Fleet {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn start() -> Result<Self, ClientError> {
        let (orders, inbox) = channel();
        let (waker, woken) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let mut crew = Crew::new(inbox, woken)?;
        let thread = std::thread::Builder::new()
            .name("viewers".to_owned())
            .spawn(move || crew.run())?;
        Ok(Self {
            orders,
            waker,
            thread: Some(thread),
        })
    }

    /// Hands a viewer over.
    pub fn add(&self, viewer: Viewer) {
        self.order(Order::Add(Box::new(viewer)));
    }

    /// Asks for the sums; `None` when the fleet has ended.
    #[must_use]
    pub fn totals(&self) -> Option<Totals> {
        let (sender, receiver) = channel();
        self.order(Order::Report(sender));
        receiver.recv().ok()
    }

    /// Says goodbye for every viewer and ends the thread.
    ///
    /// # Errors
    /// What made the thread end early.
    pub fn stop(mut self) -> Result<(), ClientError> {
        self.order(Order::Stop);
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Ok(()),
        }
    }

    fn order(&self, order: Order) {
        // A fleet that has ended needs no orders; a full pipe wakes it anyway.
        let _ = self.orders.send(order);
        let _ = (&self.waker).write(&[1]);
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.order(Order::Stop);
    }
}

/// A viewer's socket: its own port, bursts received as one message.
///
/// # Errors
/// When the system refuses.
pub fn socket(coalesce: bool) -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind(("0.0.0.0", 0))?;
    socket.set_nonblocking(true)?;
    force_buffers(socket.as_raw_fd(), 1 << 16, SOCKET_BUFFER);
    if coalesce {
        receive_coalesced(socket.as_raw_fd())?;
    }
    Ok(socket)
}

struct Crew {
    inbox: Receiver<Order>,
    woken: UnixStream,
    poller: Poller,
    batch: ReceiveBatch,
    viewers: Vec<Viewer>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    messages: u64,
    latency: Vec<f64>,
    stopping: bool,
}

impl Crew {
    fn new(inbox: Receiver<Order>, woken: UnixStream) -> Result<Self, ClientError> {
        let poller = Poller::new()?;
        poller.add(woken.as_raw_fd(), WAKE)?;
        Ok(Self {
            inbox,
            woken,
            poller,
            batch: ReceiveBatch::default(),
            viewers: Vec::new(),
            timers: BinaryHeap::new(),
            messages: 0,
            latency: Vec::new(),
            stopping: false,
        })
    }

    fn run(&mut self) -> Result<(), ClientError> {
        while !self.stopping {
            let now = Instant::now();
            let wait = self
                .timers
                .peek()
                .map_or(Duration::from_secs(1), |Reverse((at, _))| {
                    at.saturating_duration_since(now) + Duration::from_millis(1)
                });
            let ready = self.poller.wait(wait)?;
            for index in 0..ready {
                match self.poller.token(index) {
                    Some(WAKE) => self.orders()?,
                    Some(token) => self.receive(token as usize)?,
                    None => {}
                }
            }
            self.tick();
        }
        let now = Instant::now();
        for viewer in &mut self.viewers {
            viewer.close(now);
        }
        Ok(())
    }

    fn orders(&mut self) -> Result<(), ClientError> {
        let mut sink = [0; 256];
        while matches!((&self.woken).read(&mut sink), Ok(count) if count > 0) {}
        while let Ok(order) = self.inbox.try_recv() {
            match order {
                Order::Add(viewer) => {
                    let place = self.viewers.len();
                    self.poller.add(viewer.descriptor(), place as u64)?;
                    self.timers.push(Reverse((Instant::now(), place)));
                    self.viewers.push(*viewer);
                }
                Order::Report(sender) => {
                    let totals = self.totals();
                    // Who asked may have given up.
                    let _ = sender.send(totals);
                }
                Order::Stop => self.stopping = true,
            }
        }
        Ok(())
    }

    fn receive(&mut self, place: usize) -> Result<(), ClientError> {
        let Some(viewer) = self.viewers.get_mut(place) else {
            return Ok(());
        };
        loop {
            let count = self.batch.receive(viewer.descriptor())?;
            self.messages += count as u64;
            let now = Instant::now();
            for message in 0..count {
                for datagram in self.batch.datagrams(message) {
                    if let Some(latency) = viewer.receive(datagram, now) {
                        self.latency.push(latency);
                    }
                }
            }
            if !ReceiveBatch::full(count) {
                return Ok(());
            }
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, place))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            if let Some(viewer) = self.viewers.get_mut(place) {
                let next = viewer.tick(now);
                self.timers.push(Reverse((next, place)));
            }
        }
    }

    fn totals(&mut self) -> Totals {
        let mut totals = Totals {
            messages: self.messages,
            latency: std::mem::take(&mut self.latency),
            ..Totals::default()
        };
        for viewer in &self.viewers {
            viewer.add_to(&mut totals);
        }
        totals
    }
}
