//! `token`, `rotate`, `pause`, `resume`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::bans::Bans;
use crate::clock::SystemClock;
use crate::domain::printable;
use crate::homeserver::Homeserver;
use crate::lock::desk_is_running;
use crate::premises::Premises;
use crate::rotation::Rotation;
use crate::stop::Stop;
use crate::store::Live;
use crate::tokens::Tokens;

use super::cli::TokenArgs;
use super::folder::{Intent, Opened, open};
use super::when::{rfc3339, short, span};
use super::{Done, Failure, print, print_json};

/// How often `rotate` looks whether the running desk has found the new token live, and how many times.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 30;

/// How long is waited for the homeserver to tell its name.
const ANSWER: Duration = Duration::from_secs(3);

/// `token`
pub fn show(config: Option<&Path>, args: &TokenArgs, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Read)?;
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
        Live::Yes => "yes: the homeserver takes it",
        Live::No => "not yet: the homeserver was not seen to take it",
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
        _ => "not yet: the homeserver was not seen to make tokens",
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
pub fn run_rotate(config: Option<&Path>) -> Done {
    let opened = open(config, Intent::Write)?;
    let running = desk_is_running(opened.folder.path());
    let (done, alarms) = rotate(&opened)?;
    for what in alarms {
        super::complain(&what);
    }
    if !running {
        return print(&done);
    }
    // The desk tells the homeserver and asks it; what it finds out stands in the store.
    let stop = Stop::new();
    for _ in 0..LOOKS {
        let live = opened.store.read(|store| store.current_token())?.map(|current| current.live);
        if let Some(live @ (Live::Yes | Live::CannotBeChecked)) = live {
            return print(said(live));
        }
        stop.wait(LOOK_EVERY);
    }
    print(&format!("{} The running desk asks on: see `doorman token`.\n", said(Live::No).trim_end()))
}

/// Where a new token stands, and whether the homeserver takes it.
fn said(live: Live) -> &'static str {
    match live {
        Live::Yes => "The new token stands in .registration_token, and the homeserver takes it.\n",
        Live::No => "The new token stands in .registration_token. The homeserver does not take it yet.\n",
        Live::CannotBeChecked => {
            "The new token stands in .registration_token. Whether the homeserver takes it cannot be checked.\n"
        }
    }
}

/// Replaces the token. Says what was done, and what went wrong beside.
pub fn rotate(opened: &Opened) -> Result<(String, Vec<String>), Failure> {
    let clock = Arc::new(SystemClock);
    if opened.settings.tokens.per_applicant {
        return Err(Failure::new(
            "each applicant has a token of their own (tokens.per_applicant): there is none to replace",
        ));
    }
    let premises = Arc::new(Premises::new(
        opened.settings.clone(),
        opened.folder.clone(),
        Arc::clone(&opened.store),
        Bans::open(&opened.folder, |_| None),
    ));
    let tokens = Arc::new(Tokens::new(
        opened.folder.clone(),
        Arc::clone(&opened.store),
        clock.clone(),
        &opened.settings,
        premises.homeserver.load_full(),
    ));
    let running = desk_is_running(opened.folder.path());
    let rotation = Rotation { premises, tokens, clock };
    let failed = |error: crate::tokens::TokensError| Failure::new(error.to_string());
    if !running {
        rotation.tokens.settle(&rotation.premises.settings.load().schedule).map_err(failed)?;
    }
    let current = rotation.rotate_now().map_err(failed)?;
    if running {
        let done = "The new token stands in .registration_token. The running desk sees to it that the homeserver takes it; \
                    `doorman token` says when it has.\n";
        return Ok((done.into(), Vec::new()));
    }
    // What after_rotation prints, and why it failed, is told by the alarms.
    rotation.tell_homeserver(&current, &Stop::new())?;
    let live = rotation.is_live(&current);
    let id = current.id;
    opened.store.write(move |store| store.note_live(id, live))?;
    let alarms = rotation.premises.alarms.all().into_iter().map(|(_, what)| printable(&what, 1000)).collect();
    Ok((said(live).into(), alarms))
}

/// `pause` and `resume`
pub fn run_pause(config: Option<&Path>, since: Option<DateTime<Utc>>) -> Done {
    print(&pause(&open(config, Intent::Write)?, since)?)
}

/// Closes the desk, or opens it. Says what was done.
pub fn pause(opened: &Opened, since: Option<DateTime<Utc>>) -> Result<String, Failure> {
    let changed = opened.store.write(move |store| store.pause(since))?;
    let running = desk_is_running(opened.folder.path());
    let done = match (since.is_some(), changed) {
        (true, true) if running => {
            "The desk is paused: it takes no requests. Letters that are owed still go out.\n"
        }
        (true, true) => {
            "The desk is paused: once it runs, it takes no requests. No desk runs on this folder now.\n"
        }
        (true, false) => "The desk was paused already.\n",
        (false, true) if running => "The desk is open again, outside its downtime.\n",
        (false, true) => {
            "The desk is not paused any more, but none runs on this folder: start it with `doorman serve`.\n"
        }
        (false, false) => "The desk was not paused.\n",
    };
    Ok(done.to_owned())
}
