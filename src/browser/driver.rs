//! The way into a [`Core`] and out of it. It knows when the engine is borrowed and when listeners
//! may run; what is done in between is the core's.

use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use super::addresses::check_addresses;
use super::core::Core;
use super::observer::Observer;
use super::servers::Servers;
use super::signal::{Notify, Signal};
#[cfg(feature = "bindings")]
use crate::client::{Backlog, Event, Token};
use crate::client::{Client, Config, Error, ErrorCode, Instant};

/// Drives one client.
///
/// ```text
/// socket, timer, turn, page ──signal──▶ Core::handle ─▶ settle ─▶ turn_end (listeners) ─▶ told
/// publish ───────────────────command──▶ Client ─▶ first frame ─▶ turn asked for
/// subscribe, ping, flush, ... ──────▶ Client ─▶ turn asked for
/// connect, disconnect ───────────────▶ Client ─▶ settle ─▶ turn asked for
/// ```
///
/// A command never reports anything before it returns, so that its token is known first. What a
/// command must do at once it does: `disconnect` may be the last thing a page can do.
pub(crate) struct Driver<O> {
    core: RefCell<Core>,
    observer: O,
    /// Signals that came while the core was borrowed, or listeners ran, the latest first. Only a socket of the application's gives
    /// one from inside `send`, `close` or its factory; and only Firefox has the page's events go on before a listener returns, where
    /// that opens a dialog or waits for a request. They wait for it as they would anywhere else.
    deferred: RefCell<Vec<Signal>>,
    /// Listeners run.
    telling: Cell<bool>,
    /// What happens is noted, and told later.
    #[cfg(feature = "bindings")]
    corked: Cell<bool>,
}

