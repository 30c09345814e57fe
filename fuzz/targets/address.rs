//! An e-mail address: what is taken reads the same again, and is fit for a header and for SMTP.
#![no_main]

use doorman::domain::EmailAddress;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let Ok(address) = EmailAddress::parse(typed) else { return };
    let ascii = address.to_ascii();
    assert!(ascii.is_ascii() && ascii.len() <= 254, "{ascii:?}");
    assert!(!ascii.bytes().any(|byte| byte.is_ascii_control() || byte == b' '), "{ascii:?}");
    let again = EmailAddress::parse(&ascii).unwrap_or_else(|problem| panic!("{ascii:?}: {problem}"));
    assert_eq!(again.to_ascii(), ascii);
    assert_eq!(again.mailbox(), address.mailbox());
    assert_eq!(again.folded(), address.folded());
    assert!(address.folded().ends_with(address.domain()));
});
