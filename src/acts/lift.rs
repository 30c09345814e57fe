use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Ends the cooldown of an address.
pub fn lift(opened: &Opened, email: &EmailAddress, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let (address, identity, subject) = (email.clone(), opened.settings.email_identity, email.to_string());
    let ((), act) = opened.journaled(now, move |store| {
        let before = store.lift_cooldown(&address, identity)?;
        Ok(((), (!before.is_empty()).then_some(Deed::Lift { subject, before })))
    })?;
    match act {
        None => Err(NotDone::NoCooldown(email.clone())),
        act => Ok(Outcome { done: Done::Lifted(email.to_string()), act }),
    }
}
