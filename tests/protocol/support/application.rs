//! What the application asks for. What it is told is `told`.

use wasmqtt::client::{Error, PublishRequest, SubscriptionId, Token};
use wasmqtt::codec::{PropertiesBuf, Property, QoS, SubscriptionOptions};

use super::world::World;

impl World {
    pub(crate) fn publish(&mut self, topic: &str, payload: &str, qos: QoS) -> u32 {
        self.try_publish(topic, payload, qos, &[]).unwrap().get()
    }

    pub(crate) fn try_publish(
        &mut self,
        topic: &str,
        payload: &str,
        qos: QoS,
        properties: &[Property<'_>],
    ) -> Result<Token, Error> {
        let mut block = PropertiesBuf::new();
        for property in properties {
            block.push(*property).unwrap();
        }
        let request = PublishRequest {
            topic,
            payload: payload.into(),
            qos,
            retain: false,
            properties: block,
        };
        let token = self.client.publish(request, self.now);
        self.settle();
        token
    }

    pub(crate) fn subscribe(&mut self, filter: &str, qos: QoS) -> SubscriptionId {
        let id = self.client.subscribe(filter, SubscriptionOptions::new(qos), self.now).unwrap();
        self.settle();
        id
    }

    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId) -> u32 {
        let token = self.client.unsubscribe(id, self.now).unwrap();
        self.settle();
        token.get()
    }
}
