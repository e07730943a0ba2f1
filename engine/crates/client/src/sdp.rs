//! Just enough SDP (RFC 8866, RFC 8829) to offer and to understand Podium's answers.

use std::net::SocketAddrV4;

use crate::ClientError;
use crate::peer::Credentials;

/// Payload type offered for VP8.
pub const VP8: u8 = 96;
/// Payload type offered for retransmitted VP8.
pub const RTX: u8 = 97;
/// Payload type offered for Opus.
pub const OPUS: u8 = 111;
/// Extension identifier offered for the media identification.
pub const MID_EXTENSION: u8 = 4;

/// What an answer says of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// ICE credentials of the server.
    pub ufrag: String,
    /// Their password.
    pub pwd: String,
    /// SHA-256 of the server's certificate.
    pub fingerprint: Vec<u8>,
    /// We speak first in DTLS.
    pub we_are_client: bool,
    /// First IPv4 UDP candidate.
    pub address: SocketAddrV4,
    /// Accepted m-lines in order: kind, and the SSRCs named for it.
    pub media: Vec<(String, Vec<u32>)>,
}

fn session(out: &mut String) {
    out.push_str("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
}

fn transport(out: &mut String, mid: usize, credentials: &Credentials, fingerprint: &str) {
    out.push_str(&format!(
        "c=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=rtcp-mux\r\n\
         a=extmap:{MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
        credentials.ufrag, credentials.pwd
    ));
}

fn audio(out: &mut String) {
    out.push_str(&format!(
        "a=rtpmap:{OPUS} opus/48000/2\r\na=fmtp:{OPUS} useinbandfec=1\r\n"
    ));
}

fn video(out: &mut String, rtx: bool) {
    out.push_str(&format!(
        "a=rtpmap:{VP8} VP8/90000\r\na=rtcp-fb:{VP8} nack\r\na=rtcp-fb:{VP8} nack pli\r\n\
         a=rtcp-fb:{VP8} ccm fir\r\na=rtcp-fb:{VP8} goog-remb\r\n"
    ));
    if rtx {
        out.push_str(&format!(
            "a=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n"
        ));
    }
}

/// A viewer's offer: the sound and `pictures` picture slots.
#[must_use]
pub fn viewer_offer(credentials: &Credentials, fingerprint: &str, pictures: usize) -> String {
    let mut out = String::new();
    session(&mut out);
    let mids: Vec<String> = (0..=pictures).map(|mid| mid.to_string()).collect();
    out.push_str(&format!(
        "a=group:BUNDLE {}\r\na=msid-semantic: WMS\r\n",
        mids.join(" ")
    ));
    out.push_str(&format!("m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n"));
    transport(&mut out, 0, credentials, fingerprint);
    out.push_str("a=recvonly\r\n");
    audio(&mut out);
    for mid in 1..=pictures {
        out.push_str(&format!("m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}\r\n"));
        transport(&mut out, mid, credentials, fingerprint);
        out.push_str("a=recvonly\r\n");
        video(&mut out, true);
    }
    out
}

/// A publisher's offer: one sound and one picture of these SSRCs.
#[must_use]
pub fn publisher_offer(
    credentials: &Credentials,
    fingerprint: &str,
    audio_ssrc: u32,
    video_ssrc: u32,
) -> String {
    let mut out = String::new();
    session(&mut out);
    out.push_str("a=group:BUNDLE 0 1\r\na=msid-semantic: WMS load\r\n");
    let track = |out: &mut String, ssrc: u32, name: &str| {
        out.push_str(&format!(
            "a=sendonly\r\na=msid:load {name}\r\na=ssrc:{ssrc} cname:load\r\n\
             a=ssrc:{ssrc} msid:load {name}\r\n"
        ));
    };
    out.push_str(&format!("m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n"));
    transport(&mut out, 0, credentials, fingerprint);
    audio(&mut out);
    track(&mut out, audio_ssrc, "sound");
    out.push_str(&format!("m=video 9 UDP/TLS/RTP/SAVPF {VP8}\r\n"));
    transport(&mut out, 1, credentials, fingerprint);
    video(&mut out, false);
    track(&mut out, video_ssrc, "picture");
    out
}

/// Reads an answer.
///
/// # Errors
/// [`ClientError::Answer`] when something that is needed is missing.
pub fn parse_answer(sdp: &str) -> Result<Answer, ClientError> {
    let value = |name: &str| {
        sdp.lines()
            .find_map(|line| line.trim_end().strip_prefix(name))
            .map(str::to_owned)
    };
    let missing = ClientError::Answer;
    let fingerprint = value("a=fingerprint:").ok_or(missing("it has no fingerprint"))?;
    Ok(Answer {
        ufrag: value("a=ice-ufrag:").ok_or(missing("it has no ice-ufrag"))?,
        pwd: value("a=ice-pwd:").ok_or(missing("it has no ice-pwd"))?,
        fingerprint: parse_fingerprint(&fingerprint)
            .ok_or(missing("its fingerprint is no SHA-256"))?,
        we_are_client: value("a=setup:").ok_or(missing("it has no setup"))? != "active",
        address: sdp
            .lines()
            .find_map(candidate)
            .ok_or(missing("it has no candidate for UDP over IPv4"))?,
        media: media(sdp),
    })
}

fn parse_fingerprint(text: &str) -> Option<Vec<u8>> {
    let (hash, digits) = text.split_once(' ')?;
    let bytes: Option<Vec<u8>> = digits
        .trim()
        .split(':')
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    bytes.filter(|bytes| hash.eq_ignore_ascii_case("sha-256") && bytes.len() == 32)
}

fn candidate(line: &str) -> Option<SocketAddrV4> {
    let mut words = line.trim_end().strip_prefix("a=candidate:")?.split(' ');
    let (_, _, transport) = (words.next()?, words.next()?, words.next()?);
    let (_, address, port) = (words.next()?, words.next()?, words.next()?);
    if !transport.eq_ignore_ascii_case("udp") {
        return None;
    }
    Some(SocketAddrV4::new(address.parse().ok()?, port.parse().ok()?))
}

fn media(sdp: &str) -> Vec<(String, Vec<u32>)> {
    let mut media: Vec<(String, Vec<u32>)> = Vec::new();
    for line in sdp.lines().map(str::trim_end) {
        if let Some(rest) = line.strip_prefix("m=") {
            media.push((rest.split(' ').next().unwrap_or("").to_owned(), Vec::new()));
            continue;
        }
        let Some((_, ssrcs)) = media.last_mut() else {
            continue;
        };
        // A stream's own source comes before that of its retransmissions (RFC 5576, RFC 4588).
        let named = line.strip_prefix("a=ssrc-group:FID ").or_else(|| {
            line.strip_prefix("a=ssrc:")
                .and_then(|rest| rest.split(' ').next())
        });
        for ssrc in named
            .unwrap_or("")
            .split(' ')
            .filter_map(|word| word.parse().ok())
        {
            if !ssrcs.contains(&ssrc) {
                ssrcs.push(ssrc);
            }
        }
    }
    media
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\na=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:passive\r\n\
        a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:\
        16:17:18:19:1A:1B:1C:1D:1E:1F\r\na=candidate:1 1 udp 2130706431 127.0.0.1 4433 typ host\r\n\
        a=ssrc:7 cname:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc-group:FID 8 9\r\na=ssrc:9 cname:x\r\na=ssrc:8 cname:x\r\n";

    #[test]
    fn an_answer_is_understood() {
        let answer = parse_answer(ANSWER).expect("parses");
        assert_eq!(answer.address, "127.0.0.1:4433".parse().expect("address"));
        assert_eq!(
            (answer.ufrag.as_str(), answer.we_are_client),
            ("abcd", true)
        );
        assert_eq!(answer.fingerprint, (0..32).collect::<Vec<u8>>());
        assert_eq!(
            answer.media,
            [("audio".into(), vec![7]), ("video".into(), vec![8, 9])]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for gone in ["a=ice-pwd", "a=candidate", "a=fingerprint", "a=setup"] {
            let broken: String = ANSWER
                .split_inclusive("\r\n")
                .filter(|line| !line.starts_with(gone))
                .collect();
            assert!(
                matches!(parse_answer(&broken), Err(ClientError::Answer(_))),
                "{gone}"
            );
        }
    }
}
