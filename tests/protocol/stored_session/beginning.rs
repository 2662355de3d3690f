//! How a page begins with what is stored: nothing, a session that the server has or has lost, one of another client, a
//! damaged record. It does not know what is done with the session then.

use wasmqtt::client::{Config, ErrorCode, RecordKey, RecordKind};
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use super::{connected, kept, next_page};
use crate::support::{Records, Told, V3_1, V4, V5, WALL, World, config, message};

/// [MQTT-3.2.2-4] (5.0)
#[test]
fn a_session_of_which_nothing_is_known_begins_clean_in_5_0() {
    let mut world = World::restored(kept(config(V5)), &Records::new());
    world.open();
    assert_eq!(world.sent(), [""; 0], "nothing leaves before there is a store for it");
    world.store(&mut Records::new());
    assert_eq!(world.sent(), ["CONNECT v5 \"c\" clean 1 keep-alive 60"]);
}

/// [MQTT-3.1.2-6] (3.1.1)
#[test]
fn a_session_of_which_nothing_is_known_is_discarded_in_3_x() {
    for (version, present) in [(V4, true), (V4, false), (V3_1, false)] {
        let mut world = World::restored(kept(config(version)), &Records::new());
        world.store(&mut Records::new());
        world.publish("a", "1", QoS::AtLeastOnce);
        let connect =
            |clean| format!("CONNECT v{} \"c\" clean {clean} keep-alive 60", version.level());
        world.open();
        assert_eq!(world.sent(), [connect(0)]);
        world.accept(present, &[]);
        if present || version == V3_1 {
            assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
            world.seconds(60);
            world.open();
            world.accept(false, &[]);
            assert_eq!(world.sent(), [connect(1), "DISCONNECT 0x00".into()]);
            world.seconds(60);
            world.open();
            assert_eq!(world.sent(), [connect(0)]);
            world.accept(false, &[]);
        }
        world.store(&mut Records::new());
        assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q1 \"1\""]);
    }
}

/// [MQTT-3.1.2-6] (3.1.1)
#[test]
fn where_the_session_ends_with_the_connection_each_begins_clean_in_3_x_and_goes_on_in_5_0() {
    for version in [V3_1, V4, V5] {
        let config = Config { session_ends: true, ..config(version) };
        let mut records = Records::new();
        let mut world = World::restored(kept(config.clone()), &records);
        world.store(&mut records);
        let connect =
            |clean| format!("CONNECT v{} \"c\" clean {clean} keep-alive 60", version.level());
        world.open();
        assert_eq!(world.sent(), [connect(1)]);
        world.accept(false, &[]);
        world.publish("a", "1", QoS::ExactlyOnce);
        world.store(&mut records);
        assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q2 \"1\""]);

        let mut world = World::restored(kept(config), &records);
        world.store(&mut records);
        world.open();
        assert_eq!(world.sent(), [connect(u8::from(version != V5))]);
        world.accept(version == V5, &[]);
        world.store(&mut records);
        let dup = if version == V5 { "dup " } else { "" };
        assert_eq!(world.sent(), [format!("PUBLISH 1 {dup}\"a\" q2 \"1\"")]);
    }
}

#[test]
fn a_session_that_the_server_lost_while_there_was_no_page_is_told_and_published_anew() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::ExactlyOnce);
    world.store(&mut records);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.store(&mut records);

    let mut world = World::restored(kept(config(V5)), &records);
    world.store(&mut records);
    world.open();
    world.accept(false, &[]);
    assert!(world.told.contains(&Told::SessionLost(vec!["a".into()])));
    world.sent();
    world.store(&mut records);
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q2 \"1\""]);
    // And the page after that does not take it for one that the server has.
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    assert_eq!(world.sent().pop().unwrap(), "PUBLISH 1 dup \"a\" q2 \"1\"");
}

#[test]
fn a_damaged_record_is_told_and_left_out() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.subscribe("b", QoS::AtMostOnce);
    world.store(&mut records);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.store(&mut records);
    for (key, value) in &records {
        // A payload, an identifier and a filter may have any length.
        let least = match key.kind().unwrap() {
            RecordKind::Message => value.len() - 1,
            RecordKind::Received => 0,
            RecordKind::Subscription => 6,
            RecordKind::Head | RecordKind::Progress => value.len(),
        };
        for len in 0..least {
            let mut world = World::new(kept(config(V5)));
            let alone = world.client.restore(*key, &value[..len], WALL, world.now);
            assert!(alone.is_err(), "{key:?} with {len} bytes");
            world.client.keep_session(WALL, world.now).unwrap();
        }
    }
    let mut world = World::new(kept(config(V5)));
    let unknown = RecordKey::from_raw(7 << 50);
    assert!(world.client.restore(unknown, &[], WALL, world.now).is_err());
}

#[test]
fn the_session_of_another_client_identifier_is_refused() {
    let mut records = Records::new();
    drop(connected(config(V5), &mut records));
    let other = Config { client_identifier: Some("d".into()), ..config(V5) };
    let mut world = World::new(kept(other));
    for (key, value) in &records {
        world.client.restore(*key, value, WALL, world.now).unwrap();
    }
    let error = world.client.keep_session(WALL, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    // One that was generated is used again.
    let mut world =
        World::restored(kept(Config { client_identifier: None, ..config(V5) }), &records);
    world.store(&mut records);
    world.open();
    assert_eq!(world.sent(), ["CONNECT v5 \"c\" clean 0 keep-alive 60"]);
}
