//! The login: PLAIN, XOAUTH2, OAUTHBEARER, LOGIN where there is nothing else.

use std::cell::RefCell;

use crate::config::{Imap, ImapLogin};
use crate::domain::printable;
use crate::inbox::access_token::access_token;
use crate::inbox::fault::{Fault, Kind};

use super::{Net, broken};

/// One kind of SASL.
struct Sasl {
    first: Vec<u8>,
    /// What an OAuth server says before it refuses.
    said: RefCell<String>,
    on_error: &'static [u8],
}

impl imap::Authenticator for &Sasl {
    type Response = Vec<u8>;

    fn process(&self, challenge: &[u8]) -> Vec<u8> {
        if challenge.is_empty() {
            return self.first.clone();
        }
        *self.said.borrow_mut() = printable(&String::from_utf8_lossy(challenge), 200);
        self.on_error.to_vec()
    }
}

/// Refusals that have nothing to do with the account (RFC 5530): a server that is just starting says so.
fn passes_by_itself(refusal: &str) -> bool {
    let refusal = refusal.trim_start().to_ascii_uppercase();
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| refusal.starts_with(code))
}

pub(super) fn log_in(mut client: imap::Client<Net>, imap: &Imap) -> Result<imap::Session<Net>, Fault> {
    let offers = |client: &mut imap::Client<Net>, mechanism: &str| {
        client.capabilities().map(|all| all.has_str(mechanism)).map_err(broken("CAPABILITY"))
    };
    let (mechanism, first, on_error) = match &imap.login {
        ImapLogin::Password(password) => {
            ("PLAIN", format!("\0{}\0{}", imap.username, password.reveal()).into_bytes(), &b""[..])
        }
        ImapLogin::TokenCommand(command) => {
            let token = access_token(command).map_err(Fault::other)?;
            if offers(&mut client, "AUTH=OAUTHBEARER")? {
                let first = format!(
                    "n,a={},\x01host={}\x01port={}\x01auth=Bearer {token}\x01\x01",
                    imap.username, imap.host, imap.port
                );
                ("OAUTHBEARER", first.into_bytes(), &b"\x01"[..])
            } else {
                let first = format!("user={}\x01auth=Bearer {token}\x01\x01", imap.username);
                ("XOAUTH2", first.into_bytes(), &b""[..])
            }
        }
    };
    let sasl = Sasl { first, said: RefCell::default(), on_error };
    let result = match &imap.login {
        ImapLogin::Password(password) if !offers(&mut client, "AUTH=PLAIN")? => {
            client.login(&imap.username, password.reveal())
        }
        _ => client.authenticate(mechanism, &&sasl),
    };
    result.map_err(|(error, _)| match error {
        imap::Error::No(no) if passes_by_itself(&no.information) => {
            Fault::other(format!("{} lets nobody in for now: {no}", imap.host))
        }
        imap::Error::No(_) | imap::Error::Bad(_) => {
            let said = sasl.said.borrow();
            let why = if said.is_empty() { error.to_string() } else { said.clone() };
            Fault::new(
                Kind::Login,
                &format!(
                    "{} does not let {} in ({why}): see imap.username and imap.password (or token_command)",
                    imap.host, imap.username
                ),
            )
        }
        error => broken("the login")(error),
    })
}
