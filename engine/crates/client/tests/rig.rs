//! The clients against a server of a few lines: it answers offers, does ICE-lite and DTLS, and
//! forwards whatever the one publisher sends to every viewer.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dimpl::{Config, Dtls, DtlsCertificate, Output, SrtpProfile};
use podium_client::fleet::{Fleet, Totals};
use podium_client::peer::Identity;
use podium_client::publisher::{Progress, publish};
use podium_client::viewer::{Viewer, ViewerPlan};
use podium_media::rtcp::CompoundWriter;
use podium_media::rtp;
use podium_media::srtp::{Contexts, DtlsRole, PacketIndex, Payload, Profile};
use podium_media::stun::{Datagram, Message, classify, write_success};

const UFRAG: &str = "rigufrag";
const PWD: &str = "rigpassword0123456789abcd";

/// What the rig does wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Every hundredth packet to a viewer is withheld.
    Loss,
    /// The answer names another certificate.
    Impostor,
}

struct Client {
    dtls: Dtls,
    contexts: Option<Contexts>,
    publisher: bool,
    first_seq: Option<u64>,
}

struct Rig {
    http: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.http);
    }
}

impl Rig {
    fn start(fault: Fault) -> Self {
        let certificate =
            dimpl::certificate::generate_self_signed_certificate().expect("certificate");
        let udp = UdpSocket::bind(("127.0.0.1", 0)).expect("udp");
        let tcp = TcpListener::bind(("127.0.0.1", 0)).expect("tcp");
        let http = tcp.local_addr().expect("address");
        let media = udp.local_addr().expect("address");
        let stop = Arc::new(AtomicBool::new(false));
        let publishers = Arc::new(Mutex::new(Vec::new()));
        let mut fingerprint = certificate.fingerprint_str();
        if fault == Fault::Impostor {
            fingerprint = fingerprint.replace(['A', '1'], "7");
        }
        {
            let (stop, publishers) = (Arc::clone(&stop), Arc::clone(&publishers));
            std::thread::spawn(move || {
                for stream in tcp.incoming().flatten() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    answer(stream, media, &fingerprint, &publishers);
                }
            });
        }
        {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || serve(&udp, &certificate, &publishers, fault, &stop));
        }
        Self { http, stop }
    }

    fn plan(&self, sampled: bool, epoch: Instant) -> ViewerPlan {
        ViewerPlan {
            base: format!("http://{}", self.http),
            path: "/whep".to_owned(),
            pictures: 1,
            sampled,
            epoch,
            coalesce: true,
        }
    }
}

/// One HTTP request; remembers the ufrags of those who publish.
fn answer(
    stream: TcpStream,
    media: SocketAddr,
    fingerprint: &str,
    publishers: &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).expect("request");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("header");
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("body");
    let offer = String::from_utf8(body).expect("text");
    let mut stream = reader.into_inner();
    if !first.starts_with("POST") {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .expect("answers");
        return;
    }
    if first.contains("/whip") {
        let line = offer
            .lines()
            .find(|line| line.starts_with("a=ice-ufrag:"))
            .expect("ufrag");
        publishers
            .lock()
            .expect("lock")
            .push(line["a=ice-ufrag:".len()..].to_owned());
    }
    let common = format!(
        "a=ice-ufrag:{UFRAG}\r\na=ice-pwd:{PWD}\r\na=fingerprint:sha-256 {fingerprint}\r\n\
         a=setup:passive\r\na=candidate:1 1 udp 1 {} {} typ host\r\n",
        media.ip(),
        media.port()
    );
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{common}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n{common}"
    );
    let head = format!(
        "HTTP/1.1 201 Created\r\nLocation: /session/1\r\ncontent-length: {}\r\n\r\n",
        sdp.len()
    );
    stream.write_all((head + &sdp).as_bytes()).expect("answers");
}

