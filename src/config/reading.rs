//! One reading of a config: where it stands, what was found wrong, and which keys were asked for.

use std::cell::{Cell, RefCell};
use std::path::Path;

use super::node::{Node, Style, Value};
use super::problems::Problem;
use super::section::Key;

/// What all sections and entries of one config share.
pub(super) struct Reading<'a> {
    pub file: &'a Path,
    /// The desk's folder, which paths are relative to.
    pub folder: &'a Path,
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Nothing is going to be mailed: a password that is said to be in the environment may lack there.
    pub mails_nothing: bool,
    pub errors: RefCell<Vec<Problem>>,
    pub warnings: RefCell<Vec<Problem>>,
    /// Every key that there is, in the table's order; complete once the settings are read.
    pub keys: RefCell<Vec<Key>>,
    /// Whether a secret stands in the config itself.
    pub has_inline_secret: Cell<bool>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a Path, folder: &'a Path, env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            file,
            folder,
            env,
            mails_nothing: false,
            errors: RefCell::default(),
            warnings: RefCell::default(),
            keys: RefCell::default(),
            has_inline_secret: Cell::default(),
        }
    }

    /// Of no file: for what is built in.
    pub(super) fn of_nothing() -> Self {
        Self::new(Path::new(""), Path::new(""), &|_| None)
    }

    pub(super) fn error(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) {
        self.errors.borrow_mut().push(self.problem(line, key, what));
    }

    pub(super) fn warn(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) {
        self.warnings.borrow_mut().push(self.problem(line, key, what));
    }

    fn problem(&self, line: impl Into<Option<usize>>, key: &str, what: impl Into<String>) -> Problem {
        Problem { file: self.file.to_owned(), line: line.into(), key: key.to_owned(), what: what.into() }
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
