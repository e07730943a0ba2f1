//! One WebRTC client towards an ICE-lite server, without I/O: connectivity checks and consent
//! (RFC 8445, RFC 7675), DTLS (RFC 5764), SRTP contexts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use dimpl::{Config, Dtls, DtlsCertificate, Output, SrtpProfile};
use podium_media::srtp::{Contexts, DtlsRole, Profile};
use podium_media::stun::{
    BindingRequest, Class, Datagram, Message, TransactionId, classify, write_binding_request,
};

use crate::ClientError;
use crate::sdp::Answer;

/// Between checks until one is answered.
const CHECK_EVERY: Duration = Duration::from_millis(50);

/// Between consent checks after that.
const CONSENT_EVERY: Duration = Duration::from_secs(5);

/// Longer without an answer means that it failed.
const GIVE_UP: Duration = Duration::from_secs(30);

/// Priority of a peer-reflexive candidate (RFC 8445 section 5.1.2).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// Certificate and handshake settings, shared by all clients of this process.
#[derive(Clone)]
pub struct Identity {
    config: Arc<Config>,
    certificate: DtlsCertificate,
}

impl Identity {
    /// A fresh self-signed certificate.
    ///
    /// # Errors
    /// When the cryptography refuses.
    pub fn generate() -> Result<Self, ClientError> {
        let failed = |error: String| ClientError::Crypto(error);
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| failed(error.to_string()))?;
        let config = Config::builder()
            .mtu(1_200)
            .use_server_cookie(false)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            config: Arc::new(config),
            certificate,
        })
    }

    /// SHA-256 of the certificate, as in SDP without the hash's name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.certificate.certificate);
        let bytes: Vec<String> = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        bytes.join(":")
    }
}

/// ICE credentials of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Username fragment.
    pub ufrag: String,
    /// Password.
    pub pwd: String,
}

impl Credentials {
    /// Fresh ones.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, ClientError> {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bytes: [u8; 32] = random()?;
        let text: String = bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 63)]))
            .collect();
        Ok(Self {
            ufrag: text[..8].to_owned(),
            pwd: text[8..].to_owned(),
        })
    }
}

/// Random bytes.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], ClientError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| ClientError::Crypto("no randomness".to_owned()))?;
    Ok(bytes)
}

/// What a datagram turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Nothing for the caller.
    Handled,
    /// The keys are there now.
    Connected,
    /// Sealed RTP.
    Rtp,
    /// Sealed RTCP.
    Rtcp,
}

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No check was answered yet.
    Checking,
    /// DTLS is under way.
    Handshaking,
    /// Keys are there.
    Connected,
    /// It is over; why.
    Failed(&'static str),
}

/// One client.
pub struct Peer {
    state: State,
    username: String,
    password: Vec<u8>,
    tie_breaker: u64,
    transaction: [u8; 12],
    started: Instant,
    next_check: Instant,
    next_dtls: Option<Instant>,
    dtls: Dtls,
    role: DtlsRole,
    fingerprint: Vec<u8>,
    authentic: bool,
    keys: Option<(Profile, Box<Contexts>)>,
}

