//! The properties (5.0, 2.2.2.2), in one table: identifier, name, name of what reads it, form, the
//! packets each may stand in, and its documentation. It does not know how any of that is used.

/// Hands the table to another macro.
macro_rules! property_table {
    ($use:ident) => {
        $use! {
            0x01 PayloadFormatIndicator payload_format_indicator (bool) in PUBLISH | WILL, "True: the payload is UTF-8 text (3.3.2.3.2).";
            0x02 MessageExpiryInterval message_expiry_interval (u32) in PUBLISH | WILL, "Lifetime of the message in seconds (3.3.2.3.3).";
            0x03 ContentType content_type (&'a str) in PUBLISH | WILL, "What the payload is (3.3.2.3.9).";
            0x08 ResponseTopic response_topic (&'a str) in PUBLISH | WILL, "Topic Name for a response (3.3.2.3.5).";
            0x09 CorrelationData correlation_data (&'a [u8]) in PUBLISH | WILL, "Identifies the request of a response (3.3.2.3.6).";
            0x0B SubscriptionIdentifier subscription_identifier (SubscriptionIdentifier) in PUBLISH | SUBSCRIBE, "Number of the subscription (3.8.2.1.2).";
            0x11 SessionExpiryInterval session_expiry_interval (u32) in CONNECT | CONNACK | DISCONNECT, "Seconds the session is kept after the connection (3.1.2.11.2).";
            0x12 AssignedClientIdentifier assigned_client_identifier (&'a str) in CONNACK, "Client Identifier given by the server (3.2.2.3.7).";
            0x13 ServerKeepAlive server_keep_alive (u16) in CONNACK, "Keep Alive in seconds to use instead (3.2.2.3.14).";
            0x15 AuthenticationMethod authentication_method (&'a str) in CONNECT | CONNACK | AUTH, "Name of the authentication method (4.12).";
            0x16 AuthenticationData authentication_data (&'a [u8]) in CONNECT | CONNACK | AUTH, "Data of the authentication method (4.12).";
            0x17 RequestProblemInformation request_problem_information (bool) in CONNECT, "Whether reasons may stand in any packet (3.1.2.11.7).";
            0x18 WillDelayInterval will_delay_interval (u32) in WILL, "Seconds until the will is published (3.1.3.2.2).";
            0x19 RequestResponseInformation request_response_information (bool) in CONNECT, "Asks for Response Information (3.1.2.11.6).";
            0x1A ResponseInformation response_information (&'a str) in CONNACK, "Basis of a Response Topic (3.2.2.3.15).";
            0x1C ServerReference server_reference (&'a str) in CONNACK | DISCONNECT, "Another server to use (4.11).";
            0x1F ReasonString reason_string (&'a str) in CONNACK | PUBACKS | SUBACKS | DISCONNECT | AUTH, "The reason, for people.";
            0x21 ReceiveMaximum receive_maximum (NonZeroU16) in CONNECT | CONNACK, "QoS 1 and 2 publishes that may be unacknowledged (3.1.2.11.3).";
            0x22 TopicAliasMaximum topic_alias_maximum (u16) in CONNECT | CONNACK, "Greatest Topic Alias accepted (3.1.2.11.5).";
            0x23 TopicAlias topic_alias (u16) in PUBLISH, "Number that stands for the Topic Name (3.3.2.3.4).";
            0x24 MaximumQoS maximum_qos (bool) in CONNACK, "Greatest QoS the server supports: false 0, true 1 (3.2.2.3.4).";
            0x25 RetainAvailable retain_available (bool) in CONNACK, "Whether the server retains messages (3.2.2.3.5).";
            0x26 UserProperty user_property ((&'a str, &'a str)) in ANY, "A name and a value of the application's.";
            0x27 MaximumPacketSize maximum_packet_size (NonZeroU32) in CONNECT | CONNACK, "Greatest packet accepted, in bytes (3.1.2.11.4).";
            0x28 WildcardSubscriptionAvailable wildcard_subscription_available (bool) in CONNACK, "Whether wildcards are supported (3.2.2.3.11).";
            0x29 SubscriptionIdentifierAvailable subscription_identifier_available (bool) in CONNACK, "Whether Subscription Identifiers are supported (3.2.2.3.12).";
            0x2A SharedSubscriptionAvailable shared_subscription_available (bool) in CONNACK, "Whether shared subscriptions are supported (3.2.2.3.13).";
        }
    };
}

pub(super) use property_table;
