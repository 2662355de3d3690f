//! A publish of an earlier page. It does not know where it was stored.

use alloc::rc::Rc;
use alloc::string::String;

use super::desk::{Done, Ticket};
use super::pending::Pending;
use super::shared::Shared;
use crate::client::Token;
use crate::codec::{QoS, ReasonCode};

/// A publish of an earlier page that is not complete; see [`Client::restored`](super::Client::restored). Dropped, it is
/// sent all the same.
///
/// ```no_run
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// for publish in client.restored() {
///     let name = publish.label.clone();
///     publish.done().await?;
///     println!("{name:?} has arrived");
/// }
/// # Ok(())
/// # }
/// ```
pub struct RestoredPublish {
    /// Topic Name.
    pub topic: String,
    /// Quality of Service.
    pub qos: QoS,
    /// When it was published, in milliseconds since 1970.
    pub since: u64,
    /// The word that was given to [`Publish::label`](super::Publish::label).
    pub label: Option<String>,
    pub(super) shared: Rc<Shared>,
    pub(super) token: Token,
    pub(super) ticket: Rc<Ticket>,
}

impl RestoredPublish {
    /// As what [`Publish`](super::Publish) is when it is awaited.
    ///
    /// # Errors
    /// As there.
    pub fn done(self) -> Pending<ReasonCode> {
        let Self { shared, token, ticket, .. } = self;
        Pending::of(shared, token, ticket, |done| match done {
            Done::Published(reason_code) => Some(reason_code),
            _ => None,
        })
    }
}
