//! The tokens that were, are and are about to be.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::RegistrationToken;

use super::rows::{inserted, selected, words};
use super::{Reading, StoreError, Writing, millis};

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
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
        self.into()
    }
}

/// Whether the homeserver takes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Live {
    /// It said so.
    Yes,
    /// It did not say so yet.
    No,
    /// There is nothing to ask.
    #[strum(serialize = "unknown")]
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
}

words!(Origin, Live);

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

selected! {
    /// A token as the store knows it.
    #[derive(Debug, Clone)]
    pub struct TokenRecord {
        /// Its number.
        pub id: i64 = "t.id",
        /// The token.
        pub token: RegistrationToken = "t.token",
        /// Where it came from.
        pub origin: Origin = "t.how",
        /// When it was made or seen first.
        pub made_at: DateTime<Utc> = "t.made_at",
        /// Whether the homeserver takes it, as found out last.
        pub live: Live = "t.live",
        /// Who was asked for it: a backend's word. None: nobody.
        pub backend: Option<String> = "t.backend",
        /// By what it is known there, where that is not the token itself.
        pub remote_id: Option<String> = "t.remote_id",
        /// From when on it opens no door. None: that is not known yet.
        pub dead_at: Option<DateTime<Utc>> = "t.dead_at",
        /// How often it can be used; None: any number of times.
        pub uses_allowed: Option<u32> = "t.uses_allowed",
        /// How often it was used, as far as the homeserver was asked.
        pub uses: u32 = "t.uses",
        /// Whether it was surely made. One for a letter is noted before the homeserver is asked for it.
        pub is_made: bool = "t.state NOT IN ('pending', 'void')",
    }
}

selected! {
    /// A token that was made.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Rotated {
        /// When.
        pub made_at: DateTime<Utc> = "t.made_at",
        /// How it came to be.
        pub how: String = "t.how",
        /// Whether the homeserver took it.
        pub live: Live = "t.live",
        /// How many letters carried it.
        pub letters: u64 = "(SELECT count(*) FROM letters l WHERE l.token_id = t.id AND l.state = 'sent')",
        /// Whether it is the current one.
        pub is_current: bool = "t.state = 'current'",
    }
}

inserted! {
    struct NewToken in "tokens" {
        token: RegistrationToken,
        state: &'static str,
        how: Origin,
        made_at: DateTime<Utc>,
        satisfies: Option<DateTime<Utc>>,
        backend: Option<String>,
        dead_at: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
        uses_allowed: Option<u32>,
        letter_id: Option<i64>,
    }
}

