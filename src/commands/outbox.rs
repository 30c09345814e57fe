//! `outbox`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::store::{LetterState, OutboxRow};

use super::cli::{OutboxArgs, OutboxCommand};
use super::folder::{Intent, Opened, open};
use super::table::{Cell, Style, cell, styled, table};
use super::when::{rfc3339, short};
use super::{Done, Failure, limit, print, print_json};

/// Failed letters are listed for so long.
const FAILED_FOR: TimeDelta = TimeDelta::days(30);

/// `outbox`
pub fn run(config: Option<&Path>, args: OutboxArgs, now: DateTime<Utc>) -> Done {
    match args.command {
        None => list(config, &args, now),
        Some(OutboxCommand::Retry { ids }) => print(&retry(&open(config, Intent::Write)?, ids, now)?),
        Some(OutboxCommand::Drop { id }) => print(&drop_letter(&open(config, Intent::Write)?, id, now)?),
    }
}

/// Owed letters are due now; all where none is named. Says what was done.
pub fn retry(opened: &Opened, ids: Vec<i64>, now: DateTime<Utc>) -> Result<String, Failure> {
    let asked = ids.len();
    let retried = opened.store.write(move |store| store.retry_letters(&ids, now))?;
    if retried < asked {
        return Err(Failure::new(format!(
            "{retried} of {asked} letters are owed and due now; the others are not owed (a failed one: \
             `doorman requests resend ID` with the request's number)"
        )));
    }
    let letters = if retried == 1 { "1 letter is".to_owned() } else { format!("{retried} letters are") };
    let per_hour = u64::from(opened.settings.letters_per_hour);
    let is_full = per_hour > 0 && opened.store.read(|store| store.sent_in_the_hour(now))? >= per_hour;
    let waits = if is_full { "; letters_per_hour is used up, so letters wait for their turn" } else { "" };
    Ok(format!("{letters} due now{waits}.\n"))
}

/// Takes an owed letter out. Says what was done.
pub fn drop_letter(opened: &Opened, id: i64, now: DateTime<Utc>) -> Result<String, Failure> {
    if !opened.store.write(move |store| store.drop_letter(id, now))? {
        return Err(Failure::new(format!("letter {id} is not owed, or is being sent just now")));
    }
    Ok(format!(
        "Letter {id} is dropped. Where it was to bring a token, its name and address are free again.\n"
    ))
}

fn list(config: Option<&Path>, args: &OutboxArgs, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Read)?;
    let rows = opened.store.read(|store| store.outbox(now - FAILED_FOR, limit(args.limit, args.json)))?;
    if args.json {
        return print_json(&rows.iter().map(as_json).collect());
    }
    if rows.is_empty() {
        return print("No letters are owed, and none failed in the last 30 days.\n");
    }
    let rows: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    print(&table(&["id", "state", "tries", "next try (UTC)", "to", "last answer"], &rows))
}

fn cells(row: &OutboxRow) -> Vec<Cell> {
    let style = if matches!(row.state, LetterState::Failed) { Style::Refused } else { Style::Waiting };
    vec![
        cell(row.id.to_string()),
        styled(row.state.word(), style),
        cell(row.attempts.to_string()),
        cell(row.next_try.map(short).unwrap_or_default()),
        cell(&row.to),
        cell(row.last_answer.as_deref().unwrap_or_default()),
    ]
}

fn as_json(row: &OutboxRow) -> Value {
    json!({
        "id": row.id,
        "to": row.to,
        "state": row.state.word(),
        "attempts": row.attempts,
        "next_try": row.next_try.map(rfc3339),
        "last_answer": row.last_answer,
    })
}
