use std::fmt;

use askama::filters::{Escaper as _, HtmlSafe};

/// A piece of a page, escaped already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Plain text.
    pub fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        // Writing into a String cannot fail.
        let _ = askama::filters::Html.write_escaped_str(&mut html, text);
        Self(html)
    }

    /// Text within this element: `element` is a tag's name with its attributes, and is taken as it is.
    pub fn within(element: &str, text: &str) -> Self {
        let name = element.split(' ').next().unwrap_or_default();
        Self(format!("<{element}>{}</{name}>", Self::text(text)))
    }

    /// A link to this address.
    pub fn link(to: &str, text: &str) -> Self {
        Self::within(&format!("a href=\"{}\" rel=\"noopener noreferrer\"", Self::text(to)), text)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// What can stand in a sentence.
pub(crate) trait Argument {
    /// What the sentence is then.
    type Sentence;

    /// The sentence with these arguments in the place of their `{names}`.
    fn sentence(sentence: &str, arguments: &[(&str, Self)]) -> Self::Sentence
    where
        Self: Sized;
}

impl<T: AsRef<str> + ?Sized> Argument for &T {
    type Sentence = String;

    fn sentence(sentence: &str, arguments: &[(&str, Self)]) -> String {
        fill(sentence, |name| find(arguments, name).map_or("", |value| value.as_ref()))
    }
}

impl Argument for &Html {
    type Sentence = Html;

    fn sentence(sentence: &str, arguments: &[(&str, Self)]) -> Html {
        let sentence = Html::text(sentence).0;
        Html(fill(&sentence, |name| find(arguments, name).map_or("", |value| &value.0)))
    }
}

fn find<'a, A>(arguments: &'a [(&str, A)], name: &str) -> Option<&'a A> {
    arguments.iter().find(|(argument, _)| *argument == name).map(|(_, value)| value)
}

fn fill<'a>(sentence: &str, value: impl Fn(&str) -> &'a str) -> String {
    let mut filled = String::with_capacity(sentence.len() + 64);
    for (n, part) in sentence.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if n > 0 => filled.extend([value(name), rest]),
            _ => filled.push_str(part),
        }
    }
    filled
}
