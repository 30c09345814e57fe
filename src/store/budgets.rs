//! What was mailed to whom, who has how much of the outbox, and whose turn it is.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::BELIEVABLE;
use crate::domain::EmailAddress;
use crate::policy::{Mailed, Share};

use super::rows::selected;
use super::{Reading, StoreError, millis};

/// Of one mailbox so many are looked at; there are never more in force.
const MOST: u32 = 10_000;

selected! {
    #[derive(Default)]
    struct Owed {
        all: u64 = "count(*)",
        of_source: u64 = "count(*) FILTER (WHERE source = ?1)",
        of_domain: u64 = "count(*) FILTER (WHERE domain = ?2)",
    }
}

impl Reading<'_> {
    /// What this mailbox, and its domain, were sent.
    pub fn mailed(&self, email: &EmailAddress, now: DateTime<Utc>) -> Result<Mailed, StoreError> {
        let since = |span: TimeDelta| millis(now - span);
        let mailbox = email.mailbox();
        let to_domain = |domain: &str| {
            let count = self.value(
                "SELECT count(*) FROM letters WHERE domain = ?1 AND created_at > ?2 AND created_at <= ?3",
                (domain, since(TimeDelta::days(1)), millis(now + BELIEVABLE)),
            )?;
            Ok::<_, StoreError>((domain.to_owned(), count))
        };
        Ok(Mailed {
            to_mailbox: self.list(
                "SELECT created_at FROM letters WHERE mailbox = ?1 AND created_at > ?2 AND source IS NOT NULL
                 ORDER BY created_at LIMIT ?3",
                (&mailbox, since(TimeDelta::days(30)), MOST),
            )?,
            has_account: self.value(
                "SELECT EXISTS (SELECT 1 FROM reservations r LEFT JOIN tokens t ON t.letter_id = r.last_letter_id
                                WHERE r.mailbox = ?1 AND (r.account_seen_at IS NOT NULL OR t.uses > 0))",
                [mailbox],
            )?,
            to_domain: email.own_domain().map(to_domain).transpose()?,
        })
    }

    /// How much of the outbox is taken, and how much of that by whoever asks from this source, or for this address.
    pub fn owed(&self, source: &str, to: &EmailAddress) -> Result<Share, StoreError> {
        let domain = to.own_domain().unwrap_or_default();
        let owed = self.row("FROM letters WHERE state = 'owed' AND source IS NOT NULL", [source, domain])?;
        let Owed { all, of_source, of_domain } = owed.unwrap_or_default();
        let by_domain = of_domain > of_source;
        Ok(Share {
            all,
            of_source: of_source.max(of_domain),
            source: if by_domain { domain } else { source }.to_owned(),
        })
    }

    /// Source and domain of each letter that is owed.
    pub fn owed_by(&self) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT source, domain FROM letters WHERE state = 'owed' AND source IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Domains that were sent at least so many in the last day, and how many.
    pub fn busiest_domains(
        &self,
        at_least: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT domain, count(*) FROM letters WHERE domain IS NOT NULL AND created_at > ?1 AND created_at <= ?2
             GROUP BY domain HAVING count(*) >= ?3 ORDER BY 2 DESC, 1 LIMIT 20",
        )?;
        let rows = statement.query_map(
            (millis(now - TimeDelta::days(1)), millis(now + BELIEVABLE), super::limit(at_least)),
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When those went out that an hour's budget is counted by, oldest first.
    pub fn paced_by(&self, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, StoreError> {
        self.list(
            "SELECT ended_at FROM letters
             WHERE state = 'sent' AND source IS NOT NULL AND ended_at > ?1 AND ended_at <= ?2 ORDER BY ended_at",
            [millis(now - TimeDelta::hours(1)), millis(now + BELIEVABLE)],
        )
    }

    /// How many of these are in the mail server's hands.
    pub fn being_sent(&self) -> Result<usize, StoreError> {
        let count: u64 =
            self.value("SELECT count(*) FROM letters WHERE state = 'sending' AND source IS NOT NULL", [])?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}
