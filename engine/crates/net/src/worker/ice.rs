//! The viewers' ICE: lite (RFC 8445 section 2.5), which answers checks and asks none.

use std::net::SocketAddr;

use podium_media::stun::{
    Class, ErrorCode, Message, ParseError, TransactionId, write_error, write_success,
};

use crate::command::IceSpec;

/// Longest answer.
pub const ANSWER: usize = 256;

/// Credentials: the present ones and, during a restart, the former.
#[derive(Debug)]
pub struct Ice {
    current: IceSpec,
    former: Option<IceSpec>,
}

/// What to make of a STUN message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Authentic request; the answer is written, with that length.
    Accepted {
        /// Bytes of answer.
        answer: usize,
        /// The peer nominates this pair.
        nominated: bool,
    },
    /// Answer with this error, if it has any length.
    Refused(usize),
}

impl Ice {
    /// From the answer that the caller wrote.
    pub fn new(spec: IceSpec) -> Self {
        Self {
            current: spec,
            former: None,
        }
    }

    /// Our fragments, to be released when the session ends.
    pub fn fragments(&self) -> impl Iterator<Item = &str> {
        let former = self.former.as_ref().map(|f| f.local_ufrag.as_str());
        std::iter::once(self.current.local_ufrag.as_str()).chain(former)
    }

    /// New credentials. The former ones hold until the new are used. Returns the fragment that is
    /// no longer ours.
    pub fn restart(&mut self, spec: IceSpec) -> Option<String> {
        let before = std::mem::replace(&mut self.current, spec);
        self.former.replace(before).map(|gone| gone.local_ufrag)
    }

    /// Judges a request and writes the answer into `out`, of [`ANSWER`] bytes. The second part is
    /// a fragment that is no longer ours.
    pub fn request(
        &mut self,
        data: &[u8],
        source: SocketAddr,
        out: &mut [u8],
    ) -> (Verdict, Option<String>) {
        let message = match Message::parse(data) {
            Ok(message) => message,
            Err(error) => return (Verdict::Refused(unknown_attribute(data, error, out)), None),
        };
        if message.class != Class::Request {
            return (Verdict::Refused(0), None);
        }
        let refuse = |code, password: Option<&[u8]>, out: &mut [u8]| {
            Verdict::Refused(write_error(message.transaction, code, password, out).unwrap_or(0))
        };
        let Some((ours, theirs)) = message.ufrags() else {
            return (refuse(ErrorCode::BadRequest, None, out), None);
        };
        let fits = |spec: &IceSpec| {
            spec.local_ufrag.as_bytes() == ours && spec.remote_ufrag.as_bytes() == theirs
        };
        let present = fits(&self.current);
        let spec = match (present, self.former.as_ref().filter(|former| fits(former))) {
            (true, _) => &self.current,
            (false, Some(former)) => former,
            (false, None) => return (refuse(ErrorCode::Unauthenticated, None, out), None),
        };
        let password = spec.local_pwd.as_bytes();
        if !message.verify(password) {
            return (refuse(ErrorCode::Unauthenticated, None, out), None);
        }
        if message.controlled.is_some() {
            return (refuse(ErrorCode::RoleConflict, Some(password), out), None);
        }
        let written = write_success(message.transaction, source, password, out);
        let verdict = Verdict::Accepted {
            answer: written.unwrap_or(0),
            nominated: message.use_candidate,
        };
        let gone = match present {
            true => self.former.take().map(|former| former.local_ufrag),
            false => None,
        };
        (verdict, gone)
    }
}

/// RFC 8489 section 6.3.1: requests with unknown required attributes are answered with 420.
fn unknown_attribute(data: &[u8], error: ParseError, out: &mut [u8]) -> usize {
    let ParseError::UnknownRequired(kind) = error else {
        return 0;
    };
    let is_request = data.first_chunk() == Some(&[0, 1]);
    match data.get(8..20).and_then(<[u8]>::first_chunk) {
        Some(id) if is_request => {
            let code = ErrorCode::UnknownAttribute(kind);
            write_error(TransactionId(*id), code, None, out).unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium_media::stun::{BindingRequest, write_binding_request};

    fn spec(name: &str) -> IceSpec {
        IceSpec {
            local_ufrag: format!("L{name}"),
            local_pwd: format!("local-password-of-{name}"),
            remote_ufrag: format!("R{name}"),
            remote_pwd: format!("remote-password-of-{name}"),
        }
    }

    fn ask(ice: &mut Ice, name: &str, password: &str) -> (Verdict, Option<String>) {
        let mut data = [0; 512];
        let username = format!("L{name}:R{name}");
        let request = BindingRequest {
            transaction: TransactionId([7; 12]),
            username: &username,
            password: password.as_bytes(),
            priority: 1,
            use_candidate: true,
            controlling: true,
            tie_breaker: 9,
        };
        let length = write_binding_request(&request, &mut data).expect("request");
        let source = "127.0.0.1:5000".parse().expect("address");
        let mut out = [0; ANSWER];
        let (verdict, gone) = ice.request(&data[..length], source, &mut out);
        if let Verdict::Accepted { answer, .. } = verdict {
            let reply = Message::parse(&out[..answer]).expect("reply");
            assert_eq!(reply.class, Class::Success);
            assert_eq!(reply.mapped, Some(source));
            assert!(reply.verify(password.as_bytes()));
        }
        (verdict, gone)
    }

    #[test]
    fn only_the_right_password_is_accepted() {
        let mut ice = Ice::new(spec("a"));
        let good = ask(&mut ice, "a", "local-password-of-a");
        assert!(matches!(
            good.0,
            Verdict::Accepted {
                nominated: true,
                ..
            }
        ));
        assert!(matches!(ask(&mut ice, "a", "wrong").0, Verdict::Refused(length) if length > 0));
        assert!(matches!(ask(&mut ice, "b", "x").0, Verdict::Refused(_)));
    }

    #[test]
    fn a_restart_keeps_the_former_credentials_until_the_new_are_used() {
        let mut ice = Ice::new(spec("a"));
        assert_eq!(ice.restart(spec("b")), None);
        assert!(matches!(
            ask(&mut ice, "a", "local-password-of-a").0,
            Verdict::Accepted { .. }
        ));
        let (verdict, gone) = ask(&mut ice, "b", "local-password-of-b");
        assert!(matches!(verdict, Verdict::Accepted { .. }));
        assert_eq!(gone.as_deref(), Some("La"));
        assert!(matches!(
            ask(&mut ice, "a", "local-password-of-a").0,
            Verdict::Refused(_)
        ));
    }

    #[test]
    fn garbage_is_not_answered() {
        let mut ice = Ice::new(spec("a"));
        let source = "127.0.0.1:5000".parse().expect("address");
        let (verdict, _) = ice.request(&[0; 40], source, &mut [0; ANSWER]);
        assert_eq!(verdict, Verdict::Refused(0));
    }
}
