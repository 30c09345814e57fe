//! `ban`

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::acts::{self, lists_in_force, settings};
use crate::bans::{Edit, Lists, shown};
use crate::cli::{BanCommand, Failure, complain};
use crate::config::Folder;
use crate::domain::{BanKind, EmailAddress, Localpart};
use crate::store::Store;

use super::table::{Cell, Style, cell, styled};
use super::{Done, act, act_on_each, print, print_json};

/// `ban`
pub fn run(config: Option<&Path>, command: BanCommand, now: DateTime<Utc>) -> Done {
    let change = |kind, edit| act(config, |opened| acts::ban(opened, kind, &edit, now));
    match command {
        BanCommand::Add { kind, entries, and_refuse_held } => {
            add(config, kind, entries, and_refuse_held, now)
        }
        BanCommand::Remove { kind, entry } => change(kind, Edit::Remove(entry)),
        BanCommand::Edit { kind, entry, new } => change(kind, Edit::Replace(entry, new)),
        BanCommand::List { kind, json } => list(config, kind, json),
        BanCommand::Test { kind, value, json } => test(config, kind, &value, json),
    }
}

/// `ban add`: each entry, whatever becomes of the others; then the requests that wait and are hit, where that is asked for.
fn add(
    config: Option<&Path>,
    kind: BanKind,
    entries: Vec<String>,
    and_refuse: bool,
    now: DateTime<Utc>,
) -> Done {
    let mut held = BTreeSet::new();
    let added = act_on_each(config, entries, |opened, entry| {
        let outcome = acts::ban(opened, kind, &Edit::Add(entry), now)?;
        if let acts::Done::Banned { held: hit, .. } = &outcome.done {
            held.extend(hit.iter().map(|row| row.id));
        }
        Ok(outcome)
    });
    if held.is_empty() {
        return added;
    }
    if and_refuse {
        return act_on_each(config, held, |opened, id| acts::refuse(opened, id, None, now)).and(added);
    }
    let ids: Vec<String> = held.iter().map(ToString::to_string).collect();
    print(&format!("`doorman refuse {}` refuses them.\n", ids.join(" "))).and(added)
}

/// The same without a store at hand; none is made for it.
fn lists_of(folder: &Folder) -> Arc<Lists> {
    let store = folder.database().exists().then(|| Store::open(folder).ok()).flatten();
    lists_in_force(folder, store.as_ref())
}

fn list(config: Option<&Path>, kind: Option<BanKind>, as_json: bool) -> Done {
    let (_, folder) = settings(config)?;
    let lists = lists_of(&folder);
    if !as_json {
        for problem in lists.problems() {
            complain(&problem.to_string());
        }
    }
    let bad = |kind, line| {
        let problem = lists.problems().find(|problem| problem.kind == kind && problem.line == line);
        problem.map(|problem| problem.what.clone())
    };
    let entries: Vec<Line> = BanKind::ALL
        .into_iter()
        .filter(|one| kind.is_none_or(|kind| kind == *one))
        .flat_map(|kind| lists.entries(kind).map(move |(line, entry)| (kind, line, entry.to_owned())))
        .map(|(kind, line, entry)| (kind, line, entry, bad(kind, line)))
        .collect();
    super::list(&entries, as_json, line_as_json, "Nothing is banned.\n", &LINE, line_cells)
}

/// Which list, which line of it, what stands there, and what is wrong with it.
type Line = (BanKind, usize, String, Option<String>);

const LINE: [&str; 3] = ["file", "line", "entry"];

fn line_cells((list, line, entry, bad): &Line) -> Vec<Cell> {
    let entry = match bad {
        Some(why) => styled(format!("! {entry}  LEFT OUT: {why}"), Style::Refused),
        None => cell(entry),
    };
    vec![cell(list.file_name()), cell(line.to_string()), entry]
}

fn line_as_json((list, line, entry, bad): &Line) -> Value {
    let mut value = json!({ "file": list.file_name(), "line": line, "entry": entry });
    if let Some(why) = bad {
        value["left_out"] = why.as_str().into();
    }
    value
}

fn test(config: Option<&Path>, kind: BanKind, value: &str, as_json: bool) -> Done {
    let (settings, folder) = settings(config)?;
    let lists = lists_of(&folder);
    let unfit = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", shown(value)));
    let hits = match kind {
        BanKind::Ip => lists.all_ip(value.parse().map_err(|_| unfit(&"this is no IP address"))?),
        BanKind::Email => lists.all_email(&EmailAddress::parse(value).map_err(|problem| unfit(&problem))?),
        BanKind::Username => lists
            .all_username(&Localpart::parse(value, &settings.homeserver).map_err(|problem| unfit(&problem))?),
    };
    let hits: Vec<_> = hits.into_iter().map(|hit| (hit.list, hit.line, hit.entry, None)).collect();
    if as_json {
        let hits: Value = hits.iter().map(line_as_json).collect();
        return print_json(&json!({ "hits": hits }));
    }
    let nothing = format!("No line of {} refuses {}.\n", kind.file_name(), shown(value));
    super::list(&hits, false, line_as_json, &nothing, &LINE, line_cells)
}
