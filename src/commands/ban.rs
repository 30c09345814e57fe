//! `ban`

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::acts::{self, lists_in_force, settings};
use crate::bans::{Edit, Line, Lists, Mark, Who, Written, shown, shown_until};
use crate::cli::{BanCommand, Failure, MarkArgs, complain};
use crate::config::{Folder, Settings};
use crate::domain::{BanKind, EmailAddress, Hit, Localpart};
use crate::store::Store;

use super::table::{Cell, Style, cell, styled};
use super::{Done, act, act_on_each, look, print, print_json, rehearse};

/// `ban`
pub fn run(config: Option<&Path>, command: BanCommand, now: DateTime<Utc>) -> Done {
    match command {
        BanCommand::Add { kind, entries, mark, dry_run: true, .. } => {
            let opened = look(config)?;
            let mark = mark.over(Mark::default(), &opened.by.who, now).map(|mark| mark.to_string());
            let written = |entry: String| Written { entry, mark: mark.clone() };
            let new: Vec<Written> = entries.into_iter().map(written).collect();
            let lists = lists_in_force(&opened.folder, Some(&opened.store), &opened.settings.lists);
            let lists = lists.with(kind, &new).map_err(Failure::new)?;
            rehearse::tell(&opened, &opened.settings, &lists, now - TimeDelta::days(30), false)
        }
        BanCommand::Add { kind, entries, mark, force, and_refuse_held, .. } => {
            let new = Additions { kind, entries, mark, force };
            add(config, new, and_refuse_held, now)
        }
        BanCommand::Remove { kind, entry } => {
            act(config, |opened| acts::ban(opened, kind, &Edit::Remove(entry), false, now))
        }
        BanCommand::Edit { kind, entry, new, mark, force } => act(config, |opened| {
            let lists = lists_in_force(&opened.folder, Some(&opened.store), &[]);
            let stands = lists.entries(kind).find(|line| line.entry == entry.trim());
            let old = stands.and_then(|line| line.mark?.parse().ok()).unwrap_or_default();
            let mark = mark.over(old, &opened.by.who, now).map(|mark| mark.to_string());
            let new = Written { entry: new.unwrap_or_else(|| entry.clone()), mark };
            acts::ban(opened, kind, &Edit::Replace(entry, new), force, now)
        }),
        BanCommand::List { kind, json } => list(config, kind, json, now),
        BanCommand::Test { kind, value, json } => test(config, kind, &value, json, now),
    }
}

/// What `ban add` is to add.
struct Additions {
    kind: BanKind,
    entries: Vec<String>,
    mark: MarkArgs,
    force: bool,
}

