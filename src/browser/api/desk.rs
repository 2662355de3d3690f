//! Where what the engine says is sorted for the futures and streams of the Rust API. It knows who
//! waits for which token; it does not know what they do with it.

use alloc::collections::BTreeMap;
use alloc::rc::{Rc, Weak};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::task::Waker;

use super::inbox::Inbox;
use super::message::Message;
use super::options::{AuthenticationStep, Authenticator, Authorize, Login, Options, Provider};
use super::store::Keeper;
use crate::browser::driver::Driver;
use crate::browser::frame::Place;
use crate::browser::observer::Observer;
use crate::client::{
    self, Authentication, AuthorizeReason, Changes, Error, Event, Instant, Outcome, Republished,
    Restored, ServerInfo, State, SubscriptionId,
};
use crate::codec::{QoS, ReasonCode, TopicName};

/// What happens to a client, for [`Client::events`](super::Client::events).
///
/// ```no_run
/// use wasmqtt::ClientEvent;
///
/// fn tell(event: &ClientEvent) -> String {
///     match event {
///         ClientEvent::State(state) => format!("{state:?}"),
///         ClientEvent::Disconnected(error) => error.to_string(),
///         ClientEvent::SessionLost(publishes) => format!("{} may come twice", publishes.len()),
///         _ => String::new(),
///     }
/// }
/// # let _ = tell;
/// ```
#[derive(Clone, Debug)]
pub enum ClientEvent {
    /// The state changed.
    State(State),
    /// CONNACK accepted the connection.
    Connected(Rc<ServerInfo>),
    /// A connection, or an attempt at one, ended; `error.retryable` says whether another follows.
    Disconnected(Error),
    /// The server has lost the session that it was to keep. These publishes, which it had not acknowledged, are published
    /// anew and may arrive a second time.
    SessionLost(Rc<[Republished]>),
    /// The session could not be stored, and goes on in memory.
    StoreFailed,
    /// After a reconnect the server refused a subscription it had granted before.
    SubscriptionLost(Error),
}

/// How a command ended.
pub(super) enum Done {
    Published(ReasonCode),
    Subscribed(QoS),
    Unsubscribed,
    Pong(core::time::Duration),
    Flushed,
    Reauthenticated,
}

pub(super) type Ticket = Inbox<Result<Done, Error>>;

/// The observer of the Rust API.
#[derive(Default)]
pub(super) struct Desk {
    tickets: RefCell<BTreeMap<u32, Rc<Ticket>>>,
    subscriptions: RefCell<BTreeMap<u32, Weak<Inbox<Rc<Message>>>>>,
    events: RefCell<Vec<Weak<Inbox<ClientEvent>>>>,
    unrouted: RefCell<Option<Rc<Message>>>,
    routes: RefCell<Vec<SubscriptionId>>,
    wakers: RefCell<Vec<Waker>>,
    state: Cell<State>,
    server: RefCell<Option<Rc<ServerInfo>>>,
    /// Why the client is not connected.
    error: RefCell<Option<Error>>,
    authorize: Cell<Option<Authorize>>,
    provider: Option<Provider>,
    steps: RefCell<Vec<AuthenticationStep>>,
    /// Steps asked for so far: the answer to an earlier one is too late.
    asked: Cell<u32>,
    authenticator: Option<Authenticator>,
    driver: RefCell<Weak<Driver<Desk>>>,
    pub(super) keeper: Keeper,
    restored: RefCell<Vec<(Restored, Rc<Ticket>)>>,
}

impl Desk {
    pub(super) fn new(options: &Options) -> Self {
        let (provider, authenticator) = (options.provider.clone(), options.authenticator.clone());
        Self { provider, authenticator, ..Self::default() }
    }

    pub(super) fn attach(&self, driver: &Rc<Driver<Desk>>) {
        self.driver.replace(Rc::downgrade(driver));
    }

    pub(super) fn state(&self) -> State {
        self.state.get()
    }

