//! Passwords: in the config, in a file of their own, or in the environment.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::domain::Secret;

use super::entry::Entry;
use super::problems::Problems;
use super::section::Section;

/// Where secrets may come from.
pub(super) struct Sources<'a> {
    /// The desk's folder, which paths are relative to.
    pub folder: &'a Path,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a password of the mail server's or the letter box's may lack there: nothing is going to be mailed.
    pub mails_nothing: bool,
}

/// Takes `name`, `name_file` and `name_env`, of which one at most may be set. Also whether it stood in the config itself.
pub(super) fn secret(
    section: &mut Section<'_>,
    [name, file, env]: [&'static str; 3],
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> Option<(Secret, bool)> {
    let entries = [section.take(name), section.take(file), section.take(env)];
    let mut set = entries.iter().flatten();
    let first = set.next()?;
    if let Some(second) = set.next() {
        second.error(problems, format!("{} is set too; keep one of them", first.path));
        return None;
    }
    let text = first.text(problems, "text")?;
    let (value, inline) = match &entries {
        [Some(_), ..] => (Some(text.to_owned()), true),
        [_, Some(entry), _] => (from_file(entry, text, sources, problems), false),
        _ => {
            let value = (sources.env)(text);
            if value.is_none() && sources.mails_nothing && name == "password" {
                return Some((Secret::new(String::new()), false));
            }
            if value.is_none() {
                first.error(problems, "this variable is not in the environment");
            }
            (value, false)
        }
    };
    let value = value?;
    if value.is_empty() {
        first.error(problems, "it is empty");
        return None;
    }
    Some((Secret::new(value), inline))
}

fn from_file(
    entry: &Entry<'_>,
    path: &str,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> Option<String> {
    let path = sources.folder.join(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            warn_if_world_readable(&path, entry, problems);
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        Err(error) => {
            entry.error(problems, format!("{} cannot be read: {error}", path.display()));
            None
        }
    }
}

fn warn_if_world_readable(path: &Path, entry: &Entry<'_>, problems: &mut Problems) {
    if is_world_readable(path) {
        problems.warn(
            entry.line,
            &entry.path,
            format!("everybody on this machine can read {0}: chmod o-r {0}", path.display()),
        );
    }
}

/// Whether everybody may read it.
pub(super) fn is_world_readable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}
