//! The viewers' DTLS: a handshake that ends in SRTP keys, then nothing but a goodbye
//! (RFC 5763, RFC 5764).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use dimpl::{Config, Dtls, DtlsCertificate, Output, SrtpProfile};
use podium_media::srtp::{Contexts, DtlsRole, Profile};

use crate::error::EngineError;

/// Datagrams of a handshake fit any path.
const MTU: usize = 1200;
/// First retransmission; the peer is near or patient.
const FIRST_RETRY: Duration = Duration::from_millis(300);
const RETRIES: usize = 7;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(25);
/// Grows only if the library asks for more.
const OUTPUT: usize = 2048;

/// The engine's certificate and handshake settings, shared by all viewers.
#[derive(Clone)]
pub struct Identity {
    config: Arc<Config>,
    certificate: DtlsCertificate,
}

impl Identity {
    /// A fresh self-signed certificate.
    pub fn generate() -> Result<Self, EngineError> {
        let failed = |what: String| EngineError::Config(format!("DTLS is not usable: {what}"));
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| failed(error.to_string()))?;
        let config = Config::builder()
            .mtu(MTU)
            // ICE has shown that the peer's address is real.
            .use_server_cookie(false)
            .flight_start_rto(FIRST_RETRY)
            .flight_retries(RETRIES)
            .handshake_timeout(HANDSHAKE_LIMIT)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            config: Arc::new(config),
            certificate,
        })
    }

    /// As in SDP.
    pub fn fingerprint(&self) -> String {
        Fingerprint::of(Hash::Sha256, &self.certificate.certificate).to_string()
    }

    /// For the publishers' library.
    pub fn certificate(&self) -> (Vec<u8>, Vec<u8>) {
        (
            self.certificate.certificate.clone(),
            self.certificate.private_key.clone(),
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Sha256, "sha-256"),
        (Self::Sha384, "sha-384"),
        (Self::Sha512, "sha-512"),
    ];

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// A certificate's fingerprint (RFC 8122).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    value: Vec<u8>,
}

impl Fingerprint {
    /// From "sha-256 AB:CD:..."; None if it is malformed or its hash is not accepted.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.trim().split_once(' ')?;
        let hash = Hash::ALL
            .into_iter()
            .find(|(_, n)| name.eq_ignore_ascii_case(n))?
            .0;
        let value: Vec<u8> = value
            .trim()
            .split(':')
            .map(|byte| {
                (byte.len() == 2)
                    .then(|| u8::from_str_radix(byte, 16).ok())
                    .flatten()
            })
            .collect::<Option<_>>()?;
        (value.len() == hash.algorithm().output_len()).then_some(Self { hash, value })
    }

    fn of(hash: Hash, certificate: &[u8]) -> Self {
        let value = digest::digest(hash.algorithm(), certificate)
            .as_ref()
            .to_vec();
        Self { hash, value }
    }

    fn matches(&self, certificate: &[u8]) -> bool {
        *self == Self::of(self.hash, certificate)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = Hash::ALL
            .into_iter()
            .find(|(h, _)| *h == self.hash)
            .map_or("", |(_, n)| n);
        let bytes: Vec<String> = self.value.iter().map(|b| format!("{b:02X}")).collect();
        write!(f, "{name} {}", bytes.join(":"))
    }
}

/// What came of feeding the handshake.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing new.
    Pending,
    /// Keys; the session may send.
    Connected(Profile, Box<Contexts>),
    /// The peer said goodbye.
    PeerClosed,
    /// The handshake failed or the certificate is another one.
    Failed,
}

/// One viewer's DTLS.
pub struct Session {
    dtls: Dtls,
    role: DtlsRole,
    expected: Fingerprint,
    authentic: bool,
    broken: bool,
    buffer: Vec<u8>,
    /// When `tick` is due.
    pub next: Instant,
}

