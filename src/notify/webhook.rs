//! A web server that is told what happens, by POST, signed.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::acts::Matter;
use crate::alarms::Trouble;
use crate::cli::when::rfc3339;
use crate::clock::Clock;
use crate::config;
use crate::domain::{Secret, printable};
use crate::metrics::Outcome;
use crate::net::http::{Body, HttpClient, Method, place};
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{Notice, NoticeChannel, NoticeEvent, StoreError};

use super::failing::{Failing, Fault};

/// So long it is tried to tell something.
const TRIED_FOR: TimeDelta = TimeDelta::hours(1);

/// So long the other side may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Pauses after failures: the first, the longest.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(300)];

/// So many are looked at together.
const AT_ONCE: u64 = 20;

/// Where it is told, and how that is known to be ours.
pub struct Webhook {
    url: String,
    secret: Secret,
    http: HttpClient,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl Webhook {
    /// As the settings have it.
    pub fn new(hook: &config::Webhook) -> Self {
        Self { url: hook.url.clone(), secret: hook.secret.clone(), http: HttpClient::for_webhook() }
    }

    /// Sends an event of the name `test`, which means nothing. Returns where to.
    pub fn try_out(&self, homeserver: &str, now: DateTime<Utc>) -> Result<String, String> {
        let body = json!({ "event": "test", "id": "test", "homeserver": homeserver, "time": rfc3339(now) });
        self.send(&body).map_err(|fault| fault.words)?;
        place(&self.url).map_err(|fault| fault.words)
    }

    fn send(&self, body: &Value) -> Result<(), Fault> {
        let json = body.to_string();
        let signature = signature(&self.secret, json.as_bytes());
        let body = Body::Signed { json: json.as_bytes(), signature: &signature };
        let reply = self.http.send(Method::Post(body), &self.url, None, WITHIN);
        let reply = reply.map_err(|fault| Fault::new(format!("the webhook is not told: {fault}")))?;
        match reply.status {
            200..300 => Ok(()),
            status => Err(Fault {
                words: format!("the webhook at {} answers with status {status}", reply.at),
                wait: reply.retry_after.filter(|_| matches!(status, 429 | 503)),
            }),
        }
    }
}

/// `sha256=` and the HMAC of the body (RFC 2104), in hexadecimal digits.
fn signature(secret: &Secret, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::from("sha256="), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Tells it as soon as it is owed, until the stop signal comes.
pub(super) fn tell(hook: &Webhook, premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut listener = premises.pulse().listen(stop, &[Topic::Store], Duration::from_millis(50));
    let mut failing = Failing::new(Trouble::Webhook, PAUSES[0], PAUSES[1]);
    let mut rests_until = None;
    loop {
        let mut next = Next::never();
        if !next.waits(rests_until, clock.monotonic()) {
            rests_until = None;
            match round(hook, premises, clock, &mut next) {
                Ok(0) => {}
                Ok(_) => {
                    failing.works(premises);
                    next = Next::after(Duration::ZERO);
                }
                Err(fault) => {
                    let until = clock.monotonic() + failing.failed(premises, clock, &fault);
                    next.at(until);
                    rests_until = Some(until);
                }
            }
        }
        if !listener.wait(next) {
            return;
        }
    }
}

/// Tells what is due. Returns how much.
fn round(hook: &Webhook, premises: &Premises, clock: &dyn Clock, next: &mut Next) -> Result<usize, Fault> {
    let (store, now, channel) = (&premises.store, clock.now(), NoticeChannel::Webhook);
    let due = store.read(|store| store.due_notices(channel, now, AT_ONCE))?;
    let later = store.read(|store| store.next_notice_due(channel, now))?;
    next.at_time(later, clock);
    if due.is_empty() {
        return Ok(0);
    }
    let given_up = store.write(move |store| {
        store.notices_seen(channel, now)?;
        store.give_up_notices(channel, now - TRIED_FOR)
    });
    let given_up = given_up?;
    if given_up > 0 {
        (0..given_up).for_each(|_| premises.metrics.notified("webhook", Outcome::Failed));
        tracing::warn!("{given_up} events were dropped: the webhook did not take them for an hour");
    }
    let mut told = 0;
    for notice in &due {
        let id = notice.id;
        if notice.since.is_some_and(|since| since < now - TRIED_FOR) {
            continue;
        }
        if let Some(body) = body(premises, notice, now)? {
            store.write(move |store| store.notice_begun(id).map(drop))?;
            if let Err(fault) = hook.send(&body) {
                // If it is this one alone that is not taken, the others are not held up.
                let pause = PAUSES[0] * (1 << notice.attempts.min(16));
                let at = now + TimeDelta::from_std(pause.min(PAUSES[1])).unwrap_or_default();
                store.write(move |store| store.notice_again(id, at))?;
                premises.metrics.notified("webhook", Outcome::Retried);
                return Err(fault);
            }
            premises.metrics.notified("webhook", Outcome::Sent);
        }
        store.write(move |store| store.notice_told(id, None))?;
        told += 1;
    }
    Ok(told)
}

/// What is told. None: there is nothing to tell any more.
fn body(premises: &Premises, notice: &Notice, now: DateTime<Utc>) -> Result<Option<Value>, StoreError> {
    let mut body = json!({
        "event": <&str>::from(notice.event),
        "id": notice.key,
        "homeserver": premises.settings.load().homeserver.as_str(),
        "time": rfc3339(now),
    });
    match notice.event {
        NoticeEvent::Held | NoticeEvent::Decided => {
            let Some(id) = notice.request else { return Ok(None) };
            let matter = premises.store.read(|store| Matter::read(store, id))?;
            let Some(matter) = matter else { return Ok(None) };
            let (row, outcome) = (&matter.row, matter.outcome());
            // What was decided meanwhile, or waits again, tells itself.
            if outcome.is_some() != (notice.event == NoticeEvent::Decided) {
                return Ok(None);
            }
            body["request"] = json!({
                "id": row.id, "time": rfc3339(row.received_at), "channel": row.channel, "username": row.username,
                "email": row.email, "verdict": row.verdict, "reason": row.reason, "detail": row.detail, "answer": row.answer,
            });
            body["outcome"] = outcome.into();
        }
        NoticeEvent::Alarm | NoticeEvent::AlarmOver => {
            let Some(id) = notice.act else { return Ok(None) };
            let Some(act) = premises.store.read(|store| store.act(id))? else { return Ok(None) };
            body["time"] = rfc3339(act.at).into();
            let words: Option<String> = act.after.as_deref().and_then(|text| serde_json::from_str(text).ok());
            body["alarm"] =
                json!({ "fault": act.subject, "what": words.map(|words| printable(&words, 1000)) });
        }
        NoticeEvent::Erased => return Ok(None),
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_standard() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature(&Secret::new("Jefe"), b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
