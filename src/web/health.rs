//! `GET /healthz`: whether requests can be taken and kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::alarms::Trouble;
use crate::config::NO_MAIL;
use crate::desk::Desk;

use super::pages::Format;
use super::replies;
use super::server::{Request, Response};

/// How often the store is tried at most while nothing is wrong with it, in milliseconds.
const PROBE_EVERY_MS: i64 = 1000;

/// Whoever asks how the desk is.
#[derive(Debug)]
pub(super) struct Health {
    desk: Arc<Desk>,
    /// In milliseconds since 1970.
    probed_at: AtomicI64,
}

impl Health {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk, probed_at: AtomicI64::new(0) }
    }

    /// 200, or 503 where a request could not be kept. `names_faults`: the answer says what is wrong. Writes to the disk.
    pub(super) fn answer(&self, names_faults: bool) -> Response {
        let now = self.desk.now().timestamp_millis();
        let alarms = &self.desk.premises().alarms;
        // Whether a request could be kept is found out by keeping something.
        let probed_at = self.probed_at.swap(now, Ordering::Relaxed);
        if (now - probed_at).abs() >= PROBE_EVERY_MS || alarms.is_raised(Trouble::Store) {
            // What is wrong is an alarm by now.
            let _ = self.desk.probe_store();
        }
        let failing = alarms.is_raised(Trouble::Store);
        let mut body = serde_json::json!({ "status": if failing { "failing" } else { "ok" } });
        if names_faults {
            let mails_nobody = self.desk.premises().settings.load().mails_nobody();
            let faults: Vec<_> = alarms
                .all()
                .into_iter()
                .map(|(trouble, what)| (trouble.word(), what))
                .chain(mails_nobody.then(|| ("no_smtp", format!("smtp: {NO_MAIL}"))))
                .map(|(fault, what)| serde_json::json!({ "fault": fault, "what": what }))
                .collect();
            body["faults"] = faults.into();
        }
        replies::answer(if failing { 503 } else { 200 }, Format::Json, format!("{body}\n"))
    }
}

/// What is wrong at the desk is told to this machine only, and not to whom a web server on it speaks for.
pub(super) fn may_name_faults(request: &Request) -> bool {
    request.peer.ip().to_canonical().is_loopback() && request.all("x-forwarded-for").next().is_none()
}
