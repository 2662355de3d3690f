//! Messages received and not acknowledged yet, since the application does that by hand. Answers leave
//! in the order in which the messages came [MQTT-4.6.0-2] [MQTT-4.6.0-3]; this does not write them.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::queue;
use crate::codec::{PacketIdentifier, PropertiesBuf, QoS, ReasonCode};

/// What PUBACK or PUBREC says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub qos: QoS,
    pub identifier: PacketIdentifier,
    pub reason_code: ReasonCode,
    pub properties: PropertiesBuf,
}

/// All of them.
///
/// ```
/// use wasmqtt::session::Deliveries;
///
/// let mut deliveries = Deliveries::default();
/// assert!(deliveries.is_empty());
/// assert!(deliveries.next_answer().is_none()); // nothing waits to be acknowledged
/// ```
#[derive(Clone, Default, Debug)]
pub struct Deliveries {
    waiting: VecDeque<Box<Delivery>>,
    last: u32,
}

#[derive(Clone, Debug)]
struct Delivery {
    id: u32,
    answer: Answer,
    /// Subscriptions that have not acknowledged yet.
    owed: u32,
    /// The server has not sent it again since the connection was lost.
    gone: bool,
}

impl Deliveries {
    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// QoS 1 messages that wait, as the server counts them (4.9).
    pub fn at_least_once(&self) -> usize {
        self.waiting.iter().filter(|it| it.answer.qos == QoS::AtLeastOnce).count()
    }

    /// A message came that `owed` subscriptions acknowledge by hand, or none.
    pub fn push(
        &mut self,
        qos: QoS,
        identifier: PacketIdentifier,
        owed: u32,
        reason_code: ReasonCode,
    ) -> Option<u32> {
        self.last = self.last.wrapping_add(1);
        let id = self.last;
        let answer = Answer { qos, identifier, reason_code, properties: PropertiesBuf::new() };
        self.waiting.push_back(Box::new(Delivery { id, answer, owed, gone: false }));
        (owed > 0).then_some(id)
    }

    /// A QoS 2 message came again: it is answered when the first one is. False when none waits.
    pub fn again(&mut self, identifier: PacketIdentifier) -> bool {
        let Some(index) = self
            .waiting
            .iter()
            .position(|it| it.answer.qos == QoS::ExactlyOnce && it.answer.identifier == identifier)
        else {
            return false;
        };
        let Some(mut delivery) = queue::remove(&mut self.waiting, index) else { return false };
        delivery.gone = false;
        self.waiting.push_back(delivery);
        true
    }

    /// One subscription is done with it. A reason code that is an error is kept over one that is not.
    /// False when the message does not wait any more.
    pub fn acknowledge(
        &mut self,
        id: u32,
        reason_code: ReasonCode,
        properties: PropertiesBuf,
    ) -> bool {
        let Some(delivery) = self.waiting.iter_mut().find(|it| it.id == id && it.owed > 0) else {
            return false;
        };
        delivery.owed -= 1;
        if !delivery.answer.reason_code.is_error() {
            delivery.answer.reason_code = reason_code;
            delivery.answer.properties = properties;
        }
        true
    }

    /// The next answer that may leave.
    pub fn next_answer(&mut self) -> Option<Answer> {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let first = self.waiting.iter().position(|it| it.answer.qos == qos && !it.gone);
            let Some(index) = first else { continue };
            if self.waiting.get(index).is_some_and(|it| it.owed == 0) {
                return queue::remove(&mut self.waiting, index).map(|it| it.answer);
            }
        }
        None
    }

    /// The connection is lost: the server sends all of them again. Those of QoS 1 are new messages
    /// then; those of QoS 2 are known.
    pub fn connection_lost(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some(mut it) = self.waiting.pop_front() else { return };
            it.gone = true;
            if it.answer.qos == QoS::ExactlyOnce {
                self.waiting.push_back(it);
            }
        }
    }

    /// The server has no session: nothing waits for an answer.
    pub fn session_lost(&mut self) {
        self.waiting = VecDeque::new();
    }
}
