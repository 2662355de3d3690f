//! Enhanced authentication (5.0, 4.12), and authenticating anew.

use wasmqtt::client::{
    Config, Credentials, DisconnectOptions, ErrorCode, Instant, State, VersionPolicy,
};
use wasmqtt::codec::{Auth, Packet, PropertiesBuf, Property, ReasonCode, decode_from_client};

use crate::support::{Asked, Told, V4, V5, World, config};

fn scram() -> Config {
    Config { authentication_method: Some("SCRAM".into()), keep_alive: 0, ..config(V5) }
}

fn answer(world: &mut World, data: &[u8]) {
    world.client.provide_authentication(Some(data.into()), world.now);
    world.settle();
}

fn auth(world: &mut World, reason_code: ReasonCode, method: &str, data: &[u8]) {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::AuthenticationMethod(method)).unwrap();
    properties.push(Property::AuthenticationData(data)).unwrap();
    world.serve(&[Packet::Auth(Auth { reason_code, properties: properties.as_properties() })]);
}

/// Reason code, method and data of the last packet, an AUTH; of a CONNECT with 0.
fn carried(world: &World) -> (u8, Option<String>, Option<Vec<u8>>) {
    let packet = decode_from_client(world.raw.last().unwrap(), V5).unwrap();
    let (code, properties) = match packet {
        Packet::Connect(connect) => (0, connect.properties),
        Packet::Auth(auth) => (auth.reason_code.value(), auth.properties),
        other => panic!("{other:?}"),
    };
    let method = properties.authentication_method().map(String::from);
    (code, method, properties.authentication_data().map(Vec::from))
}

fn method(name: &str) -> Property<'_> {
    Property::AuthenticationMethod(name)
}

fn connected() -> World {
    let mut world = World::connecting(scram());
    answer(&mut world, b"first");
    world.open();
    world.accept(false, &[method("SCRAM"), Property::AuthenticationData(b"proof")]);
    world.forget();
    world.authenticate.clear();
    world
}

/// [MQTT-4.12.0-3] [MQTT-4.12.0-5] (5.0)
#[test]
fn the_exchange_goes_on_until_connack() {
    let mut world = World::connecting(scram());
    assert_eq!((&*world.authenticate, world.socket), (&[Asked::Start { again: false }][..], None));
    answer(&mut world, b"first");
    world.open();
    let scram = Some(String::from("SCRAM"));
    assert_eq!(carried(&world), (0, scram.clone(), Some(b"first".to_vec())));
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"salt");
    assert_eq!(world.authenticate.last(), Some(&Asked::Challenge(b"salt".to_vec())));
    answer(&mut world, b"second");
    assert_eq!(carried(&world), (0x18, scram, Some(b"second".to_vec())));
    world.accept(false, &[method("SCRAM"), Property::AuthenticationData(b"proof")]);
    assert_eq!(world.authenticate.last(), Some(&Asked::Success(b"proof".to_vec())));
    assert_eq!(world.client.state(), State::Connected);
}

/// [MQTT-4.12.0-5] [duty breach 4.12.0-6] (5.0)
#[test]
fn another_method_than_that_of_connect_ends_the_connection() {
    for answered in [&[][..], &[method("PLAIN")]] {
        let mut world = World::connecting(scram());
        answer(&mut world, b"first");
        world.open();
        world.accept(false, answered);
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError, "{answered:?}");
    }
    let mut world = World::connecting(scram());
    answer(&mut world, b"first");
    world.open();
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "PLAIN", b"");
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, &[method("SCRAM")]);
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
}

/// [duty breach 4.12.0-2] [duty breach 4.12.0-6] (5.0)
#[test]
fn an_auth_that_was_not_asked_for_is_a_protocol_error() {
    for code in [ReasonCode::SUCCESS, ReasonCode::RE_AUTHENTICATE] {
        let mut world = World::connecting(scram());
        answer(&mut world, b"first");
        world.open();
        auth(&mut world, code, "SCRAM", b"");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    }
    let mut world = connected();
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"");
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
    let mut world = World::connected(config(V5));
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"");
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
}

/// A second challenge before the first was answered.
#[test]
fn a_server_that_does_not_wait_for_the_answer_breaks_the_protocol() {
    let mut world = World::connecting(scram());
    answer(&mut world, b"first");
    world.open();
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"1");
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"2");
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    assert_eq!(world.authenticate.len(), 2);
}

#[test]
fn a_connack_without_a_reason_to_go_on_ends_the_exchange() {
    let mut world = World::connecting(scram());
    answer(&mut world, b"first");
    world.open();
    world.refuse(ReasonCode::BAD_AUTHENTICATION_METHOD);
    assert_eq!(world.client.state(), State::Closed);
    answer(&mut world, b"late");
    assert_eq!(world.sent().len(), 1, "CONNECT and nothing else");
}

#[test]
fn an_application_without_an_answer_ends_the_attempt() {
    let mut world = World::connecting(scram());
    world.client.refuse_authentication(world.now);
    world.settle();
    assert_eq!(world.disconnections()[0].code, ErrorCode::Auth);
    assert_eq!(world.socket, None);
    world.seconds(1);
    assert_eq!(world.authenticate.len(), 2, "the next attempt begins anew");
    answer(&mut world, b"first");
    world.open();
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"1");
    world.client.refuse_authentication(world.now);
    world.settle();
    assert_eq!(world.disconnections()[1].code, ErrorCode::Auth);
    assert_eq!(world.socket, None);
}

