//! Enhanced authentication (5.0, 4.12): the exchange of AUTH packets, for a CONNECT and for an
//! authentication anew. It knows no mechanism: the application computes what is sent.

use alloc::vec::Vec;
use core::time::Duration;

use super::core::{Core, Phase};
use super::exchange::Exchange;
use super::output::{Queued, Told};
use super::policy::Verdict;
use super::{Error, ErrorCode, Instant, Outcome, Token};
use crate::codec::{
    Auth, Connack, Disconnect, EncodeError, Properties, PropertiesBuf, Property, ReasonCode,
};

impl Core {
    /// Asks for the first data of an attempt, where there is a method; else opens the WebSocket.
    pub(super) fn authenticate_or_open(&mut self) {
        if self.config.authentication_method.is_none() {
            return self.open();
        }
        self.connection.exchange = Exchange::Starting;
        self.enter(Phase::Authenticating);
        self.tell(Told::Start { again: false });
    }

    /// The application's answer to `Start` or `Challenge`. Ignored when nothing was asked.
    pub(super) fn provide_authentication(&mut self, data: Option<Vec<u8>>) {
        if data.as_ref().is_some_and(|data| data.len() > usize::from(u16::MAX)) {
            let text = "the authentication data has more than 65,535 bytes";
            return self.authentication_failed(Error::invalid(text));
        }
        match (self.phase, self.connection.exchange) {
            (Phase::Authenticating, Exchange::Starting) => {
                self.connecting.login.give_data(data);
                self.connection.exchange = Exchange::Awaiting;
                self.open();
            }
            (Phase::Connected { .. }, Exchange::Starting) => {
                self.send_auth(ReasonCode::RE_AUTHENTICATE, data.as_deref());
            }
            (Phase::AwaitConnack { .. } | Phase::Connected { .. }, Exchange::Answering) => {
                self.send_auth(ReasonCode::CONTINUE_AUTHENTICATION, data.as_deref());
            }
            _ => {}
        }
    }

    /// The application has no answer.
    pub(super) fn refuse_authentication(&mut self) {
        let text = "the application gave no authentication data";
        self.authentication_failed(Error::new(ErrorCode::Auth, text));
    }

    fn authentication_failed(&mut self, error: Error) {
        match (self.phase, self.connection.exchange) {
            (Phase::Authenticating, Exchange::Starting) => self.lost(error, Verdict::Retry),
            (Phase::Connected { .. }, Exchange::Starting) => {
                // The server knows of nothing: the connection stays as it is.
                self.connection.exchange = Exchange::None;
                if let Some(token) = self.connecting.login.renewed() {
                    self.fail(token, error);
                }
            }
            (Phase::AwaitConnack { .. } | Phase::Connected { .. }, Exchange::Answering) => {
                self.give_up_connection(CANNOT, error, Verdict::Retry);
            }
            _ => {}
        }
    }

    /// Authenticates anew: by AUTH where CONNECT had a method (4.12.1), else by a new connection,
    /// since CONNECT alone carries a password.
    pub(super) fn reauthenticate(&mut self) -> Result<Token, Error> {
        if !self.is_connected() || self.closing.is_some() {
            return Err(Error::new(ErrorCode::NotConnected, "there is no connection"));
        }
        let token = self.token();
        self.renew(Some(token))?;
        Ok(token)
    }

    fn renew(&mut self, token: Option<Token>) -> Result<(), Error> {
        let deadline = self.now + self.config.connect_timeout;
        if !self.connecting.login.renew(token, deadline) {
            let text = "the client is authenticating already";
            return Err(Error::unsupported(text).retryable(true));
        }
        if self.config.authentication_method.is_some() {
            self.connection.exchange = Exchange::Starting;
            self.tell(Told::Start { again: true });
        } else {
            let error =
                Error::new(ErrorCode::Disconnected, "a new connection takes new credentials");
            self.fill(usize::MAX);
            self.give_up_connection(ReasonCode::SUCCESS, error, Verdict::Again);
        }
        Ok(())
    }

    /// What the application authenticated with expires then: a tenth of the time before, and at
    /// most a minute, it is asked anew.
    pub(super) fn authentication_expires(&mut self, at: Instant) {
        let left = at - self.now;
        let at = self.now + left.saturating_sub((left / 10).min(MARGIN)).max(SHORTEST);
        self.connecting.login.set_renew_at(Some(at));
    }

    /// What the clock says to authentication.
    pub(super) fn authentication_timeout(&mut self) {
        if !self.is_connected() {
            return;
        }
        if self.connecting.login.renewal_deadline().is_some_and(|at| at <= self.now) {
            let error = Error::new(ErrorCode::Auth, "the authentication took too long");
            return self.give_up_connection(CANNOT, error, Verdict::Retry);
        }
        if self.due_to_renew().is_some_and(|at| at <= self.now) {
            self.connecting.login.set_renew_at(None);
            let _ = self.renew(None);
        }
    }

