//! Secret links that were given out: what they lead to, and whether they still do. The secrets themselves are stored nowhere.

use chrono::{DateTime, Utc};

use crate::domain::{Language, LinkHash, LinkSecret};

use super::rows::{Save, selected, words};
use super::{Reading, StoreError, Writing, millis};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LinkKind {
    /// To make the account.
    SignUp,
    /// To see what became of a request.
    Receipt,
    /// To say that somebody else typed this address.
    NotMe,
    /// To prove that an address is one's own.
    Proof,
    /// To decide a held request, for the operator.
    Decide,
}

words!(LinkKind);

selected! {
    /// A link, as it is known when somebody comes by it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Link {
        /// What it is for.
        pub kind: LinkKind = "kind",
        /// The request that it belongs to.
        pub request_id: Option<i64> = "request_id",
        /// The email that it stands in.
        pub letter_id: Option<i64> = "letter_id",
        /// When it was made.
        pub made_at: DateTime<Utc> = "made_at",
        /// When it ends by itself.
        pub expires_at: Option<DateTime<Utc>> = "expires_at",
        /// When it was opened first.
        pub opened_at: Option<DateTime<Utc>> = "opened_at",
        /// When it was ended.
        pub ended_at: Option<DateTime<Utc>> = "ended_at",
        /// By what.
        pub ended_by: Option<String> = "ended_by",
    }
}

impl Link {
    /// Whether it still leads anywhere.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

impl Reading<'_> {
    /// The link of this kind that this secret opens.
    pub fn link(&self, kind: LinkKind, secret: &LinkSecret) -> Result<Option<Link>, StoreError> {
        self.link_of_hash(kind, &secret.hash())
    }

    /// The link of this kind whose secret has this hash.
    pub fn link_of_hash(&self, kind: LinkKind, hash: &LinkHash) -> Result<Option<Link>, StoreError> {
        self.row("FROM links WHERE hash = ?1 AND kind = ?2", (hash, <&str>::from(kind)))
    }

    /// What whoever comes by this link is answered in: the language of its request. None: there is no request, or the operator's
    /// own, who does not know it.
    pub fn language_of_link(&self, hash: &LinkHash) -> Result<Option<Language>, StoreError> {
        self.found(
            "SELECT q.language FROM links k LEFT JOIN letters l ON l.id = k.letter_id
             JOIN requests q ON q.id = coalesce(k.request_id, l.request_id) WHERE k.hash = ?1 AND q.channel <> 'invitation'",
            [hash],
        )
    }
}

impl Writing<'_> {
    /// Gives out a link.
    pub fn add_link(
        &self,
        hash: &LinkHash,
        kind: LinkKind,
        (request_id, letter_id): (Option<i64>, Option<i64>),
        (made_at, expires_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Result<(), StoreError> {
        let row = (hash, kind.save(), request_id, letter_id, millis(made_at), expires_at.map(millis));
        self.sql(
            "INSERT INTO links (hash, kind, request_id, letter_id, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            row,
        )?;
        Ok(())
    }

    /// It was opened. False: not for the first time.
    pub fn link_opened(&self, hash: &LinkHash, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let opened = "UPDATE links SET opened_at = ?2 WHERE hash = ?1 AND opened_at IS NULL";
        Ok(self.sql(opened, (hash, millis(now)))? > 0)
    }

    /// Ends one that is open. False: somebody was first.
    pub fn end_link(&self, hash: &LinkHash, by: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let ended = "UPDATE links SET ended_at = ?3, ended_by = ?2 WHERE hash = ?1 AND ended_at IS NULL";
        Ok(self.sql(ended, (hash, by, millis(now)))? > 0)
    }

    /// Ends all of this kind that belong to a request.
    pub fn end_links_of(
        &self,
        request_id: i64,
        kind: LinkKind,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.sql(
            "UPDATE links SET ended_at = ?4, ended_by = ?3 WHERE request_id = ?1 AND kind = ?2 AND ended_at IS NULL",
            (request_id, kind.save(), by, millis(now)),
        )
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rand::rand_core::UnwrapErr;
    use rand::rngs::SysRng;

    use crate::config::Folder;

    use super::super::Store;
    use super::*;

    #[test]
    fn a_link_opens_what_it_is_for_until_it_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path().to_owned())).unwrap();
        let secret = LinkSecret::generate(&mut UnwrapErr(SysRng), 160);
        let hash = secret.hash();
        let now = DateTime::parse_from_rfc3339("2026-11-28T12:00:00Z").unwrap().to_utc();
        let until = now + TimeDelta::hours(48);
        store
            .write(move |store| {
                store.add_link(&hash, LinkKind::SignUp, (Some(7), None), (now, Some(until)))?;
                assert!(store.link_opened(&hash, now)?);
                assert!(!store.link_opened(&hash, until)?);
                Ok(())
            })
            .unwrap();
        let look = |kind| store.read(|store| store.link(kind, &secret)).unwrap();
        let link = look(LinkKind::SignUp).unwrap();
        assert_eq!((link.request_id, link.opened_at), (Some(7), Some(now)));
        assert!(link.is_open(now) && !link.is_open(until));
        assert_eq!(look(LinkKind::Receipt), None);
        store
            .write(move |store| {
                assert_eq!(store.end_links_of(7, LinkKind::SignUp, "refused", now)?, 1);
                assert!(!store.end_link(&hash, "used", now)?);
                Ok(())
            })
            .unwrap();
        assert!(!look(LinkKind::SignUp).unwrap().is_open(now));
    }
}
