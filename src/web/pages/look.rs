//! What all pages of a desk have in common.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::{Sender, Settings, Template};
use crate::domain::{Mxid, Schedule, ServerName, in_words};

use super::assets::Assets;

/// Whose desk it is, and what its letters look like in a mailbox. Made once from the settings, and again when they change.
#[derive(Debug, Clone)]
pub struct Look {
    /// The homeserver that accounts are made on.
    pub homeserver: ServerName,
    /// Who letters come from.
    pub from: Sender,
    /// `email_subject`; None: the built-in one.
    pub subject: Option<Template>,
    /// When the token changes, and when the desk closes for it.
    pub schedule: Schedule,
    /// How long a token works where every applicant gets one of their own; None: all get the one that changes daily.
    pub token_lifetime: Option<Duration>,
    /// The client that applicants are sent to.
    pub client_url: String,
    /// Whether nothing here is meant.
    pub trial: bool,
    /// The assets behind the pages.
    pub assets: Arc<Assets>,
}

impl Look {
    /// The look of the desk with these settings and assets.
    pub fn new(settings: &Settings, assets: Arc<Assets>) -> Self {
        Self {
            homeserver: settings.homeserver.clone(),
            from: settings.from.clone(),
            subject: settings.letter.subject.clone(),
            schedule: settings.schedule,
            token_lifetime: settings.tokens.per_applicant.then_some(settings.tokens.lifetime),
            client_url: settings.client_url.clone(),
            trial: settings.trial,
            assets,
        }
    }

    /// Where the client is, as people say it: `app.element.io`.
    pub(super) fn client_name(&self) -> &str {
        let url = self.client_url.as_str();
        url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
    }

    /// Until when a registration token works, as the end of a sentence that begins with it.
    pub(super) fn token_works(&self) -> String {
        match self.token_lifetime {
            Some(lifetime) => {
                format!("works for {}", in_words(TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX)))
            }
            None => format!(
                "works until it changes, every day at {}",
                self.schedule.reset_time().format("%H:%M UTC")
            ),
        }
    }

    /// Who letters come from, as a mail program shows it.
    pub(super) fn sender(&self) -> String {
        match &self.from.name {
            Some(name) if !name.trim().is_empty() => format!("{name} <{}>", self.from.address),
            _ => self.from.address.clone(),
        }
    }

    /// The subject of the letter for this account. What is known only when it is sent stands as an ellipsis.
    pub(super) fn subject(&self, mxid: &Mxid) -> String {
        let written = self.subject.as_ref().map(|subject| {
            let filled = subject.fill(|name| match name {
                "homeserver" => mxid.server.to_string(),
                "requested_username" => mxid.localpart.to_string(),
                _ => "…".into(),
            });
            filled
                .split(|c: char| c == ' ' || c.is_control())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        });
        written
            .filter(|subject| !subject.is_empty())
            .unwrap_or_else(|| format!("Your Registration Token for {}", mxid.server))
    }
}

/// What the frame around every page needs.
pub(super) struct Frame<'a> {
    /// What paths begin with: `/`, or nothing on a static site, which may lie in a folder.
    pub root: &'static str,
    /// The homeserver.
    pub homeserver: &'a str,
    /// Whether it is a trial.
    pub trial: bool,
    /// Whether the operator has a `custom.css`.
    pub custom_css: bool,
    /// What stands in for the headers on a static site: its Content-Security-Policy.
    pub policy: Option<String>,
}

impl<'a> Frame<'a> {
    /// The frame of a page that the desk itself sends.
    pub(super) fn of(look: &'a Look) -> Self {
        Self {
            root: "/",
            homeserver: look.homeserver.as_str(),
            trial: look.trial,
            custom_css: look.assets.has_custom_css(),
            policy: None,
        }
    }
}
