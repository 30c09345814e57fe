//! `config.yaml`: as written → as used.

mod defaults;
mod entry;
mod folder;
mod imap;
mod letter;
mod load;
mod locate;
mod mail;
mod node;
mod problems;
mod proxies;
mod reach;
mod registration;
mod secrets;
mod section;
mod settings;
mod smtp;
mod template;
mod tokens;

pub use folder::Folder;
pub use load::{Loaded, load, load_without_mail};
pub use locate::{Located, locate};
pub use problems::{ConfigErrors, Problem};
pub use settings::{
    Approval, Backend, BackendKind, EmailIdentity, Imap, ImapLogin, LetterTemplates, MasAccess, Sender,
    Settings, Smtp, TlsMode, Tokens, UnverifiedSenders, WhenUnreachable,
};
pub use template::Template;
