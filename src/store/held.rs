//! Requests that wait for the operator.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;
use rusqlite::OptionalExtension;

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, Localpart, MessageId, RequestMail};

use super::{AnswerLetter, Reading, Record, StoreError, Writing, instant, millis};

/// Of a request `q`: it waits for a decision. Of several for the same name from the same address the first does.
pub(super) const WAITS: &str = "q.verdict = 'held' AND (q.reservation_id IS NULL OR q.id =
    (SELECT min(o.id) FROM requests o WHERE o.reservation_id = q.reservation_id AND o.verdict = 'held'))";

/// Nobody is left waiting for longer.
const LAPSE_AFTER: TimeDelta = TimeDelta::days(14);

/// From one IPv6 /64 or IPv4 /24, and in all.
const MOST_OF_A_NET: usize = 3;
const MOST: usize = 200;

/// Of those without a name, in all.
const MOST_WITHOUT_NAME: u32 = 200;

/// The letter of a decision goes out after this: until then it can be taken back.
const UNDO_TIME: TimeDelta = TimeDelta::seconds(10);

/// One that waits.
#[derive(Debug, Clone)]
pub struct HeldRequest {
    /// Its number.
    pub id: i64,
    /// The name asked for. None: the mail, which lies in the folder `Held`, names none that is clear. Such a request
    /// reserves nothing, and can only be refused.
    pub username: Option<Localpart>,
    /// Where the letter would go.
    pub email: EmailAddress,
    /// Whence it came.
    pub ip: Option<IpAddr>,
    /// Since when.
    pub received_at: DateTime<Utc>,
    reservation_id: Option<i64>,
    mail: Option<RequestMail>,
}

/// What can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It waits again.
    Yes,
    /// Its letter is on its way, or may have arrived.
    Mailed,
    /// Its name or address is somebody else's by now.
    Gone,
    /// There is no such request any more.
    Erased,
}

/// The net of which only so many may wait.
fn net(ip: IpAddr) -> Option<IpNet> {
    let ip = ip.to_canonical();
    IpNet::new(ip, if ip.is_ipv4() { 24 } else { 64 }).ok().map(|net| net.trunc())
}

impl Reading<'_> {
    /// One that waits; of several for the same name from the same address, the first, whose mail is the one to answer. None:
    /// there is none of this number, or it was decided.
    pub fn held_request(&self, id: i64) -> Result<Option<HeldRequest>, StoreError> {
        let found = self
            .0
            .prepare_cached(
                "SELECT q.username, q.email, q.ip, q.received_at, q.reservation_id, m.id, m.message_id,
                        coalesce(m.answers_references, ''), q.id
                 FROM requests asked JOIN requests q ON q.id = asked.id OR q.reservation_id = asked.reservation_id
                 LEFT JOIN mails m ON m.request_id = q.id
                 WHERE asked.id = ?1 AND asked.verdict = 'held' AND q.verdict = 'held' ORDER BY q.id, m.id LIMIT 1",
            )?
            .query_row([id], |row| {
                let references: String = row.get(7)?;
                let id = row.get(8)?;
                let message_id: Option<String> = row.get(6)?;
                let mail = row.get::<_, Option<i64>>(5)?.map(|id| RequestMail {
                    id,
                    message_id: message_id.as_deref().and_then(MessageId::parse),
                    references: references.split(' ').filter_map(MessageId::parse).collect(),
                    hold: None,
                });
                let (username, email, ip): (String, String, Option<String>) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let reservation_id: Option<i64> = row.get(4)?;
                let received_at = instant(row.get(3)?);
                Ok(EmailAddress::parse(&email).ok().map(|email| HeldRequest {
                    id,
                    username: reservation_id.map(|_| Localpart::from_stored(username)),
                    email,
                    ip: ip.and_then(|ip| ip.parse().ok()),
                    received_at,
                    reservation_id,
                    mail,
                }))
            })
            .optional()?;
        Ok(found.flatten())
    }

    /// Why no further one may wait. Those without a name take nobody's place.
    pub fn too_many_held(&self, from: Option<IpAddr>) -> Result<Option<String>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT ip, min(id) FROM requests
             WHERE verdict = 'held' AND letter_id IS NULL AND reservation_id IS NOT NULL GROUP BY reservation_id",
        )?;
        // Whoever asks for the same again waits for the same decision.
        let ips = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<Option<String>>, _>>()?;
        if ips.len() >= MOST {
            return Ok(Some(format!("{MOST} requests wait for the operator")));
        }
        let Some(own) = from.and_then(net) else { return Ok(None) };
        let alike = ips
            .iter()
            .flatten()
            .filter_map(|ip| ip.parse::<IpAddr>().ok())
            .filter(|ip| own.contains(ip))
            .count();
        Ok((alike >= MOST_OF_A_NET)
            .then(|| format!("{MOST_OF_A_NET} requests from {own} wait for the operator")))
    }
}

