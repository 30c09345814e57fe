//! `ban`: the lists, changed as the operator says, and what takes a change back.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::bans::{Bans, Edit, Lists, edit, in_words, shown};
use crate::config::Folder;
use crate::domain::{BanKind, EmailAddress, Hit, Localpart};
use crate::store::{Store, StoreError};

use super::cli::{BanCommand, Kind};
use super::folder::{Intent, Opened, open, settings};
use super::table::{cell, table};
use super::{Done, Failure, print, print_json};

/// `ban`
pub fn run(config: Option<&Path>, command: BanCommand, now: DateTime<Utc>) -> Done {
    match command {
        BanCommand::Add { kind, entry } => run_change(config, kind, &Edit::Add(entry), now),
        BanCommand::Remove { kind, entry } => run_change(config, kind, &Edit::Remove(entry), now),
        BanCommand::Edit { kind, entry, new } => run_change(config, kind, &Edit::Replace(entry, new), now),
        BanCommand::List { kind, json } => list(config, kind.map(BanKind::from), json),
        BanCommand::Test { kind, value, json } => test(config, kind.into(), &value, json),
    }
}

fn run_change(config: Option<&Path>, kind: Kind, edit: &Edit, now: DateTime<Utc>) -> Done {
    print(&change(&open(config, Intent::Write)?, kind.into(), edit, now)?)
}

/// Changes a list. Says what was done.
pub fn change(opened: &Opened, kind: BanKind, change: &Edit, now: DateTime<Utc>) -> Result<String, Failure> {
    let entry = match change {
        Edit::Add(entry) | Edit::Insert(_, entry) | Edit::Remove(entry) | Edit::Replace(entry, _) => entry,
    };
    refuse_where_lost(opened, kind)?;
    let (line, back) = edit(&opened.folder, kind, change)
        .map_err(|error| Failure::new(format!("{}: {}: {error}", kind.file_name(), shown(entry))))?;
    let note = as_note(kind, &back);
    note_own(opened, kind, change, now)?;
    opened.store.write(move |store| store.note_last_ban(Some(&note)))?;
    Ok(format!("{}\n", in_words(kind, line, change)))
}

/// A new file in the place of a lost one would end all the bans that are still in force.
pub(super) fn refuse_where_lost(opened: &Opened, kind: BanKind) -> Result<(), Failure> {
    let (file, path) = (kind.file_name(), opened.folder.path().join(kind.file_name()));
    if path.exists()
        || opened.store.read(|store| store.last_good(file))?.is_none_or(|text| text.trim().is_empty())
    {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{file}: it is gone, and what stood in it last is in force: put it back first; an empty file ends all its bans"
    )))
}

/// The lists in force, as at the desk: of a file that was lost the last good content holds.
pub(super) fn lists_in_force(folder: &Folder, store: Option<&Store>) -> Arc<Lists> {
    let last_good = |kind: BanKind| store?.read(|store| store.last_good(kind.file_name())).ok()?;
    Bans::open(folder, last_good).current()
}

/// The same without a store at hand; none is made for it.
fn lists_of(folder: &Folder) -> Arc<Lists> {
    let store = folder.database().exists().then(|| Store::open(folder).ok()).flatten();
    lists_in_force(folder, store.as_ref())
}

/// So that the desk notices when an editor's older copy overwrites it.
pub(super) fn note_own(
    opened: &Opened,
    kind: BanKind,
    change: &Edit,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (gone, new) = match change {
        Edit::Add(entry) | Edit::Insert(_, entry) => (None, Some(entry.trim().to_owned())),
        Edit::Remove(entry) => (Some(entry.trim().to_owned()), None),
        Edit::Replace(old, new) => (Some(old.trim().to_owned()), Some(new.trim().to_owned())),
    };
    let file = kind.file_name();
    opened.store.write(move |store| {
        if let Some(gone) = gone {
            store.forget_own_ban(file, &gone)?;
        }
        new.map_or(Ok(()), |new| store.note_own_ban(file, &new, now))
    })
}

/// What [`from_note`] understands again.
fn as_note(kind: BanKind, change: &Edit) -> String {
    let (what, entry, more) = match change {
        Edit::Add(entry) => ("add", entry, Value::Null),
        Edit::Insert(line, entry) => ("insert", entry, json!(line)),
        Edit::Remove(entry) => ("remove", entry, Value::Null),
        Edit::Replace(entry, new) => ("replace", entry, json!(new)),
    };
    json!([kind.word(), what, entry, more]).to_string()
}

/// The change that takes the last one back, as it was noted down.
pub(super) fn from_note(note: &str) -> Option<(BanKind, Edit)> {
    let note: Value = serde_json::from_str(note).ok()?;
    let kind = BanKind::ALL.into_iter().find(|kind| note[0] == kind.word())?;
    let entry = note[2].as_str()?.to_owned();
    let change = match note[1].as_str()? {
        "add" => Edit::Add(entry),
        "insert" => Edit::Insert(usize::try_from(note[3].as_u64()?).ok()?, entry),
        "remove" => Edit::Remove(entry),
        "replace" => Edit::Replace(entry, note[3].as_str()?.to_owned()),
        _ => return None,
    };
    Some((kind, change))
}

fn list(config: Option<&Path>, kind: Option<BanKind>, as_json: bool) -> Done {
    let (_, folder) = settings(config)?;
    let lists = lists_of(&folder);
    let entries: Vec<(BanKind, usize, &str)> = BanKind::ALL
        .into_iter()
        .filter(|one| kind.is_none_or(|kind| kind == *one))
        .flat_map(|one| lists.entries(one).map(move |(line, entry)| (one, line, entry)))
        .collect();
    if as_json {
        let entries = entries
            .iter()
            .map(|(kind, line, entry)| json!({ "file": kind.file_name(), "line": line, "entry": entry }));
        return print_json(&entries.collect());
    }
    for problem in lists.problems() {
        super::complain(&problem.to_string());
    }
    if entries.is_empty() {
        return print("Nothing is banned.\n");
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|(kind, line, entry)| vec![cell(kind.file_name()), cell(line.to_string()), cell(entry)])
        .collect();
    print(&table(&["file", "line", "entry"], &rows))
}

fn test(config: Option<&Path>, kind: BanKind, value: &str, as_json: bool) -> Done {
    let (settings, folder) = settings(config)?;
    let lists = lists_of(&folder);
    let unfit = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", shown(value)));
    let hits: Vec<Hit> = match kind {
        BanKind::Ip => lists.all_ip(value.parse().map_err(|_| unfit(&"this is no IP address"))?),
        BanKind::Email => lists.all_email(&EmailAddress::parse(value).map_err(|problem| unfit(&problem))?),
        BanKind::Username => lists
            .all_username(&Localpart::parse(value, &settings.homeserver).map_err(|problem| unfit(&problem))?),
    };
    if as_json {
        let hits: Vec<Value> = hits
            .iter()
            .map(|hit| json!({ "file": hit.list.file_name(), "line": hit.line, "entry": hit.entry }))
            .collect();
        return print_json(&json!({ "hits": hits }));
    }
    if hits.is_empty() {
        return print(&format!("No line of {} refuses {}.\n", kind.file_name(), shown(value)));
    }
    let rows: Vec<_> = hits
        .iter()
        .map(|hit| vec![cell(hit.list.file_name()), cell(hit.line.to_string()), cell(&hit.entry)])
        .collect();
    print(&table(&["file", "line", "entry"], &rows))
}
