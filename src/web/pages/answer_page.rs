//! The answers to a request that was not refused.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{EmailAddress, Mxid, in_words};

use super::look::{Frame, Look};
use super::rendered;

/// The applicant's text of an accepted request, for JSON. `letters_wait`: the letter cannot go out at once.
pub fn accepted_message(look: &Look, mxid: &Mxid, email: &EmailAddress, letters_wait: bool) -> String {
    let way = if letters_wait {
        format!(
            "The registration token for {mxid} goes to {email}. It may take a while: letters wait at the moment."
        )
    } else {
        format!("The registration token for {mxid} is on its way to {email}.")
    };
    format!("{way} The letter comes from {} with the subject “{}”.", look.sender(), look.subject(mxid))
}

/// The applicant's text of a held request, for JSON.
pub fn held_message(mxid: &Mxid, email: &EmailAddress) -> String {
    format!(
        "Your request for {mxid} is noted. A person looks at it first; once it is approved, the registration token \
             goes to {email}."
    )
}

#[derive(askama::Template)]
#[template(path = "page_answer.html")]
struct AnswerPage<'a> {
    frame: Frame<'a>,
    held: bool,
    letters_wait: bool,
    mxid: String,
    localpart: &'a str,
    email: &'a str,
    sender: String,
    subject: String,
    client_url: &'a str,
    client_name: &'a str,
    token_works: String,
    again: Again,
}

/// When asking again with the same name and address gives another letter.
struct Again {
    at: String,
    words: String,
}

impl<'a> AnswerPage<'a> {
    fn new(look: &'a Look, mxid: &'a Mxid, email: &'a EmailAddress, now: DateTime<Utc>) -> Self {
        Self {
            frame: Frame::of(look),
            held: false,
            letters_wait: false,
            mxid: mxid.to_string(),
            localpart: mxid.localpart.as_str(),
            email: email.as_typed(),
            sender: look.sender(),
            subject: look.subject(mxid),
            client_url: &look.client_url,
            client_name: look.client_name(),
            token_works: look.token_works(),
            again: Again::after(Duration::ZERO, now),
        }
    }
}

impl Again {
    fn after(cooldown: Duration, now: DateTime<Utc>) -> Self {
        let wait = TimeDelta::from_std(cooldown).ok().filter(|wait| now.checked_add_signed(*wait).is_some());
        match wait {
            Some(wait) if wait.is_zero() => Self { at: String::new(), words: "at any time".into() },
            // Rounded up to the minute: whoever comes at the time given does not come too early.
            Some(wait) => {
                let at = now + wait + TimeDelta::seconds(59);
                let day =
                    if at.date_naive() == now.date_naive() { "%H:%M UTC" } else { "%H:%M UTC on %-d %B" };
                Self {
                    at: at.format("%Y-%m-%dT%H:%M:00Z").to_string(),
                    words: format!(
                        "after {} (in {})",
                        at.format(day),
                        in_words(wait + TimeDelta::seconds(59))
                    ),
                }
            }
            None => Self { at: String::new(), words: "later".into() },
        }
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
    let again = Again::after(cooldown, now);
    rendered(&AnswerPage { letters_wait, again, ..AnswerPage::new(look, mxid, email, now) })
}

/// The answer to a request that a person has to look at first.
pub fn held_page(look: &Look, mxid: &Mxid, email: &EmailAddress, now: DateTime<Utc>) -> String {
    rendered(&AnswerPage { held: true, ..AnswerPage::new(look, mxid, email, now) })
}
