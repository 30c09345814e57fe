//! Any bytes as what a mail server reports of a mail that it could not deliver: nothing panics, and what it says is one line.

#![no_main]

use std::sync::Once;

use doorman::domain::{EmailAddress, ServerName};
use doorman::inbox::{LetterBox, Meaning, understand};
use libfuzzer_sys::fuzz_target;

/// The parser's panics are contained; libFuzzer would end at their being told. One that is not contained still ends it.
static CONTAINED: Once = Once::new();

const HEAD: &[u8] =
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: register@desk.test\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n";

fuzz_target!(|bytes: &[u8]| {
    CONTAINED.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let letter_box = LetterBox {
        address: EmailAddress::parse("register@desk.test").expect("an address"),
        own: Vec::new(),
        server: ServerName::parse("desk.test").expect("a name"),
        trusted_authserv_ids: Vec::new(),
    };
    for mail in [[HEAD, bytes].concat(), bytes.to_vec()] {
        let meaning = understand(&mail, &letter_box).meaning;
        if let Meaning::Failed(failure) = &meaning {
            assert!(!failure.words.chars().any(char::is_control), "{:?}", failure.words);
        }
        // Nobody answers a mail server.
        assert!(!mail.starts_with(HEAD) || !matches!(meaning, Meaning::Request(_)));
    }
});
