//! STUN: the vectors of RFC 5769, and both sides of a connectivity check.

mod common;

use std::net::SocketAddr;

use common::hex;
use podium_media::stun::{
    BindingRequest, Class, ErrorCode, Message, ParseError, TransactionId, write_binding_request,
    write_error, write_success,
};

const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69\
    656e74002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa7\
    0cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
const RESPONSE_V4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f72\
    20002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
const RESPONSE_V6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f72\
    20002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3\
    ed4180280004c8fb0b4c";

#[test]
fn reads_the_request_of_rfc_5769() {
    let data = hex(REQUEST);
    let message = Message::parse(&data).expect("message");
    assert_eq!(message.class, Class::Request);
    assert_eq!(
        message.transaction,
        TransactionId(*hex("b7e7a701bc34d686fa87dfae").first_chunk().expect("12"))
    );
    assert_eq!(message.ufrags(), Some((&b"evtj"[..], &b"h6vY"[..])));
    assert_eq!(message.priority, Some(0x6e00_01ff));
    assert_eq!(message.controlled, Some(0x932f_f9b1_5126_3b36));
    assert!(message.fingerprint && !message.use_candidate);
    assert!(message.verify(PASSWORD));
    assert!(!message.verify(b"another"));
}

#[test]
fn reads_the_responses_of_rfc_5769() {
    for (data, address) in [
        (RESPONSE_V4, "192.0.2.1:32853"),
        (RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let data = hex(data);
        let message = Message::parse(&data).expect("message");
        assert_eq!(message.class, Class::Success);
        assert_eq!(message.mapped, address.parse::<SocketAddr>().ok());
        assert!(message.verify(PASSWORD));
    }
}

fn request(out: &mut [u8]) -> usize {
    let request = BindingRequest {
        transaction: TransactionId([7; 12]),
        username: "server:client",
        password: PASSWORD,
        priority: 1_853_824_767,
        use_candidate: true,
        controlling: true,
        tie_breaker: 42,
    };
    write_binding_request(&request, out).expect("room")
}

#[test]
fn a_check_is_written_and_answered() {
    let mut out = [0; 548];
    let len = request(&mut out);
    let check = Message::parse(&out[..len]).expect("check");
    assert_eq!(check.class, Class::Request);
    assert_eq!(check.ufrags(), Some((&b"server"[..], &b"client"[..])));
    assert_eq!((check.controlling, check.controlled), (Some(42), None));
    assert!(check.use_candidate && check.fingerprint && check.verify(PASSWORD));

    for address in ["198.51.100.7:50000", "[2001:db8::1]:9"] {
        let address: SocketAddr = address.parse().expect("address");
        let mut answer = [0; 92];
        let len = write_success(check.transaction, address, PASSWORD, &mut answer).expect("room");
        let answer = Message::parse(&answer[..len]).expect("answer");
        assert_eq!(
            (answer.class, answer.mapped),
            (Class::Success, Some(address))
        );
        assert_eq!(answer.transaction, check.transaction);
        assert!(answer.verify(PASSWORD) && answer.fingerprint);
    }
}

#[test]
fn errors_carry_their_code_and_integrity_only_where_allowed() {
    let id = TransactionId([9; 12]);
    for (code, number, password) in [
        (ErrorCode::BadRequest, 400, None),
        (ErrorCode::Unauthenticated, 401, None),
        (ErrorCode::UnknownAttribute(0x7777), 420, None),
        (ErrorCode::RoleConflict, 487, Some(PASSWORD)),
    ] {
        let mut out = [0; 200];
        let len = write_error(id, code, password, &mut out).expect("room");
        let message = Message::parse(&out[..len]).expect("message");
        assert_eq!((message.class, message.error), (Class::Error, Some(number)));
        assert_eq!(message.verify(PASSWORD), password.is_some());
    }
}

#[test]
fn every_changed_bit_of_a_check_is_noticed() {
    let mut out = [0; 548];
    let len = request(&mut out);
    for at in 0..len {
        for bit in 0..8 {
            let mut changed = out[..len].to_vec();
            changed[at] ^= 1 << bit;
            let believed =
                Message::parse(&changed).is_ok_and(|m| m.fingerprint && m.verify(PASSWORD));
            assert!(!believed, "byte {at} bit {bit}");
        }
    }
}

#[test]
fn refuses_what_is_not_a_binding_message() {
    let good = hex(REQUEST);
    let mut other_method = good.clone();
    other_method[1] = 3;
    assert_eq!(
        Message::parse(&other_method).err(),
        Some(ParseError::Method)
    );
    let mut other_cookie = good.clone();
    other_cookie[4] ^= 1;
    assert_eq!(
        Message::parse(&other_cookie).err(),
        Some(ParseError::Malformed)
    );
    assert_eq!(
        Message::parse(&good[..good.len() - 4]).err(),
        Some(ParseError::Malformed)
    );
    let unknown = hex("000100042112a44200000000000000000000000077770000");
    assert_eq!(
        Message::parse(&unknown).err(),
        Some(ParseError::UnknownRequired(0x7777))
    );
    let optional = hex("000100042112a442000000000000000000000000f7770000");
    assert!(Message::parse(&optional).is_ok());
}

#[test]
fn what_follows_the_integrity_is_not_believed() {
    // USE-CANDIDATE put behind MESSAGE-INTEGRITY, which does not cover it.
    let mut out = [0; 548];
    let request = BindingRequest {
        transaction: TransactionId([7; 12]),
        username: "a:b",
        password: PASSWORD,
        priority: 1,
        use_candidate: false,
        controlling: true,
        tie_breaker: 1,
    };
    let len = write_binding_request(&request, &mut out).expect("room") - 8;
    out[len..len + 4].copy_from_slice(&[0x00, 0x25, 0, 0]);
    let total = len + 4;
    out[2..4].copy_from_slice(&((total - 20) as u16).to_be_bytes());
    let message = Message::parse(&out[..total]).expect("message");
    assert!(message.verify(PASSWORD) && !message.use_candidate);
}

#[test]
fn a_small_buffer_is_the_callers_fault() {
    let mut out = [0; 548];
    let len = request(&mut out);
    let id = TransactionId([1; 12]);
    for short in 0..len {
        let mut small = vec![0; short];
        assert!(
            write_error(id, ErrorCode::RoleConflict, Some(PASSWORD), &mut small).is_err()
                || short > 60
        );
    }
}
