//! `init`: from nothing to a desk that works. It asks, tries the answers with the real servers, and only then writes.

mod asking;
mod draft;
mod next;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::acts::{become_owner, environment};
use crate::cli::{DoctorArgs, Failure, InitArgs};
use crate::clock::Clock;
use crate::config::{self, BackendKind, Folder, Settings, TlsMode};
use crate::domain::{EmailAddress, Secret, ServerName};
use crate::homeserver::{Family, Homeserver, TokenFile};
use crate::outbox::{Relay, Timeouts};
use crate::tokens::api_of;

use super::{Done, doctor, print};
use asking::{Asking, any, say};
use draft::{Draft, MailServer, Secrets};

/// Somebody waits before the screen.
const ANSWER: Duration = Duration::from_secs(10);
const PATIENCE: Timeouts = Timeouts { connect: ANSWER, command: ANSWER, letter: ANSWER };

/// `init`
pub fn run(config: Option<&Path>, args: &InitArgs, clock: &dyn Clock) -> Done {
    let named = || environment("DOORMAN_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = config.map(Path::to_owned).or_else(named).or_else(config::of_package);
    let path = path.unwrap_or_else(|| "config.yaml".into());
    if path.symlink_metadata().is_ok() {
        return Err(Failure::new(format!(
            "{} already exists, and nothing is overwritten; `doorman doctor` tests it",
            path.display()
        )));
    }
    let asking = Asking { nobody: args.yes };
    say(
        "This sets up a new desk: a few questions. Each answer is tried, and nothing is written before the end.\n",
    );
    let folder = Folder::of_config(&path);
    let mut draft = Draft { port: args.port, ..Draft::default() };
    let family = homeserver(asking, args, &mut draft)?;
    tokens(asking, args, &family, &folder, &mut draft)?;
    mail(asking, args, &mut draft)?;
    page(asking, args, &mut draft)?;
    let text = draft.text(Secrets::InFiles);
    say(&format!("\n{text}"));
    if !args.yes && !asking.confirm(&format!("Write this to {}", path.display()), true)? {
        return Err(Failure::new("nothing was written"));
    }
    // What root wrote the desk's user could not read. Not before: a file with a secret may be for root alone.
    become_owner(&folder)?;
    write(&folder, &path, &draft, &text)?;
    print(&format!("{} is written.\n\n", path.display()))?;
    let examined = doctor::run(Some(&path), &DoctorArgs::default(), clock);
    print(&next::steps(&folder, &draft, examined.is_err()))
}

/// What the answers so far make, with what is secret in memory alone.
fn settings(draft: &Draft) -> Result<Settings, Failure> {
    let text = draft.text(Secrets::Inline);
    Ok(config::load_text(&text, Path::new("config.yaml"), &environment)?.settings)
}

/// Which homeserver it is for, and whether it is there.
fn homeserver(asking: Asking, args: &InitArgs, draft: &mut Draft) -> Result<Family, Failure> {
    let name = |typed: &str| ServerName::parse(typed).map(|_| typed.to_owned());
    let flag = ("--homeserver", args.homeserver.as_deref());
    draft.homeserver = asking.ask("The homeserver's name, as in @user:name", flag, None, name)?;
    draft.base_url.clone_from(&args.base_url);
    loop {
        // Tokens come later: until then it is asked without any.
        let found =
            settings(&Draft { backend: None, ..draft.clone() }).and_then(|settings| look_at(&settings));
        match found {
            Ok((at, family)) => {
                say(&format!("  {at} is {family}."));
                if !family.row().asks_for_tokens {
                    return Err(Failure::new(format!(
                        "{family} asks nobody for a registration token: doorman cannot serve it"
                    )));
                }
                return Ok(family);
            }
            Err(failure) if args.yes => return Err(failure),
            Err(failure) => say(&format!("  {failure}")),
        }
        let url = asking.ask(
            "Where is its client-server API, like http://127.0.0.1:8008 (empty: try the same again)",
            ("--base-url", None),
            Some(""),
            any,
        )?;
        draft.base_url = Some(url).filter(|url| !url.is_empty()).or_else(|| draft.base_url.take());
    }
}

/// Where it is, and of which make.
fn look_at(settings: &Settings) -> Result<(String, Family), Failure> {
    let Some(homeserver) = Homeserver::of(settings) else {
        return Err(Failure::new("there is no homeserver"));
    };
    let greeting = homeserver.greet(ANSWER).map_err(Failure::new)?;
    match homeserver.calls_itself_otherwise(ANSWER) {
        Some(words) => Err(Failure::new(words)),
        None => Ok((greeting.at, homeserver.identify(ANSWER))),
    }
}

/// The backend that needs least there.
fn proposed(family: &Family) -> BackendKind {
    let row = family.row();
    match family {
        Family::SynapseBehindMas(_) => BackendKind::Mas,
        _ if row.token_file == TokenFile::AtEachRegistration => BackendKind::File,
        _ if row.has_synapse_token_api => BackendKind::Synapse,
        _ if row.has_token_commands => BackendKind::AdminRoom,
        _ => BackendKind::File,
    }
}

/// How the homeserver learns of the tokens.
fn tokens(
    asking: Asking,
    args: &InitArgs,
    family: &Family,
    folder: &Folder,
    draft: &mut Draft,
) -> Result<(), Failure> {
    let kind = |typed: &str| {
        typed.parse::<BackendKind>().map_err(|_| "one of file, synapse, mas, admin_room".to_owned())
    };
    let (flag, default) = (("--backend", args.backend.as_deref()), proposed(family).word());
    let backend = asking.ask("Where the homeserver gets its tokens", flag, Some(default), kind)?;
    if backend == BackendKind::Toml {
        return Err(Failure::new(
            "backend toml needs a path: write it by hand, `doorman example-config` shows how",
        ));
    }
    draft.backend = Some(backend);
    say(&next::how(backend, folder));
    loop {
        match backend {
            BackendKind::File | BackendKind::Toml => return Ok(()),
            BackendKind::Synapse | BackendKind::AdminRoom => {
                draft.access_token = Some(secret(
                    asking,
                    args.access_token_file.as_deref(),
                    "Its access token",
                    "--access-token-file",
                )?);
            }
            BackendKind::Mas => {
                let id = |typed: &str| {
                    if typed.is_empty() { Err("it is empty".to_owned()) } else { Ok(typed.to_owned()) }
                };
                let flag = ("--client-id", args.client_id.as_deref());
                draft.client_id = Some(asking.ask("The client's ID", flag, None, id)?);
                draft.client_secret = Some(secret(
                    asking,
                    args.client_secret_file.as_deref(),
                    "The client's secret",
                    "--client-secret-file",
                )?);
            }
        }
        let tried = settings(draft).and_then(|settings| {
            let homeserver = Homeserver::of(&settings).map(Arc::new);
            let api = homeserver.and_then(|homeserver| api_of(&settings.tokens, homeserver));
            let tried =
                api.map_or(Ok(()), |api| api.try_out().map_err(|fault| Failure::new(fault.to_string())));
            tried.and_then(|()| look_at(&settings).map(drop))
        });
        match tried {
            Ok(()) => {
                say("  The homeserver lets the desk make tokens.");
                return Ok(());
            }
            Err(failure)
                if args.yes || args.access_token_file.is_some() || args.client_secret_file.is_some() =>
            {
                return Err(failure);
            }
            Err(failure) => say(&format!("  {failure}")),
        }
    }
}

/// From the file that a flag names, else asked for.
fn secret(asking: Asking, file: Option<&Path>, question: &str, flag: &str) -> Result<Secret, Failure> {
    let secret = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("{flag} {}: {error}", file.display())))?,
        None => asking.ask_secret(question, flag)?,
    };
    match secret.trim() {
        "" => Err(Failure::new(format!("{flag}: it is empty"))),
        secret => Ok(Secret::new(secret)),
    }
}

