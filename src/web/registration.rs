//! `POST /register`: from the form to the answer.

use std::sync::Arc;

use crate::alarms::Trouble;
use crate::config::Settings;
use crate::desk::{Looked, PATIENCE};
use crate::domain::{Channel, Field, Mxid, Reason, Refusal, TokenRequest, Verdict};

use super::form::Form;
use super::hall::Hall;
use super::origin::Provenance;
use super::pages::{self, Format, Typed, Waits};
use super::replies::{self, Unreadable, format_of};
use super::server::{Request, Response, WithHeader as _};

impl Hall {
    /// Takes a request in, and decides it. None: too many wait already.
    pub(super) async fn register(self: &Arc<Self>, request: &Request) -> Option<Response> {
        let desk = &self.desk;
        let ip = self.client(request);
        let knock = desk.knock(ip);
        let (format, settings) = match self.read_post(request) {
            Ok(read) => read,
            Err((status, format)) => return Some(self.error(status, format)),
        };
        let mut form = Form::read(&request.body);
        let provenance = Provenance {
            fetch_site: request.text("sec-fetch-site"),
            origin: request.text("origin"),
            host: request.text("host"),
            public_url: settings.public_url.as_deref(),
            allowed: &settings.allowed_origins,
        };
        let read = if provenance.is_cross_site() {
            Err(Refusal::CrossSite)
        } else {
            form.request(&settings.homeserver, settings.terms.as_ref(), ip, desk.now())
        };
        let read = read.and_then(|asked| self.likely_meant(&mut form, asked));
        let asked = match read {
            Ok(asked) => asked,
            Err(refusal) => {
                let verdict = desk.turn_away(Channel::Web, Some(ip), &form.username, &form.email, refusal);
                return Some(self.answer(&verdict, &form, None, format));
            }
        };
        // What memory alone can decide is answered at once.
        if let Some(verdict) = desk.at_the_door(&asked, &knock) {
            return Some(self.answer(&verdict, &form, Some(&asked), format));
        }
        let deadline = self.clock.monotonic() + PATIENCE;
        let (own, looked_for) = (Arc::clone(desk), asked.clone());
        let decided = match self.lookers.have_done(move || own.look(looked_for, &knock)).await? {
            Ok(Looked::Decided(verdict)) => Ok(verdict),
            Ok(Looked::Ask(case)) => {
                let own = Arc::clone(desk);
                self.askers.have_done(move || own.decide(case, deadline)).await?
            }
            Err(error) => Err(error),
        };
        Some(match decided {
            Ok(verdict) => self.answer(&verdict, &form, Some(&asked), format),
            Err(error) => {
                // It is not on disk, so it is not acknowledged.
                desk.premises().alarms.raise(Trouble::Store, error.to_string());
                self.error(503, format)
            }
        })
    }

    /// Asks once about an address that looks like a slip of the keyboard.
    fn likely_meant(&self, form: &mut Form, asked: TokenRequest) -> Result<TokenRequest, Refusal> {
        let meant = self.slips.likely_meant(&asked.email).filter(|_| !form.is_confirmed);
        let Some(meant) = meant else { return Ok(asked) };
        let question = self.look.load().language.did_you_mean(&*meant, asked.email.as_typed());
        form.likely_meant = Some(meant);
        Err(Refusal::Malformed { problems: vec![(Field::Email, question)] })
    }

    /// How the answer is to look, and the settings; else the HTTP status of what is wrong, and how that is to look.
    fn read_post(&self, request: &Request) -> Result<(Format, Arc<Settings>), (u16, Format)> {
        let format = format_of(request).map_err(|Unreadable| (400, Format::Html))?;
        for name in ["host", "origin", "sec-fetch-site", "content-type"] {
            if request.all(name).any(|value| !value.is_ascii()) {
                return Err((400, format));
            }
        }
        let content_type = request.text("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err((415, format));
        }
        Ok((format, self.desk.premises().settings.load_full()))
    }

    /// For what a held request waits.
    fn waits(&self, reason: Reason, request: &TokenRequest) -> Waits {
        if reason == Reason::Unproven {
            Waits::ForProof
        } else if reason == Reason::Quota {
            Waits::InQueue(self.desk.place_in_queue(&request.username).unwrap_or(1))
        } else {
            Waits::ForOperator
        }
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
            (Verdict::Held(reason), Some(request)) => {
                let waits = self.waits(*reason, request);
                let mxid = mxid(request);
                let page = pages::held_page(&look, &mxid, &request.email, waits);
                (page, pages::held_message(&look, &mxid, &request.email, waits))
            }
            (Verdict::Refused(refusal), _) => {
                let typed = Typed {
                    username: &form.username,
                    email: &form.email,
                    likely_meant: form.likely_meant.as_deref(),
                    answer: &form.answer,
                    terms: !form.terms.is_empty(),
                };
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
        let response = replies::answer(verdict.http_status(), format, body).with("vary", "accept");
        match verdict {
            Verdict::Refused(refusal) => match refusal.retry_after() {
                Some(wait) => response.with("retry-after", pages::retry_after_seconds(wait).to_string()),
                None => response,
            },
            Verdict::Accepted | Verdict::Held(_) => response,
        }
    }
}
