//! The way to the network: packets are written into one buffer and leave in batches, a frame for
//! one viewer as one message that the kernel cuts up (UDP GSO).

use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use podium_media::egress::{HeaderExtensions, write_packet};
use podium_media::frame::{Assembler, Frame};
use podium_media::srtp::{MAX_TAG, SealRtp};
use podium_media::viewer::{OutPacket, Run};

use crate::shared::Shared;
use crate::sys::{Outgoing, RawAddr, SEND_BATCH, send_batch};

/// Largest message: IPv4's limit on a UDP payload.
const MAX_MESSAGE: usize = 65_507;
/// Room for a full batch of the largest messages is never needed; a batch leaves before it.
const BUFFER: usize = 1 << 20;
/// Padding that is cheaper than another message.
const MAX_PADDING: usize = 32;
/// Most packets of one frame.
const MAX_PACKETS: usize = Assembler::MAX_PACKETS;

/// Where to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The viewer's address.
    pub address: SocketAddr,
    /// The listening address that it uses, by index.
    pub path: usize,
}

/// A part of a frame that could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Viewer by index.
    pub viewer: usize,
    /// Its stream by index.
    pub stream: usize,
    /// First packet of the frame that was not sent.
    pub place: usize,
}

#[derive(Clone, Copy)]
struct Pending {
    out: Outgoing,
    packets: u32,
    lost: Option<Lost>,
}

/// What a stream's packets are written with.
pub struct Writer<'a> {
    /// Keys of the viewer.
    pub seal: &'a SealRtp,
    /// Header extensions of the stream.
    pub extensions: &'a HeaderExtensions,
    /// abs-send-time of this moment.
    pub send_time: [u8; 3],
}

/// The send side of one thread.
pub struct Egress {
    shared: Arc<Shared>,
    sockets: Vec<RawFd>,
    buffer: Box<[u8]>,
    used: usize,
    path: usize,
    batch: Vec<Pending>,
    lost: Vec<Lost>,
}

impl Egress {
    /// On the thread's sockets.
    pub fn new(shared: Arc<Shared>, sockets: Vec<RawFd>) -> Self {
        Self {
            shared,
            sockets,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            used: 0,
            path: 0,
            batch: Vec::with_capacity(SEND_BATCH),
            lost: Vec::new(),
        }
    }

    /// Makes room for a message of at most `size` bytes to `path`.
    fn prepare(&mut self, path: usize, size: usize) {
        let full = self.batch.len() >= SEND_BATCH || self.used + size > self.buffer.len();
        if full || (path != self.path && !self.batch.is_empty()) {
            self.flush();
        }
        self.path = path;
    }

    fn enqueue(&mut self, route: Route, length: usize, segment: usize, pending: Parts) {
        let out = Outgoing {
            address: RawAddr::new(route.address),
            start: self.used as u32,
            length: length as u32,
            segment: segment as u16,
        };
        self.used += length;
        self.batch.push(Pending {
            out,
            packets: pending.packets,
            lost: pending.lost,
        });
    }

    /// A datagram that stands by itself, such as STUN, DTLS or RTCP.
    pub fn datagram(&mut self, route: Route, data: &[u8]) {
        if data.len() > MAX_MESSAGE {
            return;
        }
        self.prepare(route.path, data.len());
        self.buffer[self.used..self.used + data.len()].copy_from_slice(data);
        self.enqueue(
            route,
            data.len(),
            data.len(),
            Parts {
                packets: 0,
                lost: None,
            },
        );
    }

    /// One media packet by itself. False if it could not be sealed.
    pub fn packet(&mut self, route: Route, packet: &OutPacket<'_>, writer: &Writer<'_>) -> bool {
        let size = writer.extensions.header_len() + packet.payload(0).len() + MAX_TAG;
        if size > MAX_MESSAGE {
            return false;
        }
        self.prepare(route.path, size);
        let out = &mut self.buffer[self.used..];
        let written = write_packet(
            packet,
            writer.extensions,
            writer.send_time,
            0,
            writer.seal,
            out,
        );
        let Ok(length) = written else {
            return false;
        };
        self.enqueue(
            route,
            length,
            length,
            Parts {
                packets: 1,
                lost: None,
            },
        );
        true
    }

