//! What a publisher's offer must look like before the WebRTC library sees it.
//!
//! The checks give the peer an error in plain words; the library's own would name its parser.

use crate::error::OfferError;

/// Longest accepted offer in bytes; a browser's with simulcast has about 8,000.
const MAX_BYTES: usize = 64 * 1024;
/// Most accepted lines.
const MAX_LINES: usize = 2_000;
/// Longest accepted line in bytes.
const MAX_LINE: usize = 4_096;
/// Most simulcast layers of a picture.
pub const MAX_LAYERS: usize = 3;

fn refuse<T>(why: impl Into<String>) -> Result<T, OfferError> {
    Err(OfferError(why.into()))
}

#[derive(Default)]
struct Media {
    kind: String,
    disabled: bool,
    sends: bool,
    layers: usize,
}

/// An offer that may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// With every direction made send-only.
    pub text: String,
    /// Names of the simulcast layers, the smallest picture first.
    pub layers: Vec<String>,
}

/// Orders simulcast layers by their names: quarter, half, full; low, mid, high; numbers; else as
/// they were listed.
fn rank(names: &mut [String]) {
    let scales: [&[&str]; 3] = [&["q", "h", "f"], &["l", "m", "h"], &["low", "mid", "high"]];
    for scale in scales {
        let place = |name: &String| scale.iter().position(|s| s == name);
        if names.iter().all(|name| place(name).is_some()) {
            return names.sort_by_key(place);
        }
    }
    let number = |name: &String| {
        name.trim_start_matches(char::is_alphabetic)
            .parse::<u32>()
            .ok()
    };
    if names.iter().all(|name| number(name).is_some()) {
        names.sort_by_key(number);
    }
}

/// Checks the offer and returns it with every direction made send-only: the engine never sends
/// to a publisher, so a client that offers to receive as well is told "recvonly" in the answer.
pub fn check(offer: &str) -> Result<Checked, OfferError> {
    if offer.len() > MAX_BYTES {
        return refuse(format!("the offer is longer than {MAX_BYTES} bytes"));
    }
    if !offer.trim_start().starts_with("v=0") {
        return refuse("the offer is not SDP: it must begin with \"v=0\"");
    }
    let mut media: Vec<Media> = Vec::new();
    let mut layers = Vec::new();
    let (mut fingerprint, mut fragment) = (false, false);
    let mut clean = String::with_capacity(offer.len() + 64);
    for (number, line) in offer.lines().enumerate() {
        if number >= MAX_LINES {
            return refuse(format!("the offer has more than {MAX_LINES} lines"));
        }
        if line.len() > MAX_LINE {
            return refuse(format!("line {} of the offer is too long", number + 1));
        }
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let line = match line {
            "a=sendrecv" => "a=sendonly",
            other => other,
        };
        fingerprint |= line.starts_with("a=fingerprint:");
        fragment |= line.starts_with("a=ice-ufrag:");
        if let Some(rest) = line.strip_prefix("m=") {
            media.push(read_media(rest)?);
        } else if let Some(current) = media.last_mut() {
            match line {
                "a=recvonly" | "a=inactive" => current.sends = false,
                _ => {
                    if let Some(name) = layer_name(line) {
                        layers.push(name.to_owned());
                        current.layers += 1;
                    }
                }
            }
        }
        clean.push_str(line);
        clean.push_str("\r\n");
    }
    check_media(&media)?;
    if !fingerprint {
        return refuse("the offer has no DTLS fingerprint: media must be encrypted");
    }
    if !fragment {
        return refuse("the offer has no ICE credentials");
    }
    rank(&mut layers);
    Ok(Checked {
        text: clean,
        layers,
    })
}

fn layer_name(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("a=rid:")?.split_once(' ')?;
    rest.starts_with("send").then_some(name)
}

fn read_media(rest: &str) -> Result<Media, OfferError> {
    let mut fields = rest.split(' ');
    let kind = fields.next().unwrap_or_default().to_owned();
    let port = fields.next().unwrap_or_default();
    let protocol = fields.next().unwrap_or_default();
    if !matches!(kind.as_str(), "audio" | "video") {
        return refuse(format!(
            "\"m={kind}\" cannot be taken: offer audio and video only"
        ));
    }
    if protocol != "UDP/TLS/RTP/SAVPF" {
        return refuse(format!(
            "media must be offered as UDP/TLS/RTP/SAVPF, not \"{protocol}\""
        ));
    }
    Ok(Media {
        kind,
        disabled: port == "0",
        sends: true,
        layers: 0,
    })
}

