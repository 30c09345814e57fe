//! Keys of one section that have to fit each other, and what follows from several.

use crate::domain::{Schedule, Secret, ServerName};

use super::section::Section;
use super::settings::{Backend, BackendKind, ImapLogin, MasAccess, Sender, SignUp, TlsMode};

/// Minutes of downtime with a backend whose old token dies at the reset.
const DOWNTIME: u32 = 30;

/// A secret that has to be there.
pub(super) fn given(at: &Section<'_>, key: &str, secret: Option<Secret>) -> Secret {
    secret.unwrap_or_else(|| {
        at.error(format!("{key} is missing: the path of a file with it"));
        Secret::new("missing")
    })
}

/// When the token is replaced, and how long before that the desk is closed.
pub(super) fn schedule(reset: u32, downtime: Option<u32>, is_personal: bool, backend: &Backend) -> Schedule {
    // Where the old token lives on beside the new one there is no need to close; where there is no shared one, no point.
    let downtime = match downtime {
        _ if is_personal => 0,
        Some(asked) => asked,
        None if backend.asks_homeserver() => 0,
        None => DOWNTIME,
    };
    Schedule::new(reset, downtime).unwrap_or_default()
}

/// `sign_up`, where the link can be had: a password is to be typed where it leads.
pub(super) fn sign_up(at: &Section<'_>, asked: SignUp, public_url: Option<&str>) -> SignUp {
    if asked == SignUp::Token || public_url.is_some_and(is_private) {
        return asked;
    }
    let is_said = at.find("sign_up").is_some();
    let what = match public_url {
        Some(_) => {
            "emails contain the registration token instead of a sign-up link (sign_up: token), because public_url is not https"
        }
        None => {
            "emails contain the registration token instead of a sign-up link (sign_up: token), because public_url is not set"
        }
    };
    // Where nothing can be had by mail, nothing more is to be told.
    if public_url.is_some() || is_said || at.find("smtp").is_some() || at.find("email").is_some() {
        at.reading.warn(
            at.find("sign_up").or_else(|| at.find("public_url")).map(|entry| entry.line),
            "sign_up",
            what,
        );
    }
    SignUp::Token
}

/// Whether nobody can read along: https, or on this machine.
fn is_private(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return url.starts_with("https://") };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority
        .strip_prefix('[')
        .and_then(|host| host.split(']').next())
        .unwrap_or_else(|| authority.rsplit_once(':').map_or(authority, |(host, _)| host));
    is_loopback(host)
}

/// Who letters come from where nobody says.
pub(super) fn noreply(homeserver: &ServerName) -> Sender {
    Sender { name: None, address: format!("noreply@{}", homeserver.host()) }
}

/// `smtp.tls`, else `use_tls`, else what the port is for.
pub(super) fn smtp_tls(
    at: &Section<'_>,
    tls: Option<TlsMode>,
    use_tls: Option<bool>,
    port: Option<u16>,
) -> TlsMode {
    let tls = tls.unwrap_or(match use_tls {
        Some(false) => TlsMode::None,
        // Nothing else is spoken there (RFC 8314).
        _ if port == Some(465) => TlsMode::Implicit,
        _ => TlsMode::StartTls,
    });
    if use_tls.is_some_and(|use_tls| use_tls == (tls == TlsMode::None)) {
        at.error_at("use_tls", "it contradicts tls; keep only tls");
    }
    tls
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
        let what =
            "password (or password_file, password_env) is missing; if no login is needed, leave out both";
        at.error_at("username", what);
    }
    if username.is_none() && password.is_some() {
        at.error("a password is set and username is missing; if no login is needed, leave out both");
    }
    if password.is_some() && tls == TlsMode::None && !is_loopback(host) {
        at.warn("with tls: none the password crosses the network unencrypted");
    }
    username.zip(password)
}

/// Whether what is sent there stays on this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// None only where nobody else can read along, or where that is meant.
pub(super) fn imap_tls(at: &Section<'_>, tls: TlsMode, host: &str, cleartext: bool) -> TlsMode {
    if tls == TlsMode::None && !is_loopback(host) && !cleartext {
        at.error("with tls: none password and mails cross the network unencrypted; if that is intended, set cleartext: true");
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

/// What belongs to one backend or another.
pub(super) struct BackendParts {
    pub path: Option<String>,
    pub access_token: Option<Secret>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub mas_url: Option<String>,
}

/// Checks that all that the backend needs is there, and nothing that belongs to another one.
pub(super) fn backend(
    at: &Section<'_>,
    kind: BackendKind,
    per_applicant: bool,
    parts: BackendParts,
) -> Backend {
    // A key that is wrong by itself is told already, and missing or foreign for that reason only.
    if !at.is_sound() {
        return Backend::File;
    }
    if per_applicant && matches!(kind, BackendKind::File | BackendKind::Toml) {
        at.error_at(
            "per_applicant",
            "a token for each applicant needs a backend that asks the homeserver: set backend to synapse, mas or \
             admin_room",
        );
    }
    built(at, kind, parts).unwrap_or_else(|what| {
        at.error(what);
        Backend::File
    })
}

fn built(at: &Section<'_>, kind: BackendKind, mut parts: BackendParts) -> Result<Backend, String> {
    fn need<T>(part: &mut Option<T>, what: &str) -> Result<T, String> {
        part.take().ok_or_else(|| format!("{what} is missing"))
    }
    // Whatever stands around a secret in a file is no part of it, and would split a header.
    for secret in [&mut parts.access_token, &mut parts.client_secret] {
        *secret = secret.take().map(|secret| Secret::new(secret.reveal().trim()));
    }
    let BackendParts { path, access_token, client_id, client_secret, mas_url } = &mut parts;
    let backend = match kind {
        BackendKind::File => Backend::File,
        BackendKind::Toml => {
            let path = need(path, "path, of the second configuration file that doorman is to write,")?;
            Backend::Toml { path: at.reading.folder.join(path.trim()) }
        }
        BackendKind::Synapse => {
            let what = "access_token_file, with the access token of a server administrator,";
            Backend::Synapse { access_token: need(access_token, what)? }
        }
        BackendKind::AdminRoom => {
            let what = "access_token_file, with the access token of a member of the homeserver's admin room,";
            Backend::AdminRoom { access_token: need(access_token, what)? }
        }
        BackendKind::Mas => Backend::Mas(MasAccess {
            client_id: need(client_id, "client_id, of a client in MAS's policy.data.admin_clients,")?,
            client_secret: need(client_secret, "client_secret_file")?,
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
    let foreign = left.into_iter().find(|(_, is_left)| *is_left).map(|(name, _)| name);
    foreign.map_or(Ok(backend), |name| {
        Err(format!("{name} belongs to another backend: set backend to that one, or leave it out"))
    })
}
