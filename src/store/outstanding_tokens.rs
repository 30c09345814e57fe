//! Tokens that the homeserver was asked for: whom each is for, how often it was used, and which are to be withdrawn.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::rows::selected;
use super::tokens::{Live, TokenRecord};
use super::{Reading, StoreError, Writing, limit, millis};

/// Where it is noted whether the homeserver makes a token for each email: `no`, `yes`; nothing where all share one.
const EACH_HAS_ONE: &str = "personal_tokens";

selected! {
    /// Who holds a token.
    #[derive(Debug, Clone)]
    pub struct Holder {
        /// The token's number.
        pub token_id: i64 = "t.id",
        /// The name that was asked for.
        pub username: String = "q.username",
        /// The address as typed.
        pub email: String = "q.email",
        /// Whence it was asked for.
        pub ip: Option<IpAddr> = "q.ip",
    }
}

selected! {
    /// Tokens for one letter alone, counted.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct PersonalTokens {
        /// So many can be used now.
        pub outstanding: u64 = "coalesce(sum(withdrawn_at IS NULL AND dead_at > ?2
            AND (uses_allowed IS NULL OR uses < uses_allowed)), 0)",
        /// So many were made since.
        pub made: u64 = "coalesce(sum(made_at >= ?1), 0)",
        /// So many of these were used.
        pub used: u64 = "coalesce(sum(made_at >= ?1 AND uses > 0), 0)",
    }
}

selected! {
    /// A token that one letter alone carries, and who is to use it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PersonalToken {
        /// When it was made.
        pub made_at: DateTime<Utc> = "t.made_at",
        /// Until when it works.
        pub dead_at: Option<DateTime<Utc>> = "t.dead_at",
        /// Whether it was taken back.
        pub is_withdrawn: bool = "t.withdrawn_at IS NOT NULL",
        /// The name that was asked for.
        pub username: String = "q.username",
        /// The address as typed.
        pub email: String = "q.email",
        /// How often it was used.
        pub uses: u32 = "t.uses",
        /// How often it can be.
        pub uses_allowed: Option<u32> = "t.uses_allowed",
    }
}

selected! {
    /// Tokens of a backend that is not the config's any more.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LeftBehind {
        /// Its word.
        pub backend: String = "backend",
        /// So many can still be used.
        pub count: u64 = "count(*)",
        /// When the last of them ends.
        pub until: DateTime<Utc> = "max(coalesce(expires_at, dead_at))",
    }
}

/// What a token needs that is for one letter alone to be of no use to anybody: its letter or its request is no more, or
/// came to nothing; or its account was made by the link in the same letter.
const HAS_NO_HOLDER: &str = "t.letter_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM letters l JOIN requests q ON q.id = l.request_id
    WHERE l.id = t.letter_id AND l.state IN ('owed', 'sending', 'sent') AND q.verdict <> 'refused'
      AND NOT EXISTS (SELECT 1 FROM sign_ups s WHERE s.request_id = q.id AND s.made_at IS NOT NULL))
    AND NOT EXISTS (SELECT 1 FROM sign_ups s WHERE s.request_id = -t.letter_id AND s.made_at IS NULL)";

/// Tokens, their letters, and the requests of these.
const HELD: &str =
    "FROM tokens t JOIN letters l ON l.id = t.letter_id JOIN requests q ON q.id = l.request_id";

