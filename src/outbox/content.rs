//! The words of a letter: the operator's own from the config, else the built-in ones.

use std::fmt::Display;

use askama::Template as _;
use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::{Settings, Template};
use crate::domain::{Mxid, one_line};
use crate::html::to_text;
use crate::text::{Html, Language};

use super::letter::{Letter, LetterFacts, SignUpLink};

/// Subject and bodies of a letter.
pub(super) struct Content {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// A whole HTML document, or what the operator wrote.
    pub html: String,
}

/// What RFC 3986 leaves unreserved stays as it is in a URL.
const IN_URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Around the token in a text that HTML is made from: noncharacters, which stand in no text (Unicode, 23.7).
const TOKEN_BEGIN: char = '\u{fdd0}';
const TOKEN_END: char = '\u{fdd1}';

/// Columns of a plain text.
const WIDTH: usize = 76;

/// The words of this letter.
pub(super) fn content(facts: &LetterFacts, settings: &Settings) -> Result<Content, askama::Error> {
    let language = facts.language;
    let homeserver = settings.homeserver.as_str();
    let (mxid, link, token) = match &facts.letter {
        Letter::Words { subject, text } => {
            let text = format!("{}{}", text, not_me(language, facts));
            let html = html_from_text(language, subject, &text)?;
            return Ok(Content { subject: one_line(subject), text, html });
        }
        Letter::Invitation { mxid, link, note } => {
            return invitation(facts, settings, mxid.as_ref(), link, note.as_deref());
        }
        Letter::Account { mxid, link, token } => (mxid.as_ref(), link.as_ref(), token.as_ref()),
    };
    let lasting = |until| lasting(language, until, facts.now);
    let until =
        link.map(|link| link.works_until).or(token.map(|token| token.works_until)).unwrap_or(facts.now);
    let values = Values {
        homeserver,
        name: mxid.map(|mxid| mxid.localpart.as_str()).unwrap_or_default(),
        link: link.map(|link| link.url.as_str()),
        token: token.map(|token| token.token.reveal()),
        utc_time: facts.now.format("%H:%M:%S").to_string(),
        lasting: lasting(token.map_or(until, |token| token.works_until)),
    };
    let subject = settings
        .letter
        .subject
        .as_ref()
        .filter(|subject| mxid.is_some() && values.can_fill(subject))
        .map(|template| one_line(&values.fill(template)))
        .filter(|subject| !subject.is_empty())
        .unwrap_or_else(|| match link {
            Some(_) => language.account_subject(homeserver),
            None => language.token_subject(homeserver),
        });
    let own =
        |template: &Option<Template>| template.clone().filter(|own| mxid.is_some() && values.can_be(own));
    let told = |text: String| {
        let not_me = not_me(language, facts);
        if not_me.is_empty() { text } else { format!("{}\n{not_me}", text.trim_end()) }
    };
    let told_html = |html: String| {
        let (before, after) = html.split_at(html.rfind("</body>").unwrap_or(html.len()));
        format!("{before}{}{after}", not_me_html(language, facts))
    };
    let (text, html) = match (own(&settings.letter.text), own(&settings.letter.html)) {
        (Some(text), Some(html)) => (told(values.fill(&text)), told_html(values.fill_html(&html))),
        (Some(text), None) => {
            (told(values.fill(&text)), html_from_text(language, &subject, &told(values.fill_marked(&text)))?)
        }
        (None, Some(html)) => {
            let html = told_html(values.fill_html(&html));
            (to_text(&html), html)
        }
        (None, None) => {
            let own_page = facts.own_page.as_ref();
            let filled = own_page.and_then(|page| page.links.as_ref()).map(|(_, url)| url);
            let signup = settings.signup_url.as_ref().or(filled).filter(|url| values.can_fill(url));
            let signup_url = signup.map(|url| values.fill_url(url));
            let imap = settings.imap.as_ref().filter(|_| facts.answers.is_some());
            let letter_box = imap.map(|imap| imap.address.to_ascii());
            let letter = AccountLetter {
                t: language,
                subject: &subject,
                homeserver,
                mxid: mxid.map(ToString::to_string),
                link: link.map(|link| told_link(language, link, facts.now)),
                token: token.map(|token| ToldToken {
                    token: token.token.reveal(),
                    until: language.time_and_day(token.works_until),
                    lasting: lasting(token.works_until),
                }),
                plain_name: mxid
                    .map(|mxid| mxid.localpart.as_str())
                    .filter(|name| !name.contains(['.', '/'])),
                client_url: &settings.client_url,
                signup: signup.zip(signup_url.as_deref()).filter(|_| link.is_none()),
                has_own_page: own_page.is_some(),
                public_url: settings.public_url.as_deref(),
                letter_box: letter_box.as_deref(),
                not_me: facts.not_me.as_deref(),
                about: about(language, settings),
                trial: settings.trial,
            };
            (AccountText { letter: &letter }.render()?, AccountHtml { letter: &letter }.render()?)
        }
    };
    Ok(Content { subject, text, html })
}

