//! A broker as the specification has it (3.1.1 and 5.0): sessions, retained messages, wills, QoS 0 to 2, expiry, limits,
//! clients that are taken over. It does not know the network, nor what is right for a client beyond that.

mod connecting;
mod connection;
mod publishing;
mod routing;
mod session;

use std::collections::BTreeMap;

use wasmqtt::codec::{
    Packet, PacketType, Properties, ProtocolVersion, QoS, ReasonCode, ReasonCodes, Suback,
    TopicName, decode_from_client, locate,
};

use crate::ledger::Ledger;
use crate::names::{page_of, told};
use crate::trace::line;
use connection::{Connection, write_ack};
use session::{Awaits, Held, Session};

/// What CONNACK says, from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) receive_maximum: u16,
    pub(crate) maximum_qos: QoS,
    pub(crate) retain_available: bool,
    pub(crate) aliases: u16,
    /// Bytes, or 0 for no limit.
    pub(crate) maximum_packet_size: u32,
}

#[derive(Debug)]
pub(crate) struct Broker {
    sessions: BTreeMap<String, Session>,
    connections: BTreeMap<usize, Connection>,
    retained: BTreeMap<String, Held>,
    pub(crate) limits: Limits,
    /// Whether acknowledgements wait for [`Broker::acknowledge`].
    pub(crate) lazy: bool,
    pub(crate) accepted: u64,
}

type Checked = Result<(), String>;