impl Reading<'_> {
    /// Whether the homeserver makes a token for each email. None: all share one.
    pub fn personal_tokens(&self) -> Result<Option<Live>, StoreError> {
        Ok(self.meta(EACH_HAS_ONE)?.and_then(|live| live.parse().ok()))
    }

    /// The tokens that a letter alone carries, newest first.
    pub fn personal_tokens_lately(&self, at_most: usize) -> Result<Vec<PersonalToken>, StoreError> {
        self.rows(&format!("{HELD} ORDER BY t.id DESC LIMIT ?1"), [limit(at_most)])
    }

    /// The newest token of this letter's own that works until `until` at least.
    pub fn token_of_letter(
        &self,
        letter_id: i64,
        backend: &str,
        until: DateTime<Utc>,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.row(
            "FROM tokens t
             WHERE t.letter_id = ?1 AND t.backend = ?2 AND t.dead_at >= ?3 AND t.withdrawn_at IS NULL
                   AND t.state IN ('pending', 'issued')
             ORDER BY t.id DESC LIMIT 1",
            (letter_id, backend, millis(until)),
        )
    }

    /// What this backend is to be told to withdraw, what would work the longest first. What has ended there by itself may stay
    /// for `leisure` more.
    pub fn withdrawals(
        &self,
        backend: &str,
        now: DateTime<Utc>,
        leisure: TimeDelta,
        at_most: usize,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        self.rows(
            &format!(
                "FROM tokens t
                 WHERE t.backend = ?1 AND t.withdrawn_at IS NULL
                       AND (t.state = 'void' OR {HAS_NO_HOLDER}
                            -- Ended before its time, by a ban: whatever the clock says by now.
                            OR (t.letter_id IS NOT NULL AND t.dead_at < t.expires_at)
                            OR ((t.state = 'retired' OR t.letter_id IS NOT NULL)
                                AND t.dead_at <= CASE WHEN t.dead_at = t.expires_at THEN ?3 ELSE ?2 END))
                 ORDER BY t.dead_at DESC, t.id LIMIT ?4"
            ),
            (backend, millis(now), millis(now - leisure), limit(at_most)),
        )
    }

    /// Tokens of sent letters whose use is to be asked for now.
    pub fn tokens_to_look_at(
        &self,
        backend: &str,
        now: DateTime<Utc>,
        at_most: usize,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        // Nothing is put off for longer, but when the clock stands wrong.
        let believable = millis(now + TimeDelta::hours(2));
        self.rows(
            "FROM tokens t JOIN letters l ON l.id = t.letter_id AND l.state = 'sent'
             WHERE t.backend = ?1 AND t.withdrawn_at IS NULL AND t.state = 'issued'
                   AND (t.look_at IS NULL OR t.look_at NOT BETWEEN ?2 + 1 AND ?3)
                   AND t.dead_at > ?2 AND (t.uses_allowed IS NULL OR t.uses < t.uses_allowed)
             ORDER BY t.look_at LIMIT ?4",
            (backend, millis(now), believable, limit(at_most)),
        )
    }

    /// When, at the earliest, there will be one to withdraw or to look at that is not now.
    pub fn next_chore(
        &self,
        backend: &str,
        now: DateTime<Utc>,
        leisure: TimeDelta,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.value(
            "SELECT min(at) FROM (
                 SELECT dead_at + CASE WHEN dead_at = expires_at THEN ?3 ELSE 0 END AS at FROM tokens
                 WHERE backend = ?1 AND withdrawn_at IS NULL AND (state = 'retired' OR letter_id IS NOT NULL)
                 UNION ALL
                 SELECT look_at FROM tokens WHERE backend = ?1 AND withdrawn_at IS NULL AND state = 'issued'
             ) WHERE at > ?2",
            (backend, millis(now), leisure.num_milliseconds()),
        )
    }

    /// Everybody who holds a token that still works, to see whether one of them is banned.
    pub fn token_holders(&self, now: DateTime<Utc>) -> Result<Vec<Holder>, StoreError> {
        self.rows(
            &format!(
                "{HELD} WHERE t.backend IS NOT NULL AND t.withdrawn_at IS NULL AND t.dead_at > ?1
                 AND t.state IN ('pending', 'issued')"
            ),
            [millis(now)],
        )
    }

    /// Everybody whose token was ended before its time, by a ban, although letter and request stand: to see who is banned no
    /// more. `withdrawn`: those too that the homeserver has been told of.
    pub fn holders_of_ended(
        &self,
        backend: &str,
        withdrawn: bool,
        now: DateTime<Utc>,
    ) -> Result<Vec<Holder>, StoreError> {
        self.rows(
            &format!(
                "{HELD} WHERE t.backend = ?1 AND (?2 OR t.withdrawn_at IS NULL) AND t.dead_at < t.expires_at
                 AND t.expires_at > ?3 AND (t.uses_allowed IS NULL OR t.uses < t.uses_allowed)
                 AND t.state IN ('pending', 'issued') AND l.state = 'sent' AND q.verdict <> 'refused'
                 AND t.id = (SELECT max(n.id) FROM tokens n WHERE n.letter_id = t.letter_id)"
            ),
            (backend, withdrawn, millis(now)),
        )
    }

    /// Tokens that are in somebody's hands and that the homeserver does not have any more.
    pub fn tokens_to_make_again(
        &self,
        backend: &str,
        now: DateTime<Utc>,
        at_most: usize,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        self.rows(
            "FROM tokens t JOIN letters l ON l.id = t.letter_id AND l.state = 'sent'
             WHERE t.backend = ?1 AND t.withdrawn_at IS NULL AND t.state = 'pending' AND t.dead_at > ?2
             ORDER BY t.id LIMIT ?3",
            (backend, millis(now), limit(at_most)),
        )
    }

    /// Tokens of another backend than this, which nobody takes back.
    pub fn tokens_left_behind(
        &self,
        backend: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vec<LeftBehind>, StoreError> {
        self.rows(
            "FROM tokens
             WHERE backend IS NOT NULL AND backend IS NOT ?1 AND withdrawn_at IS NULL
                   AND coalesce(expires_at, dead_at) > ?2 AND (uses_allowed IS NULL OR uses < uses_allowed)
             GROUP BY backend",
            (backend, millis(now)),
        )
    }

    /// The number of the token that was made last.
    pub fn newest_token(&self) -> Result<i64, StoreError> {
        self.value("SELECT coalesce(max(id), 0) FROM tokens", [])
    }

    /// How many letters carried a token of their own, and how many of these were used.
    pub fn count_personal_tokens(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<PersonalTokens, StoreError> {
        let counted = self.row(
            "FROM tokens WHERE letter_id IS NOT NULL AND state = 'issued'",
            [millis(since), millis(now)],
        )?;
        Ok(counted.unwrap_or_default())
    }
}

impl Writing<'_> {
    /// Notes whether the homeserver makes a token for each email; None: all share one.
    pub fn note_personal_tokens(&self, works: Option<bool>) -> Result<(), StoreError> {
        self.set_meta(EACH_HAS_ONE, works.map(|works| if works { "yes" } else { "no" }))
    }

    /// How often it was used so far, and when to ask again.
    pub fn note_uses(&self, id: i64, uses: u32, look_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tokens SET uses = max(uses, ?2), look_at = ?3 WHERE id = ?1",
            (id, uses, millis(look_at)),
        )?;
        Ok(())
    }

    /// From now on it is to open no door: its holder is banned.
    pub fn end_token(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.sql("UPDATE tokens SET dead_at = ?2 WHERE id = ?1 AND dead_at > ?2", (id, millis(now)))? == 1)
    }

    /// What ended it before its time is taken back. Where the homeserver was told, it is to be told again.
    pub fn revive_token(&self, id: i64) -> Result<bool, StoreError> {
        let changed = self.sql(
            "UPDATE tokens SET dead_at = expires_at, look_at = NULL, withdrawn_at = NULL,
                    state = CASE WHEN withdrawn_at IS NULL THEN state ELSE 'pending' END
             WHERE id = ?1 AND dead_at < expires_at",
            [id],
        )?;
        Ok(changed == 1)
    }

    /// The homeserver does not have it any more.
    pub fn note_withdrawn(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE tokens SET withdrawn_at = ?2, dead_at = min(coalesce(dead_at, ?2), ?2) WHERE id = ?1",
            (id, millis(now)),
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Folder;
    use crate::domain::RegistrationToken;

    use super::super::{Asked, Origin, Store};
    use super::*;

    #[test]
    fn a_token_that_was_withdrawn_while_it_was_on_its_way_is_withdrawn_once_more() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-01-01T12:00:00Z").unwrap().to_utc();
        let token = RegistrationToken::parse("a-token-of-one-letter-alone").unwrap();
        let asked = Asked {
            backend: "synapse",
            dead_at: now + TimeDelta::days(2),
            uses_allowed: Some(2),
            letter_id: Some(7),
        };
        let noted = token.clone();
        let id = store
            .write(move |store| store.add_pending_token(&noted, Origin::Personal, now, None, Some(asked)))
            .unwrap();
        let to_withdraw =
            || store.read(|store| store.withdrawals("synapse", now, TimeDelta::zero(), 9)).unwrap().len();
        // Its letter was dropped, and the homeserver knew nothing of it yet.
        assert_eq!(to_withdraw(), 1);
        store.write(move |store| store.note_withdrawn(id, now)).unwrap();
        assert_eq!(to_withdraw(), 0);
        store.write(move |store| store.note_made(id, &token, None)).unwrap();
        assert_eq!(to_withdraw(), 1);
        let later = now + TimeDelta::seconds(1);
        assert!(store.read(|store| store.token_of_letter(7, "synapse", later)).unwrap().is_none());
    }
    #[test]
    fn a_ban_holds_although_the_clock_is_set_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-01-01T12:00:00Z").unwrap().to_utc();
        let ids = store
            .write(move |store| {
                // As if somebody held them: two letters that were sent.
                store.0.0.execute_batch(
                    "INSERT INTO requests (id, received_at, channel, username, email, verdict)
                         VALUES (1, 0, 'web', 'alice', 'alice@example.org', 'accepted');
                     INSERT INTO letters (id, request_id, kind, recipient, mailbox, message_id, state, created_at, due_at)
                         VALUES (7, 1, 'token', 'a', 'a', '<7>', 'sent', 0, 0), (8, 1, 'token', 'a', 'a', '<8>', 'sent', 0, 0);",
                )?;
                [7, 8].into_iter().map(|letter| {
                    let token = RegistrationToken::parse(&format!("a-token-of-letter-{letter}")).unwrap();
                    let (backend, dead_at) = ("synapse", now + TimeDelta::days(2));
                    let asked = Asked { backend, dead_at, uses_allowed: Some(2), letter_id: Some(letter) };
                    store.add_pending_token(&token, Origin::Personal, now, None, Some(asked))
                }).collect::<Result<Vec<_>, _>>()
            })
            .unwrap();
        let banned = ids[0];
        assert!(store.write(move |store| store.end_token(banned, now)).unwrap());
        let then = now - TimeDelta::hours(1);
        let to_withdraw =
            store.read(|store| store.withdrawals("synapse", then, TimeDelta::zero(), 9)).unwrap();
        assert_eq!(to_withdraw.iter().map(|token| token.id).collect::<Vec<_>>(), [banned]);
    }
}
