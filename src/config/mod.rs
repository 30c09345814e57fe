//! `config.yaml`: as written → as used.

mod imap;
mod letter;
mod load;
mod locate;
mod node;
mod problems;
mod secrets;
mod section;
mod settings;
mod smtp;
mod template;
mod tokens;

pub use load::{Loaded, load};
pub use locate::{Located, locate};
pub use problems::{ConfigErrors, Problem};
pub use settings::{
    Approval, Backend, BackendKind, EmailIdentity, Folder, Imap, ImapLogin, LetterTemplates, MasAccess,
    Sender, Settings, Smtp, TlsMode, Tokens, UnverifiedSenders, WhenUnreachable,
};
pub use template::Template;