    pub(super) fn server(&self) -> Option<Rc<ServerInfo>> {
        self.server.borrow().clone()
    }

    pub(super) fn error(&self) -> Option<Error> {
        self.error.borrow().clone()
    }

    pub(super) fn ticket(&self, token: u32) -> Rc<Ticket> {
        let ticket = Rc::new(Ticket::new(1));
        self.tickets.borrow_mut().insert(token, Rc::clone(&ticket));
        ticket
    }

    /// Publishes of earlier pages; once.
    pub(super) fn restored(&self) -> Vec<(Restored, Rc<Ticket>)> {
        self.restored.take()
    }

    /// Nobody waits for that token any more.
    pub(super) fn forget(&self, token: u32) {
        self.tickets.borrow_mut().remove(&token);
    }

    pub(super) fn subscribe(&self, id: u32, inbox: &Rc<Inbox<Rc<Message>>>) {
        self.subscriptions.borrow_mut().insert(id, Rc::downgrade(inbox));
    }

    pub(super) fn unsubscribe(&self, id: u32) {
        self.subscriptions.borrow_mut().remove(&id);
    }

    pub(super) fn listen(&self, inbox: &Rc<Inbox<ClientEvent>>) {
        self.events.borrow_mut().push(Rc::downgrade(inbox));
    }

    fn settle(&self, token: u32, result: Result<Done, Error>) {
        let ticket = self.tickets.borrow_mut().remove(&token);
        if let Some(ticket) = ticket {
            self.wake(ticket.push(result));
        }
    }

    fn tell(&self, event: &ClientEvent) {
        self.events.borrow_mut().retain(|inbox| {
            let Some(inbox) = inbox.upgrade() else { return false };
            self.wake(inbox.push(event.clone()));
            true
        });
    }

    fn closed(&self) {
        for inbox in self.subscriptions.take().values().filter_map(Weak::upgrade) {
            self.wake(inbox.close());
        }
        for inbox in self.events.take().iter().filter_map(Weak::upgrade) {
            self.wake(inbox.close());
        }
    }

    fn wake(&self, waker: Option<Waker>) {
        self.wakers.borrow_mut().extend(waker);
    }

    fn ask(&self, authorize: Authorize) {
        let Some(provider) = self.provider.clone() else { return };
        let driver = self.driver.borrow().clone();
        wasm_bindgen_futures::spawn_local(async move {
            let login = provider(authorize).await;
            let Some(driver) = driver.upgrade() else { return };
            // Fails only from inside the application's own socket, where this does not run.
            let _ = driver.command_now(|client, now| match login {
                Some(Login { username, password, expires_in }) => {
                    client.provide_credentials(username, password, now);
                    if let Some(left) = expires_in {
                        client.authentication_expires(now + left, now);
                    }
                }
                None => client.refuse_credentials(now),
            });
        });
    }
}

impl Desk {
    fn answer(&self, step: AuthenticationStep) {
        let Some(authenticator) = self.authenticator.clone() else { return };
        let driver = self.driver.borrow().clone();
        let asked = self.asked.get().wrapping_add(1);
        self.asked.set(asked);
        let last = matches!(step, AuthenticationStep::Success(_));
        wasm_bindgen_futures::spawn_local(async move {
            let data = authenticator(step).await;
            let current = |driver: &Rc<Driver<Desk>>| driver.observer().asked.get() == asked;
            let Some(driver) = driver.upgrade().filter(|it| !last && current(it)) else { return };
            // Fails only from inside the application's own socket, where this does not run.
            let _ = driver.command_now(|client, now| match data {
                Some(data) => client.provide_authentication(Some(data), now),
                None => client.refuse_authentication(now),
            });
        });
    }
}

