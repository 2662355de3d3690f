//! The arrows between the layers point one way: each names only those to its left.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod rings;

use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: [&str; 5] = ["codec", "session", "client", "browser", "bindings"];

/// Layers without a dependency, a clock or a socket.
const PURE: usize = 3;

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The file without comments and unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_layer_names_only_those_to_its_left() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (index, layer) in LAYERS.iter().enumerate() {
        let mut paths = Vec::new();
        files(&source.join(layer), &mut paths);
        assert!(!paths.is_empty(), "{layer} has no files");
        for path in paths {
            let code = code(&path);
            for right in &LAYERS[index + 1..] {
                if code.contains(&format!("crate::{right}")) {
                    wrong.push(format!("{} names {right}", path.display()));
                }
            }
            let foreign = ["std::", "js_sys", "web_sys", "wasm_bindgen", "gloo_timers", "serde"];
            if index < PURE && foreign.iter().any(|name| code.contains(name)) {
                wrong.push(format!("{} names something outside the crate", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let mut is_example = false;
        let lines = text
            .lines()
            .take_while(|line| *line != "#[cfg(test)]")
            // Examples of the documentation are read by themselves.
            .filter(|line| {
                let fence = line.trim_start().starts_with("/// ```");
                is_example ^= fence;
                !is_example && !fence
            })
            .count();
        assert!(lines <= 450, "{} has {lines} lines before its tests", path.display());
    }
}
