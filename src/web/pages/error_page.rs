//! What a visitor sees where HTTP itself went wrong.

use serde::Serialize;

use super::json;
use super::look::{Frame, Look};
use super::rendered;

/// Title and text for a status.
fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("That could not be read", "Your browser sent something that this desk does not understand."),
        403 => ("Not allowed", "This desk does not allow that."),
        404 => ("Nothing here", "There is no page at this address."),
        405 => ("Not like this", "This address cannot be used in that way."),
        408 => ("Too slow", "Your request took too long to arrive. Please try again."),
        413 => ("Too much", "Your browser sent more than this desk takes. Please use the form on its page."),
        415 => {
            ("Wrong kind", "This desk takes only what its own form sends. Please use the form on its page.")
        }
        431 => (
            "Too much",
            "Your browser sent more about itself than this desk takes. Clearing its cookies may help.",
        ),
        501 | 505 => ("Not spoken here", "Your browser speaks a kind of HTTP that this desk does not."),
        503 => ("Not now", "This desk cannot answer at the moment. Please try again in a minute."),
        500..=599 => {
            ("Something went wrong", "That is this desk's fault, not yours. Please try again in a minute.")
        }
        _ => ("That did not work", "Please try again from the desk's page."),
    }
}

#[derive(askama::Template)]
#[template(path = "page_error.html")]
struct ErrorPage<'a> {
    frame: Frame<'a>,
    status: u16,
    title: &'static str,
    text: &'static str,
}

/// The page for an HTTP status from 400 on, in the look of the house.
pub fn error_page(look: &Look, status: u16) -> String {
    let (title, text) = words(status);
    rendered(&ErrorPage { frame: Frame::of(look), status, title, text })
}

#[derive(Serialize)]
struct ErrorAnswer {
    status: &'static str,
    message: &'static str,
}

/// The same for scripts: `{"status": "error", "message"}`.
pub fn error_json(status: u16) -> String {
    json::line(&ErrorAnswer { status: "error", message: words(status).1 })
}
