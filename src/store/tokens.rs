//! The tokens that were, are and are about to be.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use crate::domain::RegistrationToken;

use super::{Reading, StoreError, Writing, instant, millis};

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The desk made it because there was none.
    First,
    /// It stood in the file when the desk started.
    Found,
    /// Somebody else wrote it into the file while the desk ran.
    Adopted,
    /// The daily rotation.
    Scheduled,
    /// The operator asked for it.
    Manual,
    /// The homeserver had let the one before it end.
    Replacing,
    /// For one letter alone.
    Personal,
    /// For nobody: it keeps a homeserver shut that is open to all while it knows no token.
    Guard,
}

impl Origin {
    /// As it stands in the store and in listings.
    pub fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Found => "found",
            Self::Adopted => "adopted",
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
            Self::Replacing => "replacing",
            Self::Personal => "personal",
            Self::Guard => "guard",
        }
    }

    fn from_stored(word: &str) -> Self {
        match word {
            "first" => Self::First,
            "adopted" => Self::Adopted,
            "scheduled" => Self::Scheduled,
            "manual" => Self::Manual,
            "replacing" => Self::Replacing,
            "personal" => Self::Personal,
            "guard" => Self::Guard,
            _ => Self::Found,
        }
    }
}

/// Whether the homeserver takes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Live {
    /// It said so.
    Yes,
    /// It did not say so yet.
    No,
    /// There is nothing to ask.
    CannotBeChecked,
}

impl Live {
    /// As scripts see it: true, false, null.
    pub fn as_json(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::CannotBeChecked => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::CannotBeChecked => "unknown",
        }
    }

    pub(super) fn from_stored(word: &str) -> Self {
        match word {
            "yes" => Self::Yes,
            "unknown" => Self::CannotBeChecked,
            _ => Self::No,
        }
    }
}

/// What a token is made for, when the homeserver is asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Whom it is asked for: a backend's word.
    pub backend: &'static str,
    /// When it ends there by itself.
    pub dead_at: DateTime<Utc>,
    /// How often it can be used; None: any number of times.
    pub uses_allowed: Option<u32>,
    /// The letter that it is for alone.
    pub letter_id: Option<i64>,
}

/// A token as the store knows it.
#[derive(Debug, Clone)]
pub struct TokenRecord {
    /// Its number.
    pub id: i64,
    /// The token.
    pub token: RegistrationToken,
    /// Where it came from.
    pub origin: Origin,
    /// When it was made or seen first.
    pub made_at: DateTime<Utc>,
    /// Whether the homeserver takes it, as found out last.
    pub live: Live,
    /// Who was asked for it: a backend's word. None: nobody.
    pub backend: Option<String>,
    /// By what it is known there, where that is not the token itself.
    pub remote_id: Option<String>,
    /// From when on it opens no door. None: that is not known yet.
    pub dead_at: Option<DateTime<Utc>>,
    /// How often it can be used; None: any number of times.
    pub uses_allowed: Option<u32>,
    /// How often it was used, as far as the homeserver was asked.
    pub uses: u32,
    /// Whether it was surely made. One for a letter is noted before the homeserver is asked for it.
    pub is_made: bool,
}

pub(super) const COLUMNS: &str = "t.id, t.token, t.made_at, t.live, t.how, t.backend, t.remote_id, t.dead_at, t.uses_allowed, t.uses, t.state";

pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    let token: String = row.get(1)?;
    Ok(TokenRecord {
        id: row.get(0)?,
        // The store holds only what was parsed or generated.
        token: RegistrationToken::parse(&token).map_err(|_| {
            rusqlite::Error::InvalidColumnType(1, "token".into(), rusqlite::types::Type::Text)
        })?,
        made_at: instant(row.get(2)?),
        live: Live::from_stored(&row.get::<_, String>(3)?),
        origin: Origin::from_stored(&row.get::<_, String>(4)?),
        backend: row.get(5)?,
        remote_id: row.get(6)?,
        dead_at: row.get::<_, Option<i64>>(7)?.map(instant),
        uses_allowed: row.get(8)?,
        uses: row.get(9)?,
        is_made: !matches!(row.get::<_, String>(10)?.as_str(), "pending" | "void"),
    })
}

impl Reading<'_> {
    /// The token that stands in the file.
    pub fn current_token(&self) -> Result<Option<TokenRecord>, StoreError> {
        Ok(self
            .0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM tokens t WHERE t.state = 'current'"))?
            .query_row([], record)
            .optional()?)
    }

    /// Tokens that were made and are about to be written into the file, or were when somebody was killed.
    pub fn pending_tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM tokens t WHERE t.state = 'pending' AND t.letter_id IS NULL ORDER BY t.id"
        ))?;
        Ok(statement.query_map([], record)?.collect::<Result<_, _>>()?)
    }

    /// The token that nobody is given, where this backend was asked for one.
    pub fn guard_token(&self, backend: &str) -> Result<Option<TokenRecord>, StoreError> {
        Ok(self
            .0
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM tokens t WHERE t.state = 'guard' AND t.backend = ?1 ORDER BY t.id DESC LIMIT 1"
            ))?
            .query_row([backend], record)
            .optional()?)
    }

    /// The reset time that the newest token paid with its rotation; a token that paid none is passed over. What lies behind `believable` comes from a clock that once stood
    /// wrong, and is disregarded.
    pub fn satisfied_reset(&self, believable: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let at: Option<i64> = self
            .0
            .prepare_cached(
                "SELECT satisfies FROM tokens WHERE satisfies <= ?1 AND state IN ('current', 'retired')
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([millis(believable)], |row| row.get(0))
            .optional()?;
        Ok(at.map(instant))
    }
}