impl Broker {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            sessions: BTreeMap::new(),
            connections: BTreeMap::new(),
            retained: BTreeMap::new(),
            limits,
            lazy: false,
            accepted: 0,
        }
    }

    pub(crate) fn opened(&mut self, connection: usize) {
        self.connections.insert(connection, Connection::default());
    }

    /// Bytes for the network, and whether the connection ends after them.
    pub(crate) fn take(&mut self, connection: usize) -> (Vec<u8>, bool) {
        let Some(it) = self.connections.get_mut(&connection) else { return (Vec::new(), true) };
        (core::mem::take(&mut it.out), it.closed)
    }

    /// The network tells that it is gone.
    pub(crate) fn lost(&mut self, connection: usize, now: u64, ledger: &mut Ledger) -> Checked {
        let Some(it) = self.connections.remove(&connection) else { return Ok(()) };
        self.end(connection, it, now, ledger)
    }

    fn end(&mut self, number: usize, it: Connection, now: u64, ledger: &mut Ledger) -> Checked {
        if let Some(client) = &it.client {
            if it.tells_of_loss {
                // The next CONNACK tells of a session that is not the one the page knows.
                ledger.fragile.insert(page_of(client));
            }
            if let Some(session) = self.sessions.get_mut(client) {
                if session.connection == Some(number) {
                    session.connection = None;
                    session.ended = now;
                    if session.expiry == 0 {
                        self.sessions.remove(client);
                        ledger.forget(page_of(client));
                    }
                }
            }
        }
        match it.will {
            Some(will) => self.route(will, None, ledger),
            None => Ok(()),
        }
    }

    /// It restarts; `keeps`: it has stored its sessions.
    pub(crate) fn restart(&mut self, keeps: bool, now: u64, ledger: &mut Ledger) -> Checked {
        for number in self.connections.keys().copied().collect::<Vec<_>>() {
            if let Some(mut it) = self.connections.remove(&number) {
                it.will = None;
                self.end(number, it, now, ledger)?;
            }
        }
        if !keeps {
            for client in self.sessions.keys() {
                ledger.lost(page_of(client));
            }
            self.sessions.clear();
        }
        Ok(())
    }

    /// A page has heard what its CONNACK says.
    pub(crate) fn heard(&mut self, connection: usize) {
        if let Some(it) = self.connections.get_mut(&connection) {
            it.tells_of_loss = false;
        }
    }

    /// Whether nothing is under way to a client.
    pub(crate) fn is_idle(&self) -> bool {
        self.sessions.values().all(|it| it.sent.is_empty() && it.queue.is_empty())
            && self.connections.values().all(|it| it.later.is_empty())
    }

    /// Writes an acknowledgement that has waited.
    pub(crate) fn acknowledge(&mut self) -> bool {
        for it in self.connections.values_mut() {
            if let Some((packet, identifier)) = it.later.pop_front() {
                write_ack(it, packet, identifier);
                return true;
            }
        }
        false
    }

    /// Bytes came.
    pub(crate) fn receive(
        &mut self,
        number: usize,
        bytes: &[u8],
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        if it.closed {
            return Ok(());
        }
        it.bytes.extend_from_slice(bytes);
        loop {
            let Some(it) = self.connections.get_mut(&number).filter(|it| !it.closed) else {
                return Ok(());
            };
            let version = it.version.unwrap_or(ProtocolVersion::V5_0);
            let frame = locate(&it.bytes, version, None).map_err(|error| format!("{error:?}"))?;
            let Some(frame) = frame.filter(|frame| frame.len <= it.bytes.len()) else {
                return Ok(());
            };
            let packet: Vec<u8> = it.bytes.drain(..frame.len).collect();
            let packet = decode_from_client(&packet, version).map_err(|e| format!("{e:?}"))?;
            line(|| format!("  broker gets {}", told(&packet)));
            self.packet(number, &packet, now, ledger)?;
        }
    }

    fn packet(
        &mut self,
        number: usize,
        packet: &Packet<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        if let Packet::Connect(connect) = packet {
            return self.connect(number, connect, now, ledger);
        }
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        let Some(client) = it.client.clone() else { return Err("no CONNECT".into()) };
        let Some(session) = self.sessions.get_mut(&client) else { return Ok(()) };
        match packet {
            Packet::Publish(publish) => return self.publish(number, &client, publish, ledger),
            Packet::Pubrel(ack) => {
                session.received.remove(&ack.packet_identifier.get());
                self.answer(number, PacketType::Pubcomp, ack.packet_identifier.get());
            }
            Packet::Puback(ack) => session.ended(ack.packet_identifier.get(), Awaits::Puback),
            Packet::Pubcomp(ack) => session.ended(ack.packet_identifier.get(), Awaits::Pubcomp),
            Packet::Pubrec(ack) => {
                let identifier = ack.packet_identifier.get();
                if let Some(sent) = session.sent.iter_mut().find(|it| it.identifier == identifier) {
                    sent.awaits = Awaits::Pubcomp;
                }
                write_ack(it, PacketType::Pubrel, identifier);
            }
            Packet::Subscribe(subscribe) => {
                let identifier = subscribe.properties.subscription_identifiers().next();
                let mut codes = Vec::new();
                let mut retained = Vec::new();
                for wanted in subscribe.subscriptions.iter() {
                    let (filter, qos) = (wanted.filter, wanted.options.qos);
                    let filter_text = filter.as_str().to_owned();
                    session.subscriptions.insert(filter_text, (qos, identifier.unwrap_or(0)));
                    codes.push(qos.value());
                    for held in self.retained.values() {
                        if TopicName::new(&held.topic).is_ok_and(|topic| filter.matches(topic)) {
                            let qos = held.qos.min(qos);
                            retained.push(Held { retained: true, qos, ..held.clone() });
                        }
                    }
                }
                let suback = Packet::Suback(Suback {
                    packet_identifier: subscribe.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(&codes),
                });
                it.write(&suback);
                session.queue.extend(retained);
            }
            Packet::Unsubscribe(unsubscribe) => {
                let mut codes = Vec::new();
                for filter in unsubscribe.filters.iter() {
                    session.subscriptions.remove(filter.as_str());
                    codes.push(0);
                }
                let codes = if it.is_v5() { &codes[..] } else { &[] };
                let unsuback = Packet::Unsuback(Suback {
                    packet_identifier: unsubscribe.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(codes),
                });
                it.write(&unsuback);
            }
            Packet::Pingreq => it.write(&Packet::Pingresp),
            Packet::Disconnect(disconnect) => {
                if disconnect.reason_code == ReasonCode::SUCCESS {
                    it.will = None;
                }
                if disconnect.reason_code.is_error() {
                    return Err(format!("the client says {}", disconnect.reason_code.name()));
                }
                it.closed = true;
            }
            other => return Err(format!("not from a client: {other:?}")),
        }
        self.pump(&client);
        Ok(())
    }
}
