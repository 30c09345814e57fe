//! `/decide/SECRET`, the link in the operator's digest: `GET` shows the request, `POST` decides it.

use std::sync::Arc;

use hyper::Method;

use crate::acts::{self, Door, Matter, NotDone, Opened};
use crate::alarms::Trouble;
use crate::desk::Knock;
use crate::domain::LinkSecret;
use crate::store::{LinkKind, StoreError};

use super::hall::Hall;
use super::pages::{self, Format};
use super::replies::{self, format_or_html};
use super::server::{Request, Response, WithHeader as _};

/// What the operator wants of a request.
enum Wish {
    Approve,
    /// With these words for the applicant, or none.
    Refuse(Option<String>),
}

impl Wish {
    /// As the page's form says it.
    fn read(body: &[u8]) -> Option<Self> {
        let field =
            |name: &str| form_urlencoded::parse(body).find(|(key, _)| key == name).map(|(_, text)| text);
        match field("act")?.as_ref() {
            "approve" => Some(Self::Approve),
            "refuse" => Some(Self::Refuse(field("because").map(std::borrow::Cow::into_owned))),
            _ => None,
        }
    }
}

/// Where a link leads.
enum Led {
    Unknown,
    /// It has ended, or the request was erased.
    Over,
    /// It waits, or what became of it; with what is said to what was done, and the HTTP status for that.
    To(Box<Matter>, u16, Option<String>),
}

impl Hall {
    /// What is asked for below `/decide/`. None: too many wait already.
    pub(super) async fn decide(
        self: &Arc<Self>,
        path: &str,
        request: &Request,
        knock: Knock,
    ) -> Option<Response> {
        let mut format = format_or_html(request);
        let Some(secret) = LinkSecret::parse(path) else { return Some(self.error(404, format)) };
        let mut wish = None;
        if request.head.method == Method::POST {
            match self.read_post(request) {
                Err((status, format)) => return Some(self.error(status, format)),
                Ok(_) if knock.is_too_often() => return Some(self.error(429, format)),
                Ok((read, _)) => format = read,
            }
            wish = Wish::read(&request.body);
            if wish.is_none() {
                return Some(self.error(400, format));
            }
        }
        let hall = Arc::clone(self);
        let led = self.askers.have_done(move || hall.led_to(&secret, wish)).await?;
        let look = self.look.load();
        Some(match led {
            Ok(Led::Unknown) => self.error(404, format),
            Ok(Led::Over) => {
                let text = "This link works for 7 days, and no longer than the request is kept. `doorman requests --held` lists what waits.";
                let body = match format {
                    Format::Json => pages::told_json(text),
                    Format::Html => pages::told_page(&look, "This link has ended", text, None),
                };
                replies::answer(410, format, body)
            }
            Ok(Led::To(matter, status, said)) => {
                let body = match format {
                    Format::Json => pages::decide_json(&matter, said.as_deref()),
                    Format::Html => pages::decide_page(&look, &matter, said.as_deref(), path),
                };
                replies::answer(status, format, body).with("vary", "accept")
            }
            Err(error) => {
                self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
                self.error(503, format)
            }
        })
    }

    /// Looks where it leads, and does what is wished there.
    fn led_to(&self, secret: &LinkSecret, wish: Option<Wish>) -> Result<Led, StoreError> {
        let (premises, now) = (self.desk.premises(), self.desk.now());
        let Some(link) = premises.store.read(|store| store.link(LinkKind::Decide, secret))? else {
            return Ok(Led::Unknown);
        };
        let Some(id) = link.request_id.filter(|_| link.is_open(now)) else { return Ok(Led::Over) };
        let matter = || premises.store.read(|store| Matter::read(store, id));
        let Some(found) = matter()? else { return Ok(Led::Over) };
        let Some(wish) = wish else { return Ok(Led::To(Box::new(found), 200, None)) };
        let who = premises.settings.load().notify.email.as_ref().map(ToString::to_string);
        let opened = Opened::running(premises, who.as_deref().unwrap_or("somebody"), Door::Link);
        let done = match wish {
            Wish::Approve => acts::approve(&opened, id, now),
            Wish::Refuse(because) => acts::refuse(&opened, id, because.as_deref(), now),
        };
        let (status, said) = match done {
            Ok(outcome) => (200, outcome.done.words(Door::Link)),
            Err(NotDone::Store(error)) => return Err(error),
            Err(NotDone::NotHeld(_) | NotDone::DecidedMeanwhile(_)) => {
                (409, "It was decided before: nothing is changed.".to_owned())
            }
            Err(why) => (409, why.words(Door::Link)),
        };
        Ok(matter()?.map_or(Led::Over, |matter| Led::To(Box::new(matter), status, Some(said))))
    }
}
