//! What a stranger can send to a leg, as a fuzz target feeds it.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use podium_media::srtp::Profile;
use podium_media::time::Ntp;
use podium_sound::Codec;

use crate::command::{LegSpec, SrtpSpec};
use crate::phones::leg::Leg;
use crate::phones::port::Sockets;

/// Feeds datagrams to a leg: the first byte says how it is agreed, then each has a byte of where
/// it comes from, a byte of length, and its bytes.
pub fn leg(input: &[u8]) {
    let Some((kind, mut rest)) = input.split_first() else {
        return;
    };
    let bind = || UdpSocket::bind(("127.0.0.1", 0));
    let (Ok(rtp), Ok(rtcp)) = (bind(), bind()) else {
        return;
    };
    let mut now = Instant::now();
    let Ok(address) = rtp.local_addr() else {
        return;
    };
    let sockets = Sockets { rtp, rtcp, address };
    let mut leg = Leg::new(1, sockets, now);
    let codecs = [Codec::Pcma, Codec::Pcmu, Codec::G722, Codec::Opus];
    let agree = |port: u16| LegSpec {
        remote: SocketAddr::from(([127, 0, 0, 1], port)),
        rtcp_port: (kind & 4 != 0).then_some(9),
        codec: codecs[usize::from(kind & 3)],
        payload_type: kind & 3,
        events_payload_type: Some(101),
        ptime: 20,
        sends: true,
        receives: true,
        srtp: (kind & 8 != 0).then(|| SrtpSpec {
            profile: Profile::Aes128CmSha1Short,
            local: vec![1; 30],
            remote: vec![2; 30],
        }),
    };
    leg.agree(agree(9), now);
    leg.go_live(Some((1, codecs[usize::from(kind & 3)])));
    while let [place, length, data @ ..] = rest {
        let (data, after) = data.split_at(data.len().min(usize::from(*length)));
        rest = after;
        now += Duration::from_millis(u64::from(*place) * 20);
        let source = SocketAddr::from(([127, 0, 0, 1], 1 + u16::from(place & 3)));
        let moment = (now, Ntp::from_unix(Duration::from_secs(1)));
        match place >> 5 {
            0 => drop(leg.receive_rtcp(data, source, moment)),
            1 => leg.agree(agree(1 + u16::from(*length)), now),
            2 => drop(leg.look_after(now, moment.1, u64::from(*place))),
            _ => drop(leg.receive(data, source, moment, &mut false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn no_datagram_does_harm(
            kind in any::<u8>(),
            datagrams in prop::collection::vec(
                (any::<u8>(), any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)),
                0..40,
            ),
        ) {
            let mut input = vec![kind];
            for (place, version, rtcp, mut data) in datagrams {
                // Most begin like RTP, so that more than the first check is reached.
                if let [first, second, ..] = &mut data[..] && version {
                    *first = 0x80;
                    *second = if rtcp { 200 + (*second & 3) } else { [kind & 3, 101, 13][usize::from(*second % 3)] };
                }
                input.extend([place, u8::try_from(data.len()).unwrap_or(0)]);
                input.extend(data);
            }
            super::leg(&input);
        }
    }
}
