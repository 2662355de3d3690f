//! The way into a [`Core`] and out of it. It knows when the engine is borrowed and when listeners
//! may run; what is done in between is the core's.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use core::cell::RefCell;

use super::core::{Core, Servers};
use super::observer::Observer;
use super::signal::{Notify, Signal};
use crate::client::{Client, Config, Error, ErrorCode, Instant};

/// Drives one client.
///
/// ```text
/// socket, timer, turn, page ──signal──▶ Core::handle ─▶ settle ─▶ turn_end (listeners)
/// publish ───────────────────command──▶ Client ─▶ first frame ─▶ turn asked for
/// subscribe, ping, flush, ... ──────▶ Client ─▶ turn asked for
/// connect, disconnect ───────────────▶ Client ─▶ settle ─▶ turn asked for
/// ```
///
/// A command never reports anything before it returns, so that its token is known first. What a
/// command must do at once it does: `disconnect` may be the last thing a page can do.
pub(crate) struct Driver<O> {
    core: RefCell<Option<Core>>,
    observer: O,
    /// Signals that came while the core was borrowed. Only a socket of the application's gives
    /// one from inside `send`, `close` or its factory.
    deferred: RefCell<VecDeque<Signal>>,
}

impl<O: Observer> Driver<O> {
    /// # Errors
    /// Of [`Client::new`]; [`ErrorCode::InvalidArgument`] for an address that is none of a
    /// WebSocket; [`ErrorCode::Unsupported`] where the host has no `MessageChannel`.
    pub(crate) fn new(
        mut config: Config,
        servers: Servers,
        observer: O,
    ) -> Result<Rc<Self>, Error> {
        if servers.urls.is_empty() || !servers.urls.iter().all(|url| is_web_socket(url)) {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                "an address must begin with ws:// or wss://",
            ));
        }
        config.servers = servers.urls.len();
        let engine = Client::new(config, super::host::seed())?;
        let driver =
            Rc::new(Self { core: RefCell::new(None), observer, deferred: RefCell::default() });
        let weak = Rc::downgrade(&driver);
        let notify: Notify = Rc::new(move |signal| {
            if let Some(driver) = weak.upgrade() {
                driver.signal(signal);
            }
        });
        let core = Core::new(engine, servers, notify)
            .map_err(|_| Error::new(ErrorCode::Unsupported, "the host has no MessageChannel"))?;
        driver.core.replace(Some(core));
        Ok(driver)
    }

    /// Gives the engine a command; what comes of it is reported in a turn.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when it comes from inside the application's own socket.
    pub(crate) fn command<R>(
        &self,
        command: impl FnOnce(&mut Client, Instant) -> R,
    ) -> Result<R, Error> {
        self.with(|core| {
            let now = core.now();
            let result = command(&mut core.engine, now);
            core.request_turn();
            result
        })
    }

    /// As [`Driver::command`], and all that follows is done before it returns.
    ///
    /// # Errors
    /// As [`Driver::command`].
    pub(crate) fn command_now<R>(
        &self,
        command: impl FnOnce(&mut Client, Instant) -> R,
    ) -> Result<R, Error> {
        self.with(|core| {
            let now = core.now();
            let result = command(&mut core.engine, now);
            core.settle(None, now, &self.observer);
            core.request_turn();
            result
        })
    }

    /// A publish of about that many bytes.
    ///
    /// # Errors
    /// As [`Driver::command`], and those of the command.
    pub(crate) fn publish<R>(
        &self,
        bytes: usize,
        publish: impl FnOnce(&mut Client, Instant) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with(|core| {
            let now = core.now();
            let result = publish(&mut core.engine, now)?;
            core.published(bytes, now);
            Ok(result)
        })?
    }

    /// See [`Core::hold`]; all that follows is done before it returns.
    ///
    /// # Errors
    /// As [`Driver::command`].
    #[cfg(feature = "bindings")]
    pub(crate) fn hold(&self, held: bool) -> Result<(), Error> {
        self.with(|core| {
            let now = core.now();
            core.hold(held);
            core.settle(None, now, &self.observer);
            core.request_turn();
        })
    }

    /// Looks at the core and changes nothing.
    ///
    /// # Errors
    /// As [`Driver::command`].
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Core) -> R) -> Result<R, Error> {
        self.with(|core| look(core))
    }

    pub(crate) fn observer(&self) -> &O {
        &self.observer
    }

    fn with<R>(&self, act: impl FnOnce(&mut Core) -> R) -> Result<R, Error> {
        let (mut act, mut result) = (Some(act), None);
        self.borrow(&mut |core| result = act.take().map(|act| act(core)));
        result.ok_or_else(used_inside)
    }

    /// Not generic, as it would be compiled for each command.
    #[inline(never)]
    fn borrow(&self, act: &mut dyn FnMut(&mut Core)) {
        if let Ok(Some(core)) = self.core.try_borrow_mut().as_deref_mut() {
            act(core);
        }
    }

    fn signal(&self, signal: Signal) {
        self.deferred.borrow_mut().push_back(signal);
        if self.core.try_borrow_mut().is_err() {
            return;
        }
        loop {
            let Some(signal) = self.deferred.borrow_mut().pop_front() else { break };
            if let Ok(Some(core)) = self.core.try_borrow_mut().as_deref_mut() {
                core.handle(signal, &self.observer);
            }
        }
        self.observer.turn_end();
    }
}

#[inline(never)]
fn used_inside() -> Error {
    Error::new(ErrorCode::InvalidArgument, "the client was used from inside its own socket")
}

/// Browsers take `http:` for `ws:` and `https:` for `wss:` since 2023.
fn is_web_socket(url: &str) -> bool {
    ["ws://", "wss://", "http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}
