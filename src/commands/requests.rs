//! `requests`

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use serde_json::{Value, json};

use crate::domain::MessageId;
use crate::store::{LetterState, NotSentAgain, RequestFilter, RequestRow};

use super::cli::{RequestsArgs, RequestsCommand};
use super::folder::{Intent, open};
use super::table::{Cell, Style, cell, styled, table};
use super::when::{rfc3339, short};
use super::{Done, Failure, limit, print, print_json, print_while_read};

/// How often `--follow` looks for new ones.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);

/// `requests`
pub fn run(config: Option<&Path>, args: RequestsArgs, now: DateTime<Utc>) -> Done {
    if let Some(RequestsCommand::Resend { id }) = args.command {
        return resend(config, id, now);
    }
    let opened = open(config, Intent::Read)?;
    let filter = RequestFilter {
        verdict: [(args.accepted, "accepted"), (args.held, "held"), (args.refused, "refused")]
            .into_iter()
            .find_map(|(asked, word)| asked.then_some(word)),
        email: args.email,
        username: args.username,
        ip: args.ip.map(|ip| ip.to_canonical().to_string()),
        since: args.since,
        after: args.follow.then_some(0),
        limit: limit(args.limit, args.json),
        ..RequestFilter::default()
    };
    let mut rows = opened.store.read(|store| store.requests(&filter))?;
    if !args.follow {
        if args.json {
            return print_json(&rows.iter().map(as_json).collect());
        }
        return if rows.is_empty() { print("No requests.\n") } else { print(&listing(&rows)) };
    }
    // New ones come at the end, so the old ones stand in that order too.
    rows.reverse();
    let mut watch = opened.store.watch()?;
    let mut last = rows.last().map_or(0, |row| row.id);
    let stop = crate::stop::Stop::new();
    loop {
        for row in &rows {
            let told = if args.json {
                format!("{}\n", as_json(row))
            } else {
                // Without the line of headings.
                let row = table(&["", "", "", "", ""], &[cells(row)]);
                row.split_once('\n').map(|(_, row)| row.to_owned()).unwrap_or_default()
            };
            if !print_while_read(told.as_bytes())? {
                return Ok(());
            }
        }
        while !watch.changed()? {
            stop.wait(FOLLOW_EVERY);
        }
        let newer = RequestFilter { after: Some(last), limit: None, ..filter.clone() };
        rows = opened.store.read(|store| store.requests(&newer))?;
        rows.reverse();
        last = rows.last().map_or(last, |row| row.id);
    }
}

fn resend(config: Option<&Path>, id: i64, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Write)?;
    let message_id = MessageId::generate(
        &mut UnwrapErr(SysRng),
        &opened.settings.from.address,
        &opened.settings.homeserver,
    );
    let letter = opened
        .store
        .write(move |store| store.resend_letter(id, message_id.as_str(), now))?
        .map_err(|why| Failure::new(format!("request {id}: {}", why_not(why))))?;
    print(&format!("Letter {letter} is owed to the address of request {id}.\n"))
}

fn why_not(why: NotSentAgain) -> &'static str {
    match why {
        NotSentAgain::NoSuchRequest => "there is no accepted request of this number",
        NotSentAgain::NoAddress => "its address cannot be mailed to",
        NotSentAgain::NotAccepted => "this request was not accepted",
        NotSentAgain::StillOwed => "its letter is still owed: see `doorman outbox`, `doorman outbox retry`",
        NotSentAgain::NameTaken => "another request has its name by now",
    }
}

fn listing(rows: &[RequestRow]) -> String {
    table(
        &["id", "time (UTC)", "verdict", "username", "email, ip, letter"],
        &rows.iter().map(cells).collect::<Vec<_>>(),
    )
}

fn cells(row: &RequestRow) -> Vec<Cell> {
    let style = match row.verdict.as_str() {
        "accepted" => Style::Granted,
        "held" => Style::Waiting,
        _ => Style::Refused,
    };
    let verdict = row.reason.as_deref().filter(|_| row.verdict == "refused").unwrap_or(&row.verdict);
    let mut rest = vec![row.email.clone()];
    rest.extend(row.ip.clone());
    rest.extend(row.letter.map(|letter| {
        let arrived =
            row.arrived.map_or("", |arrived| if arrived { ", arrived" } else { ", not arrived yet" });
        format!("letter {}{arrived}", letter.word())
    }));
    rest.extend(row.detail.as_ref().map(|detail| format!("({detail})")));
    if row.stands_for > 1 {
        rest.push(format!("and {} more like it", row.stands_for - 1));
    }
    vec![
        cell(row.id.to_string()),
        cell(short(row.received_at)),
        styled(verdict, style),
        cell(if row.verdict == "held" && row.username.is_empty() { "(no name)" } else { &row.username }),
        cell(rest.join("  ")),
    ]
}

/// A request for scripts.
pub fn as_json(row: &RequestRow) -> Value {
    let mut value = json!({
        "id": row.id,
        "time": rfc3339(row.received_at),
        "channel": row.channel,
        "username": row.username,
        "email": row.email,
        "ip": row.ip,
        "verdict": row.verdict,
        "reason": row.reason,
        "letter": row.letter.map(LetterState::word),
        "detail": row.detail,
        "stands_for": row.stands_for,
    });
    // Only a token of one's own tells who has used it.
    if let Some(arrived) = row.arrived {
        value["arrived"] = arrived.into();
    }
    value
}
