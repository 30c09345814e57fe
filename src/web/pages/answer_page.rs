//! The answers to a request that was not refused.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{EmailAddress, Mxid};
use crate::text::{Html, Language};

use super::look::{Frame, Look};
use super::rendered;

/// The applicant's text of an accepted request, for JSON. `letters_wait`: the letter cannot go out at once.
pub fn accepted_message(look: &Look, mxid: &Mxid, email: &EmailAddress, letters_wait: bool) -> String {
    let (t, id) = (look.language, mxid.to_string());
    let (id, email) = (id.as_str(), email.as_typed());
    let way = match (letters_wait, look.has_link()) {
        (true, true) => format!("{} {}", t.link_queued(id, email), t.email_queued_what()),
        (true, false) => format!("{} {}", t.queued(id, email), t.email_queued_what()),
        (false, true) => t.link_on_its_way(id, email),
        (false, false) => t.on_its_way(id, email),
    };
    format!("{way} {}", t.email_from_with_subject(&look.sender(), &look.subject(mxid)))
}

/// For what a request waits that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// A person is to look at it.
    ForOperator,
    /// The day's accounts are given away: in this place of the queue.
    InQueue(u64),
    /// Its address is to be proved first.
    ForProof,
}

/// The applicant's text of a held request, for JSON.
pub fn held_message(look: &Look, mxid: &Mxid, email: &EmailAddress, waits: Waits) -> String {
    let (id, server, email) = (mxid.to_string(), mxid.server.as_str(), email.as_typed());
    match waits {
        Waits::ForOperator if look.has_link() => look.language.held_link(&*id, server, email),
        Waits::ForOperator => look.language.held(&*id, server, email),
        Waits::InQueue(place) => {
            look.language.queued_for(&*id, &place.to_string(), &look.reset_time(), email)
        }
        Waits::ForProof => look.language.prove_first(&*id, server, email),
    }
}

struct Held {
    title: &'static str,
    text: Html,
    next: (&'static str, &'static str),
}

#[derive(askama::Template)]
#[template(path = "page_answer.html")]
struct AnswerPage<'a> {
    frame: Frame<'a>,
    /// What is said of a held request: as a heading, in words, and what comes next.
    held: Option<Held>,
    letters_wait: bool,
    has_link: bool,
    mxid: Html,
    name: Html,
    email: Html,
    sender: String,
    subject: String,
    /// Where the account is made, as a heading and in words.
    where_to_go: (&'static str, Html),
    token_works: String,
    /// When asking again with the same name and address gives another letter.
    again: String,
}

impl<'a> AnswerPage<'a> {
    fn new(look: &'a Look, mxid: &'a Mxid, email: &'a EmailAddress) -> Self {
        let id = |text: &str| Html::within("span class=\"mxid\"", text);
        Self {
            frame: Frame::of(look),
            held: None,
            letters_wait: false,
            has_link: look.has_link(),
            mxid: id(&mxid.to_string()),
            name: id(mxid.localpart.as_str()),
            email: Html::within("bdi class=\"address\"", email.as_typed()),
            sender: look.sender(),
            subject: look.subject(mxid),
            where_to_go: look.where_to_go(),
            token_works: look.token_works(),
            again: String::new(),
        }
    }
}

/// Rounded up to the minute: whoever comes at the time given does not come too early.
fn again(t: Language, cooldown: Duration, now: DateTime<Utc>) -> String {
    let wait = TimeDelta::from_std(cooldown)
        .ok()
        .and_then(|wait| wait.checked_add(&TimeDelta::seconds(59)))
        .filter(|wait| now.checked_add_signed(*wait).is_some());
    match wait {
        _ if cooldown.is_zero() => t.again_at_any_time().to_owned(),
        Some(wait) => {
            let at = now + wait;
            let same_day = at.date_naive() == now.date_naive();
            let time = if same_day { t.time(at.time()) } else { t.time_and_date(at) };
            t.again_after(&time, &t.span(wait))
        }
        None => t.again_later().to_owned(),
    }
}

/// The answer to an accepted request: from whom and with which subject the letter comes, what happens next, and when
/// asking again helps, which is `cooldown` from `now`. `letters_wait`: the letter cannot go out at once.
pub fn accepted_page(
    look: &Look,
    mxid: &Mxid,
    email: &EmailAddress,
    cooldown: Duration,
    letters_wait: bool,
    now: DateTime<Utc>,
) -> String {
    let again = again(look.language, cooldown, now);
    rendered(&AnswerPage { letters_wait, again, ..AnswerPage::new(look, mxid, email) })
}

/// The answer to a request that has to wait.
pub fn held_page(look: &Look, mxid: &Mxid, email: &EmailAddress, waits: Waits) -> String {
    let (t, mut page) = (look.language, AnswerPage::new(look, mxid, email));
    let server = Html::text(mxid.server.as_str());
    page.held = Some(match waits {
        Waits::ForOperator => Held {
            title: t.waiting_for_approval(),
            text: if look.has_link() {
                t.held_link(&page.mxid, &server, &page.email)
            } else {
                t.held(&page.mxid, &server, &page.email)
            },
            next: (t.wait_for_email(), t.wait_how_long()),
        },
        Waits::InQueue(place) => {
            let (place, time) = (Html::text(&place.to_string()), Html::text(&look.reset_time()));
            Held {
                title: t.in_the_queue(),
                text: t.queued_for(&page.mxid, &place, &time, &page.email),
                next: (t.wait_for_email(), t.queue_how_long()),
            }
        }
        Waits::ForProof => Held {
            title: t.check_your_email(),
            text: t.prove_first(&page.mxid, &server, &page.email),
            next: (t.open_and_confirm(), t.check_spam()),
        },
    });
    rendered(&page)
}