    pub(super) fn authentication_deadline(&self) -> Option<Instant> {
        if !self.is_connected() {
            return None;
        }
        let renewal = self.connecting.login.renewal_deadline();
        Instant::first(renewal, self.due_to_renew())
    }

    /// A client that ends needs no new credentials: what it still has to send leaves on the connection
    /// that it has.
    fn due_to_renew(&self) -> Option<Instant> {
        self.connecting.login.renew_at().filter(|_| self.closing.is_none())
    }

    /// AUTH came.
    pub(super) fn auth_received(&mut self, auth: &Auth<'_>) {
        let method = self.config.authentication_method.as_deref();
        if method.is_none() || auth.properties.authentication_method() != method {
            // [MQTT-4.12.0-6] [MQTT-4.12.0-5] (5.0)
            return self.breach("AUTH with another method than CONNECT, or without one");
        }
        if !matches!(self.connection.exchange, Exchange::Awaiting | Exchange::Answered) {
            return self.breach("AUTH that was not asked for");
        }
        let data = auth.properties.authentication_data().unwrap_or_default();
        match auth.reason_code {
            ReasonCode::CONTINUE_AUTHENTICATION => {
                self.connection.exchange = Exchange::Answering;
                self.tell(Told::Challenge(data.into()));
            }
            ReasonCode::SUCCESS if self.is_connected() => {
                self.connection.exchange = Exchange::None;
                self.tell(Told::Success(data.into()));
                self.renewed();
            }
            // [MQTT-4.12.0-2] (5.0): a server continues, or ends with CONNACK.
            _ => self.breach("AUTH with a reason that is not the server's to give"),
        }
    }

    /// Checks what CONNACK says of the method, and ends the exchange. False when it may not say so.
    pub(super) fn authenticated(&mut self, connack: &Connack<'_>) -> bool {
        let properties = &connack.properties;
        let method = self.config.authentication_method.as_deref();
        if self.connecting.version().is_v5() && properties.authentication_method() != method {
            return false;
        }
        let exchange = core::mem::take(&mut self.connection.exchange);
        if method.is_some() {
            let data = properties.authentication_data().unwrap_or_default();
            self.tell(Told::Success(data.into()));
        }
        exchange != Exchange::Answering
    }

    /// The renewal is done: by AUTH, or by the connection that took new credentials.
    pub(super) fn renewed(&mut self) {
        if let Some(token) = self.connecting.login.renewed() {
            self.complete(token, Outcome::Reauthenticated);
        }
    }

    fn send_auth(&mut self, reason_code: ReasonCode, data: Option<&[u8]>) {
        let properties = properties(self.config.authentication_method.as_deref(), data);
        let Ok(properties) = properties else { return };
        let start = self.outbox.len();
        // Cannot fail: there is nothing in it that AUTH does not have.
        let _ = Auth { reason_code, properties: properties.as_properties() }
            .encode(self.connecting.version(), self.outbox.end());
        if self.is_connected() && self.outbox.len() - start > self.server_maximum() {
            // [MQTT-3.2.2-15]
            self.outbox.truncate(start);
            let text = "the authentication data is longer than the server's Maximum Packet Size";
            return self.authentication_failed(Error::new(ErrorCode::TooLarge, text));
        }
        self.stats.packets_sent += 1;
        let answers = reason_code == ReasonCode::CONTINUE_AUTHENTICATION;
        self.connection.exchange = if answers { Exchange::Answered } else { Exchange::Awaiting };
    }

    /// Ends a connection that the application can do no more with, and goes on to the next.
    fn give_up_connection(&mut self, reason_code: ReasonCode, error: Error, verdict: Verdict) {
        if self.is_connected() {
            self.stats.packets_sent += 1;
            // Cannot fail: a client may give these reason codes, and 3.x has none.
            let _ = Disconnect { reason_code, properties: Properties::EMPTY }
                .encode(self.connecting.version(), self.outbox.end());
        } else {
            self.outbox.clear();
        }
        self.close_socket();
        self.lost(error, verdict);
    }

    fn tell(&mut self, told: Told) {
        self.queue.push_back(Queued::Authenticate(told));
    }
}

/// The method and its data, as CONNECT and AUTH carry them.
pub(super) fn properties(
    method: Option<&str>,
    data: Option<&[u8]>,
) -> Result<PropertiesBuf, EncodeError> {
    let mut properties = PropertiesBuf::new();
    if let Some(method) = method {
        properties.push(Property::AuthenticationMethod(method))?;
        if let Some(data) = data {
            properties.push(Property::AuthenticationData(data))?;
        }
    }
    Ok(properties)
}

/// A client has no reason code for what it cannot answer but this one (3.14.2.1).
const CANNOT: ReasonCode = ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR;

/// Something that has expired already is not renewed without end.
const SHORTEST: Duration = Duration::from_secs(10);

/// At most so long before it expires is a token renewed.
const MARGIN: Duration = Duration::from_secs(60);
