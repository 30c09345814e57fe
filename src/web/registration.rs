//! `POST /register`: from the form to the answer.

use std::sync::Arc;

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::config::Settings;
use crate::desk::{Knock, Looked, PATIENCE, Stage};
use crate::domain::{
    Channel, Field, Flaw, LinkSecret, Localpart, Mxid, Reason, Receipt, Refusal, TokenRequest, Verdict,
};

use super::form::Form;
use super::hall::Hall;
use super::origin::Provenance;
use super::pages::{self, Format, Look, Typed, Waits};
use super::replies::{self, Unreadable, format_of, is_form};
use super::server::{Request, Response, WithHeader as _};

/// So hard a receipt is to guess.
const RECEIPT_BITS: usize = 128;

impl Hall {
    /// Takes a request in, and decides it. None: too many wait already.
    pub(super) async fn register(self: &Arc<Self>, request: &Request, knock: Knock) -> Option<Response> {
        let desk = &self.desk;
        let ip = self.client(request);
        let (format, settings) = match self.read_post(request) {
            Ok(read) => read,
            Err((status, format)) => return Some(self.error(request, status, format)),
        };
        let look = self.look(request);
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
            form.request(&settings.homeserver, settings.terms.as_ref(), look.language, ip, desk.now())
        };
        let read = read.and_then(|asked| self.likely_meant(&mut form, asked));
        let secret = LinkSecret::generate(&mut UnwrapErr(SysRng), RECEIPT_BITS);
        let asked = match read {
            Ok(asked) => {
                TokenRequest { receipt: Some(Receipt { hash: secret.hash(), corrects: None }), ..asked }
            }
            Err(refusal) => {
                let verdict = desk.turn_away(Channel::Web, Some(ip), &form.username, &form.email, refusal);
                return Some(self.refused(&look, &verdict, &form, request, format));
            }
        };
        Some(match self.decided(&asked, knock).await? {
            Some(verdict @ Verdict::Refused(_)) => self.refused(&look, &verdict, &form, request, format),
            Some(verdict) => self.taken(&look, &verdict, &asked, &secret, format).await?,
            None => self.error(request, 503, format),
        })
    }

    /// Has a request decided. None: too many wait already. The inner one: it could not be written down, so it is not
    /// acknowledged.
    pub(super) async fn decided(
        self: &Arc<Self>,
        asked: &TokenRequest,
        knock: Knock,
    ) -> Option<Option<Verdict>> {
        let desk = &self.desk;
        // What memory alone can decide is answered at once.
        if let Some(verdict) = desk.at_the_door(asked, &knock) {
            return Some(Some(verdict));
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
        Some(self.of_store(decided))
    }

    /// Asks once about an address that looks like a slip of the keyboard.
    fn likely_meant(&self, form: &mut Form, asked: TokenRequest) -> Result<TokenRequest, Refusal> {
        let meant = self.slips.likely_meant(&asked.email).filter(|_| !form.is_confirmed);
        let Some(meant) = meant else { return Ok(asked) };
        let slip = Flaw::Slip { meant: meant.clone(), typed: asked.email.as_typed().to_owned() };
        form.likely_meant = Some(meant);
        Err(Refusal::Malformed { problems: vec![(Field::Email, slip)] })
    }

    /// How the answer is to look, and the settings; else the HTTP status of what is wrong, and how that is to look.
    pub(super) fn read_post(&self, request: &Request) -> Result<(Format, Arc<Settings>), (u16, Format)> {
        let format = format_of(request).map_err(|Unreadable| (400, Format::Html))?;
        for name in ["host", "origin", "sec-fetch-site", "content-type"] {
            if request.all(name).any(|value| !value.is_ascii()) {
                return Err((400, format));
            }
        }
        if !is_form(request) {
            return Err((415, format));
        }
        Ok((format, self.desk.premises().settings.load_full()))
    }

    /// The answer to what was accepted or held: for browsers its receipt. None: too many wait already.
    pub(super) async fn taken(
        self: &Arc<Self>,
        look: &Look,
        verdict: &Verdict,
        request: &TokenRequest,
        secret: &LinkSecret,
        format: Format,
    ) -> Option<Response> {
        let settings = &look.settings;
        let path = format!("/request/{}", secret.reveal());
        let below = format!("{}{path}", settings.public_path());
        if format == Format::Html {
            return Some(replies::see_other(look, &below).with("vary", "accept"));
        }
        let (desk, email, its) = (Arc::clone(&self.desk), request.email.clone(), secret.clone());
        let stands = move || Ok((desk.receipt(&its)?, desk.letter_waits(&email, desk.now())));
        let stands = self.lookers.have_done(stands).await?;
        let (receipt, letter_waits) = self.of_store(stands).unwrap_or_default();
        let localpart = Localpart::from_stored(request.shown_name().to_owned());
        let mxid = Mxid { localpart, server: settings.homeserver.clone() };
        let message = match verdict {
            Verdict::Accepted => pages::accepted_message(look, &mxid, &request.email, letter_waits),
            Verdict::Held(reason) => {
                let waits = match (reason, receipt.map(|receipt| receipt.stage)) {
                    (Reason::Unproven, _) => Waits::ForProof,
                    (Reason::Quota, Some(Stage::Held { before, .. })) => Waits::InQueue(before + 1),
                    (Reason::Quota, _) => Waits::InQueue(1),
                    _ => Waits::ForOperator,
                };
                pages::held_message(look, &mxid, &request.email, waits)
            }
            Verdict::Refused(refusal) => pages::refused_message(look, refusal),
        };
        let status_url = settings.public(&path).unwrap_or(below);
        let body = pages::verdict_json(look, verdict, &message, Some(&status_url));
        Some(replies::answer(look, verdict.http_status(), format, body).with("vary", "accept"))
    }

    /// The form once more, and why.
    fn refused(
        &self,
        look: &Look,
        verdict: &Verdict,
        form: &Form,
        request: &Request,
        format: Format,
    ) -> Response {
        let Verdict::Refused(refusal) = verdict else { return self.error(request, 500, format) };
        let now = self.desk.now();
        let typed = Typed {
            username: &form.username,
            email: &form.email,
            likely_meant: form.likely_meant.as_deref(),
            answer: &form.answer,
            terms: !form.terms.is_empty(),
        };
        replies::refusal(look, refusal, format, || {
            pages::refused_page(look, typed, refusal, self.desk.closed(now), now)
        })
    }
}
