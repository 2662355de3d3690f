//! One connection. It is dropped whole when it ends: what outlives it is not in here.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::exchange::Exchange;
use super::instant::Millis;
use super::liveness::Liveness;
use super::server_info::Limits;
use super::trial::Trial;
use super::{Instant, ServerInfo, Token, aliases};

/// What holds from an attempt to the end of what came of it.
#[derive(Default, Debug)]
pub(super) struct Connection {
    /// Once CONNACK has accepted it.
    pub(super) server_info: Option<Rc<ServerInfo>>,
    pub(super) limits: Limits,
    pub(super) liveness: Liveness,
    pub(super) exchange: Exchange,
    pub(super) received_aliases: aliases::Received,
    pub(super) sent_aliases: aliases::Sent,
    /// A publish was completed.
    pub(super) completed: bool,
    /// Something that may end the connection is in flight.
    pub(super) trial: Option<Trial>,
    /// PINGREQs sent and not answered, and who waits for the answer; few, the latest first.
    pings: Vec<(Instant, Option<Token>)>,
}

impl Connection {
    /// By a CONNACK that allows so many Topic Aliases.
    pub(super) fn accepted(server_info: Rc<ServerInfo>, liveness: Liveness, aliases: u16) -> Self {
        Self {
            limits: server_info.limits(),
            liveness,
            sent_aliases: aliases::Sent::new(aliases),
            server_info: Some(server_info),
            ..Self::default()
        }
    }

    /// A PINGREQ was written, to be answered within `limit`.
    pub(super) fn pinged(&mut self, now: Instant, token: Option<Token>, limit: Millis) {
        self.pings.insert(0, (now, token));
        self.liveness.probe(now, limit);
    }

    /// PINGRESP: how long it took, and who waits for it. `None` where none was asked for.
    pub(super) fn ponged(&mut self, now: Instant) -> Option<(Millis, Option<Token>)> {
        let (sent, token) = self.pings.pop()?;
        let round_trip = now.millis_since(sent);
        self.liveness.measured(round_trip);
        Some((round_trip, token))
    }

    /// Nobody waits for that answer any more.
    pub(super) fn forget(&mut self, token: Token) {
        for (_, ping) in &mut self.pings {
            if *ping == Some(token) {
                *ping = None;
            }
        }
    }

    /// Who waits for an answer to a PINGREQ.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Token> {
        self.pings.iter().rev().filter_map(|(_, token)| *token)
    }
}
