//! The class that the port holds. It knows how commands and events cross the boundary; what they mean
//! it leaves to the engine.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::time::Duration;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::batch::{Batch, Kind};
use super::command::{CORK, Command, STORE_FAILED, STORED, TAP, perform};
use super::settings;
use super::teller::{Sink, Teller};
#[cfg(feature = "session-store")]
use crate::browser::Settle;
use crate::browser::{Core, Driver, Servers};
use crate::client::{Config, Error, Token, millis};
use crate::codec::PropertiesBuf;
use crate::session::STORES;

/// One client, behind its port.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver<Teller>>,
}

#[wasm_bindgen]
impl Engine {
    /// Reads the settings; nothing is opened yet. `undefined` where they are wrong: the sink is told why. `early` is as in
    /// `src/npm/port/early.ts`.
    pub fn make(
        sink: Sink,
        settings: &[u8],
        protocols: Option<Array>,
        factory: Option<Function>,
        early: Option<Function>,
    ) -> Option<Engine> {
        #[cfg(feature = "debug")]
        console_error_panic_hook::set_once();
        let mut config = Config::default();
        let mut servers =
            Servers { protocols, factory, early: Cell::new(early), ..Servers::default() };
        settings::read(settings, &mut config, &mut servers);
        let refused = sink.clone();
        match Driver::new(config, servers, Teller::new(sink)) {
            Ok(driver) => Some(Self { driver }),
            Err(error) => {
                let mut batch = Batch::default();
                batch.begin(Kind::Refused, 0);
                batch.error(&error);
                refused.batch(&batch.words, Some(&batch.bytes), None, None);
                None
            }
        }
    }

    /// Carries out a command; see `command.rs`. `properties` are as on the wire (5.0, 2.2.2.2), without a length in front. What
    /// is wrong with it is told as its answer.
    // One export for all of them: each costs glue in JavaScript and in WebAssembly.
    #[allow(clippy::too_many_arguments)]
    pub fn command(
        &self,
        kind: u8,
        id: u32,
        first: f64,
        second: f64,
        text: &str,
        data: Option<Vec<u8>>,
        properties: Option<Vec<u8>>,
    ) {
        if STORES && matches!(kind, STORED | STORE_FAILED) {
            return self.driver.stored(kind == STORED);
        }
        if kind == CORK {
            return self.driver.cork(first != 0.0);
        }
        if kind == TAP {
            return self.driver.tap(first != 0.0);
        }
        let data = data.unwrap_or_default();
        let done = PropertiesBuf::from_wire(properties.as_deref().unwrap_or_default());
        let done = done.map_err(Error::from).and_then(|properties| {
            let mut command = Command { kind, id, first, second, text, data, properties };
            self.driver.perform(&mut |core, now| perform(core, now, &mut command))
        });
        if let Err(error) = done {
            self.driver.fail(Token::from_raw(id), &error);
        }
    }

    /// A record of the session as it was stored, before the command that keeps it; `wall` is milliseconds since
    /// 1970. False where it is damaged, and left out.
    #[cfg(feature = "session-store")]
    pub fn restore(&self, key: f64, value: &[u8], wall: f64) -> bool {
        let (key, wall) = (crate::client::RecordKey::from_raw(key as u64), wall as u64);
        let restored = self.driver.command(|client, now| client.restore(key, value, wall, now));
        matches!(restored, Ok(Ok(())))
    }

    /// Has `watch` given each socket before anybody listens to it.
    #[cfg(feature = "session-store")]
    pub fn watch(&self, watch: Function) {
        let mut watch = Some(watch);
        let _ = self.driver.perform(&mut |core, _| {
            core.servers.watch = watch.take();
            Ok(Settle::InTurn)
        });
    }

    /// The fields of `Stats` in their order, NaN for `undefined`, with the phase as errors have it; then the milliseconds to
    /// the next PINGREQ.
    pub fn stats(&self) -> JsValue {
        let row = self.driver.look(row);
        let row = row.ok().and_then(|row| serde_wasm_bindgen::to_value(&row).ok());
        row.unwrap_or(JsValue::UNDEFINED)
    }

    /// The client identifier in use; empty until the server has assigned one.
    pub fn client_id(&self) -> String {
        self.driver.look(|core| String::from(core.engine.client_identifier())).unwrap_or_default()
    }
}

/// In milliseconds; `NaN` where there is none.
fn number(time: Option<Duration>) -> f64 {
    time.map_or(f64::NAN, |it| millis(it) as f64)
}

fn row(core: &Core) -> [f64; 16] {
    let engine = &core.engine;
    let stats = engine.stats();
    [
        stats.bytes_sent as f64,
        stats.bytes_received as f64,
        stats.packets_sent as f64,
        stats.packets_received as f64,
        stats.messages_sent as f64,
        stats.messages_received as f64,
        stats.queued as f64,
        stats.queued_bytes as f64,
        stats.in_flight as f64,
        f64::from(stats.connections),
        number(stats.round_trip),
        f64::from(core.buffered_amount()),
        stats.messages_dropped as f64,
        f64::from(engine.phase() as u8),
        number(stats.idle_timeout),
        number(engine.ping_due().map(|at| at - core.clock.now())),
    ]
}
