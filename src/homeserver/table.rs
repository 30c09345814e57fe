//! What each homeserver does with a token, release by release: one row for each that differs.

use crate::config::BackendKind;
use crate::net::cleaned;

use super::family::{Family, Version};
use super::row::{Forbidden, Note, Notes, RefusedNames, Row, TokenFile, Validity};

const NO_API: Note =
    Note::Always("it has no admin API for registration tokens: choose another tokens.backend than synapse");
const NO_API_YET: Note = Note::Always(
    "this release has no admin API for registration tokens: update it to 1.8.1 or later, or choose tokens.backend file",
);
const NO_MAS: Note = Note::Always(
    "the Matrix Authentication Service is not seen in front of it: the tokens of tokens.backend mas open no door here",
);
const NO_COMMANDS: Note =
    Note::Always("its admin room knows no token commands: choose another tokens.backend than admin_room");
const NO_COMMANDS_YET: Note = Note::Always(
    "this release's admin room makes no tokens: update it to 1.5.1 or later, or choose another tokens.backend than admin_room",
);
const RELOAD: Note = Note::AfterRotation(
    "it reads the second configuration file only when it starts or is told to: let after_rotation send it SIGUSR1",
);
const RELOAD_FORGETS: Note = Note::Always(
    "choose tokens.backend file, which it reads at each registration: a release like this one forgets the files that `-c` \
     named when SIGUSR1 has it read its configuration again, so after_rotation would have to restart it",
);
const RELOAD_OR_FILE: Note = Note::AfterRotation(
    "it reads the second configuration file only when it starts or is told to: let after_rotation send it SIGUSR1, or \
     choose tokens.backend file, which it reads at each registration",
);
const NOT_ITS_FILES: Note = Note::Always(
    "it takes no registration token from a configuration file: choose another tokens.backend than toml",
);

const SYNAPSE: Row = Row {
    token_file: TokenFile::Never,
    empty_file_is_open: false,
    is_shut_without_token: false,
    forgets_used_tokens: false,
    validity: Validity::True,
    forbidden: Forbidden::Registration,
    refused_names: RefusedNames { leading_underscore: true, digits_only: true, mxid_beyond: 255 },
    asks_for_tokens: true,
    has_synapse_token_api: true,
    has_token_commands: false,
    notes: Notes {
        file: Note::AfterRotation(
            "it does not read the token file: choose tokens.backend synapse, or let after_rotation tell it the new token \
             through its admin API",
        ),
        toml: NOT_ITS_FILES,
        synapse: Note::Nothing,
        mas: NO_MAS,
        admin_room: NO_COMMANDS,
    },
};

/// The names go through Synapse's own check here too.
const SYNAPSE_BEHIND_MAS: Row = Row {
    validity: Validity::Absent,
    has_synapse_token_api: false,
    notes: Notes {
        file: Note::AfterRotation(
            "registration tokens are the Matrix Authentication Service's, which reads no token file: choose tokens.backend \
             mas, or let after_rotation tell it the new token through its admin API",
        ),
        synapse: Note::Always(
            "registration tokens are the Matrix Authentication Service's, not Synapse's: choose tokens.backend mas",
        ),
        mas: Note::Nothing,
        ..SYNAPSE.notes
    },
    ..SYNAPSE
};

const NEVER_ASKS: Note = Note::Always(NO_DOOR);
const NO_DOOR: &str = "it never asks for a registration token, so doorman cannot serve it: whoever may register there \
                       needs none";

const DENDRITE: Row = Row {
    token_file: TokenFile::Never,
    empty_file_is_open: false,
    is_shut_without_token: false,
    forgets_used_tokens: false,
    validity: Validity::Absent,
    forbidden: Forbidden::Registration,
    refused_names: RefusedNames { leading_underscore: true, digits_only: false, mxid_beyond: 254 },
    asks_for_tokens: false,
    has_synapse_token_api: false,
    has_token_commands: false,
    notes: Notes {
        file: NEVER_ASKS,
        toml: NEVER_ASKS,
        synapse: NEVER_ASKS,
        mas: NEVER_ASKS,
        admin_room: NEVER_ASKS,
    },
};

