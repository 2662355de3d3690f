//! What the client sends, read strictly and checked against what it may send at that moment; and the answers of a server
//! that does everything right. It does not know when anything is sent.

use std::collections::VecDeque;

use wasmqtt::client::Config;
use wasmqtt::codec::{
    Acknowledgement, Auth, Connack, Packet, PacketIdentifier, PropertiesBuf, Property, Publish,
    QoS, ReasonCode, ReasonCodes, Suback, decode_from_client, locate,
};

use super::connection::{Connection, Due, InFlight, Session};
use super::decoder::is_shortest;
use super::tokens::Ledger;

/// Checks one WebSocket message of the client's and appends the answers to it. Publishes whose identifier was used for
/// another one go to `suspects`: the client has to have told of their end.
pub fn sent(
    bytes: &[u8],
    connection: &mut Connection,
    session: &mut Session,
    ledger: &mut Ledger,
    config: &Config,
    suspects: &mut Vec<u32>,
) -> Vec<u8> {
    let version = connection.version;
    let mut answers = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let frame = match locate(rest, version, None) {
            Ok(Some(frame)) => frame,
            other => panic!("{other:?} was sent: {rest:02x?}"),
        };
        let (packet, more) = rest.split_at(frame.len);
        rest = more;
        let decoded = match decode_from_client(packet, version) {
            Ok(decoded) => decoded,
            Err(error) => panic!("{error:?} was sent: {packet:02x?}"),
        };
        assert!(is_shortest(packet, version), "not in its shortest form: {packet:02x?}");
        assert!(!connection.said_disconnect, "something was sent after DISCONNECT: {decoded:?}");
        match (&decoded, &connection.limits) {
            (Packet::Connect(_), _) => {}
            (_, Some(limits)) => {
                assert!(packet.len() <= limits.packet_size, "too long: {decoded:?}");
            }
            (Packet::Auth(_), None) => assert!(connection.said_connect),
            (other, None) => panic!("before CONNACK: {other:?}"),
        }
        check(&decoded, connection, session, ledger, config, suspects);
        answer(&decoded, connection, config, &mut answers);
    }
    answers
}

fn check(
    packet: &Packet<'_>,
    connection: &mut Connection,
    session: &mut Session,
    ledger: &mut Ledger,
    config: &Config,
    suspects: &mut Vec<u32>,
) {
    let new = matches!(packet, Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_));
    assert!(!(new && connection.over), "sent after the server broke the protocol: {packet:?}");
    match packet {
        Packet::Connect(connect) => {
            assert!(!connection.said_connect, "a second CONNECT");
            assert_eq!(connect.version, connection.version);
            assert_eq!(connect.keep_alive, config.keep_alive);
            assert_eq!(connect.will.is_some(), config.will.is_some());
            connection.said_connect = true;
            connection.clean_start = connect.clean_start;
        }
        Packet::Publish(it) => publish(it, connection, session, ledger, suspects),
        Packet::Puback(ack) => due(ack, &mut connection.due_puback, false),
        Packet::Pubrec(ack) => due(ack, &mut connection.due_pubrec, true),
        Packet::Pubcomp(ack) => due(ack, &mut connection.due_pubcomp, false),
        Packet::Pubrel(ack) => {
            let id = ack.packet_identifier.get();
            if connection.due_pubrel.front().is_some_and(|(due, _)| *due == id) {
                let known = connection.due_pubrel.pop_front().is_some_and(|(_, known)| known);
                assert_eq!(ack.reason_code.is_error(), !known && connection.version.is_v5());
            } else {
                let known = session.in_flight.get(&id).is_some_and(|it| it.received);
                assert!(known && connection.released.insert(id), "PUBREL {id} is not due");
            }
        }
        Packet::Subscribe(it) => {
            let Some(limits) = &connection.limits else { return };
            for subscription in it.subscriptions.iter() {
                let filter = subscription.filter;
                assert!(limits.wildcards || !filter.has_wildcard(), "{filter:?}");
                assert!(limits.shared || filter.share_name().is_none(), "{filter:?}");
            }
            let identifier = it.properties.subscription_identifier();
            assert!(identifier.is_none() || limits.identifiers);
            let count = it.subscriptions.iter().count();
            request(it.packet_identifier, (true, count), connection, session, ledger, suspects);
        }
        Packet::Unsubscribe(it) => {
            let count = it.filters.iter().count();
            request(it.packet_identifier, (false, count), connection, session, ledger, suspects);
        }
        Packet::Pingreq => {}
        Packet::Disconnect(it) => {
            assert!(Connection::may_say(it.reason_code), "not a client's: {it:?}");
            let expiry = it.properties.session_expiry_interval().unwrap_or(0);
            assert!(expiry == 0 || config.session_expiry_interval > 0, "MQTT-3.14.2-2");
            connection.said_disconnect = true;
        }
        Packet::Auth(it) => {
            let method = it.properties.authentication_method();
            assert!(method.is_some() && method == config.authentication_method.as_deref());
            let again = it.reason_code == ReasonCode::RE_AUTHENTICATE;
            assert!(again || it.reason_code == ReasonCode::CONTINUE_AUTHENTICATION);
            assert!(!again || connection.limits.is_some(), "authenticated anew before CONNACK");
        }
        Packet::Connack(_) | Packet::Suback(_) | Packet::Unsuback(_) | Packet::Pingresp => {
            panic!("a server's packet: {packet:?}")
        }
    }
}

