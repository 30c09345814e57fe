//! A page that says one thing, and has a button at most.

use serde_json::json;

use super::json::line;
use super::look::{Frame, Look};
use super::rendered;

#[derive(askama::Template)]
#[template(path = "page_told.html")]
struct ToldPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    text: &'a str,
    button: Option<&'a str>,
}

/// The page; the button sends a `POST` to where it stands.
pub fn told_page(look: &Look, title: &str, text: &str, button: Option<&str>) -> String {
    rendered(&ToldPage { frame: Frame::of(look), title, text, button })
}

/// The same for scripts.
pub fn told_json(text: &str) -> String {
    line(&json!({ "message": text }))
}
