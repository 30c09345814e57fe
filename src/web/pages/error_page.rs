//! What a visitor sees where HTTP itself went wrong.

use serde::Serialize;

use crate::text::Language;

use super::json;
use super::look::{Frame, Look};
use super::rendered;

/// Title and text for a status.
fn words(t: Language, status: u16) -> (String, String) {
    match status {
        400 => (t.unreadable(), t.unreadable_what()),
        403 => (t.forbidden(), t.forbidden_what()),
        404 => (t.not_found(), t.not_found_what()),
        405 => (t.wrong_method(), t.wrong_method_what()),
        408 => (t.too_slow(), t.too_slow_what()),
        413 => (t.too_large(), t.too_large_body()),
        415 => (t.wrong_type(), t.wrong_type_what()),
        431 => (t.too_large(), t.too_large_head()),
        501 | 505 => (t.http_version(), t.http_version_what()),
        503 => (t.not_now(), t.not_now_what()),
        500..=599 => (t.our_fault(), t.our_fault_what()),
        _ => (t.other_error(), t.other_error_what()),
    }
}

#[derive(askama::Template)]
#[template(path = "page_error.html")]
struct ErrorPage<'a> {
    frame: Frame<'a>,
    status: String,
    title: String,
    text: String,
}

/// The page for an HTTP status from 400 on, in the look of the house.
pub fn error_page(look: &Look, status: u16) -> String {
    let (title, text) = words(look.language, status);
    rendered(&ErrorPage { frame: Frame::of_answer(look), status: status.to_string(), title, text })
}

#[derive(Serialize)]
struct ErrorAnswer {
    status: &'static str,
    message: String,
}

/// The same for scripts: `{"status": "error", "message"}`.
pub fn error_json(look: &Look, status: u16) -> String {
    json::line(&ErrorAnswer { status: "error", message: words(look.language, status).1 })
}
