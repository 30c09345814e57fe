//! The header fields of a mail as they stand there: in order, with their doubles, unfolded. Parsers that know fields by
//! name lose just what tells a forgery.

/// More than any mail needs.
const MOST_FIELDS: usize = 1000;

/// The fields of the head.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Of a whole mail, or its beginning. What is not UTF-8 is kept as far as it can be read.
    pub(super) fn read(mail: &[u8]) -> Self {
        Self::read_as(mail, |line| String::from_utf8_lossy(line).into_owned())
    }

    /// The same, its lines read in this way.
    pub(super) fn read_as(mail: &[u8], read: impl Fn(&[u8]) -> String) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in mail.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || fields.len() > MOST_FIELDS {
                break;
            }
            let text = read(line);
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':') {
                fields.push((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }

    /// All values of a field, given in lower case, from the top.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The topmost.
    pub(super) fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Names and values, from the top.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A value without its comments `(…)`, which may be nested; quoted strings stay.
pub(super) fn without_comments(value: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0u32, false, false);
    for c in value.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                if depth == 0 {
                    out.push(c);
                }
                continue;
            }
            '\\' => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => {
                depth += 1;
                continue;
            }
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                out.push(' ');
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_keep_their_order_and_doubles() {
        let headers =
            Headers::read(b"From: a@b.c\r\nX: 1\r\n 2\r\n\t3\r\nx : 4\nno field\nX: \xff\r\n\r\nX: body\r\n");
        assert_eq!(headers.all("x").collect::<Vec<_>>(), ["1 2 3", "4", "\u{fffd}"]);
        assert_eq!(headers.first("from"), Some("a@b.c"));
        assert!(!headers.has("subject"));
        assert_eq!(headers.iter().count(), 4);
    }

    #[test]
    fn comments_go_and_quoted_parentheses_stay() {
        assert_eq!(
            without_comments("no (a (b) \\) c) ; x").split_whitespace().collect::<Vec<_>>(),
            ["no", ";", "x"]
        );
        assert_eq!(without_comments("\"(a)\" b"), "\"(a)\" b");
    }
}