/// The mail server, tried.
fn mail(asking: Asking, args: &InitArgs, draft: &mut Draft) -> Result<(), Failure> {
    if args.no_mail {
        return Ok(());
    }
    let port = args.smtp_port.map(|port| port.to_string());
    let (host, port, tls) = (args.smtp_host.as_deref(), port.as_deref(), args.smtp_tls.as_deref());
    let (name, password) = (args.smtp_username.as_deref(), args.smtp_password_file.as_deref());
    let from = args.smtp_from.as_deref();
    // What the flags give does not become another by asking again.
    let asks_again =
        !args.yes && [host, port, tls, name, from].iter().all(Option::is_none) && password.is_none();
    if args.yes && host.is_none() {
        return Err(Failure::new(
            "Which mail server sends the emails? Name it with --smtp-host, or use --no-mail",
        ));
    }
    loop {
        let question =
            "The mail server that sends the emails (empty: none yet, they are written as files to outbox/)";
        let host = asking.ask(question, ("--smtp-host", host), Some(""), any)?;
        if host.is_empty() {
            return Ok(());
        }
        let read = |typed: &str| typed.parse().map_err(|_| "starttls, implicit or none".to_owned());
        let question = "Its TLS: starttls, implicit or none";
        let tls = asking.ask(question, ("--smtp-tls", tls), Some("starttls"), read)?;
        let usual = match tls {
            TlsMode::StartTls => "587",
            TlsMode::Implicit => "465",
            TlsMode::None => "25",
        };
        let read = |typed: &str| typed.parse().map_err(|_| "a number up to 65535".to_owned());
        let port = asking.ask("Its port", ("--smtp-port", port), Some(usual), read)?;
        let name =
            asking.ask("Your user name there (empty: no login)", ("--smtp-username", name), Some(""), any)?;
        let login = if name.is_empty() {
            None
        } else {
            Some((name.clone(), secret(asking, password, "The password", "--smtp-password-file")?))
        };
        let default =
            EmailAddress::parse(&name).map_or_else(|_| format!("noreply@{}", draft.homeserver), |_| name);
        let from =
            asking.ask("The address that emails come from", ("--smtp-from", from), Some(&default), any)?;
        draft.smtp = Some(MailServer { host, port, tls, login, from: Some(from) });
        match settings(draft).and_then(|settings| log_in(&settings)) {
            Ok(()) => {
                say("  It accepts mail.");
                return Ok(());
            }
            Err(failure) if !asks_again => return Err(failure),
            Err(failure) => say(&format!("  {failure}")),
        }
        draft.smtp = None;
    }
}

