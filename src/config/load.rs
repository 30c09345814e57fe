//! The keys of config.yaml, one by one.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::{EmailAddress, Schedule, ServerName};

use super::imap;
use super::letter;
use super::node::{self, Node};
use super::problems::{ConfigErrors, Problem, Problems};
use super::secrets::{Sources, is_world_readable};
use super::section::{Entry, Section, check_url};
use super::settings::{
    Approval, Backend, EmailIdentity, Folder, LetterTemplates, Settings, Tokens, WhenUnreachable,
};
use super::smtp;
use super::template::Template;
use super::tokens;

/// A config that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// The settings, every default filled in.
    pub settings: Settings,
    /// The folder of the config.yaml.
    pub folder: Folder,
    /// What is not wrong, but not right either.
    pub warnings: Vec<Problem>,
}

/// Ten years, in seconds: more is a slip of the keyboard.
const TEN_YEARS: u64 = 315_360_000;

/// What stands in examples for the operator's own server.
const EXAMPLES: [&str; 3] = ["your.server", "example.com", "server.net"];

/// Sections of the original and its successor that doorman has no use for.
const PASSED_OVER: [&str; 4] = ["matrix_admin", "canary", "matrix", "gpg"];

/// The name of the homeserver of a trial desk: one that nobody can have (RFC 2606).
const TRIAL_SERVER: &str = "trial.example";

/// Reads a config.yaml.
///
/// # Errors
/// Everything that is wrong, at once.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::new(path.to_owned());
    let folder = Folder::of_config(path);
    let sources = Sources { folder: folder.path(), env };
    let settings = read(path, &mut problems).and_then(|root| settings(&root, &sources, &mut problems));
    match settings {
        Some(settings) if problems.errors.is_empty() => {
            Ok(Loaded { settings, folder, warnings: problems.warnings })
        }
        _ => {
            problems.errors.sort_by_key(|problem| problem.line);
            Err(ConfigErrors(problems.errors))
        }
    }
}

