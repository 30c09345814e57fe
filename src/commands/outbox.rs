//! `outbox`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::acts::{self, Opened};
use crate::cli::when::{rfc3339, short};
use crate::cli::{Failure, OutboxArgs, OutboxCommand};
use crate::filter::Filter;
use crate::store::{LetterState, OutboxRow};

use super::table::{Cell, Style, cell, styled};
use super::{Done, act, act_on_each, look};

/// Failed letters are listed for so long.
const FAILED_FOR: TimeDelta = TimeDelta::days(30);

/// `outbox`
pub fn run(config: Option<&Path>, args: OutboxArgs, now: DateTime<Utc>) -> Done {
    match args.command {
        None => list(config, &args, now),
        Some(OutboxCommand::Retry { ids }) => act(config, |opened| acts::retry(opened, ids, now)),
        Some(OutboxCommand::Drop { mut ids, meant }) => {
            if let Some(meant) = meant {
                ids.extend(owed(&look(config)?, &meant, now)?);
            }
            act_on_each(config, ids, |opened, id| acts::drop_letter(opened, id, now))
        }
    }
}

/// The letters that are owed and meant, by what is known of their requests.
fn owed(opened: &Opened, meant: &Filter, now: DateTime<Utc>) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    opened.store.read(|store| {
        for letter in store.outbox(now, None)? {
            let request = match letter.request_id {
                Some(id) => store.requests_by_id(&[id])?.pop(),
                None => None,
            };
            let is_meant = match &request {
                Some(request) => meant.takes(&request.as_filtered(&request.texts())),
                None => meant.takes(&letter.as_filtered(&letter.texts())),
            };
            ids.extend((letter.state.word() == "owed" && is_meant).then_some(letter.id));
        }
        Ok(())
    })?;
    if ids.is_empty() { Err(Failure::new("no email in the outbox matches that")) } else { Ok(ids) }
}

fn list(config: Option<&Path>, args: &OutboxArgs, now: DateTime<Utc>) -> Done {
    let opened = look(config)?;
    let rows = opened.store.read(|store| store.outbox(now - FAILED_FOR, args.listing.limit()))?;
    super::list(
        &rows,
        args.listing.json,
        as_json,
        "The outbox is empty, and no email failed in the last 30 days.\n",
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

pub fn as_json(row: &OutboxRow) -> Value {
    json!({
        "id": row.id,
        "to": row.to,
        "state": row.state.word(),
        "attempts": row.attempts,
        "next_try": row.next_try.map(rfc3339),
        "last_answer": row.last_answer,
    })
}
