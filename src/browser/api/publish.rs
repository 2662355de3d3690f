//! A publish under construction.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::IntoFuture;

use super::desk::Done;
use super::pending::Pending;
use super::shared::Shared;
use crate::client::{Error, ErrorCode, PublishRequest};
use crate::codec::{PropertiesBuf, Property, QoS, ReasonCode};

/// Made by [`Client::publish`](super::Client::publish); queued when it is awaited.
///
/// Awaited, it is the reason code: of PUBACK or PUBREC for QoS 1 and 2, success for QoS 0, which is
/// complete when the message was handed to the socket.
///
/// ```no_run
/// use wasmqtt::{Property, QoS};
///
/// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
/// let code = client
///     .publish("orders/17", r#"{"coffees":2}"#)
///     .qos(QoS::AtLeastOnce)
///     .retain(true)
///     .property(Property::ContentType("application/json"))
///     .await?;
/// assert_eq!(code.is_error(), false);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is published unless it is awaited"]
pub struct Publish {
    pub(super) shared: Rc<Shared>,
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) properties: Option<PropertiesBuf>,
    pub(super) label: Option<String>,
}

impl Publish {
    /// Quality of Service. Default: at most once.
    pub fn qos(mut self, qos: QoS) -> Self {
        self.qos = qos;
        self
    }

    /// Whether the server keeps it for later subscribers. Default: false.
    pub fn retain(mut self, retain: bool) -> Self {
        self.retain = retain;
        self
    }

    /// The application's word for it: where the session is stored it is stored, too, and told when the publish is
    /// restored. At most 65,535 bytes are kept.
    ///
    /// ```no_run
    /// use wasmqtt::QoS;
    ///
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// client.publish("sales/7", "receipt").qos(QoS::ExactlyOnce).label("receipt 17").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a property (5.0). One that is not valid makes the publish fail.
    pub fn property(mut self, property: Property<'_>) -> Self {
        if let Some(properties) = &mut self.properties {
            if properties.push(property).is_err() {
                self.properties = None;
            }
        }
        self
    }
}

impl IntoFuture for Publish {
    type Output = Result<ReasonCode, Error>;
    type IntoFuture = Pending<ReasonCode>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { shared, topic, payload, qos, retain, properties, label } = self;
        let bytes = topic.len() + payload.len();
        let token = match properties {
            Some(properties) => {
                let request = PublishRequest { topic: &topic, payload, qos, retain, properties };
                shared.driver.publish(bytes, |client, now| {
                    if let Some(label) = &label {
                        client.label_next(label);
                    }
                    client.publish(request, now)
                })
            }
            None => Err(Error::new(ErrorCode::InvalidArgument, "a property is not valid")),
        };
        Pending::new(&shared, token, |done| match done {
            Done::Published(reason_code) => Some(reason_code),
            _ => None,
        })
    }
}
