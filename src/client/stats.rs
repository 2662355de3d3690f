//! Counters, for dashboards and tests. It knows nothing but numbers.

use core::time::Duration;

/// What has happened since the client was made, and what is held now.
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
