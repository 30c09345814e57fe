//! Text with placeholders, as Python's `str.format` has them: `{name}`, and `{{` and `}}` for braces.

/// A template whose placeholders are all known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(String),
}

impl Template {
    /// Understands `text`; each placeholder must be one of `known`.
    ///
    /// # Errors
    /// The line within `text` (from 0) and what is wrong there and what would be right.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, (usize, String)> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        let line_of = |rest: &str| text[..text.len() - rest.len()].matches('\n').count();
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let here = &rest[at..];
            if here.starts_with("{{") || here.starts_with("}}") {
                plain.push_str(&here[..1]);
                rest = &here[2..];
            } else if here.starts_with('}') {
                return Err((line_of(here), "a single } stands there; write }} for a brace".into()));
            } else {
                let end = here.find('}').filter(|end| !here[..*end].contains('\n'));
                let Some(end) = end else {
                    return Err((line_of(here), "a { is never closed; write {{ for a brace".into()));
                };
                let name = &here[1..end];
                if !known.contains(&name) {
                    let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
                    return Err((
                        line_of(here),
                        format!(
                            "there is no placeholder {{{name}}}; there are {}; write {{{{ and }}}} for braces",
                            known.join(" ")
                        ),
                    ));
                }
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Placeholder(name.to_owned()));
                rest = &here[end + 1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// Whether this placeholder stands in it.
    pub fn has(&self, placeholder: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Placeholder(name) if name == placeholder))
    }

    /// Fills in the placeholders.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Placeholder(name) => value(name),
            })
            .collect()
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
