//! Mails as files under `tests/mails`, each with what it means beside it.

use std::path::PathBuf;

use proptest::prelude::*;

use crate::domain::{EmailAddress, ServerName};

use super::*;

fn letter_box() -> LetterBox {
    LetterBox {
        address: EmailAddress::parse("register@desk.test").unwrap(),
        own: vec![EmailAddress::parse("desk@desk.test").unwrap()],
        server: ServerName::parse("desk.test").unwrap(),
        trusted_authserv_ids: vec!["mx.desk.test".into()],
    }
}

/// In one line, as the expectations have it.
fn told(understood: &Understood) -> String {
    let sender = match (&understood.mail.from, understood.proof) {
        (Ok(from), Proof::Verified) => format!("{} verified", from.to_ascii()),
        (Ok(from), _) => from.to_ascii(),
        (Err(why), _) => format!("({why})"),
    };
    match &understood.meaning {
        Meaning::Failed(failure) => {
            let tags = failure.tags.iter().map(|tag| format!("b.{}", tag.letter));
            let ids = tags.chain(failure.letters.iter().map(ToString::to_string)).collect::<Vec<_>>();
            format!("failed {}: {}", ids.join(" "), failure.words)
        }
        Meaning::Ignored(why) => format!("ignored: {why}"),
        Meaning::Held(why, Some(name)) => format!("held: {why}: {name} for {sender}"),
        Meaning::Held(why, None) => format!("held: {why}"),
        Meaning::Request(name) => format!("request: {name} for {sender}"),
        Meaning::Unclear(names, _) => format!("unclear: {} from {sender}", names.join(", ")),
    }
}

#[test]
fn every_mail_means_what_stands_beside_it() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut wrong = Vec::new();
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "eml") {
            continue;
        }
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap();
        let found = told(&understand(&std::fs::read(&path).unwrap(), &letter_box()));
        if found != expected.trim_end() {
            wrong.push(format!("{}\n  found    {found}\n  expected {}", path.display(), expected.trim_end()));
        }
        read += 1;
    }
    assert!(wrong.is_empty(), "{} of {read}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(read >= 400, "only {read} mails");
}

proptest! {
    #[test]
    fn no_bytes_are_too_much_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        understand(&bytes, &letter_box());
    }

    #[test]
    fn no_mail_is_too_odd_for_it(
        fields in proptest::collection::vec(("(From|To|Subject|Content-Type|Auto-Submitted|Return-Path)", "\\PC{0,60}"), 0..8),
        body in "\\PC{0,300}",
    ) {
        let head: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
        understand(format!("{head}\r\n{body}").as_bytes(), &letter_box());
    }
}

#[test]
fn a_mail_that_is_made_to_be_slow_is_read_as_fast_as_any() {
    let head = "From: a@example.org\r\nTo: register@desk.test\r\n";
    let html = format!("{head}Content-Type: text/html\r\n\r\n");
    for mail in [
        // Attributes in attributes; an account that begins over and over; more names than anybody wants.
        format!("{html}<a {}>", "class=".repeat(11_000)),
        format!("{head}\r\n{}:desk.test", "@".repeat(60_000)),
        (0..9_000).fold(format!("{head}Cc: "), |mail, number| format!("{mail}register+a{number}@desk.test,")),
    ] {
        let began = std::time::Instant::now();
        let understood = understand(&mail.as_bytes()[..mail.len().min(LARGEST)], &letter_box());
        assert!(matches!(understood.meaning, Meaning::Unclear(..)), "{:?}", understood.meaning);
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[test]
fn an_answer_belongs_to_the_whole_conversation() {
    let references = |head: &str| {
        let mail = format!("From: a@example.org\r\n{head}\r\n\r\nx");
        let ids = understand(mail.as_bytes(), &letter_box()).mail.references;
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let many: Vec<String> = (0..14).map(|number| format!("<{number}@x>")).collect();
    for (head, expected) in [
        ("Subject: x".to_owned(), ""),
        (format!("References: {}", many.join("\r\n ")), &*many[4..].join(" ")),
        ("References: <a@x> rubbish <b\0@x> <c@x>\r\nIn-Reply-To: <d@x>".to_owned(), "<a@x> <c@x>"),
        ("In-Reply-To: <d@x>".to_owned(), "<d@x>"),
        ("In-Reply-To: <d@x> <e@x>".to_owned(), ""),
    ] {
        assert_eq!(references(&head), expected, "{head}");
    }
}