fn log_in(settings: &Settings) -> Result<(), Failure> {
    let Some(smtp) = &settings.smtp else { return Ok(()) };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let connected = relay.connect().map_err(|fault| Failure::new(fault.to_string()));
    relay.rest();
    connected
}

/// Where the page is, and who is told.
fn page(asking: Asking, args: &InitArgs, draft: &mut Draft) -> Result<(), Failure> {
    let is_fine = |draft: &Draft| settings(draft).map(drop).map_err(|failure| failure.to_string());
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let with_url = |url: &str| Draft { public_url: given(url), ..draft.clone() };
    let url = asking.ask(
        "Where applicants will find the page, like https://register.your.server (empty: not yet)",
        ("--public-url", args.public_url.as_deref()),
        Some(""),
        |url| is_fine(&with_url(url)).map(|()| url.to_owned()),
    )?;
    *draft = with_url(&url);
    let with_address = |address: &str| Draft { operator_email: given(address), ..draft.clone() };
    let given = args.operator_email.as_ref().map(ToString::to_string);
    let address = asking.ask(
        "Your email address, for what needs you (empty: no emails to you)",
        ("--operator-email", given.as_deref()),
        Some(""),
        |address| is_fine(&with_address(address)).map(|()| address.to_owned()),
    )?;
    *draft = with_address(&address);
    Ok(())
}

/// Writes the secrets, and the config at the last: all of it or nothing, over nothing that is there.
fn write(folder: &Folder, path: &Path, draft: &Draft, text: &str) -> Done {
    // A signal waits until all is written.
    let later = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::clone(&later));
    }
    if !folder.path().exists() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o750).create(folder.path());
        made.map_err(|error| Failure::new(format!("{}: {error}", folder.path().display())))?;
    }
    let line = |secret: &Secret| format!("{}\n", secret.reveal());
    let files = draft.secrets().map(|(name, secret)| (folder.path().join(name), line(secret), 0o600));
    let mut written: Vec<PathBuf> = Vec::new();
    for (file, content, mode) in files.chain([(path.to_owned(), text.to_owned(), 0o640)]) {
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(mode).open(&file);
        let done = opened.and_then(|mut open| {
            written.push(file.clone());
            open.write_all(content.as_bytes())?;
            open.sync_all()
        });
        if let Err(error) = done {
            for file in written {
                let _ = std::fs::remove_file(file);
            }
            return Err(Failure::new(format!("{}: {error}; nothing was written", file.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::homeserver::Version;

    use super::*;

    #[test]
    fn each_family_is_proposed_what_works_there_with_the_least() {
        for (family, backend) in [
            (Family::Synapse(None), BackendKind::Synapse),
            (Family::SynapseBehindMas(None), BackendKind::Mas),
            (Family::Conduwuit(Version(0, 5, 0)), BackendKind::File),
            (Family::Continuwuity(Version(0, 5, 1)), BackendKind::File),
            (Family::Continuwuity(Version(26, 7, 3)), BackendKind::AdminRoom),
            (Family::Tuwunel(Version(1, 8, 1)), BackendKind::File),
            (Family::Conduit(None), BackendKind::File),
            (Family::Unknown, BackendKind::File),
        ] {
            assert_eq!(proposed(&family), backend, "{family}");
        }
    }
}
