//! The original's registrations.json, however damaged: its pieces lie in order and know their lines.
#![no_main]

use doorman::import::{date, pieces};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut at = 0;
    for piece in pieces(text) {
        let start = piece.text.as_ptr() as usize - text.as_ptr() as usize;
        assert!(start >= at && piece.text.starts_with('{'));
        assert_eq!(piece.line, 1 + text[..start].matches('\n').count());
        at = start + piece.text.len();
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(piece.text) {
            for key in ["datetime", "email", "ip_address"] {
                date(&value[key]);
            }
        }
    }
    date(&serde_json::Value::String(text.to_owned()));
});
