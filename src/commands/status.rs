//! `status`

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::acts::words::counted;
use crate::acts::{Glance, Opened};
use crate::cli::Failure;
use crate::cli::when::{rfc3339, span};
use crate::domain::{Closed, printable};
use crate::store::{Live, NoticeChannel};

use super::{look, print, print_json};

/// The desk on one screen. True: something needs the operator.
pub fn show(config: Option<&Path>, as_json: bool, now: DateTime<Utc>) -> Result<bool, Failure> {
    let opened = look(config)?;
    let mut glance = Glance::default();
    glance.read(&opened, now)?;
    if as_json {
        print_json(&machine_readable(&opened, &glance, now))?;
    } else {
        print(&in_words(&opened, &glance, now))?;
    }
    Ok(glance.needs_operator())
}

/// Why it is closed, as a word and in words; empty and `open` where it is not.
fn door(glance: &Glance) -> (&'static str, String) {
    match glance.closed {
        Some(Closed::Paused) => ("paused", "closed: paused by hand; `doorman resume` opens it".into()),
        _ if !glance.is_running => ("not_running", "closed: no desk is running in this folder".into()),
        Some(Closed::Downtime { until }) => {
            ("downtime", format!("closed for the new token until {} UTC", until.format("%H:%M")))
        }
        Some(Closed::Outdated) => {
            ("outdated", "closed: the desk is older than its database: restart it".into())
        }
        Some(Closed::NotLive) => ("not_live", "closed: the homeserver does not accept the token yet".into()),
        Some(Closed::Surge) => ("surge", "closed: a surge; `doorman surge off` opens it".into()),
        None => ("", "open".to_owned()),
    }
}

fn live(glance: &Glance) -> Live {
    glance.personal.or(glance.token.map(|(_, live)| live)).unwrap_or(Live::No)
}

fn age(glance: &Glance, now: DateTime<Utc>) -> Option<TimeDelta> {
    glance.token.filter(|_| glance.personal.is_none()).map(|(made_at, _)| now - made_at)
}

fn machine_readable(opened: &Opened, glance: &Glance, now: DateTime<Utc>) -> Value {
    let (settings, reason) = (&opened.settings, door(glance).0);
    let family = glance.condition.homeserver.as_deref();
    let alarms = glance.alarms().iter().map(|(fault, what)| json!({ "fault": fault, "what": what }));
    json!({
            "well": !glance.needs_operator(),
            "running": glance.is_running,
            "open": reason.is_empty(),
            "reason": (!reason.is_empty()).then_some(reason),
            "token": {
                "age_seconds": age(glance, now).map(|age| age.num_seconds()),
                "next_reset": glance.next_reset.map(rfc3339),
                "live": live(glance).as_json(),
                "backend": settings.tokens.backend.kind().word(),
            },
            "homeserver": { "name": settings.homeserver.as_str(), "family": family, "well": glance.is_well("homeserver") },
            "mail": { "well": glance.is_well("mail_server"), "owed": glance.outbox.owed, "sent_in_the_last_hour": glance.sent },
            "letter_box": glance.condition.letter_box_is_open.filter(|_| glance.is_running),
            "waiting": glance.waiting,
            "failed": glance.failed[0],
            "failed_today": glance.failed[1],
            "notify": notify(opened, glance),
            "alarms": alarms.collect::<Vec<_>>(),
    })
}

/// Of each channel that is told: what is owed to it, and what was given up.
fn notify(opened: &Opened, glance: &Glance) -> Value {
    let told = |(channel, [owed, failed]): &(NoticeChannel, [u64; 2])| {
        let told = is_told(opened, *channel).then(|| json!({ "owed": owed, "failed": failed }));
        (<&str>::from(*channel).to_owned(), told.into())
    };
    let mut all: serde_json::Map<String, Value> = glance.notices.iter().map(told).collect();
    all.insert("email".into(), opened.settings.notify.email.as_ref().map(ToString::to_string).into());
    all.into()
}