fn invitation(
    facts: &LetterFacts,
    settings: &Settings,
    mxid: Option<&Mxid>,
    link: &SignUpLink,
    note: Option<&str>,
) -> Result<Content, askama::Error> {
    let (t, homeserver) = (facts.language, settings.homeserver.as_str());
    let subject = t.invitation_subject(homeserver);
    let letter = InvitationLetter {
        t,
        subject: &subject,
        homeserver,
        mxid: mxid.map(ToString::to_string),
        link: told_link(t, link, facts.now),
        note,
        not_me: facts.not_me.as_deref(),
        trial: settings.trial,
    };
    let (text, html) =
        (InvitationText { letter: &letter }.render()?, InvitationHtml { letter: &letter }.render()?);
    Ok(Content { subject, text, html })
}

/// How long from now, to the nearest minute.
fn lasting(t: Language, until: DateTime<Utc>, now: DateTime<Utc>) -> String {
    t.span(until - now + TimeDelta::seconds(30))
}

fn told_link(t: Language, link: &SignUpLink, now: DateTime<Utc>) -> ToldLink<'_> {
    let until = link.works_until;
    ToldLink { url: &link.url, until: t.time_and_day(until), lasting: lasting(t, until, now) }
}

fn about(t: Language, settings: &Settings) -> Vec<(String, &str)> {
    let called = [t.about_rules(), t.about_privacy(), t.about_contact()];
    called.into_iter().zip(settings.about_urls()).filter_map(|(what, url)| Some((what, url?))).collect()
}

/// The paragraph by which whoever did not ask says so; empty where there is no link.
fn not_me(t: Language, facts: &LetterFacts) -> String {
    facts.not_me.as_ref().map_or_else(String::new, |url| {
        let asked = wrapped("", format!("{} {}", t.not_you(), t.not_you_tell()));
        format!("\n{asked}\n{url}\n")
    })
}

/// The same below the operator's own HTML.
fn not_me_html(t: Language, facts: &LetterFacts) -> String {
    let link = |url: &String| {
        format!(
            "\n<p lang=\"{}\" dir=\"auto\">{} {} {}</p>\n",
            t.tag(),
            Html::text(&t.not_you()),
            Html::text(&t.not_you_tell()),
            Html::link(url, url)
        )
    };
    facts.not_me.as_ref().map_or_else(String::new, link)
}

/// What the placeholders stand for.
struct Values<'a> {
    homeserver: &'a str,
    name: &'a str,
    link: Option<&'a str>,
    token: Option<&'a str>,
    utc_time: String,
    lasting: String,
}

