//! Headers of a UDP datagram over IPv4 (RFC 791, RFC 768), for a socket that leaves them to us.

use std::net::SocketAddrV4;

const IP: usize = 20;
/// Bytes in front of the payload.
pub const HEADERS: usize = IP + 8;
const UDP: u8 = 17;
/// RFC 6864: a datagram that is never cut up needs no identification.
const DONT_FRAGMENT: u16 = 0x4000;
const TIME_TO_LIVE: u8 = 64;

/// Writes the headers in front of the payload that begins at [`HEADERS`]; false if `datagram` is
/// too short or too long for them. The IP checksum is left to the system, which always writes it.
pub fn write_headers(datagram: &mut [u8], from: SocketAddrV4, to: SocketAddrV4) -> bool {
    let Ok(total) = u16::try_from(datagram.len()) else {
        return false;
    };
    let Some((headers, payload)) = datagram.split_first_chunk_mut::<HEADERS>() else {
        return false;
    };
    let length = total - IP as u16;
    *headers = [0; HEADERS];
    headers[0] = 0x45;
    headers[2..4].copy_from_slice(&total.to_be_bytes());
    headers[6..8].copy_from_slice(&DONT_FRAGMENT.to_be_bytes());
    headers[8] = TIME_TO_LIVE;
    headers[9] = UDP;
    headers[12..16].copy_from_slice(&from.ip().octets());
    headers[16..20].copy_from_slice(&to.ip().octets());
    headers[20..22].copy_from_slice(&from.port().to_be_bytes());
    headers[22..24].copy_from_slice(&to.port().to_be_bytes());
    headers[24..26].copy_from_slice(&length.to_be_bytes());
    // The pseudo header: addresses, protocol and length; then the UDP header and the payload.
    let pseudo = u64::from(UDP) + u64::from(length);
    let sum = pseudo + sum(&headers[12..HEADERS]) + sum(payload);
    headers[26..28].copy_from_slice(&complement(sum).to_be_bytes());
    true
}

/// Of 16-bit words, an odd last byte padded with zero.
fn sum(data: &[u8]) -> u64 {
    let words = data.chunks_exact(2);
    let odd = words
        .remainder()
        .first()
        .map_or(0, |last| u64::from(*last) << 8);
    odd + words
        .map(|word| u64::from(u16::from_be_bytes([word[0], word[1]])))
        .sum::<u64>()
}

/// Ones' complement of the folded sum; zero is sent as all ones, since it means "no checksum".
fn complement(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    match !(sum as u16) {
        0 => 0xffff,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const FROM: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 10_000);
    const TO: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 7), 4_000);

    fn datagram(payload: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0xff; HEADERS];
        datagram.extend_from_slice(payload);
        assert!(write_headers(&mut datagram, FROM, TO));
        datagram
    }

    /// As a receiver checks: everything with the checksum sums up to all ones.
    fn is_right(datagram: &[u8]) -> bool {
        let length = (datagram.len() - IP) as u64;
        let mut total = sum(&datagram[12..]) + u64::from(UDP) + length;
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        total == 0xffff
    }

    #[test]
    fn receivers_find_the_checksum_right() {
        for payload in [&b""[..], b"a", b"ab", &[0xff; 173], &[0; 1_400]] {
            let datagram = datagram(payload);
            assert!(is_right(&datagram), "{payload:?}");
            let mut wrong = datagram;
            wrong[23] ^= 1;
            assert!(!is_right(&wrong), "{payload:?}");
        }
    }

    #[test]
    fn fields_stand_where_they_belong() {
        let datagram = datagram(b"abcd");
        assert_eq!(datagram[..4], [0x45, 0, 0, 32]);
        assert_eq!(datagram[4..12], [0, 0, 0x40, 0, 64, 17, 0, 0]);
        assert_eq!(datagram[12..20], [192, 0, 2, 1, 198, 51, 100, 7]);
        assert_eq!(datagram[20..26], [0x27, 0x10, 0x0f, 0xa0, 0, 12]);
        assert_eq!(&datagram[HEADERS..], b"abcd");
    }

    #[test]
    fn a_checksum_of_zero_is_sent_as_all_ones() {
        // A payload word that is the checksum of the rest makes the sum all ones.
        let rest = datagram(&[0, 0]);
        let payload = [rest[26], rest[27]];
        assert_eq!(datagram(&payload)[26..28], [0xff, 0xff]);
    }

    #[test]
    fn what_no_datagram_can_hold_is_refused() {
        assert!(!write_headers(&mut [0; HEADERS - 1], FROM, TO));
        assert!(!write_headers(&mut vec![0; 70_000], FROM, TO));
    }
}
