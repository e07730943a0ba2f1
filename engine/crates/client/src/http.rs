//! WHIP and WHEP over HTTP (RFC 9725): an offer goes, an answer and a session's address come.

use crate::ClientError;

/// Longest wait for an answer, seconds.
const TIMEOUT: u64 = 30;

/// Longest piece of an error's body that is shown, bytes.
const SHOWN: usize = 300;

/// What the server made of an offer.
#[derive(Debug, Clone)]
pub struct Session {
    /// SDP answer.
    pub answer: String,
    /// Absolute URL of the session.
    pub location: String,
}

/// Posts an offer to `{base}{path}`.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub fn offer(base: &str, path: &str, token: &str, sdp: &str) -> Result<Session, ClientError> {
    let url = format!("{base}{path}");
    let response = minreq::post(&url)
        .with_header("Content-Type", "application/sdp")
        .with_header("Authorization", format!("Bearer {token}"))
        .with_timeout(TIMEOUT)
        .with_body(sdp)
        .send()
        .map_err(|error| ClientError::Unreachable {
            url: url.clone(),
            reason: error.to_string(),
        })?;
    let body = response.as_str().unwrap_or("").to_owned();
    if response.status_code != 201 {
        let body = body.chars().take(SHOWN).collect();
        return Err(ClientError::Refused {
            url,
            status: response.status_code,
            body,
        });
    }
    let location = response
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("location"))
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    let location = if location.starts_with('/') {
        format!("{base}{location}")
    } else {
        location
    };
    Ok(Session {
        answer: body,
        location,
    })
}

/// Ends a session.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub fn end(location: &str, token: &str) -> Result<(), ClientError> {
    let response = minreq::delete(location)
        .with_header("Authorization", format!("Bearer {token}"))
        .with_timeout(TIMEOUT)
        .send()
        .map_err(|error| ClientError::Unreachable {
            url: location.to_owned(),
            reason: error.to_string(),
        })?;
    if !(200..300).contains(&response.status_code) {
        return Err(ClientError::Refused {
            url: location.to_owned(),
            status: response.status_code,
            body: String::new(),
        });
    }
    Ok(())
}
