//! `token`, `rotate`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::acts::{self, Door, Intent, Opened, open};
use crate::cli::when::{rfc3339, short, span};
use crate::cli::{Failure, TokenArgs, complain};
use crate::clock::SystemClock;
use crate::domain::printable;
use crate::homeserver::Homeserver;
use crate::stop::Stop;
use crate::store::Live;

use super::{Done, look, print, print_json, say};

/// How often `rotate` looks whether the running desk has found the new token live, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 30;

/// How long is waited for the homeserver to tell its name.
const ANSWER: Duration = Duration::from_secs(3);

/// `token`
pub fn show(config: Option<&Path>, args: &TokenArgs, now: DateTime<Utc>) -> Done {
    let opened = look(config)?;
    let tokens = &opened.settings.tokens;
    if tokens.per_applicant {
        return show_personal(&opened, args, now);
    }
    let Some(current) = opened.store.read(|store| store.current_token())? else {
        return Err(Failure::new(
            "there is no token yet: start the desk with `doorman serve`, or `doorman rotate`",
        ));
    };
    let age = (now - current.made_at).max(TimeDelta::zero());
    let next_reset = opened.settings.schedule.next_reset(now);
    let backend = tokens.backend.kind().word();
    if args.json {
        let mut value = json!({
            "age_seconds": age.num_seconds(),
            "next_reset": rfc3339(next_reset),
            "live": current.live.as_json(),
            "backend": backend,
        });
        if args.reveal {
            value["token"] = current.token.reveal().into();
        }
        return print_json(&value);
    }
    let live = match current.live {
        Live::Yes => "yes: the homeserver accepts it",
        Live::No => "not yet: the homeserver has not accepted it so far",
        Live::CannotBeChecked => "cannot be checked on this homeserver",
    };
    let token = if args.reveal { current.token.reveal() } else { "(hidden; --reveal shows it)" };
    let homeserver = homeserver_in_words(&opened)?;
    print(&format!(
        "token       {token}\nage         {}\nnext reset  {} UTC, in {}\nlive        {live}\nbackend     {backend}\n\
         homeserver  {homeserver}\n",
        span(age),
        short(next_reset),
        span(next_reset - now),
    ))
}

/// Which homeserver it is, as the desk has found out. Where it has not yet, the homeserver is asked.
fn homeserver_in_words(opened: &Opened) -> Result<String, Failure> {
    if let Some(family) = opened.store.read(|store| store.condition())?.homeserver {
        return Ok(printable(&family, 200));
    }
    let Some(homeserver) = Homeserver::of(&opened.settings) else {
        return Ok("none: this is a trial".into());
    };
    Ok(match homeserver.identify_anew(ANSWER) {
        Some(family) => family.to_string(),
        None => "not known yet: it does not answer".into(),
    })
}

/// Where each applicant has a token of their own there is none to show.
fn show_personal(opened: &Opened, args: &TokenArgs, now: DateTime<Utc>) -> Done {
    let month = now - TimeDelta::days(30);
    let (works, counts) = opened
        .store
        .read(|store| Ok((store.personal_tokens()?, store.count_personal_tokens(month, now)?)))?;
    let backend = opened.settings.tokens.backend.kind().word();
    if args.json {
        return print_json(&json!({
            "age_seconds": null,
            "next_reset": null,
            "live": works.unwrap_or(Live::No).as_json(),
            "backend": backend,
        }));
    }
    let live = match works {
        Some(Live::Yes) => "yes: the homeserver makes tokens",
        _ => "not yet: the homeserver has not made any so far",
    };
    print(&format!(
        "token       each applicant has one of their own\noutstanding {}\nlast 30 d   {} made, {} of them used\n\
         live        {live}\nbackend     {backend}\nhomeserver  {}\n",
        counts.outstanding,
        counts.made,
        counts.used,
        homeserver_in_words(opened)?,
    ))
}

/// `rotate`
pub fn rotate(config: Option<&Path>) -> Done {
    let opened = open(config, Intent::Write, Door::Command)?;
    let outcome = acts::rotate(&opened, Arc::new(SystemClock))?;
    if let acts::Done::Rotated { live: Some(_), alarms } = &outcome.done {
        for what in alarms {
            complain(what);
        }
        return say(&outcome);
    }
    // The desk tells the homeserver and asks it; what it finds out stands in the store.
    let said = |live| acts::Done::Rotated { live: Some(live), alarms: Vec::new() }.words(Door::Command);
    let stop = Stop::new();
    for _ in 0..LOOKS {
        let live = opened.store.read(|store| store.current_token())?.map(|current| current.live);
        if let Some(live @ (Live::Yes | Live::CannotBeChecked)) = live {
            return print(&format!("{}\n", said(live)));
        }
        stop.wait(LOOK_EVERY);
    }
    print(&format!("{} The running desk keeps asking: see `doorman token`.\n", said(Live::No)))
}