const CONDUIT: Row = Row {
    token_file: TokenFile::Never,
    empty_file_is_open: false,
    is_shut_without_token: false,
    forgets_used_tokens: false,
    validity: Validity::Absent,
    forbidden: Forbidden::Registration,
    refused_names: RefusedNames::NONE,
    asks_for_tokens: true,
    has_synapse_token_api: false,
    has_token_commands: false,
    notes: Notes {
        file: Note::AfterRotation(
            "it reads no token file: let after_rotation write the token into its configuration and restart it",
        ),
        toml: Note::AfterRotation(
            "it reads its configuration only when it starts: let after_rotation write the token there and restart it",
        ),
        synapse: NO_API,
        mas: NO_MAS,
        admin_room: NO_COMMANDS,
    },
};

/// conduwuit up to 0.4.6.
const STATIC_TOKEN: Row = Row {
    validity: Validity::True,
    forbidden: Forbidden::Name,
    notes: Notes {
        file: Note::AfterRotation(
            "this release reads no token file: let after_rotation write the token into its configuration and restart it, \
             or change to a successor (continuwuity, tuwunel)",
        ),
        ..CONDUIT.notes
    },
    ..CONDUIT
};

/// conduwuit from 0.5 (0.5.0-rc.3), continuwuity up to 0.5.1, tuwunel up to 1.4.7.
const READS_EACH_TIME: Row = Row {
    token_file: TokenFile::AtEachRegistration,
    validity: Validity::Stale,
    notes: Notes { file: Note::Nothing, toml: RELOAD_FORGETS, ..CONDUIT.notes },
    ..STATIC_TOKEN
};

/// continuwuity 0.5.2 to 0.5.6.
const FILE_TAKEN_OUT: Row = Row {
    token_file: TokenFile::Never,
    is_shut_without_token: true,
    validity: Validity::True,
    has_token_commands: true,
    notes: Notes {
        file: Note::AfterRotation(
            "this release reads no token file: update it to 0.5.7 or later, choose tokens.backend toml or admin_room, or \
             let after_rotation write the token into a second configuration file and send SIGUSR1",
        ),
        toml: RELOAD,
        synapse: Note::Always(
            "it has no admin API for registration tokens: choose tokens.backend toml or admin_room",
        ),
        mas: NO_MAS,
        admin_room: Note::Nothing,
    },
    ..STATIC_TOKEN
};

/// continuwuity from 0.5.7 on.
const READS_AT_START: Row = Row {
    token_file: TokenFile::AtStart,
    notes: Notes {
        file: Note::AfterRotation(
            "it reads the token file only when it starts: choose tokens.backend admin_room, or let after_rotation restart \
             it, or choose tokens.backend toml and let after_rotation send SIGUSR1",
        ),
        ..FILE_TAKEN_OUT.notes
    },
    ..FILE_TAKEN_OUT
};

/// tuwunel 1.4.7 and earlier.
const TUWUNEL_OLD: Row = Row {
    notes: Notes { synapse: NO_API_YET, admin_room: NO_COMMANDS_YET, ..READS_EACH_TIME.notes },
    ..READS_EACH_TIME
};

/// tuwunel from 1.4.8 on.
const TUWUNEL: Row = Row {
    empty_file_is_open: true,
    forgets_used_tokens: true,
    validity: Validity::True,
    notes: Notes {
        file: Note::Always(
            "it takes an empty or unreadable token file for open registration: also set a long secret registration_token in \
             its configuration, which nobody is given",
        ),
        ..TUWUNEL_OLD.notes
    },
    ..TUWUNEL_OLD
};

/// tuwunel from 1.5.0 on.
const TUWUNEL_COMMANDS: Row =
    Row { has_token_commands: true, notes: Notes { admin_room: Note::Nothing, ..TUWUNEL.notes }, ..TUWUNEL };

/// tuwunel from 1.8.1 on.
const TUWUNEL_API: Row = Row {
    has_synapse_token_api: true,
    notes: Notes { synapse: Note::Nothing, ..TUWUNEL_COMMANDS.notes },
    ..TUWUNEL_COMMANDS
};

/// tuwunel from 1.9.0 on.
const TUWUNEL_RELOADS: Row =
    Row { notes: Notes { toml: RELOAD_OR_FILE, ..TUWUNEL_API.notes }, ..TUWUNEL_API };

const CAREFUL: Note = Note::Always(
    "doorman is careful here: where it serves /validity, the desk stays closed until that calls the token valid; a \
     403 counts as closed registration; no name is refused but those that it refuses itself; after_rotation has to make \
     sure that it takes the new token",
);

const UNKNOWN: Row = Row {
    validity: Validity::True,
    notes: Notes { file: CAREFUL, toml: CAREFUL, synapse: CAREFUL, mas: CAREFUL, admin_room: CAREFUL },
    ..CONDUIT
};

