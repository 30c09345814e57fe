//! One section of the config: hands out the values of its keys, and in the end says which keys nobody asked for.

use std::net::IpAddr;

use super::node::{Key, Node, Style, Value};
use super::problems::Problems;

/// A key's value and how to name it in errors.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// With its sections: `smtp.port`.
    pub path: String,
    /// The key's line.
    pub line: usize,
    pub node: &'a Node,
}

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
        let name = crate::domain::printable(name, 60);
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

impl Entry<'_> {
    pub(super) fn error(&self, problems: &mut Problems, what: impl Into<String>) {
        problems.error(self.line, &self.path, what);
    }

    /// The scalar's text as it was written.
    pub(super) fn text(&self, problems: &mut Problems, wanted: &str) -> Option<&str> {
        if let Value::Scalar { text, .. } = &self.node.value {
            return Some(text);
        }
        self.error(problems, format!("{} stands here; it should be {wanted}", self.node.kind()));
        None
    }

    /// The line of the scalar's text, for errors within it.
    pub(super) fn text_line(&self) -> usize {
        match &self.node.value {
            Value::Scalar { style: Style::Block, .. } => self.line + 1,
            _ => self.node.line,
        }
    }

    /// `true`, `false`, and what YAML 1.1 took for them.
    pub(super) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        let text = self.text(problems, "true or false")?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => {
                self.error(problems, "it should be true or false");
                None
            }
        }
    }

    /// A whole number from `least` to `most`, `unit` being what it counts.
    pub(super) fn number(&self, problems: &mut Problems, least: u64, most: u64, unit: &str) -> Option<u64> {
        let wanted = format!("a whole number from {least} to {most}{unit}");
        let text = self.text(problems, &wanted)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(number) =
            text.parse::<u64>().ok().filter(|number| digits && (least..=most).contains(number))
        {
            Some(number)
        } else {
            self.error(problems, format!("it should be {wanted}"));
            None
        }
    }

    /// One of these words.
    pub(super) fn one_of<T: Copy>(&self, problems: &mut Problems, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let text = self.text(problems, &format!("one of {known}"))?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
        if found.is_none() {
            self.error(problems, format!("it should be one of {known}"));
        }
        found
    }

    /// A list of texts; a single one stands for a list of it.
    pub(super) fn texts(&self, problems: &mut Problems, wanted: &str) -> Vec<(usize, String)> {
        match &self.node.value {
            Value::Scalar { text, .. } => vec![(self.line, text.clone())],
            Value::List(items) => items
                .iter()
                .filter_map(|item| {
                    if let Value::Scalar { text, .. } = &item.value {
                        Some((item.line, text.clone()))
                    } else {
                        problems.error(
                            item.line,
                            &self.path,
                            format!("{} stands here; it should be {wanted}", item.kind()),
                        );
                        None
                    }
                })
                .collect(),
            Value::Map(_) => {
                self.error(problems, format!("a section stands here; it should be a list of {wanted}"));
                Vec::new()
            }
        }
    }

    /// An `http://` or `https://` URL without user, query and fragment; its trailing slashes are cut.
    pub(super) fn url(&self, problems: &mut Problems) -> Option<String> {
        let text = self.text(problems, "a URL like https://desk.your.server")?.trim();
        match check_url(text) {
            Ok(()) => Some(text.trim_end_matches('/').to_owned()),
            Err(why) => {
                self.error(problems, format!("{why}; it should look like https://desk.your.server"));
                None
            }
        }
    }

    pub(super) fn ip(&self, problems: &mut Problems) -> Option<IpAddr> {
        let wanted = "an IP address: 127.0.0.1, 0.0.0.0 for all of IPv4, :: for all";
        let text = self.text(problems, wanted)?;
        let ip = text.trim().trim_matches(['[', ']']).parse().ok();
        if ip.is_none() {
            self.error(problems, format!("it should be {wanted}"));
        }
        ip
    }
}

pub(super) fn check_url(text: &str) -> Result<(), &'static str> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or("it has no https:// (or http://) at its beginning")?;
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii() || "\"<>\\^`{|}".contains(c))
    {
        return Err("it has a character that no URL has");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err("it names no host");
    }
    if authority.contains('@') {
        return Err("it has a user name in it, which does not belong there");
    }
    if rest.contains(['?', '#']) {
        return Err("it has a ? or # in it");
    }
    Ok(())
}
