//! The packet as it leaves, and what its receiver makes of it.

mod common;

use common::{Camera, Stage};
use podium_media::codec::Codec;
use podium_media::egress::{HeaderExtensions, padding, write_packet};
use podium_media::frame::SlotId;
use podium_media::rtp::Packet;
use podium_media::srtp::{Contexts, DtlsRole, Profile, SealError};
use podium_media::viewer::{PayloadType, PayloadTypes, StreamConfig, Take, ViewerStream};

#[test]
fn a_run_is_padded_to_equal_segments_that_open_to_the_same_packets() {
    for profile in Profile::ALL {
        let exported = vec![3; profile.keying_material_len()];
        let ours = Contexts::from_dtls(profile, &exported, DtlsRole::Server).expect("keys");
        let mut theirs = Contexts::from_dtls(profile, &exported, DtlsRole::Client).expect("keys");
        let extensions = HeaderExtensions::default()
            .with_abs_send_time(2)
            .with_mid(4, "video0");
        let mut stream = ViewerStream::new(StreamConfig {
            ssrc: 9,
            rtx_ssrc: None,
            payload_types: PayloadTypes::default().with(
                Codec::Vp8,
                PayloadType {
                    media: 96,
                    rtx: None,
                },
            ),
            first_sequence: 1,
            first_rtx_sequence: 1,
            max_layer: 0,
        });
        stream.watch(Some(SlotId(1)));
        let (mut stage, mut camera) = (Stage::new(1), Camera::new(1, 1));
        stage.switch(Some(1));
        stage.show(&mut camera, true, 6);
        let frame = stage.take().remove(0);
        let Take::Send(run) = stream.take(&frame) else {
            panic!("sent")
        };
        let segment = extensions.header_len() + frame.longest() + profile.tag_len();
        let mut buffer = vec![0; 6 * segment];
        for (packet, out) in run.packets(&frame).zip(buffer.chunks_mut(segment)) {
            let pad = padding(packet.payload(0).len(), frame.longest()).expect("little");
            let len = write_packet(&packet, &extensions, [1, 2, 3], pad, &ours.seal_rtp, out);
            assert_eq!(len, Ok(segment));
        }
        for (sealed, sent) in buffer.chunks(segment).zip(frame.packets()) {
            let mut out = [0; 1500];
            let (len, _) = theirs.open_rtp.open(sealed, &mut out).expect("open");
            let packet = Packet::parse(&out[..len]).expect("packet");
            assert_eq!(packet.payload, sent.payload);
            assert_eq!(packet.header.marker, sent.marker);
            assert_eq!(packet.extensions.get(2), Some(&[1, 2, 3][..]));
            assert_eq!(packet.extensions.get(4), Some(&b"video0"[..]));
            assert_eq!(packet.header_len, extensions.header_len());
        }
    }
}

#[test]
fn header_length_is_told_before_writing() {
    let none = HeaderExtensions::default();
    let time = none.with_abs_send_time(1);
    let lens = [none, time, none.with_mid(2, "0"), time.with_mid(2, "0")].map(|e| e.header_len());
    assert_eq!(lens, [12, 20, 20, 24]);
    assert_eq!(none.with_mid(2, ""), none);
    assert_eq!(none.with_mid(2, "a name that is longer than sixteen"), none);
}

#[test]
fn padding_has_a_bound() {
    assert_eq!(
        (
            padding(10, 10),
            padding(1, 256),
            padding(0, 256),
            padding(2, 1)
        ),
        (Some(0), Some(255), None, None)
    );
}

#[test]
fn a_small_buffer_is_refused() {
    let exported = vec![3; Profile::AeadAes128Gcm.keying_material_len()];
    let ours =
        Contexts::from_dtls(Profile::AeadAes128Gcm, &exported, DtlsRole::Server).expect("keys");
    let (mut stage, mut camera) = (Stage::new(1), Camera::new(1, 1));
    stage.switch(Some(1));
    stage.show(&mut camera, true, 1);
    let frame = stage.take().remove(0);
    let mut stream = ViewerStream::new(StreamConfig {
        ssrc: 9,
        rtx_ssrc: None,
        payload_types: PayloadTypes::default().with(
            Codec::Vp8,
            PayloadType {
                media: 96,
                rtx: None,
            },
        ),
        first_sequence: 1,
        first_rtx_sequence: 1,
        max_layer: 0,
    });
    stream.watch(Some(SlotId(1)));
    let Take::Send(run) = stream.take(&frame) else {
        panic!("sent")
    };
    let packet = run.packet(&frame, 0).expect("packet");
    let extensions = HeaderExtensions::default();
    for len in [0, 11, 12, 12 + frame.longest() + 15] {
        let written = write_packet(
            &packet,
            &extensions,
            [0; 3],
            0,
            &ours.seal_rtp,
            &mut vec![0; len],
        );
        assert_eq!(written, Err(SealError::BufferTooSmall));
    }
}
