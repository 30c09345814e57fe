//! `check-config`: every error in the files, at once.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::acts::words::counted;
use crate::acts::{environment, locate};
use crate::bans::Bans;
use crate::cli::{Failure, complain};
use crate::config::{self, Folder};
use crate::text;

use super::{Done, print};

/// `check-config`
pub fn run(path: Option<&Path>, now: DateTime<Utc>) -> Done {
    let path = locate(path)?.ok_or_else(|| Failure::new("a trial desk has no config.yaml to check"))?;
    let mut wrong = Vec::new();
    let bans = Bans::open(&Folder::of_config(&path), |_| None);
    match config::load(&path, &environment) {
        Ok(loaded) => {
            bans.subscribe(&loaded.folder, &loaded.settings.lists);
            for warning in &loaded.warnings {
                complain(&format!("warning: {warning}"));
            }
        }
        Err(errors) => wrong.extend(errors.0.iter().map(ToString::to_string)),
    }
    let lists = bans.current();
    wrong.extend(lists.problems().map(ToString::to_string));
    wrong.extend(text::problems_in(&Folder::of_config(&path).languages()));
    for warning in lists.expired(now).chain(lists.wide(now)) {
        complain(&format!("warning: {warning}"));
    }
    for note in bans.refresh().notes {
        complain(&format!("warning: {note}"));
    }
    if wrong.is_empty() {
        return print(&format!("{} and the ban lists are valid.\n", path.display()));
    }
    for problem in &wrong {
        complain(problem);
    }
    Err(Failure::new(counted(wrong.len(), "error")))
}
