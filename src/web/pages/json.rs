//! The answers for scripts.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::{Closed, Reason, Refusal, Verdict};

use super::look::Look;

/// Seconds for `retry_after` and the `Retry-After` header: rounded up, so that whoever keeps them does not come too
/// early, and at least 1.
pub fn retry_after_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The applicant's text of a refusal; never empty.
pub fn refused_message(refusal: &Refusal) -> String {
    refusal.applicant_text()
}

#[derive(Serialize)]
struct VerdictAnswer<'a> {
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_url: Option<&'a str>,
}

/// `{"status", "reason", "message", "retry_after", "status_url"}`, keys that do not apply left out. `message` is
/// [`accepted_message`](super::accepted_message), [`held_message`](super::held_message) or [`refused_message`]; on a trial
/// desk it says so first.
pub fn verdict_json(look: &Look, verdict: &Verdict, message: &str, status_url: Option<&str>) -> String {
    let refusal = match verdict {
        Verdict::Refused(refusal) => Some(refusal),
        Verdict::Accepted | Verdict::Held(_) => None,
    };
    line(&VerdictAnswer {
        status: verdict.word(),
        reason: verdict.reason().map(Reason::word),
        message: if look.settings.trial { look.language.trial_answer(message) } else { message.to_owned() },
        retry_after: refusal.and_then(Refusal::retry_after).map(retry_after_seconds),
        status_url,
    })
}

#[derive(Serialize)]
struct Status<'a> {
    open: bool,
    reason: Option<&'static str>,
    message: String,
    utc_time: String,
    closes_at: Option<String>,
    next_reset: Option<String>,
    homeserver: &'a str,
}

/// `GET /api/status`. Times are RFC 3339 to the second; `reason` is null while the desk is open, `closes_at` while it is
/// closed or never closes, `next_reset` where each applicant has a token of their own.
pub fn status_json(look: &Look, closed: Option<Closed>, now: DateTime<Utc>) -> String {
    let closes_at = look.settings.schedule.closes_at(now).filter(|_| closed.is_none());
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    line(&Status {
        open: closed.is_none(),
        reason: closed.map(|_| Reason::Closed.word()),
        message: look.state(closed, closes_at),
        utc_time: instant(now),
        closes_at: closes_at.map(instant),
        next_reset: look.token_lifetime().is_none().then(|| instant(look.settings.schedule.next_reset(now))),
        homeserver: look.settings.homeserver.as_str(),
    })
}

#[derive(Serialize)]
struct Name<'a> {
    available: Option<bool>,
    message: &'a str,
}

/// `GET /api/username`: `{"available": true | false | null, "message"}`.
pub fn name_json(available: Option<bool>, message: &str) -> String {
    line(&Name { available, message })
}

#[derive(Serialize)]
struct Time {
    utc_time: String,
}

/// `GET /api/time`: `{"utc_time": "HH:MM:SS"}`.
pub fn time_json(now: DateTime<Utc>) -> String {
    line(&Time { utc_time: now.format("%H:%M:%S").to_string() })
}

/// One line of JSON with its end, kind to terminals.
pub(super) fn line(value: &impl Serialize) -> String {
    // Structs of strings, numbers and booleans: nothing that cannot be written as JSON.
    let mut json = serde_json::to_string(value).unwrap_or_default();
    json.push('\n');
    json
}
