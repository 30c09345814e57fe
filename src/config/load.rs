//! `config.yaml` → [`Settings`].

use std::path::Path;

use crate::domain::ServerName;
use crate::files;

use super::checks;
use super::folder::Folder;
use super::hints::compare_with_table;
use super::keys::Settings;
use super::node::{self, Node};
use super::problems::{ConfigErrors, Problem};
use super::reading::{Env, Reading};
use super::secrets::is_world_readable;
use super::section::Section;

/// One that nobody can have (RFC 2606).
const TRIAL_SERVER: &str = "trial.example";

/// What is to be said of a desk without it.
pub const NO_MAIL: &str = "it is not set, so no emails are sent: they are only written to outbox/";

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

/// Reads a config.yaml.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(path: &Path, env: Env<'_>) -> Result<Loaded, ConfigErrors> {
    load_from(path, env, false)
}

/// The same for somebody who mails nothing: a password that `password_env` says is in the environment may lack there.
pub fn load_without_mail(path: &Path, env: Env<'_>) -> Result<Loaded, ConfigErrors> {
    load_from(path, env, true)
}

/// The same for a text that is to be written to this path.
pub fn load_text(text: &str, path: &Path, env: Env<'_>) -> Result<Loaded, ConfigErrors> {
    loaded(path, env, false, parse(text))
}

fn load_from(path: &Path, env: Env<'_>, mails_nothing: bool) -> Result<Loaded, ConfigErrors> {
    loaded(path, env, mails_nothing, read(path))
}

fn loaded(
    path: &Path,
    env: Env<'_>,
    mails_nothing: bool,
    root: Result<Node, (Option<usize>, String)>,
) -> Result<Loaded, ConfigErrors> {
    let folder = Folder::of_config(path);
    let reading = Reading {
        file: path.to_owned(),
        folder: folder.path().to_owned(),
        env: Some(env),
        mails_nothing,
        ..Reading::default()
    };
    let settings =
        root.map_err(|(line, what)| reading.error(line, "", what)).map(|root| settings(&reading, &root));
    let (mut errors, warnings) = (reading.errors.into_inner(), reading.warnings.into_inner());
    errors.sort_by_key(|problem| problem.line);
    match settings {
        Ok(settings) if errors.is_empty() => Ok(Loaded { settings, folder, warnings }),
        _ => Err(ConfigErrors(errors)),
    }
}

/// What stands in the file; else the line, where there is one, and what is wrong.
fn read(path: &Path) -> Result<Node, (Option<usize>, String)> {
    let bytes = files::read(path).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".into(),
            std::io::ErrorKind::IsADirectory => "this is a folder; name the config.yaml in it".into(),
            std::io::ErrorKind::PermissionDenied => "the user that doorman runs as may not read it".into(),
            _ => format!("it cannot be read: {error}"),
        };
        (None, what)
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count();
        (Some(line), "this is not UTF-8; save the file as UTF-8".into())
    })?;
    parse(text)
}

fn parse(text: &str) -> Result<Node, (Option<usize>, String)> {
    match node::parse(text.trim_start_matches('\u{feff}')) {
        Ok(Some(root)) => Ok(root),
        Ok(None) => {
            let what =
                "it is empty; it needs at least homeserver. `doorman example-config` prints an example";
            Err((None, what.into()))
        }
        Err((line, what)) => Err((Some(line), what)),
    }
}

fn settings(reading: &Reading<'_>, root: &Node) -> Settings {
    let settings = Settings::read(&Section::top(reading, Some(root)));
    compare_with_table(reading, root);
    if reading.has_inline_secret.get() && is_world_readable(&reading.file) {
        let what = "everybody on this machine can read this file, and it contains a password or access token: chmod o-r it, or put that into a file of its own, named by the same key with _file at its end";
        reading.warn(None, "", what);
    }
    if settings.smtp.is_none() {
        reading.warn(None, "smtp", NO_MAIL);
    }
    if settings.smtp.is_some() && settings.public_url.is_none() {
        reading.warn(None, "public_url", "it is not set, so emails cannot link to the page");
    }
    settings
}

impl Settings {
    /// The built-in defaults of a trial desk.
    pub fn trial() -> Self {
        let homeserver = ServerName::parse(TRIAL_SERVER).unwrap_or_else(|_| unreachable!("it is a constant"));
        let defaults = Self::read(&Section::top(&Reading::default(), None));
        Self { trial: true, from: checks::noreply(&homeserver), homeserver, ..defaults }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
