//! The types that settings are made of. The settings themselves are in the table of keys.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use strum::{EnumDiscriminants, EnumString, IntoStaticStr, VariantNames};

use crate::domain::{Action, BanKind, Secret};

use super::template::Template;

/// `email_identity`: when two addresses are the same applicant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum EmailIdentity {
    /// `a+tag@x` is `a@x`, case folded.
    Mailbox,
    /// The local part as typed.
    Exact,
}

/// `when_homeserver_unreachable`
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum WhenUnreachable {
    /// 503: ask again later.
    Refuse,
    /// Accept without the check.
    Accept,
}

/// `approval`
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum Approval {
    /// What passes all rules is accepted.
    Automatic,
    /// What passes all rules is held.
    Manual,
}

/// `sign_up`: what the email to an applicant brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames, IntoStaticStr)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum SignUp {
    /// The link, and the token for whoever prefers their own client.
    Both,
    /// The link alone: the token never leaves the house.
    Link,
    /// The token alone.
    Token,
}

/// `clients`: one that is shown when the account is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What it is called.
    pub name: String,
    /// Where it is; `{homeserver}` stands for the homeserver.
    pub url: Template,
}

/// `about.contact`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// As it is written.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// `console.theme`
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum ConsoleTheme {
    /// Dark or light, as the terminal's ground is.
    Auto,
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
    /// The terminal's own sixteen colours.
    Terminal,
}

/// `on_surge`: what becomes of requests while many more come than usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum OnSurge {
    /// They wait for the operator.
    Hold,
    /// The desk is closed.
    Close,
    /// Nothing.
    Off,
}

/// How a mail connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum TlsMode {
    /// TLS after STARTTLS; without it the connection is given up.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// None.
    None,
}

/// Who letters come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The display name.
    pub name: Option<String>,
    /// The bare address.
    pub address: String,
}

/// The operator's own letter; None: the built-in one.
#[derive(Debug, Clone, Default)]
pub struct LetterTemplates {
    /// `email_subject`
    pub subject: Option<Template>,
    /// `email_body`
    pub text: Option<Template>,
    /// `email_body_html`; values are HTML-escaped when filled in.
    pub html: Option<Template>,
}

impl LetterTemplates {
    /// Whether the operator's own letter, where there is one, can bring a sign-up link.
    pub fn can_bring_link(&self) -> bool {
        let mut own = [&self.text, &self.html].into_iter().flatten().peekable();
        own.peek().is_none() || own.any(|body| body.has("signup_link"))
    }
}

/// `tokens.backend` with what each needs: where the homeserver has its tokens from.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(
    name(BackendKind),
    doc = "`tokens.backend`: the word alone.",
    derive(EnumString, VariantNames, IntoStaticStr),
    strum(serialize_all = "snake_case", ascii_case_insensitive)
)]
pub enum Backend {
    /// `.registration_token`
    File,
    /// A second configuration file of the homeserver's, too.
    Toml {
        /// `tokens.path`
        path: PathBuf,
    },
    /// The admin API of Synapse and of tuwunel.
    Synapse {
        /// Of a server administrator.
        access_token: Secret,
    },
    /// The admin API of the Matrix Authentication Service.
    Mas(MasAccess),
    /// Commands in the admin room of continuwuity and tuwunel.
    AdminRoom {
        /// Of a member of that room.
        access_token: Secret,
    },
}

/// How the desk gets at the Matrix Authentication Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasAccess {
    /// `tokens.client_id`
    pub client_id: String,
    /// `tokens.client_secret`
    pub client_secret: Secret,
    /// `tokens.mas_url`: where its admin API is, without a trailing slash. None: where the homeserver says that it is.
    pub url: Option<String>,
    /// Of a Synapse administrator, to ask Synapse for names too.
    pub access_token: Option<Secret>,
}

impl Backend {
    /// Whether tokens are made by asking the homeserver. Then the old one can live on for a while beside the new one, and
    /// each applicant can have one of their own.
    pub fn asks_homeserver(&self) -> bool {
        !matches!(self, Self::File | Self::Toml { .. })
    }

    /// Which of them it is, without what it needs.
    pub fn kind(&self) -> BackendKind {
        self.into()
    }
}

impl BackendKind {
    /// As the config writes it.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What the account proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImapLogin {
    /// A password.
    Password(Secret),
    /// What this command prints is an OAuth access token.
    TokenCommand(String),
}

/// `imap.unverified_senders`: what becomes of mails whose sender nobody has verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
pub enum UnverifiedSenders {
    /// The letter of an accepted request goes out, as it would for the web; nothing else does.
    Answer,
    /// They wait for the operator.
    Hold,
    /// They are filed.
    Ignore,
}

/// A list that somebody else keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSource {
    /// What its entries are about.
    pub kind: BanKind,
    /// Where it is.
    pub place: ListPlace,
    /// What it does to whom it hits.
    pub action: Action,
}

/// Where such a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListPlace {
    /// On a web server.
    Url(String),
    /// On this machine.
    File(PathBuf),
}

impl ListSource {
    /// Where the last good copy is kept, seen from the desk's folder.
    pub fn copy(&self) -> String {
        let (place, name) = match &self.place {
            ListPlace::Url(url) => {
                let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', ':', '?']).next());
                (url.clone(), host.unwrap_or_default().to_owned())
            }
            ListPlace::File(path) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                (path.to_string_lossy().into_owned(), name)
            }
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
        let name: String = name.chars().map(plain).take(40).collect();
        let digest = Sha256::digest(place.as_bytes());
        format!(
            "lists/{}-{name}-{:02x}{:02x}{:02x}{:02x}.txt",
            self.kind, digest[0], digest[1], digest[2], digest[3]
        )
    }

    /// What hits name: the list itself where it lies on this machine, else the copy.
    pub fn shown(&self, folder: &Path) -> String {
        match &self.place {
            ListPlace::Url(_) => self.copy(),
            ListPlace::File(path) => path.strip_prefix(folder).unwrap_or(path).display().to_string(),
        }
    }
}
