//! `notify.email`: one letter an hour at most, of what waits for the operator.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::{MessageId, printable};
use crate::premises::Premises;
use crate::pulse::Next;
use crate::store::{AnswerLetter, DIGEST, Pending, RequestRow, StoreError, Told, decide_here};

/// From one digest to the next.
const PAUSE: TimeDelta = TimeDelta::hours(1);

/// Of each list, so much is told; the rest is counted.
const SHOWN: u64 = 20;

/// An alarm that has passed by itself before this is no news.
const LASTING: Duration = Duration::from_secs(60);

/// Since when each alarm stands.
#[derive(Debug, Default)]
pub(super) struct Digest(BTreeMap<Trouble, Instant>);

impl Digest {
    /// Tells the operator where there is news.
    pub(super) fn tell(&mut self, premises: &Premises, clock: &dyn Clock, next: &mut Next) {
        let (now, mut lasting) = (clock.monotonic(), premises.alarms.all());
        self.0.retain(|trouble, _| lasting.iter().any(|(raised, _)| raised == trouble));
        lasting.retain(|(trouble, _)| {
            let since = *self.0.entry(*trouble).or_insert(now);
            !next.waits(Some(since + LASTING), now)
        });
        if let Err(error) = tell(premises, clock, &lasting) {
            premises.alarms.raise(Trouble::Store, error.to_string());
        }
    }
}

/// Queues a digest where there is news, and the last one is long enough ago.
fn tell(premises: &Premises, clock: &dyn Clock, alarms: &[(Trouble, String)]) -> Result<(), StoreError> {
    let settings = premises.settings.load();
    let Some(to) = settings.notify.email.clone() else { return Ok(()) };
    let now = clock.now();
    let told = premises.store.read(|store| store.told_by_digest())?;
    // One from the future is of a clock that stood wrong.
    if told.instant() > now - PAUSE && told.instant() <= now + PAUSE {
        return Ok(());
    }
    let failed_since =
        DateTime::from_timestamp_millis(told.failed).unwrap_or_default().max(now - TimeDelta::days(1));
    let pending = premises.store.read(|store| store.pending(failed_since, SHOWN))?;
    let news = pending.held.first().is_some_and(|newest| newest.id > told.held)
        || pending.failed_count > 0
        || alarms.iter().any(|(trouble, _)| !told.alarms.iter().any(|word| word == trouble.word()));
    if !news {
        return Ok(());
    }
    let next = Told {
        at: now.timestamp_millis(),
        held: pending.held.first().map_or(told.held, |newest| newest.id),
        failed: pending
            .failed
            .first()
            .map_or(told.failed, |last| last.ended_at.map_or(told.failed, |at| at.timestamp_millis())),
        alarms: alarms.iter().map(|(trouble, _)| trouble.word().to_owned()).collect(),
    };
    let moved_since = told.instant().max(now - TimeDelta::days(7));
    let moved = premises.store.read(|store| store.moved(moved_since, SHOWN))?;
    let words = words(&pending, alarms, &moved, &settings);
    let message_id =
        MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver);
    let letter = AnswerLetter { kind: DIGEST, to, message_id, words };
    premises.store.write(move |store| store.queue_digest(&letter, &next, now))?;
    tracing::info!("the operator gets an email about what needs them");
    Ok(())
}

fn words(
    pending: &Pending,
    alarms: &[(Trouble, String)],
    moved: &[RequestRow],
    settings: &Settings,
) -> String {
    let mut text = format!("What waits for you at the registration desk of {}:\n", settings.homeserver);
    let more = |count: u64, shown: usize| {
        let rest = count.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
        if rest > 0 { format!("  and {rest} more\n") } else { String::new() }
    };
    if pending.held_count > 0 {
        let waiting = match pending.held_count {
            1 => "1 request waits".to_owned(),
            count => format!("{count} requests wait"),
        };
        text.push_str(&format!(
            "\n{waiting} for your decision (`doorman approve ID`, `doorman refuse ID`):\n\n"
        ));
        for held in &pending.held {
            let name = if held.username.is_empty() { "(no name)" } else { &held.username };
            let why =
                held.detail.as_deref().map_or_else(String::new, |why| format!(" ({})", printable(why, 200)));
            text.push_str(&format!(
                "  {}  {} UTC  {}  {}{why}\n",
                held.id,
                held.received_at.format("%Y-%m-%d %H:%M"),
                printable(name, 255),
                printable(&held.email, 255),
            ));
            if let Some(answer) = &held.answer {
                text.push_str(&format!("      \"{}\"\n", printable(answer, 600)));
            }
            if settings.public_url.is_some() {
                text.push_str(&format!("      {}\n", decide_here(held.id)));
            }
        }
        text.push_str(&more(pending.held_count, pending.held.len()));
        if settings.public_url.is_some() {
            text.push_str(
                "\nA link shows the request, and a button there decides it. It works for 7 days, for whoever has it: do not \
                 pass this email on.\n",
            );
        }
    }
    if pending.failed_count > 0 {
        text.push_str("\nEmails that failed (`doorman outbox`); name and address are free again:\n\n");
        for letter in &pending.failed {
            let answer = letter.last_answer.as_deref().unwrap_or("without an answer");
            text.push_str(&format!(
                "  {}  {}: {}\n",
                letter.id,
                printable(&letter.to, 255),
                printable(answer, 300)
            ));
        }
        text.push_str(&more(pending.failed_count, pending.failed.len()));
    }
    if !moved.is_empty() {
        text.push_str("\nOn their way since the last email like this:\n\n");
        for row in moved {
            let (what, at) = match (row.account_made_at, row.link_opened_at) {
                (Some(at), _) => ("account made", Some(at)),
                (None, at) => ("link opened", at),
            };
            let at = at.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M").to_string());
            text.push_str(&format!("  {}  {at} UTC  {what}  {}\n", row.id, printable(&row.username, 255)));
        }
    }
    if !alarms.is_empty() {
        text.push_str("\nWhat is wrong at the desk:\n\n");
        for (trouble, what) in alarms {
            text.push_str(&format!("  {}: {}\n", trouble.word(), printable(what, 600)));
        }
    }
    text.push_str("\nThere is at most one such email an hour, and only when there is something new.\n");
    text
}
