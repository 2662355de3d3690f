//! The class that the TypeScript facade holds. It knows how arguments and errors cross the
//! boundary; what they mean it leaves to the engine.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use wasm_bindgen::prelude::*;

use super::sink::{Sink, Teller};
use super::{options, properties, record};
use crate::browser::Driver;
use crate::client::{
    Acknowledge, Client, DeliveryId, DisconnectOptions, Error, ErrorCode, PublishRequest,
    SubscribeRequest, SubscriptionId, Token,
};
use crate::codec::{QoS, ReasonCode, RetainHandling, SubscriptionOptions};

/// One client. What it reports goes to the `Sink`; a call that fails throws an `ErrorData`.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver<Teller>>,
}

#[wasm_bindgen]
impl Engine {
    /// Reads the options; nothing is opened yet.
    #[wasm_bindgen(constructor)]
    pub fn new(sink: Sink, urls: Vec<String>, options: &JsValue) -> Result<Engine, JsValue> {
        #[cfg(feature = "debug")]
        console_error_panic_hook::set_once();
        thrown(|| {
            let mut options = options::read(options)?;
            options.servers.urls.clone_from(&urls);
            let driver = Driver::new(options.config, options.servers, Teller::new(sink, urls))?;
            Ok(Self { driver })
        })
    }

    /// Opens the first connection.
    pub fn connect(&self) -> Result<(), JsValue> {
        thrown(|| self.driver.command_now(|client, now| client.connect(now))?)
    }

    /// Whether new sockets wait, until it is called with false.
    pub fn hold(&self, held: bool) -> Result<(), JsValue> {
        thrown(|| self.driver.hold(held))
    }

    /// Queues a publish; its token.
    pub fn publish(
        &self,
        topic: &str,
        payload: Vec<u8>,
        qos: u8,
        retain: bool,
        properties: &JsValue,
    ) -> Result<u32, JsValue> {
        thrown(|| {
            let properties = properties::read(properties)?;
            let request = PublishRequest { topic, payload, qos: qos_of(qos)?, retain, properties };
            let bytes = topic.len() + request.payload.len();
            let token = self.driver.publish(bytes, |client, now| client.publish(request, now))?;
            Ok(token.get())
        })
    }

    /// Registers a subscription; its token, which is also its identifier. Bit 0 of `flags` is No
    /// Local, bit 1 Retain As Published, bits 2 and 3 Retain Handling, bit 4 acknowledgement by hand.
    /// `said` has `userProperties`.
    pub fn subscribe(
        &self,
        filter: &str,
        qos: u8,
        flags: u8,
        said: &JsValue,
    ) -> Result<u32, JsValue> {
        thrown(|| {
            let options = SubscriptionOptions {
                qos: qos_of(qos)?,
                no_local: flags & 1 != 0,
                retain_as_published: flags & 2 != 0,
                retain_handling: match flags >> 2 & 3 {
                    0 => RetainHandling::SendAtSubscribe,
                    1 => RetainHandling::SendIfNew,
                    _ => RetainHandling::DoNotSend,
                },
            };
            let properties = properties::said(said)?;
            let request = SubscribeRequest { options, manual: flags & 16 != 0, properties };
            let id =
                self.driver.command(|client, now| client.subscribe(filter, request, now))??;
            Ok(id.get())
        })
    }

    /// Ends one subscription; the token of that. `said` has `userProperties`.
    pub fn unsubscribe(&self, id: u32, said: &JsValue) -> Result<u32, JsValue> {
        let id = SubscriptionId::from_raw(id);
        thrown(|| {
            let said = properties::said(said)?;
            let unsubscribe = |client: &mut Client, now| client.unsubscribe_with(id, said, now);
            Ok(self.driver.command(unsubscribe)??.get())
        })
    }

    /// One subscription that acknowledges by hand is done with a message. `said` has `reasonString`
    /// and `userProperties`. False when the message does not wait for it any more.
    pub fn acknowledge(
        &self,
        delivery: u32,
        reason_code: u8,
        said: &JsValue,
    ) -> Result<bool, JsValue> {
        let id = DeliveryId::from_raw(delivery);
        thrown(|| {
            let reason_code = ReasonCode::from_value(reason_code);
            let answer = Acknowledge { reason_code, properties: properties::said(said)? };
            self.driver.command(|client, now| client.acknowledge(id, answer, now))?
        })
    }

