//! Arbitrary bytes from the network and arbitrary calls in arbitrary order, then a server that does everything right:
//! nothing panics, every command is answered exactly once, and what is sent keeps to the rules. It does not know how
//! the engine does it.

mod heal;
mod settle;
mod wire;

use wasmqtt::client::{Client, CloseInfo, Config, DeliveryId, Instant, State};

use super::calls;
use super::connection::{Connection, Session};
use super::input::Input;
use super::meter;
use super::settings::config;
use super::tokens::Ledger;
use super::trace::trace;

pub fn engine(data: &[u8]) {
    let (before, _) = meter::in_use();
    let mut input = Input::new(data);
    let config = config(&mut input);
    let seed: u64 = input.u8().into();
    let client = match Client::new(config.clone(), seed) {
        Ok(client) => client,
        Err(error) => panic!("{config:?} is refused: {error:?}"),
    };
    let mut run = Run {
        client,
        config,
        now: Instant::from_millis(if seed & 1 == 0 { 0 } else { 1 << 41 }),
        connection: None,
        open: false,
        rightly: false,
        sockets: 0,
        state: State::Idle,
        deadline: None,
        session: Session::default(),
        ledger: Ledger::default(),
        answers: Vec::new(),
        suspects: Vec::new(),
        authorize: false,
        authenticate: false,
        serial: 0,
        deliveries: Vec::new(),
        moved: 0,
    };
    while !input.is_empty() {
        trace(|| format!("{:?}", run.client.state()));
        calls::step(&mut run, &mut input);
        run.settle();
        let (live, peak) = meter::in_use();
        let most = (4 << 20) + 512 * data.len() + 16 * run.moved;
        assert!(peak - before <= most as isize, "{} bytes in use, {}", live - before, data.len());
    }
    run.heal(seed & 2 != 0);
    run.end();
}

/// One client, the server's side of its connection, and what the application knows.
pub struct Run {
    pub client: Client,
    pub config: Config,
    pub now: Instant,
    /// The WebSocket that is being opened or is open.
    pub connection: Option<Connection>,
    pub open: bool,
    /// The last one was closed after the server had broken the protocol.
    rightly: bool,
    /// WebSockets that were asked for.
    sockets: u32,
    state: State,
    pub deadline: Option<Instant>,
    pub session: Session,
    pub ledger: Ledger,
    /// What a server that does everything right would say now.
    pub answers: Vec<u8>,
    suspects: Vec<u32>,
    /// The application has been asked.
    pub authorize: bool,
    pub authenticate: bool,
    pub serial: u32,
    /// Messages that the application acknowledges by hand, or has.
    pub deliveries: Vec<DeliveryId>,
    /// Bytes given to the client.
    pub moved: usize,
}

impl Run {
    /// The WebSocket is gone.
    pub fn forget(&mut self) {
        self.connection = None;
        self.open = false;
        self.answers.clear();
    }

    pub fn lose(&mut self) {
        let close = CloseInfo { code: 1006, reason: String::new(), was_clean: false };
        self.forget();
        self.client.handle_close(close, self.now);
        self.settle();
    }

    pub fn opened(&mut self) {
        if self.connection.is_some() && !self.open {
            self.open = true;
            self.client.handle_open(self.now);
            self.settle();
        }
    }

    /// The time has come that the engine asked for. What it asks for then lies ahead, but for a random pause of nothing.
    pub fn due(&mut self) {
        let Some(deadline) = self.deadline else { return };
        self.now = self.now.max(deadline);
        for _ in 0..4 {
            self.client.handle_timeout(self.now);
            self.settle();
            // A ping that is due counts as sent when the WebSocket takes it.
            while self.transmit(1 << 16) {}
            if self.deadline.is_none_or(|it| it > self.now) {
                return;
            }
        }
        panic!("it asks for {:?} again and again", self.deadline);
    }
}