impl Family {
    /// What it does with a token, a name, a file.
    pub fn row(&self) -> &'static Row {
        row(self)
    }

    /// What the operator has to know or do, so that tokens of this backend work here. None: nothing.
    pub fn operator_note(&self, backend: BackendKind, has_after_rotation: bool) -> Option<String> {
        let what = self.row().note(backend, has_after_rotation)?;
        Some(cleaned(&match self {
            Self::Unknown => format!("the homeserver is {self}: {what}"),
            _ => format!("{self}: {what}"),
        }))
    }
}

fn row(family: &Family) -> &'static Row {
    match *family {
        Family::Synapse(_) => &SYNAPSE,
        Family::SynapseBehindMas(_) => &SYNAPSE_BEHIND_MAS,
        Family::Dendrite(_) => &DENDRITE,
        Family::Conduit(_) => &CONDUIT,
        Family::Conduwuit(release) if release < Version(0, 5, 0) => &STATIC_TOKEN,
        Family::Conduwuit(_) => &READS_EACH_TIME,
        Family::Continuwuity(release) if release < Version(0, 5, 2) => &READS_EACH_TIME,
        Family::Continuwuity(release) if release < Version(0, 5, 7) => &FILE_TAKEN_OUT,
        Family::Continuwuity(_) => &READS_AT_START,
        Family::Tuwunel(release) if release < Version(1, 4, 8) => &TUWUNEL_OLD,
        Family::Tuwunel(release) if release < Version(1, 5, 0) => &TUWUNEL,
        Family::Tuwunel(release) if release < Version(1, 8, 1) => &TUWUNEL_COMMANDS,
        Family::Tuwunel(release) if release < Version(1, 9, 0) => &TUWUNEL_API,
        Family::Tuwunel(_) => &TUWUNEL_RELOADS,
        Family::Unknown => &UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use Forbidden::{Name, Registration};
    use TokenFile::{AtEachRegistration, AtStart, Never};
    use Validity::{Absent, Stale, True};

    use crate::domain::{Localpart, ServerName};

    use super::*;

    const KINDS: [BackendKind; 5] = [
        BackendKind::File,
        BackendKind::Toml,
        BackendKind::Synapse,
        BackendKind::Mas,
        BackendKind::AdminRoom,
    ];

    /// Those whose range of releases ends or begins there.
    #[test]
    fn each_release_does_what_its_row_says() {
        let (cw, cy, tw) = (Family::Conduwuit, Family::Continuwuity, Family::Tuwunel);
        for (family, file, validity, forbidden, api, commands) in [
            (Family::Synapse(None), Never, True, Registration, true, false),
            (Family::SynapseBehindMas(None), Never, Absent, Registration, false, false),
            (Family::Dendrite(None), Never, Absent, Registration, false, false),
            (Family::Conduit(None), Never, Absent, Registration, false, false),
            (cw(Version(0, 4, 6)), Never, True, Name, false, false),
            (cw(Version(0, 5, 0)), AtEachRegistration, Stale, Name, false, false),
            (cy(Version(0, 5, 1)), AtEachRegistration, Stale, Name, false, false),
            (cy(Version(0, 5, 2)), Never, True, Name, false, true),
            (cy(Version(0, 5, 6)), Never, True, Name, false, true),
            (cy(Version(0, 5, 7)), AtStart, True, Name, false, true),
            (cy(Version(26, 8, 0)), AtStart, True, Name, false, true),
            (tw(Version(1, 4, 7)), AtEachRegistration, Stale, Name, false, false),
            (tw(Version(1, 4, 8)), AtEachRegistration, True, Name, false, false),
            (tw(Version(1, 5, 0)), AtEachRegistration, True, Name, false, true),
            (tw(Version(1, 8, 0)), AtEachRegistration, True, Name, false, true),
            (tw(Version(1, 8, 1)), AtEachRegistration, True, Name, true, true),
            (Family::Unknown, Never, True, Registration, false, false),
        ] {
            let row = row(&family);
            assert_eq!(
                (
                    row.token_file,
                    row.validity,
                    row.forbidden,
                    row.has_synapse_token_api,
                    row.has_token_commands
                ),
                (file, validity, forbidden, api, commands),
                "{family}"
            );
            let is_open = matches!(family, Family::Tuwunel(release) if release >= Version(1, 4, 8));
            assert_eq!(row.empty_file_is_open, is_open, "{family}");
            let is_shut = matches!(family, Family::Continuwuity(release) if release >= Version(0, 5, 2));
            assert_eq!(row.is_shut_without_token, is_shut, "{family}");
            assert_eq!(row.asks_for_tokens, !matches!(family, Family::Dendrite(_)), "{family}");
        }
    }

    #[test]
    fn the_operator_hears_what_a_rotated_file_does_on_each_server() {
        let note = |family: Family| family.operator_note(BackendKind::File, false).unwrap_or_default();
        assert!(note(Family::Dendrite(None)).contains("cannot serve it"));
        assert!(note(Family::Continuwuity(Version(0, 5, 7))).contains("after_rotation"));
        assert!(note(Family::Continuwuity(Version(0, 5, 4))).contains("reads no token file"));
        assert!(note(Family::Conduwuit(Version(0, 4, 6))).contains("reads no token file"));
        assert!(note(Family::Tuwunel(Version(1, 4, 8))).contains("registration_token"));
        assert!(note(Family::SynapseBehindMas(None)).contains("tokens.backend mas"));
        assert!(note(Family::Unknown).contains("careful here"));
        for quiet in [
            Family::Continuwuity(Version(0, 5, 1)),
            Family::Conduwuit(Version(0, 5, 0)),
            Family::Tuwunel(Version(1, 4, 7)),
        ] {
            assert_eq!(note(quiet.clone()), "", "{quiet}");
        }
        let restarted = Family::Continuwuity(Version(0, 5, 7)).operator_note(BackendKind::File, true);
        assert_eq!(restarted, None, "after_rotation is there for that");
    }

    #[test]
    fn names_beyond_the_grammar_are_refused_where_the_server_does() {
        let server = ServerName::parse("your.server").unwrap();
        let refuses = |family: Family, name: &str| {
            let name = Localpart::parse(name, &server).unwrap();
            row(&family).refused_names.why(&name, &server).is_some()
        };
        // Of an MXID of 255 bytes, `@:your.server` are 13.
        let (longest, shorter) = ("x".repeat(242), "x".repeat(241));
        for (family, underscore, digits, long) in [
            (Family::Synapse(None), true, true, false),
            (Family::SynapseBehindMas(None), true, true, false),
            (Family::Dendrite(None), true, false, true),
            (Family::Conduit(None), false, false, false),
            (Family::Continuwuity(Version(26, 8, 0)), false, false, false),
            (Family::Unknown, false, false, false),
        ] {
            assert_eq!(refuses(family.clone(), "_name"), underscore, "{family}");
            assert_eq!(refuses(family.clone(), "1234"), digits, "{family}");
            assert_eq!(refuses(family.clone(), &longest), long, "{family}");
            for fine in ["name_", "1234a", "a/b+c", shorter.as_str()] {
                assert!(!refuses(family.clone(), fine), "{family} {fine}");
            }
        }
    }

    #[test]
    fn a_backend_that_cannot_work_is_told_whatever_after_rotation_does() {
        let cy = Family::Continuwuity(Version(26, 8, 0));
        let tw = |minor| Family::Tuwunel(Version(1, minor, 9));
        for (family, works) in [
            (Family::Synapse(None), &[BackendKind::File, BackendKind::Synapse][..]),
            (Family::SynapseBehindMas(None), &[BackendKind::File, BackendKind::Mas]),
            (Family::Dendrite(None), &[]),
            (Family::Conduit(None), &[BackendKind::File, BackendKind::Toml]),
            (Family::Conduwuit(Version(0, 4, 6)), &[BackendKind::File, BackendKind::Toml]),
            (Family::Conduwuit(Version(0, 5, 0)), &[BackendKind::File]),
            (
                Family::Continuwuity(Version(0, 5, 4)),
                &[BackendKind::File, BackendKind::Toml, BackendKind::AdminRoom],
            ),
            (cy, &[BackendKind::File, BackendKind::Toml, BackendKind::AdminRoom]),
            // Its note for files is told always: a lost one is open registration.
            (tw(4), &[]),
            (tw(5), &[BackendKind::AdminRoom]),
            (tw(8), &[BackendKind::AdminRoom, BackendKind::Synapse]),
            (tw(9), &[BackendKind::Toml, BackendKind::AdminRoom, BackendKind::Synapse]),
        ] {
            for kind in KINDS {
                let note = row(&family).note(kind, true);
                assert_eq!(note.is_none(), works.contains(&kind), "{family} {}: {note:?}", kind.word());
            }
        }
    }
}
