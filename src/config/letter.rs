//! `email_subject`, `email_body`, `email_body_html`, and their nested form.

use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::problems::{Problem, Problems};
use super::section::Section;
use super::settings::LetterTemplates;
use super::template::Template;

/// What operators may use in letters.
pub(super) const PLACEHOLDERS: &[&str] =
    &["homeserver", "registration_token", "requested_username", "utc_time", "time_until_reset"];

/// The flat form.
pub(super) fn flat(top: &mut Section<'_>, problems: &mut Problems) -> LetterTemplates {
    let mut inline = |name, is_body| {
        let entry = top.take(name)?;
        let text = entry.text(problems, "text")?;
        parsed(text, &entry, entry.text_line(), None, is_body, problems)
    };
    LetterTemplates {
        subject: inline("email_subject", false),
        text: inline("email_body", true),
        html: inline("email_body_html", true),
    }
}

/// The nested form, where bodies are files. What the flat form has set already is an error.
pub(super) fn nested(
    section: &mut Section<'_>,
    folder: &Path,
    flat: &mut LetterTemplates,
    problems: &mut Problems,
) {
    if let Some(entry) = section.take("subject")
        && let Some(text) = entry.text(problems, "text")
    {
        let subject = parsed(text, &entry, entry.text_line(), None, false, problems);
        set(&mut flat.subject, subject, &entry, "email_subject", problems);
    }
    for (name, slot, flat_name) in
        [("body", &mut flat.text, "email_body"), ("body_html", &mut flat.html, "email_body_html")]
    {
        let Some(entry) = section.take(name) else { continue };
        let Some(path) = entry.text(problems, "the path of a file") else { continue };
        let path = folder.join(path);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let body = parsed(&text, &entry, 1, Some(&path), true, problems);
                set(slot, body, &entry, flat_name, problems);
            }
            Err(error) => entry.error(
                problems,
                format!(
                    "{} cannot be read: {error}; it should be the path of a file in the desk's folder",
                    path.display()
                ),
            ),
        }
    }
}

fn set(
    slot: &mut Option<Template>,
    template: Option<Template>,
    entry: &Entry<'_>,
    flat_name: &str,
    problems: &mut Problems,
) {
    if slot.is_some() {
        entry.error(problems, format!("{flat_name} is set too; keep one of them"));
    } else {
        *slot = template;
    }
}

fn parsed(
    text: &str,
    entry: &Entry<'_>,
    first_line: usize,
    file: Option<&PathBuf>,
    is_body: bool,
    problems: &mut Problems,
) -> Option<Template> {
    match Template::parse(text, PLACEHOLDERS) {
        Ok(template) => {
            // The original took such a letter, so its operators' configs go on.
            if is_body && !template.has("registration_token") {
                let what = "{registration_token} is not in it, so nobody could register with this letter";
                problems.warn(entry.line, &entry.path, what);
            }
            Some(template)
        }
        Err((line, what)) => {
            problems.errors.push(Problem {
                file: file.unwrap_or(&problems.file).clone(),
                line: Some(first_line + line),
                key: entry.path.clone(),
                what,
            });
            None
        }
    }
}
