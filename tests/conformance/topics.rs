//! Topic Names, Topic Filters and what stands beside them in SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10, 4.7, 4.8).
//! It does not know what the server grants.

use wasmqtt::client::{ErrorCode, SubscribeRequest, SubscriptionId};
use wasmqtt::codec::{
    Packet, PropertiesBuf, Property, QoS, RetainHandling, SubscriptionIdentifier,
    SubscriptionOptions, decode_from_client,
};

use crate::support::{V5, World, config};
use crate::wire::{limited, raw};

fn try_subscribe(world: &mut World, filter: &str) -> Result<SubscriptionId, ErrorCode> {
    let options = SubscriptionOptions::new(QoS::AtMostOnce);
    let id = world.client.subscribe(filter, options, world.now);
    world.settle();
    id.map_err(|error| error.code)
}

fn check_filters(fine: &[&str], wrong: &[&str]) {
    let mut world = World::connected(config(V5));
    for filter in fine {
        assert!(try_subscribe(&mut world, filter).is_ok(), "{filter:?}");
        assert_eq!(world.sent().len(), 1);
    }
    for filter in wrong {
        let refused = try_subscribe(&mut world, filter);
        assert_eq!(refused, Err(ErrorCode::InvalidArgument), "{filter:?}");
        assert!(world.sent().is_empty());
    }
}

/// [MQTT-4.7.1-1] (5.0)
#[test]
fn a_hash_is_the_whole_last_level() {
    check_filters(&["#", "a/#", "+/#", "/#"], &["a#", "#/a", "a/#/b", "##", "a/b#", "a/#b"]);
}

/// [MQTT-4.7.1-2] (5.0)
#[test]
fn a_plus_is_a_whole_level() {
    check_filters(
        &["+", "a/+", "+/b", "+/+", "/+", "a/+/b"],
        &["a+", "+a", "a/b+/c", "++", "a/+b"],
    );
}

/// [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3] [MQTT-3.8.3-1] (5.0)
#[test]
fn a_filter_has_1_to_65_535_bytes_and_no_null() {
    // Two bytes each, so that counting characters would not do.
    let most = format!("x{}", "ä".repeat(32_767));
    let more = "ä".repeat(32_768);
    check_filters(&["a", " ", &most], &["", "\0", "a/\0", &more]);
    let mut world = World::connected(config(V5));
    assert!(world.try_publish(&most, "", QoS::AtMostOnce, &[]).is_ok());
    assert!(world.try_publish(&more, "", QoS::AtMostOnce, &[]).is_err());
    assert_eq!(world.sent().len(), 1);
}

/// [MQTT-4.8.2-1] [MQTT-4.8.2-2] (5.0)
#[test]
fn a_shared_filter_has_a_name_without_wildcards_and_a_filter() {
    let fine = ["$share/g/t", "$share/g/#", "$share/g//a", "$share/g//", "$shared/t", "$SHARE/t"];
    let wrong = [
        "$share//t",
        "$share/",
        "$share",
        "$share/g",
        "$share/g/",
        "$share/g+/t",
        "$share/#/t",
        "$share/+/t",
        "$share/g/a#",
        "$share/g#",
    ];
    check_filters(&fine, &wrong);
}

