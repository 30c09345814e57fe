//! The desk speaks the language of whoever asks.

use mail_parser::MessageParser;

use doorman::domain::Language;

use crate::support::browser::Browser;
use crate::support::desk::{Desk, Folder, open_desk};
use crate::support::http::{Answer, exchange};
use crate::support::smtp::SmtpServer;
use crate::support::synapse::synapse;
use crate::support::wait_until;

fn send(desk: &Desk, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}",
        body.len()
    );
    exchange(&desk.address, request.as_bytes())
}

fn get(desk: &Desk, path: &str, headers: &str) -> Answer {
    send(desk, "GET", path, headers, "")
}

const GERMAN: &str = "Accept-Language: de-AT, en;q=0.5\r\n";

#[test]
fn a_page_comes_in_the_language_that_was_chosen_else_in_the_browsers_and_stays_in_it() {
    let (_homeserver, _folder, desk) = open_desk("");
    for (path, headers, language) in [
        ("/", "", "en"),
        ("/", GERMAN, "de"),
        ("/?lang=de", "", "de"),
        ("/?lang=en", GERMAN, "en"),
        ("/?lang=tlh", GERMAN, "de"),
        ("/?lang=%22%3e%3cscript%3e", "", "en"),
        ("/nowhere", GERMAN, "de"),
    ] {
        let page = get(&desk, path, headers);
        assert!(page.body.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{path} {headers}");
        assert_eq!(page.header("content-language"), Some(language), "{path} {headers}");
        assert!(page.head.to_ascii_lowercase().contains("vary: accept-language"), "{}", page.head);
    }
    let page = get(&desk, "/?lang=de", "");
    assert!(page.body.contains("action=\"/register?lang=de\"") && page.body.contains("Benutzername"));
    assert!(
        page.body.contains("<a href=\"/?lang=en\" lang=\"en\" hreflang=\"en\">English</a>"),
        "{}",
        page.body
    );
    let json = "Accept: application/json\r\n";
    let refused = send(&desk, "POST", "/register", &format!("{GERMAN}{json}"), "requested_username=a%20b");
    assert!(
        refused.body.contains("\"reason\":\"malformed\"") && refused.body.contains("Benutzername"),
        "{refused:?}"
    );
    let sent =
        send(&desk, "POST", "/register?lang=de", "", "requested_username=anna&email=anna%40example.org");
    assert!(sent.header("location").is_some_and(|to| to.ends_with("?lang=de")), "{sent:?}");
}

#[test]
fn what_is_sent_later_comes_in_the_language_of_the_request() {
    let (_homeserver, folder, desk) = open_desk("public_url: https://desk.test\n");
    let sent = send(&desk, "POST", "/register", GERMAN, "requested_username=anna&email=anna%40example.org");
    let receipt = get(&desk, sent.header("location").unwrap(), "");
    assert!(receipt.body.contains("lang=\"de\""), "{}", receipt.body);
    let mail = wait_until("the email", || folder.letters().pop());
    let mail = MessageParser::new().parse(&mail).unwrap();
    assert_eq!(mail.subject(), Some("Ihr Registrierungs-Token für desk.test"));
    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    assert!(html.contains("<html lang=\"de\" dir=\"ltr\">") && html.contains("Wählen"), "{html}");
    assert!(
        text.contains("Wählen")
            && text.lines().all(|line| line.contains("://") || line.chars().count() <= 80),
        "{text}"
    );
    let (_, rest) = text.split_once("https://desk.test/not-me/").unwrap();
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let page = get(&desk, &format!("/not-me/{secret}"), "Accept-Language: en\r\n");
    assert!(page.body.contains("lang=\"de\""), "{}", page.body);
    assert!(get(&desk, &format!("/not-me/{secret}?lang=en"), "").body.contains("lang=\"en\" dir=\"ltr\""));
}

#[test]
fn the_operator_limits_the_languages() {
    let (_homeserver, _folder, desk) = open_desk("languages: [en]\n");
    for path in ["/", "/?lang=de"] {
        let page = get(&desk, path, GERMAN);
        assert!(page.body.contains("<html lang=\"en\"") && !page.body.contains("Deutsch"), "{}", page.body);
    }
}

#[test]
fn the_operators_own_messages_win_and_what_is_wrong_in_them_is_passed_over_and_told() {
    let (_homeserver, folder, desk) = open_desk("");
    let lang = folder.path().join("lang");
    std::fs::create_dir(&lang).unwrap();
    let own =
        "send_me_a_token = Gimme!\nsend_me_a_link = Gimme!\nusername = { $nobody }\nno_such = x\n= broken\n";
    std::fs::write(lang.join("en.ftl"), own).unwrap();
    std::fs::write(lang.join("tlh.ftl"), "username = pong\n").unwrap();
    let told = String::from_utf8(folder.command(&["check-config"]).stderr).unwrap();
    for wrong in ["lang/en.ftl: username:", "lang/en.ftl: no_such:", "lang/en.ftl: line 5:", "lang/tlh.ftl"] {
        assert!(told.contains(wrong), "{wrong}: {told}");
    }
    assert!(!get(&desk, "/", "").body.contains("Gimme!"));
    desk.signal("-HUP");
    let page = wait_until("the operator's words", || {
        Some(get(&desk, "/", "").body).filter(|page| page.contains("Gimme!"))
    });
    assert!(page.contains(">Username<"), "{page}");
}

/// What stands behind this path in a mail.
fn secret(mail: &str, path: &str) -> String {
    let (_, rest) = mail.split_once(path).unwrap_or_else(|| panic!("{mail}"));
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[test]
fn in_every_language_the_pages_are_accessible_and_nothing_is_wider_than_a_narrow_phone() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&format!(
        "{}{}public_url: http://127.0.0.1:9\nquestion: {{text: 'Who sends you?', required: true}}\n",
        synapse().config(),
        smtp.config("none")
    ));
    let desk = folder.start();
    desk.wait_until_open();
    let body = "requested_username=narrow.phone&email=narrow%40example.org&answer=A%20good%20old%20friend%20of%20mine";
    let sent = send(&desk, "POST", "/register", "", body);
    let receipt = sent.header("location").unwrap_or_else(|| panic!("{sent:?}")).to_owned();
    let mail = smtp.wait_for_mail("narrow@example.org");
    let text = MessageParser::new().parse(&mail).unwrap().body_text(0).unwrap().into_owned();
    let (sign_up, not_me) = (secret(&text, "/signup/"), secret(&text, "/not-me/"));
    let states = [
        ("form", "/".to_owned()),
        ("receipt", receipt.clone()),
        ("corrections", format!("{receipt}/address")),
        ("sign_up", format!("/signup/{sign_up}")),
        ("not_me", format!("/not-me/{not_me}")),
        ("error", "/nowhere".to_owned()),
    ];
    let browser = Browser::open(320, "light");
    let look_at = |state: &str, language: Language| {
        let tag = language.tag();
        browser.script("for (const part of document.querySelectorAll('details')) part.open = true");
        // Each state is accessible in every language if it is in one from each side, and the longest of them in all: axe takes
        // most of a second.
        if state == "form" || language == Language::Arabic {
            browser.assert_accessible(&format!("{state} in {tag}"));
        } else {
            browser.assert_fits(&format!("{state} in {tag}"));
        }
        let html = browser.script("const page = document.documentElement; return [page.lang, page.dir]");
        assert_eq!(html, serde_json::json!([tag, language.direction().as_ref()]), "{state}");
        browser.picture(&format!("lang-{tag}-{state}"));
    };
    let languages: Vec<Language> = Language::all().filter(|language| language.is_spoken()).collect();
    for language in &languages {
        for (state, path) in &states {
            browser.go(&desk.url(&format!("{path}?lang={}", language.tag())));
            look_at(state, *language);
        }
        browser.go(&desk.url(&format!("/?lang={}", language.tag())));
        browser.click("#send");
        wait_until("what is wrong is told", || browser.find_text("#username-error"));
        look_at("refused", *language);
    }
    folder.ok(&["pause"]);
    for language in &languages {
        browser.go(&desk.url(&format!("/?lang={}", language.tag())));
        look_at("closed", *language);
    }
}
