//! What became of a request: the receipt.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use crate::desk::{Receipt, Stage};
use crate::domain::{Field, LinkSecret, Mxid, Reason, Refusal};
use crate::text::{Html, Language};

use super::json::{self, refused_message};
use super::look::{Frame, Look};
use super::rendered;

/// After so many seconds a page without script asks again, while its email goes out and later.
const RENEW_SOON: u32 = 5;
const RENEW_LATER: u32 = 30;

/// How a step stands: its word as a class, and what is said of it.
struct Step {
    state: &'static str,
    what: String,
    /// When, for people and for programs.
    at: Option<(String, String)>,
}

/// One thing that can be corrected.
struct Correction {
    /// The last part of the path that it is sent to.
    path: &'static str,
    field: Field,
    /// What is there now, or was typed and refused.
    value: String,
    error: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "page_receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame<'a>,
    stage: &'static str,
    heading: String,
    text: Html,
    /// What else is to be said.
    more: Vec<String>,
    steps: Vec<Step>,
    /// From whom the email comes, and with which subject.
    email: Option<(String, String)>,
    again: Option<Html>,
    corrections: Vec<Correction>,
    /// Whether somebody corrects something just now.
    corrects: bool,
    renew: Option<u32>,
    /// The secret.
    receipt: &'a str,
}

/// What the mail server's answer to an email means.
fn failure(t: Language, answer: Option<&str>) -> String {
    let answer = answer.unwrap_or_default();
    let is_answer = answer.starts_with(['4', '5'])
        && answer.get(..3).is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()));
    // RFC 3463, section 3; what comes without such a code is told by the words that mail servers use.
    let detail =
        answer.split([' ', '-']).find_map(|word| word.strip_prefix("5.").or_else(|| word.strip_prefix("4.")));
    let words = answer.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|said| words.contains(said));
    match detail {
        _ if !is_answer => t.email_not_sent(),
        Some("1.2" | "1.10" | "4.4") => t.no_mail_there(),
        Some("2.2") => t.mailbox_full(),
        Some("1.0" | "1.1" | "1.3" | "1.6" | "2.1") => t.no_such_mailbox(),
        None | Some("0.0" | "5.0")
            if says(&["unknown", "no such", "not exist", "not found", "no mailbox"]) =>
        {
            t.no_such_mailbox()
        }
        None if says(&["full", "quota"]) => t.mailbox_full(),
        _ => t.mail_server_refused(),
    }
}

