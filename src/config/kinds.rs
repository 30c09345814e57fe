//! What a key's value can be: text, number, word, URL … Each kind says in words what it wants.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::str::FromStr;

use strum::VariantNames;

use crate::domain::EmailAddress;

use super::node::Value;
use super::reading::Entry;

/// The value, or what is wrong and what would be right.
type Read<T> = Result<T, String>;
type Reader<T> = dyn Fn(&Entry<'_>) -> Read<T>;

/// A kind of value.
pub(super) struct Kind<T> {
    /// What should stand there, in words: "a whole number from 1 to 5".
    pub wanted: String,
    pub read: Box<Reader<T>>,
}

impl<T: 'static> Kind<T> {
    pub(super) fn new(wanted: impl Into<String>, read: impl Fn(&Entry<'_>) -> Read<T> + 'static) -> Self {
        Self { wanted: wanted.into(), read: Box::new(read) }
    }

    /// A scalar; `read` says what is wrong with its text.
    pub(super) fn checked(wanted: impl Into<String>, read: impl Fn(&str) -> Read<T> + 'static) -> Self {
        let wanted = wanted.into();
        Self::new(wanted.clone(), move |entry| read(entry.node.scalar(&wanted)?))
    }

    /// A scalar; `read` gives None where it is not what is wanted.
    pub(super) fn scalar(wanted: impl Into<String>, read: impl Fn(&str) -> Option<T> + 'static) -> Self {
        let wanted = wanted.into();
        Self::checked(wanted.clone(), move |text| read(text).ok_or_else(|| format!("it should be {wanted}")))
    }

    pub(super) fn map<U: 'static>(self, to: impl Fn(T) -> U + 'static) -> Kind<U> {
        let read = self.read;
        Kind::new(self.wanted, move |entry| read(entry).map(&to))
    }
}

impl<T: 'static> Kind<Vec<T>> {
    /// A list of scalars, or a single one. `read` gives None where an item is not what is wanted.
    pub(super) fn list(wanted: &'static str, read: impl Fn(&str) -> Option<Vec<T>> + 'static) -> Self {
        Self::new(wanted, move |entry| {
            let items = match &entry.node.value {
                Value::List(items) => items.as_slice(),
                _ => std::slice::from_ref(entry.node),
            };
            let mut all = Vec::new();
            for item in items {
                let values = item
                    .scalar(wanted)
                    .and_then(|text| read(text).ok_or_else(|| format!("it should be {wanted}")));
                match values {
                    Ok(values) => all.extend(values),
                    Err(what) => entry.reading.error(item.line, &entry.path, what),
                }
            }
            Ok(all)
        })
    }
}

pub(super) fn text(wanted: &str) -> Kind<String> {
    Kind::scalar(wanted, |text| Some(text.to_owned()))
}

/// `true`, `false`, and what YAML 1.1 took for them.
pub(super) fn boolean() -> Kind<bool> {
    Kind::scalar("true or false", |text| match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    })
}

/// A whole number, `unit` being what it counts.
pub(super) fn number<T: TryFrom<u64> + 'static>(range: RangeInclusive<u64>, unit: &str) -> Kind<T> {
    let wanted = format!("a whole number from {} to {}{unit}", range.start(), range.end());
    Kind::scalar(wanted, move |text| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_plain && range.contains(number))?;
        T::try_from(number).ok()
    })
}

/// One of the words of an enum.
pub(super) fn word<T: FromStr + VariantNames + 'static>() -> Kind<T> {
    Kind::scalar(format!("one of {}", T::VARIANTS.join(", ")), |text| text.parse().ok())
}

pub(super) fn email(wanted: &'static str) -> Kind<EmailAddress> {
    Kind::checked(wanted, move |text| {
        EmailAddress::parse(text).map_err(|problem| format!("it should be {wanted}: {problem}"))
    })
}

/// An `http://` or `https://` URL without user, query and fragment; its trailing slashes are cut.
pub(super) fn url() -> Kind<String> {
    Kind::checked("a URL like https://desk.your.server", |text| {
        let text = text.trim();
        check_url(text).map_err(|why| format!("{why}; it should look like https://desk.your.server"))?;
        Ok(text.trim_end_matches('/').to_owned())
    })
}

/// An IP address, `[…]` around it or not.
/// Where something listens.
pub(super) fn socket() -> Kind<SocketAddr> {
    Kind::scalar("an IP address and a port, like 127.0.0.1:9626", |text| text.parse().ok())
}

pub(super) fn ip() -> Kind<IpAddr> {
    Kind::scalar("an IP address: 127.0.0.1, 0.0.0.0 for all of IPv4, :: for all", |text| {
        text.trim().trim_matches(['[', ']']).parse().ok()
    })
}

/// Whether it is a URL like [`url`] wants it; else what is wrong.
pub(super) fn check_url(text: &str) -> Result<(), &'static str> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or("it does not begin with https:// (or http://)")?;
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii() || "\"<>\\^`{|}".contains(c))
    {
        return Err("it has a character that is not allowed in a URL");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err("it names no host");
    }
    if authority.contains('@') {
        return Err("it has a user name in it, which does not belong there");
    }
    if rest.contains(['?', '#']) {
        return Err("it has a ? or # in it");
    }
    Ok(())
}
