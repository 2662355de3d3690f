//! What a Rust application says of its client beyond the engine's configuration.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;

use crate::browser::servers::Servers;
use crate::client::{AuthorizeReason, Config, Credentials};

/// Options of [`Client::connect`](super::Client::connect).
///
/// ```no_run
/// use wasmqtt::{Config, Options, WillConfig};
///
/// let will = WillConfig { topic: "tills/7".into(), payload: b"gone".to_vec(), ..WillConfig::default() };
/// let config = Config { keep_alive: 30, will: Some(will), ..Config::default() };
/// let options = Options { config, ..Options::default() };
/// # let _ = options;
/// ```
#[derive(Default)]
pub struct Options {
    /// The engine's: client identifier, keep-alive, will, reconnecting and the rest. Its `servers`
    /// and, with [`Options::with_credentials`], its `credentials` are set by `connect`.
    pub config: Config,
    /// Subprotocols to offer. Default, when empty: `mqtt`, for MQTT 3.1 `mqttv3.1`.
    pub protocols: Vec<String>,
    /// Makes the socket: a function of the address and the array of subprotocols. Default:
    /// `new WebSocket(url, protocols)`.
    pub factory: Option<Function>,
    /// Asked for user name and password; set by [`Options::with_credentials`].
    pub provider: Option<Provider>,
    /// Asked for authentication data; set by [`Options::with_authentication`].
    pub authenticator: Option<Authenticator>,
}

impl Options {
    /// Asks `provide` for user name and password before every CONNECT, so that a token is never
    /// stale. `None` from it fails that attempt with `ErrorCode::Auth`.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use wasmqtt::{Login, Options};
    ///
    /// # async fn token() -> Option<Vec<u8>> { None }
    /// let options = Options::default().with_credentials(|_| async {
    ///     Some(Login {
    ///         username: Some("dashboard".into()),
    ///         password: Some(token().await?),
    ///         expires_in: Some(Duration::from_secs(3600)),
    ///     })
    /// });
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn with_credentials<F>(mut self, provide: impl Fn(Authorize) -> F + 'static) -> Self
    where
        F: Future<Output = Option<Login>> + 'static,
    {
        self.config.credentials = Credentials::Ask;
        self.provider = Some(Rc::new(move |authorize| Box::pin(provide(authorize))));
        self
    }

    /// Enhanced authentication (5.0, 4.12) by a method of that name. `step` computes what is sent;
    /// `None` from it ends the exchange with `ErrorCode::Auth`, and what it gives for
    /// [`AuthenticationStep::Success`] is not looked at.
    ///
    /// ```no_run
    /// use wasmqtt::{AuthenticationStep, Options};
    ///
    /// let options = Options::default().with_authentication("OAUTH2-JWT", |step| async move {
    ///     match step {
    ///         AuthenticationStep::Start { .. } => Some(b"the token".to_vec()),
    ///         _ => None,
    ///     }
    /// });
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn with_authentication<F>(
        mut self,
        method: impl Into<String>,
        step: impl Fn(AuthenticationStep) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = Option<Vec<u8>>> + 'static,
    {
        self.config.authentication_method = Some(method.into());
        self.authenticator = Some(Rc::new(move |asked| Box::pin(step(asked))));
        self
    }

    pub(super) fn servers(&self, urls: Vec<String>) -> Servers {
        let protocols = (!self.protocols.is_empty())
            .then(|| self.protocols.iter().map(|name| JsValue::from_str(name)).collect::<Array>());
        Servers { urls, protocols, factory: self.factory.clone(), ..Servers::default() }
    }
}

/// For which CONNECT credentials are asked.
///
/// ```no_run
/// use wasmqtt::client::AuthorizeReason;
/// use wasmqtt::{Login, Options};
///
/// let options = Options::default().with_credentials(|authorize| async move {
///     match authorize.reason {
///         AuthorizeReason::Rejected => None, // the user is asked to log in again
///         _ => Some(Login { username: Some("dashboard".into()), ..Login::default() }),
///     }
/// });
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Authorize {
    /// 1 for the first CONNECT of the client.
    pub attempt: u32,
    /// Whether the server refused the last ones.
    pub reason: AuthorizeReason,
}

/// User name and password of a CONNECT. It has no `Debug`, so that it is not logged by mistake.
///
/// ```no_run
/// use std::time::Duration;
/// use wasmqtt::Login;
///
/// let login = Login {
///     username: Some("dashboard".into()),
///     password: Some(b"token".to_vec()),
///     expires_in: Some(Duration::from_secs(3600)),
/// };
/// # let _ = login;
/// ```
#[derive(Clone, Default)]
pub struct Login {
    /// User name.
    pub username: Option<String>,
    /// Password.
    pub password: Option<Vec<u8>>,
    /// From now until it is worth nothing any more: shortly before, the client authenticates anew
    /// as by `Client::reauthenticate`. Default: never.
    pub expires_in: Option<Duration>,
}

/// A step of enhanced authentication, for the application to answer.
///
/// ```no_run
/// use wasmqtt::AuthenticationStep;
///
/// fn answer(step: &AuthenticationStep) -> Option<Vec<u8>> {
///     match step {
///         AuthenticationStep::Start { .. } => Some(b"n,,n=user,r=nonce".to_vec()),
///         AuthenticationStep::Challenge(data) => Some(data.clone()),
///         AuthenticationStep::Success(_) => None,
///     }
/// }
/// # let _ = answer;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum AuthenticationStep {
    /// What CONNECT, or the first AUTH of an authentication anew, shall carry.
    Start {
        /// Whether the connection stands already.
        again: bool,
    },
    /// The server continues: its data.
    Challenge(Vec<u8>),
    /// The server is content: its last data.
    Success(Vec<u8>),
}

/// An application's function for enhanced authentication.
pub type Authenticator =
    Rc<dyn Fn(AuthenticationStep) -> Pin<Box<dyn Future<Output = Option<Vec<u8>>>>>>;

/// An application's function for credentials.
pub type Provider = Rc<dyn Fn(Authorize) -> Pin<Box<dyn Future<Output = Option<Login>>>>>;
