//! A subscription: under construction, asked for, and granted.

use alloc::rc::Rc;
use alloc::string::String;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

use super::desk::Done;
use super::inbox::Inbox;
use super::message::Message;
use super::pending::Pending;
use super::shared::Shared;
use crate::client::{Acknowledge, Error, SubscribeRequest, SubscriptionId, Token};
use crate::codec::{Property, QoS, ReasonCode, RetainHandling, SubscriptionOptions};

/// Made by [`Client::subscribe`](super::Client::subscribe); asked for when it is awaited.
///
/// ```no_run
/// use wasmqtt::{QoS, RetainHandling};
///
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// let readings = client
///     .subscribe("plant/+/temperature")
///     .qos(QoS::AtLeastOnce)
///     .retain_handling(RetainHandling::DoNotSend)
///     .buffer(1) // the newest
///     .await?;
/// assert!(readings.qos() <= QoS::AtLeastOnce); // as the server granted it
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is subscribed to unless it is awaited"]
pub struct Subscribe {
    shared: Rc<Shared>,
    filter: String,
    request: SubscribeRequest,
    buffer: Option<usize>,
}

impl Subscribe {
    pub(super) fn new(shared: Rc<Shared>, filter: String) -> Self {
        let options = SubscriptionOptions {
            qos: QoS::AtMostOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::SendAtSubscribe,
        };
        Self { shared, filter, request: options.into(), buffer: None }
    }

    /// Greatest Quality of Service wanted. Default: at most once.
    pub fn qos(mut self, qos: QoS) -> Self {
        self.request.options.qos = qos;
        self
    }

    /// Not what this client publishes itself (5.0). Default: false.
    pub fn no_local(mut self, no_local: bool) -> Self {
        self.request.options.no_local = no_local;
        self
    }

    /// The RETAIN flag as it was published (5.0). Default: false.
    pub fn retain_as_published(mut self, keep: bool) -> Self {
        self.request.options.retain_as_published = keep;
        self
    }

    /// When retained messages are sent (5.0). Default: at every subscribe.
    pub fn retain_handling(mut self, handling: RetainHandling) -> Self {
        self.request.options.retain_handling = handling;
        self
    }

    /// Messages of QoS 1 and 2 wait for [`Subscription::acknowledge`], and the server's next ones with
    /// them once there are as many as CONNECT's Receive Maximum.
    /// Default: they are acknowledged as they come.
    ///
    /// ```no_run
    /// use wasmqtt::{QoS, ReasonCode};
    ///
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let mut jobs = client.subscribe("jobs/#").qos(QoS::AtLeastOnce).acknowledge_by_hand().await?;
    /// if let Some(job) = jobs.next().await {
    ///     jobs.acknowledge(&job, ReasonCode::PAYLOAD_FORMAT_INVALID)?; // not taken (5.0)
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn acknowledge_by_hand(mut self) -> Self {
        self.request.manual = true;
        self
    }

    /// A User Property of SUBSCRIBE (5.0). One that is too long or holds U+0000 is left out.
    pub fn user_property(mut self, name: &str, value: &str) -> Self {
        let _ = self.request.properties.push(Property::UserProperty((name, value)));
        self
    }

    /// Messages held while nobody reads; then the oldest gives way, unacknowledged. Default: 1000, and all
    /// where they are acknowledged by hand.
    pub fn buffer(mut self, messages: usize) -> Self {
        self.buffer = Some(messages.max(1));
        self
    }
}

impl IntoFuture for Subscribe {
    type Output = Result<Subscription, Error>;
    type IntoFuture = Subscribing;

    fn into_future(self) -> Self::IntoFuture {
        let Self { shared, filter, request, buffer } = self;
        let limit = buffer.unwrap_or(if request.manual { usize::MAX } else { BUFFER });
        let qos = request.options.qos;
        let asked = shared
            .driver
            .command(|client, now| client.subscribe(&filter, request, now))
            .and_then(core::convert::identity);
        let inbox = Rc::new(Inbox::new(limit));
        let subscription = asked.as_ref().ok().map(|id| {
            shared.driver.observer().subscribe(id.get(), &inbox);
            Subscription { shared: Rc::clone(&shared), id: *id, inbox, qos, filter }
        });
        let granted = Pending::new(&shared, asked.map(Token::from), |done| match done {
            Done::Subscribed(qos) => Some(qos),
            _ => None,
        });
        Subscribing { subscription, granted }
    }
}

/// A subscription that the server has not granted yet.
///
/// ```no_run
/// use std::future::IntoFuture;
///
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// let asked = client.subscribe("plant/#").into_future(); // is asked for now
/// let readings = asked.await?;
/// # let _ = readings;
/// # Ok(())
/// # }
/// ```
#[must_use = "a future does nothing unless it is awaited"]
pub struct Subscribing {
    subscription: Option<Subscription>,
    granted: Pending<QoS>,
}

impl Future for Subscribing {
    type Output = Result<Subscription, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let granted = match Pin::new(&mut self.granted).poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(granted) => granted,
        };
        let subscription = self.subscription.take();
        Poll::Ready(granted.and_then(|qos| {
            let closed = || super::shared::closed();
            let mut subscription = subscription.ok_or_else(closed)?;
            subscription.qos = qos;
            Ok(subscription)
        }))
    }
}

/// The messages of one topic filter, as a stream; it ends when the client is closed. Dropping it
/// unsubscribes, unless another subscription has the same filter.
///
/// ```no_run
/// use wasmqtt::{QoS, ReasonCode};
///
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// let mut orders =
///     client.subscribe("orders/#").qos(QoS::AtLeastOnce).acknowledge_by_hand().await?;
/// while let Some(order) = orders.next().await {
///     println!("{}", order.topic);
///     orders.acknowledge(&order, ReasonCode::SUCCESS)?; // not before it is dealt with
/// }
/// # Ok(())
/// # }
/// ```
pub struct Subscription {
    shared: Rc<Shared>,
    id: SubscriptionId,
    inbox: Rc<Inbox<Rc<Message>>>,
    qos: QoS,
    filter: String,
}

impl Subscription {
    /// The topic filter.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The Quality of Service that the server granted.
    #[must_use]
    pub fn qos(&self) -> QoS {
        self.qos
    }

    /// Messages that gave way because nobody read.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inbox.dropped()
    }

    /// A message of a subscription that acknowledges by hand was dealt with, or was not: a reason code
    /// that is an error says so to the server (5.0). False when it does not wait any more: the
    /// connection was lost, and the message comes again.
    ///
    /// # Errors
    /// `ErrorCode::InvalidArgument` for a reason code that PUBACK does not have,
    /// `ErrorCode::Unsupported` for one but success in 3.x.
    pub fn acknowledge(&self, message: &Message, reason_code: ReasonCode) -> Result<bool, Error> {
        let Some(id) = message.delivery else { return Ok(false) };
        let answer = Acknowledge { reason_code, ..Acknowledge::default() };
        self.shared.driver.command(|client, now| client.acknowledge(id, answer, now))?
    }

    /// The next message; `None` once the client is closed. For those who use no stream library.
    pub async fn next(&mut self) -> Option<Rc<Message>> {
        core::future::poll_fn(|context| self.inbox.poll(context)).await
    }
}

impl Stream for Subscription {
    type Item = Rc<Message>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inbox.poll(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.driver.observer().unsubscribe(self.id.get());
        // Fails on a closed client, where there is nothing left to end.
        let _ =
            self.shared.driver.command(|client, now| client.unsubscribe(self.id, now).map(drop));
    }
}

/// Messages held by default.
const BUFFER: usize = 1000;
