//! The page with the form: open, closed, and given back with what was typed after a refusal.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::config::{Approval, Question};
use crate::domain::{Closed, Field, LONGEST_ANSWER, Refusal, is_unseen};
use crate::text::{Html, Language};

use super::json::refused_message;
use super::look::{Frame, Look};
use super::rendered;

/// What the applicant typed, as it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed<'a> {
    /// `requested_username`
    pub username: &'a str,
    /// `email`
    pub email: &'a str,
    /// The address that is probably meant instead: both can be taken with one press.
    pub likely_meant: Option<&'a str>,
    /// `answer`
    pub answer: &'a str,
    /// Whether the box was ticked.
    pub terms: bool,
}

/// `GET /`: the form, or why there is none and until when.
pub fn front_page(look: &Look, closed: Option<Closed>, now: DateTime<Utc>) -> String {
    let mut page = FormPage::new(look, State::at(look, closed, now), now);
    page.form_shown = closed.is_none();
    rendered(&page)
}

/// The form once more, with what was typed, the message beside the field that it concerns, and focus there. `closed` is
/// the state of the desk: a request may be malformed while it is closed.
pub fn refused_page<'a>(
    look: &'a Look,
    typed: Typed<'a>,
    refusal: &Refusal,
    closed: Option<Closed>,
    now: DateTime<Utc>,
) -> String {
    let closed = match refusal {
        Refusal::Closed(closed, _) => Some(*closed),
        _ => closed,
    };
    let mut page = FormPage::new(look, State::at(look, closed, now), now);
    page.refused = true;
    page.username.value = visible(typed.username);
    page.email.value = visible(typed.email);
    page.likely_meant = typed.likely_meant;
    page.answer.value =
        typed.answer.chars().filter(|c| *c == '\n' || !(c.is_control() || is_unseen(*c))).collect();
    page.agreed.value = if typed.terms { "on".into() } else { String::new() };
    match refusal {
        Refusal::Malformed { problems } => {
            for (field, flaw) in problems {
                page.input(*field).add_error(&look.language.flaw(flaw));
            }
        }
        _ => {
            if let Some(field) = refusal.field() {
                page.input(field).add_error(&refused_message(look, refusal));
            }
        }
    }
    if let Some(first) = Field::ALL.into_iter().find(|field| page.input(*field).has_error()) {
        page.input(first).focus = true;
    } else if matches!(refusal, Refusal::Closed(..)) {
        page.state.focus = true;
    } else {
        page.alert = Some(refused_message(look, refusal));
    }
    rendered(&page)
}

/// The form as a static site has it: there in any case, with what a script needs to ask the desk at `desk`.
pub(super) fn static_page(look: &Look, desk: &str, policy: String) -> String {
    let frame = Frame { root: String::new(), languages: Vec::new(), policy: Some(policy), ..Frame::of(look) };
    let state = State { closed: false, text: String::new(), closes_at: None, opens_at: None, focus: false };
    rendered(&FormPage { frame, desk: desk.to_owned(), now: None, ..FormPage::bare(look, state) })
}

/// What was typed, without the characters that show nothing, or turn the text around them: nobody could find and mend
/// them in the field.
fn visible(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_control() && !is_unseen(*c)).collect()
}

/// Whether the operator looks at every request.
fn is_approved_by_hand(look: &Look) -> bool {
    look.settings.approval == Approval::Manual
}

fn email_when(look: &Look) -> String {
    let t = look.language;
    let when = match (is_approved_by_hand(look), look.has_link()) {
        (true, true) => t.link_once_approved(),
        (true, false) => t.email_once_approved(),
        (false, true) => t.link_within_minutes(),
        (false, false) => t.email_within_minutes(),
    };
    format!("{when} {}", look.token_works())
}

/// That a person decides, and that there is something to answer, or to agree to.
fn beforehand(look: &Look) -> String {
    let t = look.language;
    let mut said = Vec::new();
    if is_approved_by_hand(look) {
        said.push(t.approved_by_hand());
    }
    if look.settings.question.as_ref().is_some_and(|question| question.required) {
        said.push(t.question_to_answer());
    }
    if look.settings.terms.is_some() {
        said.push(t.terms_to_agree());
    }
    said.join(" ")
}

