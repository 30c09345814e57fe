use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::printable;

/// Of an entry, so much is shown.
const ENTRY_CHARS: usize = 200;

/// Which of the three ban lists.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr, Serialize, Deserialize,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
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
        self.into()
    }
}

impl fmt::Display for BanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a line of a ban list does to whoever it hits. Within a list the higher one decides.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Action {
    /// The operator decides.
    Hold,
    /// They are turned away.
    #[default]
    Refuse,
    /// No other line of this list counts, and the operator need not be asked.
    Approve,
}

impl Action {
    /// All three, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::Hold, Self::Approve];

    /// As it is written above a line.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// What has become of whom it hit.
    pub fn done(self) -> &'static str {
        match self {
            Self::Refuse => "refused",
            Self::Hold => "held",
            Self::Approve => "approved",
        }
    }
}

/// The line of a ban list that hits somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Of which kind the list is.
    pub list: BanKind,
    /// The file that it stands in, seen from the desk's folder.
    pub file: Arc<str>,
    /// Line number in the file, from 1.
    pub line: usize,
    /// The line as it stands there, without the blanks around it.
    pub entry: String,
    /// What it does.
    pub action: Action,
    /// What the operator has noted above it.
    pub note: Option<String>,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = printable(&self.entry, ENTRY_CHARS);
        write!(f, "{} line {}: {entry}", self.file, self.line)?;
        self.note.as_ref().map_or(Ok(()), |note| write!(f, " ({})", printable(note, ENTRY_CHARS)))
    }
}

impl Hit {
    /// The line as it is known wherever in its list it stands.
    pub fn known_as(&self) -> String {
        format!("{} {}", self.list.word(), self.entry)
    }

    /// Whether it is one of these, one a line.
    pub fn is_among(&self, known: &str) -> bool {
        let own = self.known_as();
        known.lines().any(|line| line == own)
    }
}

/// For each list the line that decides, where one hits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// Of the IP address.
    pub ip: Option<Hit>,
    /// Of the email address.
    pub email: Option<Hit>,
    /// Of the name.
    pub username: Option<Hit>,
}

impl Hits {
    /// Whether any line hits.
    pub fn any(&self) -> bool {
        self.ip.is_some() || self.email.is_some() || self.username.is_some()
    }

    /// The first line that does this.
    pub fn first(&self, action: Action) -> Option<&Hit> {
        [&self.ip, &self.email, &self.username].into_iter().flatten().find(|hit| hit.action == action)
    }
}
