//! `config.yaml`: as written → as used.

mod settings;
mod template;

pub use settings::{
    Approval, Backend, EmailIdentity, Folder, Imap, LetterTemplates, Sender, Settings, Smtp, TlsMode, Tokens,
    WhenUnreachable,
};
pub use template::Template;
