//! Questions and answers: on a terminal or through a pipe; with `--yes` nobody is asked.

use std::io::{BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::cli::Failure;

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    /// Nobody: what is not given takes its default, and what has none is missing.
    pub nobody: bool,
}

impl Asking {
    /// What the flag gives, else asks until `read` takes the answer, or nobody can be asked. An empty answer is the default.
    pub(super) fn ask<T>(
        self,
        question: &str,
        (flag, given): (&str, Option<&str>),
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        if let Some(given) = given {
            return read(given).map_err(|why| Failure::new(format!("{flag} {given}: {why}")));
        }
        if self.nobody {
            let missing = || Failure::new(format!("{question}? Give it with {flag}"));
            return read(default.ok_or_else(missing)?).map_err(Failure::new);
        }
        let shown = default.filter(|text| !text.is_empty()).map(|text| format!(" [{text}]"));
        loop {
            let line = line(&format!("{question}{}: ", shown.as_deref().unwrap_or_default()))?;
            let answer = if line.is_empty() { default } else { Some(line.as_str()) };
            match answer.map(&read) {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(why)) => say(&format!("  {why}")),
                None => say("  This one is needed."),
            }
        }
    }

    /// Asks for what is not to be seen.
    pub(super) fn ask_secret(self, question: &str, flag: &str) -> Result<String, Failure> {
        if self.nobody {
            return Err(Failure::new(format!("{question}? Give it with {flag}")));
        }
        let _hidden = Hidden::new();
        let secret = line(&format!("{question} (not shown): "));
        say("");
        secret
    }

    /// Yes or no.
    pub(super) fn confirm(self, question: &str, default: bool) -> Result<bool, Failure> {
        let shown = if default { "yes" } else { "no" };
        self.ask(question, ("--yes", None), Some(shown), |answer| {
            match answer.to_ascii_lowercase().as_str() {
                "y" | "yes" => Ok(true),
                "n" | "no" => Ok(false),
                _ => Err("yes or no".into()),
            }
        })
    }
}

/// Any answer will do.
#[expect(clippy::unnecessary_wraps, reason = "as the others that read an answer")]
pub(super) fn any(typed: &str) -> Result<String, String> {
    Ok(typed.to_owned())
}

/// Says something while asking. Not on standard output, which is for what was done.
pub(super) fn say(words: &str) {
    // Whoever does not read on misses only words.
    let _ = writeln!(std::io::stderr(), "{words}");
}

fn line(prompt: &str) -> Result<String, Failure> {
    let mut err = std::io::stderr();
    let _ = err.write_all(prompt.as_bytes()).and_then(|()| err.flush());
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) => Err(Failure::new("there is nobody to ask (standard input ended); nothing was written")),
        Ok(_) => Ok(line.trim().to_owned()),
        Err(error) => Err(Failure::new(format!("standard input: {error}"))),
    }
}

/// As long as it is there, the terminal shows nothing of what is typed.
struct Hidden(Option<rustix::termios::Termios>);

impl Hidden {
    fn new() -> Self {
        let stdin = std::io::stdin();
        let before = stdin.is_terminal().then(|| tcgetattr(&stdin).ok()).flatten();
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(&stdin, OptionalActions::Now, &silent);
        }
        Self(before)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}