fn read(path: &Path, problems: &mut Problems) -> Option<Node> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let what = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such file".into(),
                std::io::ErrorKind::IsADirectory => "this is a folder; name the config.yaml in it".into(),
                std::io::ErrorKind::PermissionDenied => {
                    "the user that doorman runs as may not read it".into()
                }
                _ => format!("it cannot be read: {error}"),
            };
            problems.error(None, "", what);
            return None;
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count();
            problems.error(line, "", "this is not UTF-8; save the file as UTF-8");
            return None;
        }
    };
    match node::parse(text) {
        Ok(Some(root)) => Some(root),
        Ok(None) => {
            problems.error(
                None,
                "",
                "it is empty; at least homeserver belongs in it, see config.yaml.example",
            );
            None
        }
        Err((line, what)) => {
            problems.error(line, "", what);
            None
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one key after the other")]
fn settings(root: &Node, sources: &Sources<'_>, problems: &mut Problems) -> Option<Settings> {
    let mut top = Section::new("", root, problems);
    let homeserver = homeserver(&mut top, problems);
    let defaults = defaults(homeserver.clone().or_else(|| ServerName::parse(TRIAL_SERVER).ok())?);
    let mut registration = top.section("registration", problems);
    let mut both = |name, problems: &mut Problems| {
        let nested = registration.as_mut().and_then(|section| section.take(name));
        either(top.take(name), nested, problems)
    };
    let reset = both("token_reset_time_utc", problems);
    let downtime = both("downtime_before_token_reset", problems);
    let email_cooldown = both("email_cooldown", problems);
    let multiple_users_per_email = both("multiple_users_per_email", problems);
    let reset = reset.and_then(|entry| time_of_day(&entry, problems)).unwrap_or(0);
    let downtime = downtime.and_then(|entry| {
        entry.number(problems, 0, 1439, " minutes; a day or more would never open the desk")
    });
    let email_cooldown = email_cooldown
        .and_then(|entry| entry.number(problems, 0, TEN_YEARS, " seconds"))
        .map_or(defaults.email_cooldown, Duration::from_secs);
    let multiple_users_per_email = multiple_users_per_email
        .and_then(|entry| entry.boolean(problems))
        .unwrap_or(defaults.multiple_users_per_email);
    if let Some(registration) = registration {
        registration.finish(problems);
    }

    let mail = mail(&mut top, sources, problems);
    let (imap, imap_inline_secret) = match top.take("imap") {
        Some(entry) => {
            let section = Section::new(&entry.path, entry.node, problems);
            imap::read(section, entry.line, &entry.path, sources, problems)
        }
        None => (None, false),
    };
    let mut count = |name, default: u32, unit| {
        top.take(name)
            .and_then(|entry| entry.number(problems, 0, 1_000_000, unit))
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(default)
    };
    let letters_per_address_per_day =
        count("letters_per_address_per_day", defaults.letters_per_address_per_day, "; 0 is no limit");
    let letters_per_hour = count("letters_per_hour", defaults.letters_per_hour, "; 0 is no limit");
    let requests_per_ip_per_hour =
        count("requests_per_ip_per_hour", defaults.requests_per_ip_per_hour, "; 0 is no limit");
    let retention_days = count("retention_days", 0, " days; 0 keeps everything");

    let (tokens, token_secret) = tokens::read(&mut top, &defaults.tokens, sources, problems);
    // Where the old token lives on beside the new one there is no need to close; where there is no shared one, no point.
    let downtime = match downtime {
        _ if tokens.per_applicant => 0,
        Some(asked) => asked,
        None if tokens.backend.asks_homeserver() => 0,
        None => 30,
    };
    let schedule = u32::try_from(downtime).ok().and_then(|downtime| Schedule::new(reset, downtime))?;

    let from = mail.from.unwrap_or_else(|| defaults.from.clone());
    let settings = Settings {
        bind: top.take("bind").and_then(|entry| entry.ip(problems)).unwrap_or(defaults.bind),
        port: top
            .take("port")
            .and_then(|entry| entry.number(problems, 0, 65_535, "; 0 takes any free one"))
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(defaults.port),
        schedule,
        email_cooldown,
        multiple_users_per_email,
        email_identity: top
            .take("email_identity")
            .and_then(|entry| {
                entry
                    .one_of(problems, &[("mailbox", EmailIdentity::Mailbox), ("exact", EmailIdentity::Exact)])
            })
            .unwrap_or(defaults.email_identity),
        letters_per_address_per_day,
        letters_per_hour,
        requests_per_ip_per_hour,
        when_homeserver_unreachable: top
            .take("when_homeserver_unreachable")
            .and_then(|entry| {
                entry.one_of(
                    problems,
                    &[("refuse", WhenUnreachable::Refuse), ("accept", WhenUnreachable::Accept)],
                )
            })
            .unwrap_or(defaults.when_homeserver_unreachable),
        base_url: top.take("base_url").and_then(|entry| entry.url(problems)),
        public_url: top.take("public_url").and_then(|entry| entry.url(problems)),
        client_url: top
            .take("client_url")
            .and_then(|entry| entry.url(problems))
            .unwrap_or(defaults.client_url),
        signup_url: top.take("signup_url").and_then(|entry| signup_url(&entry, problems)),
        allowed_origins: allowed_origins(&mut top, problems),
        trusted_proxies: match top.take("trusted_proxies") {
            Some(entry) => trusted_proxies(&entry, problems),
            None => defaults.trusted_proxies,
        },
        approval: top
            .take("approval")
            .and_then(|entry| {
                entry.one_of(problems, &[("automatic", Approval::Automatic), ("manual", Approval::Manual)])
            })
            .unwrap_or(defaults.approval),
        retention_days,
        operator_email: top.take("operator_email").and_then(|entry| {
            match EmailAddress::parse(entry.text(problems, "an e-mail address")?) {
                Ok(address) => Some(address),
                Err(problem) => {
                    entry.error(problems, format!("it should be your e-mail address: {problem}"));
                    None
                }
            }
        }),
        after_rotation: top
            .take("after_rotation")
            .and_then(|entry| entry.text(problems, "a command for sh -c").map(ToOwned::to_owned))
            .filter(|command| !command.trim().is_empty()),
        smtp: mail.smtp,
        from,
        letter: mail.letter,
        tokens,
        imap,
        homeserver: homeserver.unwrap_or(defaults.homeserver),
        trial: false,
    };
    pass_over(&mut top, problems);
    top.finish(problems);

    if (mail.inline_secret || imap_inline_secret || token_secret) && is_world_readable(&problems.file) {
        let what = "everybody on this machine can read this file, and a password or access token stands in it: chmod o-r it, \
                    or name a file of its own, by the same key with _file at its end";
        problems.warn(None, "", what);
    }
    if settings.smtp.is_some() && settings.public_url.is_none() {
        problems.warn(None, "public_url", "it is not set, so letters cannot say where to ask again");
    }
    Some(settings)
}

fn homeserver(top: &mut Section<'_>, problems: &mut Problems) -> Option<ServerName> {
    let Some(entry) = top.take("homeserver") else {
        let what = "it is missing: the server's name, as in @user:your.server";
        problems.error(None, "homeserver", what);
        return None;
    };
    let written = entry.text(problems, "the server's name")?.trim();
    if written.starts_with('@') {
        entry.error(problems, "it is the server's name, not a user's: only what stands behind the colon");
        return None;
    }
    match ServerName::parse(written) {
        Ok(name) if EXAMPLES.contains(&name.as_str()) && !cfg!(test) => {
            problems.warn(entry.line, &entry.path, format!("{name} stands in examples; is it really yours?"));
            Some(name)
        }
        Ok(name) => Some(name),
        Err(why) => {
            entry.error(problems, format!("it {why}; it should be like your.server"));
            None
        }
    }
}

/// A key that may stand at the top or in the nested form's section.
fn either<'a>(
    flat: Option<Entry<'a>>,
    nested: Option<Entry<'a>>,
    problems: &mut Problems,
) -> Option<Entry<'a>> {
    if let (Some(flat), Some(nested)) = (&flat, &nested) {
        nested.error(
            problems,
            format!("it stands in line {} too, in the flat form; keep one of them", flat.line),
        );
    }
    flat.or(nested)
}