impl Writing<'_> {
    /// The operator's eyes only.
    pub fn note_request_detail(&self, id: i64, detail: &str) -> Result<(), StoreError> {
        self.0.0.prepare_cached("UPDATE requests SET detail = ?2 WHERE id = ?1")?.execute((id, detail))?;
        Ok(())
    }

    /// Keeps a mail that names nobody clearly as a request that waits. One an address, and so many in all: what comes
    /// beyond that is kept as refused, with the reason that the record names, and why it does not wait. Returns its number.
    pub fn hold_without_name(&self, record: &Record) -> Result<i64, StoreError> {
        let id = self.record_refusal(record)?;
        let (waiting, same_sender): (u32, Option<i64>) = self
            .0
            .0
            .prepare_cached(
                "SELECT count(*), min(CASE WHEN mailbox = ?1 THEN id END) FROM requests
                 WHERE verdict = 'held' AND reservation_id IS NULL",
            )?
            .query_row([record.parsed_email.as_ref().map(EmailAddress::mailbox)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if let Some(first) = same_sender {
            let detail = format!("{}: see request {first}, which waits already", record.detail);
            self.note_request_detail(id, &detail)?;
        } else if waiting < MOST_WITHOUT_NAME {
            self.0
                .0
                .prepare_cached("UPDATE requests SET verdict = 'held', reason = NULL WHERE id = ?1")?
                .execute([id])?;
        }
        Ok(id)
    }

    /// The operator says yes: the letter is owed. False: somebody was faster, or it has no name.
    pub fn approve(
        &self,
        held: &HeldRequest,
        message_id: &MessageId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(reservation) = held.reservation_id else { return Ok(false) };
        let changed = self
            .0
            .0
            .prepare_cached("UPDATE requests SET verdict = 'accepted' WHERE id = ?1 AND verdict = 'held'")?
            .execute([held.id])?;
        if changed == 0 {
            return Ok(false);
        }
        self.0
            .0
            .prepare_cached("UPDATE reservations SET entered_at = coalesce(entered_at, ?2) WHERE id = ?1")?
            .execute((reservation, millis(now)))?;
        let letter = self.queue_token_letter(held.id, reservation, &held.email, message_id.as_str(), now)?;
        // Whoever asked twice gets one letter.
        self.0
            .0
            .prepare_cached(
                "UPDATE requests SET verdict = 'accepted', letter_id = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
            )?
            .execute([reservation, letter])?;
        self.0
            .0
            .prepare_cached("UPDATE letters SET due_at = ?2 WHERE id = ?1")?
            .execute((letter, millis(now + UNDO_TIME)))?;
        if let Some(mail) = &held.mail {
            self.letter_answers(letter, mail)?;
        }
        self.mirror_changed()?;
        Ok(true)
    }

    /// The operator says no: name and address are free. False: somebody was faster.
    pub fn refuse_held(
        &self,
        held: &HeldRequest,
        because: Option<&str>,
        letter: Option<&AnswerLetter>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if !self.end_held(held.id, held.reservation_id, "refused_by_operator", because, now)? {
            return Ok(false);
        }
        if let Some(letter) = letter {
            self.queue_answer(held.id, letter, held.mail.as_ref(), now + UNDO_TIME)?;
        }
        Ok(true)
    }

    fn end_held(
        &self,
        id: i64,
        reservation: Option<i64>,
        reason: &str,
        detail: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE requests SET verdict = 'refused', reason = ?2, detail = coalesce(?3, detail), counts = 0
                 WHERE id = ?1 AND verdict = 'held'",
            )?
            .execute((id, reason, detail))?;
        if let Some(reservation) = reservation.filter(|_| changed == 1) {
            self.0
                .0
                .prepare_cached(
                    "UPDATE requests SET verdict = 'refused', reason = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
                )?
                .execute((reservation, reason))?;
            self.free_reservation(reservation, now)?;
        }
        Ok(changed == 1)
    }

    /// Those that have waited too long. Returns how many.
    pub fn lapse_held(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let old: Vec<(i64, Option<i64>)> = self
            .0
            .0
            .prepare_cached(
                "SELECT id, reservation_id FROM requests WHERE verdict = 'held' AND received_at < ?1",
            )?
            .query_map([millis(now - LAPSE_AFTER)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut lapsed = 0;
        for (id, reservation) in old {
            lapsed += usize::from(self.end_held(id, reservation, "lapsed", None, now)?);
        }
        Ok(lapsed)
    }

    /// Takes back an approval or a refusal, as long as no letter of it may have gone out. Where an address may have one name
    /// only, `one_name_an_address` says when two addresses are the same.
    pub fn decide_anew(
        &self,
        id: i64,
        one_name_an_address: Option<EmailIdentity>,
    ) -> Result<TakenBack, StoreError> {
        let connection = self.0.0;
        let under_way: bool = connection
            .prepare_cached(
                "SELECT count(*) > 0 FROM letters
                 WHERE request_id = ?1 AND (state IN ('sending', 'sent') OR (state = 'failed' AND attempts > 0) OR fate_unknown)",
            )?
            .query_row([id], |row| row.get(0))?;
        if under_way {
            return Ok(TakenBack::Mailed);
        }
        let decided: Option<(Option<i64>, Option<i64>)> = connection
            .prepare_cached("SELECT reservation_id, letter_id FROM requests WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((reservation, letter)) = decided else { return Ok(TakenBack::Erased) };
        let same_address = match one_name_an_address {
            None => "0",
            Some(EmailIdentity::Mailbox) => "o.mailbox = r.mailbox",
            Some(EmailIdentity::Exact) => "o.address = r.address",
        };
        let somebody_elses: bool = connection
            .prepare_cached(&format!(
                "SELECT count(*) > 0 FROM reservations o JOIN reservations r ON r.id = ?1
                 WHERE o.id <> r.id AND ((o.name = r.name AND o.name_ended_at IS NULL)
                                      OR ({same_address} AND o.address_ended_at IS NULL))"
            ))?
            .query_row([reservation], |row| row.get(0))?;
        if somebody_elses {
            return Ok(TakenBack::Gone);
        }
        // What was given out before this approval stays as it was.
        connection
            .prepare_cached(
                "UPDATE reservations SET name_ended_at = NULL, address_ended_at = NULL, withdrawn = 0,
                        entered_at = nullif(entered_at, (SELECT created_at FROM letters WHERE id = ?2)),
                        last_letter_id = CASE WHEN ?2 IS NULL THEN last_letter_id ELSE
                            (SELECT max(l.id) FROM letters l JOIN requests q ON q.id = l.request_id
                             WHERE q.reservation_id = ?1 AND l.kind = 'token' AND l.id <> ?2) END
                 WHERE id = ?1",
            )?
            .execute((reservation, letter))?;
        connection
            .prepare_cached("DELETE FROM letters WHERE request_id = ?1 AND state = 'owed'")?
            .execute([id])?;
        connection
            .prepare_cached(
                "UPDATE requests SET verdict = 'held', reason = NULL, counts = reservation_id IS NOT NULL, letter_id = NULL
                 WHERE id = ?1",
            )?
            .execute([id])?;
        // Those that were decided of along with it.
        connection
            .prepare_cached(
                "UPDATE requests SET verdict = 'held', reason = NULL, letter_id = NULL
                 WHERE reservation_id = ?1 AND id <> ?2
                       AND CASE WHEN ?3 IS NULL THEN reason = 'refused_by_operator' ELSE letter_id = ?3 END",
            )?
            .execute((reservation, id, letter))?;
        self.mirror_changed()?;
        Ok(TakenBack::Yes)
    }
}