fn profile(found: SrtpProfile) -> Option<Profile> {
    match found {
        SrtpProfile::AEAD_AES_256_GCM => Some(Profile::AeadAes256Gcm),
        SrtpProfile::AEAD_AES_128_GCM => Some(Profile::AeadAes128Gcm),
        SrtpProfile::AES128_CM_SHA1_80 => Some(Profile::Aes128CmSha1),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

impl Session {
    /// As server, or as client (which speaks first at the first `tick`).
    pub fn new(identity: &Identity, expected: Fingerprint, client: bool, now: Instant) -> Self {
        // In DTLS 1.3 the library takes the client's first SRTP profile, which with Chromium is
        // CM-SHA1; in 1.2 it takes the best that both have.
        let mut dtls = Dtls::new_12(
            Arc::clone(&identity.config),
            identity.certificate.clone(),
            now,
        );
        if client {
            dtls.set_active(true);
        }
        Self {
            dtls,
            role: if client {
                DtlsRole::Client
            } else {
                DtlsRole::Server
            },
            expected,
            authentic: false,
            broken: false,
            buffer: vec![0; OUTPUT],
            next: now,
        }
    }

    /// Takes a datagram; `send` gets the answers.
    pub fn receive(&mut self, data: &[u8], now: Instant, send: &mut dyn FnMut(&[u8])) -> Outcome {
        self.guard(|session| {
            if session.dtls.handle_timeout(now).is_err()
                || session.dtls.handle_packet(data).is_err()
            {
                return Outcome::Failed;
            }
            session.drain(send)
        })
    }

    /// A bug in the library must cost this session, not its thread.
    fn guard(&mut self, body: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.broken {
            return Outcome::Failed;
        }
        catch_unwind(AssertUnwindSafe(|| body(self))).unwrap_or_else(|_| {
            tracing::error!("the DTLS library failed");
            self.broken = true;
            Outcome::Failed
        })
    }

    /// Retransmits what is due.
    pub fn tick(&mut self, now: Instant, send: &mut dyn FnMut(&[u8])) -> Outcome {
        if now < self.next {
            return Outcome::Pending;
        }
        self.guard(|session| match session.dtls.handle_timeout(now) {
            Ok(()) => session.drain(send),
            Err(_) => Outcome::Failed,
        })
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant, send: &mut dyn FnMut(&[u8])) {
        // Whatever the outcome, the session is over.
        let _ = self.guard(|session| {
            match session
                .dtls
                .handle_timeout(now)
                .and_then(|()| session.dtls.close())
            {
                Ok(()) => session.drain(send),
                Err(_) => Outcome::Failed,
            }
        });
    }

    fn drain(&mut self, send: &mut dyn FnMut(&[u8])) -> Outcome {
        let mut keys = None;
        let mut outcome = Outcome::Pending;
        loop {
            match self.dtls.poll_output(&mut self.buffer) {
                Output::Packet(packet) => send(packet),
                Output::BufferTooSmall { needed } => {
                    if needed > 1 << 17 {
                        return Outcome::Failed;
                    }
                    self.buffer.resize(needed, 0);
                }
                Output::PeerCert(certificate) => {
                    if !self.expected.matches(certificate) {
                        return Outcome::Failed;
                    }
                    self.authentic = true;
                }
                Output::KeyingMaterial(material, found) => {
                    let Some(profile) = profile(found) else {
                        return Outcome::Failed;
                    };
                    match Contexts::from_dtls(profile, &material, self.role) {
                        Ok(contexts) => keys = Some((profile, Box::new(contexts))),
                        Err(_) => return Outcome::Failed,
                    }
                }
                Output::CloseNotify => outcome = Outcome::PeerClosed,
                Output::Timeout(at) => {
                    self.next = at;
                    break;
                }
                // Keys are what connects a session; viewers have no business with data.
                _ => {}
            }
        }
        if let Some((profile, contexts)) = keys {
            if !self.authentic {
                return Outcome::Failed;
            }
            return Outcome::Connected(profile, contexts);
        }
        outcome
    }
}
