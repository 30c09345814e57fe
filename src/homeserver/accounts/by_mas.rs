//! By the admin API of the Matrix Authentication Service: the user, then the password and the address of that user, by the ID
//! that MAS has given it (source: MAS's `OpenAPI` description). A user that somebody else has made is never touched.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::{EmailAddress, Localpart, Password};
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::super::{CallFault, Homeserver, deadline, escaped, left};
use super::{AccountAnswer, written};

const USERS: &str = "/api/admin/v1/users";

#[derive(Serialize)]
struct SetPassword<'a> {
    password: &'a str,
    skip_password_check: bool,
}

impl Homeserver {
    /// Whether the desk may administer users.
    pub(super) fn try_mas(&self, budget: Duration) -> Result<String, String> {
        match self.call_mas(Method::Get, &format!("{USERS}?page%5Bfirst%5D=1"), budget) {
            Ok(reply) if reply.status == 200 => {
                Ok("the Matrix Authentication Service lets the desk make users".into())
            }
            Ok(reply) => Err(format!(
                "the Matrix Authentication Service lets the desk make no users: {}",
                words(&reply)
            )),
            Err(CallFault(words)) => Err(words),
        }
    }

    /// Makes a user without a password: its ID, or why there is none.
    pub fn make_user_at_mas(&self, name: &Localpart, budget: Duration) -> Result<String, AccountAnswer> {
        let body = json!({"username": name.as_str()});
        let reply = self
            .call_mas(Method::Post(Body::Json(&body)), USERS, budget)
            .map_err(|CallFault(words)| AccountAnswer::Unsure { words })?;
        let told = reply.json().unwrap_or(Value::Null);
        match (reply.status, told["data"]["id"].as_str()) {
            (200 | 201, Some(id)) => Ok(id.to_owned()),
            (409, _) => Err(AccountAnswer::Taken { words: words(&reply) }),
            (400, _) => Err(AccountAnswer::NameRefused { words: words(&reply) }),
            (status, _) if !(300..500).contains(&status) => {
                Err(AccountAnswer::Unsure { words: words(&reply) })
            }
            _ => Err(AccountAnswer::Refused { words: words(&reply) }),
        }
    }

    /// Sets the password of a user that the desk has made.
    pub fn set_password_at_mas(&self, id: &str, password: &Password, budget: Duration) -> AccountAnswer {
        let body = written(&SetPassword { password: password.reveal(), skip_password_check: false });
        let path = format!("{USERS}/{}/set-password", escaped(id));
        match self.call_mas(Method::Post(Body::Written(&body)), &path, budget) {
            Ok(reply) => match reply.status {
                200..300 => AccountAnswer::Made,
                400 => AccountAnswer::Weak { words: why(&reply) },
                500.. => AccountAnswer::Unsure { words: words(&reply) },
                _ => AccountAnswer::Refused { words: words(&reply) },
            },
            Err(CallFault(words)) => AccountAnswer::Unsure { words },
        }
    }

    /// Adds the address to a user that the desk has made.
    pub fn attach_email_at_mas(
        &self,
        id: &str,
        email: &EmailAddress,
        budget: Duration,
    ) -> Result<(), String> {
        let deadline = deadline(budget);
        let body = json!({"user_id": id, "email": email.to_ascii()});
        match self.call_mas(Method::Post(Body::Json(&body)), "/api/admin/v1/user-emails", left(deadline)) {
            // 409: an earlier try came that far.
            Ok(reply) if matches!(reply.status, 200..300 | 409) => Ok(()),
            Ok(reply) => Err(words(&reply)),
            Err(CallFault(words)) => Err(words),
        }
    }
}

fn why(reply: &Reply) -> String {
    let told = reply.json().unwrap_or(Value::Null);
    cleaned(told["errors"][0]["title"].as_str().unwrap_or("this password is too weak"))
}

fn words(reply: &Reply) -> String {
    let told = reply.json().unwrap_or(Value::Null);
    cleaned(&format!(
        "{} answers status {}: {}",
        reply.at,
        reply.status,
        told["errors"][0]["title"].as_str().unwrap_or_default()
    ))
}
