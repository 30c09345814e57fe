//! Any bytes as a mail: nothing panics, and a name is only wanted where it is one.

#![no_main]

use std::sync::Once;

use doorman::domain::{EmailAddress, ServerName};
use doorman::inbox::{LetterBox, Meaning, understand};
use libfuzzer_sys::fuzz_target;

/// The parser's panics are contained; libFuzzer would end at their being told. One that is not contained still ends it.
static CONTAINED: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    CONTAINED.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let letter_box = LetterBox {
        address: EmailAddress::parse("register@desk.test").expect("an address"),
        own: Vec::new(),
        server: ServerName::parse("desk.test").expect("a name"),
        trusted_authserv_ids: vec!["mx.desk.test".into()],
    };
    let understood = understand(bytes, &letter_box);
    if let Meaning::Request(name) = &understood.meaning {
        assert!(understood.mail.from.is_ok());
        assert!(!name.as_str().is_empty() && !name.as_str().chars().any(char::is_control));
    }
});
