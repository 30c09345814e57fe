//! `config.yaml`: as written → as used.
//!
//! `keys.rs` is the table of all keys: name, type, default, text and reader of each in one place. The parser, the hints for
//! misspelt keys, `config.yaml.example` and `docs/config.md` are made from it.

mod checks;
mod example;
mod folder;
mod hints;
mod key;
mod keys;
mod kinds;
mod load;
mod locate;
mod node;
mod problems;
mod public;
mod reading;
mod secrets;
mod section;
mod settings;
mod template;
mod values;

pub use example::example;
pub use folder::Folder;
pub use keys::{
    About, ConsoleLook, Imap, Notify, NotifyRoom, Question, Retention, Settings, Smtp, Terms, Tokens, Webhook,
};
pub use load::{Loaded, NO_MAIL, load, load_text, load_without_mail};
pub use locate::{Located, locate, of_package};
pub use problems::{ConfigErrors, Problem};
pub use reading::Env;
pub use settings::{
    Approval, Backend, BackendKind, Client, ConsoleTheme, Contact, EmailIdentity, ImapLogin, LetterTemplates,
    ListPlace, ListSource, MasAccess, OnSurge, Sender, SignUp, TlsMode, UnverifiedSenders, WhenUnreachable,
};
pub use template::Template;