fn is_told(opened: &Opened, channel: NoticeChannel) -> bool {
    match channel {
        NoticeChannel::Matrix => opened.settings.notify.matrix.is_some(),
        NoticeChannel::Webhook => opened.settings.notify.webhook.is_some(),
    }
}

/// Who is told of what waits.
fn told_by(opened: &Opened, glance: &Glance) -> String {
    let email = opened.settings.notify.email.as_ref().map(|email| format!("email to {email}"));
    let others = glance.notices.iter().filter(|(channel, _)| is_told(opened, *channel)).map(
        |(channel, [owed, failed])| {
            let name = match channel {
                NoticeChannel::Matrix => "Matrix room",
                NoticeChannel::Webhook => "webhook",
            };
            let failed = if *failed > 0 { format!(", {failed} dropped") } else { String::new() };
            format!("{name} ({owed} owed{failed})")
        },
    );
    let all: Vec<String> = email.into_iter().chain(others).collect();
    if all.is_empty() { "nobody; see `notify` in config.yaml".into() } else { all.join(", ") }
}

fn in_words(opened: &Opened, glance: &Glance, now: DateTime<Utc>) -> String {
    let family = glance.condition.homeserver.as_deref();
    let mut text = String::new();
    let mut tell = |label: &str, value: &str| {
        text.push_str(&format!("{label:<11} {}\n", printable(value, 1000)));
    };
    tell(
        opened.settings.homeserver.as_str(),
        if glance.needs_operator() { "something needs you" } else { "all is well" },
    );
    tell("desk", &door(glance).1);
    let live = match live(glance) {
        Live::Yes => "live",
        Live::No => "not live",
        Live::CannotBeChecked => "whether it is live cannot be checked",
    };
    let reset = glance
        .next_reset
        .map_or_else(String::new, |at| format!("; reset {} UTC, in {}", at.format("%H:%M"), span(at - now)));
    tell(
        "token",
        &match age(glance, now) {
            Some(age) => format!("{} old, {live}{reset}", span(age)),
            None if glance.personal.is_some() => format!("each applicant has one of their own, {live}"),
            None => "there is none yet".into(),
        },
    );
    let state = |word: &str, well: &str| match glance.alarms().iter().any(|(alarm, _)| alarm == word) {
        _ if !glance.is_running => "unknown: no desk is running".to_owned(),
        true => "there is an alarm, see below".to_owned(),
        false => well.to_owned(),
    };
    tell("homeserver", &state("homeserver", family.unwrap_or("not known yet")));
    tell("mail", &state("mail_server", &format!("{} sent in the last hour", counted_emails(glance.sent))));
    tell(
        "letter box",
        match glance.condition.letter_box_is_open {
            None => "none",
            Some(_) if !glance.is_running => "unknown: no desk is running",
            Some(true) => "connected",
            Some(false) => "not connected",
        },
    );
    tell(
        "waiting",
        &match glance.waiting {
            0 => "nobody".to_owned(),
            count => format!("{count}; `doorman requests --held` lists them"),
        },
    );
    tell(
        "failed",
        &match glance.failed {
            [0, _] => "none".to_owned(),
            [all, today] => format!(
                "{all} in the last 30 days, {today} in the last 24 hours; `doorman outbox` lists them"
            ),
        },
    );
    let oldest =
        glance.outbox.oldest.map_or_else(String::new, |at| format!(", the oldest for {}", span(now - at)));
    tell("outbox", &format!("{} owed{oldest}", counted_emails(glance.outbox.owed)));
    tell("notify", &told_by(opened, glance));
    if glance.alarms().is_empty() {
        tell("alarms", "none");
    }
    for (fault, what) in glance.alarms() {
        tell("alarm", &format!("{fault}: {what}"));
    }
    text
}

fn counted_emails(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "email")
}
