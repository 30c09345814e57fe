//! The floors of the house, as `src/lib.rs` describes them: a module imports only from a lower one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FLOORS: [&[&str]; 9] = [
    &["domain", "clock", "stop", "lock", "files", "backoff", "html"],
    &["policy", "filter", "text", "net", "config", "pulse", "shell", "supervisor", "logging", "metrics"],
    &["homeserver", "store", "bans", "alarms"],
    &["tokens", "premises", "cli"],
    &["desk", "signup", "rotation", "mirror", "import", "upkeep"],
    &["acts"],
    &["web", "inbox", "outbox", "notify"],
    &["commands", "console"],
    &["app"],
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The modules that this text names by `crate::`.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    code.join("\n")
        .split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            // `use crate::{a, b::c}`: none of the kind stands here, and none may come unseen.
            Some(_) => vec!["{".to_owned()],
            None => vec![rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()],
        })
        .collect()
}

#[test]
fn a_module_imports_only_from_a_lower_floor() {
    let floors: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor)))
        .collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "the sources are here");
    let mut seen = 0;
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let floor = floors
            .get(module)
            .unwrap_or_else(|| panic!("{module} stands on no floor: give it one here and in lib.rs"));
        for import in imports(&std::fs::read_to_string(&file).unwrap()) {
            let from =
                floors.get(import.as_str()).unwrap_or_else(|| panic!("{}: crate::{import}", file.display()));
            assert!(
                import == module || from < floor,
                "{} imports crate::{import}, which is no lower floor",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 100, "imports were read");
}

#[test]
fn the_architecture_text_names_every_module() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut placed: Vec<&str> = FLOORS.concat();
    placed.sort_unstable();
    assert_eq!(declared, placed);
    for module in declared {
        assert!(text.contains(&format!("[`{module}`]")), "{module} is missing in the table of floors");
    }
}
