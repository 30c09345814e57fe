//! Keys that the table does not have, and which one may have been meant.

use crate::domain::printable;

use super::key::joined;
use super::node::{Node, Value};
use super::reading::Reading;

/// Sections of the original and its successor that doorman has no use for.
const PASSED_OVER: [&str; 5] =
    ["matrix_admin", "canary", "matrix", "gpg", "email.templates.deactivation_notice"];

/// Compares what stands in the config with the keys that were asked for.
pub(super) fn compare_with_table(reading: &Reading<'_>, root: &Node) {
    let keys = reading.keys.borrow();
    let own =
        keys.iter().flat_map(|key| key.endings.iter().map(move |ending| format!("{}{ending}", key.path)));
    let aliases = keys.iter().filter_map(|key| key.spec.alias).map(ToOwned::to_owned);
    let mut table = Table { known: own.chain(aliases).collect(), passed_over: Vec::new(), reading };
    table.compare("", root);
    if let Some((line, _)) = table.passed_over.first() {
        let names: Vec<&str> = table.passed_over.iter().map(|(_, name)| *name).collect();
        reading.warn(*line, "", format!("passed over, doorman has no use for it: {}", names.join(", ")));
    }
}

struct Table<'a> {
    /// Every path under which a key may stand.
    known: Vec<String>,
    passed_over: Vec<(usize, &'a str)>,
    reading: &'a Reading<'a>,
}

impl<'a> Table<'a> {
    fn compare(&mut self, section: &str, node: &'a Node) {
        let entries = match &node.value {
            Value::Map(entries) => entries,
            _ if node.is_null() => return,
            _ => {
                let what = "stands here where keys and values belong, like `port: 6626`";
                return self.reading.error(node.line, section, format!("{} {what}", node.kind()));
            }
        };
        for (at, (key, value)) in entries.iter().enumerate() {
            // A key from a file is anything: it must not steer the operator's terminal.
            let shown = joined(section, &printable(&key.name, 60));
            // A dot in a name leads to no section.
            let path = joined(section, &key.name.replace('.', " "));
            if let Some((first, _)) = entries[..at].iter().find(|(first, _)| first.name == key.name) {
                let what = format!("it is set twice, in line {} too; keep one of them", first.line);
                self.reading.error(key.line, &shown, what);
            } else if PASSED_OVER.contains(&path.as_str()) {
                self.passed_over.push((key.line, &key.name));
            } else if self.known.iter().any(|known| below(known, &path).is_some()) {
                self.compare(&path, value);
            } else if !self.known.contains(&path) {
                self.reading.error(key.line, &shown, self.hint(section, &key.name));
            }
        }
    }

    fn hint(&self, section: &str, name: &str) -> String {
        let beside: Vec<&str> = self.known.iter().filter_map(|known| below(known, section)).collect();
        let last = name.rsplit('.').next();
        let mut nested = self.known.iter().filter_map(|known| known.rsplit_once('.'));
        let home = nested.find(|(_, known)| last == Some(known)).map(|(home, _)| home);
        let near = nearest(name, &beside).or_else(|| overlapping(name, &beside).filter(|_| home.is_none()));
        match (near, home) {
            (Some(near), _) => format!("there is no such key; did you mean {near}?"),
            (None, Some(home)) => format!("there is no such key here; it belongs under {home}:"),
            (None, None) => "there is no such key; `doorman example-config` prints all keys".into(),
        }
    }
}

/// The name in this section that leads to `path`.
fn below<'a>(path: &'a str, section: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(section)?;
    let rest = if section.is_empty() { rest } else { rest.strip_prefix('.')? };
    rest.split('.').next()
}

/// The known word that differs least, if it is near enough to be meant.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|known| (distance(word, known), *known));
    distances.filter(|(distance, known)| *distance <= 1 + known.len() / 4).min().map(|(_, known)| known)
}

/// The known word of which this is a part, or which is a part of it. So much of a word is more than chance: four letters.
fn overlapping<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = folded(word);
    let overlaps = |one: &str, other: &str| one.len() >= 4 && other.contains(one);
    let known = known.iter().filter(|known| overlaps(&folded, known) || overlaps(known, &folded));
    known.min_by_key(|known| distance(word, known)).copied()
}

fn distance(word: &str, known: &str) -> usize {
    strsim::osa_distance(&folded(word), known)
}

/// Of a key that could be any text only its beginning counts.
fn folded(word: &str) -> String {
    word.chars().take(100).collect::<String>().to_lowercase().replace('-', "_")
}
