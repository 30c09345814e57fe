//! The operator's own words: `lang/de.ftl` in the desk's folder says instead of the shipped messages what it has.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;

use crate::domain::Language;
use crate::files;

use super::catalog::{Bundle, Message, empty, said, say_instead};
use super::messages_of_all;

/// Reads the files in this folder and has the desk speak so. What is wrong in them, file and message first, is passed over:
/// the shipped words are said there.
pub fn speak_as_in(folder: &Path) -> Vec<String> {
    let (own, problems) = read(folder);
    say_instead(own);
    problems
}

/// What is wrong in the files in this folder.
pub fn problems_in(folder: &Path) -> Vec<String> {
    read(folder).1
}

fn read(folder: &Path) -> (HashMap<Language, Bundle>, Vec<String>) {
    let (mut own, mut problems) = (HashMap::new(), Vec::new());
    let mut names: Vec<String> = match fs::read_dir(folder) {
        Ok(entries) => {
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            problems.push(format!("lang: {error}"));
            Vec::new()
        }
    };
    names.sort();
    for name in names {
        let Some(tag) = name.strip_suffix(".ftl").filter(|tag| !tag.starts_with('.')) else { continue };
        let Ok(language) = tag.parse::<Language>() else {
            problems.push(format!("lang/{name}: {tag} is no language of the desk"));
            continue;
        };
        match files::read(&folder.join(&name)).map(String::from_utf8) {
            Ok(Ok(text)) => {
                let (bundle, wrong) = bundle(language, text);
                problems.extend(wrong.into_iter().map(|what| format!("lang/{name}: {what}")));
                own.insert(language, bundle);
            }
            Ok(Err(_)) => problems.push(format!("lang/{name}: it is not UTF-8")),
            Err(error) => problems.push(format!("lang/{name}: {error}")),
        }
    }
    (own, problems)
}

/// The messages of a file, and what is wrong in it.
fn bundle(language: Language, text: String) -> (Bundle, Vec<String>) {
    let (mut bundle, mut problems) = (empty(language), Vec::new());
    let resource = FluentResource::try_new(text).unwrap_or_else(|(readable, errors)| {
        let line = |at: usize| readable.source()[..at.min(readable.source().len())].lines().count().max(1);
        problems.extend(errors.iter().map(|error| format!("line {}: {error}", line(error.pos.start + 1))));
        readable
    });
    let names: Vec<String> = resource
        .entries()
        .filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            Entry::Term(_)
            | Entry::Comment(_)
            | Entry::GroupComment(_)
            | Entry::ResourceComment(_)
            | Entry::Junk { .. } => None,
        })
        .collect();
    bundle.add_resource_overriding(resource);
    for name in names {
        match messages_of_all().find(|message| message.name == name) {
            None => problems.push(format!("{name}: there is no such message")),
            Some(message) => problems.extend(what_is_wrong(&bundle, message)),
        }
    }
    (bundle, problems)
}

/// Says it once, as it may be said.
fn what_is_wrong(bundle: &Bundle, message: &Message) -> Option<String> {
    let mut arguments = FluentArgs::new();
    for name in message.texts {
        arguments.set(*name, "x");
    }
    for name in message.numbers {
        arguments.set(*name, FluentValue::from(1));
    }
    if said(bundle, message.name, &arguments).is_some() {
        return None;
    }
    let known: Vec<String> =
        message.texts.iter().chain(message.numbers).map(|name| format!("{{ ${name} }}")).collect();
    let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
    Some(format!("{}: cannot be said; what it can have in it is {known}", message.name))
}
