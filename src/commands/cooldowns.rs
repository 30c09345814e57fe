//! `cooldowns`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::acts;
use crate::cli::when::{rfc3339, short, span};
use crate::cli::{CooldownsArgs, CooldownsCommand};

use super::table::cell;
use super::{Done, act, email, look};

/// `cooldowns`
pub fn run(config: Option<&Path>, args: CooldownsArgs, now: DateTime<Utc>) -> Done {
    if let Some(CooldownsCommand::Lift { address }) = args.command {
        let email = email(&address)?;
        return act(config, |opened| acts::lift(opened, &email, now));
    }
    let opened = look(config)?;
    let cooldown = TimeDelta::from_std(opened.settings.email_cooldown).unwrap_or(TimeDelta::MAX);
    let since = now.checked_sub_signed(cooldown).unwrap_or(DateTime::UNIX_EPOCH);
    let identity = opened.settings.email_identity;
    let rows = opened.store.read(|store| store.cooldowns(since, identity, args.listing.limit()))?;
    super::list(
        &rows,
        args.listing.json,
        |row| {
            json!({
                "email": row.email,
                "username": row.username,
                "since": rfc3339(row.since),
                "until": rfc3339(row.since + cooldown),
            })
        },
        "No address is in a cooldown.\n",
        &["until (UTC)", "left", "username", "email"],
        |row| {
            let until = row.since + cooldown;
            vec![cell(short(until)), cell(span(until - now)), cell(&row.username), cell(&row.email)]
        },
    )
}