    /// One media packet that `write` puts into a buffer of `size` bytes; returns its length, or 0
    /// if `write` gave none.
    pub fn write(
        &mut self,
        route: Route,
        size: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> usize {
        if size > MAX_MESSAGE {
            return 0;
        }
        self.prepare(route.path, size);
        let out = &mut self.buffer[self.used..self.used + size];
        let Some(length) = write(out) else {
            return 0;
        };
        self.enqueue(
            route,
            length,
            length,
            Parts {
                packets: 1,
                lost: None,
            },
        );
        length
    }

    /// A frame for one viewer: as few messages as its packets' sizes allow. `rider` is a sealed
    /// packet of the same viewer that leaves with it, or empty.
    pub fn frame(
        &mut self,
        route: Route,
        (frame, run): (&Frame, &Run),
        writer: &Writer<'_>,
        (viewer, stream): (usize, usize),
        rider: &[u8],
    ) {
        let mut sizes = [0; MAX_PACKETS];
        let mut count = 0;
        for (size, packet) in sizes.iter_mut().zip(run.packets(frame)) {
            *size = packet.payload(0).len();
            count += 1;
        }
        let segmented = self.shared.gso.load(Ordering::Relaxed);
        let overhead = writer.extensions.header_len() + writer.seal.tag_len();
        let mut place = 0;
        let mut rider = rider;
        while place < count {
            let (taken, target) = match segmented {
                true => group(&sizes[place..count], overhead),
                false => (1, sizes[place]),
            };
            let (last, end) = (sizes[place + taken - 1], place + taken);
            let rides =
                segmented && end == count && may_ride(rider, (last, target), taken, overhead);
            let lost = Some(Lost {
                viewer,
                stream,
                place,
            });
            let part = Part {
                first: place,
                taken,
                target,
                lost,
                rider: if rides { rider } else { &[] },
            };
            if !self.message(route, (frame, run), writer, &part) {
                self.lost.extend(lost);
                break;
            }
            if rides {
                rider = &[];
            }
            place += taken;
        }
        self.alone(route, rider);
    }

    /// A sealed media packet as a message of its own; nothing if it is empty.
    fn alone(&mut self, route: Route, packet: &[u8]) {
        self.write(route, packet.len(), |out| {
            out.copy_from_slice(packet);
            (!packet.is_empty()).then_some(packet.len())
        });
    }

    fn message(
        &mut self,
        route: Route,
        (frame, run): (&Frame, &Run),
        writer: &Writer<'_>,
        part: &Part<'_>,
    ) -> bool {
        let segment = writer.extensions.header_len() + part.target + writer.seal.tag_len();
        let most = segment * part.taken + part.rider.len();
        if most > MAX_MESSAGE {
            return false;
        }
        self.prepare(route.path, most);
        let mut at = self.used;
        for offset in 0..part.taken {
            let Some(packet) = run.packet(frame, part.first + offset) else {
                return false;
            };
            // Only the last segment of a message may be shorter.
            let padding = match offset + 1 < part.taken || !part.rider.is_empty() {
                true => (part.target - packet.payload(0).len()) as u8,
                false => 0,
            };
            let out = &mut self.buffer[at..];
            let written = write_packet(
                &packet,
                writer.extensions,
                writer.send_time,
                padding,
                writer.seal,
                out,
            );
            let Ok(length) = written else {
                return false;
            };
            at += length;
        }
        self.buffer[at..at + part.rider.len()].copy_from_slice(part.rider);
        at += part.rider.len();
        let parts = Parts {
            packets: (part.taken + usize::from(!part.rider.is_empty())) as u32,
            lost: part.lost,
        };
        self.enqueue(route, at - self.used, segment, parts);
        true
    }

    /// Sends what was written. What a socket refuses is lost, as on any network; parts of frames
    /// that are lost are told by [`Self::take_lost`].
    pub fn flush(&mut self) {
        let Some(&socket) = self.sockets.get(self.path) else {
            self.batch.clear();
            self.used = 0;
            return;
        };
        let batch = std::mem::take(&mut self.batch);
        let list: [Outgoing; SEND_BATCH] = std::array::from_fn(|index| {
            batch
                .get(index)
                .or(batch.last())
                .map_or(NOTHING, |pending| pending.out)
        });
        let list = &list[..batch.len().min(SEND_BATCH)];
        let mut at = 0;
        while at < list.len() {
            match send_batch(socket, &self.buffer, &list[at..]) {
                // A short count: the next call tells why, of the one that failed.
                Ok(sent) => {
                    self.count(&batch[at..at + sent]);
                    at += sent.max(usize::from(sent == 0));
                }
                Err(error) => {
                    self.failed(socket, &batch[at], &error);
                    at += 1;
                }
            }
        }
        self.batch = batch;
        self.batch.clear();
        self.used = 0;
    }

    fn count(&self, sent: &[Pending]) {
        let packets: u32 = sent.iter().map(|p| p.packets).sum();
        let media = sent.iter().filter(|p| p.packets > 0);
        let bytes: u64 = media.map(|p| u64::from(p.out.length)).sum();
        self.shared.counters.packets_out.add(u64::from(packets));
        self.shared.counters.bytes_out.add(bytes);
    }

    fn failed(&mut self, socket: RawFd, pending: &Pending, error: &std::io::Error) {
        let segmented = u32::from(pending.out.segment) < pending.out.length;
        let refused = matches!(
            error.raw_os_error(),
            Some(libc::EIO | libc::EINVAL | libc::EOPNOTSUPP | libc::ENOPROTOOPT)
        );
        // A segment beyond the path's MTU is refused like segmentation itself; only where the
        // same packets go singly is the latter at fault.
        if segmented && refused && self.send_singly(socket, pending) {
            if self.shared.gso.swap(false, Ordering::Relaxed) {
                tracing::warn!(%error, "the network card cannot segment; sending packets singly");
            }
            return;
        }
        self.shared
            .counters
            .dropped_slow
            .add(u64::from(pending.packets));
        self.lost.extend(pending.lost);
    }

    fn send_singly(&self, socket: RawFd, pending: &Pending) -> bool {
        let end = pending.out.start + pending.out.length;
        let mut start = pending.out.start;
        while start < end {
            let length = u32::from(pending.out.segment).min(end - start);
            let single = Outgoing {
                start,
                length,
                segment: length as u16,
                ..pending.out
            };
            if send_batch(socket, &self.buffer, &[single]).is_err() {
                return false;
            }
            start += length;
        }
        self.count(&[*pending]);
        true
    }

    /// Parts of frames that were lost since the last call.
    pub fn take_lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.lost)
    }

    /// Anything in [`Self::take_lost`].
    pub fn has_lost(&self) -> bool {
        !self.lost.is_empty()
    }
}

