//! `/not-me/SECRET`: whoever gets an email that they did not ask for says so.

use std::sync::Arc;

use hyper::Method;

use crate::alarms::Trouble;
use crate::domain::LinkSecret;
use crate::store::Unasked;

use super::hall::Hall;
use super::origin::Provenance;
use super::pages::{self, Format, Look};
use super::replies::{self, format_or_html};
use super::server::{Request, Response, WithHeader as _, response};

const ALLOWED: &str = "GET, HEAD, POST, OPTIONS";

impl Hall {
    /// What is asked for below `/not-me/`: to be shown, which changes nothing, or to be done. None: too many wait already.
    pub(super) async fn below_not_me(self: &Arc<Self>, path: &str, request: &Request) -> Option<Response> {
        let format = format_or_html(request);
        let Some(secret) = LinkSecret::parse(path) else { return Some(self.error(request, 404, format)) };
        let acts = match request.head.method {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            Method::OPTIONS => return Some(replies::secured(response(204, "")).with("allow", ALLOWED)),
            _ => return Some(self.error(request, 405, format).with("allow", ALLOWED)),
        };
        if acts {
            self.desk.knock(self.client(request));
        }
        let provenance = Provenance { fetch_site: request.text("sec-fetch-site"), ..Provenance::default() };
        if acts && provenance.is_cross_site() {
            return Some(self.error(request, 403, format));
        }
        let desk = Arc::clone(&self.desk);
        let look = self.look_by(&secret, request).await?;
        let told = self.lookers.have_done(move || desk.not_me(&secret, acts)).await?;
        Some(match told {
            Ok(Some(unasked)) => told_in(&look, &unasked, path, format),
            Ok(None) => self.error(request, 404, format),
            Err(error) => {
                self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
                self.error(request, 503, format)
            }
        })
    }
}

fn told_in(look: &Look, unasked: &Unasked, secret: &str, format: Format) -> Response {
    let body = match format {
        Format::Json => pages::not_me_json(unasked),
        Format::Html => pages::not_me_page(look, unasked, secret),
    };
    replies::answer(look, 200, format, body).with("vary", "accept")
}