/// HHMM or "HH:MM", as minutes since midnight. `0030` is half past midnight, whatever YAML 1.1 took it for.
fn time_of_day(entry: &Entry<'_>, problems: &mut Problems) -> Option<u32> {
    let wanted = "a time of day in UTC: 0 (00:00), 30 or 0030 (00:30), 2330 or \"23:30\"";
    let text = entry.text(problems, wanted)?.trim();
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => ("", ""),
        None if text.len() > 2 => text.split_at_checked(text.len() - 2).unwrap_or_default(),
        None => ("0", text),
    };
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    match (number(hours), number(minutes)) {
        (Some(hours), Some(minutes)) if hours < 24 && minutes < 60 => Some(hours * 60 + minutes),
        _ => {
            entry.error(problems, format!("it should be {wanted}"));
            None
        }
    }
}

struct Mail {
    smtp: Option<super::settings::Smtp>,
    from: Option<super::settings::Sender>,
    letter: LetterTemplates,
    inline_secret: bool,
}

/// `smtp` and the letter's words, flat or under `email:`.
fn mail(top: &mut Section<'_>, sources: &Sources<'_>, problems: &mut Problems) -> Mail {
    let mut letter = letter::flat(top, problems);
    let flat = top.take("smtp");
    let mut nested = None;
    if let Some(mut email) = top.section("email", problems) {
        nested = email.take("smtp");
        if let Some(mut templates) = email.section("templates", problems) {
            if let Some(mut section) = templates.section("registration_token", problems) {
                letter::nested(&mut section, sources.folder, &mut letter, problems);
                section.finish(problems);
            }
            // The successor's other letters are not doorman's to send.
            templates.take("deactivation_notice");
            templates.finish(problems);
        }
        email.finish(problems);
    }
    match either(flat, nested, problems) {
        None => Mail { smtp: None, from: None, letter, inline_secret: false },
        Some(entry) => {
            let section = Section::new(&entry.path, entry.node, problems);
            let written = smtp::read(section, entry.line, &entry.path, sources, problems);
            Mail { smtp: written.smtp, from: written.from, letter, inline_secret: written.inline_secret }
        }
    }
}

