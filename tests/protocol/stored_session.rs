//! A session that is stored (4.1): what is stored before what is sent, and how it goes on after a page.

use core::time::Duration;

use wasmqtt::client::{
    Acknowledge, Config, DisconnectOptions, ErrorCode, PublishRequest, RecordKey, RecordKind,
    State, SubscribeRequest, VersionPolicy,
};
use wasmqtt::codec::{PacketType, PropertiesBuf, Property, QoS, ReasonCode, SubscriptionOptions};

use crate::support::{Records, Told, V3_1, V4, V5, WALL, World, config, message, store};

fn kept(config: Config) -> Config {
    let v5 = config.version == VersionPolicy::Exactly(V5);
    Config { session_expiry_interval: if v5 { 60 } else { 0 }, ..config }
}

/// A stored session, connected, with nothing left to store.
fn connected(config: Config, records: &mut Records) -> World {
    let mut world = World::restored(kept(config), records);
    world.store(records);
    world.open();
    world.accept(false, &[]);
    while world.client.state() != State::Connected {
        // In 3.1 a session that may be there is discarded first.
        world.seconds(60);
        world.open();
        world.accept(false, &[]);
    }
    world.store(records);
    world.forget();
    world
}

/// The page is gone; one after it has what was stored.
fn next_page(config: Config, records: &Records) -> World {
    let mut world = World::restored(kept(config), records);
    world.store(&mut records.clone());
    world.open();
    world.accept(true, &[]);
    world
}

fn count(records: &Records, kind: RecordKind) -> usize {
    records.keys().filter(|key| key.kind() == Some(kind)).count()
}

fn messages(world: &World) -> usize {
    world.told.iter().filter(|it| matches!(it, Told::Message { .. })).count()
}

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

fn request(topic: &str, qos: QoS, payload: u8) -> PublishRequest<'_> {
    let (payload, properties) = (vec![payload], PropertiesBuf::new());
    PublishRequest { topic, payload, qos, retain: false, properties }
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

/// [MQTT-4.3.3-10] [MQTT-4.3.3-8] (5.0)
#[test]
fn a_received_qos_2_identifier_is_stored_before_pubrec_and_before_the_message_is_known() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert_eq!(messages(&world), 1);
    assert!(world.held);
    assert_eq!(world.sent(), [""; 0]);
    world.store(&mut records);
    assert!(!world.held);
    assert_eq!(world.sent(), ["PUBREC 7"]);

    // The page is gone before PUBREL: the server sends it again.
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    world.forget();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.store(&mut records);
    assert_eq!((messages(&world), world.sent()), (0, vec!["PUBREC 7".into()]));
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), [""; 0], "or the next message with that identifier would be lost");
    world.store(&mut records);
    assert_eq!(world.sent(), ["PUBCOMP 7"]);
    assert_eq!(count(&records, RecordKind::Received), 0);
}

#[test]
fn qos_0_and_1_are_known_at_once() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.serve(&[message("a", "1", QoS::AtMostOnce, 0)]);
    world.serve(&[message("a", "1", QoS::AtLeastOnce, 7)]);
    assert!(!world.held);
    assert_eq!((messages(&world), world.sent()), (2, vec!["PUBACK 7".into()]));
    assert!(world.storing.is_empty());
}

#[test]
fn a_message_that_is_acknowledged_by_hand_is_stored_when_it_is() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    let options = SubscriptionOptions::new(QoS::ExactlyOnce);
    let by_hand = SubscribeRequest { manual: true, ..options.into() };
    world.client.subscribe("a", by_hand, world.now).unwrap();
    world.settle();
    world.store(&mut records);
    world.suback(1, &[2]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert!(!world.held);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Received), 0, "the application may not be done with it");

    let delivery = world.deliveries.last().copied().flatten().unwrap();
    world.sent();
    world.client.acknowledge(delivery, Acknowledge::default(), world.now).unwrap();
    world.settle();
    assert_eq!(world.sent(), [""; 0]);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Received), 1);
    assert_eq!(world.sent(), ["PUBREC 7"]);
}

