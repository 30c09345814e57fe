//! What is told of each held request and alarm beside the digest: in the Matrix room, and by the webhook. The rows are written
//! by triggers (`schema.sql`), in the transaction of what they tell of, whichever process that is.

use chrono::{DateTime, TimeDelta, Utc};

use super::digest::CALLS;
use super::held::WAITS;
use super::rows::{Save, selected, words};
use super::{Reading, StoreError, Writing, millis};

/// By what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum NoticeChannel {
    /// In the Matrix room.
    Matrix,
    /// By the webhook.
    Webhook,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum NoticeEvent {
    /// A request waits for the operator.
    Held,
    /// It does no longer.
    Decided,
    /// A request that was told of was erased.
    Erased,
    /// An alarm began.
    Alarm,
    /// One ended.
    AlarmOver,
}

words!(NoticeChannel, NoticeEvent);

/// So long it is kept what was given up.
const FAILED_KEPT: TimeDelta = TimeDelta::days(30);

/// Where the room's events were read up to.
const ROOM_READ: &str = "room_read";

selected! {
    /// What is owed to a channel.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Notice {
        /// Its number.
        pub id: i64 = "id",
        /// What is told.
        pub event: NoticeEvent = "event",
        /// Of this request.
        pub request: Option<i64> = "request_id",
        /// Of this line of the journal.
        pub act: Option<i64> = "act_id",
        /// By what it is known, however often it is tried.
        pub key: String = "key",
        /// How often it was begun to be told.
        pub attempts: u64 = "attempts",
        /// Since when it is owed, as far as the desk was there.
        pub since: Option<DateTime<Utc>> = "since",
        /// The message that it is about.
        pub remote_id: Option<String> = "remote_id",
    }
}

impl Reading<'_> {
    /// What is due to be told: decisions, which somebody waits for, before what is new.
    pub fn due_notices(
        &self,
        channel: NoticeChannel,
        now: DateTime<Utc>,
        at_most: u64,
    ) -> Result<Vec<Notice>, StoreError> {
        self.rows(
            "FROM notices WHERE channel = ?1 AND state = 'owed' AND due_at <= ?2
             ORDER BY event IN ('held', 'alarm'), id LIMIT ?3",
            (channel.save(), millis(now), super::limit(at_most)),
        )
    }

    /// When the next one is due that is not now.
    pub fn next_notice_due(
        &self,
        channel: NoticeChannel,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.value(
            "SELECT min(due_at) FROM notices WHERE channel = ?1 AND state = 'owed' AND due_at > ?2",
            (channel.save(), millis(now)),
        )
    }

    /// How many are owed to a channel, and how many were given up in the last 30 days.
    pub fn notice_counts(&self, channel: NoticeChannel) -> Result<[u64; 2], StoreError> {
        // Written out, so that the indexes of just these are used.
        let count = |state: &str| {
            let sql = format!("SELECT count(*) FROM notices WHERE channel = ?1 AND state = '{state}'");
            self.value(&sql, [channel.save()])
        };
        Ok([count("owed")?, count("failed")?])
    }

    /// The last that was told, or is owed, to the room of this request: its number, how often it was begun to be told, and the
    /// message.
    pub fn told_in_room(&self, request: i64) -> Result<Option<Notice>, StoreError> {
        self.row(
            "FROM notices WHERE request_id = ?1 AND channel = 'matrix' AND event = 'held' ORDER BY id DESC LIMIT 1",
            [request],
        )
    }

    /// The request that this message in the room tells of, unless a younger one does.
    pub fn request_of_message(&self, message: &str) -> Result<Option<i64>, StoreError> {
        self.found(
            "SELECT request_id FROM notices n WHERE remote_id = ?1 AND channel = 'matrix' AND event = 'held'
             AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.request_id = n.request_id AND o.channel = n.channel
                             AND o.event = n.event AND o.id > n.id)",
            [message],
        )
    }

    /// Where the room's events were read up to.
    pub fn room_read(&self) -> Result<Option<String>, StoreError> {
        self.meta(ROOM_READ)
    }
}

