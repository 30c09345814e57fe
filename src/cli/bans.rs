//! `ban`, and what stands above an entry.

use chrono::{DateTime, Utc};
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use crate::bans::{Mark, parse_until};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Action, BanKind, printable};

/// Of a note above a line of a ban list, so much is written.
const NOTE_CHARS: usize = 500;

/// `ban`
#[derive(Debug, Args)]
pub struct BanArgs {
    /// What to do
    #[command(subcommand)]
    pub command: BanCommand,
}

/// What can be done with the ban lists.
#[derive(Debug, Subcommand)]
pub enum BanCommand {
    /// Add entries
    ///
    /// Each entry refuses, holds or approves those it hits: see --action. --dry-run shows whom it would have hit.
    #[command(after_help = "Examples:\n  doorman ban add email '*@trash.example' spam.example\n  \
                      doorman ban add email provider.example --action hold --until 2026-12-25 --note 'spring wave'\n  \
                      doorman ban add email club.example --action approve\n  \
                      doorman ban add ip 192.0.2.0/24 --and-refuse-held")]
    Add {
        /// Which list
        kind: BanKind,
        /// Addresses or CIDR ranges; addresses with * or domains; regular expressions
        #[arg(required = true, value_name = "ENTRY")]
        entries: Vec<String>,
        /// Their action, end and note
        #[command(flatten)]
        mark: MarkArgs,
        /// Add it even if it alone hits nearly everybody
        #[arg(long)]
        force: bool,
        /// Also refuse the held requests that are hit
        #[arg(long)]
        and_refuse_held: bool,
        /// Only show what they would have done to the requests of the last 30 days
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove an entry
    #[command(after_help = "Example:\n  doorman ban remove ip 192.0.2.7")]
    Remove {
        /// Which list
        kind: BanKind,
        /// The entry as it is in the file
        entry: String,
    },
    /// Change an entry, or its action, end or note
    #[command(after_help = "Examples:\n  doorman ban edit ip 192.0.2.7 192.0.2.0/24\n  \
                            doorman ban edit email provider.example --action hold --until never")]
    Edit {
        /// Which list
        kind: BanKind,
        /// The entry as it is in the file
        entry: String,
        /// The new entry; left out, it stays as it is
        #[arg(required_unless_present_any = ["action", "until", "note"])]
        new: Option<String>,
        /// Its action, end and note; what you leave out stays as it is
        #[command(flatten)]
        mark: MarkArgs,
        /// Change it even if it alone hits nearly everybody
        #[arg(long)]
        force: bool,
    },
    /// List the entries
    #[command(after_help = "Example:\n  doorman ban list email --json")]
    List {
        /// Which list; without it, all three
        kind: Option<BanKind>,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Show which lines of which file hit a value, and what they do
    ///
    /// Exit code 0 either way.
    #[command(after_help = "Example:\n  doorman ban test username administrator")]
    Test {
        /// Which list
        kind: BanKind,
        /// An IP address, an email address or a name
        value: String,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
}

/// What stands above an entry and belongs to it.
#[derive(Debug, Clone, Args)]
pub struct MarkArgs {
    /// What happens to those it hits [default: refuse]
    #[arg(long)]
    pub action: Option<Action>,
    /// When it ends: 2027-01-01, 2027-01-01T12:00:00Z, or never
    #[arg(long, value_name = "WHEN", value_parser = until)]
    pub until: Option<Until>,
    /// A note for yourself
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Until when an entry is in force; None: without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until(pub Option<DateTime<Utc>>);

fn until(typed: &str) -> Result<Until, String> {
    if typed.trim() == "never" {
        return Ok(Until(None));
    }
    let at = parse_until(typed.trim()).ok_or_else(|| {
        format!("{typed:?} is not a date: write 2027-01-01, 2027-01-01T12:00:00Z, or never")
    })?;
    if at <= SystemClock.now() { Err(format!("{typed} is over already")) } else { Ok(Until(Some(at))) }
}

impl MarkArgs {
    /// What is to stand above an entry above which this stands. None: nothing is to change there.
    pub fn over(&self, old: Mark, by: &str, now: DateTime<Utc>) -> Option<Mark> {
        if self.action.is_none() && self.until.is_none() && self.note.is_none() {
            return None;
        }
        let note = self.note.clone().or(old.note).filter(|note| !note.is_empty());
        Some(Mark {
            action: self.action.unwrap_or(old.action),
            until: self.until.map_or(old.until, |until| until.0),
            note: note.map(|note| printable(&note, NOTE_CHARS)),
            by: Some(by.to_owned()),
            added: Some(now.format("%Y-%m-%d").to_string()),
        })
    }
}

impl ValueEnum for BanKind {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()).help(self.file_name()))
    }
}

impl ValueEnum for Action {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Refuse => "they are refused",
            Self::Hold => "they wait for your decision",
            Self::Approve => "no other line of this list counts, and you need not be asked",
        };
        Some(PossibleValue::new(self.word()).help(help))
    }
}