    /// Nobody waits for that token any more. True when a queued publish was taken back.
    pub fn cancel(&self, token: u32) -> Result<bool, JsValue> {
        let token = Token::from_raw(token);
        thrown(|| self.driver.command(|client, _| client.cancel(token)))
    }

    /// Asks the server for a sign of life; the token.
    pub fn ping(&self) -> Result<u32, JsValue> {
        thrown(|| Ok(self.driver.command(|client, now| client.ping(now))??.get()))
    }

    /// The token that completes when every publish before it has.
    pub fn flush(&self) -> Result<u32, JsValue> {
        thrown(|| Ok(self.driver.command(|client, now| client.flush(now))?.get()))
    }

    /// Answers `Sink.authorize`.
    pub fn credentials(
        &self,
        username: Option<String>,
        password: Option<Vec<u8>>,
    ) -> Result<(), JsValue> {
        thrown(|| {
            self.driver
                .command_now(|client, now| client.provide_credentials(username, password, now))
        })
    }

    /// Answers `Sink.authorize`: the application's function failed.
    pub fn credentials_failed(&self) -> Result<(), JsValue> {
        thrown(|| self.driver.command_now(|client, now| client.refuse_credentials(now)))
    }

    /// What `Sink.authorize` was answered with expires in that many milliseconds.
    pub fn credentials_expire(&self, in_ms: f64) -> Result<(), JsValue> {
        let left = Duration::from_millis(in_ms.max(0.0) as u64);
        thrown(|| self.driver.command(|client, now| client.authentication_expires(now + left, now)))
    }

    /// Answers `Sink.authenticate`.
    pub fn authentication(&self, data: Option<Vec<u8>>) -> Result<(), JsValue> {
        thrown(|| self.driver.command_now(|client, now| client.provide_authentication(data, now)))
    }

    /// Answers `Sink.authenticate`: the application's function failed.
    pub fn authentication_failed(&self) -> Result<(), JsValue> {
        thrown(|| self.driver.command_now(|client, now| client.refuse_authentication(now)))
    }

    /// Authenticates anew; the token.
    pub fn reauthenticate(&self) -> Result<u32, JsValue> {
        thrown(|| Ok(self.driver.command_now(|client, now| client.reauthenticate(now))??.get()))
    }

    /// Ends the connection for good, after at most `drain_ms` for what is still queued. `said` has
    /// `reasonString` and `userProperties`.
    pub fn disconnect(
        &self,
        drain_ms: f64,
        reason_code: u8,
        session_expiry: Option<u32>,
        said: &JsValue,
    ) -> Result<(), JsValue> {
        thrown(|| {
            let options = DisconnectOptions {
                reason_code: ReasonCode::from_value(reason_code),
                session_expiry_interval: session_expiry,
                properties: properties::said(said)?,
                drain: (drain_ms > 0.0).then(|| Duration::from_millis(drain_ms as u64)),
            };
            self.driver.command_now(|client, now| client.disconnect(options, now))
        })
    }

    /// The fields of `Stats` in their order; NaN for `undefined`.
    pub fn stats(&self) -> Result<Vec<f64>, JsValue> {
        thrown(|| {
            self.driver.look(|core| record::stats(&core.engine.stats(), core.buffered_amount()))
        })
    }

    /// The client identifier in use; empty until the server has assigned one.
    pub fn client_id(&self) -> Result<String, JsValue> {
        thrown(|| self.driver.look(|core| String::from(core.engine.client_identifier())))
    }
}

fn qos_of(bits: u8) -> Result<QoS, Error> {
    QoS::from_value(bits)
        .ok_or_else(|| Error::new(ErrorCode::InvalidArgument, "qos must be 0, 1 or 2"))
}

fn thrown<R>(act: impl FnOnce() -> Result<R, Error>) -> Result<R, JsValue> {
    act().map_err(|error| record::error(&error))
}
