//! Which homeserver is there.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::net::FaultKind;

use super::family::Family;
use super::kept::Asked;
use super::{Homeserver, NoAnswer, deadline, left};

/// So long the family holds: an update of the homeserver changes what its answers mean.
const FAMILY_HOLDS: Duration = Duration::from_secs(10 * 60);

impl Homeserver {
    /// The homeserver's family and release, held for ten minutes. [`Family::Unknown`] also where no answer came.
    pub fn identify(&self, budget: Duration) -> Family {
        self.family(deadline(budget)).unwrap_or(Family::Unknown)
    }

    /// The same, asked for anew; None: no answer came.
    pub fn identify_anew(&self, budget: Duration) -> Option<Family> {
        self.forget_family();
        self.ask_once_for_family(deadline(budget))
    }

    /// The family is asked for anew when it is needed next: the homeserver may have been updated.
    pub fn forget_family(&self) {
        self.families.forget(&());
    }

    /// The family as it was found out last; asks nobody.
    pub fn last_family(&self) -> Option<Family> {
        self.last_family.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The family as it was found out last, in words; asks nobody.
    pub fn name_of_family(&self) -> Option<String> {
        self.last_family().map(|family| family.to_string())
    }

    /// While no answer comes, it is what it was. None: no answer came yet.
    pub(super) fn family(&self, deadline: Instant) -> Option<Family> {
        self.ask_once_for_family(deadline).or_else(|| self.last_family())
    }

    fn ask_once_for_family(&self, deadline: Instant) -> Option<Family> {
        let asked = self.families.answer(&(), deadline, || match self.ask_family(deadline) {
            Ok(family) => {
                *self.last_family.lock().unwrap_or_else(PoisonError::into_inner) = Some(family.clone());
                Asked::Answer(Some(family), FAMILY_HOLDS)
            }
            Err(NoAnswer { ran_out: true, .. }) => Asked::RanOut(None),
            Err(NoAnswer { ran_out: false, .. }) => Asked::Answer(None, Duration::ZERO),
        });
        asked.flatten()
    }

    /// The federation API may be switched off, or lie elsewhere; the conduwuit family and Synapse then still tell.
    fn ask_family(&self, deadline: Instant) -> Result<Family, NoAnswer> {
        let base = self.base(deadline)?;
        let mut silence = None;
        let mut has_answered = false;
        for path in [
            "/_matrix/federation/v1/version",
            "/_continuwuity/server_version",
            "/_tuwunel/server_version",
            "/_conduwuit/server_version",
            "/_synapse/admin/v1/server_version",
        ] {
            // One that hangs leaves time for the others.
            match self.http.get(&format!("{base}{path}"), left(deadline) / 2) {
                Ok(reply) => {
                    has_answered = true;
                    let told = reply.json().ok().filter(|_| reply.status == 200);
                    match told.as_ref().and_then(Family::read) {
                        Some(Family::Synapse(version)) if self.is_behind_mas(&base, deadline) => {
                            return Ok(Family::SynapseBehindMas(version));
                        }
                        Some(family) => return Ok(family),
                        None => {}
                    }
                }
                Err(fault) if fault.kind == FaultKind::Timeout => silence = Some(fault),
                Err(fault) if fault.kind.is_no_connection() => return Err(fault.into()),
                Err(fault) => silence = Some(fault),
            }
        }
        match silence {
            Some(fault) if !has_answered => Err(fault.into()),
            _ => Ok(Family::Unknown),
        }
    }

    /// Synapse names the service that registers in its stead (Matrix spec, `/auth_metadata`; before that, MSC2965).
    /// Where the config says that there is one, it is enough that it serves no registration itself.
    fn is_behind_mas(&self, base: &str, deadline: Instant) -> bool {
        let ask = |path: &str| self.http.get(&format!("{base}{path}"), left(deadline) / 2).ok();
        ["/_matrix/client/v1/auth_metadata", "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer"]
            .iter()
            .any(|path| {
                let told = ask(path).filter(|reply| reply.status == 200).and_then(|reply| reply.json().ok());
                told.is_some_and(|told| told.get("issuer").is_some_and(Value::is_string))
            })
            || self.mas.is_some()
                && ask("/_matrix/client/v1/register/m.login.registration_token/validity")
                    .is_some_and(|reply| reply.status == 404)
    }
}
