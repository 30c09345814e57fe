//! `config.yaml` → [`Settings`]: the file itself, and which part of it is whose.

use std::path::Path;

use crate::domain::ServerName;

use super::defaults::{defaults, trial_server};
use super::folder::Folder;
use super::mail;
use super::node::{self, Node};
use super::problems::{ConfigErrors, Problem, Problems};
use super::reach;
use super::registration;
use super::secrets::{Sources, is_world_readable};
use super::section::Section;
use super::settings::{Approval, EmailIdentity, Settings, WhenUnreachable};
use super::tokens;

/// A config that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// The settings, every default filled in.
    pub settings: Settings,
    /// The folder of the config.yaml.
    pub folder: Folder,
    /// What is not wrong, but not right either.
    pub warnings: Vec<Problem>,
}

/// Of letters, requests and days nobody needs more.
const MOST: u64 = 1_000_000;

/// What stands in examples for the operator's own server.
const EXAMPLES: [&str; 3] = ["your.server", "example.com", "server.net"];

/// Sections of the original and its successor that doorman has no use for.
const PASSED_OVER: [&str; 4] = ["matrix_admin", "canary", "matrix", "gpg"];

/// Reads a config.yaml.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, ConfigErrors> {
    load_from(path, env, false)
}

/// The same for somebody who mails nothing: a password that `password_env` says is in the environment may lack there.
pub fn load_without_mail(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, ConfigErrors> {
    load_from(path, env, true)
}

fn load_from(
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
    mails_nothing: bool,
) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::new(path.to_owned());
    let folder = Folder::of_config(path);
    let sources = Sources { folder: folder.path(), env, mails_nothing };
    let settings = read(path, &mut problems).map(|root| settings(&root, &sources, &mut problems));
    match settings {
        Some(settings) if problems.errors.is_empty() => {
            Ok(Loaded { settings, folder, warnings: problems.warnings })
        }
        _ => {
            problems.errors.sort_by_key(|problem| problem.line);
            Err(ConfigErrors(problems.errors))
        }
    }
}

fn read(path: &Path, problems: &mut Problems) -> Option<Node> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let what = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such file".into(),
                std::io::ErrorKind::IsADirectory => "this is a folder; name the config.yaml in it".into(),
                std::io::ErrorKind::PermissionDenied => {
                    "the user that doorman runs as may not read it".into()
                }
                _ => format!("it cannot be read: {error}"),
            };
            problems.error(None, "", what);
            return None;
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count();
            problems.error(line, "", "this is not UTF-8; save the file as UTF-8");
            return None;
        }
    };
    match node::parse(text) {
        Ok(Some(root)) => Some(root),
        Ok(None) => {
            problems.error(
                None,
                "",
                "it is empty; at least homeserver belongs in it, see config.yaml.example",
            );
            None
        }
        Err((line, what)) => {
            problems.error(line, "", what);
            None
        }
    }
}

fn settings(root: &Node, sources: &Sources<'_>, problems: &mut Problems) -> Settings {
    let mut top = Section::new("", root, problems);
    let homeserver = homeserver(&mut top, problems);
    // Without one the rest is read all the same, so that every error is told at once.
    let mut settings = defaults(homeserver.unwrap_or_else(trial_server));
    let mut inline_secret = tokens::read(&mut top, &mut settings.tokens, sources, problems);
    registration::read(&mut top, &mut settings, problems);
    reach::read(&mut top, &mut settings, problems);
    rules(&mut top, &mut settings, problems);
    operation(&mut top, &mut settings, problems);
    inline_secret |= mail::read(&mut top, &mut settings, sources, problems);
    pass_over(&mut top, problems);
    top.finish(problems);

    if inline_secret && is_world_readable(&problems.file) {
        let what = "everybody on this machine can read this file, and a password or access token stands in it: chmod o-r it, \
                    or name a file of its own, by the same key with _file at its end";
        problems.warn(None, "", what);
    }
    if settings.smtp.is_some() && settings.public_url.is_none() {
        problems.warn(None, "public_url", "it is not set, so letters cannot say where to ask again");
    }
    settings
}

/// Who may ask, and how often.
fn rules(top: &mut Section<'_>, settings: &mut Settings, problems: &mut Problems) {
    for (name, slot) in [
        ("letters_per_address_per_day", &mut settings.letters_per_address_per_day),
        ("letters_per_hour", &mut settings.letters_per_hour),
        ("requests_per_ip_per_hour", &mut settings.requests_per_ip_per_hour),
    ] {
        top.set(name, slot, |entry| entry.number(problems, 0, MOST, "; 0 is no limit"));
    }
    top.set("email_identity", &mut settings.email_identity, |entry| {
        entry.one_of(problems, &[("mailbox", EmailIdentity::Mailbox), ("exact", EmailIdentity::Exact)])
    });
    top.set("when_homeserver_unreachable", &mut settings.when_homeserver_unreachable, |entry| {
        entry.one_of(problems, &[("refuse", WhenUnreachable::Refuse), ("accept", WhenUnreachable::Accept)])
    });
    top.set("approval", &mut settings.approval, |entry| {
        entry.one_of(problems, &[("automatic", Approval::Automatic), ("manual", Approval::Manual)])
    });
}

/// What concerns the operator and the homeserver alone.
fn operation(top: &mut Section<'_>, settings: &mut Settings, problems: &mut Problems) {
    top.set("base_url", &mut settings.base_url, |entry| entry.url(problems).map(Some));
    top.set("after_rotation", &mut settings.after_rotation, |entry| {
        let command = entry.text(problems, "a command for sh -c")?;
        (!command.trim().is_empty()).then(|| Some(command.to_owned()))
    });
    top.set("retention_days", &mut settings.retention_days, |entry| {
        entry.number(problems, 0, MOST, " days; 0 keeps everything")
    });
    top.set("operator_email", &mut settings.operator_email, |entry| {
        entry.email(problems, "it should be your e-mail address").map(Some)
    });
}

fn homeserver(top: &mut Section<'_>, problems: &mut Problems) -> Option<ServerName> {
    let Some(entry) = top.take("homeserver") else {
        let what = "it is missing: the server's name, as in @user:your.server";
        problems.error(None, "homeserver", what);
        return None;
    };
    let written = entry.text(problems, "the server's name")?.trim();
    if written.starts_with('@') {
        entry.error(problems, "it is the server's name, not a user's: only what stands behind the colon");
        return None;
    }
    match ServerName::parse(written) {
        Ok(name) if EXAMPLES.contains(&name.as_str()) && !cfg!(test) => {
            problems.warn(entry.line, &entry.path, format!("{name} stands in examples; is it really yours?"));
            Some(name)
        }
        Ok(name) => Some(name),
        Err(why) => {
            entry.error(problems, format!("it {why}; it should be like your.server"));
            None
        }
    }
}

/// Sections that mean nothing here: one warning for all.
fn pass_over(top: &mut Section<'_>, problems: &mut Problems) {
    let found: Vec<(usize, &str)> =
        PASSED_OVER.into_iter().filter_map(|name| Some((top.take(name)?.line, name))).collect();
    if let Some((line, _)) = found.first() {
        let names: Vec<&str> = found.iter().map(|(_, name)| *name).collect();
        let what = format!("passed over, doorman has no use for it: {}", names.join(", "));
        problems.warn(*line, "", what);
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
