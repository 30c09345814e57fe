//! For the operator: a request that waits, and two buttons.

use serde_json::json;

use crate::acts::Matter;

use super::json;
use super::look::{Frame, Look};
use super::rendered;

#[derive(askama::Template)]
#[template(path = "page_decide.html")]
struct DecidePage<'a> {
    frame: Frame<'a>,
    id: i64,
    facts: Vec<(&'static str, String)>,
    /// What became of it.
    outcome: Option<String>,
    /// What is said to what was done.
    said: Option<&'a str>,
    has_name: bool,
    secret: &'a str,
}

/// What is known of it, and how it can be decided, or was.
pub fn decide_page(look: &Look, matter: &Matter, said: Option<&str>, secret: &str) -> String {
    rendered(&DecidePage {
        frame: Frame::of(look),
        id: matter.row.id,
        facts: matter.facts(),
        outcome: matter.outcome(),
        said,
        has_name: !matter.row.username.is_empty(),
        secret,
    })
}

/// The same for scripts.
pub fn decide_json(matter: &Matter, said: Option<&str>) -> String {
    let outcome = matter.outcome();
    json::line(&json!({
        "request": matter.row.id,
        "status": matter.row.verdict,
        "message": said.or(outcome.as_deref()),
        "outcome": outcome,
        "facts": matter.facts().into_iter().map(|(what, text)| json!({ "what": what, "text": text })).collect::<Vec<_>>(),
    }))
}
