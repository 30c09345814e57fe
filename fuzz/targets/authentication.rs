//! Any text as what servers say of a sender: what no trusted server says proves nothing, and what one calls forged stays so.

#![no_main]

use doorman::domain::{EmailAddress, ServerName};
use doorman::inbox::{LetterBox, Proof, understand};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let letter_box = LetterBox {
        address: EmailAddress::parse("register@desk.test").expect("an address"),
        own: Vec::new(),
        server: ServerName::parse("desk.test").expect("a name"),
        trusted_authserv_ids: vec!["mx.desk.test".into()],
    };
    // In one field, whatever stands in it.
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let proof = |fields: &[String]| {
        let fields: String =
            fields.iter().map(|field| format!("Authentication-Results: {field}\r\n")).collect();
        let mail =
            format!("{fields}From: kalle@example.org\r\nTo: register@desk.test\r\n\r\nUsername: kalle\r\n");
        understand(mail.as_bytes(), &letter_box).proof
    };
    let said = format!("mx.desk.test; {text}");
    proof(&[text]);
    proof(&[said.clone()]);
    assert_eq!(proof(&[format!("elsewhere.test; {said}")]), Proof::Unverified);
    let forged = "mx.desk.test; dmarc=fail header.from=example.org".to_owned();
    assert_eq!(proof(&[forged, said]), Proof::Forged);
});
