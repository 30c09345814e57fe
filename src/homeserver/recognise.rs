//! Which homeserver is there.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::net::FaultKind;

use super::answers::Said;
use super::family::Family;
use super::kept::Asked;
use super::{Homeserver, NoAnswer, OwnPage, deadline, left};

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

    /// The page of its own on which one signs up, as it was found out last; asks nobody.
    pub fn own_page(&self) -> Option<OwnPage> {
        self.last_own_page.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As if it had told so.
    #[cfg(test)]
    #[must_use]
    pub fn with_own_page(self, page: OwnPage) -> Self {
        *self.last_own_page.lock().unwrap() = Some(page);
        self
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
                    if let Some(family) = told.as_ref().and_then(Family::read) {
                        return Ok(self.with_its_own_page(family, &base, deadline));
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

    /// Where the service is that registers in Synapse's stead (Matrix spec, `/auth_metadata`; before that, MSC2965). None: it
    /// names none. Err: it does not say, as Synapse does while that service is down.
    pub fn authentication_service(&self, budget: Duration) -> Result<Option<String>, String> {
        let deadline = deadline(budget);
        let base = self.base(deadline).map_err(|NoAnswer { words, .. }| words)?;
        self.issuer(&base, deadline)
    }

    fn issuer(&self, base: &str, deadline: Instant) -> Result<Option<String>, String> {
        let mut fault = None;
        for path in
            ["/_matrix/client/v1/auth_metadata", "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer"]
        {
            match self.http.get(&format!("{base}{path}"), left(deadline) / 2) {
                Ok(reply) if reply.status == 200 => {
                    let issuer = reply.json().ok();
                    let issuer = issuer.as_ref().and_then(|told| told.get("issuer")?.as_str());
                    if let Some(issuer) = issuer {
                        return Ok(Some(issuer.to_owned()));
                    }
                }
                Ok(reply) if reply.status >= 500 => {
                    fault = Some(format!("{} answers status {}", reply.at, reply.status));
                }
                Ok(_) => {}
                Err(silence) => fault = Some(silence.to_string()),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    /// Those that may leave registration to a page of their own, or to another service, say so themselves.
    fn with_its_own_page(&self, told: Family, base: &str, deadline: Instant) -> Family {
        if !matches!(told, Family::Synapse(_) | Family::Continuwuity(_) | Family::Tuwunel(_)) {
            return told;
        }
        let issuer = self.issuer(base, deadline);
        let family = match told {
            Family::Synapse(release) if self.is_behind_mas(base, &issuer, deadline) => {
                Family::SynapseBehindMas(release)
            }
            told => told,
        };
        if let Ok(issuer) = issuer {
            let own_page = issuer.and_then(|issuer| OwnPage::of(&family, &issuer));
            *self.last_own_page.lock().unwrap_or_else(PoisonError::into_inner) = own_page;
        }
        family
    }

    /// Whether another service registers in Synapse's stead: it names that; or, while that is down, cannot, and says to whoever
    /// wants to register that it takes no one but application services. Where the config says that there is one, it is enough
    /// that it serves no registration itself.
    fn is_behind_mas(&self, base: &str, issuer: &Result<Option<String>, String>, deadline: Instant) -> bool {
        if let Ok(Some(_)) = issuer {
            return true;
        }
        let register = format!("{base}/_matrix/client/v3/register");
        let said = self.http.post(&register, &json!({}), left(deadline) / 2).map(|reply| Said::of(&reply));
        if said.as_ref().is_ok_and(Said::is_for_application_services_alone) {
            return true;
        }
        let serves_none = said.is_ok_and(|said| said.is_unknown_here());
        serves_none && (self.mas.is_some() || issuer.is_err())
    }
}
