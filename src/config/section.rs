//! One section of the config: hands out the values of its keys, and in the end says which keys nobody asked for.

use crate::domain::printable;

use super::entry::Entry;
use super::node::{Key, Node, Value};
use super::problems::Problems;

/// A section as it is being read.
#[derive(Debug)]
pub(super) struct Section<'a> {
    path: String,
    entries: &'a [(Key, Node)],
    asked: Vec<&'static str>,
}

/// Keys by the section in which they belong, for whoever wrote one at the wrong place.
const BELONGS: &[(&str, &[&str])] = &[
    ("smtp", &["host", "username", "password", "password_file", "password_env", "use_tls", "tls", "from"]),
    (
        "tokens",
        &[
            "backend",
            "per_applicant",
            "uses",
            "lifetime_hours",
            "grace_minutes",
            "access_token_file",
            "client_id",
            "client_secret_file",
        ],
    ),
    ("imap", &["mailbox", "address", "trusted_authserv_ids", "unverified_senders", "token_command"]),
];

impl<'a> Section<'a> {
    /// The section at the top, `path` being empty, or one below. Keys that stand twice are errors.
    pub(super) fn new(path: &str, node: &'a Node, problems: &mut Problems) -> Self {
        let entries = if let Value::Map(entries) = &node.value {
            entries.as_slice()
        } else {
            let what = format!("{} stands here where keys and values belong, like `port: 6626`", node.kind());
            problems.error(node.line, path, what);
            &[]
        };
        let section = Self { path: path.to_owned(), entries, asked: Vec::new() };
        for (at, (key, _)) in entries.iter().enumerate() {
            if let Some((first, _)) = entries[..at].iter().find(|(first, _)| first.name == key.name) {
                let what = format!("it stands twice, in line {} too; keep one of them", first.line);
                problems.error(key.line, &section.path_of(&key.name), what);
            }
        }
        section
    }

    /// A key's value. None: it is not there, or null.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Entry<'a>> {
        self.asked.push(name);
        let (key, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        (!node.is_null()).then(|| Entry { path: self.path_of(name), line: key.line, node })
    }

    /// Puts into `slot` what `read` makes of a key's value. Where it is not there, or wrong, the slot stays as it is.
    pub(super) fn set<T>(
        &mut self,
        name: &'static str,
        slot: &mut T,
        read: impl FnOnce(&Entry<'a>) -> Option<T>,
    ) {
        if let Some(value) = self.take(name).and_then(|entry| read(&entry)) {
            *slot = value;
        }
    }

    /// A section below. None: it is not there, or null.
    pub(super) fn section(&mut self, name: &'static str, problems: &mut Problems) -> Option<Section<'a>> {
        let entry = self.take(name)?;
        Some(Section::new(&entry.path, entry.node, problems))
    }

    /// Keys that nobody asked for are errors.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (key, _) in self.entries {
            if self.asked.contains(&key.name.as_str()) {
                continue;
            }
            let home = BELONGS
                .iter()
                .find(|(section, keys)| *section != self.path && keys.contains(&key.name.as_str()))
                .map(|(section, _)| *section);
            let near = nearest(&key.name, &self.asked);
            let what = match (near, home, partly(&key.name, &self.asked)) {
                (Some(near), ..) | (None, None, Some(near)) => {
                    format!("there is no such key; did you mean {near}?")
                }
                (None, Some(home), _) => format!("there is no such key here; it belongs under {home}:"),
                (None, None, None) => {
                    "there is no such key; config.yaml.example has all that there are".into()
                }
            };
            problems.error(key.line, &self.path_of(&key.name), what);
        }
    }

    fn path_of(&self, name: &str) -> String {
        // A key from a file is anything: it must not steer the operator's terminal.
        let name = printable(name, 60);
        if self.path.is_empty() { name } else { format!("{}.{name}", self.path) }
    }
}

/// The known word that differs least, if it is near enough to be meant.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = folded(word);
    known
        .iter()
        .map(|known| (distance(&folded, known), *known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min()
        .map(|(_, known)| known)
}

/// So much of a word is more than chance.
const TELLING: usize = 4;

/// The known word of which this is a part, or which is a part of it.
fn partly<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = folded(word);
    let overlaps = |known: &&&str| {
        (folded.len() >= TELLING && known.contains(&folded))
            || (known.len() >= TELLING && folded.contains(**known))
    };
    known.iter().filter(overlaps).min_by_key(|known| distance(&folded, known)).copied()
}

fn folded(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// Levenshtein's: insertions, deletions, replacements.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// A key that may stand at the top or in the nested form's section.
pub(super) fn either<'a>(
    flat: Option<Entry<'a>>,
    nested: Option<Entry<'a>>,
    problems: &mut Problems,
) -> Option<Entry<'a>> {
    if let (Some(flat), Some(nested)) = (&flat, &nested) {
        nested.error(
            problems,
            format!("it stands in line {} too, in the flat form; keep one of them", flat.line),
        );
    }
    flat.or(nested)
}
