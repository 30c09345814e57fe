//! Every sentence that an applicant reads, and nothing else: pages, emails, answers in JSON.
//!
//! A message is a method of [`Language`], with its arguments by name. A template or a caller that asks for one that is not
//! there does not compile, nor does a sentence whose placeholders are not its arguments, nor a message that nobody uses.
//! Message files, one a language, will stand behind the same methods. What operators read (console, commands, log) stands
//! where it is said.

mod emails;
mod html;
mod pages;
mod problems;
mod refusals;
mod sign_up;
mod times;

pub use html::Html;
pub(crate) use refusals::wait_in_words;

use html::Argument;

/// The name in the example of [`Language::help`], which nobody is given.
pub(crate) const EXAMPLE_NAME: &str = "the-name-you-want";

/// A language that the desk speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`
    #[default]
    English,
}

/// `name(argument, …) = "The sentence, with {argument}.";`
///
/// Without arguments it is the sentence. With text as arguments it gives a `String`, with [`Html`] it gives [`Html`].
macro_rules! messages {
    ($($name:ident $(($($argument:ident),+))? = $english:literal;)+) => {
        impl crate::text::Language {
            $($crate::text::messages!(@ $name $(($($argument),+))? = $english);)+
        }
    };
    (@ $name:ident = $english:literal) => {
        pub(crate) fn $name(self) -> &'static str {
            match self {
                Self::English => $english,
            }
        }
    };
    (@ $name:ident($($argument:ident),+) = $english:literal) => {
        pub(crate) fn $name<A: crate::text::Argument>(self, $($argument: A),+) -> A::Sentence {
            // Has the compiler hold the placeholders against the arguments.
            let _ = format_args!($english, $($argument = ""),+);
            let sentence = match self {
                Self::English => $english,
            };
            A::sentence(sentence, &[$((stringify!($argument), $argument)),+])
        }
    };
}
use messages;