/// Acknowledgements leave in the order of what they acknowledge (4.6). With `repeats`, what has come again before it was
/// answered may be answered once for all: at the place of the first or of the last.
fn due(ack: &Acknowledgement<'_>, due: &mut VecDeque<Due>, repeats: bool) {
    let id = ack.packet_identifier.get();
    while let Some(first) = due.pop_front() {
        if first.id == id {
            due.iter_mut().filter(|it| it.id == id).for_each(|it| it.answered = repeats);
            return;
        }
        let again = repeats && due.iter().any(|it| it.id == first.id);
        assert!(first.answered || again, "{first:?} is due before {ack:?}");
    }
    panic!("an acknowledgement of nothing: {ack:?}");
}

fn request(
    identifier: PacketIdentifier,
    what: (bool, usize),
    connection: &mut Connection,
    session: &mut Session,
    ledger: &Ledger,
    suspects: &mut Vec<u32>,
) {
    free(identifier.get(), connection, session, ledger, suspects);
    connection.requests.insert(identifier.get(), what);
}

/// A new exchange takes an identifier that none has MQTT-2.2.1-3.
fn free(
    id: u16,
    connection: &Connection,
    session: &mut Session,
    ledger: &Ledger,
    suspects: &mut Vec<u32>,
) {
    assert!(!connection.requests.contains_key(&id), "identifier {id} is in use");
    if let Some(other) = session.in_flight.remove(&id) {
        if !ledger.is_done(other.serial) {
            suspects.push(other.serial);
        }
    }
}

