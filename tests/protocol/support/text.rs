//! Packets of the client's as lines of text. It does not know when they were sent.

use wasmqtt::codec::{Acknowledgement, Packet, ReasonCode};

/// A packet as a line of text.
pub(crate) fn describe(packet: &Packet<'_>) -> String {
    let ack = |name: &str, ack: &Acknowledgement<'_>| match ack.reason_code {
        ReasonCode::SUCCESS => format!("{name} {}", ack.packet_identifier.get()),
        code => format!("{name} {} {:#04x}", ack.packet_identifier.get(), code.value()),
    };
    match packet {
        Packet::Connect(connect) => format!(
            "CONNECT v{} {:?} clean {} keep-alive {}",
            connect.version.level(),
            connect.client_identifier,
            u8::from(connect.clean_start),
            connect.keep_alive
        ),
        Packet::Publish(publish) => format!(
            "PUBLISH{}{} {:?} q{}{}{}",
            publish.packet_identifier.map_or(String::new(), |it| format!(" {}", it.get())),
            if publish.duplicate { " dup" } else { "" },
            publish.topic,
            publish.qos.value(),
            if publish.retain { " retain" } else { "" },
            format_args!(" {:?}", String::from_utf8_lossy(publish.payload)),
        ),
        Packet::Puback(it) => ack("PUBACK", it),
        Packet::Pubrec(it) => ack("PUBREC", it),
        Packet::Pubrel(it) => ack("PUBREL", it),
        Packet::Pubcomp(it) => ack("PUBCOMP", it),
        Packet::Subscribe(subscribe) => {
            let list = subscribe.subscriptions.iter();
            let list =
                list.map(|it| format!(" {} q{}", it.filter.as_str(), it.options.qos.value()));
            format!("SUBSCRIBE {}{}", subscribe.packet_identifier.get(), list.collect::<String>())
        }
        Packet::Unsubscribe(unsubscribe) => {
            let list = unsubscribe.filters.iter().map(|filter| format!(" {}", filter.as_str()));
            format!(
                "UNSUBSCRIBE {}{}",
                unsubscribe.packet_identifier.get(),
                list.collect::<String>()
            )
        }
        Packet::Pingreq => "PINGREQ".into(),
        Packet::Disconnect(it) => format!("DISCONNECT {:#04x}", it.reason_code.value()),
        other => format!("{other:?}"),
    }
}
