//! What is published is stored before it is sent, and the next page sends what is not complete. It does not know what comes
//! from the server.

use wasmqtt::client::{PublishRequest, RecordKind};
use wasmqtt::codec::{PacketType, PropertiesBuf, Property, QoS, ReasonCode};

use super::{connected, count, kept, next_page, request};
use crate::support::{Records, Told, V3_1, V4, V5, WALL, World, config};

/// [MQTT-4.1.0-1] (5.0)
#[test]
fn a_publish_is_stored_before_it_is_sent_and_told_of() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut records = Records::new();
        let mut world = connected(config(V5), &mut records);
        let token = world.publish("a", "1", qos);
        assert_eq!(world.sent(), [""; 0]);
        assert_eq!(count(&records, RecordKind::Message), 0);
        assert_eq!(world.told, []);
        world.store(&mut records);
        assert_eq!(count(&records, RecordKind::Message), 1);
        assert_eq!(world.sent(), [format!("PUBLISH 1 \"a\" q{} \"1\"", qos.value())]);
        assert_eq!(world.told, [Told::Stored(vec![token])]);
        if qos == QoS::ExactlyOnce {
            world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
            assert_eq!(world.sent(), [""; 0], "not before it is stored that the server has it");
            world.store(&mut records);
            assert_eq!(world.sent(), ["PUBREL 1"]);
            world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
        } else {
            world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
        }
        assert!(world.outcome(token).is_some());
        world.store(&mut records);
        assert_eq!(records.len(), 1, "the head alone");
    }
}

#[test]
fn what_one_turn_changes_is_stored_together() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    for index in 0..5 {
        world.client.publish(request("a", QoS::AtLeastOnce, index), world.now).unwrap();
    }
    world.settle();
    assert_eq!(world.storing.len(), 1);
    assert_eq!(world.storing[0].len(), 5, "no record of its progress besides");
    world.store(&mut records);
    assert_eq!((world.sent().len(), world.frames), (5, 1));
}

#[test]
fn qos_0_waits_for_nothing_and_is_stored_where_it_cannot_leave() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::AtMostOnce);
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"1\""]);
    assert!(world.storing.is_empty());
    world.drop_socket();
    world.publish("a", "2", QoS::AtMostOnce);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Message), 1);

    // It is sent once, whatever happens to the page.
    let mut world = next_page(config(V5), &records);
    assert_eq!(world.sent().len(), 1, "CONNECT");
    let before = records.clone();
    world.store(&mut records);
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"2\""]);
    assert_eq!((count(&before, RecordKind::Message), count(&records, RecordKind::Message)), (1, 0));
}

/// [MQTT-4.4.0-1] [MQTT-4.6.0-1] (5.0) [MQTT-4.4.0-1] (3.1.1)
#[test]
fn the_next_page_sends_again_what_was_not_acknowledged_and_then_what_was_queued() {
    for version in [V3_1, V4, V5] {
        let mut records = Records::new();
        let mut world = connected(config(version), &mut records);
        world.publish("a", "1", QoS::AtLeastOnce);
        world.publish("a", "2", QoS::ExactlyOnce);
        world.publish("a", "3", QoS::ExactlyOnce);
        world.publish("a", "4", QoS::AtLeastOnce);
        world.store(&mut records);
        world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
        world.ack(PacketType::Puback, 4, ReasonCode::SUCCESS);
        world.store(&mut records);
        world.drop_socket();
        world.publish("b", "5", QoS::AtLeastOnce);
        world.store(&mut records);

        let mut world = next_page(config(version), &records);
        let restored = world.told.iter().filter_map(|told| match told {
            Told::Restored(it) => Some((&*it.topic, it.qos, it.since >= WALL)),
            _ => None,
        });
        let expected = [
            ("a", QoS::AtLeastOnce, true),
            ("a", QoS::ExactlyOnce, true),
            ("a", QoS::ExactlyOnce, true),
            ("b", QoS::AtLeastOnce, true),
        ];
        assert_eq!(restored.collect::<Vec<_>>(), expected);
        world.store(&mut records);
        let connect = format!("CONNECT v{} \"c\" clean 0 keep-alive 60", version.level());
        let expected = [
            connect.as_str(),
            "PUBLISH 1 dup \"a\" q1 \"1\"",
            "PUBREL 2",
            "PUBLISH 3 dup \"a\" q2 \"3\"",
            "PUBLISH 4 \"b\" q1 \"5\"",
        ];
        assert_eq!(world.sent(), expected, "{version:?}");
    }
}

#[test]
fn a_publish_of_an_earlier_page_is_complete_when_it_is_acknowledged() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.client.label_next("order 17");
    world.publish("a", "1", QoS::AtLeastOnce);
    world.store(&mut records);
    let mut world = next_page(config(V5), &records);
    let Some(Told::Restored(restored)) = world.told.first().cloned() else { panic!("not told") };
    assert_eq!(restored.label.as_deref(), Some("order 17"));
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert!(world.outcome(restored.token.get()).is_some());
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Message), 0);
}

#[test]
fn what_is_given_up_or_withdrawn_is_not_sent_by_the_next_page() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.drop_socket();
    let mut properties = PropertiesBuf::new();
    properties.push(Property::MessageExpiryInterval(10)).unwrap();
    let expires = PublishRequest { properties, ..request("a", QoS::AtLeastOnce, 1) };
    world.client.publish(expires, world.now).unwrap();
    let withdrawn = world.client.publish(request("a", QoS::AtLeastOnce, 2), world.now).unwrap();
    world.settle();
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Message), 2);
    assert!(world.client.cancel(withdrawn));
    world.settle();
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Message), 1);

    // The time goes on while there is no page.
    let mut world = World::new(kept(config(V5)));
    for (key, value) in &records {
        world.client.restore(*key, value, WALL + 60_000, world.now).unwrap();
    }
    world.client.keep_session(WALL + 60_000, world.now).unwrap();
    world.client.connect(world.now).unwrap();
    world.settle();
    world.seconds(1);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Message), 0);
}

#[test]
fn the_word_for_a_publish_that_was_refused_is_not_that_of_the_next_one() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.client.label_next("order 17");
    assert!(world.client.publish(request("a/#", QoS::AtLeastOnce, 1), world.now).is_err());
    world.publish("a", "1", QoS::AtLeastOnce);
    world.store(&mut records);
    let world = next_page(config(V5), &records);
    let Some(Told::Restored(restored)) = world.told.first() else { panic!("not told") };
    assert_eq!(restored.label, None);
}
