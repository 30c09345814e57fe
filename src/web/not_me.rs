//! `/not-me/SECRET`: whoever gets an email that they did not ask for says so.

use std::sync::Arc;

use hyper::Method;

use crate::domain::LinkSecret;
use crate::store::Unasked;

use super::hall::Hall;
use super::pages::{self, Format};
use super::replies::{self, format_or_html};
use super::server::{Request, Response, WithHeader as _};

impl Hall {
    /// What is asked for below `/not-me/`: to be shown, which changes nothing, or to be done. None: too many wait already.
    pub(super) async fn not_me(self: &Arc<Self>, path: &str, request: &Request) -> Option<Response> {
        let (format, acts) = (format_or_html(request), request.head.method == Method::POST);
        let Some(secret) = LinkSecret::parse(path) else { return Some(self.error(404, format)) };
        let desk = Arc::clone(&self.desk);
        let told = self.lookers.have_done(move || desk.not_me(&secret, acts)).await?;
        Some(match self.of_store(told) {
            Some(Some(unasked)) => self.told(&unasked, path, format),
            Some(None) => self.error(404, format),
            None => self.error(503, format),
        })
    }

    fn told(&self, unasked: &Unasked, secret: &str, format: Format) -> Response {
        let look = self.look.load();
        let body = match format {
            Format::Json => pages::not_me_json(unasked),
            Format::Html => pages::not_me_page(&look, unasked, secret),
        };
        replies::answer(200, format, body).with("vary", "accept")
    }
}