struct Parts {
    packets: u32,
    lost: Option<Lost>,
}

struct Part<'a> {
    first: usize,
    taken: usize,
    target: usize,
    lost: Option<Lost>,
    rider: &'a [u8],
}

const NOTHING: Outgoing = Outgoing {
    address: RawAddr::NONE,
    start: 0,
    length: 0,
    segment: 0,
};

/// Whether a packet may follow as the last segment of a message whose `last` payload would then be
/// padded to `target`: a segment may not be longer than those before it.
fn may_ride(rider: &[u8], (last, target): (usize, usize), taken: usize, overhead: usize) -> bool {
    let segment = target + overhead;
    !rider.is_empty()
        && rider.len() <= segment
        && target - last <= podium_media::egress::MAX_PADDING
        && segment * taken + rider.len() <= MAX_MESSAGE
}

/// How many of the packets go into one message, and the payload size they are padded to: all but
/// the last must be equal, and the last no longer.
fn group(sizes: &[usize], overhead: usize) -> (usize, usize) {
    let Some(&first) = sizes.first() else {
        return (0, 0);
    };
    let (mut least, mut most, mut taken) = (first, first, 1);
    for (index, &size) in sizes.iter().enumerate().skip(1) {
        let fits = (most.max(size) + overhead) * (taken + 1) <= MAX_MESSAGE;
        let alike = most.max(size) - least.min(size) <= MAX_PADDING;
        let ending = index + 1 == sizes.len() && size <= most;
        if !fits || !(alike || ending) {
            break;
        }
        taken += 1;
        if alike {
            least = least.min(size);
            most = most.max(size);
        }
    }
    (taken, most)
}

#[cfg(test)]
mod tests {
    use super::{group, may_ride};

    #[test]
    fn sound_rides_where_it_is_no_longer_than_a_segment() {
        let sound = [0; 200];
        assert!(may_ride(&sound, (1100, 1100), 9, 40));
        assert!(may_ride(&sound, (900, 1100), 9, 40));
        assert!(!may_ride(&sound, (300, 1100), 9, 40)); // too much padding
        assert!(!may_ride(&sound, (100, 100), 1, 40));
        assert!(!may_ride(&[], (1100, 1100), 9, 40));
        assert!(!may_ride(&sound, (9000, 9000), 7, 340)); // a datagram's end
    }

    #[test]
    fn equal_packets_and_a_short_last_one_are_one_message() {
        assert_eq!(group(&[1100, 1100, 1100, 300], 40), (4, 1100));
        assert_eq!(group(&[1100, 1098, 1101, 1101], 40), (4, 1101));
        assert_eq!(group(&[900], 40), (1, 900));
    }

    #[test]
    fn a_packet_that_needs_much_padding_starts_another_message() {
        assert_eq!(group(&[20, 1100, 1100], 40), (1, 20));
        assert_eq!(group(&[1100, 300, 1100], 40), (1, 1100));
        assert_eq!(group(&[1000, 1100], 40), (1, 1000));
    }

    #[test]
    fn a_message_never_exceeds_a_datagram() {
        let (taken, target) = group(&[9000; 16], 40);
        assert!(taken * (target + 40) <= super::MAX_MESSAGE);
        assert_eq!(taken, 7);
    }
}
