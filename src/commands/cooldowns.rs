//! `cooldowns`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::domain::EmailAddress;

use super::cli::{CooldownsArgs, CooldownsCommand};
use super::folder::{Intent, Opened, open};
use super::table::{cell, table};
use super::when::{rfc3339, short, span};
use super::{Done, Failure, limit, print, print_json};

/// `cooldowns`
pub fn run(config: Option<&Path>, args: CooldownsArgs, now: DateTime<Utc>) -> Done {
    if let Some(CooldownsCommand::Lift { address }) = args.command {
        return print(&lift(&open(config, Intent::Write)?, &address)?);
    }
    let opened = open(config, Intent::Read)?;
    let cooldown = TimeDelta::from_std(opened.settings.email_cooldown).unwrap_or(TimeDelta::MAX);
    let since = now.checked_sub_signed(cooldown).unwrap_or(DateTime::UNIX_EPOCH);
    let identity = opened.settings.email_identity;
    let rows = opened.store.read(|store| store.cooldowns(since, identity, limit(args.limit, args.json)))?;
    if args.json {
        let rows = rows.iter().map(|row| {
            json!({
                "email": row.email,
                "username": row.username,
                "since": rfc3339(row.since),
                "until": rfc3339(row.since + cooldown),
            })
        });
        return print_json(&rows.collect());
    }
    if rows.is_empty() {
        return print("No address is in its cooldown.\n");
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let until = row.since + cooldown;
            vec![cell(short(until)), cell(span(until - now)), cell(&row.username), cell(&row.email)]
        })
        .collect();
    print(&table(&["until (UTC)", "left", "username", "email"], &rows))
}

/// Ends the cooldown of an address. Says what was done.
pub fn lift(opened: &Opened, address: &str) -> Result<String, Failure> {
    let email =
        EmailAddress::parse(address).map_err(|problem| Failure::new(format!("{address:?}: {problem}")))?;
    let identity = opened.settings.email_identity;
    let shown = email.to_string();
    if !opened.store.write(move |store| store.lift_cooldown(&email, identity))? {
        return Err(Failure::new(format!("{shown} is in no cooldown")));
    }
    Ok(format!("The cooldown of {shown} is over.\n"))
}
