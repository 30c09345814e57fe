//! Kinds of values that are doorman's own.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{Action, BanKind, EmailAddress, Language, ServerName};
use crate::files;

use super::kinds::{Kind, check_url, number};
use super::node::{Node, Value};
use super::problems::Problem;
use super::reading::Entry;
use super::settings::{Client, Contact, ListPlace, ListSource, Sender};
use super::template::Template;

/// What stands in examples for the operator's own server.
const EXAMPLES: [&str; 3] = ["your.server", "example.com", "server.net"];

/// What operators may use in letters.
const PLACEHOLDERS: &[&str] = &[
    "homeserver",
    "registration_token",
    "requested_username",
    "utc_time",
    "time_until_reset",
    "signup_link",
];

pub(super) fn server_name() -> Kind<ServerName> {
    let wanted = "the server's name, as in @user:your.server";
    Kind::new(wanted, move |entry| {
        let written = entry.node.scalar(wanted)?.trim();
        if written.starts_with('@') {
            return Err("it should be the server's name, not a user's: only the part after the colon".into());
        }
        let name =
            ServerName::parse(written).map_err(|why| format!("it {why}; it should be like your.server"))?;
        if EXAMPLES.contains(&name.as_str()) && !cfg!(test) {
            entry.warn(format!("{name} is the example value; change it"));
        }
        Ok(name)
    })
}

/// A time span of so many units.
pub(super) fn span(count: std::ops::RangeInclusive<u64>, unit: &str, seconds: u64) -> Kind<Duration> {
    number(count, unit).map(move |count: u64| Duration::from_secs(count * seconds))
}

/// So many days: `90`, or `90d`; 0 keeps it.
pub(super) fn days() -> Kind<u32> {
    Kind::scalar("a number of days, such as 90d; 0 keeps it", |text| {
        let number = text.trim().trim_end_matches(['d', 'D']);
        let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse().ok().filter(|days| is_plain && *days <= 36_500)
    })
}

/// HHMM or "HH:MM", as minutes since midnight. `0030` is half past midnight, whatever YAML 1.1 took it for.
pub(super) fn time_of_day() -> Kind<u32> {
    Kind::scalar("a time of day in UTC: 0 (00:00), 30 or 0030 (00:30), 2330 or \"23:30\"", |text| {
        let text = text.trim();
        let (hours, minutes) = match text.split_once(':') {
            Some((hours, minutes)) => (hours, Some(minutes).filter(|minutes| minutes.len() == 2)?),
            None if text.len() > 2 => text.split_at_checked(text.len() - 2)?,
            None => ("0", text),
        };
        let number = |text: &str, below: u32| -> Option<u32> {
            let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| is_plain && *number < below)
        };
        Some(number(hours, 24)? * 60 + number(minutes, 60)?)
    })
}

/// A mail server's name or address, `[…]` around it or not.
pub(super) fn host_name() -> Kind<String> {
    Kind::scalar("the mail server's name or address, like mail.example.com", |text| {
        let host = text.trim().trim_matches(['[', ']']);
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte));
        ((1..256).contains(&host.len()) && is_plain).then(|| host.to_owned())
    })
}

/// A folder of a mailbox.
pub(super) fn mail_folder() -> Kind<String> {
    Kind::scalar("a folder's name in ASCII, like INBOX", |name| {
        let is_plain = name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !name.trim().is_empty();
        is_plain.then(|| name.to_owned())
    })
}

/// `Name <address>` or `address`.
pub(super) fn sender() -> Kind<Sender> {
    Kind::scalar("an address, like desk@your.server or Desk <desk@your.server>", parse_sender)
}

pub(super) fn parse_sender(text: &str) -> Option<Sender> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let fine = !local.is_empty()
        && local.chars().all(plain)
        && idna::domain_to_ascii_strict(domain).is_ok_and(|domain| !domain.is_empty())
        && !name.chars().any(char::is_control);
    fine.then(|| Sender { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() })
}

/// What browsers send in `Origin`.
pub(super) fn origins() -> Kind<Vec<String>> {
    Kind::list("origins like https://www.your.server, without a path", |text| {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let has_path = text.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        (check_url(&text).is_ok() && !has_path).then(|| vec![text])
    })
}

/// Languages by their tags.
pub(super) fn languages() -> Kind<Vec<Language>> {
    Kind::list(
        "tags of languages that the desk speaks: en, de, fr, es, pt, it, nl, pl, cs, ru, uk, tr, ar, fa, ja, zh-Hans, zh-Hant",
        |tag| Language::of_tag(tag).map(|language| vec![language]),
    )
}

/// Names of mail servers, in lower case.
pub(super) fn authserv_ids() -> Kind<Vec<String>> {
    Kind::list("names as they stand in Authentication-Results, like mx.your.server", |id| {
        Some(Some(id.trim().to_ascii_lowercase()).filter(|id| !id.is_empty()).into_iter().collect())
    })
}

