//! What CONNECT of 5.0 asks for, and 3.x cannot: requests for information, the payload format, and the
//! refusal of what a version does not have.

use wasmqtt::client::{Client, Config, ErrorCode, WillConfig};
use wasmqtt::codec::{
    Acknowledgement, Packet, PropertiesBuf, Property, Publish, QoS, decode_from_client,
};

use crate::support::{Told, V3_1, V4, V5, World, config, id};

fn connect_properties(config: Config) -> (Option<bool>, Option<bool>) {
    let mut world = World::connecting(config);
    world.open();
    let Ok(Packet::Connect(connect)) = decode_from_client(&world.raw[0], V5) else { panic!() };
    let properties = connect.properties;
    (properties.request_response_information(), properties.request_problem_information())
}

#[test]
fn information_is_asked_for_where_it_differs_from_the_default() {
    assert_eq!(connect_properties(config(V5)), (None, None));
    let other = Config {
        request_response_information: true,
        request_problem_information: false,
        ..config(V5)
    };
    assert_eq!(connect_properties(other), (Some(true), Some(false)));
}

/// [duty breach 3.1.2-28] (5.0)
#[test]
fn response_information_that_was_not_asked_for_is_a_protocol_error() {
    let given = [Property::ResponseInformation("r/")];
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, &given);
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    let asked = Config { request_response_information: true, ..config(V5) };
    let mut world = World::connecting(asked);
    world.open();
    world.accept(false, &given);
    let server = world.client.server().unwrap();
    assert_eq!(server.response_information.as_deref(), Some("r/"));
}

/// [duty breach 3.1.2-29] (5.0)
#[test]
fn a_reason_that_was_not_asked_for_is_a_protocol_error() {
    let mut world = World::connected(Config { request_problem_information: false, ..config(V5) });
    world.publish("a", "x", QoS::AtLeastOnce);
    world.forget();
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ReasonString("because")).unwrap();
    let properties = properties.as_properties();
    let ack = Acknowledgement { properties, ..Acknowledgement::success(id(1)) };
    world.serve(&[Packet::Puback(ack)]);
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
}

fn serve_text(world: &mut World, qos: QoS, payload: &[u8]) {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::PayloadFormatIndicator(true)).unwrap();
    world.serve(&[Packet::Publish(Publish {
        duplicate: false,
        qos,
        retain: false,
        topic: "a",
        packet_identifier: (qos != QoS::AtMostOnce).then(|| id(7)),
        properties: properties.as_properties(),
        payload,
    })]);
}

/// [duty 3.3.2.3.2 payload received] (5.0)
#[test]
fn a_payload_that_is_not_the_text_it_is_said_to_be_is_refused() {
    let checking = Config { check_payload_format: true, ..config(V5) };
    for (qos, answer) in [
        (QoS::AtMostOnce, "DISCONNECT 0x99"),
        (QoS::AtLeastOnce, "PUBACK 7 0x99"),
        (QoS::ExactlyOnce, "PUBREC 7 0x99"),
    ] {
        let mut world = World::connected(checking.clone());
        world.subscribe("a", qos);
        world.forget();
        serve_text(&mut world, qos, b"text");
        assert_eq!(world.messages(), ["text"]);
        let mut world = World::connected(checking.clone());
        serve_text(&mut world, qos, b"\xFF");
        assert_eq!((world.messages().len(), world.sent()), (0, vec![answer.to_string()]));
    }
    let mut world = World::connected(config(V5));
    serve_text(&mut world, QoS::AtMostOnce, b"\xFF");
    assert_eq!(world.told.iter().filter(|it| matches!(it, Told::Message { .. })).count(), 1);
}

/// [duty 3.3.2.3.2 payload sent] (5.0)
#[test]
fn a_payload_that_is_said_to_be_text_has_to_be() {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::PayloadFormatIndicator(true)).unwrap();
    let mut world = World::connected(config(V5));
    let request = wasmqtt::client::PublishRequest {
        topic: "a",
        payload: vec![0xFF],
        qos: QoS::AtMostOnce,
        retain: false,
        properties,
    };
    let error = world.client.publish(request, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let will = WillConfig {
        topic: "w".into(),
        payload: vec![0xFF],
        payload_format_indicator: Some(true),
        ..WillConfig::default()
    };
    let error = Client::new(Config { will: Some(will), ..config(V5) }, 1).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
}

#[test]
fn what_3_x_does_not_have_is_refused_by_name() {
    let will = WillConfig { topic: "w".into(), delay_interval: 1, ..WillConfig::default() };
    for version in [V3_1, V4] {
        let of = || config(version);
        let refused = [
            Config { session_expiry_interval: 1, ..of() },
            Config { receive_maximum: 9, ..of() },
            Config { topic_alias_maximum: 9, ..of() },
            Config { user_properties: vec![("a".into(), "b".into())], ..of() },
            Config { request_response_information: true, ..of() },
            Config { request_problem_information: false, ..of() },
            Config { check_payload_format: true, ..of() },
            Config { authentication_method: Some("m".into()), ..of() },
            Config { will: Some(will.clone()), ..of() },
        ];
        let mut texts = Vec::new();
        for config in refused {
            let error = Client::new(config, 1).unwrap_err();
            assert_eq!(error.code, ErrorCode::Unsupported);
            texts.push(error.message);
        }
        texts.dedup();
        assert_eq!(texts.len(), 9, "each says what it is about");
        assert!(Client::new(of(), 1).is_ok());
    }
}
