//! `POST /register`: from the form to the answer, which may be made on another thread than the one that took it.

use std::sync::Arc;
use std::time::Instant;

use crate::alarms::Trouble;
use crate::config::Settings;
use crate::desk::{Knock, Looked, PATIENCE};
use crate::domain::{Channel, Mxid, Refusal, TokenRequest, Verdict};
use crate::store::StoreError;

use super::form::Form;
use super::hall::Hall;
use super::origin::Provenance;
use super::pages::{self, Format, Typed};
use super::replies::{self, COME_BACK, Unreadable, format_of};
use super::server::{Request, Responder, Response};

/// An applicant who waits for the answer. Dropped without one, they get a 503.
struct Applicant {
    form: Form,
    format: Format,
    responder: Responder,
}

impl Hall {
    /// Takes a request in. Answers at once what memory alone can decide.
    pub(super) fn register(self: &Arc<Self>, request: &Request, responder: Responder) {
        let desk = &self.desk;
        let ip = self.client(request);
        let knock = desk.knock(ip);
        let (format, settings) = match self.read_post(request) {
            Ok(read) => read,
            Err((status, format)) => return responder.send(self.error(status, format)),
        };
        let applicant = Applicant { form: Form::read(&request.body), format, responder };
        let provenance = Provenance {
            fetch_site: request.headers.text("sec-fetch-site"),
            origin: request.headers.text("origin"),
            host: request.headers.text("host"),
            public_url: settings.public_url.as_deref(),
            allowed: &settings.allowed_origins,
        };
        let form = &applicant.form;
        let read = if provenance.is_cross_site() {
            Err(Refusal::CrossSite)
        } else {
            form.request(&settings.homeserver, ip, desk.now())
        };
        let token_request = match read {
            Ok(token_request) => token_request,
            Err(refusal) => {
                let verdict = desk.turn_away(Channel::Web, Some(ip), &form.username, &form.email, refusal);
                return self.tell(applicant, None, &verdict);
            }
        };
        if let Some(verdict) = desk.at_the_door(&token_request, &knock) {
            return self.tell(applicant, Some(&token_request), &verdict);
        }
        let deadline = self.clock.monotonic() + PATIENCE;
        let hall = Arc::clone(self);
        self.lookers.take_on(move || hall.look(applicant, token_request, &knock, deadline));
    }

    /// How the answer is to look, and the settings; else the HTTP status of what is wrong, and how that is to look.
    fn read_post(&self, request: &Request) -> Result<(Format, Arc<Settings>), (u16, Format)> {
        let format = format_of(&request.headers).map_err(|Unreadable| (400, Format::Html))?;
        for name in ["host", "origin", "sec-fetch-site", "content-type"] {
            if request.headers.all(name).any(|value| !value.is_ascii()) {
                return Err((400, format));
            }
        }
        let content_type = request.headers.text("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err((415, format));
        }
        Ok((format, self.desk.premises().settings.load_full()))
    }

    /// Has the desk look into the store, and answers or has the homeserver asked.
    fn look(self: &Arc<Self>, applicant: Applicant, request: TokenRequest, knock: &Knock, deadline: Instant) {
        let case = match self.desk.look(request.clone(), knock) {
            Ok(Looked::Ask(case)) => case,
            Ok(Looked::Decided(verdict)) => return self.tell(applicant, Some(&request), &verdict),
            Err(error) => return self.tell_not_kept(applicant, &error),
        };
        let hall = Arc::clone(self);
        self.askers.take_on(move || match hall.desk.decide(case, deadline) {
            Ok(verdict) => hall.tell(applicant, Some(&request), &verdict),
            Err(error) => hall.tell_not_kept(applicant, &error),
        });
    }

    fn tell(&self, applicant: Applicant, request: Option<&TokenRequest>, verdict: &Verdict) {
        let answer = self.answer(verdict, &applicant.form, request, applicant.format);
        applicant.responder.send(answer);
    }

    /// The request is not on disk, so it is not acknowledged.
    fn tell_not_kept(&self, applicant: Applicant, error: &StoreError) {
        self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
        let answer = self.error(503, applicant.format).header("retry-after", COME_BACK);
        applicant.responder.send(answer);
    }

    fn answer(
        &self,
        verdict: &Verdict,
        form: &Form,
        request: Option<&TokenRequest>,
        format: Format,
    ) -> Response {
        let look = self.look.load();
        let settings = self.desk.premises().settings.load();
        let now = self.desk.now();
        let mxid = |request: &TokenRequest| Mxid {
            localpart: request.username.clone(),
            server: settings.homeserver.clone(),
        };
        let (html, message) = match (verdict, request) {
            (Verdict::Accepted, Some(request)) => {
                let mxid = mxid(request);
                let letter_waits = self.desk.letter_waits(&request.email, now);
                let message = pages::accepted_message(&look, &mxid, &request.email, letter_waits);
                let cooldown = settings.email_cooldown;
                (pages::accepted_page(&look, &mxid, &request.email, cooldown, letter_waits, now), message)
            }
            (Verdict::Held(_), Some(request)) => {
                let mxid = mxid(request);
                let page = pages::held_page(&look, &mxid, &request.email);
                (page, pages::held_message(&look, &mxid, &request.email))
            }
            (Verdict::Refused(refusal), _) => {
                let typed = Typed { username: &form.username, email: &form.email };
                (
                    pages::refused_page(&look, typed, refusal, self.desk.closed(now), now),
                    pages::refused_message(refusal),
                )
            }
            // Only what was a request can be accepted.
            (Verdict::Accepted | Verdict::Held(_), None) => return self.error(500, format),
        };
        let body = match format {
            Format::Json => pages::verdict_json(&look, verdict, &message),
            Format::Html => html,
        };
        let response = replies::answer(verdict.http_status(), format, body).header("vary", "accept");
        match verdict {
            Verdict::Refused(refusal) => match refusal.retry_after() {
                Some(wait) => response.header("retry-after", pages::retry_after_seconds(wait).to_string()),
                None => response,
            },
            Verdict::Accepted | Verdict::Held(_) => response,
        }
    }
}