/// What is to be done after a command.
#[derive(Clone, Copy)]
pub(crate) enum Settle {
    /// What comes of it is reported in a turn.
    InTurn,
    /// All that follows is done at once.
    Now,
    /// A publish of about that many bytes was queued.
    Published(usize),
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
        check_addresses(&servers.urls)?;
        config.servers = servers.urls.len();
        let engine = Client::new(config, super::host::seed())?;
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| {
            let driver = Weak::clone(driver);
            let notify: Notify = Rc::new(move |signal| {
                if let Some(driver) = driver.upgrade() {
                    driver.signal(signal);
                }
            });
            Self {
                core: RefCell::new(Core::new(engine, servers, notify)),
                observer,
                deferred: RefCell::default(),
                telling: Cell::default(),
                #[cfg(feature = "bindings")]
                corked: Cell::default(),
            }
        });
        if driver.look(Core::has_turns) != Ok(true) {
            return Err(Error::new(ErrorCode::Unsupported, "the host has no MessageChannel"));
        }
        Ok(driver)
    }

    /// Has a command carried out, and what it asks for.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when it comes from inside the application's own socket, and those
    /// of the command.
    pub(crate) fn perform(
        &self,
        command: &mut dyn FnMut(&mut Core, Instant) -> Result<Settle, Error>,
    ) -> Result<(), Error> {
        let core = &mut *self.core.try_borrow_mut().map_err(|_| used_inside())?;
        let now = core.now();
        match command(core, now)? {
            Settle::Published(bytes) => core.published(bytes, now, &self.observer),
            Settle::InTurn => core.request_turn(),
            Settle::Now => {
                core.settle(false, now, &self.observer);
                core.request_turn();
            }
        }
        Ok(())
    }

    /// Tells in a turn that a command failed.
    #[cfg(feature = "bindings")]
    pub(crate) fn fail(&self, token: Token, error: &Error) {
        self.observer.event(Event::Failed { token, error }, Instant::default());
        if let Ok(mut core) = self.core.try_borrow_mut() {
            core.request_turn();
        }
    }

    /// Gives the engine a command; what comes of it is reported in a turn.
    ///
    /// # Errors
    /// As [`Driver::perform`].
    pub(crate) fn command<R>(
        &self,
        command: impl FnOnce(&mut Client, Instant) -> R,
    ) -> Result<R, Error> {
        self.with(Settle::InTurn, command)
    }

    /// As [`Driver::command`], and all that follows is done before it returns.
    ///
    /// # Errors
    /// As [`Driver::perform`].
    pub(crate) fn command_now<R>(
        &self,
        command: impl FnOnce(&mut Client, Instant) -> R,
    ) -> Result<R, Error> {
        self.with(Settle::Now, command)
    }

    /// A publish of about that many bytes.
    ///
    /// # Errors
    /// As [`Driver::perform`], and those of the command.
    pub(crate) fn publish<R>(
        &self,
        bytes: usize,
        publish: impl FnOnce(&mut Client, Instant) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.with(Settle::Published(bytes), publish)?
    }

    /// Looks at the core and changes nothing.
    ///
    /// # Errors
    /// As [`Driver::command`].
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Core) -> R) -> Result<R, Error> {
        let core = self.core.try_borrow().map_err(|_| used_inside())?;
        Ok(look(&core))
    }

    pub(crate) fn observer(&self) -> &O {
        &self.observer
    }

    fn with<R>(
        &self,
        settle: Settle,
        act: impl FnOnce(&mut Client, Instant) -> R,
    ) -> Result<R, Error> {
        let (mut act, mut result) = (Some(act), None);
        self.perform(&mut |core, now| {
            result = act.take().map(|act| act(&mut core.engine, now));
            Ok(settle)
        })?;
        result.ok_or_else(used_inside)
    }

    fn signal(&self, signal: Signal) {
        self.deferred.borrow_mut().insert(0, signal);
        if self.telling.get() || self.core.try_borrow_mut().is_err() {
            return;
        }
        while self.handle_deferred() {
            let ahead = self.look(|core| core.engine.is_ahead_of_store());
            #[cfg(feature = "bindings")]
            if self.keeps_back() {
                continue;
            }
            self.telling.set(true);
            self.observer.turn_end(ahead == Ok(true));
            self.telling.set(false);
        }
        if let Ok(mut core) = self.core.try_borrow_mut() {
            core.told();
        }
    }

    /// Whether what happens is kept back, and told together when it is not any more: for an application that has not taken
    /// what it was told before. What is kept back is not acknowledged.
    #[cfg(feature = "bindings")]
    pub(crate) fn cork(&self, corked: bool) {
        self.corked.set(corked);
        self.backlog(if corked { Backlog::Large } else { Backlog::Small });
        if !corked {
            self.signal(Signal::Turn);
        }
    }

    /// Whether frames are told.
    #[cfg(feature = "bindings")]
    pub(crate) fn tap(&self, on: bool) {
        let _ = self.look(|core| self.observer.tap(on.then(|| core.engine.unread())));
    }

    #[cfg(feature = "bindings")]
    fn keeps_back(&self) -> bool {
        let corked = self.corked.get();
        if corked {
            self.backlog(match self.observer.noted() {
                FULL.. => Backlog::Full,
                _ => Backlog::Large,
            });
        }
        corked
    }

    #[cfg(feature = "bindings")]
    fn backlog(&self, backlog: Backlog) {
        if let Ok(mut core) = self.core.try_borrow_mut() {
            core.backlog(backlog, &self.observer);
        }
    }

    /// False where there was nothing.
    fn handle_deferred(&self) -> bool {
        let mut some = false;
        loop {
            let Some(signal) = self.deferred.borrow_mut().pop() else { return some };
            some = true;
            if let Ok(mut core) = self.core.try_borrow_mut() {
                if let Signal::Stored(done) = signal {
                    self.observer.stored(done);
                }
                core.handle(signal, &self.observer);
            }
        }
    }

    /// The store has done what [`Observer::persist`] asked for, or cannot. What may be known then is told at once: a page
    /// that is gone before would never tell what is stored as told.
    pub(crate) fn stored(&self, done: bool) {
        self.signal(Signal::Stored(done));
    }
}

#[inline(never)]
fn used_inside() -> Error {
    Error::new(ErrorCode::InvalidArgument, "the client was used from inside its own socket")
}

/// Noted bytes from which messages of QoS 0 are dropped.
#[cfg(feature = "bindings")]
const FULL: usize = 1 << 22;
