//! What all pages of a desk have in common.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Settings, SignUp};
use crate::domain::{Closed, Mxid, one_line};
use crate::homeserver::{Homeserver, OwnPage};
use crate::text::{Html, Language};

use super::assets::Assets;

/// Whose desk it is, and what its letters look like in a mailbox. Made once from the settings, and again when they change.
#[derive(Debug, Clone)]
pub struct Look {
    /// What it is told in.
    pub language: Language,
    /// Whether whoever reads it has chosen that language, here.
    pub is_chosen: bool,
    /// Of the desk.
    pub settings: Arc<Settings>,
    /// The assets behind the pages.
    pub assets: Arc<Assets>,
    /// Who knows by now whether it has a page of its own for new accounts.
    pub homeserver: Option<Arc<Homeserver>>,
}

impl Look {
    /// The look of the desk with these settings and assets.
    pub fn new(settings: &Settings, assets: Arc<Assets>, homeserver: Option<Arc<Homeserver>>) -> Self {
        let language = Language::fallback(&settings.languages);
        Self { language, is_chosen: false, settings: Arc::new(settings.clone()), assets, homeserver }
    }

    /// The languages that can be chosen.
    pub fn languages(&self) -> Vec<Language> {
        self.settings.languages.iter().copied().filter(|language| language.is_spoken()).collect()
    }

    /// What paths end with, so that a language that was chosen stays.
    pub fn query(&self) -> String {
        if self.is_chosen { format!("?lang={}", self.language.tag()) } else { String::new() }
    }

    /// The homeserver's own page for new accounts. None: clients ask for the token themselves.
    fn own_page(&self) -> Option<OwnPage> {
        self.homeserver.as_ref()?.own_page()
    }

    /// Whether emails bring a link to the desk's own page, as far as the homeserver has told by now.
    pub(super) fn has_link(&self) -> bool {
        let way = self.homeserver.as_ref().and_then(|homeserver| homeserver.last_sign_up_way());
        let can_bring = match self.settings.sign_up {
            SignUp::Token => false,
            SignUp::Both => self.settings.letter.can_bring_link(),
            SignUp::Link => true,
        };
        can_bring && way.is_none_or(|way| way.bar.is_none())
    }

    /// How an account is made, on one breath.
    pub(super) fn how_to_create(&self) -> Html {
        if self.has_link() {
            return Html::text(&self.language.create_by_link());
        }
        let (t, client) = (self.language, link(&self.settings.client_url));
        let homeserver = Html::text(self.settings.homeserver.as_str());
        match self.own_page().map(|page| page.links) {
            Some(Some((page, _))) => t.create_on_page(&link(&page), &homeserver),
            Some(None) => t.create_by_client(&client, &homeserver),
            None => t.create_how(&client, &homeserver),
        }
    }

    /// Until when works what the email brings.
    pub(super) fn token_works(&self) -> String {
        let t = self.language;
        if self.has_link() {
            return t.link_works_for(
                &t.span(TimeDelta::from_std(self.settings.sign_up_for).unwrap_or(TimeDelta::MAX)),
            );
        }
        match self.token_lifetime() {
            Some(lifetime) => {
                t.token_works_for(&t.span(TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX)))
            }
            None => t.token_works_until_daily(&t.time(self.settings.schedule.reset_time())),
        }
    }

    /// How long a token works where every applicant gets one of their own; None: all get the one that changes daily.
    pub(super) fn token_lifetime(&self) -> Option<Duration> {
        self.settings.tokens.per_applicant.then_some(self.settings.tokens.lifetime)
    }

    /// When the token is replaced, and the day's accounts are given away.
    pub(super) fn reset_time(&self) -> String {
        self.language.time(self.settings.schedule.reset_time())
    }

    /// Whether the desk is open, and until when.
    pub(super) fn state(&self, closed: Option<Closed>, closes_at: Option<DateTime<Utc>>) -> String {
        match (closed, closes_at) {
            (Some(closed), _) => closed.applicant_text(self.language),
            (None, Some(at)) => self.language.open_until(&self.language.time(at.time())),
            (None, None) => self.language.open(),
        }
    }

    /// Who letters come from, as a mail program shows it.
    pub(super) fn sender(&self) -> String {
        let from = &self.settings.from;
        match &from.name {
            Some(name) if !name.trim().is_empty() => format!("{name} <{}>", from.address),
            _ => from.address.clone(),
        }
    }

    /// The subject of the letter for this account. What is known only when it is sent stands as an ellipsis.
    pub(super) fn subject(&self, mxid: &Mxid) -> String {
        let written = self.settings.letter.subject.as_ref().map(|subject| {
            one_line(&subject.fill(|name| match name {
                "homeserver" => mxid.server.to_string(),
                "requested_username" => mxid.localpart.to_string(),
                _ => "…".into(),
            }))
        });
        written.filter(|subject| !subject.is_empty()).unwrap_or_else(|| {
            let (t, server) = (self.language, mxid.server.as_str());
            if self.has_link() { t.account_subject(server) } else { t.token_subject(server) }
        })
    }
}

