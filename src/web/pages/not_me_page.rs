//! For whoever gets an email that they did not ask for.

use serde_json::json;

use crate::store::Unasked;
use crate::text::Html;

use super::json;
use super::look::{Frame, Look};
use super::rendered;

#[derive(askama::Template)]
#[template(path = "page_not_me.html")]
struct NotMePage<'a> {
    frame: Frame<'a>,
    email: Html,
    /// What was asked for.
    told: Html,
    homeserver: Html,
    done: bool,
    has_account: bool,
    secret: &'a str,
}

/// What can be done about it, or that it is done.
pub fn not_me_page(look: &Look, unasked: &Unasked, secret: &str) -> String {
    let homeserver = look.settings.homeserver.as_str();
    let (t, email) = (look.language, Html::within("bdi class=\"address\"", unasked.address.as_typed()));
    let mxid = Html::within("span class=\"mxid\"", &format!("@{}:{homeserver}", unasked.username));
    let told = if unasked.username.is_empty() {
        t.somebody_wrote(&Html::text(homeserver), &email)
    } else {
        t.somebody_wanted(&mxid, &email)
    };
    rendered(&NotMePage {
        frame: Frame::of(look),
        email,
        told,
        homeserver: Html::text(homeserver),
        done: unasked.is_suppressed,
        has_account: unasked.has_account,
        secret,
    })
}

/// The same for scripts: `{"suppressed"}`.
pub fn not_me_json(unasked: &Unasked) -> String {
    json::line(&json!({ "suppressed": unasked.is_suppressed }))
}