/// `ban add`: each entry, whatever becomes of the others; then the requests that wait and are hit, where that is asked for.
fn add(config: Option<&Path>, new: Additions, and_refuse: bool, now: DateTime<Utc>) -> Done {
    let mut held = BTreeSet::new();
    let added = act_on_each(config, new.entries, |opened, entry| {
        let mark = new.mark.over(Mark::default(), &opened.by.who, now).map(|mark| mark.to_string());
        let edit = Edit::Add(Written { entry, mark });
        let outcome = acts::ban(opened, new.kind, &edit, new.force, now)?;
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
fn lists_of(settings: &Settings, folder: &Folder) -> Arc<Lists> {
    let store = folder.database().exists().then(|| Store::open(folder).ok()).flatten();
    lists_in_force(folder, store.as_ref(), &settings.lists)
}

/// A line as it is listed.
struct Listed {
    file: String,
    line: usize,
    entry: String,
    mark: Mark,
    /// What is wrong with it, or with what stands above it.
    problem: Option<String>,
    is_in_force: bool,
    is_left_out: bool,
}

fn list(config: Option<&Path>, kind: Option<BanKind>, as_json: bool, now: DateTime<Utc>) -> Done {
    let (settings, folder) = settings(config)?;
    let lists = lists_of(&settings, &folder);
    if !as_json {
        for problem in lists.problems().cloned().chain(lists.expired(now)).chain(lists.wide(now)) {
            complain(&problem.to_string());
        }
        for note in lists.notes() {
            complain(&note);
        }
        for (file, kind, action, count) in lists.subscribed() {
            complain(&format!("{file}: {count} entries of {kind}, each to {}", action.word()));
        }
    }
    let wrong: HashMap<(BanKind, usize), &str> =
        lists.problems().map(|problem| ((problem.kind, problem.line), problem.what.as_str())).collect();
    let listed = |kind: BanKind, line: Line<'_>| {
        let mark: Mark = line.mark.and_then(|mark| mark.parse().ok()).unwrap_or_default();
        let (bad_line, bad_mark) = (wrong.get(&(kind, line.number)), wrong.get(&(kind, line.number - 1)));
        let over = mark.is_over(now).then(|| "it has expired".to_owned());
        Listed {
            file: kind.file_name().to_owned(),
            line: line.number,
            entry: line.entry.to_owned(),
            is_left_out: bad_line.is_some(),
            is_in_force: bad_line.is_none() && over.is_none(),
            problem: bad_line
                .or(bad_mark.filter(|_| line.mark.is_some()))
                .map(|what| (*what).to_owned())
                .or(over),
            mark,
        }
    };
    let kinds = BanKind::ALL.into_iter().filter(|one| kind.is_none_or(|kind| kind == *one));
    let lines: Vec<Listed> = kinds
        .flat_map(|kind| lists.entries(kind).map(move |line| (kind, line)))
        .map(|(kind, line)| listed(kind, line))
        .collect();
    super::list(&lines, as_json, listed_as_json, "Nothing is banned.\n", &LISTED, listed_cells)
}

const LISTED: [&str; 6] = ["file", "line", "entry", "action", "until", "note"];

fn listed_cells(line: &Listed) -> Vec<Cell> {
    let until = line.mark.until.map(shown_until).unwrap_or_default();
    let action = if line.is_in_force { line.mark.action.word() } else { "none" };
    let (left_out, problem) = match &line.problem {
        Some(why) if line.is_left_out => (Some(why), None),
        other => (None, other.as_ref()),
    };
    let entry = match left_out {
        Some(why) => format!("! {}  LEFT OUT: {why}", line.entry),
        None => line.entry.clone(),
    };
    let note =
        [problem, line.mark.note.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join("; ");
    let style = if line.problem.is_some() { Style::Refused } else { Style::Plain };
    vec![
        cell(&line.file),
        cell(line.line.to_string()),
        styled(entry, style),
        styled(action, style),
        cell(until),
        styled(note, style),
    ]
}

fn listed_as_json(line: &Listed) -> Value {
    let Listed { file, line: number, entry, mark, problem, is_in_force, is_left_out } = line;
    let mut value = json!({
        "file": file,
        "line": number,
        "entry": entry,
        "action": mark.action.word(),
        "until": mark.until.map(shown_until),
        "note": mark.note,
        "by": mark.by,
        "added": mark.added,
        "in_force": is_in_force,
        "problem": problem,
    });
    if *is_left_out {
        value["left_out"] = problem.as_deref().into();
    }
    value
}

fn test(config: Option<&Path>, kind: BanKind, value: &str, as_json: bool, now: DateTime<Utc>) -> Done {
    let (settings, folder) = settings(config)?;
    let lists = lists_of(&settings, &folder);
    let unfit = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", shown(value)));
    let hits = match kind {
        BanKind::Ip => {
            let ip = value.parse().map_err(|_| unfit(&"this is not an IP address"))?;
            lists.all(Who::Ip(ip), now)
        }
        BanKind::Email => {
            let email = EmailAddress::parse(value).map_err(|problem| unfit(&problem))?;
            lists.all(Who::Email(&email), now)
        }
        BanKind::Username => {
            let name = Localpart::parse(value, &settings.homeserver).map_err(|problem| unfit(&problem))?;
            lists.all(Who::Username(&name), now)
        }
    };
    if as_json {
        let hits: Value = hits.iter().map(hit_as_json).collect();
        return print_json(&json!({ "hits": hits }));
    }
    let nothing = format!("No line of {} hits {}.\n", kind.file_name(), shown(value));
    super::list(&hits, false, hit_as_json, &nothing, &["file", "line", "action", "entry"], |hit| {
        let note = hit.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        vec![
            cell(&hit.file),
            cell(hit.line.to_string()),
            cell(hit.action.word()),
            cell(format!("{}{note}", hit.entry)),
        ]
    })
}

fn hit_as_json(hit: &Hit) -> Value {
    let Hit { file, line, entry, action, note, .. } = hit;
    json!({ "file": file.as_ref(), "line": line, "entry": entry, "action": action.word(), "note": note })
}
