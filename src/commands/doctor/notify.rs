//! Whether the operator can be told: the room is looked at and nothing is said in it; the webhook gets an event that means nothing.

use std::sync::Arc;

use crate::clock::Clock;
use crate::homeserver::Homeserver;
use crate::notify::{Room, Webhook};

use super::{Findings, Patient, fine, note, wrong};

pub(super) fn examine(
    homeserver: Option<&Arc<Homeserver>>,
    patient: &Patient,
    clock: &dyn Clock,
    findings: &mut Findings,
) {
    let notify = &patient.settings.notify;
    if let Some(email) = &notify.email {
        let links = match patient.settings.public_url {
            Some(_) => "with a link for each request",
            None => "without links, since public_url is not set",
        };
        findings.tell("digest", fine(format!("goes to {email}, {links}")));
    }
    if let Some(matrix) = &notify.matrix {
        let found = match homeserver {
            None => note("not tried, since the homeserver does not answer"),
            Some(homeserver) => match Room::new(Arc::clone(homeserver), matrix).look(false) {
                Ok(entered) => fine(format!("{} can write in {}", entered.me, matrix.room)),
                Err(why) => wrong(why),
            },
        };
        findings.tell("Matrix room", found);
    }
    if let Some(hook) = &notify.webhook {
        let tried = Webhook::new(hook).try_out(patient.settings.homeserver.as_str(), clock.now());
        findings.tell(
            "webhook",
            match tried {
                Ok(at) => fine(format!("{at} takes an event of the name “test”")),
                Err(why) => wrong(why),
            },
        );
    }
}
