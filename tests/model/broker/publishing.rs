//! What clients publish: held against the limits of their CONNACK, taken over once, and answered. Who gets it is `routing`.

use wasmqtt::codec::{PacketIdentifier, PacketType, Publish, QoS};

use super::connection::write_ack;
use super::session::Held;
use super::{Broker, Checked};
use crate::ledger::Ledger;
use crate::names::page_of;

impl Broker {
    pub(super) fn publish(
        &mut self,
        number: usize,
        client: &str,
        publish: &Publish<'_>,
        ledger: &mut Ledger,
    ) -> Checked {
        let lazy = self.lazy;
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        let Some(limits) = it.limits else { return Ok(()) };
        let Some(session) = self.sessions.get_mut(client) else { return Ok(()) };
        let mut topic = publish.topic.to_owned();
        if let Some(alias) = publish.properties.topic_alias() {
            if alias == 0 || alias > limits.aliases {
                return Err("a topic alias that is not allowed".into());
            }
            if topic.is_empty() {
                topic = it.aliases.get(&alias).cloned().ok_or("an alias of nothing")?;
            } else {
                it.aliases.insert(alias, topic.clone());
            }
        }
        let v5 = it.is_v5();
        if v5 && (publish.qos > limits.maximum_qos || publish.retain && !limits.retain_available) {
            return Err("beyond the limits of CONNACK".into());
        }
        let qos = publish.qos;
        let payload = publish.payload.to_vec();
        let held = Held { topic, payload, qos, retained: false };
        let identifier = publish.packet_identifier.map_or(0, PacketIdentifier::get);
        if v5 && qos != QoS::AtMostOnce {
            it.counted.insert(identifier);
            if it.counted.len() > usize::from(limits.receive_maximum) {
                return Err(format!("{} publishes are unacknowledged", it.counted.len()));
            }
        }
        if qos == QoS::AtLeastOnce && it.later.contains(&(PacketType::Puback, identifier)) {
            return Err(format!("identifier {identifier} is in use"));
        }
        if publish.retain {
            self.retained.insert(held.topic.clone(), held.clone());
        }
        match qos {
            QoS::AtMostOnce => self.route(held, Some(client), ledger)?,
            QoS::AtLeastOnce => {
                self.route(held, Some(client), ledger)?;
                self.answer_later(number, PacketType::Puback, identifier, lazy);
            }
            QoS::ExactlyOnce => {
                match session.received.get(&identifier) {
                    Some(first) if *first != held.payload => {
                        if !ledger.fragile.contains(&page_of(client)) {
                            return Err(format!("identifier {identifier} is in use"));
                        }
                    }
                    Some(_) if !publish.duplicate => {
                        return Err("sent again without DUP".into());
                    }
                    Some(_) => {}
                    None => {
                        session.received.insert(identifier, held.payload.clone());
                        self.route(held, Some(client), ledger)?;
                    }
                }
                self.answer_later(number, PacketType::Pubrec, identifier, lazy);
            }
        }
        Ok(())
    }

    pub(super) fn answer(&mut self, number: usize, packet: PacketType, identifier: u16) {
        if let Some(it) = self.connections.get_mut(&number) {
            write_ack(it, packet, identifier);
        }
    }

    fn answer_later(&mut self, number: usize, packet: PacketType, identifier: u16, lazy: bool) {
        if let Some(it) = self.connections.get_mut(&number) {
            if lazy || !it.later.is_empty() {
                it.later.push_back((packet, identifier));
            } else {
                write_ack(it, packet, identifier);
            }
        }
    }
}