fn serve(
    udp: &UdpSocket,
    certificate: &DtlsCertificate,
    publishers: &Mutex<Vec<String>>,
    fault: Fault,
    stop: &AtomicBool,
) {
    udp.set_read_timeout(Some(Duration::from_millis(20)))
        .expect("timeout");
    let config = Arc::new(
        Config::builder()
            .use_server_cookie(false)
            .build()
            .expect("config"),
    );
    let mut clients: HashMap<SocketAddr, Client> = HashMap::new();
    let mut data = [0; 2_048];
    while !stop.load(Ordering::Relaxed) {
        let Ok((length, from)) = udp.recv_from(&mut data) else {
            continue;
        };
        let data = &data[..length];
        match classify(data) {
            Datagram::Stun => {
                let message = Message::parse(data).expect("STUN");
                assert!(message.verify(PWD.as_bytes()), "the check has our password");
                let (ours, theirs) = message.ufrags().expect("a username");
                assert_eq!(ours, UFRAG.as_bytes());
                let publisher = publishers
                    .lock()
                    .expect("lock")
                    .iter()
                    .any(|one| one.as_bytes() == theirs);
                clients.entry(from).or_insert_with(|| Client {
                    dtls: Dtls::new_auto(Arc::clone(&config), certificate.clone(), Instant::now()),
                    contexts: None,
                    publisher,
                    first_seq: None,
                });
                let mut out = [0; 128];
                let length = write_success(message.transaction, from, PWD.as_bytes(), &mut out)
                    .expect("fits");
                udp.send_to(&out[..length], from).expect("sends");
            }
            Datagram::Dtls => {
                let client = clients.get_mut(&from).expect("a check came first");
                handshake(udp, from, client, data);
            }
            Datagram::Rtp => forward(udp, from, &mut clients, data, fault),
            Datagram::Rtcp | Datagram::Unknown => {}
        }
    }
}

fn handshake(udp: &UdpSocket, from: SocketAddr, client: &mut Client, data: &[u8]) {
    if client.dtls.handle_timeout(Instant::now()).is_err()
        || client.dtls.handle_packet(data).is_err()
    {
        return;
    }
    let mut buffer = vec![0; 4_096];
    loop {
        match client.dtls.poll_output(&mut buffer) {
            Output::Packet(packet) => drop(udp.send_to(packet, from)),
            Output::KeyingMaterial(material, profile) => {
                assert_eq!(profile, SrtpProfile::AEAD_AES_256_GCM);
                let contexts =
                    Contexts::from_dtls(Profile::AeadAes256Gcm, &material, DtlsRole::Server);
                client.contexts = Some(contexts.expect("keys"));
            }
            Output::Timeout(_) => return,
            _ => {}
        }
    }
}

/// Opens what the publisher sent and seals it for each viewer. A viewer who comes while no
/// keyframe begins makes the publisher send one.
fn forward(
    udp: &UdpSocket,
    from: SocketAddr,
    clients: &mut HashMap<SocketAddr, Client>,
    data: &[u8],
    fault: Fault,
) {
    let mut plain = [0; 2_048];
    let publisher = clients.get_mut(&from).expect("known");
    assert!(publisher.publisher, "viewers send no media");
    let contexts = publisher.contexts.as_mut().expect("keys come first");
    let (length, index) = contexts.open_rtp.open(data, &mut plain).expect("authentic");
    let (_, _, head) = rtp::parse_header(&plain[..length]).expect("RTP");
    let mut joined = false;
    for (address, client) in clients.iter_mut().filter(|(_, client)| !client.publisher) {
        let Some(contexts) = &client.contexts else {
            continue;
        };
        joined |= client.first_seq.is_none();
        let first = *client.first_seq.get_or_insert(index.sequence);
        if fault == Fault::Loss && (index.sequence - first.min(index.sequence)) % 100 == 99 {
            continue;
        }
        let mut out = [0; 2_048];
        out[..head].copy_from_slice(&plain[..head]);
        let at = PacketIndex {
            ssrc: index.ssrc,
            sequence: index.sequence,
        };
        let payload = Payload::plain(&plain[head..length]);
        let sealed = contexts
            .seal_rtp
            .seal(at, head, payload, &mut out)
            .expect("seals");
        udp.send_to(&out[..sealed], address).expect("sends");
    }
    if joined {
        let mut out = [0; 64];
        let mut writer = CompoundWriter::new(&mut out);
        writer.pli(1, index.ssrc).expect("fits");
        let length = writer.len();
        let publisher = clients.get_mut(&from).expect("known");
        let contexts = publisher.contexts.as_mut().expect("keys");
        let length = contexts.seal_rtcp.seal(&mut out, length).expect("seals");
        udp.send_to(&out[..length], from).expect("sends");
    }
}

