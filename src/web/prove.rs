//! `/prove/SECRET`: the page on which an address is proved. `GET` shows, `POST` acts.

use std::sync::Arc;

use hyper::Method;

use crate::desk::Proved;
use crate::domain::{LinkSecret, Mxid, Reason, Verdict};

use super::hall::Hall;
use super::pages::{self, Format};
use super::replies::{self, format_or_html};
use super::server::{Request, Response, WithHeader as _};

impl Hall {
    /// Shows what the link would prove, or proves it.
    pub(super) async fn prove(self: &Arc<Self>, secret: &str, request: &Request) -> Option<Response> {
        let (format, acts) = (format_or_html(request), request.head.method == Method::POST);
        let Some(secret) = LinkSecret::parse(secret) else { return Some(self.error(404, format)) };
        let desk = Arc::clone(&self.desk);
        let found = if acts {
            self.askers.have_done(move || desk.prove(&secret)).await?
        } else {
            self.lookers.have_done(move || desk.look_at_proof(&secret)).await?
        };
        let (look, t) = (self.look.load(), self.look.load().language);
        let answer =
            |status: u16, verdict: Option<Verdict>, title: &str, text: String, button: Option<&str>| {
                let body = match (format, verdict) {
                    (Format::Json, Some(verdict)) => pages::verdict_json(&look, &verdict, &text, None),
                    (Format::Json, None) => pages::told_json(&text),
                    (Format::Html, _) => pages::told_page(&look, title, &text, button),
                };
                let response = replies::answer(status, format, body);
                response.with("vary", "accept")
            };
        let id = |mxid: &Mxid| mxid.to_string();
        let Some(found) = self.of_store(found) else { return Some(self.error(503, format)) };
        Some(match found {
            Proved::Unknown => self.error(404, format),
            Proved::Over => answer(410, None, t.link_over(), t.link_over_what().to_owned(), None),
            Proved::CanBe(mxid) => {
                let text = t.confirm_question(&*id(&mxid));
                answer(200, None, t.confirm_address(), text, Some(t.confirm()))
            }
            Proved::Waits(mxid, reason) => {
                let text = if reason == Reason::Quota {
                    t.confirmed_and_queued(&*id(&mxid))
                } else {
                    t.confirmed_and_waits(&*id(&mxid), mxid.server.as_str())
                };
                let status = if acts { 202 } else { 200 };
                answer(status, Some(Verdict::Held(reason)), t.address_confirmed(), text, None)
            }
            Proved::Accepted(mxid) => {
                let text = t.confirmed_and_accepted(&*id(&mxid));
                answer(200, Some(Verdict::Accepted), t.address_confirmed(), text, None)
            }
            Proved::Refused(refusal) => {
                let (status, text) = (refusal.http_status(), refusal.applicant_text());
                answer(status, Some(Verdict::Refused(refusal)), t.cannot_go_on(), text, None)
            }
        })
    }
}