/// A link as people say it: `app.element.io`.
fn link(url: &str) -> Html {
    let name = url.split_once("://").map_or(url, |(_, rest)| rest);
    let name = name.split('?').next().unwrap_or_default().trim_end_matches('/');
    Html::link(url, name)
}

/// What the operator says of the server, and links to.
pub(super) struct AboutHere<'a> {
    pub who: Option<&'a str>,
    pub links: Vec<Html>,
}

impl<'a> AboutHere<'a> {
    fn of(look: &'a Look) -> Self {
        let (t, settings) = (look.language, &look.settings);
        let called = [t.about_rules(), t.about_privacy(), t.about_contact()];
        let links = called.into_iter().zip(settings.about_urls());
        Self {
            who: settings.about.as_ref().and_then(|about| about.who.as_deref()),
            links: links.filter_map(|(what, url)| Some(Html::link(url?, &what))).collect(),
        }
    }
}

/// What the frame around every page needs.
pub(super) struct Frame<'a> {
    /// What paths begin with: `/`, or with what `public_url` has behind its host, or nothing on a static site, which may lie
    /// in a folder.
    pub root: String,
    /// What they end with.
    pub query: String,
    /// Where this page is, for whoever chooses another language; empty where that is where they are.
    pub here: String,
    /// The languages that can be chosen.
    pub languages: Vec<Language>,
    /// What it is told in.
    pub t: Language,
    /// The homeserver.
    pub homeserver: &'a str,
    /// The same, where it stands out.
    pub homeserver_bold: Html,
    /// Where the emails of a trial are.
    pub trial_outbox: Html,
    /// Whether it is a trial.
    pub trial: bool,
    /// Whether no mail server is set at a real desk.
    pub mails_nobody: bool,
    /// Whether the operator has a `custom.css`.
    pub custom_css: bool,
    /// Who runs the server.
    pub about: AboutHere<'a>,
    /// What stands in for the headers on a static site: its Content-Security-Policy.
    pub policy: Option<String>,
}

impl<'a> Frame<'a> {
    /// The frame of a page that is not where it can be asked for: the languages lead to the form.
    pub(super) fn of_answer(look: &'a Look) -> Self {
        let frame = Self::of(look);
        Self { here: frame.root.clone(), ..frame }
    }

    /// The frame of a page that the desk itself sends.
    pub(super) fn of(look: &'a Look) -> Self {
        Self {
            root: format!("{}/", look.settings.public_path()),
            query: look.query(),
            here: String::new(),
            languages: look.languages(),
            t: look.language,
            homeserver: look.settings.homeserver.as_str(),
            homeserver_bold: Html::within("b", look.settings.homeserver.as_str()),
            trial_outbox: Html::within("code", "trial/outbox/"),
            trial: look.settings.trial,
            mails_nobody: look.settings.mails_nobody(),
            custom_css: look.assets.has_custom_css(),
            about: AboutHere::of(look),
            policy: None,
        }
    }
}
