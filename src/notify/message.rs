//! The message in the room that tells of a request. What an applicant wrote is text in it, and calls nobody.

use serde_json::{Value, json};

use crate::acts::Matter;
use crate::text::Html;

const HOW: [&str; 2] =
    ["React with ✅ or ❌, or reply ", ". What stands behind “because” is mailed to the applicant."];
const REPLIES: [&str; 2] = ["approve", "refuse because …"];

/// The message as it is now: how to decide, or what became of it.
pub(super) fn of(matter: &Matter) -> Value {
    let (title, outcome) = (format!("Request {}: {}", matter.row.id, matter.name()), matter.outcome());
    let facts = matter.facts().into_iter().filter(|(what, _)| *what != "name");
    let (mut text, mut html) = (title.clone(), format!("<strong>{}</strong>", Html::text(&title)));
    if let Some(outcome) = &outcome {
        text.push_str(&format!("\n{outcome}"));
        html.push_str(&format!("<br>{}", Html::text(outcome)));
    }
    html.push_str("<ul>");
    for (what, told) in facts {
        text.push_str(&format!("\n- {what}: {told}"));
        html.push_str(&format!("<li>{what}: {}</li>", Html::text(&told)));
    }
    html.push_str("</ul>");
    if outcome.is_none() {
        let [react, mailed] = HOW;
        let [approve, refuse] = REPLIES;
        text.push_str(&format!("\n{react}`{approve}`, `{refuse}`{mailed}"));
        html.push_str(&format!("<p>{react}<code>{approve}</code>, <code>{refuse}</code>{mailed}</p>"));
    }
    content("m.text", &text, &html)
}

/// A few words in answer to this event.
pub(super) fn answer(to: &str, words: &str) -> Value {
    let mut content = content("m.notice", words, &Html::text(words).to_string());
    content["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": to } });
    content
}

/// The message `of` takes its place from now on.
pub(super) fn instead(of: &str, content: Value) -> Value {
    let mut edit = content.clone();
    for key in ["body", "formatted_body"] {
        edit[key] = format!("* {}", content[key].as_str().unwrap_or_default()).into();
    }
    edit["m.new_content"] = content;
    edit["m.relates_to"] = json!({ "rel_type": "m.replace", "event_id": of });
    edit
}

fn content(kind: &str, text: &str, html: &str) -> Value {
    json!({
        "msgtype": kind,
        "body": text,
        "format": "org.matrix.custom.html",
        "formatted_body": html,
        // Nobody is called by what an applicant typed (MSC3952).
        "m.mentions": {},
    })
}
