//! Datagrams to a telephone's leg, from its peer and from strangers.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| podium_net::fuzzing::leg(data));
