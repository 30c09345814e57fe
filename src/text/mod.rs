//! Every sentence that an applicant reads, and nothing else: pages, emails, answers in JSON.
//!
//! A message is a method of [`Language`], with its arguments by name. A template or a caller that asks for one that is not
//! there does not compile, nor does a message that nobody uses. What is said stands in the files below `lang/`, English being
//! the source; a test holds each of them against the methods. What operators read (console, commands, log) stands where it is
//! said.

mod catalog;
mod emails;
mod html;
mod own;
mod pages;
mod problems;
mod refusals;
mod sign_up;
mod times;

#[cfg(test)]
mod tests;

pub use crate::domain::Language;
pub use html::Html;
pub use own::{problems_in, speak_as_in};

use catalog::{File, Message};
use html::Argument;

/// The name in the example of [`Language::help`], which nobody is given.
pub(crate) const EXAMPLE_NAME: &str = "the-name-you-want";

/// What each message file has.
const FILES: [File; 6] =
    [pages::FILE, sign_up::FILE, emails::FILE, problems::FILE, refusals::FILE, times::FILE];

fn messages_of_all() -> impl Iterator<Item = &'static Message> {
    FILES.iter().flat_map(|file| file.messages)
}

impl Language {
    /// Whether it has been translated into.
    pub fn is_spoken(self) -> bool {
        catalog::is_spoken(self)
    }
}

/// `"file": name(text, …; number, …);`
///
/// With text as arguments, or none, it gives a `String`, with [`Html`] it gives [`Html`].
macro_rules! messages {
    ($file:literal: $($name:ident $(($($text:ident),* $(; $($number:ident),+)?))?;)+) => {
        pub(super) const FILE: crate::text::catalog::File = crate::text::catalog::File {
            #[cfg(test)]
            name: $file,
            messages: &[$(crate::text::catalog::Message {
                name: stringify!($name),
                texts: &[$($(stringify!($text)),*)?],
                numbers: &[$($($(stringify!($number)),+)?)?],
            }),+],
        };

        impl crate::text::Language {
            $(crate::text::messages!(@ $name $(($($text),* $(; $($number),+)?))?);)+
        }
    };
    (@ $name:ident $((; $($number:ident),+))?) => {
        pub(crate) fn $name(self $($(, $number: impl Into<fluent_bundle::types::FluentNumber>)+)?) -> String {
            #[allow(unused_mut)]
            let mut arguments = fluent_bundle::FluentArgs::new();
            $($(arguments.set(stringify!($number), $number.into());)+)?
            crate::text::catalog::say(self, stringify!($name), &arguments)
        }
    };
    (@ $name:ident($($text:ident),+ $(; $($number:ident),+)?)) => {
        pub(crate) fn $name<A: crate::text::Argument>(
            self,
            $($text: A,)+
            $($($number: impl Into<fluent_bundle::types::FluentNumber>,)+)?
        ) -> A::Sentence {
            let mut arguments = fluent_bundle::FluentArgs::new();
            $($(arguments.set(stringify!($number), $number.into());)+)?
            let texts = [$((stringify!($text), $text)),+];
            A::sentence(&texts, &mut arguments, &|arguments| {
                crate::text::catalog::say(self, stringify!($name), arguments)
            })
        }
    };
}
use messages;
