use std::fmt;

use serde::{Deserialize, Serialize};

/// Which of the three ban lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BanKind {
    /// `banned_ips.txt`: addresses and CIDR ranges.
    Ip,
    /// `banned_emails.txt`: addresses with `*`, or bare domains.
    Email,
    /// `banned_usernames.txt`: regular expressions.
    Username,
}

impl BanKind {
    /// All three, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Ip, Self::Email, Self::Username];

    /// The file's name in the desk's folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Ip => "banned_ips.txt",
            Self::Email => "banned_emails.txt",
            Self::Username => "banned_usernames.txt",
        }
    }

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Email => "email",
            Self::Username => "username",
        }
    }
}

impl fmt::Display for BanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The line of a ban list that refuses somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanHit {
    /// Which list.
    pub kind: BanKind,
    /// Line number in the file, from 1.
    pub line: usize,
    /// The line as it stands there, without the blanks around it.
    pub entry: String,
}

impl fmt::Display for BanHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.kind.file_name(), self.line, self.entry)
    }
}
