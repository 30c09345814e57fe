//! The outbox: what is owed, what became of it. The text of a letter is never stored, only what it is about.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{EmailAddress, Language, Localpart, MessageId, Reason, RequestMail};

use super::invitations::INVITATION;
use super::rows::{inserted, selected, words};
use super::{LinkKind, Reading, StoreError, Writing, millis};

/// No letter is put off for so long: what is due later still was put off when the clock stood wrong, and is due now.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(2);

/// Where a letter is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum LetterState {
    /// Waits for its time.
    Owed,
    /// Is being handed over; found so at start, its fate is unknown.
    Sending,
    /// The mail server took it.
    Sent,
    /// Given up for good.
    Failed,
    /// Taken out by the operator.
    Dropped,
}

words!(LetterState);

impl LetterState {
    /// As scripts see it. A letter that is just being sent is still owed; a dropped one is never to arrive.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owed | Self::Sending => "owed",
            Self::Sent => "sent",
            Self::Failed | Self::Dropped => "failed",
        }
    }
}

selected! {
    /// A letter whose time has come.
    #[derive(Debug, Clone)]
    pub struct OwedLetter {
        /// Its number.
        pub id: i64 = "l.id",
        /// The recipient, in ASCII form.
        pub recipient: String = "l.recipient",
        /// The request that it is about.
        pub request_id: Option<i64> = "l.request_id",
        /// The name that was asked for.
        pub username: Localpart = "coalesce(q.username, '')",
        /// Whether the name is still to be chosen, by a sign-up link.
        pub chooses: bool = "q.id IS NOT NULL AND q.reservation_id IS NULL",
        /// Of an invitation: how long its link works, where that is not `sign_up_hours`.
        pub works_for: Option<TimeDelta> = "(SELECT i.works_for FROM invitations i WHERE i.request_id = q.id)",
        /// What the operator writes to whom they invite.
        pub note: Option<String> = "(SELECT i.note FROM invitations i WHERE i.request_id = q.id)",
        /// Lines of ban lists that do not count for whom they invite.
        pub despite: String = "coalesce((SELECT i.despite FROM invitations i WHERE i.request_id = q.id), '')",
        /// Whence it was asked for.
        pub ip: Option<IpAddr> = "q.ip",
        /// What its recipient reads.
        pub language: Language = "coalesce(q.language, 'en')",
        /// Whether its request was refused since.
        pub refused: bool = "coalesce(q.verdict = 'refused', 0)",
        /// Whether whoever reads its mailbox wants nothing from this desk. The operator's own is no email to an applicant.
        pub is_suppressed: bool = "l.kind <> 'digest' AND EXISTS (SELECT 1 FROM suppressed s WHERE s.mailbox = l.mailbox)",
        /// Stays the same over retries.
        pub message_id: String = "l.message_id",
        /// When it was queued.
        pub created_at: DateTime<Utc> = "l.created_at",
        /// How often it was tried.
        pub attempts: u32 = "l.attempts",
        /// How long it has been tried, the mail server being up.
        pub tried_for: TimeDelta = "l.tried_for_ms",
        /// An earlier try may have arrived.
        pub fate_unknown: bool = "l.fate_unknown",
        /// With whom it takes its turn; None: the operator's own, which takes none.
        pub source: Option<String> = "l.source",
        /// The token that the last try quoted.
        pub token_id: Option<i64> = "l.token_id",
        /// `token`, `invitation`, `refusal`, `help`, `digest`
        pub kind: String = "l.kind",
        /// What it says, where it brings no token.
        pub words: Option<String> = "l.words",
        /// The Message-ID of the mail that it answers, empty where it has none.
        pub answers: Option<String> = "l.answers",
        /// The `References` of that mail.
        pub answers_references: Option<String> = "l.answers_references",
    }
}

