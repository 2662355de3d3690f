//! No file uses one that uses it, over however many others: neither in Rust nor in TypeScript.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{code, files};

/// Which files each file uses.
type Arrows = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// All files that are used by way of this one.
fn reached(arrows: &Arrows, from: &Path) -> BTreeSet<PathBuf> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<PathBuf> = vec![from.into()];
    while let Some(file) = next.pop() {
        for used in arrows.get(&file).into_iter().flatten() {
            if reached.insert(used.clone()) {
                next.push(used.clone());
            }
        }
    }
    reached
}

/// Each file that reaches itself, and the used ones through which it does.
fn in_rings(arrows: &Arrows) -> Vec<String> {
    let through = |file: &PathBuf, used: &PathBuf| reached(arrows, used).contains(file);
    let mut found = Vec::new();
    for (file, used) in arrows {
        for used in used.iter().filter(|used| *used == file || through(file, used)) {
            found.push(format!("{} -> {}", file.display(), used.display()));
        }
    }
    found
}

/// The paths that `use` names: `a::{b, c::d}` is two.
fn expand(path: &str, into: &mut Vec<String>) {
    let Some((before, list)) = path.split_once('{') else {
        into.push(path.split(" as ").next().unwrap().trim().into());
        return;
    };
    let list = &list[..list.rfind('}').unwrap()];
    let (mut depth, mut start) = (0, 0);
    let mut part = |text: &str| {
        if !text.trim().is_empty() {
            expand(&format!("{before}{}", text.trim()), into);
        }
    };
    for (at, char) in list.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                part(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    part(&list[start..]);
}

fn uses(code: &str) -> Vec<String> {
    let mut uses = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit(['\n', ';', '}']).next().unwrap().trim();
        if line.is_empty() || line.starts_with("pub") {
            let path = code[at + 4..].split(';').next().unwrap();
            expand(&path.split_whitespace().collect::<Vec<_>>().join(" "), &mut uses);
        }
    }
    uses
}

/// The crate's files by their paths of modules.
struct Modules {
    files: BTreeMap<Vec<String>, PathBuf>,
    uses: BTreeMap<Vec<String>, Vec<String>>,
}

impl Modules {
    fn read(source: &Path) -> Self {
        let mut paths = Vec::new();
        files(source, &mut paths);
        let (mut files, mut all) = (BTreeMap::new(), BTreeMap::new());
        for path in paths {
            let relative = path.strip_prefix(source).unwrap().with_extension("");
            let part = |it: Component<'_>| it.as_os_str().to_str().unwrap().to_owned();
            let mut module: Vec<String> = relative.components().map(part).collect();
            module.pop_if(|last| last == "mod" || last == "lib");
            all.insert(module.clone(), uses(&code(&path)));
            files.insert(module, path);
        }
        Self { files, uses: all }
    }

    /// The module that defines what `path` names in `of`, through what others pass on.
    fn resolve(&self, of: &[String], path: &str) -> Option<Vec<String>> {
        let mut parts: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
        let mut module = match parts.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => of.to_vec(),
            first => {
                let inner = [of, &[first.to_owned()]].concat();
                self.files.get(&inner)?;
                of.to_vec()
            }
        };
        while parts.first().is_some_and(|first| ["crate", "self", "super"].contains(&&**first)) {
            if parts.remove(0) == "super" {
                module.pop();
            }
        }
        while let Some(first) = parts.first() {
            let inner = [&module[..], std::slice::from_ref(first)].concat();
            if !self.files.contains_key(&inner) {
                break;
            }
            module = inner;
            parts.remove(0);
        }
        let Some(name) = parts.first() else { return Some(module) };
        let passed_on = self.uses.get(&module)?.iter().filter(|it| *it != path || module != of);
        let passed_on = passed_on.filter(|it| it.rsplit("::").next() == Some(name));
        let mut origins = passed_on.filter_map(|it| self.resolve(&module, it));
        Some(origins.find(|it| *it != module).unwrap_or(module.clone()))
    }

    fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, uses) in &self.uses {
            let file = &self.files[module];
            // What a parent passes on is its children's.
            if file.file_stem().is_some_and(|stem| stem == "mod" || stem == "lib") {
                continue;
            }
            let used = uses.iter().filter_map(|path| self.resolve(module, path));
            let used = used.filter_map(|it| self.files.get(&it).cloned());
            arrows.entry(file.clone()).or_default().extend(used);
        }
        arrows
    }
}

#[test]
fn no_rust_file_uses_itself_by_way_of_others() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let arrows = Modules::read(&source).arrows();
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 100, "only {count} arrows were found");
    let rings = in_rings(&arrows);
    assert!(rings.is_empty(), "{rings:#?}");
}

fn scripts(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("generated") {
            scripts(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "ts") {
            into.push(path);
        }
    }
}

#[test]
fn no_typescript_file_uses_itself_by_way_of_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/npm");
    let mut paths = Vec::new();
    scripts(&folder, &mut paths);
    let mut arrows = Arrows::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let named = text.split(" from '").skip(1).filter_map(|rest| rest.split('\'').next());
        let used = named.filter(|name| name.starts_with('.')).map(|name| {
            let mut file = path.parent().unwrap().to_path_buf();
            for part in name.split('/') {
                match part {
                    "." => {}
                    ".." => _ = file.pop(),
                    part => file.push(part),
                }
            }
            file.with_extension("ts")
        });
        arrows.insert(path.clone(), used.collect());
    }
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 50, "only {count} arrows were found");
    let rings = in_rings(&arrows);
    assert!(rings.is_empty(), "{rings:#?}");
    let port = arrows.iter().filter(|(file, _)| file.parent().unwrap().ends_with("port"));
    let wrong: Vec<_> = port
        .flat_map(|(_, used)| used)
        .filter(|used| used.parent().unwrap().ends_with("api"))
        .collect();
    assert!(wrong.is_empty(), "the port names {wrong:?}");
}
