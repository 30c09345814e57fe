//! `log`, `undo`, `redo`.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::acts::words::words_of;
use crate::acts::{self, Door, Intent, NotDone, open};
use crate::cli::when::{rfc3339, short};
use crate::cli::{Failure, LogArgs, complain};
use crate::store::Act;

use super::table::{Cell, cell};
use super::{Done, look, print, say};

/// Of what cannot be undone, so much is told one by one.
const TOLD: usize = 3;

/// `log`
pub fn list(config: Option<&Path>, args: &LogArgs) -> Done {
    let opened = look(config)?;
    let acts = opened.store.read(|store| store.acts(args.since, args.listing.limit()))?;
    super::list(
        &acts,
        args.listing.json,
        as_json,
        "The journal is empty.\n",
        &["id", "time (UTC)", "who", "what"],
        cells,
    )
}

fn cells(act: &Act) -> Vec<Cell> {
    vec![cell(act.id.to_string()), cell(short(act.at)), cell(act.author()), cell(told(act))]
}

/// What was done, and whether it still is.
pub fn told(act: &Act) -> String {
    let undone = if act.undone_at.is_some() { " (undone)" } else { "" };
    format!("{}{undone}", words_of(act))
}

pub fn as_json(act: &Act) -> Value {
    let value =
        |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "id": act.id,
        "time": rfc3339(act.at),
        "who": act.who,
        "whence": act.whence,
        "what": act.what,
        "subject": act.subject,
        "before": value(&act.before),
        "after": value(&act.after),
        "undoes": act.undoes,
        "undone_at": act.undone_at.map(rfc3339),
    })
}

/// `undo`: what cannot be undone says so, and what stands before it is taken. Where that is not known yet, nothing is.
pub fn undo(config: Option<&Path>, count: usize, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Write, Door::Command)?;
    let (mut left, mut passed) = (count, 0);
    for (act, deed) in acts::standing(&opened)? {
        if left == 0 {
            break;
        }
        let words = deed.words();
        match acts::undo(&opened, act.id, deed, now) {
            Ok(outcome) => {
                print(&format!("Undoing {words}: "))?;
                say(&outcome)?;
                left -= 1;
            }
            // What stands before it is not what was meant.
            Err(why @ (NotDone::Store(_) | NotDone::InHands(_))) => return Err(why.into()),
            Err(why) => {
                passed += 1;
                if passed <= TOLD {
                    complain(&why.words(Door::Command));
                }
            }
        }
    }
    if passed > TOLD {
        complain(&format!("and {} more that cannot be undone", passed - TOLD));
    }
    match left {
        0 => Ok(()),
        _ if left == count => Err(NotDone::NothingToTakeBack.into()),
        _ => Err(Failure::new(format!("there is nothing more to undo: {} of {count}", count - left))),
    }
}

/// `redo`
pub fn redo(config: Option<&Path>, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Write, Door::Command)?;
    let (act, deed) = acts::last_undone(&opened)?.ok_or(NotDone::NothingToDoAgain)?;
    print(&format!("Redoing {}: ", deed.words()))?;
    say(&acts::redo(&opened, act.id, deed, now)?)
}