selected! {
    /// One letter, as the operator sees it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct OutboxRow {
        /// Its number.
        pub id: i64 = "id",
        /// Of this request; none of some.
        pub request_id: Option<i64> = "request_id",
        /// The recipient.
        pub to: String = "recipient",
        /// Where it is on its way.
        pub state: LetterState = "state",
        /// How often it was tried.
        pub attempts: u32 = "attempts",
        /// When it is tried next; none once it has ended.
        pub next_try: Option<DateTime<Utc>> = "CASE WHEN state IN ('owed', 'sending') THEN due_at END",
        /// The mail server's own words.
        pub last_answer: Option<String> = "last_answer",
        /// When it was queued.
        pub created_at: DateTime<Utc> = "created_at",
        /// When it was sent or given up.
        pub ended_at: Option<DateTime<Utc>> = "ended_at",
    }
}

impl OutboxRow {
    /// What became of it and when, in words.
    pub fn told(&self) -> String {
        let state = if self.state == LetterState::Dropped { "dropped" } else { self.state.word() };
        let at = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC");
        let ended = self.ended_at.map_or_else(String::new, |ended| format!(" {}", at(ended)));
        let next = self.next_try.map_or_else(String::new, |next| format!(", due {}", at(next)));
        let tries = if self.attempts == 1 { "try" } else { "tries" };
        format!("{state}{ended}, {} {tries}{next}", self.attempts)
    }
}

selected! {
    /// How full the outbox is.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct OutboxCounts {
        /// Letters not yet handed over.
        pub owed: u64 = "count(*)",
        /// When the oldest of them was queued.
        pub oldest: Option<DateTime<Utc>> = "min(created_at)",
    }
}

inserted! {
    struct NewLetter in "letters" {
        request_id: Option<i64>,
        kind: &'static str,
        recipient: String,
        mailbox: String,
        message_id: String,
        state: LetterState,
        created_at: DateTime<Utc>,
        due_at: DateTime<Utc>,
        answers: Option<String>,
        answers_references: Option<String>,
        words: Option<String>,
        source: Option<String>,
        domain: Option<String>,
    }
}

/// Letters that are the operator's own, outside of all budgets.
const OPERATORS_OWN: [&str; 3] = [super::DIGEST, "notice", INVITATION];

impl NewLetter {
    /// Of this source, unless it is the operator's own.
    fn owed(
        kind: &'static str,
        to: &EmailAddress,
        message_id: &str,
        source: String,
        now: DateTime<Utc>,
    ) -> Self {
        let counts = !OPERATORS_OWN.contains(&kind);
        Self {
            request_id: None,
            kind,
            recipient: to.to_ascii(),
            mailbox: to.mailbox(),
            message_id: message_id.to_owned(),
            state: LetterState::Owed,
            created_at: now,
            due_at: now,
            answers: None,
            answers_references: None,
            words: None,
            source: counts.then_some(source),
            domain: to.own_domain().filter(|_| counts).map(ToOwned::to_owned),
        }
    }
}

/// A letter without a token: what it is, to whom, and what it says.
#[derive(Debug, Clone)]
pub struct AnswerLetter {
    /// `refusal`, `help`, `digest`
    pub kind: &'static str,
    /// The recipient.
    pub to: EmailAddress,
    /// Its own.
    pub message_id: MessageId,
    /// Its text.
    pub words: String,
}

/// Why a letter is not sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSentAgain {
    /// There is no accepted request of this number.
    NoSuchRequest,
    /// It was not accepted.
    NotAccepted,
    /// Its address cannot be mailed to.
    NoAddress,
    /// It is still owed.
    StillOwed,
    /// Another request has its name by now.
    NameTaken,
}