impl Values<'_> {
    fn value(&self, placeholder: &str) -> &str {
        match placeholder {
            "homeserver" => self.homeserver,
            "registration_token" => self.token.unwrap_or_default(),
            "signup_link" => self.link.unwrap_or_default(),
            "requested_username" => self.name,
            "utc_time" => &self.utc_time,
            "time_until_reset" => &self.lasting,
            // The config lets no other through.
            _ => "",
        }
    }

    /// Whether all that stands in it is there.
    fn can_fill(&self, template: &Template) -> bool {
        (self.link.is_some() || !template.has("signup_link"))
            && (self.token.is_some() || !template.has("registration_token"))
    }

    /// Whether it can be the letter: it leads somebody to an account. What the original took goes on.
    fn can_be(&self, template: &Template) -> bool {
        self.can_fill(template) && (self.token.is_some() || template.has("signup_link"))
    }

    fn fill(&self, template: &Template) -> String {
        template.fill(|name| self.value(name).to_owned())
    }

    fn fill_html(&self, template: &Template) -> String {
        template.fill(|name| Html::text(self.value(name)).to_string())
    }

    /// The token between marks, so that it can be set apart in the HTML that is made from it.
    fn fill_marked(&self, template: &Template) -> String {
        template.fill(|name| match name {
            "registration_token" => {
                format!("{TOKEN_BEGIN}{}{TOKEN_END}", self.token.unwrap_or_default())
            }
            name => self.value(name).to_owned(),
        })
    }

    fn fill_url(&self, template: &Template) -> String {
        template.fill(|name| utf8_percent_encode(self.value(name), IN_URL).to_string())
    }
}

/// The built-in letter.
struct AccountLetter<'a> {
    t: Language,
    subject: &'a str,
    homeserver: &'a str,
    /// None: its name is chosen where the link leads.
    mxid: Option<String>,
    link: Option<ToldLink<'a>>,
    token: Option<ToldToken<'a>>,
    /// The name alone; None: a mail program could make a link of it.
    plain_name: Option<&'a str>,
    client_url: &'a str,
    /// The sign-up page's template, and its URL.
    signup: Option<(&'a Template, &'a str)>,
    /// To which clients lead.
    has_own_page: bool,
    public_url: Option<&'a str>,
    /// Where it was asked for by email.
    letter_box: Option<&'a str>,
    not_me: Option<&'a str>,
    /// Rules, privacy and contact, with what they are called.
    about: Vec<(String, &'a str)>,
    trial: bool,
}

struct ToldLink<'a> {
    url: &'a str,
    until: String,
    lasting: String,
}

struct ToldToken<'a> {
    token: &'a str,
    until: String,
    lasting: String,
}

#[derive(askama::Template)]
#[template(path = "letter_account.txt")]
struct AccountText<'a> {
    letter: &'a AccountLetter<'a>,
}

#[derive(askama::Template)]
#[template(path = "letter_account.html")]
struct AccountHtml<'a> {
    letter: &'a AccountLetter<'a>,
}

/// The letter by which the operator invites somebody.
struct InvitationLetter<'a> {
    t: Language,
    subject: &'a str,
    homeserver: &'a str,
    /// None: its name is chosen where the link leads.
    mxid: Option<String>,
    link: ToldLink<'a>,
    note: Option<&'a str>,
    not_me: Option<&'a str>,
    trial: bool,
}

impl InvitationLetter<'_> {
    fn invites(&self) -> String {
        match self.mxid {
            Some(_) => self.t.invites_as(self.homeserver),
            None => self.t.invites(self.homeserver),
        }
    }
}

#[derive(askama::Template)]
#[template(path = "letter_invitation.txt")]
struct InvitationText<'a> {
    letter: &'a InvitationLetter<'a>,
}

#[derive(askama::Template)]
#[template(path = "letter_invitation.html")]
struct InvitationHtml<'a> {
    letter: &'a InvitationLetter<'a>,
}