fn check_media(media: &[Media]) -> Result<(), OfferError> {
    for kind in ["audio", "video"] {
        if media
            .iter()
            .filter(|m| m.kind == kind && !m.disabled)
            .count()
            > 1
        {
            return refuse(format!("the offer has more than one {kind} stream"));
        }
    }
    if media.len() > 8 {
        return refuse("the offer has more than 8 media descriptions");
    }
    if media.iter().any(|m| m.layers > MAX_LAYERS) {
        return refuse(format!(
            "the picture has more than {MAX_LAYERS} simulcast layers"
        ));
    }
    if !media.iter().any(|m| m.sends && !m.disabled) {
        return refuse("the offer sends neither audio nor video");
    }
    Ok(())
}

/// Checks that the answer takes what was offered: a stream without a common codec is refused
/// with a list of what would do.
pub fn check_answer(answer: &str) -> Result<(), OfferError> {
    let mut accepted = false;
    for line in answer.lines().filter(|l| l.starts_with("m=")) {
        accepted |= line.split(' ').nth(1).is_some_and(|port| port != "0");
    }
    if accepted {
        return Ok(());
    }
    refuse("no common codec: send Opus sound and VP8, H264 (baseline), VP9 or AV1 pictures")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
        a=fingerprint:sha-256 AA\r\na=ice-ufrag:abcd\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendrecv\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\na=rid:h send\r\na=rid:l send\r\n";

    fn why(offer: &str) -> String {
        check(offer).expect_err("must be refused").0
    }

    #[test]
    fn a_good_offer_passes_and_is_send_only() {
        let checked = check(OFFER).expect("good");
        assert!(!checked.text.contains("sendrecv"));
        assert_eq!(checked.text.matches("a=sendonly").count(), 2);
        assert_eq!(checked.layers, ["l", "h"]);
        assert_eq!(check(&OFFER.replace("\r\n", "\n")).expect("good"), checked);
    }

    #[test]
    fn layers_are_ordered_from_small_to_large() {
        let ranked = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
            rank(&mut names);
            names.join(" ")
        };
        assert_eq!(ranked(&["f", "h", "q"]), "q h f");
        assert_eq!(ranked(&["h", "m", "l"]), "l m h");
        assert_eq!(ranked(&["h", "l"]), "l h");
        assert_eq!(ranked(&["r2", "r1", "r0"]), "r0 r1 r2");
        assert_eq!(ranked(&["small", "big"]), "small big");
    }

    #[test]
    fn every_refusal_has_its_words() {
        assert!(why("").contains("not SDP"));
        assert!(why("{\"sdp\": 1}").contains("not SDP"));
        assert!(why(&format!("v=0\r\n{}", "a=x\r\n".repeat(MAX_BYTES))).contains("longer than"));
        assert!(why(&format!("v=0\r\n{}", "a\r\n".repeat(MAX_LINES))).contains("lines"));
        assert!(why(&format!("v=0\r\na={}", "x".repeat(MAX_LINE))).contains("line 2"));
        assert!(why(&OFFER.replace("a=fingerprint:sha-256 AA\r\n", "")).contains("fingerprint"));
        assert!(why(&OFFER.replace("a=ice-ufrag:abcd\r\n", "")).contains("ICE"));
        assert!(why(&OFFER.replace("SAVPF", "AVP")).contains("SAVPF"));
        assert!(why(&OFFER.replace("m=video", "m=application")).contains("application"));
        assert!(why(&OFFER.replace("m=audio", "m=video")).contains("more than one video"));
        assert!(
            why(&OFFER
                .replace("send", "recv")
                .replace("recvrecv", "recvonly"))
            .contains("neither")
        );
        assert!(why(&format!("{OFFER}{}", "a=rid:x send\r\n".repeat(3))).contains("layers"));
    }

    #[test]
    fn an_answer_without_any_stream_is_refused() {
        assert!(check_answer("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n").is_ok());
        assert!(check_answer("v=0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n").is_err());
    }
}
