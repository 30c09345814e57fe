//! `config.yaml.example`: every key with its text, and its default or an example.

use super::key::{Key, Shown};
use super::keys::Settings;
use super::reading::Reading;
use super::section::Section;

const HEAD: &str = "\
# doorman's settings. Copy this file to config.yaml, in a folder of its own: that folder is the desk.
# Lines that begin with # show a setting's default, or an example if there is none. Remove the # to set it.
# `doorman check-config` shows every error. A running desk reads the file again on SIGHUP.
";

/// The table of keys.
pub(super) fn table() -> Vec<Key> {
    let reading = Reading::default();
    Settings::read(&Section::top(&reading, None));
    reading.keys.into_inner()
}

/// A `config.yaml` that explains every key. As it is it holds the defaults.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    for key in table() {
        if let Some(heading) = key.spec.heading {
            text.push_str(&format!("\n# --- {heading} {:-<1$}\n", "", 114 - heading.len()));
        }
        let indent = "  ".repeat(key.path.matches('.').count());
        text.push_str(if indent.is_empty() { "\n" } else { "" });
        for line in key.spec.text {
            // Where it is not indented itself, two blanks would make it a setting.
            let line = if indent.is_empty() { line.trim_start() } else { &line[1..] };
            text.push_str(
                format!("#{indent}{}{line}", if indent.is_empty() { " " } else { "# " }).trim_end(),
            );
            text.push('\n');
        }
        let before = match key.shown {
            Shown::Required(_) if indent.is_empty() => String::new(),
            Shown::Aside(_) => format!("#{indent}# "),
            _ => format!("#{indent}"),
        };
        let value = key.shown.yaml().replace('\n', &format!("\n{before}"));
        text.push_str(format!("{before}{}: {value}", key.shown_name()).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
#[path = "example_tests.rs"]
mod tests;
