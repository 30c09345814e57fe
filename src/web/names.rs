//! `GET /api/username?name=`: whether a name can be had, told while it is typed.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::Localpart;

use super::hall::Hall;
use super::pages::{self, Format};
use super::replies;
use super::server::{Request, Response, WithHeader as _};

/// Whoever types does not wait longer for the homeserver.
const PATIENCE: Duration = Duration::from_secs(3);

impl Hall {
    /// Tells of the name, and of no address: that the shape is wrong at once, all else when the homeserver was asked.
    pub(super) async fn tell_of_name(self: &Arc<Self>, request: &Request) -> Response {
        let (look, settings) = (self.look.load(), self.desk.premises().settings.load());
        let t = look.language;
        let answer = |status, available: Option<bool>, message: &str| {
            replies::answer(status, Format::Json, pages::name_json(available, message))
        };
        if let Some(refusal) = self.desk.glance(self.client(request)).refusal() {
            let response = answer(refusal.http_status(), None, &refusal.applicant_text());
            let wait = refusal.retry_after().unwrap_or(PATIENCE);
            return response.with("retry-after", pages::retry_after_seconds(wait).to_string());
        }
        let query = request.head.uri.query().unwrap_or_default();
        let typed = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "name");
        let typed = typed.map(|(_, typed)| typed).unwrap_or_default();
        let name = match Localpart::parse(&typed, &settings.homeserver) {
            Ok(name) => name,
            Err(problem) => return answer(200, Some(false), &t.username_problem(&problem)),
        };
        let (desk, deadline) = (Arc::clone(&self.desk), self.clock.monotonic() + PATIENCE);
        let told = self.tellers.have_done(move || desk.can_be_had(&name, deadline)).await;
        match told.and_then(|told| self.of_store(told)).flatten() {
            Some(true) => answer(200, Some(true), t.name_is_free()),
            Some(false) => answer(200, Some(false), t.name_is_taken()),
            None => answer(200, None, t.name_is_not_known()),
        }
    }
}
