//! The tokens that were, are and are about to be.

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
        }
    }

    fn from_stored(word: &str) -> Self {
        match word {
            "first" => Self::First,
            "adopted" => Self::Adopted,
            "scheduled" => Self::Scheduled,
            "manual" => Self::Manual,
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
}

const COLUMNS: &str = "id, token, made_at, live, how";

fn record(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    let token: String = row.get(1)?;
    let live: String = row.get(3)?;
    Ok(TokenRecord {
        id: row.get(0)?,
        // The store holds only what was parsed or generated.
        token: RegistrationToken::parse(&token).map_err(|_| {
            rusqlite::Error::InvalidColumnType(1, "token".into(), rusqlite::types::Type::Text)
        })?,
        origin: Origin::from_stored(&row.get::<_, String>(4)?),
        made_at: instant(row.get(2)?),
        live: match live.as_str() {
            "yes" => Live::Yes,
            "unknown" => Live::CannotBeChecked,
            _ => Live::No,
        },
    })
}

impl Reading<'_> {
    /// The token that stands in the file.
    pub fn current_token(&self) -> Result<Option<TokenRecord>, StoreError> {
        Ok(self
            .0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE state = 'current'"))?
            .query_row([], record)
            .optional()?)
    }

    /// Tokens that were made and are about to be written into the file, or were when somebody was killed.
    pub fn pending_tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        let mut statement =
            self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE state = 'pending'"))?;
        Ok(statement.query_map([], record)?.collect::<Result<_, _>>()?)
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
    /// Notes a token that is about to be written into the file.
    pub fn add_pending_token(
        &self,
        token: &RegistrationToken,
        origin: Origin,
        now: DateTime<Utc>,
        satisfies: Option<DateTime<Utc>>,
    ) -> Result<i64, StoreError> {
        self.0
            .0
            .prepare_cached("INSERT INTO tokens (token, state, how, made_at, satisfies) VALUES (?1, 'pending', ?2, ?3, ?4)")?
            .execute((token.reveal(), origin.word(), millis(now), satisfies.map(millis)))?;
        Ok(self.0.0.last_insert_rowid())
    }

    /// The pending token stands in the file now: it takes the current one's place. False: it was not pending any more.
    pub fn promote_token(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let pending: bool = self
            .0
            .0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM tokens WHERE id = ?1 AND state = 'pending')")?
            .query_row([id], |row| row.get(0))?;
        if pending {
            self.0
                .0
                .prepare_cached(
                    "UPDATE tokens SET state = 'retired', retired_at = ?1 WHERE state = 'current'",
                )?
                .execute([millis(now)])?;
            self.0.0.prepare_cached("UPDATE tokens SET state = 'current' WHERE id = ?1")?.execute([id])?;
        }
        Ok(pending)
    }

    /// The pending token never came into the file.
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
