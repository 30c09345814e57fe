use std::fmt;

use super::ServerName;

/// Longest Matrix user ID, in bytes (Matrix spec, appendices: user identifiers).
const MXID_BYTES: usize = 255;

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
        let typed = typed.trim_matches([' ', '\t', '\r', '\n']);
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
            ("@Alice:YOUR.server", "alice"),
            ("alice:your.server", "alice"),
            ("a.b_c=d-e/f+9", "a.b_c=d-e/f+9"),
            ("007", "007"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(meant), "{typed:?}");
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