impl Observer for Desk {
    fn event(&self, event: Event<'_>, _now: Instant) {
        match event {
            Event::Message(_) => {}
            Event::State(state) => {
                self.state.set(state);
                self.tell(&ClientEvent::State(state));
                if matches!(state, State::Closed) {
                    self.closed();
                }
            }
            Event::Connected(server) => {
                let server = Rc::new(server.clone());
                self.server.replace(Some(Rc::clone(&server)));
                self.tell(&ClientEvent::Connected(server));
            }
            Event::Disconnected(error) => {
                self.error.replace(Some(error.clone()));
                self.tell(&ClientEvent::Disconnected(error.clone()));
            }
            Event::Completed { token, outcome } => {
                let done = match outcome {
                    Outcome::Published { reason_code, .. } => Done::Published(reason_code),
                    Outcome::Subscribed { qos, .. } => Done::Subscribed(qos),
                    Outcome::Unsubscribed { .. } => Done::Unsubscribed,
                    Outcome::Pong { round_trip } => Done::Pong(round_trip),
                    Outcome::Flushed => Done::Flushed,
                    Outcome::Reauthenticated | Outcome::Done => Done::Reauthenticated,
                };
                self.settle(token.get(), Ok(done));
            }
            Event::Failed { token, error } => self.settle(token.get(), Err(error.clone())),
            Event::SessionLost { republished } => {
                self.tell(&ClientEvent::SessionLost(republished.into()));
            }
            Event::Stored { .. } => {}
            Event::Restored(restored) => {
                let ticket = self.ticket(restored.token.get());
                self.restored.borrow_mut().push((restored.clone(), ticket));
            }
            Event::SubscriptionLost { error, .. } => {
                self.tell(&ClientEvent::SubscriptionLost(error.clone()));
            }
        }
    }

    fn message(&self, message: &client::Message<'_>, payload: &Place<'_>, _: u32) -> bool {
        if message.ahead_of_store {
            self.keeper.get_ahead();
        }
        self.unrouted.replace(Some(Rc::new(Message::of(message, payload.to_vec()))));
        true
    }

    fn routes(&self, engine: &mut client::Client) {
        let Some(message) = self.unrouted.take() else { return };
        let Ok(topic) = TopicName::new(&message.topic) else { return };
        let mut routes = self.routes.borrow_mut();
        routes.clear();
        let identifiers: Vec<u32> =
            message.properties.as_properties().subscription_identifiers().collect();
        engine.routes(topic, &identifiers, &mut routes);
        let subscriptions = self.subscriptions.borrow();
        for id in routes.iter() {
            if let Some(inbox) = subscriptions.get(&id.get()).and_then(Weak::upgrade) {
                if let Some((inbox, message)) = self.keeper.keep((inbox, Rc::clone(&message))) {
                    self.wake(inbox.push(message));
                }
            }
        }
    }

    fn authorize(&self, attempt: u32, reason: AuthorizeReason) {
        self.authorize.set(Some(Authorize { attempt, reason }));
    }

    fn authenticate(&self, step: Authentication<'_>) {
        self.steps.borrow_mut().push(match step {
            Authentication::Start { again } => AuthenticationStep::Start { again },
            Authentication::Challenge(data) => AuthenticationStep::Challenge(data.into()),
            Authentication::Success(data) => AuthenticationStep::Success(data.into()),
        });
    }

    fn persist(&self, changes: &Changes) {
        let driver = self.driver.borrow().clone();
        self.keeper.persist(changes, move |done| {
            if let Some(driver) = driver.upgrade() {
                driver.stored(done);
            }
        });
    }

    fn stored(&self, done: bool) {
        if !done {
            self.tell(&ClientEvent::StoreFailed);
        }
        self.keeper.stored(done);
    }

    fn turn_end(&self, ahead: bool) {
        while let Some((inbox, message)) = self.keeper.known(ahead) {
            self.wake(inbox.push(message));
        }
        for step in self.steps.take() {
            self.answer(step);
        }
        if let Some(authorize) = self.authorize.take() {
            self.ask(authorize);
        }
        for waker in self.wakers.take() {
            waker.wake();
        }
    }
}
