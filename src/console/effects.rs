//! What the console does: the same acts as the commands.

use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::commands::acts;
use crate::commands::folder::Opened;

use super::model::Effect;

/// Does it. Says what was done, or why not.
pub(super) fn run(effect: Effect, opened: &Arc<Opened>) -> Result<String, String> {
    let now = SystemClock.now();
    let done = match effect {
        Effect::Approve(id) => acts::approve(opened, id, now),
        Effect::Refuse(id, because) => acts::refuse(opened, id, because, now),
        Effect::Ban(kind, edit) => acts::change(opened, kind, &edit, now),
        Effect::Undo => acts::undo(opened, now),
        Effect::Lift(address) => acts::lift(opened, &address),
        Effect::Rotate => acts::rotate(opened).map(|(done, alarms)| match alarms.first() {
            None => done,
            Some(alarm) => format!("{} {alarm}", done.trim_end()),
        }),
        Effect::Retry(id) => acts::retry(opened, vec![id], now),
        Effect::Drop(id) => acts::drop_letter(opened, id, now),
        Effect::Pause(pause) => acts::pause(opened, pause.then_some(now)),
    };
    // What is a command there is a key here.
    let here = |text: String| {
        text.replace("`doorman undo`", "u")
            .replace("`doorman requests --held`", "panel 1")
            .replace("`doorman ban list` shows them", "panel 4 shows them")
            .replace("`doorman token` says when it has", "the lines at the top say when it has")
    };
    done.map(here).map_err(|failure| here(failure.to_string()))
}
