//! `/signup/SECRET`: what the link in an email leads to. GET shows, however often; POST makes the account.

use std::sync::Arc;

use hyper::Method;
use zeroize::Zeroize as _;

use crate::desk::PATIENCE;
use crate::domain::{LinkSecret, Password, Refusal};
use crate::signup::{Asked, Led, Opened, Outcome, WhyNot};

use super::hall::Hall;
use super::pages::{self, Format, Look};
use super::replies::{self, format_or_html, is_form};
use super::server::{Request, Response, WithHeader as _};

/// When to come again where nobody says.
const COME_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);

/// The fields of the form.
#[derive(Default)]
struct Form {
    username: Option<String>,
    password: Option<Password>,
    agreed: bool,
}

impl Form {
    /// Reads a body, and overwrites it.
    fn read(mut body: Vec<u8>) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(&body) {
            match &*name {
                "username" => form.username = Some(value.into_owned()),
                "password" => form.password = Password::new(value.into_owned()),
                "terms" => form.agreed = !matches!(&*value, "" | "false" | "0" | "no" | "off"),
                _ => {}
            }
        }
        body.zeroize();
        form
    }
}

impl Hall {
    /// None: too many wait already.
    pub(super) async fn sign_up(self: &Arc<Self>, mut request: Request, secret: &str) -> Option<Response> {
        let format = format_or_html(&request);
        let Some(secret) = LinkSecret::parse(secret) else { return Some(self.error(&request, 404, format)) };
        let look = self.look_by(&secret, &request).await?;
        let own = Arc::clone(self);
        let answer = if request.head.method == Method::POST {
            if !is_form(&request) {
                return Some(self.error(&request, 415, format));
            }
            let ip = self.client(&request);
            let Form { username, password, agreed } = Form::read(std::mem::take(&mut request.body));
            let asked = Asked { username, password, agreed, ip };
            let done = self.makers.have_done(move || {
                let deadline = own.clock.monotonic() + PATIENCE;
                let outcome = own.sign_ups.make(&secret, &asked, &|guest, name, chosen| {
                    own.desk.judge_sign_up(guest, name, chosen, asked.ip, deadline)
                });
                (outcome, asked.username)
            });
            let (outcome, typed) = done.await?;
            outcome.map(|outcome| self.sign_up_outcome(&look, &outcome, typed.as_deref(), &request, format))
        } else {
            let is_seen = request.head.method == Method::GET;
            let led = self.lookers.have_done(move || own.sign_ups.open(&secret, is_seen)).await?;
            led.map(|led| self.led(&look, &led, &request, format))
        };
        Some(self.of_store(answer).unwrap_or_else(|| self.error(&request, 503, format)))
    }

    fn sign_up_outcome(
        &self,
        look: &Look,
        outcome: &Outcome,
        typed: Option<&str>,
        request: &Request,
        format: Format,
    ) -> Response {
        match outcome {
            Outcome::Created(mxid) => {
                let body = match format {
                    Format::Json => pages::created_json(look, mxid),
                    Format::Html => pages::created_page(look, mxid),
                };
                replies::answer(look, 200, format, body)
            }
            Outcome::Led(led) => self.led(look, led, request, format),
            Outcome::Not(opened, why) => not_created(look, opened, why, typed, format),
        }
    }

    /// Where a link leads that is only looked at.
    fn led(&self, look: &Look, led: &Led, request: &Request, format: Format) -> Response {
        let (status, body) = match (led, format) {
            (Led::Open(opened), Format::Json) => (200, pages::open_json(look, opened)),
            (Led::Open(opened), Format::Html) => (200, pages::sign_up_page(look, opened, None, None)),
            (Led::Used(mxid), format) => (410, pages::used_page(look, mxid, format)),
            (Led::Expired, format) => (410, pages::expired_page(look, format)),
            (Led::Unknown, format) => return self.error(request, 404, format),
        };
        replies::answer(look, status, format, body)
    }
}

fn not_created(look: &Look, opened: &Opened, why: &WhyNot, typed: Option<&str>, format: Format) -> Response {
    let (status, reason, wait) = match why {
        WhyNot::Name(_) | WhyNot::NoPassword => (422, "malformed", None),
        WhyNot::NameTaken | WhyNot::PerhapsYours => (409, "username_unavailable", None),
        WhyNot::WeakPassword(_) => (422, "weak_password", None),
        WhyNot::TermsMissing => (422, "terms", None),
        WhyNot::Refused(refusal @ Refusal::EmailInUse { .. }) => {
            (refusal.http_status(), refusal.code(), None)
        }
        WhyNot::Refused(refusal) => (403, refusal.code(), None),
        WhyNot::TooMany(wait) => (429, "rate_limited", Some(*wait)),
        WhyNot::Waits(wait) => (503, "homeserver_unreachable", Some(*wait)),
        WhyNot::Unreachable => (503, "homeserver_unreachable", Some(COME_AGAIN)),
    };
    let wait = wait.map(pages::retry_after_seconds);
    let body = match format {
        Format::Json => pages::not_created_json(look, reason, why, wait),
        Format::Html => pages::sign_up_page(look, opened, typed, Some(why)),
    };
    let answer = replies::answer(look, status, format, body);
    match wait {
        Some(wait) => answer.with("retry-after", wait.to_string()),
        None => answer,
    }
}
