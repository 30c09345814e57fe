//! The page that a sign-up link leads to, and how to get in afterwards.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use crate::domain::Mxid;
use crate::signup::{Opened, WhyNot};
use crate::text::{Html, Language};

use super::json::line;
use super::look::{Frame, Look};
use super::negotiate::Format;
use super::rendered;
use super::told_page::told_page;

/// What is wrong, and beside which field that stands.
#[derive(Default)]
struct Errors {
    username: String,
    password: String,
    terms: String,
    alert: String,
}

impl Errors {
    fn of(t: Language, why: Option<&WhyNot>) -> Self {
        let mut errors = Self::default();
        let Some(why) = why else { return errors };
        let place = match why {
            WhyNot::Name(_) | WhyNot::NameTaken => &mut errors.username,
            WhyNot::NoPassword | WhyNot::WeakPassword(_) | WhyNot::PerhapsYours => &mut errors.password,
            WhyNot::TermsMissing => &mut errors.terms,
            WhyNot::Refused(_) | WhyNot::TooMany(_) | WhyNot::Waits(_) | WhyNot::Unreachable => {
                &mut errors.alert
            }
        };
        *place = words(t, why);
        errors
    }
}

/// For the applicant.
fn words(t: Language, why: &WhyNot) -> String {
    match why {
        WhyNot::Name(problem) => t.username_problem(problem),
        WhyNot::NameTaken => t.sign_up_name_taken(),
        WhyNot::PerhapsYours => t.sign_up_perhaps_yours(),
        WhyNot::NoPassword => t.sign_up_no_password(),
        WhyNot::WeakPassword(words) => t.sign_up_weak(words.as_str()),
        WhyNot::TermsMissing => t.sign_up_terms_missing(),
        WhyNot::Refused(refusal) => format!("{} {}", t.sign_up_refused(), refusal.applicant_text(t)),
        WhyNot::TooMany(wait) => t.rate_limited(&t.wait(*wait)),
        WhyNot::Waits(wait) => t.sign_up_waits(&t.wait(*wait)),
        WhyNot::Unreachable => t.sign_up_unreachable(),
    }
}

#[derive(askama::Template)]
#[template(path = "page_sign_up.html")]
struct SignUpPage<'a> {
    frame: Frame<'a>,
    heading: Html,
    /// The name, where it is chosen here.
    username: Option<String>,
    homeserver: &'a str,
    mxid: String,
    terms: Vec<Html>,
    errors: Errors,
}

/// The form: with what is wrong, where something is.
pub fn sign_up_page(look: &Look, opened: &Opened, typed: Option<&str>, why: Option<&WhyNot>) -> String {
    let (t, server) = (look.language, look.settings.homeserver.as_str());
    // Whoever comes for a name that somebody has is told at once.
    let why = why.or_else(|| opened.guest.is_taken.then_some(&WhyNot::NameTaken));
    let chooses = opened.chooses() || matches!(why, Some(WhyNot::NameTaken | WhyNot::Name(_)));
    let mxid = format!("@{}:{server}", opened.guest.name);
    let terms =
        opened.terms.iter().map(|policy| t.sign_up_agree(&Html::link(&policy.url, &policy.name))).collect();
    rendered(&SignUpPage {
        heading: if chooses {
            Html::text(&t.sign_up_heading())
        } else {
            t.sign_up_heading_for(&Html::within("span class=\"mxid\"", &mxid))
        },
        username: chooses.then(|| typed.unwrap_or(&opened.guest.name).to_owned()),
        homeserver: server,
        mxid: if chooses { String::new() } else { mxid },
        terms,
        errors: Errors::of(t, why),
        frame: Frame::of(look),
    })
}

/// A client to log in with.
struct Way {
    name: String,
    url: String,
}

#[derive(askama::Template)]
#[template(path = "page_account.html")]
struct AccountPage<'a> {
    frame: Frame<'a>,
    created: bool,
    mxid: String,
    homeserver: &'a str,
    ways: Vec<Way>,
    qr: Option<Qr>,
    room: Option<Html>,
    how: Html,
    used: Html,
}

/// A drawing that is markup already.
struct Qr(String);

impl std::fmt::Display for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Qr {}

/// The link by which Element X opens with all filled in (its universal link, 2025-05).
fn element_x(mxid: &Mxid) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!(
        "https://mobile.element.io/element?account_provider={}&login_hint={}",
        escaped(mxid.server.as_str()),
        escaped(&format!("mxid:{mxid}"))
    )
}

