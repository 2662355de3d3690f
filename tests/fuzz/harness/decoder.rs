//! Arbitrary bytes as a packet, in each version and from each side: nothing panics, decoding takes no memory, and what
//! decodes is written again to the same meaning, and to the same bytes where they had the shortest form.
//! It does not know the client.

use wasmqtt::codec::{
    Packet, PacketType, Properties, ProtocolVersion, decode_from_client, decode_from_server, locate,
};

use super::meter::allocated;
use super::records::records;

pub const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

/// The first byte is a limit of the packet's size; the rest is the packet and what follows it.
pub fn decoder(data: &[u8]) {
    records(data);
    let Some((&limit, bytes)) = data.split_first() else { return };
    for version in VERSIONS {
        locating(bytes, version, u32::from(limit));
        let (found, taken) = allocated(|| locate(bytes, version, None));
        assert_eq!(taken, 0, "to find a packet takes no memory, whatever length it announces");
        let Ok(Some(frame)) = found else { continue };
        let packet = &bytes[..frame.len];
        decoding(packet, version, true);
        decoding(packet, version, false);
    }
}

/// What is found does not depend on what follows, nor on the limit unless the packet is above it.
fn locating(bytes: &[u8], version: ProtocolVersion, limit: u32) {
    let free = locate(bytes, version, None);
    let limited = locate(bytes, version, Some(limit));
    match (free, limited) {
        (Ok(Some(frame)), Ok(other)) => {
            assert_eq!(other, Some(frame));
            assert!(frame.len <= limit as usize && frame.len <= bytes.len());
            assert!((2..=5).contains(&frame.header_len) && frame.header_len <= frame.len);
        }
        (Ok(Some(frame)), Err(_)) => assert!(frame.len > limit as usize),
        (Ok(None), Ok(other)) => assert_eq!(other, None),
        (Ok(None), Err(_)) => {}
        (Err(error), other) => assert_eq!(other, Err(error)),
    }
    let Ok(Some(frame)) = free else { return };
    assert_eq!(locate(&bytes[..frame.len], version, None), Ok(Some(frame)));
    for cut in [0, 1, frame.header_len - 1, frame.header_len, frame.len - 1] {
        if cut < frame.len {
            assert_eq!(locate(&bytes[..cut], version, None), Ok(None), "cut at {cut}");
        }
    }
}

fn decoding(bytes: &[u8], version: ProtocolVersion, to_server: bool) {
    let decode = if to_server { decode_from_client } else { decode_from_server };
    let (decoded, taken) = allocated(|| decode(bytes, version).inspect(|packet| read(packet)));
    assert_eq!(taken, 0, "a packet is read in place");
    let Ok(packet) = decoded else { return };
    // A CONNECT says its version itself.
    let version = match packet {
        Packet::Connect(connect) => connect.version,
        _ => version,
    };
    let mut again = vec![0xA5];
    if let Err(error) = packet.encode(version, &mut again) {
        assert!(is_old_form(&packet, version), "{packet:?} cannot be written: {error}");
        assert_eq!(again, [0xA5], "what could not be written leaves nothing behind");
        return;
    }
    let again = &again[1..];
    if is_old_form(&packet, version) {
        return;
    }
    assert!(again.len() <= bytes.len(), "written longer than it came: {packet:?}");
    assert_eq!(locate(again, version, None).map(|it| it.map(|it| it.len)), Ok(Some(again.len())));
    assert_eq!(decode(again, version), Ok(packet), "written again it is another packet");
    if is_shortest(bytes, version) {
        assert_eq!(again, bytes, "written again it has other bytes");
    }
}

/// A CONNACK of 3.x to a CONNECT of 5.0: it is understood, and not ours to write.
fn is_old_form(packet: &Packet<'_>, version: ProtocolVersion) -> bool {
    matches!(packet, Packet::Connack(it) if version.is_v5() && it.reason_code.value() != it.return_code)
        || matches!(packet, Packet::Connack(it) if version.is_v5() && it.reason_code.is_error() && it.properties.is_empty())
}

/// Reads everything that a packet leads to.
fn read(packet: &Packet<'_>) {
    let properties = match packet {
        Packet::Connect(it) => {
            if let Some(will) = &it.will {
                walk(&will.properties);
            }
            it.properties
        }
        Packet::Connack(it) => it.properties,
        Packet::Publish(it) => it.properties,
        Packet::Puback(it) | Packet::Pubrec(it) | Packet::Pubrel(it) | Packet::Pubcomp(it) => {
            it.properties
        }
        Packet::Subscribe(it) => {
            assert!(it.subscriptions.iter().count() > 0);
            it.properties
        }
        Packet::Suback(it) | Packet::Unsuback(it) => {
            assert_eq!(it.reason_codes.iter().count(), it.reason_codes.len());
            it.properties
        }
        Packet::Unsubscribe(it) => {
            assert!(it.filters.iter().count() > 0);
            it.properties
        }
        Packet::Disconnect(it) => it.properties,
        Packet::Auth(it) => it.properties,
        Packet::Pingreq | Packet::Pingresp => Properties::EMPTY,
    };
    walk(&properties);
}

fn walk(properties: &Properties<'_>) {
    assert_eq!(properties.iter().next().is_none(), properties.is_empty());
    assert!(properties.user_properties().count() <= properties.iter().count());
    assert_eq!(
        properties.subscription_identifiers().next(),
        properties.subscription_identifier().map(|it| it.get())
    );
}

/// Whether a packet that decodes is written in the one way that the codec writes.
pub fn is_shortest(bytes: &[u8], version: ProtocolVersion) -> bool {
    let [first, rest @ ..] = bytes else { return false };
    let continued = rest.iter().take_while(|byte| **byte & 0x80 != 0).count();
    if continued > 0 && rest.get(continued) == Some(&0) {
        return false;
    }
    let body = rest.get(continued + 1..).unwrap_or_default();
    let v5 = version.is_v5();
    let flags = first & 0x0F;
    match first >> 4 {
        // The highest bit of the level is a bridge's.
        1 => {
            body.get(1).and_then(|len| body.get(2 + usize::from(*len))).is_some_and(|it| *it < 0x80)
        }
        2 => version != ProtocolVersion::V3_1 || body.first() == Some(&0),
        kind @ 4..=7 => {
            let usual = if kind == PacketType::Pubrel as u8 { flags == 2 } else { flags == 0 };
            usual && (!v5 || matches!(body, [_, _] | [_, _, 1..=255] | [_, _, _, 1..=255, ..]))
        }
        8 | 10 => flags == 2,
        14 if v5 => matches!(body, [] | [1..=255] | [_, 1..=255, ..]),
        15 => !matches!(body, [0, 0]),
        _ => true,
    }
}
