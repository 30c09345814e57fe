//! The columns of the table: what a homeserver can do with a token, a name, a file.

use crate::config::BackendKind;
use crate::domain::{Localpart, ServerName};

/// What becomes of a token file (`registration_token_file`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFile {
    /// It is never read.
    Never,
    /// It is read when the homeserver starts.
    AtStart,
    /// It is read whenever somebody registers.
    AtEachRegistration,
}

/// What `/validity` says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Whether it opens the door now.
    True,
    /// Whether it opened the door when the homeserver started; "not valid" says nothing.
    Stale,
    /// Nothing: there is no such endpoint.
    Absent,
}

/// What 403 on `/register/available` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// Nobody can register.
    Registration,
    /// Nobody can have this name.
    Name,
}

/// Names that the Matrix specification allows, and the homeserver refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedNames {
    /// Those that begin with `_`.
    pub leading_underscore: bool,
    /// Those of digits alone.
    pub digits_only: bool,
    /// Those whose MXID is longer than this, in bytes.
    pub mxid_beyond: usize,
}

impl RefusedNames {
    pub(super) const NONE: Self = Self { leading_underscore: false, digits_only: false, mxid_beyond: 255 };

    /// Why it refuses this name; None: it does not.
    pub fn why(&self, name: &Localpart, server: &ServerName) -> Option<&'static str> {
        let (name, mxid_bytes) = (name.as_str(), "@:".len() + name.as_str().len() + server.as_str().len());
        if self.leading_underscore && name.starts_with('_') {
            Some("it allows no names that begin with _")
        } else if self.digits_only && name.bytes().all(|byte| byte.is_ascii_digit()) {
            Some("it allows no names of digits alone")
        } else if mxid_bytes > self.mxid_beyond {
            Some("it allows no names as long as this")
        } else {
            None
        }
    }
}

/// What the operator has to know or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// Nothing.
    Nothing,
    /// This, unless `after_rotation` is configured: it is what that is for.
    AfterRotation(&'static str),
    /// This in any case.
    Always(&'static str),
}

/// The notes for each backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notes {
    pub file: Note,
    pub toml: Note,
    pub synapse: Note,
    pub mas: Note,
    pub admin_room: Note,
}

/// A row: what a homeserver of one family, in one range of releases, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the table, independent of the others")]
pub struct Row {
    /// What it does with a token file.
    pub token_file: TokenFile,
    /// Whether it takes a token file that is empty or unreadable, if it knows no other token, for open registration.
    pub empty_file_is_open: bool,
    /// Whether it says, while it knows no token, that nobody can register.
    pub is_shut_without_token: bool,
    /// Whether it knows a token no more once it is used up.
    pub forgets_used_tokens: bool,
    /// What its `/validity` says.
    pub validity: Validity,
    /// What its 403 on `/register/available` means.
    pub forbidden: Forbidden,
    /// What it refuses beyond the grammar.
    pub refused_names: RefusedNames,
    /// Whether it ever asks for a registration token; else doorman cannot serve it.
    pub asks_for_tokens: bool,
    /// Whether it has `/_synapse/admin/v1/registration_tokens`.
    pub has_synapse_token_api: bool,
    /// Whether its admin room takes `!admin token issue`.
    pub has_token_commands: bool,
    pub(super) notes: Notes,
}

impl Row {
    /// What the operator has to know or do with this backend; None: nothing.
    pub(super) fn note(&self, backend: BackendKind, has_after_rotation: bool) -> Option<&'static str> {
        let note = match backend {
            BackendKind::File => self.notes.file,
            BackendKind::Toml => self.notes.toml,
            BackendKind::Synapse => self.notes.synapse,
            BackendKind::Mas => self.notes.mas,
            BackendKind::AdminRoom => self.notes.admin_room,
        };
        match note {
            Note::Nothing => None,
            Note::AfterRotation(what) => (!has_after_rotation).then_some(what),
            Note::Always(what) => Some(what),
        }
    }
}
