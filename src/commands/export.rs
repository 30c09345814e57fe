//! `export`

use std::path::Path;

use serde_json::Value;

use crate::cli::{ExportArgs, ExportFormat};
use crate::store::RequestFilter;

use super::{Done, look, print, print_json, requests};

/// What identifies a person.
const PERSONAL: [&str; 5] = ["username", "email", "ip", "detail", "answer"];

const COLUMNS: [&str; 13] = [
    "id",
    "time",
    "channel",
    "username",
    "email",
    "ip",
    "verdict",
    "reason",
    "letter",
    "detail",
    "stands_for",
    "answer",
    "terms",
];

/// `export`
pub fn run(config: Option<&Path>, args: &ExportArgs) -> Done {
    let opened = look(config)?;
    let mut rows = opened.store.read(|store| store.requests(&RequestFilter::default()))?;
    rows.reverse();
    let rows = rows.iter().map(|row| {
        let mut row = requests::as_json(row);
        if args.redact {
            for key in PERSONAL {
                if !row[key].is_null() {
                    row[key] = "[redacted]".into();
                }
            }
        }
        row
    });
    match args.format {
        ExportFormat::Json => print_json(&rows.collect()),
        ExportFormat::Csv => {
            let mut text = COLUMNS.join(",");
            text.push_str("\r\n");
            for row in rows {
                let cells: Vec<String> = COLUMNS.iter().map(|column| csv_cell(&row[*column])).collect();
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
            print(&text)
        }
    }
}

/// A cell as RFC 4180 has it. What a spreadsheet would take for a formula begins with an apostrophe.
fn csv_cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_made_harmless() {
        for (value, expected) in [
            (json!("a"), "a"),
            (json!("=1+1"), "'=1+1"),
            (json!("@SUM(A1)"), "'@SUM(A1)"),
            (json!("+a@x, \"b\""), "\"'+a@x, \"\"b\"\"\""),
            (json!(-5), "'-5"),
            (json!(null), ""),
        ] {
            assert_eq!(csv_cell(&value), expected);
        }
    }
}
