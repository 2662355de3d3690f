//! Codecs in JavaScript, each in a Node process of its own that ends with its input: mqtt-packet from npm, and the one in
//! TypeScript that is part of the package. It does not know what is asked.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use wasmqtt::codec::ProtocolVersion;

use crate::fields::{hex, sorted};
use crate::peer::{Answer, Case, Peer};

/// A codec that a script of this folder asks.
pub struct Script(&'static str);

pub const MQTT_PACKET: Script = Script("mqtt-packet");
pub const TYPESCRIPT: Script = Script("typescript");

impl Peer for Script {
    fn name(&self) -> &'static str {
        self.0
    }

    fn answers(&self, cases: &[Case]) -> Vec<Answer> {
        let mut child = Guard(start(self.0));
        let mut input = child.0.stdin.take().unwrap();
        let output = BufReader::new(child.0.stdout.take().unwrap());
        let questions: String = cases.iter().map(question).collect();
        // Written beside the reading: neither waits for the other with a full pipe.
        let writer = thread::spawn(move || input.write_all(questions.as_bytes()));
        let answers: Vec<Answer> = output.lines().map(|line| answer(&line.unwrap())).collect();
        writer.join().unwrap().unwrap();
        assert!(child.0.wait().unwrap().success());
        assert_eq!(answers.len(), cases.len());
        answers
    }
}

/// Ends the process also where a check fails.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(name: &str) -> Child {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let node = env::var_os("NODE").unwrap_or_else(|| "node".into());
    let script = root.join(format!("tests/differential/{name}.mjs"));
    Command::new(&node)
        .arg(script)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{node:?} cannot be started, and NODE names no other: {error}")
        })
}

fn question(case: &Case) -> String {
    let level = match case.version {
        ProtocolVersion::V3_1 => 3,
        ProtocolVersion::V3_1_1 => 4,
        ProtocolVersion::V5_0 => 5,
    };
    format!("{level} {}\n", hex(&case.bytes))
}

fn answer(line: &str) -> Answer {
    let mut parts: Vec<&str> = line.split('\t').collect();
    let verdict = parts.remove(0);
    if verdict != "accepts" {
        return Answer::Refuses(format!("{verdict}: {}", parts.join(" ")));
    }
    let again = parts.pop().unwrap();
    let again = match (again.strip_prefix("again="), again.strip_prefix("again!")) {
        (Some(bytes), _) => Ok(unhex(bytes)),
        (None, why) => Err(why.unwrap_or(again).to_string()),
    };
    Answer::Accepts(sorted(parts.iter().map(ToString::to_string).collect()), again)
}

pub fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
