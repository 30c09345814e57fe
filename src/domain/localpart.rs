use std::fmt;

use super::ServerName;
use super::printable::{first_unseen, trimmed};

/// Longest Matrix user ID, in bytes (Matrix spec, appendices: user identifiers).
const MXID_BYTES: usize = 255;

/// Endings that mail programs take for a domain's even after a single word; `anna.love` is a name.
const PLAIN_ENDINGS: [&str; 6] = [".com", ".net", ".org", ".info", ".xyz", ".top"];

/// The part of a Matrix user ID before the colon: `a-z 0-9 . _ = - / +`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Localpart(String);

/// Why something is not a localpart, as operators are told it; applicants are told by [`crate::text`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalpartProblem {
    /// Nothing was typed.
    #[error("it is empty")]
    Empty,
    /// A whole user ID of another homeserver.
    #[error("it is of another homeserver; accounts here end in :{server}")]
    ForeignServer {
        /// The homeserver of this desk.
        server: String,
    },
    /// A character that the grammar lacks.
    #[error("{0:?} can't stand in a username, only a–z, 0–9 and . _ = - / +")]
    Character(char),
    /// The user ID would be longer than 255 bytes.
    #[error("it is too long; it can have {at_most} characters at most")]
    TooLong {
        /// How many characters the name may have here.
        at_most: usize,
    },
}

impl Localpart {
    /// Understands what an applicant typed: blanks around it, a leading `@`, a trailing `:server` and capitals
    /// are forgiven.
    pub fn parse(typed: &str, server: &ServerName) -> Result<Self, LocalpartProblem> {
        let typed = trimmed(typed);
        if let Some(c) = first_unseen(typed) {
            return Err(LocalpartProblem::Character(c));
        }
        let name = typed.strip_prefix('@').unwrap_or(typed);
        let name = match name.split_once(':') {
            Some((name, theirs)) if theirs.eq_ignore_ascii_case(server.as_str()) => name,
            Some((name, theirs)) if !name.is_empty() && theirs.contains('.') => {
                return Err(LocalpartProblem::ForeignServer { server: server.to_string() });
            }
            _ => name,
        };
        if name.is_empty() {
            return Err(LocalpartProblem::Empty);
        }
        if let Some(c) = name
            .chars()
            .find(|c| !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '=' | '-' | '/' | '+'))
        {
            return Err(LocalpartProblem::Character(c));
        }
        let at_most = MXID_BYTES - "@:".len() - server.as_str().len();
        if name.len() > at_most {
            return Err(LocalpartProblem::TooLong { at_most });
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// Whether a mail program would make a link of it where it stands in a stranger's email: `www.prizes.example/claim`.
    pub fn reads_as_link(&self) -> bool {
        self.0.split(['=', '+']).any(|part| {
            let (host, is_path) = part.split_once('/').map_or((part, false), |(host, _)| (host, true));
            let dots = host.bytes().filter(|b| *b == b'.').count();
            let is_domain = dots > 0
                && !host.split('.').any(str::is_empty)
                && psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
            part.starts_with("www.")
                || (is_path && dots > 0)
                || (is_domain && dots > 1)
                || (is_domain && PLAIN_ENDINGS.iter().any(|ending| host.ends_with(ending)))
        })
    }

    /// A localpart that was parsed once already and comes back from the store.
    pub fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Localpart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A whole Matrix user ID, `@localpart:server`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mxid {
    /// The part before the colon.
    pub localpart: Localpart,
    /// The part behind it.
    pub server: ServerName,
}

impl fmt::Display for Mxid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}:{}", self.localpart, self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<String, LocalpartProblem> {
        Localpart::parse(typed, &ServerName::parse("your.server").unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn what_people_type_is_understood() {
        for (typed, meant) in [
            ("alice", "alice"),
            ("  Alice \n", "alice"),
            ("@alice", "alice"),
            ("\u{feff}alice\u{a0}\u{3000}", "alice"),
            ("@Alice:YOUR.server", "alice"),
            ("alice:your.server", "alice"),
            ("a.b_c=d-e/f+9", "a.b_c=d-e/f+9"),
            ("007", "007"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(meant), "{typed:?}");
        }
    }

    #[test]
    fn what_a_mail_program_would_link_is_known() {
        for (name, links) in [
            ("www.prizes.example/claim", true),
            ("www.prizes", true),
            ("prizes.example/claim", true),
            ("claim.prizes.co.uk", true),
            ("prizes.com", true),
            ("go=prizes.com/x", true),
            ("anna.love", false),
            ("john.smith", false),
            ("a.b_c=d-e/f+9", false),
            ("j.r.r.tolkien", false),
            ("either/or", false),
        ] {
            let name = Localpart::parse(name, &ServerName::parse("your.server").unwrap()).unwrap();
            assert_eq!(name.reads_as_link(), links, "{name}");
        }
    }

    #[test]
    fn every_byte_outside_the_grammar_is_refused() {
        for byte in 0..=127u8 {
            let c = char::from(byte);
            let good = c.is_ascii_alphanumeric() || "._=-/+".contains(c);
            assert_eq!(parse(&format!("a{c}b")).is_ok(), good, "{c:?}");
        }
        for typed in ["älice", "аlice", "ａlice", "a\u{200b}lice", "a\u{202e}lice", "a\u{0}b"] {
            assert!(matches!(parse(typed), Err(LocalpartProblem::Character(_))), "{typed:?}");
        }
        assert_eq!(parse(""), Err(LocalpartProblem::Empty));
        assert_eq!(parse("@"), Err(LocalpartProblem::Empty));
        assert_eq!(parse("@:your.server"), Err(LocalpartProblem::Empty));
        assert!(matches!(parse("@alice:matrix.org"), Err(LocalpartProblem::ForeignServer { .. })));
    }

    #[test]
    fn the_whole_user_id_has_255_bytes_at_most() {
        let at_most = 255 - "@:your.server".len();
        assert!(parse(&"a".repeat(at_most)).is_ok());
        assert_eq!(parse(&"a".repeat(at_most + 1)), Err(LocalpartProblem::TooLong { at_most }));
    }
}
