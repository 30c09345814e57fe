use std::fmt;

use askama::filters::{Escaper as _, HtmlSafe};
use fluent_bundle::FluentArgs;

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

    /// The sentence with these arguments, by their names, besides those that are there already.
    fn sentence<'a>(
        texts: &'a [(&'static str, Self)],
        arguments: &mut FluentArgs<'a>,
        say: &dyn Fn(&FluentArgs<'_>) -> String,
    ) -> Self::Sentence
    where
        Self: Sized;
}

impl<T: AsRef<str> + ?Sized> Argument for &T {
    type Sentence = String;

    fn sentence<'a>(
        texts: &'a [(&'static str, Self)],
        arguments: &mut FluentArgs<'a>,
        say: &dyn Fn(&FluentArgs<'_>) -> String,
    ) -> String {
        for (name, text) in texts {
            arguments.set(*name, text.as_ref());
        }
        say(arguments)
    }
}

/// Stand for pieces of HTML until the rest of a sentence is escaped: noncharacters, which stand in no text (Unicode, 23.7).
const MARKS: std::ops::RangeInclusive<char> = '\u{fdd0}'..='\u{fdef}';

impl Argument for &Html {
    type Sentence = Html;

    fn sentence<'a>(
        texts: &'a [(&'static str, Self)],
        arguments: &mut FluentArgs<'a>,
        say: &dyn Fn(&FluentArgs<'_>) -> String,
    ) -> Html {
        for ((name, _), mark) in texts.iter().zip(MARKS) {
            arguments.set(*name, mark.to_string());
        }
        let Html(escaped) = Html::text(&say(arguments));
        let mut html = String::with_capacity(2 * escaped.len());
        for c in escaped.chars() {
            match texts.iter().zip(MARKS).find(|(_, mark)| *mark == c) {
                Some(((_, piece), _)) => html.push_str(&piece.0),
                None => html.push(c),
            }
        }
        Html(html)
    }
}
