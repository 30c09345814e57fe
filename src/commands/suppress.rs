//! `suppress`

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::acts;
use crate::cli::SuppressCommand;
use crate::cli::when::{rfc3339, short};
use crate::store::NOT_ME;

use super::table::cell;
use super::{Done, act, email, look};

/// `suppress`
pub fn run(config: Option<&Path>, command: SuppressCommand, now: DateTime<Utc>) -> Done {
    let listing = match command {
        SuppressCommand::Add { address } => {
            let email = email(&address)?;
            return act(config, |opened| acts::suppress(opened, &email, true, now));
        }
        SuppressCommand::Lift { address } => {
            let email = email(&address)?;
            return act(config, |opened| acts::suppress(opened, &email, false, now));
        }
        SuppressCommand::List { listing } => listing,
    };
    let rows = look(config)?.store.read(|store| store.suppressions(listing.limit()))?;
    super::list(
        &rows,
        listing.json,
        |row| json!({ "address": row.address, "since": rfc3339(row.since), "how": row.how }),
        "No address is suppressed.\n",
        &["since (UTC)", "by", "address"],
        |row| {
            let by = if row.how == NOT_ME { "its owner" } else { "you" };
            vec![cell(short(row.since)), cell(by), cell(&row.address)]
        },
    )
}
