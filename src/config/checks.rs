//! Keys of one section that have to fit each other, and what follows from several.

use std::path::PathBuf;

use crate::domain::{EmailAddress, Schedule, Secret, ServerName};

use super::section::Section;
use super::settings::{Backend, BackendKind, ImapLogin, MasAccess, Sender, TlsMode};
use super::values::parse_sender;

/// Minutes of downtime with a backend whose old token dies at the reset.
const DOWNTIME: u32 = 30;

/// When the token is replaced, and how long before that the desk is closed.
pub(super) fn schedule(reset: u32, downtime: Option<u32>, per_applicant: bool, backend: &Backend) -> Schedule {
    // Where the old token lives on beside the new one there is no need to close; where there is no shared one, no point.
    let downtime = match downtime {
        _ if per_applicant => 0,
        Some(asked) => asked,
        None if backend.asks_homeserver() => 0,
        None => DOWNTIME,
    };
    Schedule::new(reset, downtime).unwrap_or_default()
}

/// Who letters come from where nobody says.
pub(super) fn default_sender(homeserver: &ServerName) -> Sender {
    Sender { name: None, address: format!("noreply@{}", homeserver.host()) }
}

/// `smtp.tls`, else `use_tls`, else what the port is for.
pub(super) fn smtp_tls(at: &Section<'_>, tls: Option<TlsMode>, use_tls: Option<bool>, port: Option<u16>) -> TlsMode {
    if let (Some(tls), Some(use_tls)) = (tls, use_tls)
        && use_tls == (tls == TlsMode::None)
    {
        at.error_at("use_tls", "it contradicts tls; keep tls alone");
    }
    match (tls, use_tls) {
        (Some(tls), _) => tls,
        (None, Some(false)) => TlsMode::None,
        // Nothing else is spoken there (RFC 8314).
        (None, _) if port == Some(465) => TlsMode::Implicit,
        (None, _) => TlsMode::StartTls,
    }
}

pub(super) fn smtp_port(tls: TlsMode) -> u16 {
    match tls {
        TlsMode::Implicit => 465,
        TlsMode::StartTls => 587,
        TlsMode::None => 25,
    }
}

/// Name and password, both or neither.
pub(super) fn smtp_login(
    at: &Section<'_>,
    username: Option<String>,
    password: Option<Secret>,
    tls: TlsMode,
    host: &str,
) -> Option<(String, Secret)> {
    if username.is_some() && password.is_none() {
        let what = "password (or password_file, password_env) is missing; without a login leave both out";
        at.error_at("username", what);
    }
    if username.is_none() && password.is_some() {
        at.error("a password is set and username is missing; without a login leave both out");
    }
    if password.is_some() && tls == TlsMode::None && !is_loopback(host) {
        at.warn("tls: none sends the password readable over the net");
    }
    username.zip(password)
}

/// The address of a username that is one.
pub(super) fn sender_of(login: Option<&(String, Secret)>) -> Option<Sender> {
    parse_sender(&login?.0)
}

/// Whether what is sent there stays on this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `imap.tls`, else what the port is for.
pub(super) fn imap_tls(at: &Section<'_>, tls: Option<TlsMode>, port: Option<u16>, host: &str, cleartext: bool) -> TlsMode {
    let tls = tls.unwrap_or(if port == Some(143) { TlsMode::StartTls } else { TlsMode::Implicit });
    if tls == TlsMode::None && !is_loopback(host) && !cleartext {
        at.error("tls: none sends password and mails readable over the net; where that is meant, set cleartext: true");
    }
    tls
}

/// A password or a command that prints a token.
pub(super) fn imap_login(at: &Section<'_>, password: Option<Secret>, command: Option<String>) -> ImapLogin {
    match (password, command) {
        (Some(_), Some(_)) => at.error("password and token_command are both set; keep one of them"),
        (Some(password), None) => return ImapLogin::Password(password),
        (None, Some(command)) => return ImapLogin::TokenCommand(command),
        (None, None) => at.error("password (or password_file, password_env, token_command) is missing"),
    }
    ImapLogin::TokenCommand(String::new())
}

/// The address that people write to; without one the username must be an address.
pub(super) fn imap_address(at: &Section<'_>, address: Option<EmailAddress>, username: &str) -> EmailAddress {
    let of_username = || {
        EmailAddress::parse(username).or_else(|_| {
            at.error("address is missing: the one that people write to, like register@your.server");
            EmailAddress::parse("register@example.com")
        })
    };
    address.unwrap_or_else(|| of_username().unwrap_or_else(|_| unreachable!("it is a constant")))
}

/// What belongs to one backend or another.
pub(super) struct BackendParts {
    pub path: Option<String>,
    pub access_token: Option<Secret>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub mas_url: Option<String>,
}

/// Checks that all that the backend needs is there, and nothing that belongs to another one.
pub(super) fn backend(at: &Section<'_>, kind: BackendKind, per_applicant: bool, parts: BackendParts) -> Backend {
    // A key that is wrong by itself is told already, and missing or foreign for that reason only.
    if !at.is_sound() {
        return Backend::File;
    }
    if per_applicant && matches!(kind, BackendKind::File | BackendKind::Toml) {
        at.error_at(
            "per_applicant",
            "only a homeserver that is asked for tokens can make one for each applicant: set backend to synapse, mas or \
             admin_room",
        );
    }
    built(at, kind, parts).unwrap_or_else(|what| {
        at.error(what);
        Backend::File
    })
}

fn built(at: &Section<'_>, kind: BackendKind, parts: BackendParts) -> Result<Backend, String> {
    // Whatever stands around a secret in a file is no part of it, and would split a header.
    let bare = |secret: Option<Secret>| secret.map(|secret| Secret::new(secret.reveal().trim()));
    let BackendParts { mut path, access_token, mut client_id, client_secret, mut mas_url } = parts;
    let (mut access_token, mut client_secret) = (bare(access_token), bare(client_secret));
    let token_of = |who: &str| format!("access_token_file, with the access token of {who},");
    let missing = |what: &str| format!("{what} is missing");
    let backend = match kind {
        BackendKind::File => Backend::File,
        BackendKind::Toml => {
            let path = path.take().map(|path| at.reading.folder.join(path.trim()));
            let path: PathBuf = path.ok_or_else(|| missing("path, of the second configuration file that doorman is to write,"))?;
            Backend::Toml { path }
        }
        BackendKind::Synapse => {
            let access_token = access_token.take().ok_or_else(|| missing(&token_of("a server administrator")))?;
            Backend::Synapse { access_token }
        }
        BackendKind::AdminRoom => {
            let who = "a member of the homeserver's admin room";
            let access_token = access_token.take().ok_or_else(|| missing(&token_of(who)))?;
            Backend::AdminRoom { access_token }
        }
        BackendKind::Mas => Backend::Mas(MasAccess {
            client_id: client_id
                .take()
                .ok_or_else(|| missing("client_id, of a client in MAS's policy.data.admin_clients,"))?,
            client_secret: client_secret.take().ok_or_else(|| missing("client_secret_file"))?,
            url: mas_url.take(),
            access_token: access_token.take(),
        }),
    };
    // What no backend has taken belongs to another one.
    let left = [
        ("path", path.is_some()),
        ("access_token", access_token.is_some()),
        ("client_id", client_id.is_some()),
        ("client_secret", client_secret.is_some()),
        ("mas_url", mas_url.is_some()),
    ];
    match left.into_iter().find(|(_, is_left)| *is_left) {
        Some((name, _)) => Err(format!("{name} belongs to another backend: set backend to that one, or leave it out")),
        None => Ok(backend),
    }
}