/// [MQTT-3.8.3-4] (5.0)
#[test]
fn a_shared_subscription_never_has_no_local() {
    let no_local =
        SubscriptionOptions { no_local: true, ..SubscriptionOptions::new(QoS::AtMostOnce) };
    let mut world = World::connected(config(V5));
    let error = world.client.subscribe("$share/g/t", no_local, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    world.settle();
    assert!(world.raw.is_empty());
    world.client.subscribe("t", no_local, world.now).unwrap();
    world.settle();
    assert_eq!(raw(&mut world)[0].last(), Some(&4), "others may");
}

/// [MQTT-3.8.3-2] [MQTT-3.10.3-1] [MQTT-3.10.3-2] (5.0)
#[test]
fn filters_stand_one_behind_the_other_and_there_is_at_least_one() {
    let mut world = World::connecting(config(V5));
    let ids = ["a", "bc"].map(|filter| world.subscribe(filter, QoS::AtLeastOnce));
    world.open();
    world.forget();
    world.accept(false, &[Property::SubscriptionIdentifierAvailable(false)]);
    assert_eq!(raw(&mut world), [b"\x82\x0C\x00\x01\x00\x00\x01a\x01\x00\x02bc\x01"]);
    world.suback(1, &[1, 1]);
    world.blocked = true;
    for id in ids {
        world.unsubscribe(id);
    }
    world.blocked = false;
    world.settle();
    assert_eq!(raw(&mut world), [b"\xA2\x0A\x00\x02\x00\x00\x01a\x00\x02bc"]);
    world.unsuback(2, &[0, 0]);
    world.drop_socket();
    world.reconnect(false, &[]);
    assert!(world.raw.is_empty(), "nothing is left to subscribe to");
}

/// [duty 3.8.3.1 options] (5.0)
#[test]
fn the_options_of_a_subscription_have_no_value_that_does_not_exist() {
    assert_eq!((QoS::from_value(3), RetainHandling::from_value(3)), (None, None));
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        for retain_handling in
            [RetainHandling::SendAtSubscribe, RetainHandling::SendIfNew, RetainHandling::DoNotSend]
        {
            for flags in 0..4 {
                let (no_local, retain_as_published) = (flags & 1 > 0, flags & 2 > 0);
                let options =
                    SubscriptionOptions { qos, no_local, retain_as_published, retain_handling };
                let mut world = limited(config(V5), &[]);
                world.client.subscribe("t", options, world.now).unwrap();
                world.settle();
                let expected = qos.value() | flags << 2 | (retain_handling as u8) << 4;
                assert_eq!(raw(&mut world)[0].last(), Some(&expected));
            }
        }
    }
}

/// [duty 3.8.2.1.2 identifier] (5.0)
#[test]
fn a_subscribe_has_one_subscription_identifier_above_0_at_most() {
    assert_eq!(SubscriptionIdentifier::new(0), None);
    assert_eq!(SubscriptionIdentifier::new(268_435_456), None);
    let mut world = World::connected(config(V5));
    let identifier = Property::SubscriptionIdentifier(SubscriptionIdentifier::new(5).unwrap());
    let mut properties = PropertiesBuf::new();
    properties.push(identifier).unwrap();
    let request =
        SubscribeRequest { properties, ..SubscriptionOptions::new(QoS::AtMostOnce).into() };
    assert!(
        world.client.subscribe("own", request, world.now).is_err(),
        "it is the client's to give"
    );
    for index in 0..40 {
        world.subscribe(&format!("t/{index}/#"), QoS::AtMostOnce);
        world.subscribe("t/#", QoS::AtMostOnce);
    }
    let sent = raw(&mut world);
    assert!(sent.len() > 1);
    for packet in sent {
        let Ok(Packet::Subscribe(it)) = decode_from_client(&packet, V5) else { panic!() };
        let identifiers: Vec<u32> = it.properties.subscription_identifiers().collect();
        assert!(identifiers.len() == 1 && identifiers[0] > 0, "{identifiers:?}");
    }
}

/// [duty breach 2.2.1-6] [duty breach 3.8.4-6] (5.0)
#[test]
fn an_answer_to_no_request_or_of_another_length_is_a_protocol_error() {
    let ready = || {
        let mut world = World::connected(config(V5));
        let id = try_subscribe(&mut world, "a").unwrap();
        try_subscribe(&mut world, "b").unwrap();
        world.suback(1, &[0]);
        world.unsubscribe(id);
        world.publish("a", "x", QoS::AtLeastOnce);
        world
    };
    let wrong: [&[u8]; 9] = [
        &[0x90, 4, 0, 99, 0, 0],
        &[0x90, 4, 0, 1, 0, 0],
        &[0x90, 4, 0, 3, 0, 0],
        &[0x90, 4, 0, 4, 0, 0],
        &[0x90, 5, 0, 2, 0, 0, 0],
        &[0x90, 3, 0, 2, 0],
        &[0xB0, 4, 0, 99, 0, 0],
        &[0xB0, 4, 0, 2, 0, 0],
        &[0xB0, 5, 0, 3, 0, 0, 0],
    ];
    for bytes in wrong {
        crate::wire::refused_by(ready(), bytes, 0x82);
    }
    crate::wire::taken_by(ready(), &[0x90, 4, 0, 2, 0, 0, 0xB0, 4, 0, 3, 0, 0]);
}
