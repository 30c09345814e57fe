//! Whether a name is free: whom that is asked, in which order, and for how long an answer holds.

use std::time::{Duration, Instant};

use crate::domain::Localpart;
use crate::net::http::Method;

use super::answers::{self, Said};
use super::gate::Turn;
use super::kept::Asked;
use super::{Homeserver, NameAnswer, NoAnswer, deadline, escaped, left};

/// So long a name's answer holds.
const NAME_HOLDS: Duration = Duration::from_secs(30);

impl Homeserver {
    /// Whether a name is free: by what MAS knows, where it stands before the homeserver; as an administrator, where the
    /// desk is one; else by `/register/available`. Waits for its turn and through "asked too often", at most
    /// `budget` in all. Equal names share one question; an answer holds 30 s.
    pub fn name(&self, name: &Localpart, budget: Duration) -> NameAnswer {
        self.name_at(Turn::InOrder, name, budget)
    }

    /// The same for whoever only types: all who have sent their request come before them.
    pub fn name_in_passing(&self, name: &Localpart, budget: Duration) -> NameAnswer {
        self.name_at(Turn::Last, name, budget)
    }

    fn name_at(&self, turn: Turn, name: &Localpart, budget: Duration) -> NameAnswer {
        let deadline = deadline(budget);
        let asked = self.names.answer(name, deadline, || match self.ask_name(turn, name, deadline) {
            Ok(answer @ NameAnswer::NoAnswer { .. }) => Asked::Answer(answer, Duration::ZERO),
            Ok(answer) => Asked::Answer(answer, NAME_HOLDS),
            Err(NoAnswer { words, ran_out: true }) => Asked::RanOut(NameAnswer::NoAnswer { words }),
            Err(NoAnswer { words, ran_out: false }) => {
                Asked::Answer(NameAnswer::NoAnswer { words }, Duration::ZERO)
            }
        });
        asked.unwrap_or_else(|| NameAnswer::NoAnswer { words: self.in_the_queue() })
    }

    /// Every name is asked for anew. For the time after a token's death: an older "free" may stand for an account that was
    /// made since, and a reservation would lapse on it.
    pub fn forget_names(&self) {
        self.names.forget_all();
    }

    fn ask_name(&self, turn: Turn, name: &Localpart, deadline: Instant) -> Result<NameAnswer, NoAnswer> {
        if self.mas.is_some()
            && let Some(answer) = self.ask_mas_for_name(name, deadline)?
        {
            return Ok(answer);
        }
        if let Some(answer) = self.ask_administration_for_name(name, deadline)? {
            return Ok(answer);
        }
        let path = format!("/_matrix/client/v3/register/available?username={}", escaped(name.as_str()));
        let said = self.ask_at(turn, &self.name_gate, &path, deadline)?;
        let answer = answers::of_name(&said, None).unwrap_or_else(|| {
            let family = self.family(deadline);
            let unclear = || NameAnswer::NoAnswer { words: format!("{} does not say what it is", said.at) };
            answers::of_name(&said, family.as_ref()).unwrap_or_else(unclear)
        });
        if matches!(answer, NameAnswer::CannotBeAsked { .. })
            && let Some(family) = self.family(deadline)
            && let Some(why) = family.row().refused_names.why(name, &self.server_name)
        {
            return Ok(NameAnswer::Invalid { words: format!("{family}: {why}") });
        }
        Ok(match answer {
            // The account is made by a call that fails where somebody has the name.
            NameAnswer::RegistrationClosed { words } if self.makes_accounts_past_registration() => {
                NameAnswer::CannotBeAsked { words }
            }
            // The accounts are MAS's business, and it knows of none.
            NameAnswer::CannotBeAsked { .. } if self.mas.is_some() => NameAnswer::Free,
            answer => answer,
        })
    }

    /// As a server administrator: without limit, and also where registration is closed or the public question is not served.
    /// By Synapse's `/_synapse/admin/v1/username_available`, which tuwunel serves too. None: it is not served, or the desk is
    /// no administrator there; then the public question has to do.
    fn ask_administration_for_name(
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
