//! The way from the link in an email to an account, as far as it makes nothing.

use std::sync::Arc;

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::config::SignUp;
use crate::domain::LinkSecret;
use crate::homeserver::Homeserver;
use crate::net::http::HttpClient;

use super::{ANSWER, Finding, Findings, Patient, fine, note, wrong};

const WHAT: &str = "sign-up";

pub(super) fn examine(homeserver: Option<&Arc<Homeserver>>, patient: &Patient, findings: &mut Findings) {
    if patient.settings.sign_up == SignUp::Token {
        let found = "emails contain only the registration token: a link to the desk's own page needs sign_up, and a public_url with https";
        return findings.tell(WHAT, note(found));
    }
    let Some(homeserver) = homeserver else {
        return findings.tell(WHAT, note("not tried, since no homeserver answers"));
    };
    findings.tell(
        WHAT,
        match homeserver.try_account_way(ANSWER) {
            Ok(how) => fine(format!("the desk can create accounts: {how}")),
            Err(why) => note(format!(
                "the desk cannot create accounts, so its emails contain the registration token: {why}"
            )),
        },
    );
    if !homeserver.can_attach_email() {
        findings.tell(
            WHAT,
            note(
                "addresses are not added to the accounts, so nobody can reset a lost password by email: for that the desk needs \
                 an administrator's token (tokens.backend synapse or mas)",
            ),
        );
    }
    if patient.running
        && let Some(url) = &patient.settings.public_url
    {
        findings.tell(WHAT, page(url));
    }
}

/// Whether links lead here: one that was given to nobody is known as such.
fn page(url: &str) -> Finding {
    let nobodys = LinkSecret::generate(&mut UnwrapErr(SysRng), 160);
    let reply = match HttpClient::default().get(&format!("{url}/signup/{}", nobodys.reveal()), ANSWER) {
        Ok(reply) => reply,
        Err(fault) => return wrong(fault.to_string()),
    };
    if reply.status == 404 && reply.json().is_ok_and(|json| json["status"] == "error") {
        fine(format!("links to {url}/signup/ lead here"))
    } else {
        wrong(format!(
            "links to {url}/signup/ do not lead to this desk (status {}): let its proxy pass on that path too",
            reply.status
        ))
    }
}
