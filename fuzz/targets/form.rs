//! A form's body: what becomes a request holds nothing that could reach a header, a log or a page unescaped.
#![no_main]

use doorman::domain::{Language, ServerName};
use doorman::web::form::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let server = ServerName::parse("your.server").unwrap();
    let form = Form::read(body);
    let (language, ip, at) = (Language::default(), [192, 0, 2, 1].into(), chrono::DateTime::UNIX_EPOCH);
    let Ok(request) = form.request(&server, None, language, ip, at) else {
        return;
    };
    let name = request.shown_name();
    assert!(!name.is_empty() && name.len() <= 255);
    assert!(
        name.bytes().all(|byte| b"abcdefghijklmnopqrstuvwxyz0123456789._=-/+".contains(&byte)),
        "{name:?}"
    );
    let email = request.email.to_ascii();
    assert!(email.is_ascii() && !email.bytes().any(|byte| byte.is_ascii_control()), "{email:?}");
});