impl AccountLetter<'_> {
    /// Nobody types an address where they write themselves.
    fn asked(&self) -> String {
        match self.letter_box {
            Some(_) => self.t.email_asked(self.homeserver),
            None => self.t.somebody_asked(self.homeserver),
        }
    }

    /// Where there is no page to ask again on.
    fn expired(&self) -> String {
        match self.letter_box {
            Some(address) => self.t.expired_by_email(address),
            None => self.t.expired_anywhere(),
        }
    }

    fn mxid(&self) -> &str {
        self.mxid.as_deref().unwrap_or_default()
    }

    fn step_client(&self) -> String {
        if self.has_own_page { self.t.step_client_of_page(self.homeserver) } else { self.t.step_client() }
    }

    /// What the sign-up page is given by its URL is called filled in.
    fn sign_up_page(&self, url: &Template) -> String {
        match (url.has("requested_username"), url.has("registration_token")) {
            (true, true) => self.t.sign_up_page_filled(self.homeserver),
            (true, false) => self.t.sign_up_page_with_name(self.homeserver),
            (false, true) => self.t.sign_up_page_with_token(self.homeserver),
            (false, false) => self.t.sign_up_page(self.homeserver),
        }
    }
}

/// In lines of [`WIDTH`]; the first begins with this, the others as far in.
fn wrapped(beginning: &str, sentence: impl Display) -> String {
    let (mut text, mut column) = (beginning.to_owned(), beginning.len());
    for word in sentence.to_string().split(' ') {
        let width = word.chars().count();
        if column + width > WIDTH && column > beginning.len() {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', beginning.len()));
            column = beginning.len();
        }
        text.extend([word, " "]);
        column += width + 1;
    }
    text.truncate(text.trim_end().len());
    text
}

/// A stretch of a line.
enum Piece<'a> {
    Words(&'a str),
    Token(&'a str),
}

#[derive(askama::Template)]
#[template(path = "letter_text.html")]
struct TextLetter<'a> {
    t: Language,
    subject: &'a str,
    /// Paragraphs of lines of pieces.
    paragraphs: Vec<Vec<Vec<Piece<'a>>>>,
}

/// The text as HTML in the look of the built-in letter: blank lines part paragraphs, what stands between
/// [`TOKEN_BEGIN`] and [`TOKEN_END`] is set apart, easy to read and to copy.
fn html_from_text(t: Language, subject: &str, text: &str) -> Result<String, askama::Error> {
    let lines: Vec<&str> = text.lines().collect();
    let paragraphs = lines
        .split(|line| line.trim().is_empty())
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| paragraph.iter().map(|line| pieces(line)).collect())
        .collect();
    TextLetter { t, subject, paragraphs }.render()
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for part in line.split(TOKEN_BEGIN) {
        match part.split_once(TOKEN_END) {
            Some((token, words)) => pieces.extend([Piece::Token(token), Piece::Words(words)]),
            None => pieces.push(Piece::Words(part)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_from_text_keeps_lines_and_sets_the_token_apart() {
        let html =
            html_from_text(Language::English, "s <", "a <b> & c\n  next\n\n\n \u{fdd0}tok\u{fdd1}.\r\n")
                .unwrap();
        assert!(html.contains("a &#60;b&#62; &#38; c<br>\n  next</p>"), "{html}");
        assert!(html.contains(">tok</code>.</p>"), "{html}");
        assert_eq!(html.matches("<p ").count(), 2);
        assert!(html.contains("<title>s &#60;</title>"));
        assert!(!html.contains(['\u{fdd0}', '\u{fdd1}']));
    }

    #[test]
    fn sentences_are_wrapped_and_steps_indented() {
        let words = "word ".repeat(20);
        assert!(wrapped("1. ", &words).lines().all(|line| line.len() <= WIDTH && !line.ends_with(' ')));
        assert_eq!(wrapped("1. ", &words).lines().nth(1).unwrap().find('w'), Some(3));
        assert_eq!(wrapped("", "a b"), "a b");
        assert_eq!(wrapped("", "x".repeat(100)), "x".repeat(100));
    }
}
