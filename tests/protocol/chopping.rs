//! However the stream of bytes is cut, the events are the same.

use proptest::prelude::*;
use wasmqtt::codec::{Packet, PacketIdentifier, Properties, ProtocolVersion, Publish, QoS};

use crate::support::{Told, V4, V5, World, config};

fn packets() -> impl Strategy<Value = Vec<(u8, u16, String, Vec<u8>)>> {
    let topic = "[a-z]{1,8}(/[a-z]{1,8}){0,3}";
    let payload = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..200),
        1 => proptest::collection::vec(any::<u8>(), 16_000..20_000),
    ];
    proptest::collection::vec((0..3u8, 1..9u16, topic, payload), 1..12)
}

fn stream(
    packets: &[(u8, u16, String, Vec<u8>)],
    version: ProtocolVersion,
    broken: bool,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (qos, identifier, topic, payload) in packets {
        let qos = QoS::from_value(*qos).unwrap();
        let publish = Publish {
            duplicate: false,
            qos,
            retain: false,
            topic,
            packet_identifier: PacketIdentifier::new(*identifier)
                .filter(|_| qos != QoS::AtMostOnce),
            properties: Properties::EMPTY,
            payload,
        };
        publish.encode(version, &mut bytes).unwrap();
        Packet::Pingresp.encode(version, &mut bytes).unwrap();
    }
    if broken {
        bytes.extend_from_slice(&[0x36, 0, 1, 2, 3]);
    }
    bytes
}

/// How bytes are given to the client: shown as a whole, or but for payloads.
type Give = fn(&mut World, &[u8]);

fn played(pieces: &[&[u8]], version: ProtocolVersion, give: Give) -> (Vec<Told>, Vec<String>) {
    let mut world = World::connected(config(version));
    for piece in pieces {
        give(&mut world, piece);
    }
    let told = world.told.iter().map(|told| match told {
        // The pause before the next attempt is random.
        Told::State(wasmqtt::client::State::Waiting { .. }) => Told::Flushed(0),
        told => told.clone(),
    });
    (told.collect(), world.sent())
}

proptest! {
    #[test]
    fn any_chopping_gives_the_same_events(
        packets in packets(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
        v5 in any::<bool>(),
        broken in any::<bool>(),
    ) {
        let version = if v5 { V5 } else { V4 };
        let bytes = stream(&packets, version, broken);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let whole = played(&[&bytes], version, World::bytes);
        prop_assert_eq!(&played(&pieces, version, World::bytes), &whole);
        prop_assert_eq!(&played(&pieces, version, World::heads), &whole);
    }
}

#[test]
fn one_byte_at_a_time_gives_the_same_events() {
    let packets: Vec<_> = (0..3).map(|qos| (qos, 7, "a/b".to_string(), vec![qos; 130])).collect();
    for version in [V4, V5] {
        let bytes = stream(&packets, version, true);
        let single: Vec<_> = bytes.chunks(1).collect();
        let whole = played(&[&bytes], version, World::bytes);
        assert_eq!(played(&single, version, World::bytes), whole);
        assert_eq!(played(&single, version, World::heads), whole);
    }
}