/// Polls the sums until they are as wanted.
fn until(fleet: &Fleet, wanted: impl Fn(&Totals) -> bool) -> Totals {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let totals = fleet.totals().expect("the fleet lives");
        if wanted(&totals) {
            return totals;
        }
        assert!(Instant::now() < patience, "{totals:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn hold(fault: Fault, viewers: usize, packets: u64) -> (Totals, Arc<Progress>) {
    let rig = Rig::start(fault);
    let identity = Identity::generate().expect("identity");
    let epoch = Instant::now();
    let progress = Arc::new(Progress::default());
    let stop = Arc::new(AtomicBool::new(false));
    let publisher = {
        let (identity, base) = (identity.clone(), format!("http://{}", rig.http));
        let (progress, stop) = (Arc::clone(&progress), Arc::clone(&stop));
        std::thread::spawn(move || publish(&identity, &base, "token", epoch, &progress, &stop))
    };
    let fleet = Fleet::start().expect("fleet");
    for index in 0..viewers {
        let plan = rig.plan(index % 2 == 0, epoch);
        fleet.add(Viewer::join(&identity, "token", plan).expect("joins"));
    }
    // The rig asks for one keyframe per joiner and repairs nothing: with losses a viewer may never
    // hold a whole one.
    let whole = if fault == Fault::Loss {
        0
    } else {
        viewers as u64
    };
    let totals = until(&fleet, |totals| {
        totals.connected == viewers as u64
            && totals.with_picture >= whole
            && totals.packets > packets
    });
    stop.store(true, Ordering::Relaxed);
    publisher.join().expect("no panic").expect("published");
    fleet.stop().expect("no error");
    (totals, progress)
}

#[test]
fn viewers_connect_see_a_keyframe_and_count_what_comes() {
    let (totals, progress) = hold(Fault::None, 4, 3_000);
    assert_eq!((totals.viewers, totals.connected), (4, 4));
    assert_eq!(totals.profiles.get("AEAD_AES_256_GCM"), Some(&4));
    assert_eq!(totals.expected, totals.packets, "{totals:?}");
    assert_eq!(totals.unauthentic, 0);
    assert!(
        totals.opened > 0 && totals.opened < totals.packets,
        "only a sample is opened"
    );
    assert_eq!(
        (totals.first_packet.len(), totals.first_picture.len()),
        (4, 4)
    );
    assert!(
        totals.latency.iter().all(|ms| (0.0..1_000.0).contains(ms)),
        "{:?}",
        totals.latency
    );
    assert!(!totals.latency.is_empty());
    assert!(progress.keyframes.load(Ordering::Relaxed) >= 1);
    assert!(progress.requests.load(Ordering::Relaxed) >= 1);
}

#[test]
fn losses_are_seen() {
    let (totals, _) = hold(Fault::Loss, 2, 2_000);
    let share = 1.0 - totals.packets as f64 / totals.expected as f64;
    assert!((0.005..0.02).contains(&share), "{share}");
}

#[test]
fn a_server_with_another_certificate_is_refused() {
    let rig = Rig::start(Fault::Impostor);
    let identity = Identity::generate().expect("identity");
    let fleet = Fleet::start().expect("fleet");
    let plan = rig.plan(true, Instant::now());
    fleet.add(Viewer::join(&identity, "token", plan).expect("is answered"));
    let totals = until(&fleet, |totals| !totals.failed.is_empty());
    assert_eq!(
        totals.failed.get("the certificate is not the answer's"),
        Some(&1)
    );
    assert_eq!(totals.connected, 0);
}
