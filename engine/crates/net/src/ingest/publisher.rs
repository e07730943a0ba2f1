//! One publisher: a WebRTC peer by `str0m` in RTP mode, without sockets.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use podium_media::codec::Codec;
use podium_media::srtp::Profile;
use podium_media::stun::Message;
use podium_media::time::Ntp;
use str0m::change::SdpOffer;
use str0m::config::DtlsCert;
use str0m::format;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap, RtpPacket, Ssrc};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use super::crypto;
use crate::command::{EndReason, Kind, RoomId, SessionId};
use crate::error::OfferError;
use crate::sdp;

/// Without a connection by then the session is given up.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// Without a datagram for so long the peer is gone (RFC 7675).
const CONSENT_LIMIT: Duration = Duration::from_secs(30);
/// How often the library reports how the peer fares.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);
/// Constrained baseline and baseline at level 3.1, as browsers offer them.
const H264_PROFILES: [(u8, u8, u32); 2] = [(108, 109, 0x42_e01f), (125, 107, 0x42_001f)];
/// Streams whose SSRC is remembered.
const MAX_STREAMS: usize = 16;

/// What came of a datagram or of time passing.
#[derive(Debug)]
pub enum Happening {
    /// DTLS is done.
    Connected(Option<Profile>),
    /// The session is over.
    Ended(EndReason),
    /// A media packet.
    Packet(Box<RtpPacket>),
    /// Send this: listening address by index, destination, bytes.
    Transmit(usize, SocketAddr, Vec<u8>),
    /// A sender report of that stream.
    Report {
        /// Whose.
        ssrc: u32,
        /// Audio or video.
        kind: Kind,
        /// Wall clock of the sender.
        ntp: Ntp,
        /// RTP time of the same moment.
        rtp: u32,
        /// When it came.
        at: Instant,
    },
    /// How the peer fared in the last interval.
    Fared {
        /// Share of packets lost.
        loss: f32,
        /// Round trip, where the peer tells.
        rtt: Option<Duration>,
        /// Media bytes since the start.
        bytes: u64,
    },
}

/// Where a media packet belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamId {
    /// Audio or video.
    pub kind: Kind,
    /// Simulcast layer; 0 is the smallest picture.
    pub layer: u8,
    /// What it is coded in.
    pub codec: Codec,
}

/// The peer.
pub struct Publisher {
    /// Its identity.
    pub session: SessionId,
    /// Its conference.
    pub room: RoomId,
    /// Our ICE user fragment.
    pub fragment: String,
    /// Addresses that it was heard from.
    pub addresses: Vec<SocketAddr>,
    /// When `tick` is due.
    pub next: Instant,
    password: String,
    layers: Vec<String>,
    rtc: Rtc,
    local: Arc<Vec<SocketAddr>>,
    streams: Vec<(Ssrc, u8, StreamId)>,
    connected: bool,
    ended: bool,
    heard: Instant,
}

/// Certificate and announced addresses that every publisher shares.
#[derive(Clone)]
pub struct Template {
    /// DER certificate and key.
    pub certificate: (Vec<u8>, Vec<u8>),
    /// All candidates.
    pub candidates: Vec<SocketAddr>,
    /// One announced address for each listening address.
    pub local: Arc<Vec<SocketAddr>>,
}

fn configure(template: &Template) -> RtcConfig {
    let mut extensions = ExtensionMap::empty();
    extensions.set(1, Extension::AudioLevel);
    extensions.set(2, Extension::AbsoluteSendTime);
    extensions.set(3, Extension::TransportSequenceNumber);
    extensions.set(4, Extension::RtpMid);
    extensions.set(10, Extension::RtpStreamId);
    extensions.set(11, Extension::RepairedRtpStreamId);
    let (certificate, private_key) = template.certificate.clone();
    let mut config = RtcConfig::new()
        .set_crypto_provider(crypto::provider())
        .set_dtls_cert(DtlsCert {
            certificate,
            private_key,
        })
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_extension_map(extensions)
        .set_stats_interval(Some(REPORT_INTERVAL))
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .enable_vp9(true)
        .enable_av1(true);
    for (payload_type, resend, profile) in H264_PROFILES {
        let pt = payload_type.into();
        config
            .codec_config()
            .add_h264(pt, Some(resend.into()), true, profile);
    }
    config
}