fn ways(look: &Look, mxid: &Mxid) -> Vec<Way> {
    let server = mxid.server.as_str();
    if !look.settings.clients.is_empty() {
        let filled = |name: &str| match name {
            "homeserver" => server.to_owned(),
            _ => utf8_percent_encode(&mxid.to_string(), NON_ALPHANUMERIC).to_string(),
        };
        return look
            .settings
            .clients
            .iter()
            .map(|client| Way { name: client.name.clone(), url: client.url.fill(filled) })
            .collect();
    }
    let way = |name: &str, url: String| Way { name: name.to_owned(), url };
    vec![
        way("Element", look.settings.client_url.clone()),
        way("Element X", element_x(mxid)),
        way("Cinny", format!("https://app.cinny.in/login/{server}/")),
        way("FluffyChat", "https://fluffychat.im/web".into()),
    ]
}

fn qr(text: &str) -> Option<Qr> {
    let drawn = QrCode::new(text).ok()?.render::<svg::Color<'_>>().min_dimensions(180, 180).build();
    // It stands within a page.
    drawn.find("<svg").map(|start| Qr(drawn[start..].to_owned()))
}

fn account_page(look: &Look, mxid: &Mxid, created: bool) -> String {
    let t = look.language;
    let id = Html::within("span class=\"mxid\"", &mxid.to_string());
    let room = look.settings.welcome_room.as_ref().map(|room| {
        t.sign_up_room_how(&Html::link(
            &format!("https://matrix.to/#/{}", utf8_percent_encode(room, NON_ALPHANUMERIC)),
            room,
        ))
    });
    rendered(&AccountPage {
        created,
        mxid: mxid.to_string(),
        homeserver: look.settings.homeserver.as_str(),
        ways: ways(look, mxid),
        qr: if look.settings.trial { None } else { qr(&element_x(mxid)) },
        room,
        how: t.sign_up_get_in_how(&Html::within("span class=\"mxid\"", look.settings.homeserver.as_str())),
        used: t.sign_up_used_what(&id),
        frame: Frame::of(look),
    })
}

/// The account is there: how to get in.
pub fn created_page(look: &Look, mxid: &Mxid) -> String {
    account_page(look, mxid, true)
}

/// The account was there already.
pub fn used_page(look: &Look, mxid: &Mxid, format: Format) -> String {
    match format {
        Format::Html => account_page(look, mxid, false),
        Format::Json => refused(look, "link_used", look.language.sign_up_used_what(&*mxid.to_string()), None),
    }
}

/// The link leads nowhere any more.
pub fn expired_page(look: &Look, format: Format) -> String {
    let t = look.language;
    let (title, what) = (t.sign_up_expired(), t.sign_up_expired_what());
    match format {
        Format::Html => told_page(look, &title, &what, None),
        Format::Json => refused(look, "link_expired", format!("{title}. {what}"), None),
    }
}

#[derive(Serialize)]
struct Refused<'a> {
    status: &'static str,
    reason: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

fn refused(look: &Look, reason: &str, message: String, retry_after: Option<u64>) -> String {
    let message = if look.settings.trial { look.language.trial_answer(message.as_str()) } else { message };
    line(&Refused { status: "refused", reason, message, retry_after })
}

/// The same as the page, for scripts.
pub fn not_created_json(look: &Look, reason: &str, why: &WhyNot, retry_after: Option<u64>) -> String {
    refused(look, reason, words(look.language, why), retry_after)
}

#[derive(Serialize)]
struct Created<'a> {
    status: &'static str,
    user_id: String,
    homeserver: &'a str,
    message: String,
}

/// `{"status": "created", "user_id"}`
pub fn created_json(look: &Look, mxid: &Mxid) -> String {
    let t = look.language;
    line(&Created {
        status: "created",
        user_id: mxid.to_string(),
        homeserver: look.settings.homeserver.as_str(),
        message: if look.settings.trial {
            t.sign_up_trial()
        } else {
            t.sign_up_created_message(&*mxid.to_string())
        },
    })
}

#[derive(Serialize)]
struct Open<'a> {
    status: &'static str,
    homeserver: &'a str,
    /// Null where it is chosen here.
    user_id: Option<String>,
    terms: Vec<&'a str>,
}

/// What the page asks for.
pub fn open_json(look: &Look, opened: &Opened) -> String {
    let server = look.settings.homeserver.as_str();
    line(&Open {
        status: "open",
        homeserver: server,
        user_id: (!opened.chooses()).then(|| format!("@{}:{server}", opened.guest.name)),
        terms: opened.terms.iter().map(|policy| policy.url.as_str()).collect(),
    })
}