/// Whose `X-Forwarded-For` is believed.
pub(super) fn proxies() -> Kind<Vec<IpNet>> {
    Kind::list("loopback, private, an IP address or a net like 10.0.0.0/8", |text| {
        let text = text.to_ascii_lowercase();
        let words = text.split([',', ' ']).map(|word| match word {
            "loopback" => "127.0.0.0/8 ::1",
            "private" => {
                "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 fc00::/7 fe80::/10"
            }
            word => word,
        });
        words.flat_map(str::split_whitespace).map(net).collect()
    })
}

fn net(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    // A mapped net is one of IPv4, which is what addresses are compared as.
    let net = match (net, net.addr().to_canonical()) {
        (IpNet::V6(v6), IpAddr::V4(v4)) if v6.prefix_len() >= 96 => {
            IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96).ok()?
        }
        (net, _) => net,
    };
    Some(net.trunc())
}

/// A page's URL with the names of an applicant and of a token in it.
pub(super) fn signup_url() -> Kind<Template> {
    Kind::checked("a URL with {requested_username} and {registration_token} in it", |text| {
        let plain = text.replace(['{', '}'], "").split(['?', '#']).next().unwrap_or_default().to_owned();
        check_url(&plain)?;
        Template::parse(text.trim(), &["requested_username", "registration_token"]).map_err(|(_, what)| what)
    })
}

/// Clients with their links: a list of `{name, url}`, or of links alone, or names and links.
pub(super) fn clients() -> Kind<Vec<Client>> {
    let wanted = "a list like [{name: Element, url: \"https://app.element.io\"}]";
    Kind::new(wanted, move |entry| {
        let found: Vec<(usize, Option<&str>, &Node)> = match &entry.node.value {
            Value::Map(entries) => {
                entries.iter().map(|(key, node)| (key.line, Some(key.name.as_str()), node)).collect()
            }
            Value::List(items) => items
                .iter()
                .map(|item| match &item.value {
                    Value::Map(entries) => {
                        let find =
                            |name| entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node);
                        let name = find("name").and_then(|name| name.scalar(wanted).ok());
                        (item.line, name, find("url").unwrap_or(item))
                    }
                    Value::Scalar { .. } | Value::List(_) => (item.line, None, item),
                })
                .collect(),
            Value::Scalar { .. } => return Err(format!("it should be {wanted}")),
        };
        let mut clients = Vec::new();
        for (line, name, node) in found {
            match node.scalar(wanted).and_then(client_url) {
                Ok(url) => clients.push(Client {
                    name: name.map_or_else(|| url.fill(|_| String::new()), ToOwned::to_owned),
                    url,
                }),
                Err(what) => entry.reading.error(line, &entry.path, what),
            }
        }
        Ok(clients)
    })
}

fn client_url(url: &str) -> Result<Template, String> {
    let plain = url.replace(['{', '}'], "").split(['?', '#']).next().unwrap_or_default().to_owned();
    check_url(&plain)?;
    Template::parse(url.trim(), &["homeserver", "user_id"]).map_err(|(_, what)| what)
}

/// A room's alias.
pub(super) fn room() -> Kind<String> {
    Kind::scalar("a room's address, like #welcome:your.server", |text| {
        let room = text.trim();
        let is_plain = room.chars().all(|c| !c.is_whitespace() && !c.is_control());
        (room.starts_with('#') && room.contains(':') && is_plain).then(|| room.to_owned())
    })
}

/// Who to ask.
pub(super) fn contact() -> Kind<Contact> {
    let wanted =
        "an email address, a Matrix ID like @ann:your.server, or a URL like https://your.server/contact";
    Kind::scalar(wanted, |text| {
        let text = text.trim();
        let is_plain = text.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c));
        let url = if check_url(text).is_ok() {
            text.to_owned()
        } else if is_plain && text.starts_with(['@', '#']) && text.contains(':') {
            format!("https://matrix.to/#/{}", utf8_percent_encode(text, NON_ALPHANUMERIC))
        } else {
            let address = EmailAddress::parse(text).ok()?.to_ascii();
            // What would begin a query in a mailto link (RFC 6068) is escaped.
            format!("mailto:{}", address.replace('%', "%25").replace('?', "%3F").replace('&', "%26"))
        };
        Some(Contact { text: text.to_owned(), url })
    })
}

/// A room's address or ID.
pub(super) fn notify_room() -> Kind<String> {
    Kind::scalar("a room's address or ID, like #desk:your.server or !abc:your.server", |text| {
        let room = text.trim();
        let is_plain = room.chars().all(|c| !c.is_whitespace() && !c.is_control());
        let fits = (room.starts_with('#') && room.contains(':')) || (room.starts_with('!') && room.len() > 1);
        (fits && is_plain).then(|| room.to_owned())
    })
}

