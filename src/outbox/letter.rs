//! The words of a letter: the operator's own from the config, else the built-in ones.

use askama::Template as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::{Settings, Template};
use crate::domain::{Mxid, RegistrationToken, in_words};

use super::compose::{Letter, LetterFacts};
use super::html_text::{TOKEN_BEGIN, TOKEN_END, escape, html_from_text, text_from_html};

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

/// The words of this letter.
pub(super) fn content(facts: &LetterFacts, settings: &Settings) -> Result<Content, askama::Error> {
    match &facts.letter {
        Letter::Words { subject, text } => {
            let html = html_from_text(subject, text)?;
            Ok(Content { subject: one_line(subject), text: text.clone(), html })
        }
        Letter::Token { mxid, token, works_until } => {
            let values = Values {
                mxid,
                token,
                utc_time: facts.now.format("%H:%M:%S").to_string(),
                lasting: in_words(*works_until - facts.now),
                // The day stands there too: a letter is read when it is read.
                until: works_until.format("%H:%M UTC on %-d %B %Y").to_string(),
            };
            let subject = subject(&values, settings.letter.subject.as_ref());
            let (text, html) = match (&settings.letter.text, &settings.letter.html) {
                (Some(text), Some(html)) => (values.fill(text), values.fill_html(html)),
                (Some(text), None) => {
                    (values.fill(text), html_from_text(&subject, &values.fill_marked(text))?)
                }
                (None, Some(html)) => {
                    let html = values.fill_html(html);
                    (text_from_html(&html), html)
                }
                (None, None) => built_in(&values, &subject, settings)?,
            };
            Ok(Content { subject, text, html })
        }
    }
}

/// What the placeholders stand for.
struct Values<'a> {
    mxid: &'a Mxid,
    token: &'a RegistrationToken,
    utc_time: String,
    lasting: String,
    until: String,
}

impl Values<'_> {
    fn value(&self, placeholder: &str) -> &str {
        match placeholder {
            "homeserver" => self.mxid.server.as_str(),
            "registration_token" => self.token.reveal(),
            "requested_username" => self.mxid.localpart.as_str(),
            "utc_time" => &self.utc_time,
            "time_until_reset" => &self.lasting,
            // The config lets no other through.
            _ => "",
        }
    }

    fn fill(&self, template: &Template) -> String {
        template.fill(|name| self.value(name).to_owned())
    }

    fn fill_html(&self, template: &Template) -> String {
        template.fill(|name| escape(self.value(name)))
    }

    /// The token between marks, so that it can be set apart in the HTML that is made from it.
    fn fill_marked(&self, template: &Template) -> String {
        template.fill(|name| match name {
            "registration_token" => format!("{TOKEN_BEGIN}{}{TOKEN_END}", self.token.reveal()),
            name => self.value(name).to_owned(),
        })
    }

    fn fill_url(&self, template: &Template) -> String {
        template.fill(|name| utf8_percent_encode(self.value(name), IN_URL).to_string())
    }
}

fn subject(values: &Values<'_>, template: Option<&Template>) -> String {
    template
        .map(|template| one_line(&values.fill(template)))
        .filter(|subject| !subject.is_empty())
        .unwrap_or_else(|| format!("Your Registration Token for {}", values.mxid.server))
}

/// Without line ends, other control characters and blanks at its ends: fit for a header.
pub(super) fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[derive(askama::Template)]
#[template(path = "letter_token.txt")]
struct TokenText<'a> {
    homeserver: &'a str,
    mxid: &'a str,
    token: &'a str,
    until: &'a str,
    lasting: &'a str,
    /// The name alone; None: a mail program could make a link of it.
    plain_name: Option<&'a str>,
    client_url: &'a str,
    signup_url: Option<&'a str>,
    /// What is filled in on the sign-up page.
    filled_in: &'a str,
    public_url: Option<&'a str>,
    trial: bool,
}

#[derive(askama::Template)]
#[template(path = "letter_token.html")]
struct TokenHtml<'a> {
    subject: &'a str,
    homeserver: &'a str,
    mxid: &'a str,
    token: &'a str,
    until: &'a str,
    lasting: &'a str,
    /// The name alone; None: a mail program could make a link of it.
    plain_name: Option<&'a str>,
    client_url: &'a str,
    signup_url: Option<&'a str>,
    /// What is filled in on the sign-up page.
    filled_in: &'a str,
    public_url: Option<&'a str>,
    trial: bool,
}

/// What the sign-up page is given by its URL, behind a comma; empty: nothing.
fn filled_in(signup_url: &Template) -> &'static str {
    match (signup_url.has("requested_username"), signup_url.has("registration_token")) {
        (true, true) => "where username and registration token are filled in",
        (true, false) => "where the username is filled in",
        (false, true) => "where the registration token is filled in",
        (false, false) => "",
    }
}

/// The built-in letter: text, HTML.
fn built_in(
    values: &Values<'_>,
    subject: &str,
    settings: &Settings,
) -> Result<(String, String), askama::Error> {
    let mxid = values.mxid.to_string();
    let signup_url = settings.signup_url.as_ref().map(|url| values.fill_url(url));
    let html = TokenHtml {
        subject,
        homeserver: values.mxid.server.as_str(),
        mxid: &mxid,
        token: values.token.reveal(),
        until: &values.until,
        lasting: &values.lasting,
        plain_name: Some(values.mxid.localpart.as_str()).filter(|name| !name.contains(['.', '/'])),
        client_url: &settings.client_url,
        signup_url: signup_url.as_deref(),
        filled_in: settings.signup_url.as_ref().map_or("", filled_in),
        public_url: settings.public_url.as_deref(),
        trial: settings.trial,
    };
    let text = TokenText {
        homeserver: html.homeserver,
        mxid: html.mxid,
        token: html.token,
        until: html.until,
        lasting: html.lasting,
        plain_name: html.plain_name,
        client_url: html.client_url,
        signup_url: html.signup_url,
        filled_in: html.filled_in,
        public_url: html.public_url,
        trial: html.trial,
    };
    Ok((text.render()?, html.render()?))
}
