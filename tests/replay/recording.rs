//! A recording as `JSON.stringify` wrote it. It knows the format; it does not know MQTT.

use serde_json::Value;

/// One thing that happened; times in milliseconds.
pub(crate) enum Entry {
    Packet { time: u64, sent: bool, bytes: Vec<u8> },
    Event { time: u64, event: String, detail: String, close_code: Option<u16> },
}

impl Entry {
    pub(crate) fn time(&self) -> u64 {
        let (Self::Packet { time, .. } | Self::Event { time, .. }) = self;
        *time
    }
}

pub(crate) fn read(text: &str) -> Vec<Entry> {
    let recording: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(recording["format"], "wasmqtt recording");
    assert_eq!(recording["dropped"], 0, "what was dropped cannot be replayed: record more packets");
    let entries = recording["entries"].as_array().expect("entries");
    entries.iter().map(entry).collect()
}

fn entry(entry: &Value) -> Entry {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_string();
    let time = entry["time"].as_f64().expect("a time") as u64;
    match entry["bytes"].as_str() {
        Some(bytes) => {
            Entry::Packet { time, sent: entry["direction"] == "sent", bytes: base64(bytes) }
        }
        None => Entry::Event {
            time,
            event: text("event"),
            detail: text("detail"),
            close_code: entry["closeCode"].as_u64().map(|code| code as u16),
        },
    }
}

/// Of RFC 4648, section 4.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => panic!("no base64: {letter}"),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
