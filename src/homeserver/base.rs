//! Where the homeserver's client-server API is.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clock::Theirs;
use crate::net::http::{Reply, place};

use super::kept::Asked;
use super::{Homeserver, NoAnswer, is_plain, left};

/// So long the base URL of `.well-known` holds, and one that had to do without.
const BASE_HOLDS: Duration = Duration::from_secs(4 * 60 * 60);
const NO_BASE_HOLDS: Duration = Duration::from_secs(5 * 60);

/// No base URL of `.well-known` is believed beyond this, in bytes.
const LONGEST_BASE: usize = 255;

impl Homeserver {
    /// Where the client-server API is.
    pub(super) fn base(&self, deadline: Instant) -> Result<String, NoAnswer> {
        if let Some(base) = &self.base_url {
            return Ok(base.clone());
        }
        let asked = self.bases.answer(&(), deadline, || {
            let last = self.last_base.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match (self.look_up_base(deadline), last) {
                (Ok(Some(base)), _) => {
                    *self.last_base.lock().unwrap_or_else(PoisonError::into_inner) = Some(base.clone());
                    Asked::Answer(Ok(base), BASE_HOLDS)
                }
                (Ok(None) | Err(_), Some(base)) => Asked::Answer(Ok(base), NO_BASE_HOLDS),
                (Ok(None), None) => Asked::Answer(Ok(self.itself.clone()), NO_BASE_HOLDS),
                (Err(no_answer), None) if no_answer.ran_out => Asked::RanOut(Err(no_answer)),
                (Err(no_answer), None) => Asked::Answer(Err(no_answer), Duration::ZERO),
            }
        });
        asked.unwrap_or_else(|| Err(NoAnswer { words: self.in_the_queue(), ran_out: true }))
    }

    /// What it takes for the time, by its last answer.
    pub fn told_time(&self) -> Theirs {
        let found = self.last_base.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let base = self.base_url.clone().or(found).unwrap_or_else(|| self.itself.clone());
        place(&base).map_or(Theirs::Untold, |at| self.http.told_time(&at))
    }

    /// By `.well-known` (Matrix spec, client-server API: server discovery); where there is none, the name itself.
    /// `Ok(None)`: what is there is of no use. While nobody answers, or a server is not working, the name itself is
    /// not asked instead: another server may stand there, and say of everything that it knows nothing about it.
    fn look_up_base(&self, deadline: Instant) -> Result<Option<String>, NoAnswer> {
        let url = format!("{}/.well-known/matrix/client", self.itself);
        // What time is left is for the question itself.
        match self.http.get(&url, left(deadline) / 2) {
            Ok(reply) if reply.status == 404 => Ok(Some(self.itself.clone())),
            Ok(reply) if reply.status >= 500 => Err(NoAnswer {
                words: format!("{} is not working: .well-known answers status {}", reply.at, reply.status),
                ran_out: false,
            }),
            Ok(reply) => Ok(well_known_base(&reply)),
            Err(fault) if fault.kind.is_no_connection() => Err(fault.into()),
            Err(_) => Ok(None),
        }
    }
}

/// `m.homeserver.base_url`, without the slash at its end.
fn well_known_base(reply: &Reply) -> Option<String> {
    let json = reply.json().ok().filter(|_| reply.status == 200)?;
    let base = json.get("m.homeserver")?.get("base_url").and_then(Value::as_str)?;
    let base = base.trim_end_matches('/');
    (base.len() <= LONGEST_BASE && is_plain(base)).then(|| base.to_owned())
}