impl Writing<'_> {
    /// Notes a token that is about to be written into the file, or to be asked for.
    pub fn add_pending_token(
        &self,
        token: &RegistrationToken,
        origin: Origin,
        now: DateTime<Utc>,
        satisfies: Option<DateTime<Utc>>,
        asked: Option<Asked>,
    ) -> Result<i64, StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO tokens (token, state, how, made_at, satisfies, backend, dead_at, expires_at, uses_allowed, letter_id)
                 VALUES (?1, 'pending', ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
            )?
            .execute((
                token.reveal(),
                origin.word(),
                millis(now),
                satisfies.map(millis),
                asked.map(|asked| asked.backend),
                asked.map(|asked| millis(asked.dead_at)),
                asked.and_then(|asked| asked.uses_allowed),
                asked.and_then(|asked| asked.letter_id),
            ))?;
        Ok(self.0.0.last_insert_rowid())
    }

    /// Notes a token that is to be asked for and that nobody is given.
    pub fn add_guard_token(
        &self,
        token: &RegistrationToken,
        backend: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO tokens (token, state, how, made_at, backend) VALUES (?1, 'guard', ?2, ?3, ?4)",
            )?
            .execute((token.reveal(), Origin::Guard.word(), millis(now), backend))?;
        Ok(())
    }

    /// The homeserver has it: what it is called there, and what it is known by. One that was withdrawn while it was on its
    /// way is to be withdrawn once more.
    pub fn note_made(
        &self,
        id: i64,
        token: &RegistrationToken,
        remote_id: Option<&str>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE tokens SET token = ?2, remote_id = ?3, withdrawn_at = NULL WHERE id = ?1",
            )?
            .execute((id, token.reveal(), remote_id))?;
        self.0
            .0
            .prepare_cached(
                "UPDATE tokens SET state = 'issued' WHERE id = ?1 AND state = 'pending' AND letter_id IS NOT NULL",
            )?
            .execute([id])?;
        Ok(())
    }

    /// This token, whoever made it, is to be had from the homeserver too.
    pub fn note_asked(&self, id: i64, backend: &str, dead_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE tokens SET backend = ?2, dead_at = ?3, expires_at = ?3, remote_id = NULL WHERE id = ?1",
            )?
            .execute((id, backend, millis(dead_at)))?;
        Ok(())
    }

    /// Nobody is asked for the current token any more: it works until it is replaced in the file. At the homeserver it ends when
    /// that was told.
    pub fn note_unasked(&self, id: i64) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached("UPDATE tokens SET dead_at = NULL WHERE id = ?1 AND state = 'current'")?
            .execute([id])?;
        Ok(())
    }

    /// The pending token stands in the file now: it takes the current one's place, which is retired. False: it was not
    /// pending any more.
    pub fn promote_token(
        &self,
        id: i64,
        now: DateTime<Utc>,
        asked: Option<(&str, Duration)>,
    ) -> Result<bool, StoreError> {
        let pending: bool = self
            .0
            .0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM tokens WHERE id = ?1 AND state = 'pending')")?
            .query_row([id], |row| row.get(0))?;
        if pending {
            self.retire_current(now, asked)?;
            // Whoever was asked for it has said by making it that it works: the desk does not close for that.
            self.0
                .0
                .prepare_cached(
                    "UPDATE tokens SET state = 'current', live = CASE WHEN backend IS NULL THEN live ELSE 'yes' END
                     WHERE id = ?1",
                )?
                .execute([id])?;
        }
        Ok(pending)
    }

    /// There is no current token any more. It ends now; or after a grace, where it was made by the backend that is `asked` for
    /// tokens; or by itself, where that is no more the one that made it.
    pub fn retire_current(
        &self,
        now: DateTime<Utc>,
        asked: Option<(&str, Duration)>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE tokens SET state = 'retired', retired_at = ?1,
                        dead_at = CASE WHEN backend IS NULL THEN ?1
                                       WHEN backend = ?2 THEN min(coalesce(dead_at, ?3), ?3)
                                       ELSE coalesce(expires_at, dead_at, ?1) END
                 WHERE state = 'current'",
            )?
            .execute((
                millis(now),
                asked.map(|(backend, _)| backend),
                asked.map(|(_, grace)| millis(now + grace)),
            ))?;
        Ok(())
    }

    /// The pending token never came into the file. Where the homeserver was asked for it, it is to be withdrawn.
    pub fn void_token(&self, id: i64) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached("UPDATE tokens SET state = 'void' WHERE id = ?1 AND state = 'pending'")?
            .execute([id])?;
        Ok(())
    }

    /// Notes whether the homeserver takes this token, as long as it is the current one.
    pub fn note_live(&self, id: i64, live: Live) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached("UPDATE tokens SET live = ?2 WHERE id = ?1 AND state = 'current' AND live <> ?2")?
            .execute((id, live.word()))?;
        Ok(())
    }
}
