//! Whatever a peer sends: no panic, bounded memory, sound within bounds.

mod common;

use common::{TICK, start};
use podium_sound::{Codec, Input, Room, RoomConfig};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Act {
    Push {
        source: u64,
        sequence: u16,
        timestamp: u32,
        payload: Vec<u8>,
    },
    Switch {
        source: u64,
        open: bool,
    },
    Comfort {
        source: u64,
        level: u8,
    },
    Tick {
        late: u16,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let number = prop_oneof![0_u16..40, any::<u16>()];
    let time = prop_oneof![(0_u32..60).prop_map(|n| n * 480), any::<u32>()];
    prop_oneof![
        6 => (0_u64..3, number, time, prop::collection::vec(any::<u8>(), 0..80)).prop_map(
            |(source, sequence, timestamp, payload)| Act::Push {
                source,
                sequence,
                timestamp,
                payload
            }
        ),
        1 => (0_u64..3, any::<u8>()).prop_map(|(source, level)| Act::Comfort { source, level }),
        1 => (0_u64..3, any::<bool>()).prop_map(|(source, open)| Act::Switch { source, open }),
        4 => (0_u16..2_000).prop_map(|late| Act::Tick { late }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_packets_never_panic(acts in prop::collection::vec(act(), 1..200)) {
        let mut room = Room::new(RoomConfig::default()).expect("room");
        let mut now = start();
        let inputs = [Codec::Pcma, Codec::G722].map(Input::Telephone);
        for (source, input) in [Input::Station].into_iter().chain(inputs).enumerate() {
            room.open(source as u64, input).expect("opens");
        }
        for act in acts {
            match act {
                Act::Push { source, sequence, timestamp, payload } => {
                    room.push(source, sequence, timestamp, &payload, now);
                }
                Act::Switch { source, open: true } => {
                    let _ = room.open(source, Input::Station);
                }
                Act::Switch { source, open: false } => room.close(source),
                Act::Comfort { source, level } => room.comfort(source, level),
                Act::Tick { late } => {
                    now += TICK + TICK * u32::from(late / 200);
                    room.tick(now);
                    prop_assert!(room.mixed().iter().all(|sample| sample.abs() <= 1.0));
                }
            }
        }
        prop_assert_eq!(room.codec_errors(), 0);
    }
}
