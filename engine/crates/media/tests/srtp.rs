//! SRTP and SRTCP: published vectors, replay, roll-over, and what must be refused.

mod common;

use common::hex;
use podium_media::rtp::{Header, Packet};
use podium_media::srtp::{
    Contexts, DtlsRole, MasterKey, OpenError, OpenRtcp, OpenRtp, PacketIndex, Payload, Profile,
    SealError, SealRtcp, SealRtp,
};
use proptest::prelude::*;

const CM_KEY: &str = "e1f97a0d3e018be0d64fa32c06de4139";
const CM_SALT: &str = "0ec675ad498afeebb6960b3aabe6";
const GCM_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const GCM_SALT: &str = "a0a1a2a3a4a5a6a7a8a9aaab";
const RTP: &str = "800f1234decafbadcafebabeabababababababababababababababab";
const RTCP: &str = "81c8000bcafebabeabababababababababababababababab";

/// As libsrtp's own test driver has them.
fn published() -> [(MasterKey, &'static str, &'static str); 3] {
    let cm = MasterKey::new(Profile::Aes128CmSha1, &hex(CM_KEY), &hex(CM_SALT)).expect("key");
    let short = [hex(CM_KEY), hex(CM_SALT)].concat();
    let short = MasterKey::inline(Profile::Aes128CmSha1Short, &short).expect("key");
    let gcm = MasterKey::new(Profile::AeadAes128Gcm, &hex(GCM_KEY), &hex(GCM_SALT)).expect("key");
    [
        (
            cm,
            "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
            "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798",
        ),
        // The same with RTP tags cut to 32 bits; RTCP keeps 80 (RFC 4568 section 6.2).
        (
            short,
            "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc",
            "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798",
        ),
        (
            gcm,
            "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
            "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001",
        ),
    ]
}

#[test]
fn seals_and_opens_the_published_rtp_vectors() {
    for (master, sealed, _) in published() {
        let plain = hex(RTP);
        let seal = SealRtp::new(&master).expect("seal");
        let mut out = vec![0; plain.len() + seal.tag_len()];
        out[..12].copy_from_slice(&plain[..12]);
        let index = PacketIndex {
            ssrc: 0xcafe_babe,
            sequence: 0x1234,
        };
        let len = seal
            .seal(index, 12, Payload::plain(&plain[12..]), &mut out)
            .expect("seal");
        assert_eq!(out[..len], hex(sealed), "{:?}", master.profile());

        let mut opened = vec![0; 64];
        let mut open = OpenRtp::new(&master).expect("open");
        let (len, found) = open.open(&hex(sealed), &mut opened).expect("open");
        assert_eq!((&opened[..len], found), (&plain[..], index));
    }
}

#[test]
fn seals_and_opens_the_published_rtcp_vectors() {
    for (master, _, sealed) in published() {
        let plain = hex(RTCP);
        let mut seal = SealRtcp::new(&master).expect("seal");
        let mut buffer = [0; 80];
        // The vectors have index 1.
        for _ in 0..2 {
            buffer[..plain.len()].copy_from_slice(&plain);
            let len = seal.seal(&mut buffer, plain.len()).expect("seal");
            assert_eq!(len, hex(sealed).len());
        }
        assert_eq!(
            buffer[..hex(sealed).len()],
            hex(sealed),
            "{:?}",
            master.profile()
        );

        let mut opened = [0; 80];
        let mut open = OpenRtcp::new(&master).expect("open");
        let len = open.open(&hex(sealed), &mut opened).expect("open");
        assert_eq!(opened[..len], plain);
        assert_eq!(
            open.open(&hex(sealed), &mut opened),
            Err(OpenError::Replayed)
        );
    }
}

/// Both ends of a session over arbitrary exported material.
fn pair(profile: Profile) -> (Contexts, Contexts) {
    let exported: Vec<u8> = (0..profile.keying_material_len() as u8)
        .map(|b| b ^ 0x5a)
        .collect();
    (
        Contexts::from_dtls(profile, &exported, DtlsRole::Client).expect("client"),
        Contexts::from_dtls(profile, &exported, DtlsRole::Server).expect("server"),
    )
}

fn seal(from: &Contexts, ssrc: u32, sequence: u64, payload: Payload<'_>) -> Vec<u8> {
    let header = Header {
        sequence: sequence as u16,
        ssrc,
        payload_type: 96,
        ..Header::default()
    };
    let mut out = vec![0; 1500];
    let at = header
        .write(&mut out, &[], payload.padding != 0)
        .expect("header");
    let index = PacketIndex { ssrc, sequence };
    let len = from
        .seal_rtp
        .seal(index, at, payload, &mut out)
        .expect("seal");
    out.truncate(len);
    out
}

#[test]
fn each_role_opens_what_the_other_seals_and_nothing_else() {
    for profile in Profile::ALL {
        let (mut client, mut server) = pair(profile);
        let mut out = [0; 1500];
        let packet = seal(&client, 7, 1, Payload::plain(b"from the client"));
        assert!(server.open_rtp.open(&packet, &mut out).is_ok());
        let packet = seal(&server, 8, 1, Payload::plain(b"from the server"));
        assert!(client.open_rtp.open(&packet, &mut out).is_ok());
        let own = seal(&client, 9, 1, Payload::plain(b"reflected"));
        assert_eq!(client.open_rtp.open(&own, &mut out), Err(OpenError::Forged));
    }
}