/// [MQTT-4.12.1-1] (5.0)
#[test]
fn authenticating_anew_disturbs_nothing() {
    let mut world = connected();
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    assert_eq!(world.authenticate, [Asked::Start { again: true }]);
    answer(&mut world, b"again");
    assert_eq!(carried(&world), (0x19, Some("SCRAM".into()), Some(b"again".to_vec())));
    auth(&mut world, ReasonCode::CONTINUE_AUTHENTICATION, "SCRAM", b"salt");
    world.publish("a", "meanwhile", wasmqtt::codec::QoS::AtMostOnce);
    answer(&mut world, b"second");
    assert_eq!(carried(&world), (0x18, Some("SCRAM".into()), Some(b"second".to_vec())));
    assert_eq!(world.outcome(token), None);
    let error = world.client.reauthenticate(world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    auth(&mut world, ReasonCode::SUCCESS, "SCRAM", b"proof");
    assert_eq!(world.outcome(token), Some(&Told::Reauthenticated(token)));
    assert_eq!((world.closed, world.client.state()), (0, State::Connected));
    assert_eq!(world.authenticate.last(), Some(&Asked::Success(b"proof".to_vec())));
}

/// [MQTT-4.12.1-2] (5.0)
#[test]
fn a_refused_authentication_anew_fails_with_the_servers_reason() {
    let mut world = connected();
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    answer(&mut world, b"again");
    world.serve(&[Packet::Disconnect(wasmqtt::codec::Disconnect {
        reason_code: ReasonCode::NOT_AUTHORIZED,
        properties: wasmqtt::codec::Properties::EMPTY,
    })]);
    assert_eq!(world.failure(token).reason_code, Some(ReasonCode::NOT_AUTHORIZED));
}

#[test]
fn an_authentication_anew_that_is_not_answered_ends_the_connection() {
    let mut world = connected();
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    answer(&mut world, b"again");
    world.seconds(30);
    assert_eq!(world.failure(token).code, ErrorCode::Auth);
    assert!(world.sent().contains(&"DISCONNECT 0x83".into()));
}

#[test]
fn without_data_for_it_the_connection_stays_as_it_is() {
    let mut world = connected();
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    world.client.refuse_authentication(world.now);
    world.settle();
    assert_eq!(world.failure(token).code, ErrorCode::Auth);
    assert_eq!((world.closed, world.sent().len()), (0, 0));
}

#[test]
fn without_a_method_a_new_connection_takes_new_credentials() {
    for version in [V4, V5] {
        let mut world =
            World::connecting(Config { credentials: Credentials::Ask, ..config(version) });
        world.client.provide_credentials(Some("u".into()), Some(b"1".to_vec()), world.now);
        world.settle();
        world.open();
        world.accept(false, &[]);
        world.forget();
        let token = world.client.reauthenticate(world.now).unwrap().get();
        world.settle();
        assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
        assert_eq!(world.authorize.len(), 2, "at once");
        world.client.provide_credentials(Some("u".into()), Some(b"2".to_vec()), world.now);
        world.settle();
        world.open();
        assert_eq!(world.outcome(token), None);
        world.accept(false, &[]);
        assert_eq!(world.outcome(token), Some(&Told::Reauthenticated(token)));
    }
}

#[test]
fn what_expires_is_renewed_before() {
    let mut world = connected();
    let at = Instant::from_millis(world.now.as_millis() + 100_000);
    world.client.authentication_expires(at, world.now);
    world.settle();
    world.seconds(89);
    assert_eq!(world.authenticate, []);
    world.seconds(1);
    assert_eq!(world.authenticate, [Asked::Start { again: true }]);
    answer(&mut world, b"again");
    auth(&mut world, ReasonCode::SUCCESS, "SCRAM", b"");
    world.client.authentication_expires(world.now, world.now);
    world.settle();
    world.seconds(9);
    assert_eq!(world.authenticate.len(), 2, "what has expired already is not renewed without end");
    world.seconds(1);
    assert_eq!(world.authenticate.len(), 3);
}

#[test]
fn a_method_does_not_fall_back_to_a_version_without_it() {
    let auto = Config { version: VersionPolicy::Auto, ..scram() };
    let mut world = World::connecting(auto);
    answer(&mut world, b"first");
    world.open();
    world.refuse(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
    assert_eq!(world.client.state(), State::Closed);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn reauthenticating_needs_a_connection() {
    let mut world = World::connecting(scram());
    assert_eq!(world.client.reauthenticate(world.now).unwrap_err().code, ErrorCode::NotConnected);
}

#[test]
fn a_client_that_ends_is_not_renewed_and_loses_nothing() {
    let mut world =
        World::connecting(Config { credentials: Credentials::Ask, keep_alive: 0, ..config(V5) });
    world.client.provide_credentials(Some("u".into()), Some(b"1".to_vec()), world.now);
    let at = Instant::from_millis(world.now.as_millis() + 20_000);
    world.client.authentication_expires(at, world.now);
    world.settle();
    world.open();
    world.accept(false, &[]);
    world.forget();
    world.blocked = true;
    world.publish("a", "last", wasmqtt::codec::QoS::AtMostOnce);
    let drain = Some(core::time::Duration::from_secs(30));
    let options = DisconnectOptions { drain, ..DisconnectOptions::default() };
    world.client.disconnect(options, world.now);
    world.settle();
    world.seconds(30);
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"last\"", "DISCONNECT 0x00"]);
    assert_eq!((world.authorize.len(), world.opened.len()), (1, 1));
}