/// The URL of a webhook, taken as it is: it may have a query.
pub(super) fn hook_url() -> Kind<String> {
    let wanted = "a URL like https://hooks.your.server/doorman";
    Kind::checked(wanted, move |text| {
        let text = text.trim();
        check_url(&text.replacen('?', "/", 1)).map_err(|why| format!("{why}; it should be {wanted}"))?;
        Ok(text.to_owned())
    })
}

/// Subject or body of a letter. In the successor's nested form, which has dots in its path, bodies are files.
pub(super) fn letter(is_body: bool) -> Kind<Template> {
    let wanted = "text with placeholders in braces";
    Kind::new(wanted, move |entry| {
        let mut text = entry.node.scalar(wanted)?.to_owned();
        let (mut file, mut line) = (entry.reading.file.clone(), entry.text_line());
        if is_body && entry.path.contains('.') {
            (file, line) = (entry.reading.folder.join(&text), 1);
            let unfit = |error: &dyn std::fmt::Display| {
                let right = "the path of a file in the desk's folder";
                format!("{} cannot be read: {error}; it should be {right}", file.display())
            };
            let bytes = files::read(&file).map_err(|error| unfit(&error))?;
            text = String::from_utf8(bytes).map_err(|error| unfit(&error))?;
        }
        let template = Template::parse(&text, PLACEHOLDERS).unwrap_or_else(|(at, what)| {
            let problem = Problem { file, line: Some(line + at), key: entry.path.clone(), what };
            entry.reading.errors.borrow_mut().push(problem);
            Template::default()
        });
        // The original took such a letter, so its operators' configs go on.
        if is_body && !template.has("registration_token") && !template.has("signup_link") {
            entry.warn("neither {registration_token} nor {signup_link} is in it, so nobody could register with this email");
        }
        Ok(template)
    })
}

/// Lists that others keep.
pub(super) fn list_sources() -> Kind<Vec<ListSource>> {
    let wanted = "a list like [{kind: email, url: https://lists.example/domains.txt, action: hold}]";
    Kind::new(wanted, move |entry| {
        let Value::List(items) = &entry.node.value else {
            return Err(format!("{} stands here; it should be {wanted}", entry.node.kind()));
        };
        let mut sources: Vec<ListSource> = Vec::new();
        for item in items {
            match list_source(item, entry) {
                Ok(source)
                    if sources.iter().any(|one| (one.kind, &one.place) == (source.kind, &source.place)) =>
                {
                    entry.reading.error(item.line, &entry.path, "it is listed twice; keep one of them");
                }
                Ok(source) => sources.push(source),
                Err((line, what)) => entry.reading.error(line, &entry.path, what),
            }
        }
        Ok(sources)
    })
}

fn list_source(item: &Node, entry: &Entry<'_>) -> Result<ListSource, (usize, String)> {
    const KEYS: &str = "kind, url or file, and action";
    let Value::Map(keys) = &item.value else {
        return Err((item.line, format!("{} stands here; each list has {KEYS}", item.kind())));
    };
    let (mut kind, mut place, mut action) = (None, None, Action::default());
    for (key, value) in keys {
        let text = value.scalar("a single value").map_err(|what| (value.line, what))?.trim();
        let wrong = |what: String| Err((key.line, format!("{}: {what}", key.name)));
        match key.name.as_str() {
            "kind" => match BanKind::ALL.into_iter().find(|kind| kind.word() == text) {
                Some(found) => kind = Some(found),
                None => return wrong("it should be one of ip, email, username".into()),
            },
            "action" => match text.parse() {
                Ok(found) => action = found,
                Err(_) => {
                    return wrong(format!(
                        "it should be one of {}",
                        Action::ALL.map(Action::word).join(", ")
                    ));
                }
            },
            "url" | "file" if place.is_some() => return wrong("a list has a url or a file, not both".into()),
            "url" => {
                if let Err(why) = check_url(text.split('?').next().unwrap_or_default()) {
                    return wrong(format!("{why}; it should look like https://lists.example/domains.txt"));
                }
                let host = text.split("://").nth(1).unwrap_or_default();
                if text.starts_with("http://")
                    && !["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own))
                {
                    entry.reading.warn(
                        key.line,
                        &entry.path,
                        "without https:// anybody on the way can change this list",
                    );
                }
                place = Some(ListPlace::Url(text.to_owned()));
            }
            "file" if text.is_empty() => return wrong("it should be the path of a file".into()),
            "file" => place = Some(ListPlace::File(entry.reading.folder.join(text))),
            _ => return Err((key.line, format!("there is no such key for a list; each has {KEYS}"))),
        }
    }
    let missing = |what: &str| (item.line, format!("{what} is missing; each list has {KEYS}"));
    let kind = kind.ok_or_else(|| missing("kind"))?;
    Ok(ListSource { kind, place: place.ok_or_else(|| missing("url (or file)"))?, action })
}
