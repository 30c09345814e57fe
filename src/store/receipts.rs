//! What became of a request, for its applicant; and how one ends that another takes the place of, or that was nobody's.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Localpart, Reason, Receipt};

use super::held::WAITS;
use super::rows::{Save, selected};
use super::waves::WAITS_FOR_QUOTA;
use super::{LetterState, LinkKind, Reading, StoreError, Writing, millis};

/// How long an email takes, at the least and at the most, in milliseconds.
const A_SECOND: i64 = 1_000;
const A_MINUTE: i64 = 60_000;

selected! {
    /// A request as its receipt shows it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Progress {
        /// Its number.
        pub request: i64 = "q.id",
        /// When it came.
        pub received_at: DateTime<Utc> = "q.received_at",
        /// The name.
        pub username: Localpart = "q.username",
        /// The address as typed.
        pub email: String = "q.email",
        /// `accepted`, `held`, `refused`
        pub verdict: String = "q.verdict",
        /// Why.
        pub reason: Option<Reason> = "q.reason",
        /// For what it would wait, where nobody is to find out that its address was known.
        pub would_be_held_for: Option<Reason> = "q.held_for",
        /// What its applicant answered to the operator's question.
        pub answer: Option<String> = "q.answer",
        /// The version of the terms that they agreed to.
        pub terms: Option<String> = "q.terms_version",
        /// What became of its email.
        pub letter: Option<LetterState> = "l.state",
        /// When that ended.
        pub letter_ended_at: Option<DateTime<Utc>> = "l.ended_at",
        /// The mail server's own words.
        pub last_answer: Option<String> = "l.last_answer",
        /// When its sign-up link was opened first.
        pub opened_at: Option<DateTime<Utc>> = "(SELECT min(s.opened_at) FROM links s
            WHERE s.kind = 'sign_up' AND s.letter_id = l.id)",
        /// Whether somebody has registered with the token of its email.
        pub token_was_used: bool = "coalesce((SELECT max(t.uses) > 0 FROM tokens t WHERE t.letter_id = l.id), 0)",
        /// When the desk has made the account.
        pub made_at: Option<DateTime<Utc>> = "(SELECT s.made_at FROM sign_ups s WHERE s.request_id = q.id)",
        /// Whether the homeserver is asked for the account just now, or what it has made of that is not known.
        pub is_unsure: bool = "coalesce((SELECT s.unsure FROM sign_ups s WHERE s.request_id = q.id), 0)",
        /// Whether it has its name and address by itself: not by one before it, which may be somebody else's.
        pub is_first: bool = "q.reservation_id IS NULL OR q.id =
            (SELECT min(o.id) FROM requests o WHERE o.reservation_id = q.reservation_id)",
        /// Whether its email is its own, not that of one before it.
        pub has_own_letter: bool = "l.request_id = q.id OR l.id IS NULL",
    }
}

impl Reading<'_> {
    /// What became of a request.
    pub fn progress(&self, request: i64) -> Result<Option<Progress>, StoreError> {
        self.row(
            "FROM requests q LEFT JOIN letters l ON l.id = coalesce(q.letter_id,
                 (SELECT max(o.id) FROM letters o WHERE o.request_id = q.id AND o.kind = 'refusal'))
             WHERE q.id = ?1",
            [request],
        )
    }

    /// When an email would have gone out that was asked for then: as fast as the last one went, and after those owed before it.
    /// None: those are owed still.
    pub fn sent_like_others(&self, asked_at: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let at = millis(asked_at);
        let is_behind: bool = self.value(
            "SELECT EXISTS (SELECT 1 FROM letters WHERE state = 'owed' AND source IS NOT NULL AND created_at <= ?1)
                 OR EXISTS (SELECT 1 FROM letters WHERE state = 'sending' AND source IS NOT NULL AND created_at <= ?1)",
            [at],
        )?;
        let took: Option<i64> = self.found(
            "SELECT ended_at - created_at FROM letters WHERE state = 'sent' AND ended_at <= ?1
             ORDER BY ended_at DESC LIMIT 1",
            [at],
        )?;
        let took = TimeDelta::milliseconds(took.unwrap_or(A_SECOND).clamp(A_SECOND, A_MINUTE));
        Ok((!is_behind).then(|| asked_at + took))
    }

    /// How many wait for the operator and came before this one; where it waits for an account of another day, how many wait
    /// for one.
    pub fn held_before(&self, request: i64, waits_for: Reason) -> Result<u64, StoreError> {
        let others = if waits_for == Reason::Quota { WAITS_FOR_QUOTA } else { WAITS };
        self.value(
            &format!(
                "SELECT count(*) FROM requests q WHERE {others} AND q.reason IS NOT 'unproven' AND q.id < coalesce(
                     (SELECT min(o.id) FROM requests o JOIN requests this ON this.reservation_id = o.reservation_id
                      WHERE this.id = ?1 AND o.verdict = 'held'), ?1)"
            ),
            [request],
        )
    }

    /// The reservation of a request.
    pub fn reservation_of(&self, request: i64) -> Result<Option<i64>, StoreError> {
        Ok(self.found("SELECT reservation_id FROM requests WHERE id = ?1", [request])?.flatten())
    }
}

impl Writing<'_> {
    /// A request that is refused, though its applicant is answered as if it were not: for what it would wait.
    pub fn note_would_be_held(&self, request: i64, reason: Option<Reason>) -> Result<(), StoreError> {
        let held_for = reason.map(Reason::word);
        self.sql("UPDATE requests SET held_for = ?2 WHERE id = ?1", (request, held_for))?;
        Ok(())
    }

    /// From now on this receipt shows this request.
    pub fn give_receipt(
        &self,
        receipt: &Receipt,
        request: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if receipt.corrects.is_none() {
            return self.add_link(&receipt.hash, LinkKind::Receipt, (Some(request), None), (now, None));
        }
        self.sql("UPDATE links SET request_id = ?2 WHERE hash = ?1", (receipt.hash, request))?;
        Ok(())
    }

    /// Ends a request, and those that share its reservation: name and address are free, no email of it goes out any more, its
    /// links are dead, and its own token is withdrawn. It counts for the cooldown of its address as before, as long as
    /// `counts`.
    pub fn end_request(
        &self,
        request: i64,
        reason: Reason,
        counts: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let reservation = self.reservation_of(request)?;
        let these = "(id = ?1 OR reservation_id = ?2)";
        let requests: Vec<i64> =
            self.list(&format!("SELECT id FROM requests WHERE {these}"), (request, reservation))?;
        for id in requests {
            self.sql(
                "UPDATE letters SET state = ?2, ended_at = ?3 WHERE request_id = ?1 AND state = ?4",
                (id, LetterState::Dropped.save(), millis(now), LetterState::Owed.save()),
            )?;
            self.end_links_of(id, LinkKind::SignUp, reason.word(), now)?;
            self.end_links_of(id, LinkKind::Proof, reason.word(), now)?;
        }
        let counting: Vec<i64> = self.list(
            &format!("SELECT id FROM requests WHERE {these} AND counts = 1 AND ?3"),
            (request, reservation, counts),
        )?;
        if let Some(reservation) = reservation {
            self.free_reservation(reservation, now)?;
        }
        self.sql(
            &format!(
                "UPDATE requests SET verdict = 'refused', reason = ?3, counts = 0
                 WHERE {these} AND verdict <> 'refused'"
            ),
            (request, reservation, reason.word()),
        )?;
        for id in counting {
            self.sql("UPDATE requests SET counts = 1 WHERE id = ?1", [id])?;
        }
        Ok(())
    }
}
