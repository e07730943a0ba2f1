//! What a datagram is, by its first bytes (RFC 7983 section 7, RFC 5761 section 4).

/// Kind of datagram on the one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Datagram {
    /// STUN message.
    Stun,
    /// DTLS record.
    Dtls,
    /// RTP packet, presumably sealed.
    Rtp,
    /// RTCP compound, presumably sealed.
    Rtcp,
    /// Anything else: to be dropped.
    Unknown,
}

/// Classifies a datagram; looks at no more than its first two bytes and its length.
#[must_use]
pub fn classify(data: &[u8]) -> Datagram {
    match (data, data.len()) {
        ([0..=3, ..], 20..) => Datagram::Stun,
        ([20..=63, ..], 13..) => Datagram::Dtls,
        // RTCP packet types 192 to 223 are RTP payload types 64 to 95 with a marker.
        ([128..=191, 192..=223, ..], 8..) => Datagram::Rtcp,
        ([128..=191, _, ..], 12..) => Datagram::Rtp,
        _ => Datagram::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_first_bytes_and_least_length() {
        let with = |first: u8, second: u8, len: usize| {
            let mut data = vec![0; len];
            data[0] = first;
            data[1] = second;
            classify(&data)
        };
        assert_eq!(with(0, 1, 20), Datagram::Stun);
        assert_eq!(with(0, 1, 19), Datagram::Unknown);
        assert_eq!(with(22, 254, 13), Datagram::Dtls);
        assert_eq!(with(0x80, 200, 8), Datagram::Rtcp);
        assert_eq!(with(0x81, 206, 12), Datagram::Rtcp);
        assert_eq!(with(0x80, 96, 12), Datagram::Rtp);
        assert_eq!(with(0x90, 0x80 | 96, 12), Datagram::Rtp);
        assert_eq!(with(0x80, 96, 11), Datagram::Unknown);
        assert_eq!(with(70, 0, 40), Datagram::Unknown);
        assert_eq!(with(200, 0, 40), Datagram::Unknown);
        assert_eq!(classify(&[]), Datagram::Unknown);
    }
}
