//! `outbox`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::acts;
use crate::cli::when::{rfc3339, short};
use crate::cli::{OutboxArgs, OutboxCommand};
use crate::store::{LetterState, OutboxRow};

use super::table::{Cell, Style, cell, styled};
use super::{Done, act, look};

/// Failed letters are listed for so long.
const FAILED_FOR: TimeDelta = TimeDelta::days(30);

/// `outbox`
pub fn run(config: Option<&Path>, args: OutboxArgs, now: DateTime<Utc>) -> Done {
    match args.command {
        None => list(config, &args, now),
        Some(OutboxCommand::Retry { ids }) => act(config, |opened| acts::retry(opened, ids, now)),
        Some(OutboxCommand::Drop { id }) => act(config, |opened| acts::drop_letter(opened, id, now)),
    }
}

fn list(config: Option<&Path>, args: &OutboxArgs, now: DateTime<Utc>) -> Done {
    let opened = look(config)?;
    let rows = opened.store.read(|store| store.outbox(now - FAILED_FOR, args.listing.limit()))?;
    super::list(
        &rows,
        args.listing.json,
        as_json,
        "No letters are owed, and none failed in the last 30 days.\n",
        &["id", "state", "tries", "next try (UTC)", "to", "last answer"],
        cells,
    )
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
