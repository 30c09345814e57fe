//! YAML → a tree that knows the line of every key and value, and every scalar as it was written. What a scalar means
//! (YAML 1.1 and 1.2 disagree) is decided where its key is known.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

/// More nodes than any config has: aliases could make millions of few lines.
const MOST_NODES: usize = 20_000;

/// Deeper than any config is.
const DEEPEST: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Line, from 1.
    pub line: usize,
    /// What stands there.
    pub value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Scalar { text: String, style: Style },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// `|` or `>`: its text begins on the line below.
    Block,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub line: usize,
    pub name: String,
}

impl Node {
    /// Whether it is `null`, in words or by nothing standing there.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, style: Style::Plain }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether it is text of blanks alone.
    pub(super) fn is_blank(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, .. } if text.trim().is_empty())
    }

    /// The text as it was written, where it is a scalar.
    pub(super) fn scalar(&self, wanted: &str) -> Result<&str, String> {
        match &self.value {
            Value::Scalar { text, .. } => Ok(text),
            _ => Err(format!("{} stands here; it should be {wanted}", self.kind())),
        }
    }

    /// What it is, for errors. Never its text: it could be a secret.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a section",
        }
    }
}

/// A line, and what is wrong there.
type Fault = (usize, String);

/// Reads one document. None: it is empty.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let mut reader = Reader { events: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    let mut root = None;
    loop {
        match reader.next(1)? {
            (Event::StreamEnd, _) => return Ok(root.filter(|root: &Node| !root.is_null())),
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (_, line) if root.is_some() => {
                return Err((line, "a second document begins here; there may be only one".into()));
            }
            (event, line) => root = Some(reader.node(event, line, 0)?),
        }
    }
}

/// What the program itself has in YAML.
pub(super) fn built_in(yaml: &str) -> Node {
    match parse(yaml) {
        Ok(Some(node)) => node,
        other => unreachable!("{yaml} is built in: {other:?}"),
    }
}

struct Reader<'a> {
    events: Parser<'a, granit_parser::StrInput<'a>>,
    /// Each with the number of its nodes.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    /// What comes next, and its line; `line` is where it is missing.
    fn next(&mut self, line: usize) -> Result<(Event<'a>, usize), Fault> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => Err((error.marker().line(), format!("this is not YAML: {}", error.info()))),
            None => Err((line, "the file ends in the middle".into())),
        }
    }

    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node, Fault> {
        let before = self.nodes;
        self.nodes += 1;
        if self.nodes > MOST_NODES || depth > DEEPEST {
            return Err((line, "this is larger, or nested deeper, than any configuration".into()));
        }
        let anchor = event.anchor_id();
        let value = match event {
            Event::Scalar(text, style, _, _) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                Value::Scalar { text: text.into_owned(), style }
            }
            Event::SequenceStart(..) => {
                let mut list = Vec::new();
                loop {
                    match self.next(line)? {
                        (Event::SequenceEnd, _) => break Value::List(list),
                        (event, line) => list.push(self.node(event, line, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut map = Vec::new();
                loop {
                    let (event, line) = self.next(line)?;
                    if matches!(event, Event::MappingEnd) {
                        break Value::Map(map);
                    }
                    let Value::Scalar { text: name, .. } = self.node(event, line, depth + 1)?.value else {
                        return Err((line, "a key must be a single word".into()));
                    };
                    let (event, value_line) = self.next(line)?;
                    map.push((Key { line, name }, self.node(event, value_line, depth + 1)?));
                }
            }
            Event::Alias(id) => {
                let found = self.anchors.get(&id).ok_or((line, "this alias has no anchor".to_owned()))?;
                self.nodes += found.1;
                found.0.value.clone()
            }
            _ => return Err((line, "a value is missing here".into())),
        };
        let node = Node { line, value };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_key_and_value_knows_its_line() {
        let root = parse("# c\na: 1\nb:\n  c: |\n    x\n    y\n  d: [e, 'f']\n").unwrap().unwrap();
        let Value::Map(map) = root.value else { panic!() };
        assert_eq!((map[0].0.line, map[0].1.line), (2, 2));
        let Value::Map(b) = &map[1].1.value else { panic!() };
        assert_eq!((b[0].0.line, b[1].0.line), (4, 7));
        assert!(matches!(&b[0].1.value, Value::Scalar { text, style: Style::Block } if text == "x\ny\n"));
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        for (text, line) in [
            ("a: 1\nb: [\n", 3),
            ("a: 1\n b: 2\n", 2),
            ("a: \"x\n", 2),
            ("a: 1\n---\nb: 2\n", 3),
            ("a: *x\n", 1),
        ] {
            let (found, words) = parse(text).unwrap_err();
            assert!(found.abs_diff(line) <= 1, "{text:?}: line {found}: {words}");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(parse("").unwrap().is_none());
        assert!(parse("# only a comment\n").unwrap().is_none());
        assert!(parse("null\n").unwrap().is_none());
    }

    #[test]
    fn aliases_cannot_blow_it_up() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..20 {
            let of = format!("*a{}", n - 1);
            text.push_str(&format!("a{n}: &a{n} [{}]\n", [of.as_str(); 10].join(", ")));
        }
        assert!(parse(&text).unwrap_err().1.contains("nested deeper"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n]{0,200}|\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
