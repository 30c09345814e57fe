//! `docs/style.md`: words that do not belong into what people read. As far as a test can tell.

use clap::{Command, CommandFactory};
use doorman::cli::Cli;
use regex::Regex;

use crate::support::{files_below, root};

/// What does not belong, and what is said instead. Each stands in `docs/style.md`, too.
const WORDS: &[(&str, &str)] = &[
    (r"\bletters?\b", "email"),
    (r"\be-mails?\b", "email"),
    (r"\binto your mail\b", "check your email"),
    (r"\bmake your account\b", "create your account"),
    (r"\bsignup link\b", "sign-up link"),
    (r"\b(is|are|all) in order\b", "valid, fine"),
    (r"\bout of order\b", "is not working"),
    (r"\bthings? to mend\b|\bmended\b", "error, errors; fixed"),
    (r"\bfindings\b", "problems"),
    (r"\bgiven up\b", "failed"),
    (r"\banew\b", "again"),
    (r"\brequests lately\b", "requests"),
    (r"\bstands in examples\b", "is the example value; change it"),
    (r"\bmuch as with\b", "just like"),
    (r"\brun for good\b", "run it as a service"),
    (r"\bwhat it stands\b", "what it withstands"),
    (r"\bwhoever wants to\b", "to …, start with …"),
    (r"\bhas its tokens from\b", "gets its tokens"),
    (r"\bnot spoken here\b", "unsupported"),
    (r"\b(cannot|nothing to) be taken back|nothing to take back\b", "undo"),
];

/// Where `letter` is the right word: the letter box, letters of the alphabet, and names that scripts rely on.
const ALLOWED: &str = "letter(\\s+|_)box(es)?|letters and digits|form letter|\
                       letters a–z|plain letters|only letters, digits|last label of one letter|first letter|may hold only letters";

/// Texts without what scripts rely on: code spans, names with `_`, and the letter box.
struct Look {
    words: Vec<(Regex, &'static str)>,
    code: Regex,
    allowed: Regex,
}

impl Look {
    fn new() -> Self {
        let regex = |text: &str| Regex::new(&format!("(?i){text}")).unwrap();
        Self {
            words: WORDS.iter().map(|(word, better)| (regex(word), *better)).collect(),
            code: Regex::new(r"`[^`]*`|\S*\w_\w\S*|\bletter:\S*|\{\w*\}").unwrap(),
            allowed: regex(ALLOWED),
        }
    }

    fn at(&self, whence: &str, text: &str, found: &mut Vec<String>) {
        let text = self.code.replace_all(text, "…");
        let text = self.allowed.replace_all(&text, "…");
        for (word, better) in &self.words {
            if let Some(hit) = word.find(&text) {
                found.push(format!("{whence}: {:?} (rather: {better}) in: {}", hit.as_str(), text.trim()));
            }
        }
    }
}

/// What stands in quotes in a source, outside of comments and of its tests.
fn literals(source: &str) -> Vec<String> {
    let tests = Regex::new(r"#\[cfg\(test\)\]\n(#\[[^\n]*\]\n)?(pub )?(\(super\) )?mod \w+ \{").unwrap();
    let source = tests.find(source).map_or(source, |found| &source[..found.start()]);
    let token = Regex::new(
        r##"//[^\n]*|'(?:\\[^\n]|[^\\'\n])'|r#"(?s:(.*?))"#|r"([^"]*)"|"((?:\\(?s:.)|[^"\\])*)""##,
    )
    .unwrap();
    let broken = Regex::new(r"\\\n\s*").unwrap();
    token
        .captures_iter(source)
        .filter_map(|found| found.get(1).or(found.get(2)).or(found.get(3)))
        .map(|text| broken.replace_all(text.as_str(), "").replace("\\n", "\n"))
        .collect()
}

/// Whether it is prose: not a name, and not SQL.
fn is_prose(text: &str) -> bool {
    let sql =
        Regex::new(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|JOIN|AND|OR|ORDER BY)\b").unwrap();
    text.trim().contains(' ') && !sql.is_match(text)
}

fn help(command: &Command, path: &str, look: &Look, found: &mut Vec<String>) {
    let path = format!("{path} {}", command.get_name());
    look.at(&path, &command.clone().render_long_help().to_string(), found);
    for next in command.get_subcommands() {
        help(next, &path, look, found);
    }
}

#[test]
fn what_people_read_is_plain_english() {
    let (look, mut found, mut seen) = (Look::new(), Vec::new(), 0);
    help(&Cli::command(), "", &look, &mut found);

    let mut sources = Vec::new();
    files_below(&root().join("src"), "rs", &mut sources);
    // Words that other people's mail is searched for.
    let others = ["inbox/machines", "inbox/wanted_name", "inbox/own_text", "inbox/bounce"];
    for path in sources {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        if shown.contains("test")
            || shown.contains("scripted")
            || others.iter().any(|part| shown.contains(part))
        {
            continue;
        }
        for literal in literals(&std::fs::read_to_string(&path).unwrap()).iter().filter(|text| is_prose(text))
        {
            seen += 1;
            look.at(&shown, literal, &mut found);
        }
    }
    assert!(seen > 1000, "{seen}");

    let mut pages =
        vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("config.yaml.example")];
    files_below(&root().join("docs"), "md", &mut pages);
    if root().join("lang/en").is_dir() {
        files_below(&root().join("lang/en"), "ftl", &mut pages);
    }
    for path in pages.iter().filter(|path| !path.ends_with("docs/style.md")) {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        for (number, line) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
            look.at(&format!("{shown}:{}", number + 1), line, &mut found);
        }
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}