#[test]
fn parts_and_padding_seal_to_the_same_packet_as_one_piece() {
    for profile in Profile::ALL {
        let (client, mut server) = pair(profile);
        let whole = seal(&client, 7, 1, Payload::plain(b"headbody"));
        let parts = seal(
            &client,
            7,
            1,
            Payload {
                head: b"head",
                body: b"body",
                padding: 0,
            },
        );
        assert_eq!(whole, parts);
        let padded = seal(
            &client,
            7,
            2,
            Payload {
                head: b"head",
                body: b"body",
                padding: 9,
            },
        );
        let mut out = [0; 1500];
        let (len, _) = server.open_rtp.open(&padded, &mut out).expect("open");
        let packet = Packet::parse(&out[..len]).expect("parse");
        assert_eq!((packet.payload, packet.padding), (&b"headbody"[..], 9));
    }
}

#[test]
fn follows_the_roll_over_counter_with_reordering_around_it() {
    for profile in Profile::ALL {
        let (client, mut server) = pair(profile);
        let mut out = [0; 1500];
        let order = [
            65_533u64, 65_535, 65_537, 65_534, 65_536, 131_000, 131_073, 131_071,
        ];
        // No step in the order is larger than half the sequence space.
        let order = order.iter().flat_map(|s| {
            if *s == 131_000 {
                vec![90_000, 120_000, 131_000]
            } else {
                vec![*s]
            }
        });
        for sequence in order {
            let packet = seal(&client, 7, sequence, Payload::plain(b"x"));
            let (_, index) = server.open_rtp.open(&packet, &mut out).expect("open");
            assert_eq!(index.sequence, sequence);
            assert_eq!(
                server.open_rtp.open(&packet, &mut out),
                Err(OpenError::Replayed)
            );
        }
    }
}

#[test]
fn state_is_kept_for_authentic_sources_only_and_for_so_many() {
    let (client, mut server) = pair(Profile::AeadAes128Gcm);
    let mut out = [0; 1500];
    for ssrc in 0..1000 {
        let mut forged = seal(&client, ssrc, 1, Payload::plain(b"x"));
        forged[14] ^= 1;
        assert_eq!(
            server.open_rtp.open(&forged, &mut out),
            Err(OpenError::Forged)
        );
    }
    for ssrc in 0..OpenRtp::MAX_SOURCES as u32 {
        let packet = seal(&client, ssrc, 1, Payload::plain(b"x"));
        assert!(server.open_rtp.open(&packet, &mut out).is_ok());
    }
    let packet = seal(&client, 9999, 1, Payload::plain(b"x"));
    assert_eq!(
        server.open_rtp.open(&packet, &mut out),
        Err(OpenError::TooManySources)
    );
}

#[test]
fn clear_rtcp_is_refused() {
    for profile in Profile::ALL {
        let (mut client, mut server) = pair(profile);
        let mut buffer = [0; 80];
        buffer[..24].copy_from_slice(&hex(RTCP));
        let len = client.seal_rtcp.seal(&mut buffer, 24).expect("seal");
        let word = if profile == Profile::Aes128CmSha1 {
            24
        } else {
            len - 4
        };
        buffer[word] &= 0x7f;
        let mut out = [0; 80];
        assert_eq!(
            server.open_rtcp.open(&buffer[..len], &mut out),
            Err(OpenError::Malformed)
        );
    }
}

#[test]
fn small_buffers_and_used_up_keys_are_the_callers_fault() {
    for profile in Profile::ALL {
        let (client, _) = pair(profile);
        let index = PacketIndex {
            ssrc: 1,
            sequence: 0,
        };
        let mut out = vec![0; 12 + 4 + profile.tag_len() - 1];
        let refused = client
            .seal_rtp
            .seal(index, 12, Payload::plain(b"four"), &mut out);
        assert_eq!(refused, Err(SealError::BufferTooSmall));
        let index = PacketIndex {
            ssrc: 1,
            sequence: 1 << 48,
        };
        let refused = client
            .seal_rtp
            .seal(index, 12, Payload::plain(b""), &mut [0; 99]);
        assert_eq!(refused, Err(SealError::Exhausted));
    }
}

proptest! {
    #[test]
    fn any_change_of_a_sealed_packet_is_noticed(
        profile in prop::sample::select(&Profile::ALL[..]),
        body in prop::collection::vec(any::<u8>(), 1..200),
        place in any::<prop::sample::Index>(),
        bit in 0..8u32,
    ) {
        let (client, mut server) = pair(profile);
        let packet = seal(&client, 7, 3, Payload::plain(&body));
        let mut changed = packet.clone();
        *place.get_mut(&mut changed) ^= 1 << bit;
        let mut out = [0; 1500];
        prop_assert!(server.open_rtp.open(&changed, &mut out).is_err());
        let (len, _) = server.open_rtp.open(&packet, &mut out).expect("open");
        prop_assert_eq!(&out[12..len], &body[..]);
    }

    #[test]
    fn any_change_of_a_sealed_compound_is_noticed(
        profile in prop::sample::select(&Profile::ALL[..]),
        place in any::<prop::sample::Index>(),
        bit in 0..8u32,
    ) {
        let (mut client, mut server) = pair(profile);
        let mut buffer = [0; 80];
        buffer[..24].copy_from_slice(&hex(RTCP));
        let len = client.seal_rtcp.seal(&mut buffer, 24).expect("seal");
        let mut changed = buffer[..len].to_vec();
        *place.get_mut(&mut changed) ^= 1 << bit;
        let mut out = [0; 80];
        prop_assert!(server.open_rtcp.open(&changed, &mut out).is_err());
        prop_assert_eq!(server.open_rtcp.open(&buffer[..len], &mut out), Ok(24));
    }
}
