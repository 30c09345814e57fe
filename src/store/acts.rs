//! The journal: what was done to the desk, and by whom.

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;

use super::rows::{inserted, selected};
use super::{Reading, StoreError, Writing, millis};

/// Whoever does something by itself.
pub const DESK: &str = "desk";

/// Of what the desk does by itself, so many lines are kept.
const MOST_OF_THE_DESK: i64 = 20_000;

inserted! {
    /// A line to be written into the journal. What does not apply is None.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NewAct in "acts" {
        /// When.
        pub at: DateTime<Utc>,
        /// The operator's name on the machine, or [`DESK`].
        pub who: String,
        /// `command`, `console`, `desk`, or what else led to it
        pub whence: Option<String>,
        /// What was done, in a word.
        pub what: String,
        /// To whom or what.
        pub subject: Option<String>,
        /// How it was, as JSON.
        pub before: Option<String>,
        /// How it is, as JSON.
        pub after: Option<String>,
        /// The act that it takes back, or does again.
        pub undoes: Option<i64>,
    }
}

impl NewAct {
    /// What the desk did by itself.
    pub fn of_desk(at: DateTime<Utc>, what: &str, subject: Option<String>, after: Option<String>) -> Self {
        let (who, whence) = (DESK.to_owned(), Some(DESK.to_owned()));
        Self { at, who, whence, what: what.to_owned(), subject, before: None, after, undoes: None }
    }
}

selected! {
    /// A line of the journal.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Act {
        /// Its number.
        pub id: i64 = "id",
        /// When.
        pub at: DateTime<Utc> = "at",
        /// The operator's name on the machine, or [`DESK`].
        pub who: String = "who",
        /// `command`, `console`, `desk`
        pub whence: Option<String> = "whence",
        /// What was done, in a word.
        pub what: String = "what",
        /// To whom or what.
        pub subject: Option<String> = "subject",
        /// How it was, as JSON.
        pub before: Option<String> = "before",
        /// How it is, as JSON.
        pub after: Option<String> = "after",
        /// The act that it takes back, or does again.
        pub undoes: Option<i64> = "undoes",
        /// When it was taken back.
        pub undone_at: Option<DateTime<Utc>> = "undone_at",
    }
}

impl Act {
    /// Who, and whence.
    pub fn author(&self) -> String {
        match &self.whence {
            Some(whence) if *whence != self.who => format!("{} ({whence})", self.who),
            _ => self.who.clone(),
        }
    }
}

impl Reading<'_> {
    /// What the operator decided last of a request, and has not taken back.
    pub fn decision_on(&self, request: i64) -> Result<Option<Act>, StoreError> {
        self.row(
            "FROM acts WHERE what IN ('approve', 'refuse') AND subject = ?1 AND undone_at IS NULL
             ORDER BY id DESC LIMIT 1",
            [request.to_string()],
        )
    }

    /// The journal since then, newest first.
    pub fn acts(&self, since: Option<DateTime<Utc>>, limit: Option<u64>) -> Result<Vec<Act>, StoreError> {
        let since = since.map_or(i64::MIN, millis);
        self.rows(
            "FROM acts WHERE at >= ?1 ORDER BY id DESC LIMIT ?2",
            (since, limit.map_or(-1, super::limit)),
        )
    }

    /// What this operator did lately and nobody has taken back, newest first; what took something back is among it.
    pub fn standing_acts(&self, who: &str, at_most: usize) -> Result<Vec<Act>, StoreError> {
        self.rows(
            "FROM acts WHERE who = ?1 AND undone_at IS NULL ORDER BY id DESC LIMIT ?2",
            (who, super::limit(at_most)),
        )
    }

    /// When this operator last left the console.
    pub fn visited_at(&self, who: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.meta_instant(&format!("visit:{who}"))
    }

    /// What was done with a request, newest first.
    pub fn acts_on(&self, subject: &str) -> Result<Vec<Act>, StoreError> {
        self.rows(
            "FROM acts WHERE subject = ?1 AND what IN ('approve', 'refuse', 'invite', 'resend') ORDER BY id DESC",
            [subject],
        )
    }

    /// One line.
    pub fn act(&self, id: i64) -> Result<Option<Act>, StoreError> {
        self.row("FROM acts WHERE id = ?1", [id])
    }
}

impl Writing<'_> {
    /// Writes a line. Returns its number.
    pub fn note_act(&self, line: &NewAct) -> Result<i64, StoreError> {
        let id = self.insert(line)?;
        if line.who == DESK {
            self.sql("DELETE FROM acts WHERE id <= ?1 AND who = ?2", (id - MOST_OF_THE_DESK, DESK))?;
        }
        Ok(id)
    }

    /// This operator leaves the console now.
    pub fn note_visit(&self, who: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.set_meta(&format!("visit:{who}"), Some(&millis(now).to_string()))
    }

    /// An act was taken back. False: it was so already.
    pub fn note_undone(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let undone = "UPDATE acts SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL";
        Ok(self.sql(undone, (id, millis(now)))? == 1)
    }

    /// What `undo` took back has been done again by that act.
    pub fn note_redone(&self, undo: i64, by: Option<i64>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.note_undone(undo, now)?;
        self.sql("UPDATE acts SET undoes = ?2 WHERE id = ?1", (by, undo))?;
        Ok(())
    }

    /// Erases from the journal who is told of by this mailbox, and what was said to whoever asked with it.
    pub(super) fn forget_in_acts(&self, mailbox: &str) -> Result<(), StoreError> {
        self.sql(
            "UPDATE acts SET after = NULL WHERE what = 'refuse'
             AND subject IN (SELECT CAST(id AS TEXT) FROM requests WHERE mailbox = ?1)",
            [mailbox],
        )?;
        for act in self.rows::<Act>("FROM acts WHERE instr(subject, '@') > 0", [])? {
            let subject = act.subject.as_deref().unwrap_or_default();
            if EmailAddress::parse(subject).is_ok_and(|address| address.mailbox() == mailbox) {
                self.sql(
                    "UPDATE acts SET subject = NULL, before = NULL, after = NULL WHERE id = ?1",
                    [act.id],
                )?;
            }
        }
        Ok(())
    }
}
