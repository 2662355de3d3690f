//! The answers to a PUBLISH, in both directions (4.3): PUBACK, PUBREC, PUBREL, PUBCOMP. It knows who
//! waits for one; what else a packet brings is `incoming`'s matter.

use alloc::vec::Vec;

use super::core::Core;
use super::incoming::{Step, refused};
use super::{Acknowledge, Backlog, DeliveryId, Error, Outcome, Token};
use crate::codec::{
    Acknowledgement, PacketIdentifier, PacketType, Properties, Property, Publish, QoS, ReasonCode,
    TopicName,
};
use crate::session::Unexpected;

impl Core {
    /// Acknowledges a message, or has it wait for those who do that by hand.
    pub(super) fn deliver(
        &mut self,
        publish: &Publish<'_>,
        alias: Option<u16>,
        identifier: PacketIdentifier,
    ) -> Option<DeliveryId> {
        let mut owed = 0;
        if self.session.subscriptions.has_manual() {
            let topic = match alias {
                Some(alias) => self.connection.received_aliases.topic(alias).unwrap_or_default(),
                None => publish.topic,
            };
            let identifiers: Vec<u32> = publish.properties.subscription_identifiers().collect();
            owed =
                self.session.subscriptions.manual_routes(TopicName::checked(topic), &identifiers);
        }
        let at_least_once = publish.qos == QoS::AtLeastOnce;
        if owed == 0 && !at_least_once {
            self.session.inbound.settle(identifier);
            self.told_ahead();
        }
        if owed == 0 && self.session.deliveries.is_empty() && self.backlog == Backlog::Small {
            let packet = if at_least_once { PacketType::Puback } else { PacketType::Pubrec };
            self.acknowledge(packet, identifier);
            return None;
        }
        let delivery =
            self.session.deliveries.push(publish.qos, identifier, owed, ReasonCode::SUCCESS);
        self.answer_deliveries();
        delivery.map(DeliveryId)
    }

    /// One who acknowledges by hand is done with a message.
    pub(super) fn acknowledge_by_hand(
        &mut self,
        id: DeliveryId,
        answer: Acknowledge,
    ) -> Result<bool, Error> {
        let Acknowledge { reason_code, properties } = answer;
        let plain = reason_code == ReasonCode::SUCCESS && properties.is_empty();
        if !plain && !self.connecting.version().is_v5() {
            return Err(Error::unsupported("MQTT 3.x acknowledges and says no more"));
        }
        if !reason_code.may_stand_in(PacketType::Puback) {
            return Err(Error::invalid("a reason code that PUBACK does not have"));
        }
        let may = |it| matches!(it, Property::ReasonString(_) | Property::UserProperty(_));
        if !properties.as_properties().iter().all(may) {
            return Err(Error::invalid("a property that PUBACK does not have"));
        }
        let waits = self.session.deliveries.acknowledge(id.0, reason_code, properties);
        if self.is_connected() {
            let before = self.outbox.len();
            self.answer_deliveries();
            self.hold(before);
        }
        Ok(waits)
    }

    /// Sends the acknowledgements whose turn it is.
    pub(super) fn answer_deliveries(&mut self) {
        if self.backlog > Backlog::Small {
            return;
        }
        while let Some(answer) = self.session.deliveries.next_answer() {
            let (identifier, reason_code) = (answer.identifier, answer.reason_code);
            let packet = match answer.qos {
                QoS::ExactlyOnce => PacketType::Pubrec,
                _ => PacketType::Puback,
            };
            if answer.qos == QoS::ExactlyOnce {
                match reason_code.is_error() {
                    true => _ = self.session.inbound.release(identifier),
                    false => self.session.inbound.settle(identifier),
                }
            }
            let mut ack = Acknowledgement { reason_code, ..Acknowledgement::success(identifier) };
            ack.properties = answer.properties.as_properties();
            if ack.properties.len() > self.server_maximum().saturating_sub(ACK_LEN) {
                // [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] (5.0)
                ack.properties = Properties::EMPTY;
            }
            self.send_acknowledgement(packet, &ack);
        }
    }

    fn acknowledge(&mut self, packet: PacketType, identifier: PacketIdentifier) {
        self.send_acknowledgement(packet, &Acknowledgement::success(identifier));
    }

    fn send_acknowledgement(&mut self, packet: PacketType, ack: &Acknowledgement<'_>) {
        self.stats.packets_sent += 1;
        // Cannot fail: there is nothing in it that a version lacks.
        let _ = ack.encode(packet, self.connecting.version(), self.outbox.end());
    }

    /// The end of a publish of ours: tells the application, unless nothing is known of it.
    pub(super) fn acknowledged<'a>(
        &mut self,
        found: Result<Option<u32>, Unexpected>,
        ack: &Acknowledgement<'a>,
    ) -> Step<'a> {
        let token = match found {
            Ok(Some(token)) => Token(token),
            // A late answer, or a server's slip: mosquitto and others let it pass too.
            Ok(None) => {
                let Self { session, .. } = self;
                let identifier = ack.packet_identifier;
                session.outbound.forgive(identifier, &mut session.identifiers);
                return Step::Done;
            }
            Err(Unexpected) => {
                self.breach("an acknowledgement of the wrong kind");
                return Step::Done;
            }
        };
        self.connection.completed = true;
        self.session.identifiers.release(ack.packet_identifier);
        let (reason_code, properties) = (ack.reason_code, ack.properties);
        self.progressed();
        if reason_code.is_error() {
            self.fail(token, refused(reason_code, properties));
            return Step::Done;
        }
        Step::Published(token, Outcome::Published { reason_code, properties })
    }

    pub(super) fn pubrec<'a>(&mut self, ack: &Acknowledgement<'a>) -> Step<'a> {
        let identifier = ack.packet_identifier;
        if ack.reason_code.is_error() {
            let found = self.session.outbound.pubrec_error(identifier);
            return self.acknowledged(found, ack);
        }
        match self.session.outbound.pubrec(identifier, ack.reason_code) {
            Err(Unexpected) => self.breach("an acknowledgement of the wrong kind"),
            Ok(known) => {
                // [MQTT-4.3.3-4]; for an unknown one 4.3.3 and 3.6.2.1.
                let mut pubrel = Acknowledgement::success(identifier);
                if known.is_none() && self.connecting.version().is_v5() {
                    pubrel.reason_code = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
                }
                self.send_acknowledgement(PacketType::Pubrel, &pubrel);
            }
        }
        Step::Done
    }

    pub(super) fn pubrel(&mut self, ack: &Acknowledgement<'_>) {
        // [MQTT-4.3.3-11] (5.0)
        let mut pubcomp = Acknowledgement::success(ack.packet_identifier);
        if !self.session.inbound.release(ack.packet_identifier) && self.connecting.version().is_v5()
        {
            pubcomp.reason_code = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        }
        self.send_acknowledgement(PacketType::Pubcomp, &pubcomp);
    }
}

/// Bytes of a PUBACK besides its properties: five of fixed header, identifier, reason code, four of
/// Property Length.
const ACK_LEN: usize = 5 + 2 + 1 + 4;
