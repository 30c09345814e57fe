//! By the secret that the homeserver shares with the desk: `/_synapse/admin/v1/register` of Synapse and tuwunel. No limit, no
//! token, and registration may be off (source: Synapse's documentation, "Shared-Secret Registration").

use std::fmt::Write as _;
use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::Value;
use sha1::Sha1;

use crate::domain::Secret;
use crate::net::cleaned;
use crate::net::http::{Body, HttpClient, Method};

use super::super::Homeserver;
use super::super::answers::Said;
use super::{AccountAnswer, NewAccount, end_session, refusal, written};

#[derive(Serialize)]
struct Registration<'a> {
    nonce: &'a str,
    username: &'a str,
    password: &'a str,
    admin: bool,
    mac: &'a str,
    inhibit_login: bool,
}

impl Homeserver {
    /// The inner error is the answer, too.
    pub(super) fn make_by_shared_secret(
        &self,
        http: &HttpClient,
        base: &str,
        secret: &Secret,
        account: NewAccount<'_>,
        deadline: Instant,
    ) -> Result<AccountAnswer, AccountAnswer> {
        let url = format!("{base}/_synapse/admin/v1/register");
        let offered = self.ask_for_account(http, Method::Get, &url, false, deadline)?;
        let Some(nonce) = offered.json.get("nonce").and_then(Value::as_str).filter(|_| offered.status == 200)
        else {
            return Err(refused(&offered));
        };
        let (name, password) = (account.name.as_str(), account.password.reveal());
        let mac = proof(secret, nonce, name, password);
        let body = written(&Registration {
            nonce,
            username: name,
            password,
            admin: false,
            mac: &mac,
            inhibit_login: true,
        });
        let said = self.ask_for_account(http, Method::Post(Body::Written(&body)), &url, true, deadline)?;
        if said.status == 200 {
            end_session(http, base, &said.json);
            return Ok(AccountAnswer::Made);
        }
        Err(refused(&said))
    }
}

fn refused(said: &Said) -> AccountAnswer {
    refusal(said).unwrap_or_else(|| AccountAnswer::Refused {
        words: cleaned(&format!(
            "{} makes no account by tokens.registration_shared_secret_file ({}): it has to hold registration_shared_secret of \
             its configuration, and base_url lead there past a web server that keeps /_synapse/admin from the outside",
            said.at,
            said.words()
        )),
    })
}

fn proof(secret: &Secret, nonce: &str, name: &str, password: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.reveal().trim().as_bytes()) else {
        return String::new();
    };
    for (n, part) in [nonce, name, password, "notadmin"].into_iter().enumerate() {
        if n > 0 {
            mac.update(b"\0");
        }
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_one_of_synapses_documentation() {
        // Made with its `register_new_matrix_user`, by hmac and hashlib of Python.
        assert_eq!(
            proof(&Secret::new("shared_secret"), "thisisanonce", "pepper_roni", "pizza"),
            "cf2391885316861a8e3871bfdcd223ab3913221d"
        );
    }
}