impl Reading<'_> {
    /// Whether a letter to this mailbox is not handed over yet.
    pub fn owes_a_letter_to(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM letters WHERE mailbox = ?1 AND state IN ('owed', 'sending'))",
            [email.mailbox()],
        )
    }

    /// How full the outbox is.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        Ok(self.row("FROM letters WHERE state IN ('owed', 'sending')", [])?.unwrap_or_default())
    }

    /// The letters whose time has come, in their turn: the operator's own, then one of each source, beginning with that whose
    /// last turn is longest ago, then a second of each. A letter has two sources, whence it was asked for and the domain that
    /// it goes to, and comes when it is its turn by both.
    pub fn due_letters(&self, now: DateTime<Utc>, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        self.due(now, false, at_most)
    }

    /// When the next one is due that is not now.
    pub fn next_letter_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.value("SELECT min(due_at) FROM letters WHERE state = 'owed' AND due_at > ?1", [millis(now)])
    }

    /// Those of them that bring no token.
    pub fn due_answers(&self, now: DateTime<Utc>, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        self.due(now, true, at_most)
    }

    fn due(&self, now: DateTime<Utc>, answers: bool, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        self.rows(
            "FROM (SELECT id AS of, source AS s, domain AS d,
                          row_number() OVER (PARTITION BY source ORDER BY due_at, id) AS of_source,
                          row_number() OVER (PARTITION BY domain ORDER BY due_at, id) AS of_domain
                   FROM letters WHERE state = 'owed' AND (due_at <= ?1 OR due_at >= ?2) AND (words IS NOT NULL OR NOT ?3))
             JOIN letters l ON l.id = of LEFT JOIN requests q ON q.id = l.request_id
             ORDER BY s IS NOT NULL, max(of_source, CASE WHEN d IS NULL THEN 1 ELSE of_domain END),
                      max(coalesce((SELECT max(tried_at) FROM letters WHERE source = s), 0),
                          coalesce((SELECT max(tried_at) FROM letters WHERE domain = d AND created_at > ?4), 0)),
                      l.due_at, l.id LIMIT ?5",
            (
                millis(now),
                millis(now + LONGEST_PAUSE),
                answers,
                millis(now - TimeDelta::days(1)),
                i64::try_from(at_most).unwrap_or(i64::MAX),
            ),
        )
    }

    /// Letters that are owed, and those that failed since, newest first.
    pub fn outbox(
        &self,
        failed_since: DateTime<Utc>,
        limit: Option<u64>,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.rows(
            "FROM letters WHERE state IN ('owed', 'sending') OR (state = 'failed' AND ended_at >= ?1)
             ORDER BY id DESC LIMIT ?2",
            (millis(failed_since), limit.map_or(-1, super::limit)),
        )
    }

    /// What became of a request's letter.
    pub fn letter_of_request(&self, request_id: i64) -> Result<Option<OutboxRow>, StoreError> {
        self.row("FROM letters WHERE request_id = ?1 ORDER BY id DESC LIMIT 1", [request_id])
    }

    /// Letters that were sent since, newest first.
    pub fn sent_letters(&self, since: DateTime<Utc>, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        self.rows(
            "FROM letters WHERE state = 'sent' AND ended_at > ?1 ORDER BY ended_at DESC LIMIT ?2",
            [millis(since), limit],
        )
    }

    /// When the operator last asked for letters to be tried at once.
    pub fn outbox_retry_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.meta_instant("outbox_retry_at")
    }
}

