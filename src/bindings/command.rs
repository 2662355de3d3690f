//! One command of the facade's, carried out. It knows the numbers of the commands, which
//! `src/npm/port/port.ts` has too; what they do is the engine's.

use alloc::vec::Vec;
use core::mem::take;
use core::time::Duration;

use super::settings;
use crate::browser::{Core, Servers, Settle};
use crate::client::{
    Acknowledge, Config, DeliveryId, DisconnectOptions, Error, Instant, PublishRequest,
    SubscribeRequest, SubscriptionId, Token, Wake,
};
use crate::codec::{PropertiesBuf, QoS, ReasonCode, RetainHandling, SubscriptionOptions};
use crate::session::STORES;

/// A command: what it is, and what it may carry.
pub(super) struct Command<'a> {
    pub(super) kind: u8,
    /// Its token, where it is answered.
    pub(super) id: u32,
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) text: &'a str,
    pub(super) data: Vec<u8>,
    pub(super) properties: PropertiesBuf,
}

/// Carries a command out, and takes of it what it needs: what is left is dropped once, by who has it. What is wrong with it is
/// the answer to its token.
pub(super) fn perform(
    core: &mut Core,
    now: Instant,
    command: &mut Command<'_>,
) -> Result<Settle, Error> {
    let Command { kind, id, first, second, text, data, properties } = command;
    let (kind, id, first, second, text) = (*kind, *id, *first, *second, *text);
    let number = first as u32;
    if kind == HOLD {
        core.hold(number != 0);
        return Ok(Settle::Now);
    }
    let client = &mut core.engine;
    client.name_next(Token::from_raw(id));
    match kind {
        CONNECT => client.connect(now)?,
        PUBLISH => {
            let bytes = text.len() + data.len();
            let (qos, retain) = (qos_of(number), number & 4 != 0);
            let mut topic = text;
            if STORES && number & 8 != 0 {
                let end = text.bytes().rposition(|byte| byte == 0).unwrap_or_default();
                topic = text.get(..end).unwrap_or_default();
                client.label_next(text.get(end + 1..).unwrap_or_default());
            }
            let (payload, properties) = (take(data), take(properties));
            let request = PublishRequest { topic, payload, qos, retain, properties };
            client.publish(request, now)?;
            return Ok(Settle::Published(bytes));
        }
        SUBSCRIBE => {
            let options = SubscriptionOptions {
                qos: qos_of(number),
                no_local: number & 4 != 0,
                retain_as_published: number & 8 != 0,
                retain_handling: match number >> 4 & 3 {
                    0 => RetainHandling::SendAtSubscribe,
                    1 => RetainHandling::SendIfNew,
                    _ => RetainHandling::DoNotSend,
                },
            };
            let (manual, properties) = (number & 64 != 0, take(properties));
            client.subscribe(text, SubscribeRequest { options, manual, properties }, now)?;
            return Ok(Settle::InTurn);
        }
        UNSUBSCRIBE => {
            if text.is_empty() {
                client.unsubscribe_with(SubscriptionId::from_raw(number), take(properties), now)?;
            } else {
                client.unsubscribe_filter(text, take(properties), now)?;
            }
            return Ok(Settle::InTurn);
        }
        ACKNOWLEDGE => {
            let reason_code = ReasonCode::from_value(second as u8);
            let answer = Acknowledge { reason_code, properties: take(properties) };
            client.acknowledge(DeliveryId::from_raw(number), answer, now)?;
            return Ok(Settle::InTurn);
        }
        CANCEL => {
            client.cancel(Token::from_raw(number));
            return Ok(Settle::InTurn);
        }
        PING => {
            client.ping(now)?;
            return Ok(Settle::InTurn);
        }
        FLUSH => {
            client.flush(now);
            return Ok(Settle::InTurn);
        }
        CREDENTIALS => {
            let username = (number & 1 != 0).then(|| text.into());
            let password = (number & 2 != 0).then(|| take(data));
            client.provide_credentials(username, password, now);
        }
        KEEP_SESSION if STORES => client.keep_session(first as u64, now)?,
        REFUSE_CREDENTIALS => client.refuse_credentials(now),
        EXPIRES => client.authentication_expires(now + millis(first), now),
        AUTHENTICATION => client.provide_authentication((number != 0).then(|| take(data)), now),
        REFUSE_AUTHENTICATION => client.refuse_authentication(now),
        REAUTHENTICATE => {
            client.reauthenticate(now)?;
        }
        TICK => {
            client.handle_timeout(now);
            core.hurry(number != 0);
        }
        WAKE => {
            client.handle_wake(WAKES.get(number as usize).copied().unwrap_or(Wake::Visible), now)
        }
        CONFIGURE => {
            let (mut config, mut servers) = (Config::default(), Servers::default());
            settings::read(data, &mut config, &mut servers);
            core.configure(config, servers.urls, now)?;
            return Ok(Settle::InTurn);
        }
        DISCONNECT | DISCONNECT_WITH_WILL | STOP => {
            let with_will = kind == DISCONNECT_WITH_WILL || (kind == STOP && number != 0);
            let options = DisconnectOptions {
                reason_code: match with_will {
                    true => ReasonCode::DISCONNECT_WITH_WILL_MESSAGE,
                    false => ReasonCode::SUCCESS,
                },
                session_expiry_interval: (second >= 0.0).then_some(second as u32),
                properties: take(properties),
                drain: (first > 0.0).then(|| millis(first)),
            };
            if kind == STOP {
                client.stop(&options, now)?;
            } else {
                client.disconnect(options, now);
            }
        }
        _ => {}
    }
    Ok(Settle::Now)
}