/// Rounded up to the minute: whoever comes at the time given does not come too early.
fn again(t: Language, cooldown: Duration, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> Html {
    let at = TimeDelta::from_std(cooldown)
        .ok()
        .and_then(|wait| wait.checked_add(&TimeDelta::seconds(59)))
        .and_then(|wait| asked_at.checked_add_signed(wait));
    match at {
        _ if cooldown.is_zero() => Html::text(&t.again_at_any_time()),
        Some(at) if at <= now => Html::text(&t.again_at_any_time()),
        Some(at) => {
            let same_day = at.date_naive() == now.date_naive();
            let time = if same_day { t.time(at.time()) } else { t.time_and_date(at) };
            let element = format!("time datetime=\"{}\"", at.to_rfc3339_opts(SecondsFormat::Secs, true));
            t.again_after(&Html::within(&element, &time), &Html::text(&t.span(at - now)))
        }
        None => Html::text(&t.again_later()),
    }
}

/// How many wait before this one.
fn before(t: Language, count: u64) -> String {
    match count {
        0 => t.none_before(),
        1 => t.one_before(),
        count => t.many_before(count),
    }
}

/// Why it came to nothing.
fn ended(t: Language, reason: Option<Reason>) -> String {
    match reason {
        Some(Reason::RefusedByOperator) => t.refused_without_reason(),
        Some(Reason::Lapsed) => t.lapsed(),
        _ => t.ended_otherwise(),
    }
}

fn heading(t: Language, receipt: &Receipt) -> String {
    match &receipt.stage {
        Stage::Held { waits: Reason::Unproven, .. } | Stage::Sent | Stage::Opened => t.check_your_email(),
        Stage::Held { waits: Reason::Quota, .. } => t.in_the_queue(),
        Stage::Held { .. } => t.waiting_for_approval(),
        Stage::Queued => t.sending_email(),
        Stage::Failed(_) => t.email_failed(),
        Stage::Created => t.account_created(),
        Stage::Ended(_) => t.request_ended(),
    }
}

/// What has become of it, in one sentence.
fn told(look: &Look, receipt: &Receipt, mxid: &Html, email: &Html) -> Html {
    let t = look.language;
    match &receipt.stage {
        Stage::Held { waits: Reason::Unproven, .. } => {
            t.prove_first(mxid, &Html::text(look.settings.homeserver.as_str()), email)
        }
        Stage::Held { waits: Reason::Quota, before } => {
            t.queued_for(mxid, &Html::text(&look.reset_time()), email, before + 1)
        }
        Stage::Held { .. } => {
            let homeserver = Html::text(look.settings.homeserver.as_str());
            if look.has_link() {
                t.held_link(mxid, &homeserver, email)
            } else {
                t.held(mxid, &homeserver, email)
            }
        }
        Stage::Queued => t.email_goes_to(mxid, email),
        Stage::Sent | Stage::Opened => t.email_went_to(mxid, email),
        Stage::Failed(_) => t.email_did_not_go_to(mxid, email),
        Stage::Created => t.account_is_there(mxid),
        Stage::Ended(_) => t.request_was_for(mxid),
    }
}

fn steps(t: Language, receipt: &Receipt, now: DateTime<Utc>) -> Vec<Step> {
    let step = |state, what, at: Option<DateTime<Utc>>| {
        let told = |at: DateTime<Utc>| {
            let same_day = at.date_naive() == now.date_naive();
            let time = if same_day { t.time(at.time()) } else { t.time_and_date(at) };
            (time, at.to_rfc3339_opts(SecondsFormat::Secs, true))
        };
        Step { state, what, at: at.map(told) }
    };
    let of = &receipt.of;
    let (sent_at, opened_at) = (of.letter_ended_at, of.opened_at);
    let asked = step("done", t.step_asked(), Some(of.received_at));
    let sent = step("done", t.step_sent(), sent_at);
    let still = |what| step("to-come", what, None);
    match &receipt.stage {
        Stage::Held { waits: Reason::Unproven, .. } => {
            vec![
                asked,
                step("now", t.open_and_confirm(), None),
                still(t.step_to_send()),
                still(t.step_account()),
            ]
        }
        Stage::Held { .. } => {
            vec![
                asked,
                step("now", t.waiting_for_approval(), None),
                still(t.step_to_send()),
                still(t.step_account()),
            ]
        }
        Stage::Queued => vec![asked, step("now", t.step_to_send(), None), still(t.step_account())],
        Stage::Sent => vec![asked, sent, step("now", t.step_account(), None)],
        Stage::Opened => {
            vec![asked, sent, step("done", t.step_opened(), opened_at), step("now", t.step_account(), None)]
        }
        Stage::Failed(_) => vec![asked, step("failed", t.step_failed(), sent_at)],
        Stage::Created => {
            let opened = opened_at.map(|at| step("done", t.step_opened(), Some(at)));
            let created = step("done", t.step_created(), of.made_at);
            [asked, sent].into_iter().chain(opened).chain([created]).collect()
        }
        Stage::Ended(_) => vec![asked, step("failed", t.request_ended(), None)],
    }
}

/// What is said beside.
fn more(look: &Look, receipt: &Receipt) -> Vec<String> {
    let t = look.language;
    match &receipt.stage {
        Stage::Held { waits: Reason::Unproven, .. } => vec![t.check_spam()],
        Stage::Held { waits: Reason::Quota, .. } => vec![t.queue_how_long()],
        Stage::Held { before: count, .. } => vec![before(t, *count), t.wait_how_long()],
        Stage::Sent if look.settings.trial => Vec::new(),
        Stage::Sent => vec![t.there_within_minutes(), t.check_spam()],
        Stage::Failed(answer) => vec![failure(t, answer.as_deref())],
        Stage::Ended(reason) => vec![ended(t, *reason)],
        Stage::Queued | Stage::Opened | Stage::Created => Vec::new(),
    }
}

fn mxid(look: &Look, receipt: &Receipt) -> Mxid {
    Mxid { localpart: receipt.of.username.clone(), server: look.settings.homeserver.clone() }
}

/// The receipt. `refused`: what was typed to correct it, in which field, and why that is not taken. `still`: it does not renew
/// itself, since somebody types.
pub fn receipt_page(
    look: &Look,
    secret: &LinkSecret,
    receipt: &Receipt,
    refused: Option<(Field, &str, &Refusal)>,
    still: bool,
    now: DateTime<Utc>,
) -> String {
    let (t, of) = (look.language, &receipt.of);
    let mxid = mxid(look, receipt);
    let email = Html::within("bdi class=\"address\"", &of.email);
    let correction = |field, path, now: &str| {
        let refused = refused.filter(|(its, _, _)| *its == field);
        let value = refused.map_or(now, |(_, typed, _)| typed).to_owned();
        Correction {
            path,
            field,
            value,
            error: refused.map(|(_, _, refusal)| refused_message(look, refusal)),
        }
    };
    let corrections = if receipt.is_correctable || refused.is_some() {
        let (email, name) = (of.email.as_str(), of.username.as_str());
        vec![correction(Field::Email, "address", email), correction(Field::Username, "name", name)]
    } else {
        Vec::new()
    };
    let corrects = still || refused.is_some();
    let renew = if receipt.stage == Stage::Queued { RENEW_SOON } else { RENEW_LATER };
    let was_sent = matches!(receipt.stage, Stage::Sent | Stage::Opened);
    rendered(&ReceiptPage {
        frame: Frame::of(look),
        stage: receipt.stage.word(),
        heading: heading(t, receipt),
        text: told(look, receipt, &Html::within("span class=\"mxid\"", &mxid.to_string()), &email),
        more: more(look, receipt),
        steps: steps(t, receipt, now),
        email: was_sent.then(|| (look.sender(), look.subject(&mxid))),
        again: was_sent.then(|| again(t, look.settings.email_cooldown, of.received_at, now)),
        corrections,
        corrects,
        renew: (!corrects && !receipt.stage.is_last()).then_some(renew),
        receipt: secret.reveal(),
    })
}

#[derive(Serialize)]
struct Progress<'a> {
    status: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    correctable: bool,
    done: bool,
}

/// The same for scripts: `{"status", "message", "before", "correctable", "done"}`.
pub fn receipt_json(look: &Look, receipt: &Receipt) -> String {
    let before = match receipt.stage {
        Stage::Held { before, .. } => Some(before),
        _ => None,
    };
    let sentences = std::iter::once(heading(look.language, receipt) + ".").chain(more(look, receipt));
    json::line(&Progress {
        status: receipt.stage.word(),
        message: sentences.collect::<Vec<_>>().join(" "),
        before,
        correctable: receipt.is_correctable,
        done: receipt.stage.is_last(),
    })
}
