//! Messages to all who have subscribed, as fast as each of them takes any. It does not know who published them.

use wasmqtt::codec::{QoS, TopicFilter, TopicName};

use super::connection::write_publish;
use super::session::{Awaits, Held, Sent};
use super::{Broker, Checked};
use crate::ledger::Ledger;
use crate::names::{page_of, serial_of};

impl Broker {
    /// To everybody who has subscribed.
    pub(super) fn route(&mut self, held: Held, from: Option<&str>, ledger: &mut Ledger) -> Checked {
        let serial = serial_of(&held.payload).filter(|_| from.is_some());
        if let Some(serial) = serial {
            ledger.routed(serial)?;
        }
        let mut clients = Vec::new();
        for (client, session) in &mut self.sessions {
            let topic = TopicName::new(&held.topic).map_err(|error| format!("{error:?}"))?;
            let matching = session.subscriptions.iter().filter(|(filter, _)| {
                TopicFilter::new(filter).is_ok_and(|filter| filter.matches(topic))
            });
            let Some(qos) = matching.map(|(_, (qos, _))| *qos).max() else { continue };
            let qos = qos.min(held.qos);
            if session.connection.is_none() && qos == QoS::AtMostOnce {
                continue;
            }
            if let Some(serial) = serial.filter(|_| qos != QoS::AtMostOnce) {
                ledger.expect(page_of(client), serial);
            }
            session.queue.push_back(Held { qos, ..held.clone() });
            clients.push(client.clone());
        }
        for client in clients {
            self.pump(&client);
        }
        Ok(())
    }

    /// Sends what is queued for a client, as far as its Receive Maximum allows.
    pub(super) fn pump(&mut self, client: &str) {
        let Some(session) = self.sessions.get_mut(client) else { return };
        let Some(it) = session.connection.and_then(|it| self.connections.get_mut(&it)) else {
            return;
        };
        while let Some(held) = session.queue.front() {
            if held.qos != QoS::AtMostOnce && session.sent.len() >= it.receive_maximum.min(100) {
                return;
            }
            let Some(held) = session.queue.pop_front() else { return };
            let mut identifier = 0;
            if held.qos != QoS::AtMostOnce {
                session.last = session.last % 500 + 1;
                while session.sent.iter().any(|it| it.identifier == session.last) {
                    session.last = session.last % 500 + 1;
                }
                identifier = session.last;
            }
            write_publish(it, &held, identifier, false, &session.subscriptions);
            if held.qos != QoS::AtMostOnce {
                let exactly_once = held.qos == QoS::ExactlyOnce;
                let awaits = if exactly_once { Awaits::Pubrec } else { Awaits::Puback };
                session.sent.push_back(Sent { identifier, held, awaits });
            }
        }
    }
}