fn qos_of(bits: u32) -> QoS {
    QoS::from_value(bits as u8 & 3).unwrap_or_default()
}

fn millis(millis: f64) -> Duration {
    Duration::from_millis(millis as u64)
}

const CONNECT: u8 = 0;
/// First: whether new sockets wait.
const HOLD: u8 = 1;
/// First: QoS, RETAIN in bit 2. Topic, payload, properties. With bit 3 the topic, U+0000 and the
/// application's word for the publish.
const PUBLISH: u8 = 2;
/// First: QoS, No Local in bit 2, Retain As Published in bit 3, Retain Handling in bits 4 and 5,
/// acknowledgement by hand in bit 6. Filter, properties.
const SUBSCRIBE: u8 = 3;
/// First: number of the subscription; or a filter that this client does not subscribe to. Properties.
const UNSUBSCRIBE: u8 = 4;
/// First: number of the delivery. Second: reason code. Properties.
const ACKNOWLEDGE: u8 = 5;
/// First: the token that nobody waits for any more.
const CANCEL: u8 = 6;
const PING: u8 = 7;
const FLUSH: u8 = 8;
/// First: bit 0 for a user name, bit 1 for a password. Text and data are they.
const CREDENTIALS: u8 = 9;
const REFUSE_CREDENTIALS: u8 = 10;
/// First: in so many milliseconds.
const EXPIRES: u8 = 11;
/// First: whether there is data.
const AUTHENTICATION: u8 = 12;
const REFUSE_AUTHENTICATION: u8 = 13;
const REAUTHENTICATE: u8 = 14;
/// First: milliseconds to drain. Second: Session Expiry Interval, or less than 0. Properties.
const DISCONNECT: u8 = 15;
const DISCONNECT_WITH_WILL: u8 = 16;
/// The token of the first publish that was restored. First: milliseconds since 1970.
const KEEP_SESSION: u8 = 17;
/// Of a page, when it is not this one. First: its place in `WAKES`.
const WAKE: u8 = 20;
/// It may be that something is due. First: whether there may be no other turn, until the page is seen again.
const TICK: u8 = 22;
/// Ends the connection, not the client. First: whether the server is to publish the will. Second and properties as of
/// `DISCONNECT`.
const STOP: u8 = 26;
/// Other options; data is what `settings.rs` reads.
const CONFIGURE: u8 = 27;
/// First: whether what happens is kept back.
pub(super) const CORK: u8 = 21;
/// First: whether frames are told.
pub(super) const TAP: u8 = 23;
const WAKES: [Wake; 3] = [Wake::Visible, Wake::Online, Wake::Offline];
pub(super) const STORED: u8 = 18;
pub(super) const STORE_FAILED: u8 = 19;