impl Publisher {
    /// Answers an offer.
    pub fn accept(
        template: &Template,
        ids: (RoomId, SessionId),
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        // A bug in the library must cost this offer, not the service.
        catch_unwind(AssertUnwindSafe(|| {
            Self::negotiate(template, ids, offer, now)
        }))
        .unwrap_or_else(|_| Err(OfferError("the offer is not understood".to_owned())))
    }

    fn negotiate(
        template: &Template,
        (room, session): (RoomId, SessionId),
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        let checked = sdp::check(offer)?;
        let refuse = |why: String| OfferError(format!("the offer is not understood: {why}"));
        let offer = SdpOffer::from_sdp_string(&checked.text).map_err(|e| refuse(e.to_string()))?;
        let mut rtc = configure(template).build(now);
        for address in &template.candidates {
            if let Ok(candidate) = Candidate::host(*address, Protocol::Udp) {
                rtc.add_local_candidate(candidate);
            }
        }
        let answer = rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(|e| refuse(e.to_string()))?;
        let answer = answer.to_sdp_string();
        sdp::check_answer(&answer)?;
        let credentials = rtc.direct_api().local_ice_credentials();
        let publisher = Self {
            session,
            room,
            fragment: credentials.ufrag,
            password: credentials.pass,
            layers: checked.layers,
            addresses: Vec::new(),
            next: now,
            rtc,
            local: Arc::clone(&template.local),
            streams: Vec::new(),
            connected: false,
            ended: false,
            heard: now,
        };
        Ok((publisher, answer))
    }

    /// Takes a datagram that came to the listening address `path`.
    pub fn receive(
        &mut self,
        data: &[u8],
        (source, path): (SocketAddr, usize),
        now: Instant,
        out: &mut Vec<Happening>,
    ) {
        let Some(destination) = self.local.get(path).copied() else {
            return;
        };
        // Anything that the library cannot parse is not for a WebRTC peer.
        let Ok(input) = Receive::new(Protocol::Udp, source, destination, data) else {
            return;
        };
        self.heard = now;
        self.guard(out, |peer, out| {
            let result = peer.rtc.handle_input(Input::Receive(now, input));
            result.is_ok() && peer.drain(out)
        });
    }

    /// Whether a STUN message is authentic: only then its source may be taken for this peer.
    pub fn is_authentic(&self, data: &[u8]) -> bool {
        Message::parse(data).is_ok_and(|message| message.verify(self.password.as_bytes()))
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Instant, out: &mut Vec<Happening>) {
        let silent = now.saturating_duration_since(self.heard);
        if !self.connected && silent > CONNECT_LIMIT {
            return self.end(EndReason::NeverConnected, out);
        }
        if self.connected && silent > CONSENT_LIMIT {
            return self.end(EndReason::ConsentExpired, out);
        }
        self.guard(out, |peer, out| {
            let result = peer.rtc.handle_input(Input::Timeout(now));
            result.is_ok() && peer.drain(out)
        });
    }

    /// Says goodbye.
    pub fn close(&mut self, out: &mut Vec<Happening>) {
        let mut goodbye = Vec::new();
        self.guard(&mut goodbye, |peer, out| {
            peer.rtc.close().is_ok() && peer.drain(out)
        });
        // Whatever else came of it, the reason is our own.
        goodbye.retain(|happening| matches!(happening, Happening::Transmit(..)));
        out.append(&mut goodbye);
        self.ended = false;
        self.end(EndReason::Closed, out);
    }

    fn end(&mut self, reason: EndReason, out: &mut Vec<Happening>) {
        if !std::mem::replace(&mut self.ended, true) {
            out.push(Happening::Ended(reason));
        }
    }

    /// Runs the library; the peer's session ends if it gives up, or if it fails by a bug: that
    /// must cost one session, not all.
    fn guard(
        &mut self,
        out: &mut Vec<Happening>,
        body: impl FnOnce(&mut Self, &mut Vec<Happening>) -> bool,
    ) {
        if self.ended {
            return;
        }
        let fine = catch_unwind(AssertUnwindSafe(|| body(self, out)));
        if fine.is_err() {
            tracing::error!(session = self.session, "the publisher's library failed");
        }
        if !fine.unwrap_or(false) {
            let reason = match self.connected {
                true => EndReason::PeerClosed,
                false => EndReason::DtlsFailed,
            };
            self.end(reason, out);
        }
    }

