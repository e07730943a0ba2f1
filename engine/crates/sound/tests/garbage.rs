//! Whatever a peer sends: no panic, bounded memory, sound within bounds.

mod common;

use common::{TICK, start};
use podium_sound::{Room, RoomConfig};
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
        for source in 0..3 {
            room.set_open(source, true).expect("opens");
        }
        for act in acts {
            match act {
                Act::Push { source, sequence, timestamp, payload } => {
                    room.push(source, sequence, timestamp, &payload, now);
                }
                Act::Switch { source, open } => room.set_open(source, open).expect("switches"),
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
