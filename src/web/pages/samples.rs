//! A desk and an applicant, to show pages of.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Folder, Sender, Settings, Smtp, TlsMode};
use crate::domain::{EmailAddress, Localpart, Mxid, ServerName};

use super::{Assets, Look};

pub(super) fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Some hours before closing.
pub(super) fn evening() -> DateTime<Utc> {
    at("2026-11-23T18:48:12.345Z")
}

/// A desk whose folder is this one.
pub(super) fn look_in(folder: &Path) -> Look {
    let settings = Settings {
        homeserver: ServerName::parse("your.server").unwrap(),
        from: Sender { name: Some("Desk".into()), address: "desk@your.server".into() },
        smtp: Some(Smtp {
            host: "smtp.your.server".into(),
            tls: TlsMode::StartTls,
            port: 587,
            login: None,
            from: None,
        }),
        trial: false,
        ..Settings::trial()
    };
    Look::new(&settings, Arc::new(Assets::load(&Folder::new(folder))), None)
}

/// A desk without a `static/`.
pub(super) fn look() -> Look {
    look_in(Path::new("/nonexistent"))
}

pub(super) fn mxid(name: &str) -> Mxid {
    let server = ServerName::parse("your.server").unwrap();
    Mxid { localpart: Localpart::parse(name, &server).unwrap(), server }
}

pub(super) fn email(typed: &str) -> EmailAddress {
    EmailAddress::parse(typed).unwrap()
}
