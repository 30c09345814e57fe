//! What a key's value means: text, number, word, URL … Each reader says what is wrong and gives None where it is none.

use std::net::IpAddr;

use crate::domain::EmailAddress;

use super::node::{Node, Style, Value};
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

impl Entry<'_> {
    /// This is wrong with it.
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
    pub(super) fn number<T: TryFrom<u64>>(
        &self,
        problems: &mut Problems,
        least: u64,
        most: u64,
        unit: &str,
    ) -> Option<T> {
        let wanted = format!("a whole number from {least} to {most}{unit}");
        let text = self.text(problems, &wanted)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (least..=most).contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.error(problems, format!("it should be {wanted}"));
        }
        number
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

    /// An e-mail address; `wanted` begins the sentence that says what is wrong with another text.
    pub(super) fn email(&self, problems: &mut Problems, wanted: &str) -> Option<EmailAddress> {
        let text = self.text(problems, "an e-mail address")?;
        EmailAddress::parse(text).map_err(|problem| self.error(problems, format!("{wanted}: {problem}"))).ok()
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

    /// An IP address, `[…]` around it or not.
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

/// Whether it is a URL like [`Entry::url`] wants it; else what is wrong.
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
