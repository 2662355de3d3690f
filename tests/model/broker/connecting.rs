//! CONNECT: who has the client identifier, which session goes on, what CONNACK says, what is sent again. It does not know
//! what is new.

use wasmqtt::codec::{
    Connack, Connect, Disconnect, Packet, PacketType, Properties, PropertiesBuf, Property, QoS,
    ReasonCode,
};

use super::connection::{write_ack, write_publish};
use super::session::{Awaits, Held, Session};
use super::{Broker, Checked};
use crate::ledger::Ledger;
use crate::names::page_of;

impl Broker {
    pub(super) fn connect(
        &mut self,
        number: usize,
        connect: &Connect<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        let client = connect.client_identifier.to_owned();
        let page = page_of(&client);
        let v5 = connect.version.is_v5();
        if let Some(old) = self.sessions.get(&client).and_then(|session| session.connection) {
            // The newer one has it (3.1.4).
            if let Some(mut it) = self.connections.remove(&old) {
                if it.is_v5() {
                    let reason_code = ReasonCode::SESSION_TAKEN_OVER;
                    let properties = Properties::EMPTY;
                    it.write(&Packet::Disconnect(Disconnect { reason_code, properties }));
                }
                self.end(old, it, now, ledger)?;
            }
        }
        let over = |session: &Session| {
            session.expiry != u32::MAX && session.ended + u64::from(session.expiry) * 1000 <= now
        };
        let old = self.sessions.get(&client);
        if old.is_some_and(|session| connect.clean_start || over(session)) {
            self.sessions.remove(&client);
            ledger.forget(page);
            if !connect.clean_start {
                ledger.lost(page);
            }
        }
        let session_present = self.sessions.contains_key(&client);
        let tells_of_loss = !session_present && !connect.clean_start;
        let session = self.sessions.entry(client.clone()).or_default();
        let expiry = connect.properties.session_expiry_interval();
        session.expiry = match v5 {
            true => expiry.unwrap_or(0),
            false if connect.clean_start => 0,
            false => u32::MAX,
        };
        session.connection = Some(number);
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        it.client = Some(client.clone());
        it.version = Some(connect.version);
        it.limits = Some(self.limits);
        it.tells_of_loss = tells_of_loss;
        it.receive_maximum =
            connect.properties.receive_maximum().map_or(65_535, |it| it.get().into());
        it.will = connect.will.as_ref().map(|will| Held {
            topic: will.topic.as_str().into(),
            payload: will.payload.into(),
            qos: will.qos,
            retained: false,
        });
        let mut properties = PropertiesBuf::new();
        if v5 {
            let limits = self.limits;
            let maximum = core::num::NonZeroU16::new(limits.receive_maximum);
            let size = core::num::NonZeroU32::new(limits.maximum_packet_size);
            let mut push = |property| properties.push(property).map_err(|it| format!("{it:?}"));
            if let Some(maximum) = maximum {
                push(Property::ReceiveMaximum(maximum))?;
            }
            if let Some(size) = size {
                push(Property::MaximumPacketSize(size))?;
            }
            if limits.maximum_qos == QoS::AtLeastOnce {
                push(Property::MaximumQoS(true))?;
            }
            if !limits.retain_available {
                push(Property::RetainAvailable(false))?;
            }
            push(Property::TopicAliasMaximum(limits.aliases))?;
        }
        it.write(&Packet::Connack(Connack {
            session_present,
            reason_code: ReasonCode::SUCCESS,
            return_code: 0,
            properties: properties.as_properties(),
        }));
        self.accepted += 1;
        for sent in &session.sent {
            match sent.awaits {
                Awaits::Pubcomp => write_ack(it, PacketType::Pubrel, sent.identifier),
                _ => write_publish(it, &sent.held, sent.identifier, true, &session.subscriptions),
            }
        }
        self.pump(&client);
        Ok(())
    }
}
