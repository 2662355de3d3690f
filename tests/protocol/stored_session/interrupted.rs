//! What comes while something is being stored: the end, a store that fails, a lost connection, a breach. It does not know
//! what is stored when all goes well.

use core::time::Duration;

use wasmqtt::client::{DisconnectOptions, ErrorCode, RecordKind};
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use super::{connected, count, messages, next_page, request};
use crate::support::{Records, Told, V5, config, message, store};

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
