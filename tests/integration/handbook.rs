//! What the handbook, README and CONTRIBUTING say is true: links lead somewhere, commands are ones, settings are valid.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use doorman::cli::Cli;
use doorman::config::load_text;
use regex::Regex;

use crate::support::{files_below, root};

/// Every page, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut found = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
        .map(|name| root().join(name))
        .to_vec();
    files_below(&root().join("docs"), "md", &mut found);
    assert!(found.len() > 20, "{found:?}");
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// A page's lines outside of code blocks, and its code blocks: language and text, taken out of lists.
fn parts(page: &str) -> (String, Vec<(String, String)>) {
    let (mut prose, mut blocks) = (String::new(), Vec::new());
    let mut open: Option<(usize, String, String)> = None;
    for line in page.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(language)) => {
                open =
                    Some((line.len() - line.trim_start().len(), language.trim().to_owned(), String::new()));
            }
            (None, None) => prose.push_str(&format!("{line}\n")),
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(_, language, text)| (language, text))),
            (Some((indent, _, text)), None) => {
                text.push_str(&format!("{}\n", line.get(*indent..).unwrap_or_else(|| line.trim_start())));
            }
        }
    }
    assert!(open.is_none(), "a code block has no end");
    (prose, blocks)
}

/// A heading's anchor, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

fn anchors(page: &str) -> BTreeSet<String> {
    let (prose, _) = parts(page);
    prose.lines().filter_map(|line| Some(anchor(line.strip_prefix('#')?.trim_start_matches('#')))).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_in_the_summary() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut in_summary = BTreeSet::new();
    for (path, text) in pages() {
        let (prose, _) = parts(&text);
        for found in link.captures_iter(&prose) {
            let (target, anchor) = found[1].split_once('#').unwrap_or((&found[1], ""));
            if target.contains("://") {
                continue;
            }
            let to = if target.is_empty() { path.clone() } else { path.parent().unwrap().join(target) };
            assert!(to.exists(), "{}: {} leads nowhere", path.display(), &found[1]);
            if path.ends_with("docs/SUMMARY.md") {
                in_summary.insert(to.canonicalize().unwrap());
            }
            let has_it = || anchors(&std::fs::read_to_string(&to).unwrap()).contains(anchor);
            assert!(anchor.is_empty() || has_it(), "{}: {} has no such heading", path.display(), &found[1]);
        }
    }
    for (path, _) in pages() {
        let is_page = path.starts_with(root().join("docs")) && !path.ends_with("SUMMARY.md");
        assert!(!is_page || in_summary.contains(&path), "{} is not in docs/SUMMARY.md", path.display());
    }
}

/// The words of a shell's line, up to what is not the command's own any more.
fn words(line: &str) -> Vec<String> {
    let token = Regex::new(r#"'([^']*)'|"([^"]*)"|([^\s'"]+)"#).unwrap();
    token
        .captures_iter(line)
        .map(|found| {
            let quoted = found.get(1).or(found.get(2));
            (quoted.is_some(), quoted.or(found.get(3)).unwrap().as_str().to_owned())
        })
        .take_while(|(quoted, word)| *quoted || !["#", "|", "&&", ">", ";", "||"].contains(&word.as_str()))
        .map(|(_, word)| word.trim_end_matches(';').to_owned())
        .collect()
}

#[test]
fn every_command_that_is_shown_is_one() {
    let (mut shown, mut faults) = (0, Vec::new());
    for (path, text) in pages() {
        for (language, block) in parts(&text).1 {
            if language != "sh" {
                continue;
            }
            for line in block.replace("\\\n", " ").lines() {
                let words = words(line);
                let own = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["doorman", ..] => &words[..],
                    ["sudo", "-u", _, "doorman", ..] => &words[3..],
                    ["sudo", "doorman", ..] => &words[1..],
                    _ => continue,
                };
                shown += 1;
                if let Err(fault) = Cli::try_parse_from(own)
                    && fault.use_stderr()
                {
                    faults.push(format!("{}: {line}\n{fault}", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(shown > 50, "{shown}");
}

/// In the text, `doorman requests show ID` and the like: the command is there, and its flags are.
#[test]
fn every_command_that_is_named_is_one_and_every_command_is_named() {
    let span = Regex::new(r"`doorman ([a-z][^`]*)`").unwrap();
    let (mut named, all) = (BTreeSet::new(), Cli::command());
    for (path, text) in pages() {
        // What a release before this one had is history.
        let text = text.split("\n## [0.1.0]").next().unwrap().to_owned();
        for found in span.captures_iter(&text) {
            let (mut command, mut is_known) = (&all, true);
            for word in words(&found[1]) {
                if let Some(flag) = word.strip_prefix("--") {
                    let flag = flag.split('=').next();
                    let has = |command: &clap::Command| {
                        command.get_arguments().any(|known| known.get_long() == flag || flag == Some("help"))
                    };
                    assert!(has(command) || has(&all), "{}: {}: --{flag:?}", path.display(), &found[0]);
                } else if is_known && command.has_subcommands() {
                    match command.find_subcommand(&word) {
                        Some(next) => command = next,
                        None => is_known = false,
                    }
                }
            }
            assert!(command.get_name() != "doorman", "{}: {}", path.display(), &found[0]);
            named.insert(words(&found[1])[0].clone());
        }
        for (_, block) in parts(&text).1 {
            named.extend(
                block
                    .lines()
                    .filter_map(|line| line.strip_prefix("doorman ")?.split(' ').next().map(str::to_owned)),
            );
        }
    }
    for command in all.get_subcommands() {
        assert!(named.contains(command.get_name()), "the handbook does not tell of `{}`", command.get_name());
    }
}

#[test]
fn every_setting_that_is_shown_is_valid() {
    let secret = Regex::new(r"_file: ([^\s,}]+)").unwrap();
    let (mut shown, mut faults) = (0, Vec::new());
    for (path, text) in pages() {
        for (language, block) in parts(&text).1 {
            // A block that begins with the name of a file is another program's.
            if language != "yaml" || block.starts_with("# ") {
                continue;
            }
            shown += 1;
            let dir = tempfile::tempdir().unwrap();
            for file in secret.captures_iter(&block) {
                std::fs::write(dir.path().join(&file[1]), "secret\n").unwrap();
            }
            let head = if block.contains("homeserver: ") && !block.starts_with("email_") {
                ""
            } else {
                "homeserver: your.server\n"
            };
            if let Err(fault) =
                load_text(&format!("{head}{block}"), &dir.path().join("config.yaml"), &|_| None)
            {
                faults.push(format!("{}: {fault}\n{block}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(shown > 15, "{shown}");
}

#[test]
fn the_readme_is_short() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150, "what is longer goes into the handbook");
}