/// What is kept, as the settings have it.
fn privacy(look: &Look) -> String {
    let (t, settings) = (look.language, &look.settings);
    let (kept, all) = (&settings.retention, settings.retention_days);
    let after = |days: u32, say: fn(Language, u32) -> String| (days > 0).then(|| say(t, days));
    let asks = settings.question.is_some();
    let ip = match kept.ip {
        Some(days) => after(days, |t, days| t.privacy_ip(days)),
        None => after(all, |t, days| t.privacy_ip_at_once(days)),
    };
    let said = [
        Some(t.privacy_kept()),
        asks.then(|| t.privacy_answer()),
        ip,
        after(kept.refused.unwrap_or(all), |t, days| t.privacy_refused(days)),
        after(kept.answers, |t, days| t.privacy_answers(days)).filter(|_| asks),
        after(kept.addresses, |t, days| t.privacy_addresses(days)),
        Some(t.privacy_ask()),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// One input of the form.
#[derive(Default)]
struct Input {
    value: String,
    error: String,
    focus: bool,
}

impl Input {
    fn add_error(&mut self, text: &str) {
        if !self.error.is_empty() {
            self.error.push(' ');
        }
        self.error.push_str(text);
    }

    fn has_error(&self) -> bool {
        !self.error.is_empty()
    }
}

/// Open or closed, and until when.
struct State {
    closed: bool,
    text: String,
    closes_at: Option<String>,
    opens_at: Option<String>,
    focus: bool,
}

impl State {
    fn at(look: &Look, closed: Option<Closed>, now: DateTime<Utc>) -> Self {
        let closes_at = look.settings.schedule.closes_at(now).filter(|_| closed.is_none());
        let opens_at = match closed {
            Some(Closed::Downtime { until }) => Some(until),
            _ => None,
        };
        Self {
            closed: closed.is_some(),
            text: look.state(closed, closes_at),
            closes_at: closes_at.map(instant),
            opens_at: opens_at.map(instant),
            focus: false,
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The box that is to be ticked.
struct TermsBox<'a> {
    version: &'a str,
    text: Html,
    /// Where the operator's own words name no page.
    link: Option<Html>,
}

#[derive(askama::Template)]
#[template(path = "page_form.html")]
struct FormPage<'a> {
    frame: Frame<'a>,
    /// What paths of the desk begin with, or the desk's URL on a static site.
    desk: String,
    /// The desk's time to the millisecond, against which the script sets the browser's.
    now: Option<String>,
    state: State,
    form_shown: bool,
    refused: bool,
    alert: Option<String>,
    username: Input,
    email: Input,
    likely_meant: Option<&'a str>,
    question: Option<&'a Question>,
    answer: Input,
    terms: Option<TermsBox<'a>>,
    agreed: Input,
    homeserver_name: Html,
    signs: Html,
    how_to_create: Html,
    /// When the email comes.
    email_when: String,
    /// What is to be known before the form is filled in.
    beforehand: String,
    send: String,
    email_hint: String,
    longest_answer: usize,
    /// What is kept of applicants, and how long.
    privacy: String,
}

impl<'a> FormPage<'a> {
    fn bare(look: &'a Look, state: State) -> Self {
        let server = look.settings.homeserver.as_str();
        Self {
            frame: Frame::of_answer(look),
            desk: look.settings.public_path().to_owned(),
            now: None,
            state,
            form_shown: true,
            refused: false,
            alert: None,
            username: Input::default(),
            email: Input::default(),
            likely_meant: None,
            question: look.settings.question.as_ref(),
            answer: Input::default(),
            terms: look.settings.terms.as_ref().map(|terms| TermsBox {
                version: &terms.version,
                text: match &terms.text {
                    Some(text) => Html::text(text),
                    None => look.language.i_agree(&Html::link(&terms.url, &look.language.the_terms())),
                },
                link: terms.text.is_some().then(|| Html::link(&terms.url, &look.language.read_the_terms())),
            }),
            agreed: Input::default(),
            homeserver_name: Html::within("span class=\"name\"", server),
            signs: Html::within("span class=\"signs\"", ". _ = - / +"),
            how_to_create: look.how_to_create(),
            email_when: email_when(look),
            beforehand: beforehand(look),
            send: match (is_approved_by_hand(look), look.has_link()) {
                (true, _) => look.language.ask_for_account(),
                (false, true) => look.language.send_me_a_link(),
                (false, false) => look.language.send_me_a_token(),
            },
            email_hint: if look.has_link() { look.language.link_hint() } else { look.language.email_hint() },
            longest_answer: LONGEST_ANSWER,
            privacy: privacy(look),
        }
    }

    fn new(look: &'a Look, state: State, now: DateTime<Utc>) -> Self {
        Self { now: Some(now.to_rfc3339_opts(SecondsFormat::Millis, true)), ..Self::bare(look, state) }
    }

    fn input(&mut self, field: Field) -> &mut Input {
        match field {
            Field::Username => &mut self.username,
            Field::Email => &mut self.email,
            Field::Answer => &mut self.answer,
            Field::Terms => &mut self.agreed,
        }
    }
}