    /// False when the library has given up.
    fn drain(&mut self, out: &mut Vec<Happening>) -> bool {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.next = at;
                    return true;
                }
                Ok(Output::Transmit(t)) => {
                    let path = self.local.iter().position(|a| *a == t.source).unwrap_or(0);
                    out.push(Happening::Transmit(
                        path,
                        t.destination,
                        t.contents.to_vec(),
                    ));
                }
                Ok(Output::Event(event)) => self.event(event, out),
                Err(_) => return false,
            }
        }
    }

    fn event(&mut self, event: Event, out: &mut Vec<Happening>) {
        match event {
            Event::Connected => {
                self.connected = true;
                out.push(Happening::Connected(crypto::last_profile()));
            }
            Event::RtpPacket(packet) => out.push(Happening::Packet(Box::new(packet))),
            Event::PeerStats(stats) => out.push(Happening::Fared {
                loss: stats.ingress_loss_fraction.unwrap_or(0.0).clamp(0.0, 1.0),
                rtt: stats.rtt,
                bytes: stats.bytes_rx,
            }),
            Event::SenderFeedback(feedback) => {
                let info = &feedback.sender_info;
                let Some(ntp) = wall_clock(info.ntp_time) else {
                    return;
                };
                let kind = match self.rtc.media(feedback.mid).map(str0m::media::Media::kind) {
                    Some(str0m::media::MediaKind::Audio) => Kind::Audio,
                    _ => Kind::Video,
                };
                out.push(Happening::Report {
                    ssrc: *info.ssrc,
                    kind,
                    ntp,
                    rtp: info.rtp_time.numer() as u32,
                    at: feedback.received_at,
                });
            }
            Event::Closed => self.end(EndReason::PeerClosed, out),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                tracing::debug!(session = self.session, "publisher's checks have stopped");
            }
            _ => {}
        }
    }

    /// Whether DTLS is done.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Where a packet belongs; None for streams that were not agreed on.
    pub fn stream(&mut self, packet: &RtpPacket) -> Option<StreamId> {
        let ssrc = packet.header.ssrc;
        let payload_type = *packet.header.payload_type;
        if let Some((_, _, id)) = self
            .streams
            .iter()
            .find(|(s, pt, _)| *s == ssrc && *pt == payload_type)
        {
            return Some(*id);
        }
        let (mid, rid) = self.identify(&ssrc)?;
        let kind = match self.rtc.media(mid)?.kind() {
            str0m::media::MediaKind::Audio => Kind::Audio,
            str0m::media::MediaKind::Video => Kind::Video,
        };
        let found = self.rtc.codec_config().find(|p| *p.pt() == payload_type)?;
        let codec = match found.spec().codec {
            format::Codec::Opus => Codec::Opus,
            format::Codec::Vp8 => Codec::Vp8,
            format::Codec::Vp9 => Codec::Vp9,
            format::Codec::H264 => Codec::H264,
            format::Codec::Av1 => Codec::Av1,
            _ => return None,
        };
        let layer = rid.and_then(|rid| self.layers.iter().position(|name| **name == *rid));
        let id = StreamId {
            kind,
            layer: layer.unwrap_or(0) as u8,
            codec,
        };
        if self.streams.len() >= MAX_STREAMS {
            self.streams.remove(0);
        }
        self.streams.push((ssrc, payload_type, id));
        Some(id)
    }

    fn identify(&mut self, ssrc: &Ssrc) -> Option<(Mid, Option<Rid>)> {
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx(ssrc)?;
        Some((stream.mid(), stream.rid()))
    }

    /// Asks for a keyframe of the layer with that SSRC; it leaves at the next `tick`.
    pub fn request_keyframe(&mut self, ssrc: Ssrc) {
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }
}

/// What a sender report says that its sender's clock shows. Zero, which is 1900, says that there is
/// no clock (RFC 3550 section 6.4.1); it comes here as the beginning of 1970, as all that is before.
fn wall_clock(reported: SystemTime) -> Option<Ntp> {
    let since = reported.duration_since(UNIX_EPOCH).ok()?;
    (!since.is_zero()).then(|| Ntp::from_unix(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_a_clock_says_no_time() {
        assert!(wall_clock(UNIX_EPOCH).is_none());
        assert!(wall_clock(UNIX_EPOCH - Duration::from_secs(1)).is_none());
        let now = Duration::from_secs(1_677_634_200);
        assert_eq!(wall_clock(UNIX_EPOCH + now), Some(Ntp::from_unix(now)));
    }
}
