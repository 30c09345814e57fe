//! `requests`

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::acts::{self, Glance};
use crate::cli::when::{rfc3339, short};
use crate::cli::{Failure, RequestsArgs, RequestsCommand};
use crate::domain::printable;
use crate::store::{Before, Common, LetterState, RequestFilter, RequestRow};

use super::table::{Cell, Style, cell, styled, table};
use super::{Done, act, look, print, print_json, print_while_read};

/// Of what was asked before, so much is shown.
const SEEN_BEFORE: usize = 12;

/// Of an answer, a list shows so much.
const ANSWER: usize = 120;

/// How often `--follow` looks for new ones.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);

/// `requests`
pub fn run(config: Option<&Path>, args: RequestsArgs, now: DateTime<Utc>) -> Done {
    match args.command {
        Some(RequestsCommand::Resend { id }) => return act(config, |opened| acts::resend(opened, id, now)),
        Some(RequestsCommand::Show { id, json }) => return show(config, id, json, now),
        None => {}
    }
    let opened = look(config)?;
    let filter = RequestFilter {
        verdict: [(args.accepted, "accepted"), (args.held, "held"), (args.refused, "refused")]
            .into_iter()
            .find_map(|(asked, word)| asked.then_some(word)),
        email: args.email,
        username: args.username,
        ip: args.ip.map(|ip| ip.to_canonical().to_string()),
        since: args.since,
        meant: args.meant.unwrap_or_default(),
        after: args.follow.then_some(0),
        limit: args.listing.limit(),
        ..RequestFilter::default()
    };
    let mut rows = opened.store.read(|store| store.requests(&filter))?;
    if !args.follow {
        let header = ["id", "time (UTC)", "verdict", "username", "address, ip, email"];
        return super::list(&rows, args.listing.json, as_json, "No requests.\n", &header, cells);
    }
    // New ones come at the end, so the old ones stand in that order too.
    rows.reverse();
    let mut watch = opened.store.watch()?;
    let mut last = rows.last().map_or(0, |row| row.id);
    let stop = crate::stop::Stop::new();
    loop {
        for row in &rows {
            let told = if args.listing.json {
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

/// `requests show`: everything that is known of it, what was done with it among that.
fn show(config: Option<&Path>, id: i64, json: bool, now: DateTime<Utc>) -> Done {
    let opened = look(config)?;
    let (row, letter, acts, before) = opened.store.read(|store| {
        Ok((
            store.requests_by_id(&[id])?.pop(),
            store.letter_of_request(id)?,
            store.acts_on(&id.to_string())?,
            store.seen_before(id, SEEN_BEFORE)?,
        ))
    })?;
    let row = row.ok_or_else(|| Failure::new(format!("there is no request {id}")))?;
    if json {
        let mut value = as_json(&row);
        value["email_state"] = letter.as_ref().map_or(Value::Null, super::outbox::as_json);
        value["seen_before"] = before.iter().map(before_as_json).collect();
        value["acts"] = acts.iter().map(super::journal::as_json).collect();
        return print_json(&value);
    }
    let mut glance = Glance::default();
    glance.read(&opened, now)?;
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        text.push_str(format!("{label:<9} {}", printable(value, 4000)).trim_end());
        text.push('\n');
    };
    line("request", &row.id.to_string());
    line("name", if row.username.is_empty() { "none that is clear" } else { &row.username });
    line("address", &row.email);
    line("IP", row.ip.as_deref().unwrap_or("not known"));
    line("channel", &row.channel);
    line("time", &format!("{} UTC", short(row.received_at)));
    line("verdict", &row.verdict);
    row.reason.iter().for_each(|reason| line("reason", reason));
    row.detail.iter().for_each(|detail| line("", detail));
    row.answer.iter().for_each(|answer| line("answer", answer));
    if row.stands_for > 1 {
        line("", &format!("stands for {} refusals like it", row.stands_for));
    }
    row.terms_version.iter().for_each(|version| line("terms", &format!("agreed to version {version}")));
    for one in &before {
        let what = one.reason.as_deref().unwrap_or(&one.verdict);
        let shared = match one.common {
            Common::Mailbox => "same mailbox",
            Common::Name => "name looks alike",
            Common::Network => "same network",
            Common::Domain => "same domain",
        };
        line(
            "before",
            &format!("{} UTC  {shared}: {} ({}) {what}", short(one.received_at), one.username, one.email),
        );
    }
    match &letter {
        None => line("email", "none"),
        Some(letter) => {
            line("email", &letter.told());
            glance.why_it_waits(letter, &opened.settings, now).iter().for_each(|why| line("", why));
            letter.last_answer.iter().for_each(|answer| line("", answer));
        }
    }
    for (label, at) in [("opened", row.link_opened_at), ("account", row.account_made_at)] {
        if let Some(at) = at {
            line(label, &format!("{} UTC", short(at)));
        }
    }
    row.arrived.iter().filter(|_| row.account_made_at.is_none()).for_each(|arrived| {
        line("arrived", if *arrived { "yes: the token was used" } else { "not yet" });
    });
    for act in acts.iter().rev() {
        line("act", &format!("{} UTC  {}", short(act.at), super::journal::told(act)));
    }
    print(&text)
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
        format!("email {}{}", letter.word(), if row.account_made_at.is_some() { "" } else { arrived })
    }));
    rest.extend(match (row.account_made_at, row.link_opened_at) {
        (Some(at), _) => Some(format!("account created {}", short(at))),
        (None, Some(at)) => Some(format!("link opened {}", short(at))),
        (None, None) => None,
    });
    rest.extend(row.detail.as_ref().map(|detail| format!("({detail})")));
    rest.extend(row.answer.as_ref().map(|answer| format!("“{}”", printable(answer, ANSWER))));
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

fn before_as_json(before: &Before) -> Value {
    json!({
        "id": before.id,
        "time": rfc3339(before.received_at),
        "username": before.username,
        "email": before.email,
        "verdict": before.verdict,
        "reason": before.reason,
        "common": before.common.word(),
    })
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
        "answer": row.answer,
        "terms": row.terms_version.as_ref().map(|version| json!({"version": version, "at": row.terms_at.map(rfc3339)})),
    });
    for (key, at) in [("link_opened", row.link_opened_at), ("account_made", row.account_made_at)] {
        value[key] = at.map(rfc3339).into();
    }
    // Only a link or a token of one's own tells who has used it.
    if let Some(arrived) = row.arrived {
        value["arrived"] = arrived.into();
    }
    value
}
