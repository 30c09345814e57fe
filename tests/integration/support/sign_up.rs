//! What an applicant does with a sign-up link.

use super::desk::{Desk, escaped};
use super::http::{self, Answer};
use super::smtp::SmtpServer;

/// What a desk needs to send links.
pub const LINKS: &str = "public_url: http://127.0.0.1:9\nemail_cooldown: 0\n";

/// The path that the link in a mail leads to.
pub fn link(mail: &str) -> Option<String> {
    let text = mail.replace("=\r\n", "").replace("=\n", "");
    let rest = text.split("/signup/").nth(1)?;
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some(format!("/signup/{secret}"))
}

/// Asks for an account, and returns the path of the link that is mailed.
pub fn invited(desk: &Desk, smtp: &SmtpServer, name: &str) -> String {
    let address = format!("{name}@example.org");
    assert_eq!(desk.verdict(name, &address), "accepted");
    let mail = smtp.wait_for_mail(&address);
    link(&mail).unwrap_or_else(|| panic!("no link: {mail}"))
}

/// The POST of the page, as a script sends it.
pub fn post(path: &str, fields: &[(&str, &str)], accept: &str) -> String {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let body = body.join("&");
    format!(
        "POST {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nAccept: {accept}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Sends it.
pub fn sign_up(desk: &Desk, path: &str, fields: &[(&str, &str)]) -> Answer {
    http::exchange(&desk.address, post(path, fields, "application/json").as_bytes())
}

/// Status and reason, or the user ID.
pub fn told(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    let text = json["user_id"].as_str().or(json["reason"].as_str()).unwrap_or_default();
    (answer.status, text.to_owned())
}