impl Writing<'_> {
    /// These channels are told from now on, each at the place of this hash, what waits already among it; the others are not any more. At
    /// another place it is told anew.
    pub fn set_notice_channels(
        &self,
        channels: &[(NoticeChannel, String)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql("DELETE FROM notices WHERE state = 'failed' AND since < ?1", [millis(now - FAILED_KEPT)])?;
        for channel in <NoticeChannel as strum::VariantArray>::VARIANTS {
            let place = channels.iter().find(|(other, _)| other == channel).map(|(_, place)| place.as_str());
            let before: Option<String> =
                self.found("SELECT place FROM notice_channels WHERE channel = ?1", [channel.save()])?;
            if place == before.as_deref() {
                continue;
            }
            self.sql("DELETE FROM notice_channels WHERE channel = ?1", [channel.save()])?;
            self.sql("DELETE FROM notices WHERE channel = ?1", [channel.save()])?;
            if *channel == NoticeChannel::Matrix {
                self.set_meta(ROOM_READ, None)?;
            }
            if let Some(place) = place {
                self.sql(
                    "INSERT INTO notice_channels (channel, place) VALUES (?1, ?2)",
                    (channel.save(), place),
                )?;
                self.sql(
                    &format!(
                        "INSERT INTO notices (channel, event, request_id)
                         SELECT ?1, 'held', q.id FROM requests q WHERE {WAITS} AND {CALLS} ORDER BY q.id"
                    ),
                    [channel.save()],
                )?;
            }
        }
        Ok(())
    }

    /// The desk has seen what is owed to this channel: for what is given up in the end its time begins now.
    pub fn notices_seen(&self, channel: NoticeChannel, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE notices SET since = ?2 WHERE channel = ?1 AND state = 'owed' AND since IS NULL",
            (channel.save(), millis(now)),
        )?;
        Ok(())
    }

    /// It is begun to be told. False: it is owed no longer.
    pub fn notice_begun(&self, id: i64) -> Result<bool, StoreError> {
        Ok(self.sql("UPDATE notices SET attempts = attempts + 1 WHERE id = ?1 AND state = 'owed'", [id])? > 0)
    }

    /// It was told, or there is nothing to tell any more. Of what is kept, by this message.
    pub fn notice_told(&self, id: i64, message: Option<&str>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE notices SET state = 'told', remote_id = ?2 WHERE id = ?1 AND event = 'held'",
            (id, message),
        )?;
        self.sql("DELETE FROM notices WHERE id = ?1 AND event <> 'held'", [id])?;
        Ok(())
    }

    /// It was not, and is tried again at this time.
    pub fn notice_again(&self, id: i64, due_at: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql("UPDATE notices SET due_at = ?2 WHERE id = ?1 AND state = 'owed'", (id, millis(due_at)))?;
        Ok(())
    }

    /// Gives up what is owed to a channel since before this time. Returns how many.
    pub fn give_up_notices(
        &self,
        channel: NoticeChannel,
        before: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.sql(
            "UPDATE notices SET state = 'failed' WHERE channel = ?1 AND state = 'owed' AND since < ?2",
            (channel.save(), millis(before)),
        )
    }

    /// The room's events were read up to here.
    pub fn note_room_read(&self, upto: &str) -> Result<(), StoreError> {
        self.set_meta(ROOM_READ, Some(upto))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::config::Folder;

    use super::super::{LinkKind, Store};
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-28T12:00:00Z").unwrap().to_utc()
    }

    fn sql(store: &Store, sql: &'static str) {
        store.write(move |store| store.sql(sql, []).map(drop)).unwrap();
    }

    /// What is owed: event and request.
    fn owed(store: &Store, channel: NoticeChannel) -> Vec<(&'static str, i64)> {
        let due = store.read(|store| store.due_notices(channel, now(), 100)).unwrap();
        due.iter().map(|one| (one.event.into(), one.request.or(one.act).unwrap())).collect()
    }

    #[test]
    fn whatever_holds_or_decides_a_request_owes_it_to_each_channel() {
        use NoticeChannel::{Matrix, Webhook};
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&Folder::new(dir.path().to_owned())).unwrap());
        let ask = "INSERT INTO requests (received_at, channel, username, email, verdict, reason) VALUES (0, 'web', 'a', 'a@b.c', ";
        let held = |reason: &'static str| {
            let ask = format!("{ask}'held', '{reason}')");
            store.write(move |store| store.sql(&ask, []).map(drop)).unwrap();
        };
        held("approval");
        held("unproven");
        held("quota");
        assert_eq!(owed(&store, Matrix), [], "nobody is to be told");
        let channels = |channels: &[(NoticeChannel, &str)]| {
            let channels: Vec<_> =
                channels.iter().map(|(channel, place)| (*channel, (*place).to_owned())).collect();
            store.write(move |store| store.set_notice_channels(&channels, now())).unwrap();
        };
        channels(&[(Matrix, "room"), (Webhook, "url")]);
        assert_eq!(owed(&store, Matrix), [("held", 1)], "what waits already is told");
        sql(&store, "UPDATE requests SET reason = 'approval' WHERE id = 2");
        sql(&store, "UPDATE requests SET reason = 'surge' WHERE id = 2");
        sql(&store, "UPDATE requests SET verdict = 'accepted', reason = NULL WHERE id IN (1, 3)");
        assert_eq!(owed(&store, Webhook), [("decided", 1), ("held", 1), ("held", 2)]);
        sql(&store, "UPDATE requests SET verdict = 'held', reason = 'approval' WHERE id = 1");
        assert_eq!(owed(&store, Webhook), [("decided", 1), ("held", 1), ("held", 2), ("held", 1)]);
        sql(&store, "INSERT INTO acts (at, who, what, subject) VALUES (0, 'desk', 'alarm', 'store')");
        sql(&store, "INSERT INTO acts (at, who, what, subject) VALUES (0, 'desk', 'alarm', 'webhook')");
        assert_eq!(owed(&store, Webhook).iter().filter(|(event, _)| *event == "alarm").count(), 1);
        // The youngest message alone is one to reply to.
        for (id, message) in [(1, "$old"), (5, "$new")] {
            store.write(move |store| store.notice_told(id, Some(message))).unwrap();
        }
        let of = |message: &str| store.read(|store| store.request_of_message(message)).unwrap();
        let told = store.read(|store| store.told_in_room(1)).unwrap().unwrap();
        let youngest = told.id;
        store.write(move |store| store.notice_told(youngest, Some("$youngest"))).unwrap();
        assert_eq!((of("$old"), of("$youngest"), of("$other")), (None, Some(1), None));
        sql(&store, "DELETE FROM requests WHERE id = 1");
        let erased = owed(&store, Matrix);
        assert!(erased.contains(&("erased", 1)) && !erased.contains(&("held", 1)), "{erased:?}");
        // Another room is told anew, and the webhook no more.
        channels(&[(Matrix, "other")]);
        assert_eq!((owed(&store, Matrix), owed(&store, Webhook)), (vec![("held", 2)], vec![]));
    }

    #[test]
    fn what_is_given_up_is_counted_for_a_while() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path().to_owned())).unwrap();
        let channels = vec![(NoticeChannel::Webhook, "url".to_owned())];
        store.write(move |store| store.set_notice_channels(&channels, now())).unwrap();
        sql(&store, "INSERT INTO acts (at, who, what, subject) VALUES (0, 'desk', 'alarm', 'store')");
        let counts = || store.read(|store| store.notice_counts(NoticeChannel::Webhook)).unwrap();
        let give_up = |before: DateTime<Utc>| {
            store.write(move |store| store.give_up_notices(NoticeChannel::Webhook, before)).unwrap()
        };
        assert_eq!(give_up(now() + TimeDelta::days(1)), 0, "the desk has not seen it yet");
        store.write(|store| store.notices_seen(NoticeChannel::Webhook, now())).unwrap();
        assert_eq!((give_up(now()), counts()), (0, [1, 0]));
        assert_eq!((give_up(now() + TimeDelta::hours(1)), counts()), (1, [0, 1]));
        let channels = vec![(NoticeChannel::Webhook, "url".to_owned())];
        let later = now() + TimeDelta::days(31);
        store.write(move |store| store.set_notice_channels(&channels, later)).unwrap();
        assert_eq!(counts(), [0, 0]);
    }

    #[test]
    fn the_digest_tells_whose_link_was_opened_and_whose_account_was_made_since() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path().to_owned())).unwrap();
        for name in ["a", "b", "c"] {
            let ask = format!(
                "INSERT INTO requests (received_at, channel, username, email, verdict) VALUES (0, 'web', '{name}', 'a@b.c', 'accepted')"
            );
            store.write(move |store| store.sql(&ask, []).map(drop)).unwrap();
        }
        store
            .write(|store| {
                for id in [1u8, 2] {
                    let until = Some(now() + TimeDelta::days(1));
                    store.add_link(
                        &[id; 32],
                        LinkKind::SignUp,
                        (Some(i64::from(id)), None),
                        (now(), until),
                    )?;
                    store.link_opened(&[id; 32], now() + TimeDelta::hours(i64::from(id)))?;
                }
                Ok(())
            })
            .unwrap();
        let moved = |since: DateTime<Utc>| {
            let rows = store.read(|store| store.moved(since, 20)).unwrap();
            rows.into_iter().map(|row| (row.id, row.link_opened_at.is_some())).collect::<Vec<_>>()
        };
        assert_eq!(moved(now()), [(2, true), (1, true)]);
        assert_eq!(moved(now() + TimeDelta::minutes(90)), [(2, true)]);
        sql(
            &store,
            "INSERT INTO sign_ups (request_id, name, begun_at, unsure, made_at) VALUES (3, 'c', 0, 0, 1764331200000)",
        );
        let before = DateTime::from_timestamp_millis(1_764_331_199_000).unwrap();
        assert!(moved(before).contains(&(3, false)));
    }
}