impl Reading<'_> {
    /// The token that stands in the file.
    pub fn current_token(&self) -> Result<Option<TokenRecord>, StoreError> {
        self.row("FROM tokens t WHERE t.state = 'current'", [])
    }

    /// Tokens that were made and are about to be written into the file, or were when somebody was killed.
    pub fn pending_tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        self.rows("FROM tokens t WHERE t.state = 'pending' AND t.letter_id IS NULL ORDER BY t.id", [])
    }

    /// The token that nobody is given, where this backend was asked for one.
    pub fn guard_token(&self, backend: &str) -> Result<Option<TokenRecord>, StoreError> {
        self.row(
            "FROM tokens t WHERE t.state = 'guard' AND t.backend = ?1 ORDER BY t.id DESC LIMIT 1",
            [backend],
        )
    }

    /// The reset time that the newest token paid with its rotation; a token that paid none is passed over. What lies behind
    /// `believable` comes from a clock that once stood wrong, and is disregarded.
    pub fn satisfied_reset(&self, believable: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.found(
            "SELECT satisfies FROM tokens WHERE satisfies <= ?1 AND state IN ('current', 'retired')
             ORDER BY id DESC LIMIT 1",
            [millis(believable)],
        )
    }

    /// The tokens made since, newest first, the current one among them however old it is.
    pub fn rotations(&self, since: DateTime<Utc>) -> Result<Vec<Rotated>, StoreError> {
        self.rows(
            "FROM tokens t WHERE t.state = 'current' OR (t.state = 'retired' AND t.made_at > ?1)
             ORDER BY t.id DESC",
            [millis(since)],
        )
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
        let dead_at = asked.map(|asked| asked.dead_at);
        self.insert(&NewToken {
            token: token.clone(),
            state: "pending",
            how: origin,
            made_at: now,
            satisfies,
            backend: asked.map(|asked| asked.backend.to_owned()),
            dead_at,
            expires_at: dead_at,
            uses_allowed: asked.and_then(|asked| asked.uses_allowed),
            letter_id: asked.and_then(|asked| asked.letter_id),
        })
    }

    /// Notes a token that is to be asked for and that nobody is given.
    pub fn add_guard_token(
        &self,
        token: &RegistrationToken,
        backend: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.insert(&NewToken {
            token: token.clone(),
            state: "guard",
            how: Origin::Guard,
            made_at: now,
            satisfies: None,
            backend: Some(backend.to_owned()),
            dead_at: None,
            expires_at: None,
            uses_allowed: None,
            letter_id: None,
        })?;
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
        self.sql(
            "UPDATE tokens SET token = ?2, remote_id = ?3, withdrawn_at = NULL,
                    state = CASE WHEN state = 'pending' AND letter_id IS NOT NULL THEN 'issued' ELSE state END
             WHERE id = ?1",
            (id, token.reveal(), remote_id),
        )?;
        Ok(())
    }

    /// The current token, whoever made it, is to be had from the homeserver too.
    pub fn note_asked(&self, id: i64, backend: &str, dead_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tokens SET backend = ?2, dead_at = ?3, expires_at = ?3, remote_id = NULL
             WHERE id = ?1 AND state = 'current'",
            (id, backend, millis(dead_at)),
        )?;
        Ok(())
    }

    /// Nobody is asked for the current token any more: it works until it is replaced in the file. At the homeserver it ends when
    /// that was told.
    pub fn note_unasked(&self, id: i64) -> Result<(), StoreError> {
        self.sql("UPDATE tokens SET dead_at = NULL WHERE id = ?1 AND state = 'current'", [id])?;
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
        let is_pending: bool =
            self.value("SELECT EXISTS (SELECT 1 FROM tokens WHERE id = ?1 AND state = 'pending')", [id])?;
        if is_pending {
            self.retire_current(now, asked)?;
            // Whoever was asked for it has said by making it that it works: the desk does not close for that.
            self.sql(
                "UPDATE tokens SET state = 'current', live = CASE WHEN backend IS NULL THEN live ELSE 'yes' END
                 WHERE id = ?1",
                [id],
            )?;
        }
        Ok(is_pending)
    }

    /// There is no current token any more. It ends now; or after a grace, where it was made by the backend that is `asked` for
    /// tokens; or by itself, where that is no more the one that made it.
    pub fn retire_current(
        &self,
        now: DateTime<Utc>,
        asked: Option<(&str, Duration)>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tokens SET state = 'retired', retired_at = ?1,
                    dead_at = CASE WHEN backend IS NULL THEN ?1
                                   WHEN backend = ?2 THEN min(coalesce(dead_at, ?3), ?3)
                                   ELSE coalesce(expires_at, dead_at, ?1) END
             WHERE state = 'current'",
            (millis(now), asked.map(|(backend, _)| backend), asked.map(|(_, grace)| millis(now + grace))),
        )?;
        Ok(())
    }

    /// The pending token never came into the file. Where the homeserver was asked for it, it is to be withdrawn.
    pub fn void_token(&self, id: i64) -> Result<(), StoreError> {
        self.sql("UPDATE tokens SET state = 'void' WHERE id = ?1 AND state = 'pending'", [id])?;
        Ok(())
    }

    /// Notes whether the homeserver takes this token, as long as it is the current one.
    pub fn note_live(&self, id: i64, live: Live) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tokens SET live = ?2 WHERE id = ?1 AND state = 'current' AND live <> ?2",
            (id, <&str>::from(live)),
        )?;
        Ok(())
    }
}
