use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::store::BY_OPERATOR;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// A mailbox gets no email any more, or, where it is not `is_suppressed`, gets some again.
pub fn suppress(
    opened: &Opened,
    email: &EmailAddress,
    is_suppressed: bool,
    now: DateTime<Utc>,
) -> Result<Outcome, NotDone> {
    let (address, subject) = (email.clone(), email.to_string());
    let ((), act) = opened.journaled(now, move |store| {
        let deed = if is_suppressed {
            store.suppress(&address, BY_OPERATOR, now)?.then_some(Deed::Suppress { subject })
        } else {
            let before = store.lift_suppression(&address, now)?;
            before.map(|before| Deed::LiftSuppression { subject, before })
        };
        Ok(((), deed))
    })?;
    match act {
        None => Err(NotDone::SuppressedAlready { email: email.clone(), is_suppressed }),
        act => Ok(Outcome { done: Done::Suppressed { address: email.to_string(), is_suppressed }, act }),
    }
}