impl Writing<'_> {
    pub(super) fn queue_token_letter(
        &self,
        request_id: i64,
        reservation_id: Option<i64>,
        email: &EmailAddress,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let source = self.source_of(request_id)?;
        let kind = if self.is_invitation(request_id)? { INVITATION } else { "token" };
        let owed = NewLetter::owed(kind, email, message_id, source, now);
        let letter = NewLetter { request_id: Some(request_id), ..owed };
        // Those that went out before lead nowhere any more.
        match reservation_id {
            Some(reservation) => self.end_sign_up_links(reservation, "replaced", now)?,
            None => drop(self.end_links_of(request_id, LinkKind::SignUp, "replaced", now)?),
        }
        let letter_id = self.insert(&letter)?;
        self.sql("UPDATE requests SET letter_id = ?2 WHERE id = ?1", [request_id, letter_id])?;
        self.sql("UPDATE reservations SET last_letter_id = ?2 WHERE id = ?1", (reservation_id, letter_id))?;
        Ok(letter_id)
    }

    fn source_of(&self, request_id: i64) -> Result<String, StoreError> {
        let source = self.found("SELECT source FROM requests WHERE id = ?1", [request_id])?;
        Ok(source.unwrap_or_default())
    }

    /// Queues a letter without a token, about a request or none; `mail` is what it answers, if it is one.
    pub fn queue_answer(
        &self,
        request_id: Option<i64>,
        letter: &AnswerLetter,
        mail: Option<&RequestMail>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let words = Some(letter.words.clone());
        let mut source = request_id.map_or(Ok(String::new()), |id| self.source_of(id))?;
        if let Some(mail) = mail.filter(|_| source.is_empty()) {
            source = mail.source();
        }
        let owed = NewLetter::owed(letter.kind, &letter.to, letter.message_id.as_str(), source, now);
        let id = self.insert(&NewLetter { request_id, words, ..owed })?;
        mail.map_or(Ok(()), |mail| self.letter_answers(id, mail))
    }

    /// This letter answers a mail.
    pub fn letter_answers(&self, letter_id: i64, mail: &RequestMail) -> Result<(), StoreError> {
        let message_id = mail.message_id.as_ref().map_or("", MessageId::as_str);
        self.sql(
            "UPDATE letters SET answers = ?2, answers_references = ?3 WHERE id = ?1",
            (letter_id, message_id, super::mails::joined(&mail.references)),
        )?;
        Ok(())
    }

    /// Notes that this letter is being handed over now, with which token and under which Message-ID. False: somebody
    /// was faster, or took it out.
    pub fn claim_letter(
        &self,
        id: i64,
        token_id: Option<i64>,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self.sql(
            "UPDATE letters SET state = 'sending', attempts = attempts + 1, token_id = ?2, message_id = ?3,
                    tried_at = ?4
             WHERE id = ?1 AND state = 'owed'",
            (id, token_id, message_id, millis(now)),
        )?;
        Ok(changed == 1)
    }

    /// A crash left these in the middle of being sent: they go out again, under the same Message-ID.
    pub fn send_unknown_again(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.sql(
            "UPDATE letters SET state = 'owed', fate_unknown = 1, due_at = ?1 WHERE state = 'sending'",
            [millis(now)],
        )
    }

    /// The mail server took it. The sign-up links in it, also those of earlier tries, live until `until`.
    pub fn letter_sent(
        &self,
        id: i64,
        answer: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE letters SET state = 'sent', last_answer = ?2, ended_at = ?3 WHERE id = ?1 AND state = 'sending'",
            (id, answer, millis(now)),
        )?;
        self.sql(
            "UPDATE links SET expires_at = ?2 WHERE letter_id = ?1 AND kind = 'sign_up' AND ended_at IS NULL",
            (id, millis(until)),
        )?;
        Ok(())
    }

    /// It was not its fault: it is owed as before, and nothing is charged to it.
    pub fn letter_untried(
        &self,
        id: i64,
        due_at: DateTime<Utc>,
        answer: Option<&str>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE letters SET state = 'owed', attempts = max(attempts - 1, 0), due_at = ?2,
                    last_answer = coalesce(?3, last_answer)
             WHERE id = ?1 AND state = 'sending'",
            (id, millis(due_at), answer),
        )?;
        Ok(())
    }

    /// It is tried again after a pause.
    pub fn letter_again(
        &self,
        id: i64,
        due_at: DateTime<Utc>,
        pause: TimeDelta,
        answer: &str,
        fate_unknown: bool,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE letters SET state = 'owed', due_at = ?2, tried_for_ms = tried_for_ms + ?3, last_answer = ?4,
                    fate_unknown = max(fate_unknown, ?5)
             WHERE id = ?1 AND state = 'sending'",
            (id, millis(due_at), pause.num_milliseconds(), answer, fate_unknown),
        )?;
        Ok(())
    }

    /// It is given up for good: name and address are free again. False: it has ended otherwise.
    pub fn letter_failed(&self, id: i64, answer: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.end_letter(id, LetterState::Failed, "state IN ('owed', 'sending')", Some(answer), now)
    }

    /// The operator takes it out: name and address are free again. False: it is not owed.
    pub fn drop_letter(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.end_letter(id, LetterState::Dropped, "state = 'owed'", None, now)
    }

    fn end_letter(
        &self,
        id: i64,
        state: LetterState,
        while_it_is: &str,
        answer: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self.sql(
            &format!(
                "UPDATE letters SET state = ?2, ended_at = ?3, last_answer = coalesce(?4, last_answer)
                 WHERE id = ?1 AND {while_it_is}"
            ),
            (id, <&str>::from(state), millis(now), answer),
        )?;
        if changed == 1 {
            self.sql(
                "UPDATE links SET ended_at = ?2, ended_by = 'email' WHERE letter_id = ?1 AND kind = 'sign_up' AND ended_at IS NULL",
                (id, millis(now)),
            )?;
        }
        if changed == 1
            && let Some(reservation) =
                self.found("SELECT id FROM reservations WHERE last_letter_id = ?1", [id])?
        {
            self.free_reservation(reservation, now)?;
        }
        if changed == 1 {
            // One whose name was still to be chosen reserves nothing.
            self.sql("UPDATE requests SET counts = 0 WHERE letter_id = ?1 AND reservation_id IS NULL", [id])?;
        }
        // Nobody can prove an address that no email reaches.
        if changed == 1
            && let Some(request) =
                self.found("SELECT request_id FROM letters WHERE id = ?1 AND kind = 'proof'", [id])?
            && let Some(held) = self.held_request(request)?.filter(|held| held.reason == Reason::Unproven)
        {
            let why = Some("the email by which its address was to be proved failed");
            self.end_held(held.id, held.reservation(), Reason::Lapsed, why, now)?;
        }
        Ok(changed == 1)
    }

    /// The operator wants the letter of an accepted request sent once more. Where its last one failed, name and address
    /// are reserved again.
    pub fn resend_letter(
        &self,
        request_id: i64,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<i64, NotSentAgain>, StoreError> {
        let found: Option<Resent> = self.row(
            "FROM requests q LEFT JOIN reservations r ON r.id = q.reservation_id
             LEFT JOIN letters l ON l.id = coalesce(r.last_letter_id, q.letter_id) WHERE q.id = ?1",
            [request_id],
        )?;
        let Some(Resent { verdict, reservation, letter, username, email }) = found else {
            return Ok(Err(NotSentAgain::NoSuchRequest));
        };
        let Ok(email) = EmailAddress::parse(&email) else {
            return Ok(Err(NotSentAgain::NoAddress));
        };
        if verdict != "accepted" {
            return Ok(Err(NotSentAgain::NotAccepted));
        }
        if matches!(letter, Some(LetterState::Owed | LetterState::Sending)) {
            return Ok(Err(NotSentAgain::StillOwed));
        }
        if self.holder_of_name(&username)?.is_some_and(|holder| Some(holder.id) != reservation) {
            return Ok(Err(NotSentAgain::NameTaken));
        }
        self.sql(
            "UPDATE reservations SET withdrawn = 0, name_ended_at = NULL, address_ended_at = NULL,
                    address_lapsed = 0 WHERE id = ?1",
            (reservation,),
        )?;
        self.sql("UPDATE requests SET counts = 1 WHERE id = ?1", [request_id])?;
        self.queue_token_letter(request_id, reservation, &email, message_id, now).map(Ok)
    }

    /// The operator wants owed letters tried at once, whatever the pauses; all where none is named. Returns how many were.
    pub fn retry_letters(&self, ids: &[i64], now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut retried = 0;
        if ids.is_empty() {
            retried += self.sql("UPDATE letters SET due_at = ?1 WHERE state = 'owed'", [millis(now)])?;
        }
        for id in ids {
            retried += self
                .sql("UPDATE letters SET due_at = ?2 WHERE id = ?1 AND state = 'owed'", [*id, millis(now)])?;
        }
        if retried > 0 {
            // The outbox's own pauses after a fault of the mail server end too.
            self.set_meta("outbox_retry_at", Some(&millis(now).to_string()))?;
        }
        Ok(retried)
    }
}

selected! {
    struct Resent {
        verdict: String = "q.verdict",
        reservation: Option<i64> = "q.reservation_id",
        letter: Option<LetterState> = "l.state",
        username: Localpart = "q.username",
        email: String = "q.email",
    }
}
