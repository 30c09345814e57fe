//! Whether a name is free, asked as a server administrator: without limit, and also where registration is closed or the
//! public question is not served.

use std::time::Instant;

use crate::http_client::Method;

use super::answers::{self, Said};
use super::{Homeserver, Localpart, NameAnswer, NoAnswer, escaped, left};

impl Homeserver {
    /// By Synapse's `/_synapse/admin/v1/username_available`, which tuwunel serves too. None: it is not served, or the desk is
    /// no administrator there; then the public question has to do.
    pub(super) fn ask_administration_for_name(
        &self,
        name: &Localpart,
        deadline: Instant,
    ) -> Result<Option<NameAnswer>, NoAnswer> {
        let Some(administrator) = &self.administrator else { return Ok(None) };
        let path = format!("/_synapse/admin/v1/username_available?username={}", escaped(name.as_str()));
        let url = format!("{}{path}", self.base(deadline)?);
        let reply =
            self.http.send(Method::Get, &url, Some(administrator), left(deadline)).map_err(|fault| {
                self.bases.forget(&());
                NoAnswer::from(fault)
            })?;
        Ok(match reply.status {
            401 | 403 | 404 | 405 => None,
            _ => answers::of_name(&Said::of(&reply), None),
        })
    }
}