#[test]
fn filters_keep_their_identifiers() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.subscribe("a/#", QoS::AtLeastOnce);
    world.subscribe("a/b", QoS::AtLeastOnce);
    assert_eq!(world.sent(), [""; 0], "or the next page could not tell whose a message is");
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Subscription), 2);

    // In another order, as the page has changed.
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    world.forget();
    let second = world.subscribe("a/b", QoS::AtLeastOnce);
    let third = world.subscribe("a/+", QoS::AtLeastOnce);
    world.store(&mut records);
    let topic = wasmqtt::codec::TopicName::new("a/b").unwrap();
    let mut of = |identifier: u32| {
        let mut to = Vec::new();
        world.client.routes(topic, &[identifier], &mut to);
        to
    };
    assert_eq!(of(1), [], "the filter that nobody has subscribed to again");
    assert_eq!(of(2), [second]);
    assert_eq!(of(3), [third]);
    // Those that the server has lost, and the page does not want, are forgotten.
    world.drop_socket();
    world.reconnect(false, &[]);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Subscription), 2);
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
fn closing_keeps_what_is_not_complete_and_the_disconnect_leaves_at_once() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    assert_eq!(world.storing.len(), 1, "it is being stored");
    world.client.publish(request("a", QoS::AtLeastOnce, 2), world.now).unwrap();
    world.client.disconnect(DisconnectOptions::default(), world.now);
    world.settle();
    assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
    assert!(
        matches!(world.outcome(token), Some(Told::Failed(_, error)) if error.code == ErrorCode::Closed)
    );
    for write in core::mem::take(&mut world.storing) {
        store(write, &mut records);
    }
    assert_eq!(count(&records, RecordKind::Message), 2);
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    assert_eq!(world.sent().len(), 3, "CONNECT and both");
}

#[test]
fn closing_with_time_to_drain_waits_for_the_store_too() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::AtLeastOnce);
    let drain = Some(Duration::from_secs(5));
    world.client.disconnect(DisconnectOptions { drain, ..Default::default() }, world.now);
    world.settle();
    world.store(&mut records);
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q1 \"1\""]);
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
    world.store(&mut records);
    assert_eq!(records.len(), 1);
}

#[test]
fn a_store_that_fails_holds_nothing_up() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.sent(), [""; 0]);
    world.storing.clear();
    world.held = false;
    world.client.handle_store_failed(world.now);
    world.settle();
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q1 \"1\"", "PUBREC 7"]);
    assert!(!world.held);
    world.publish("a", "2", QoS::AtLeastOnce);
    assert_eq!((world.sent().len(), world.storing.len()), (1, 0));
}

#[test]
fn a_connection_that_is_lost_while_something_is_stored_loses_nothing() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::ExactlyOnce);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    world.seconds(60);
    world.open();
    assert_eq!(world.sent(), [""; 0], "the store comes first");
    world.store(&mut records);
    world.accept(true, &[]);
    assert_eq!(world.sent().remove(0), "CONNECT v5 \"c\" clean 0 keep-alive 60");
    world.store(&mut records);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.store(&mut records);
    assert_eq!((messages(&world), world.sent()), (1, vec!["PUBREC 7".into()]));
}

#[test]
fn a_breach_while_something_is_stored_is_answered_at_once() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.bytes(&[0xF1, 0]);
    assert_eq!(world.sent(), ["DISCONNECT 0x81"]);
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

#[test]
fn a_filter_that_the_next_page_subscribes_to_before_it_is_connected_is_asked_for() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.subscribe("a", QoS::AtLeastOnce);
    world.store(&mut records);
    world.suback(1, &[1]);
    let mut world = World::restored(kept(config(V5)), &records);
    let id = world.subscribe("a", QoS::AtLeastOnce);
    world.store(&mut records);
    world.open();
    world.store(&mut records);
    world.accept(true, &[]);
    world.store(&mut records);
    assert_eq!(world.sent().pop().unwrap(), "SUBSCRIBE 1 a q1");
    world.suback(1, &[1]);
    assert!(world.outcome(id.get()).is_some());
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
