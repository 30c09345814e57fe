//! All that is known of an address, as data.

use chrono::SecondsFormat;
use rusqlite::Params;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use crate::domain::EmailAddress;

use super::{Reading, StoreError, instant};

impl Reading<'_> {
    /// All rows that know this mailbox, by what they are about. No token and no secret is among it.
    pub fn disclosed(&self, email: &EmailAddress) -> Result<Value, StoreError> {
        let mailbox = email.mailbox();
        let deleted = self.veiled(&mailbox)?.unwrap_or_else(|| mailbox.clone());
        let of = "SELECT id FROM requests WHERE mailbox IN (?1, ?2)";
        let both = |sql: &str| self.table(sql, [&mailbox, &deleted]);
        let is_own = |value: &Value, key: &str| {
            let address = value[key].as_str().and_then(|text| EmailAddress::parse(text).ok());
            address.is_some_and(|address| address.mailbox() == mailbox)
        };
        let own = |mut rows: Vec<Value>, key: &str| {
            rows.retain(|row| is_own(row, key));
            rows
        };
        let journal = [
                both(&format!(
                    "SELECT id, at, who, what, subject, after FROM acts
                     WHERE subject IN (SELECT CAST(id AS TEXT) FROM ({of})) AND what IN ('approve', 'refuse', 'invite', 'resend', 'release')"
                ))?,
                own(
                    self.table("SELECT id, at, who, what, subject, after FROM acts WHERE instr(subject, '@') > 0", [])?,
                    "subject",
                ),
            ]
            .concat();
        Ok(json!({
            "address": email.as_typed(),
            "requests": both("SELECT * FROM requests WHERE mailbox IN (?1, ?2) ORDER BY id")?,
            "invitations": both(&format!("SELECT * FROM invitations WHERE request_id IN ({of}) ORDER BY request_id"))?,
            "reservations": both("SELECT * FROM reservations WHERE mailbox IN (?1, ?2) ORDER BY id")?,
            "letters": self.table("SELECT * FROM letters WHERE mailbox = ?1 ORDER BY id", [&mailbox])?,
            "tokens": self.table(
                "SELECT t.id, t.how, t.made_at, t.expires_at, t.dead_at, t.uses, t.withdrawn_at FROM tokens t
                 JOIN letters l ON l.id = t.letter_id WHERE l.mailbox = ?1 ORDER BY t.id",
                [&mailbox],
            )?,
            "links": both(&format!(
                "SELECT kind, request_id, letter_id, made_at, expires_at, opened_at, ended_at, ended_by FROM links
                 WHERE request_id IN ({of}) ORDER BY made_at"
            ))?,
            "mails": own(
                self.table(
                    "SELECT id, message_id, sender, seen_at, outcome, request_id FROM mails
                     WHERE sender IS NOT NULL ORDER BY id",
                    [],
                )?,
                "sender",
            ),
            "journal": journal,
        }))
    }

    fn table(&self, sql: &str, values: impl Params) -> Result<Vec<Value>, StoreError> {
        let mut statement = self.0.prepare(sql)?;
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let rows = statement.query_map(values, |row| {
            let mut object = Map::new();
            for (at, name) in names.iter().enumerate() {
                let value = match row.get_ref(at)? {
                    ValueRef::Integer(millis) if name == "at" || name.ends_with("_at") => {
                        instant(millis).to_rfc3339_opts(SecondsFormat::Millis, true).into()
                    }
                    ValueRef::Integer(number) => number.into(),
                    ValueRef::Real(number) => number.into(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                    ValueRef::Null | ValueRef::Blob(_) => Value::Null,
                };
                object.insert(name.clone(), value);
            }
            Ok(Value::Object(object))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
