//! The journal: what was done to the desk, and by whom.

use chrono::{DateTime, Utc};
use rusqlite::Row;

use crate::domain::EmailAddress;

use super::{Reading, StoreError, Writing, instant, millis};

/// Whoever does something by itself.
pub const DESK: &str = "desk";

/// Of what the desk does by itself, so many lines are kept.
const MOST_OF_THE_DESK: i64 = 20_000;

/// A line to be written into the journal. What does not apply is None.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAct {
    /// When.
    pub at: DateTime<Utc>,
    /// The operator's name on the machine, or [`DESK`].
    pub who: String,
    /// `command`, `console`, `desk`
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

impl NewAct {
    /// What the desk did by itself.
    pub fn of_desk(at: DateTime<Utc>, what: &str, subject: Option<String>, after: Option<String>) -> Self {
        let (who, whence) = (DESK.to_owned(), Some(DESK.to_owned()));
        Self { at, who, whence, what: what.to_owned(), subject, before: None, after, undoes: None }
    }
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its number.
    pub id: i64,
    /// What stands in it.
    pub line: NewAct,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

fn act(row: &Row<'_>) -> rusqlite::Result<Act> {
    let line = NewAct {
        at: instant(row.get("at")?),
        who: row.get("who")?,
        whence: row.get("whence")?,
        what: row.get("what")?,
        subject: row.get("subject")?,
        before: row.get("before")?,
        after: row.get("after")?,
        undoes: row.get("undoes")?,
    };
    Ok(Act { id: row.get("id")?, line, undone_at: row.get::<_, Option<i64>>("undone_at")?.map(instant) })
}

impl Reading<'_> {
    /// The journal since then, newest first.
    pub fn acts(&self, since: Option<DateTime<Utc>>, limit: Option<u64>) -> Result<Vec<Act>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT * FROM acts WHERE at >= ?1 ORDER BY id DESC LIMIT ?2")?;
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = statement.query_map((since.map_or(i64::MIN, millis), limit), act)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What this operator did lately and nobody has taken back, newest first; what took something back is among it.
    pub fn standing_acts(&self, who: &str, at_most: usize) -> Result<Vec<Act>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT * FROM acts WHERE who = ?1 AND undone_at IS NULL ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map((who, i64::try_from(at_most).unwrap_or(i64::MAX)), act)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One line.
    pub fn act(&self, id: i64) -> Result<Option<Act>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT * FROM acts WHERE id = ?1")?;
        Ok(statement.query_map([id], act)?.next().transpose()?)
    }
}

impl Writing<'_> {
    /// Writes a line. Returns its number.
    pub fn note_act(&self, line: &NewAct) -> Result<i64, StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO acts (at, who, whence, what, subject, before, after, undoes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                millis(line.at),
                &line.who,
                &line.whence,
                &line.what,
                &line.subject,
                &line.before,
                &line.after,
                line.undoes,
            ))?;
        let id = self.0.0.last_insert_rowid();
        if line.who == DESK {
            self.0
                .0
                .prepare_cached("DELETE FROM acts WHERE id <= ?1 AND who = ?2")?
                .execute((id - MOST_OF_THE_DESK, DESK))?;
        }
        Ok(id)
    }

    /// An act was taken back. False: it was so already.
    pub fn note_undone(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = self
            .0
            .0
            .prepare_cached("UPDATE acts SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL")?
            .execute((id, millis(now)))?;
        Ok(changed == 1)
    }

    /// What `undo` took back has been done again by that act.
    pub fn note_redone(&self, undo: i64, by: Option<i64>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.note_undone(undo, now)?;
        self.0.0.prepare_cached("UPDATE acts SET undoes = ?2 WHERE id = ?1")?.execute((by, undo))?;
        Ok(())
    }

    /// Erases from the journal who is told of by this mailbox, or was decided of by these words.
    pub(super) fn forget_in_acts(&self, mailbox: &str) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE acts SET before = NULL, after = NULL WHERE what IN ('approve', 'refuse')
                 AND subject IN (SELECT CAST(id AS TEXT) FROM requests WHERE mailbox = ?1)",
            )?
            .execute([mailbox])?;
        let named = {
            let mut named =
                self.0.0.prepare_cached("SELECT id, subject FROM acts WHERE instr(subject, '@') > 0")?;
            let named = named.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            named.collect::<Result<Vec<(i64, String)>, _>>()?
        };
        for (id, subject) in named {
            if EmailAddress::parse(&subject).is_ok_and(|address| address.mailbox() == mailbox) {
                self.0
                    .0
                    .prepare_cached(
                        "UPDATE acts SET subject = NULL, before = NULL, after = NULL WHERE id = ?1",
                    )?
                    .execute([id])?;
            }
        }
        Ok(())
    }
}
