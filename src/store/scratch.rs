//! The desk in memory as it stood once, to try things out on; and what has come since.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::domain::MessageId;

use super::rows::selected;
use super::{Act, HeldRequest, Reading, Store, StoreError, Writing, millis, schema};

selected! {
    /// A request of the past, with all that a rehearsal needs of it.
    #[derive(Debug, Clone)]
    pub struct Replayed {
        /// Its number.
        pub id: i64 = "q.id",
        /// When it came.
        pub received_at: DateTime<Utc> = "q.received_at",
        /// `web` or `email`
        pub channel: String = "q.channel",
        /// The name, as typed where it is not one.
        pub username: String = "q.username",
        /// The address as typed.
        pub email: String = "q.email",
        /// Whence.
        pub ip: Option<String> = "q.ip",
        /// `accepted`, `held`, `refused`
        pub verdict: String = "q.verdict",
        /// The reason's code.
        pub reason: Option<String> = "q.reason",
        /// What exactly it was.
        pub detail: Option<String> = "q.detail",
        /// What was answered to the operator's question.
        pub answer: Option<String> = "q.answer",
        /// Whether it reserved something.
        pub reserves: bool = "q.reservation_id IS NOT NULL",
        /// When its letter failed for good, or the operator refused it: name and address were free again.
        pub freed_at: Option<DateTime<Utc>> = "CASE WHEN r.withdrawn THEN r.name_ended_at END",
    }
}

impl Reading<'_> {
    /// The requests since, oldest first.
    pub fn replayed(&self, since: DateTime<Utc>) -> Result<Vec<Replayed>, StoreError> {
        self.rows(
            "FROM requests q LEFT JOIN reservations r ON r.id = q.reservation_id
             WHERE q.received_at >= ?1 ORDER BY q.received_at, q.id",
            [millis(since)],
        )
    }

    /// What the operator has decided and not taken back, by the request's number.
    pub fn decisions(&self) -> Result<HashMap<i64, Act>, StoreError> {
        let acts: Vec<Act> =
            self.rows("FROM acts WHERE what IN ('approve', 'refuse') AND undone_at IS NULL ORDER BY id", [])?;
        Ok(acts.into_iter().filter_map(|act| Some((act.subject.as_ref()?.parse().ok()?, act))).collect())
    }

    /// When the reservation of this name was let go because its account was never made, where that was so.
    pub fn lapses_of_names(&self) -> Result<HashMap<String, DateTime<Utc>>, StoreError> {
        let lapsed: Vec<Lapsed> =
            self.rows("FROM reservations WHERE name_ended_at IS NOT NULL AND NOT withdrawn ORDER BY id", [])?;
        Ok(lapsed.into_iter().map(|one| (one.name, one.at)).collect())
    }
}

selected! {
    struct Lapsed {
        name: String = "name",
        at: DateTime<Utc> = "name_ended_at",
    }
}

/// The desk as it stood once. Whatever is written into it is gone with it.
#[derive(Debug)]
pub struct Scratch(Connection);

/// The tables that the rules look at, and what of them was there before.
const TABLES: [(&str, &str); 5] = [
    ("meta", "1"),
    ("tokens", "1"),
    ("reservations", "made_at < ?1"),
    ("requests", "received_at < ?1"),
    ("letters", "created_at < ?1"),
];

/// What has become of it since is taken back.
const AS_IT_STOOD: &str = "
    UPDATE reservations SET withdrawn = 0, name_ended_at = NULL WHERE name_ended_at >= :at;
    UPDATE reservations SET address_lapsed = 0, address_ended_at = NULL WHERE address_ended_at >= :at;
    UPDATE letters SET state = 'sent', ended_at = created_at WHERE ended_at >= :at;
    UPDATE requests SET counts = 1 WHERE verdict IN ('accepted', 'held') AND reservation_id IN
        (SELECT id FROM reservations WHERE name_ended_at IS NULL AND address_ended_at IS NULL);";

impl Scratch {
    /// The desk as it stood then.
    pub fn as_of(store: &Store, at: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        schema::migrate(&mut connection, None)?;
        connection.set_prepared_statement_cache_capacity(128);
        connection.execute("ATTACH ?1 AS desk", [store.path.to_string_lossy()])?;
        connection.execute_batch("BEGIN")?;
        for (table, which) in TABLES {
            let mut columns = connection.prepare("SELECT group_concat(name) FROM pragma_table_info(?1)")?;
            let columns: String = columns.query_row([table], |row| row.get(0))?;
            connection.execute(&format!("DELETE FROM main.{table}"), [])?;
            let sql = format!(
                "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM desk.{table} WHERE {which}"
            );
            let mut copy = connection.prepare(&sql)?;
            if which.contains("?1") {
                copy.execute([millis(at)])?
            } else {
                copy.execute([])?
            };
        }
        connection.execute_batch(&AS_IT_STOOD.replace(":at", &millis(at).to_string()))?;
        connection.execute_batch("COMMIT; DETACH desk; BEGIN")?;
        Ok(Self(connection))
    }

    /// To read and write in it.
    pub fn writing(&self) -> Writing<'_> {
        Writing(Reading(&self.0))
    }
}

impl Writing<'_> {
    /// Takes the letter of a request for sent, with the token that was everybody's then.
    pub fn suppose_sent(&self, request: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE letters SET state = 'sent', ended_at = ?2, token_id =
                 (SELECT id FROM tokens WHERE made_at <= ?2 AND state IN ('current', 'retired')
                  ORDER BY made_at DESC, id DESC LIMIT 1)
             WHERE request_id = ?1 AND state = 'owed' AND kind = 'token'",
            (request, millis(at)),
        )?;
        Ok(())
    }

    /// Frees what a request has reserved.
    pub fn suppose_freed(&self, request: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
        let reservation: Option<i64> =
            self.value("SELECT max(reservation_id) FROM requests WHERE id = ?1", [request])?;
        reservation.map_or(Ok(()), |id| self.free_reservation(id, at))
    }

    /// What the operator decided of a request that waits here.
    pub fn suppose_decided(
        &self,
        held: &HeldRequest,
        approves: bool,
        message_id: &MessageId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if approves {
            self.approve(held, message_id, at, at)?;
            self.suppose_sent(held.id, at)
        } else {
            self.refuse_held(held, None, None, at, at).map(drop)
        }
    }
}
