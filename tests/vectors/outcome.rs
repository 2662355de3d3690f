//! What came of a row, as text. It does not know what should have come.

use wasmqtt::client::Error;

use crate::support::{Asked, Told, World};

/// What the application was told, then what the client sent, in order.
pub(crate) fn outcome(world: &mut World) -> String {
    let mut parts: Vec<String> = world.told.iter().filter_map(told).collect();
    parts.extend(world.authenticate.iter().map(|asked| match asked {
        Asked::Start { .. } => "authenticate".into(),
        Asked::Challenge(_) => "challenge".into(),
        Asked::Success(_) => "authenticated".into(),
    }));
    parts.extend(world.sent().into_iter().map(|packet| format!("> {packet}")));
    parts.join("; ")
}

fn told(told: &Told) -> Option<String> {
    Some(match told {
        Told::State(_) => return None,
        Told::Connected(server) => format!(
            "connected as {}, keep alive {}, session {}",
            server.client_identifier, server.keep_alive, server.session_expiry_interval
        ),
        Told::Disconnected(error) => format!("disconnected: {}", describe(error)),
        Told::Message { topic, payload, retain, duplicate, .. } => format!(
            "message {topic:?} {:?}{}{}",
            String::from_utf8_lossy(payload),
            if *retain { " retain" } else { "" },
            if *duplicate { " dup" } else { "" }
        ),
        Told::Published(_, code) => format!("published {:#04x}", code.value()),
        Told::Subscribed(_, qos) => format!("subscribed {}", qos.value()),
        Told::Unsubscribed(_, code) => format!("unsubscribed {:#04x}", code.value()),
        Told::Pong(..) => "pong".into(),
        Told::Flushed(_) => "flushed".into(),
        Told::Reauthenticated(_) => "reauthenticated".into(),
        Told::Done(_) => "done".into(),
        Told::Failed(_, error) => format!("failed: {}", describe(error)),
        Told::SubscriptionLost(_, error) => format!("lost: {}", describe(error)),
        Told::Stored(_) | Told::Restored(_) => return None,
        Told::SessionLost(topics) => format!("session lost, again: {}", topics.join(" ")),
    })
}

fn describe(error: &Error) -> String {
    let code = error.reason_code.map_or(String::new(), |code| format!(" {:#04x}", code.value()));
    let again = if error.retryable { ", again" } else { "" };
    format!("{:?}{code}{again}", error.code)
}
