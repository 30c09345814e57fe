//! `/request/RECEIPT`: what became of a request, and `…/address`, `…/name`, which correct it.

use std::sync::Arc;

use hyper::Method;

use crate::desk::{Knock, Receipt};
use crate::domain::{self, Channel, Field, LinkSecret, Refusal, TokenRequest, Verdict};

use super::form::Form;
use super::hall::Hall;
use super::origin::says_cross_site;
use super::pages::{self, Format, Look};
use super::replies::{self, format_or_html};
use super::server::{Request, Response, WithHeader as _};

/// The field that is corrected there.
pub(super) fn corrected(tail: &str) -> Option<Field> {
    match tail {
        "address" => Some(Field::Email),
        "name" => Some(Field::Username),
        _ => None,
    }
}

impl Hall {
    /// What is asked for below `/request/`. None: too many wait already.
    pub(super) async fn below_request(
        self: &Arc<Self>,
        path: &str,
        request: &Request,
        knock: Knock,
    ) -> Option<Response> {
        let format = format_or_html(request);
        let (secret, tail) = path.split_once('/').unwrap_or((path, ""));
        let field = corrected(tail);
        let Some(secret) = LinkSecret::parse(secret) else { return Some(self.error(request, 404, format)) };
        if let Some(field) = field
            && request.head.method == Method::POST
        {
            return self.correct(&secret, field, request, knock).await;
        }
        let query = request.head.uri.query().unwrap_or_default();
        let still = field.is_some() || query.split('&').any(|part| part == "still");
        let look = self.look_by(&secret, request).await?;
        Some(match self.receipt(&secret).await? {
            Ok(receipt) => self.shown(&look, &secret, &receipt, still, format),
            Err(status) => self.error(request, status, format),
        })
    }

    /// What this secret shows; else the HTTP status. None: too many wait already.
    async fn receipt(self: &Arc<Self>, secret: &LinkSecret) -> Option<Result<Receipt, u16>> {
        let (desk, secret) = (Arc::clone(&self.desk), secret.clone());
        let found = self.lookers.have_done(move || desk.receipt(&secret)).await?;
        Some(self.of_store(found).ok_or(503).and_then(|found| found.ok_or(404)))
    }

    fn shown(
        &self,
        look: &Look,
        secret: &LinkSecret,
        receipt: &Receipt,
        still: bool,
        format: Format,
    ) -> Response {
        let body = match format {
            Format::Json => pages::receipt_json(look, receipt),
            Format::Html => pages::receipt_page(look, secret, receipt, None, still, self.desk.now()),
        };
        replies::answer(look, 200, format, body).with("vary", "accept")
    }

    /// Another address, or another name: judged as any request.
    async fn correct(
        self: &Arc<Self>,
        secret: &LinkSecret,
        field: Field,
        request: &Request,
        knock: Knock,
    ) -> Option<Response> {
        let desk = &self.desk;
        let ip = self.client(request);
        let (format, settings) = match self.read_post(request) {
            Ok(read) => read,
            Err((status, format)) => return Some(self.error(request, status, format)),
        };
        let receipt = match self.receipt(secret).await? {
            Ok(receipt) => receipt,
            Err(status) => return Some(self.error(request, status, format)),
        };
        let look = self.look_by(secret, request).await?;
        let mut form = Form::read(&request.body);
        let of = &receipt.of;
        let typed = if field == Field::Email {
            form.username = of.username.to_string();
            form.email.clone()
        } else {
            form.email.clone_from(&of.email);
            form.username.clone()
        };
        let refused = |refusal: &Refusal| {
            let now = desk.now();
            replies::refusal(&look, refusal, format, || {
                pages::receipt_page(&look, secret, &receipt, Some((field, &typed, refusal)), true, now)
            })
        };
        let read = if says_cross_site(request) {
            Err(Refusal::CrossSite)
        } else {
            // What they answered and agreed to, they have answered and agreed to.
            form.request(&settings.homeserver, None, look.language, ip, desk.now())
        };
        let asked = match read {
            Ok(asked) => TokenRequest {
                receipt: Some(domain::Receipt { hash: secret.hash(), corrects: Some(of.request) }),
                answer: of.answer.clone(),
                terms: of.terms.clone(),
                ..asked
            },
            Err(refusal) => {
                let verdict =
                    desk.turn_away(Channel::Web, Some(ip), &form.username, &form.email, refusal.clone());
                return Some(match verdict {
                    Verdict::Refused(refusal) => refused(&refusal),
                    Verdict::Accepted | Verdict::Held(_) => self.error(request, 500, format),
                });
            }
        };
        // Nothing new, or nothing to change any more: the receipt says how it stands.
        let is_new = asked.username.as_ref() != Some(&of.username) || asked.email.as_typed() != of.email;
        if !is_new || !receipt.is_correctable {
            return Some(match format {
                Format::Html => back_to(&look, secret),
                Format::Json => self.shown(&look, secret, &receipt, false, format),
            });
        }
        Some(match self.decided(&asked, knock).await? {
            Some(Verdict::Refused(refusal)) => refused(&refusal),
            Some(verdict) => self.taken(&look, &verdict, &asked, secret, format).await?,
            None => self.error(request, 503, format),
        })
    }
}

fn back_to(look: &Look, secret: &LinkSecret) -> Response {
    replies::see_other(look, &format!("{}/request/{}", look.settings.public_path(), secret.reveal()))
}