fn signup_url(entry: &Entry<'_>, problems: &mut Problems) -> Option<Template> {
    let text = entry.text(problems, "a URL with {requested_username} and {registration_token} in it")?;
    let plain = text.replace(['{', '}'], "").split(['?', '#']).next().unwrap_or_default().to_owned();
    if let Err(why) = check_url(&plain) {
        entry.error(problems, why);
        return None;
    }
    match Template::parse(text.trim(), &["requested_username", "registration_token"]) {
        Ok(template) => Some(template),
        Err((_, what)) => {
            entry.error(problems, what);
            None
        }
    }
}

fn allowed_origins(top: &mut Section<'_>, problems: &mut Problems) -> Vec<String> {
    let Some(entry) = top.take("allowed_origins") else { return Vec::new() };
    let mut origins = Vec::new();
    for (line, text) in entry.texts(problems, "origins like https://www.your.server") {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        match check_url(&text) {
            Ok(()) if !rest.contains('/') => origins.push(text),
            _ => problems.error(
                line,
                &entry.path,
                "it should be an origin like https://www.your.server, without a path",
            ),
        }
    }
    origins
}

fn trusted_proxies(entry: &Entry<'_>, problems: &mut Problems) -> Vec<IpNet> {
    let mut nets = Vec::new();
    for (line, text) in entry.texts(problems, "addresses and nets, like loopback, private or 10.0.0.0/8") {
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match proxies(word) {
                Some(found) => nets.extend(found),
                None => problems.error(
                    line,
                    &entry.path,
                    "it should be loopback, private, an IP address or a net like 10.0.0.0/8",
                ),
            }
        }
    }
    nets
}

/// What a word of `trusted_proxies` stands for.
fn proxies(word: &str) -> Option<Vec<IpNet>> {
    let nets = |texts: &[&str]| texts.iter().filter_map(|text| text.parse().ok()).collect();
    match word.to_ascii_lowercase().as_str() {
        "loopback" => Some(nets(&["127.0.0.0/8", "::1/128"])),
        "private" => Some(nets(&[
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ])),
        word => {
            let net = word.parse::<IpNet>().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from))?;
            // A mapped net is one of IPv4, which is what addresses are compared as.
            let net = match (net, net.addr().to_canonical()) {
                (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= 96 => {
                    IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96).ok()?
                }
                (net, _) => net,
            };
            Some(vec![net.trunc()])
        }
    }
}

/// Sections that mean nothing here: one warning for all.
fn pass_over(top: &mut Section<'_>, problems: &mut Problems) {
    let found: Vec<(usize, &str)> =
        PASSED_OVER.into_iter().filter_map(|name| Some((top.take(name)?.line, name))).collect();
    if let Some((line, _)) = found.first() {
        let names: Vec<&str> = found.iter().map(|(_, name)| *name).collect();
        let what = format!("passed over, doorman has no use for it: {}", names.join(", "));
        problems.warn(*line, "", what);
    }
}

/// What holds where the config says nothing.
fn defaults(homeserver: ServerName) -> Settings {
    Settings {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 6626,
        schedule: Schedule::default(),
        email_cooldown: Duration::from_secs(3600),
        multiple_users_per_email: false,
        email_identity: EmailIdentity::Mailbox,
        letters_per_address_per_day: 3,
        letters_per_hour: 100,
        requests_per_ip_per_hour: 20,
        when_homeserver_unreachable: WhenUnreachable::Refuse,
        base_url: None,
        public_url: None,
        client_url: "https://app.element.io".into(),
        signup_url: None,
        allowed_origins: Vec::new(),
        trusted_proxies: proxies("loopback").unwrap_or_default(),
        approval: Approval::Automatic,
        retention_days: 0,
        operator_email: None,
        after_rotation: None,
        smtp: None,
        from: smtp::default_sender(&homeserver),
        letter: LetterTemplates::default(),
        tokens: Tokens {
            backend: Backend::File,
            per_applicant: false,
            uses: 2,
            lifetime: Duration::from_secs(48 * 3600),
            grace: Duration::from_secs(3600),
        },
        imap: None,
        homeserver,
        trial: false,
    }
}

impl Settings {
    /// The built-in defaults of a trial desk.
    pub fn trial() -> Self {
        let homeserver = ServerName::parse(TRIAL_SERVER).unwrap_or_else(|_| unreachable!("it is a constant"));
        Self { trial: true, ..defaults(homeserver) }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
