//! A command that has been given and not answered yet.

use alloc::rc::Rc;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::desk::{Done, Ticket};
use super::shared::Shared;
use crate::client::{Error, ErrorCode, Token};

/// The future of one token. Dropped before it is ready, it tells the engine that nobody waits: a
/// publish that is still queued is then not sent.
///
/// ```no_run
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// let pong = client.ping(); // is sent now
/// let round_trip = pong.await?;
/// # let _ = round_trip;
/// # Ok(())
/// # }
/// ```
#[must_use = "a future does nothing unless it is awaited"]
pub struct Pending<T> {
    shared: Rc<Shared>,
    token: Option<u32>,
    ticket: Rc<Ticket>,
    read: fn(Done) -> Option<T>,
}

impl<T> Pending<T> {
    pub(super) fn new(
        shared: &Rc<Shared>,
        token: Result<Token, Error>,
        read: fn(Done) -> Option<T>,
    ) -> Self {
        let desk = shared.driver.observer();
        let (token, ticket) = match token {
            Ok(token) => (Some(token.get()), desk.ticket(token.get())),
            Err(error) => {
                let ticket = Rc::new(Ticket::new(1));
                // Nobody waits for it yet.
                let _ = ticket.push(Err(error));
                (None, ticket)
            }
        };
        Self { shared: Rc::clone(shared), token, ticket, read }
    }

    /// Of a token that has a ticket.
    pub(super) fn of(
        shared: Rc<Shared>,
        token: Token,
        ticket: Rc<Ticket>,
        read: fn(Done) -> Option<T>,
    ) -> Self {
        Self { shared, token: Some(token.get()), ticket, read }
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match self.ticket.poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(result) => result,
        };
        self.token = None;
        let value = match result {
            Some(Ok(done)) => (self.read)(done),
            Some(Err(error)) => return Poll::Ready(Err(error)),
            None => None,
        };
        Poll::Ready(value.ok_or_else(|| Error::new(ErrorCode::Closed, "the client is closed")))
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        let Some(token) = self.token else { return };
        self.shared.driver.observer().forget(token);
        // Fails only from inside the application's own socket; the publish is then sent.
        let _ = self.shared.driver.command(|client, _| client.cancel(Token::from_raw(token)));
    }
}
