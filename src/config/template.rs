//! Text with placeholders, as Python's `str.format` has them: `{name}`, and `{{` and `}}` for braces.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Braces for themselves, placeholders, and braces that are neither.
static BRACES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]").unwrap_or_else(|error| unreachable!("{error}"))
});

/// A template whose placeholders are all known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Understands `text`; each placeholder must be one of `known`.
    ///
    /// # Errors
    /// The line within `text` (from 0) and what is wrong there and what would be right.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, (usize, String)> {
        for found in BRACES.captures_iter(text) {
            let what = match (&found[0], found.get(1).map(|name| name.as_str())) {
                ("{{" | "}}", _) => continue,
                (_, Some(name)) if known.contains(&name) => continue,
                (_, Some(name)) => {
                    let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
                    let known = known.join(" ");
                    format!(
                        "there is no placeholder {{{name}}}; there are {known}; write {{{{ and }}}} for braces"
                    )
                }
                ("}", None) => "there is a single }; write }} for a brace".into(),
                (_, None) => "a { is never closed; write {{ for a brace".into(),
            };
            return Err((text[..found.get_match().start()].matches('\n').count(), what));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether this placeholder stands in it.
    pub fn has(&self, placeholder: &str) -> bool {
        BRACES
            .captures_iter(&self.0)
            .any(|found| found.get(1).is_some_and(|name| name.as_str() == placeholder))
    }

    /// Fills in the placeholders.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let filled = |found: &Captures<'_>| match found.get(1) {
            Some(name) => value(name.as_str()),
            None => found[0][1..].to_owned(),
        };
        BRACES.replace_all(&self.0, filled).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_doubled_braces_are_braces() {
        let template = Template::parse("{{a}} {name}!\n{name}", &["name"]).unwrap();
        assert_eq!(template.fill(|name| format!("<{name}>")), "{a} <name>!\n<name>");
        assert!(template.has("name") && !template.has("a"));
    }

    #[test]
    fn a_broken_placeholder_is_named_with_its_line() {
        for (text, line) in
            [("a\n{nmae}", 1), ("}", 0), ("a\nb\n{name", 2), ("{}", 0), ("{name!r}", 0), ("{na\nme}", 0)]
        {
            assert_eq!(Template::parse(text, &["name"]).unwrap_err().0, line, "{text:?}");
        }
    }
}
