//! A desk and an applicant, to show pages of.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::config::{Folder, Sender, Settings, Smtp, TlsMode};
use crate::desk::{Receipt, Stage};
use crate::domain::{LinkSecret, Localpart, ServerName};
use crate::store::Progress;

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

pub(super) fn secret() -> LinkSecret {
    LinkSecret::parse("23456789abcdefghijkmnpqrst").unwrap()
}

/// Of a request that came a minute ago.
pub(super) fn receipt(stage: Stage) -> Receipt {
    let server = ServerName::parse("your.server").unwrap();
    let of = Progress {
        request: 7,
        received_at: at("2026-11-23T18:47:12Z"),
        username: Localpart::parse("alice", &server).unwrap(),
        email: "alice@example.org".into(),
        verdict: "accepted".into(),
        reason: None,
        would_be_held_for: None,
        answer: None,
        terms: None,
        letter: None,
        letter_ended_at: Some(at("2026-11-23T18:47:14Z")),
        last_answer: None,
        opened_at: None,
        token_was_used: false,
        made_at: None,
        is_unsure: false,
        is_first: true,
        has_own_letter: true,
    };
    Receipt { of, stage, is_correctable: false }
}
