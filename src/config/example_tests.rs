use std::path::Path;

use super::*;

const PAGE_HEAD: &str = "\
# config.yaml

Every setting, as `doorman example-config` prints them too. `doorman check-config` shows every error; a running
desk reads the file again on SIGHUP. `smtp.host` means `host` in the section `smtp`. A key without a value counts as left out.
";

/// `docs/config.md`.
fn handbook_page() -> String {
    let mut page = PAGE_HEAD.to_owned();
    for key in table() {
        if let Some(heading) = key.spec.heading {
            page.push_str(&format!("\n## {heading}\n"));
        }
        page.push_str(&format!("\n### `{}`\n\n", key.path));
        page.extend(key.spec.text.iter().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))));
        let names: Vec<String> = key
            .endings
            .iter()
            .skip(1)
            .map(|ending| format!("`{}{ending}`", key.path))
            .chain(key.spec.alias.iter().map(|alias| format!("`{alias}`")))
            .collect();
        let value = match key.shown {
            Shown::Section => "Keys:".into(),
            Shown::Default(yaml) => format!("Default: `{yaml}`"),
            shown if shown.yaml().contains('\n') => {
                format!("Example:\n\n```yaml\n{}: {}\n```", key.path, shown.yaml())
            }
            shown => format!("Example: `{}: {}`", key.shown_name(), shown.yaml()),
        };
        let also =
            if names.is_empty() { String::new() } else { format!(" Also as {}.", names.join(" and ")) };
        page.push_str(&match key.shown {
            Shown::Section => format!("\nA section.{also}\n"),
            _ => format!("\nValue: {}.{also} {value}\n", key.wanted),
        });
    }
    page
}

/// To change a text, change it in the table.
#[test]
fn the_example_and_the_handbooks_page_are_what_the_table_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (file, made) in [("config.yaml.example", example()), ("docs/config.md", handbook_page())] {
        if std::env::var_os("DOORMAN_WRITE").is_some() {
            std::fs::write(root.join(file), &made).unwrap();
        }
        let committed = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(
            committed == made,
            "{file} is not what the table makes; write it anew: DOORMAN_WRITE=1 cargo test --lib config"
        );
    }
}
