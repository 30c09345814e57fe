//! Passwords: in the config, in a file of their own, or in the environment.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::domain::Secret;

use super::key::{Shown, Spec};
use super::reading::Entry;
use super::section::Section;

impl Section<'_> {
    /// A key that may stand as it is, with `_file` or with `_env` at its end, one of them at most; what is shown is a file.
    /// One that cannot be read is told, and empty.
    pub(super) fn secret(&self, spec: Spec, shown: Shown) -> Option<Secret> {
        let wanted = "text, or the name of a file or of an environment variable";
        self.record(spec, shown, wanted, &["", "_file", "_env"]);
        let forms = ["", "_file", "_env"].map(|ending| self.find(&format!("{}{ending}", spec.name)));
        let mut set = forms.iter().flatten();
        let first = set.next()?;
        if let Some(second) = set.next() {
            second.error(format!("{} is set too; keep one of them", first.path));
        }
        self.reading.has_inline_secret.set(self.reading.has_inline_secret.get() || forms[0].is_some());
        let read = first.node.scalar("text").and_then(|text| match &forms {
            [Some(_), ..] => filled(text),
            [None, Some(file), _] => from_file(file, text),
            _ => match self.reading.env.and_then(|env| env(text)) {
                Some(value) => filled(&value),
                None if self.reading.mails_nothing && spec.name == "password" => Ok(String::new()),
                None => Err("this environment variable is not set".into()),
            },
        });
        Some(Secret::new(read.unwrap_or_else(|what| {
            first.error(what);
            String::new()
        })))
    }
}

fn from_file(entry: &Entry<'_>, path: &str) -> Result<String, String> {
    let path = entry.reading.folder.join(path);
    let text = std::fs::read_to_string(&path);
    let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if is_world_readable(&path) {
        entry.warn(format!("everybody on this machine can read {0}: chmod o-r {0}", path.display()));
    }
    filled(text.trim_end_matches(['\r', '\n']))
}

fn filled(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".into()) } else { Ok(text.to_owned()) }
}

/// Whether everybody may read it.
pub(super) fn is_world_readable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}