impl Peer {
    /// A client for an answer; `local` as offered.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new(
        identity: &Identity,
        local: &Credentials,
        answer: &Answer,
        now: Instant,
    ) -> Result<Self, ClientError> {
        let mut dtls = Dtls::new_auto(
            Arc::clone(&identity.config),
            identity.certificate.clone(),
            now,
        );
        dtls.set_active(answer.we_are_client);
        Ok(Self {
            state: State::Checking,
            username: format!("{}:{}", answer.ufrag, local.ufrag),
            password: answer.pwd.clone().into_bytes(),
            tie_breaker: u64::from_ne_bytes(random()?),
            transaction: random()?,
            started: now,
            next_check: now,
            next_dtls: None,
            dtls,
            role: if answer.we_are_client {
                DtlsRole::Client
            } else {
                DtlsRole::Server
            },
            fingerprint: answer.fingerprint.clone(),
            authentic: false,
            keys: None,
        })
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Keys, once connected.
    pub fn contexts(&mut self) -> Option<&mut Contexts> {
        self.keys.as_mut().map(|(_, contexts)| &mut **contexts)
    }

    /// What was negotiated, once connected.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.keys.as_ref().map(|(profile, _)| *profile)
    }

    /// When [`Peer::tick`] is due.
    #[must_use]
    pub fn next(&self) -> Instant {
        self.next_dtls
            .map_or(self.next_check, |at| at.min(self.next_check))
    }

    /// Sends what is due.
    pub fn tick(&mut self, now: Instant, send: &mut dyn FnMut(&[u8])) {
        if matches!(self.state, State::Failed(_)) {
            self.next_check = now + GIVE_UP;
            self.next_dtls = None;
            return;
        }
        if self.state != State::Connected && now.duration_since(self.started) > GIVE_UP {
            self.state = State::Failed("it did not connect within 30 s");
            return;
        }
        if now >= self.next_check {
            self.check(send);
            let pause = if self.state == State::Checking {
                CHECK_EVERY
            } else {
                CONSENT_EVERY
            };
            self.next_check = now + pause;
        }
        if self.next_dtls.is_some_and(|at| now >= at) {
            self.drive(now, None, send);
        }
    }

    fn check(&mut self, send: &mut dyn FnMut(&[u8])) {
        // Unique per check; that it cannot be guessed matters little to a load client.
        for byte in &mut self.transaction {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
        let request = BindingRequest {
            transaction: TransactionId(self.transaction),
            username: &self.username,
            password: &self.password,
            priority: PRIORITY,
            use_candidate: true,
            controlling: true,
            tie_breaker: self.tie_breaker,
        };
        let mut out = [0; 548];
        if let Ok(length) = write_binding_request(&request, &mut out) {
            send(&out[..length]);
        }
    }

    /// Takes a datagram from the server; `send` gets the answers. RTP and RTCP are left to the
    /// caller, who has [`Peer::contexts`].
    pub fn receive(&mut self, data: &[u8], now: Instant, send: &mut dyn FnMut(&[u8])) -> Received {
        match classify(data) {
            Datagram::Rtp => Received::Rtp,
            Datagram::Rtcp => Received::Rtcp,
            Datagram::Unknown => Received::Handled,
            Datagram::Stun => {
                self.answered(data, now, send);
                Received::Handled
            }
            Datagram::Dtls if matches!(self.state, State::Failed(_)) => Received::Handled,
            Datagram::Dtls => {
                let before = self.state;
                self.drive(now, Some(data), send);
                if before != State::Connected && self.state == State::Connected {
                    Received::Connected
                } else {
                    Received::Handled
                }
            }
        }
    }

    fn answered(&mut self, data: &[u8], now: Instant, send: &mut dyn FnMut(&[u8])) {
        let Ok(message) = Message::parse(data) else {
            return;
        };
        if !matches!(message.class, Class::Success) || !message.verify(&self.password) {
            return;
        }
        if self.state == State::Checking {
            self.state = State::Handshaking;
            self.next_check = now + CONSENT_EVERY;
            self.drive(now, None, send);
        }
    }

    fn drive(&mut self, now: Instant, data: Option<&[u8]>, send: &mut dyn FnMut(&[u8])) {
        let timed = self.dtls.handle_timeout(now);
        let done = timed.and_then(|()| data.map_or(Ok(()), |data| self.dtls.handle_packet(data)));
        if done.is_err() {
            self.fail("DTLS failed");
            return;
        }
        let mut buffer = vec![0; 2_048];
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::BufferTooSmall { needed } if needed <= 1 << 17 => buffer.resize(needed, 0),
                Output::BufferTooSmall { .. } => return self.fail("DTLS asks for too much"),
                Output::PeerCert(certificate) => {
                    let hash = digest::digest(&digest::SHA256, certificate);
                    if hash.as_ref() != self.fingerprint {
                        return self.fail("the certificate is not the answer's");
                    }
                    self.authentic = true;
                }
                Output::KeyingMaterial(material, found) => {
                    let contexts = profile(found).and_then(|profile| {
                        let contexts = Contexts::from_dtls(profile, &material, self.role).ok()?;
                        Some((profile, Box::new(contexts)))
                    });
                    match contexts {
                        Some(keys) if self.authentic => {
                            self.keys = Some(keys);
                            self.state = State::Connected;
                        }
                        _ => return self.fail("the keys cannot be used"),
                    }
                }
                Output::CloseNotify => return self.fail("the server said goodbye"),
                Output::Timeout(at) => {
                    self.next_dtls = Some(at);
                    return;
                }
                _ => {}
            }
        }
    }

    fn fail(&mut self, why: &'static str) {
        self.state = State::Failed(why);
        self.next_dtls = None;
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant, send: &mut dyn FnMut(&[u8])) {
        if self.state == State::Connected
            && self.dtls.handle_timeout(now).is_ok()
            && self.dtls.close().is_ok()
        {
            self.drive(now, None, send);
        }
    }
}

fn profile(found: SrtpProfile) -> Option<Profile> {
    match found {
        SrtpProfile::AEAD_AES_256_GCM => Some(Profile::AeadAes256Gcm),
        SrtpProfile::AEAD_AES_128_GCM => Some(Profile::AeadAes128Gcm),
        SrtpProfile::AES128_CM_SHA1_80 => Some(Profile::Aes128CmSha1),
        #[allow(unreachable_patterns, reason = "the library may learn more")]
        _ => None,
    }
}
