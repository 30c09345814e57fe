//! One reading of a config: where it stands, what was found wrong, and which keys were asked for.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use super::key::Key;
use super::node::{Node, Style, Value};
use super::problems::Problem;

/// The environment, or what stands for it.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What all sections and entries of one config share. Of no file, by default: for what is built in.
#[derive(Default)]
pub(super) struct Reading<'a> {
    pub file: PathBuf,
    /// The desk's folder, which paths are relative to.
    pub folder: PathBuf,
    pub env: Option<Env<'a>>,
    /// Nothing is going to be mailed: a password that is said to be in the environment may lack there.
    pub mails_nothing: bool,
    pub errors: RefCell<Vec<Problem>>,
    pub warnings: RefCell<Vec<Problem>>,
    /// Every key that there is, in the table's order; complete once the settings are read.
    pub keys: RefCell<Vec<Key>>,
    /// Whether a secret stands in the config itself.
    pub has_inline_secret: Cell<bool>,
}

impl Reading<'_> {
    pub(super) fn error(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) {
        self.errors.borrow_mut().push(self.problem(line, key, what));
    }

    pub(super) fn warn(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) {
        self.warnings.borrow_mut().push(self.problem(line, key, what));
    }

    fn problem(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) -> Problem {
        Problem { file: self.file.clone(), line: line.into(), key: key.to_owned(), what: what.into() }
    }
}

/// A key's value and how to name it in errors.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    /// With its sections: `smtp.port`.
    pub path: String,
    /// The key's line.
    pub line: usize,
    pub node: &'a Node,
    pub reading: &'a Reading<'a>,
}

impl Entry<'_> {
    pub(super) fn error(&self, what: impl Into<String>) {
        self.reading.error(self.line, &self.path, what);
    }

    pub(super) fn warn(&self, what: impl Into<String>) {
        self.reading.warn(self.line, &self.path, what);
    }

    /// The line of the scalar's text, for errors within it.
    pub(super) fn text_line(&self) -> usize {
        match &self.node.value {
            Value::Scalar { style: Style::Block, .. } => self.line + 1,
            _ => self.node.line,
        }
    }
}
