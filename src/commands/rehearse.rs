//! `rehearse`, `ban add --dry-run`

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::acts::{Opened, environment, lists_in_force, locate};
use crate::bans::{Bans, Lists};
use crate::cli::RehearseArgs;
use crate::config::{self, Folder, Settings};
use crate::desk::{Rehearsed, rehearse};

use super::table::{Style, cell, styled, table};
use super::{Done, look, print, print_json};

/// `rehearse`
pub fn run(config: Option<&Path>, args: &RehearseArgs) -> Done {
    // Outside of a desk's folder, the rules to try are those of the desk.
    let desk = match &args.by_config {
        Some(rules) if config.is_none() && locate(None).is_err() => Some(rules.as_path()),
        _ => config,
    };
    let opened = look(desk)?;
    let settings = match &args.by_config {
        Some(path) => config::load_without_mail(path, &environment)?.settings,
        None => opened.settings.clone(),
    };
    let lists = match &args.bans {
        Some(folder) => {
            let bans = Bans::open(&Folder::new(folder), |_| None);
            bans.subscribe(&opened.folder, &settings.lists);
            bans.current()
        }
        None => lists_in_force(&opened.folder, Some(&opened.store), &settings.lists),
    };
    tell(&opened, &settings, &lists, args.since, args.json)
}

/// Who would have fared otherwise by these settings and lists.
pub(super) fn tell(
    opened: &Opened,
    settings: &Settings,
    lists: &Lists,
    since: DateTime<Utc>,
    as_json: bool,
) -> Done {
    let (mut count, mut changed) = (0_u64, Vec::new());
    rehearse(&opened.store, settings, lists, since, Instant::now(), |one| {
        count += 1;
        if one.now.verdict().0 != one.was.0 {
            changed.push(one);
        }
    })?;
    let of = |verdict: &str| changed.iter().filter(|one| one.now.verdict().0 == verdict).count();
    let (refused, held, accepted) = (of("refused"), of("held"), of("accepted"));
    if as_json {
        let changed: Vec<Value> = changed.iter().rev().map(as_value).collect();
        return print_json(&json!({
            "since": since,
            "requests": count,
            "refused": refused,
            "held": held,
            "accepted": accepted,
            "changed": changed,
        }));
    }
    let rows: Vec<_> = changed
        .iter()
        .rev()
        .map(|one| {
            let (verdict, reason) = one.now.verdict();
            let style = match verdict {
                "accepted" => Style::Granted,
                "held" => Style::Waiting,
                _ => Style::Refused,
            };
            vec![
                cell(one.request.id.to_string()),
                cell(one.request.received_at.format("%Y-%m-%d %H:%M").to_string()),
                cell(&one.request.username),
                cell(&one.request.email),
                cell(word(&one.was.0, one.was.1.as_deref())),
                styled(word(verdict, reason.map(|reason| reason.word())), style),
                cell(one.now.detail().unwrap_or_default()),
            ]
        })
        .collect();
    let listed = if rows.is_empty() {
        String::new()
    } else {
        table(&["id", "time", "username", "email", "was", "would be", "why"], &rows)
    };
    let since = since.format("%Y-%m-%d %H:%M UTC");
    print(&format!(
        "{listed}Of {count} requests since {since}, {refused} would have been refused, {held} held, {accepted} accepted instead.\n"
    ))
}

/// `refused (email_banned)`
fn word(verdict: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| verdict.to_owned(), |reason| format!("{verdict} ({reason})"))
}

fn as_value(one: &Rehearsed) -> Value {
    let (verdict, reason) = one.now.verdict();
    let request = &one.request;
    json!({
        "id": request.id,
        "time": request.received_at,
        "username": request.username,
        "email": request.email,
        "ip": request.ip,
        "was": one.was.0,
        "was_reason": one.was.1,
        "verdict": verdict,
        "reason": reason.map(|reason| reason.word()),
        "detail": one.now.detail(),
    })
}
