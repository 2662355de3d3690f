//! Counters, for dashboards and tests. It knows nothing but numbers.

use core::time::Duration;

/// What has happened since the client was made, and what is held now.
///
/// ```
/// use wasmqtt::client::{Client, Instant, Output};
///
/// # fn connected() -> Result<Client, wasmqtt::client::Error> {
/// #     let now = Instant::from_millis(0);
/// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
/// #     client.connect(now)?;
/// #     drain(&mut client);
/// #     client.handle_open(now);
/// #     while client.poll_transmit(now, 65_536).is_some() {}
/// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
/// #     drain(&mut client);
/// #     Ok(client)
/// # }
/// # fn drain(client: &mut Client) {
/// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
/// # }
/// let stats = connected()?.stats();
/// assert_eq!((stats.connections, stats.packets_sent, stats.packets_received), (1, 1, 1));
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Bytes handed to the WebSocket.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Packets handed to the WebSocket.
    pub packets_sent: u64,
    /// Packets received.
    pub packets_received: u64,
    /// PUBLISH packets handed to the WebSocket, repetitions included.
    pub messages_sent: u64,
    /// Messages delivered to the application.
    pub messages_received: u64,
    /// Messages of QoS 0 that were not, as the application did not take what it had been told.
    pub messages_dropped: u64,
    /// Publishes not sent yet.
    pub queued: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Publishes sent and not acknowledged.
    pub in_flight: usize,
    /// Connections that reached CONNACK.
    pub connections: u32,
    /// Of the last PINGREQ.
    pub round_trip: Option<Duration>,
    /// After so long a silence connections to this server were cut, three times at least: a proxy on the way has
    /// that limit. A PINGREQ is sent after three quarters of it, if the keep-alive does not ask for one before.
    pub idle_timeout: Option<Duration>,
}
