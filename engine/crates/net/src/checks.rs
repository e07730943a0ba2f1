//! What a viewer's description must keep to: the caller's fault if it does not.

use crate::command::{IceSpec, Kind, PRIVATE_SLOTS, SlotName, ViewerSpec};
use crate::dtls::Fingerprint;
use crate::error::EngineError;

/// Private slots, program slots and sound.
const MAX_STREAMS: usize = PRIVATE_SLOTS as usize + 4;

/// Lengths of RFC 8839 section 5.4.
pub fn check_ice(ice: &IceSpec) -> Result<(), EngineError> {
    let fits = |text: &str, least: usize| (least..=256).contains(&text.len()) && text.is_ascii();
    // RFC 8839 section 5.4.
    if fits(&ice.local_ufrag, 4)
        && fits(&ice.local_pwd, 22)
        && fits(&ice.remote_ufrag, 4)
        && fits(&ice.remote_pwd, 22)
    {
        return Ok(());
    }
    Err(EngineError::Invalid(
        "ICE credentials: ufrag of 4, pwd of 22 to 256 characters".to_owned(),
    ))
}

/// All of it.
pub fn check_viewer(spec: &ViewerSpec) -> Result<(), EngineError> {
    let invalid = |why: String| Err(EngineError::Invalid(why));
    check_ice(&spec.ice)?;
    if Fingerprint::parse(&spec.remote_fingerprint).is_none() {
        return invalid("remote_fingerprint: sha-256, sha-384 or sha-512 as in SDP".to_owned());
    }
    if spec.streams.is_empty() || spec.streams.len() > MAX_STREAMS {
        return invalid(format!("a viewer has 1 to {MAX_STREAMS} streams"));
    }
    let mut ssrcs: Vec<u32> = spec
        .streams
        .iter()
        .flat_map(|s| std::iter::once(s.ssrc).chain(s.rtx_ssrc))
        .collect();
    let count = ssrcs.len();
    ssrcs.sort_unstable();
    ssrcs.dedup();
    if ssrcs.len() != count {
        return invalid("SSRCs of a viewer must differ".to_owned());
    }
    for (index, stream) in spec.streams.iter().enumerate() {
        let repeated = spec.streams[..index]
            .iter()
            .any(|other| other.slot == stream.slot);
        if repeated {
            return invalid(format!("slot \"{}\" is given twice", stream.slot));
        }
        if (stream.kind == Kind::Audio) != (stream.slot == SlotName::Sound) {
            return invalid(format!(
                "slot \"{}\" does not carry {}",
                stream.slot,
                stream.kind.name()
            ));
        }
        let extensions = [stream.mid_extension, stream.abs_send_time_extension];
        if extensions
            .into_iter()
            .flatten()
            .any(|id| !(1..=14).contains(&id))
        {
            return invalid("header extension ids are 1 to 14".to_owned());
        }
        let types = stream
            .codecs
            .iter()
            .flat_map(|c| std::iter::once(c.payload_type).chain(c.rtx));
        if types.into_iter().any(|pt| pt > 127) {
            return invalid("payload types are 0 to 127".to_owned());
        }
    }
    Ok(())
}