fn publish(
    publish: &Publish<'_>,
    connection: &mut Connection,
    session: &mut Session,
    ledger: &mut Ledger,
    suspects: &mut Vec<u32>,
) {
    let Some(limits) = connection.limits.clone() else { return };
    let serial = publish.payload.get(..8).and_then(|it| core::str::from_utf8(it).ok());
    let serial = serial.and_then(|it| u32::from_str_radix(it, 16).ok());
    let Some(serial) = serial else { panic!("not what was asked for: {publish:?}") };
    assert!(connection.last_serial < Some(serial), "out of order: {publish:?}");
    connection.last_serial = Some(serial);

    let topic = match publish.properties.topic_alias() {
        None => publish.topic.to_string(),
        Some(alias) => {
            assert!(alias <= limits.aliases, "an alias above the server's maximum: {publish:?}");
            if !publish.topic.is_empty() {
                connection.own_aliases.insert(alias, publish.topic.to_string());
            }
            connection.own_aliases.get(&alias).cloned().unwrap_or_default()
        }
    };
    let wanted = ledger.sent(serial, publish.duplicate);
    assert_eq!((&*wanted.topic, &*wanted.payload), (&*topic, publish.payload));
    assert_eq!((wanted.qos, wanted.retain), (publish.qos, publish.retain));
    match (wanted.expiry, publish.properties.message_expiry_interval()) {
        (Some(most), Some(left)) => assert!(left <= most && (left > 0 || publish.duplicate)),
        (None, Some(_)) => panic!("an expiry that nobody asked for"),
        (Some(_), None) => assert!(!connection.version.is_v5(), "the expiry is missing"),
        (None, None) => {}
    }
    assert!(publish.qos <= limits.qos && (limits.retain || !publish.retain), "{publish:?}");
    let Some(identifier) = publish.packet_identifier else { return };
    let id = identifier.get();
    if publish.duplicate {
        let known = session.in_flight.get(&id);
        assert!(known.is_some_and(|it| it.serial == serial && !it.received), "DUP: {publish:?}");
        assert!(!connection.published.contains(&id), "sent twice on one connection: {publish:?}");
    } else {
        free(id, connection, session, ledger, suspects);
        let in_flight = InFlight { serial, qos: publish.qos, received: false };
        session.in_flight.insert(id, in_flight);
    }
    connection.published.insert(id);
    connection.window.insert(id);
    assert!(connection.window.len() <= limits.receive_maximum, "above the Receive Maximum");
}

/// What a server answers that has nothing against it.
fn answer(packet: &Packet<'_>, connection: &Connection, config: &Config, out: &mut Vec<u8>) {
    let version = connection.version;
    let mut properties = PropertiesBuf::new();
    let method = config.authentication_method.as_deref().filter(|_| version.is_v5());
    if let (Some(method), Packet::Connect(_) | Packet::Auth(_)) = (method, packet) {
        let _ = properties.push(Property::AuthenticationMethod(method));
    }
    let properties = properties.as_properties();
    let codes: Vec<u8> = match packet {
        Packet::Subscribe(it) => it.subscriptions.iter().map(|it| it.options.qos.value()).collect(),
        Packet::Unsubscribe(it) if version.is_v5() => it.filters.iter().map(|_| 0).collect(),
        _ => Vec::new(),
    };
    let suback = |packet_identifier| Suback {
        packet_identifier,
        properties,
        reason_codes: ReasonCodes(&codes),
    };
    let ack = |id| Acknowledgement::success(id);
    let reply = match packet {
        Packet::Connect(_) => Packet::Connack(Connack {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            return_code: 0,
            properties,
        }),
        Packet::Auth(it) if it.reason_code == ReasonCode::RE_AUTHENTICATE => {
            Packet::Auth(Auth { reason_code: ReasonCode::SUCCESS, properties })
        }
        Packet::Auth(_) if connection.limits.is_some() => {
            Packet::Auth(Auth { reason_code: ReasonCode::SUCCESS, properties })
        }
        Packet::Auth(_) => Packet::Connack(Connack {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            return_code: 0,
            properties,
        }),
        Packet::Publish(it) => match (it.qos, it.packet_identifier) {
            (QoS::AtLeastOnce, Some(id)) => Packet::Puback(ack(id)),
            (QoS::ExactlyOnce, Some(id)) => Packet::Pubrec(ack(id)),
            _ => return,
        },
        Packet::Pubrel(it) => Packet::Pubcomp(ack(it.packet_identifier)),
        Packet::Pubrec(it) => Packet::Pubrel(ack(it.packet_identifier)),
        Packet::Subscribe(it) => Packet::Suback(suback(it.packet_identifier)),
        Packet::Unsubscribe(it) => Packet::Unsuback(suback(it.packet_identifier)),
        Packet::Pingreq => Packet::Pingresp,
        _ => return,
    };
    let written = reply.encode(version, out);
    assert!(written.is_ok(), "{reply:?}: {written:?}");
}
