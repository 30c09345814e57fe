//! How the table of keys is read: the macro that it is written in, and one section of a config.

use super::key::{Key, Shown, Spec, joined};
use super::kinds::Kind;
use super::node::{self, Node, Value};
use super::reading::{Entry, Reading};

/// Makes a struct and its `read` of the keys of one section. An entry is one of
///
/// - `/// text` `pub name: Type = method(…);`: a key that is a field, read by that method of [`Section`];
/// - `/// text` `let name: Type = method(…);`: a key that others are made from;
/// - `/// text` `pub name: Type => expression;`: a field made from the keys above it.
///
/// `or "a.b"` behind a key's method gives a path under which it may stand instead; `== "Heading"` before a key begins a part
/// of the example.
macro_rules! section {
    ($(#[$meta:meta])* pub struct $Name:ident($at:ident) { $($entries:tt)* }) => {
        section! { @ [$(#[$meta])* $Name $at] [] [] [] $($entries)* }
    };
    (@ [$(#[$meta:meta])* $Name:ident $at:ident] [$($fields:tt)*] [$($names:ident)*] [$($reads:tt)*]) => {
        $(#[$meta])*
        pub struct $Name { $($fields)* }

        impl $Name {
            pub(super) fn read($at: &$crate::config::section::Section<'_>) -> Self {
                $($reads)*
                Self { $($names),* }
            }
        }
    };
    (@ $head:tt [$($fields:tt)*] [$($names:ident)*] [$($reads:tt)*]
        $(#[doc = $text:literal])+ pub $name:ident: $type:ty => $made:expr; $($rest:tt)*) => {
        section! { @ $head [$($fields)* $(#[doc = $text])+ pub $name: $type,] [$($names)* $name]
            [$($reads)* let $name: $type = $made;] $($rest)* }
    };
    (@ $head:tt [$($fields:tt)*] [$($names:ident)*] $reads:tt
        $(== $heading:literal)? $(#[doc = $text:literal])+ pub $name:ident: $type:ty = $($rest:tt)*) => {
        section! { @ $head [$($fields)* $(#[doc = $text])+ pub $name: $type,] [$($names)* $name] $reads
            $(== $heading)? $(#[doc = $text])+ let $name: $type = $($rest)* }
    };
    (@ [$(#[$meta:meta])* $Name:ident $at:ident] $fields:tt $names:tt [$($reads:tt)*]
        $(== $heading:literal)? $(#[doc = $text:literal])+ let $name:ident: $type:ty =
        $method:ident($shown:expr $(, $kind:expr)?) $(or $alias:literal)?; $($rest:tt)*) => {
        section! { @ [$(#[$meta])* $Name $at] $fields $names [
            $($reads)*
            let $name: $type = $at.$method(
                $crate::config::key::Spec {
                    name: stringify!($name),
                    alias: None$(.or(Some($alias)))?,
                    heading: None$(.or(Some($heading)))?,
                    text: &[$($text),+],
                },
                $shown
                $(, &$kind)?
            );
        ] $($rest)* }
    };
}
pub(super) use section;

/// A section as it is being read. Absent ones are read too, so that all keys are known.
pub(super) struct Section<'a> {
    pub reading: &'a Reading<'a>,
    root: Option<&'a Node>,
    /// This section's part of it.
    node: Option<&'a Node>,
    /// Empty at the top.
    pub path: String,
    line: Option<usize>,
}

impl<'a> Section<'a> {
    /// The section at the top.
    pub(super) fn top(reading: &'a Reading<'a>, root: Option<&'a Node>) -> Self {
        Self { reading, root, node: root, path: String::new(), line: None }
    }

    /// A key whose default is this YAML.
    pub(super) fn default<T>(&self, spec: Spec, yaml: &'static str, kind: &Kind<T>) -> T {
        self.optional(spec, Shown::Default(yaml), kind).unwrap_or_else(|| stand_in(yaml, kind))
    }

    /// A key that must be set, like this YAML.
    pub(super) fn required<T>(&self, spec: Spec, yaml: &'static str, kind: &Kind<T>) -> T {
        self.optional(spec, Shown::Required(yaml), kind)
            .unwrap_or_else(|| self.missing(spec.name, yaml, kind))
    }

    /// Tells that this key is missing. The YAML stands in.
    pub(super) fn missing<T>(&self, name: &str, yaml: &str, kind: &Kind<T>) -> T {
        self.error(format!("{name} is missing: {}", kind.wanted));
        stand_in(yaml, kind)
    }

    /// A key that need not be set. Where its value is wrong the one that is shown stands in, so that the rest is checked
    /// as well.
    pub(super) fn optional<T>(&self, spec: Spec, shown: Shown, kind: &Kind<T>) -> Option<T> {
        self.record(spec, shown, &kind.wanted, &[""]);
        let entry = self.entry(spec)?;
        if entry.node.is_blank() && !matches!(shown, Shown::Default(_)) {
            return None;
        }
        let read = (kind.read)(&entry).map_err(|what| entry.error(what)).ok();
        Some(read.unwrap_or_else(|| stand_in(shown.yaml(), kind)))
    }

    /// A section below. None: it is not there.
    pub(super) fn section<T>(&self, spec: Spec, read: fn(&Section<'_>) -> T) -> Option<T> {
        let told = self.reading.errors.borrow().len();
        let (is_there, section) = self.group(spec, read);
        if !is_there {
            self.reading.errors.borrow_mut().truncate(told);
        }
        is_there.then_some(section)
    }

    /// A section below that has a default for everything.
    pub(super) fn always<T>(&self, spec: Spec, read: fn(&Section<'_>) -> T) -> T {
        self.group(spec, read).1
    }

    fn group<T>(&self, spec: Spec, read: fn(&Section<'_>) -> T) -> (bool, T) {
        self.record(spec, Shown::Section, "a section", &[""]);
        // What is no section is told where the keys are compared with the table.
        let entry = self.entry(spec).filter(|entry| matches!(entry.node.value, Value::Map(_)));
        let section = Section {
            reading: self.reading,
            root: self.root,
            node: entry.as_ref().map(|entry| entry.node),
            path: entry.as_ref().map_or_else(|| joined(&self.path, spec.name), |entry| entry.path.clone()),
            line: entry.as_ref().map(|entry| entry.line),
        };
        (entry.is_some(), read(&section))
    }

    pub(super) fn record(&self, spec: Spec, shown: Shown, wanted: &str, endings: &'static [&'static str]) {
        let (path, wanted) = (joined(&self.path, spec.name), wanted.to_owned());
        self.reading.keys.borrow_mut().push(Key { path, spec, shown, wanted, endings });
    }

    fn entry(&self, spec: Spec) -> Option<Entry<'a>> {
        let flat = self.find(spec.name);
        let nested = spec.alias.and_then(|alias| look_up(self.reading, self.root?, "", alias));
        if let (Some(flat), Some(nested)) = (&flat, &nested) {
            let line = flat.line;
            let path = joined(&self.path, spec.name);
            nested.error(format!("line {line} says it too, as {path}; keep one of them"));
        }
        flat.or(nested)
    }

    /// The value under this name. None: there is none, or it is null.
    pub(super) fn find(&self, name: &str) -> Option<Entry<'a>> {
        look_up(self.reading, self.node?, &self.path, name)
    }

    /// Something is wrong with the section as a whole.
    pub(super) fn error(&self, what: impl Into<String>) {
        self.reading.error(self.line, &self.path, what);
    }

    pub(super) fn warn(&self, what: impl Into<String>) {
        self.reading.warn(self.line, &self.path, what);
    }

    /// Something is wrong with this key of it, which is set.
    pub(super) fn error_at(&self, name: &str, what: impl Into<String>) {
        if let Some(entry) = self.find(name) {
            entry.error(what);
        }
    }

    /// Whether each of its keys is right by itself: only then is it worth telling that two of them do not fit.
    pub(super) fn is_sound(&self) -> bool {
        !self.reading.errors.borrow().iter().any(|problem| problem.key.starts_with(&self.path))
    }
}

/// The value at this path below `node`, which stands at `above`.
fn look_up<'a>(reading: &'a Reading<'a>, node: &'a Node, above: &str, path: &str) -> Option<Entry<'a>> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let Value::Map(entries) = &node.value else { return None };
    let (key, node) = entries.iter().find(|(key, _)| key.name == name)?;
    let path = joined(above, name);
    if rest.is_empty() {
        (!node.is_null()).then_some(Entry { path, line: key.line, node, reading })
    } else {
        look_up(reading, node, &path, rest)
    }
}

/// What the table's own YAML means.
fn stand_in<T>(yaml: &str, kind: &Kind<T>) -> T {
    let reading = Reading::default();
    let node = node::built_in(yaml);
    let read = (kind.read)(&Entry { path: String::new(), line: 0, node: &node, reading: &reading });
    read.unwrap_or_else(|what| unreachable!("{yaml} stands in the table, and the tests read it all: {what}"))
}
