//! Whether the homeserver accepts the current token: asked until it does, and looked at now and then afterwards.

use std::time::Duration;

use crate::alarms::Trouble;
use crate::config::BackendKind;
use crate::domain::Schedule;
use crate::homeserver::{Family, Homeserver, RegistrationFlows, TokenAnswer};
use crate::store::{Live, TokenRecord};
use crate::tokens::{ApiFault, Found, TokensError};

use super::{Asking, Rotation};

/// How long one question about a token may take. With the longest pause less than 10 s: the desk opens within that of the
/// token being live.
pub(super) const ASK_FOR: Duration = Duration::from_secs(5);

/// How often it is looked whether a token that is live still is, where an API tells.
pub(super) const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(300);

/// What the API that made a token says of it.
type Looked = Result<Option<Found>, ApiFault>;

/// Why tokens open nothing, although the homeserver has them: nobody can register, or, at MAS, nobody is asked for one. Other
/// families say so when they are asked about a token.
pub(super) fn opens_nothing(
    flows: &RegistrationFlows,
    backend: BackendKind,
    family: Option<&Family>,
) -> Option<String> {
    let is_synapse = backend == BackendKind::Synapse || matches!(family, Some(Family::Synapse(_)));
    match (flows, backend) {
        (RegistrationFlows::Closed { words }, _) if is_synapse || backend == BackendKind::Mas => {
            Some(format!("the homeserver says that registration is closed: {words}"))
        }
        (RegistrationFlows::Open { words }, BackendKind::Mas) => {
            Some(format!("the homeserver asks nobody for a registration token: {words}"))
        }
        _ => None,
    }
}

fn by_api(looked: Looked) -> TokenAnswer {
    match looked {
        Ok(Some(found)) if found.opens => TokenAnswer::Live,
        Ok(Some(_)) => TokenAnswer::NotLive { words: "it has ended there, or is used up".into() },
        Ok(None) => TokenAnswer::NotLive { words: "it has no such token".into() },
        Err(fault) => TokenAnswer::NoAnswer { words: fault.to_string() },
    }
}

impl Rotation {
    /// A token that was live may have been taken away at the homeserver, by its operator or by a backup that was restored.
    pub(super) fn look_again(
        &self,
        current: &TokenRecord,
        asking: &mut Asking,
        schedule: &Schedule,
    ) -> Result<(), TokensError> {
        let now = self.clock.monotonic();
        if asking.look_again_at.is_some_and(|at| now < at) {
            return Ok(());
        }
        let first = asking.look_again_at.is_none();
        asking.look_again_at = Some(now + LOOK_AGAIN_EVERY);
        if first {
            return Ok(());
        }
        // That it does not answer now closes nothing.
        let looked = self.tokens.look_up(current);
        let renewed = self.renew_if_gone(current, looked.as_ref(), schedule);
        self.heed_api(asking, renewed.map(|_| matches!(looked, Some(Ok(_)))))
    }

    /// Returns whether it was gone, and is there again.
    fn renew_if_gone(
        &self,
        current: &TokenRecord,
        looked: Option<&Looked>,
        schedule: &Schedule,
    ) -> Result<bool, TokensError> {
        let Some(Ok(found)) = looked else { return Ok(false) };
        if found.is_some_and(|found| found.opens) {
            return Ok(false);
        }
        tracing::warn!("the homeserver does not have the current token, or let it end: it is made again");
        // Perhaps it cannot be made, and no letter is to bring it meanwhile.
        let id = current.id;
        self.premises.store.write(move |store| store.note_live(id, Live::No))?;
        self.tokens.renew(*found, schedule)?;
        Ok(true)
    }

    pub(super) fn ask_whether_live(
        &self,
        current: &TokenRecord,
        asking: &mut Asking,
        schedule: &Schedule,
    ) -> Result<(), TokensError> {
        if asking.live.rests(self.clock.monotonic()) {
            return Ok(());
        }
        let looked = self.tokens.look_up(current);
        let renewed = self.renew_if_gone(current, looked.as_ref(), schedule);
        let is_new = matches!(renewed, Ok(true));
        self.heed_api(asking, renewed.map(|_| matches!(looked, Some(Ok(_)))))?;
        let live = if is_new { Live::No } else { self.judge(current, looked) };
        if live == Live::No {
            asking.live.failed(self.clock.monotonic());
            return Ok(());
        }
        asking.look_again_at = Some(self.clock.monotonic() + LOOK_AGAIN_EVERY);
        let id = current.id;
        self.premises.store.write(move |store| store.note_live(id, live))?;
        Ok(())
    }

    /// Asks the homeserver whether it takes this token. Blocks, some seconds at most.
    pub fn is_live(&self, current: &TokenRecord) -> Live {
        self.judge(current, self.tokens.look_up(current))
    }

    /// Where an API makes the tokens: that it has one is not all.
    pub(super) fn tokens_open_the_door(&self, homeserver: &Homeserver) -> Result<(), String> {
        let backend = self.premises.settings.load().tokens.backend.kind();
        if !matches!(backend, BackendKind::Synapse | BackendKind::Mas) {
            return Ok(());
        }
        let flows = homeserver.registration_flows(ASK_FOR);
        if let RegistrationFlows::NoAnswer { words } = &flows {
            return Err(format!("the homeserver does not say whether registration is open: {words}"));
        }
        opens_nothing(&flows, backend, None).map_or(Ok(()), Err)
    }

    fn judge(&self, current: &TokenRecord, looked: Option<Looked>) -> Live {
        let Some(homeserver) = self.premises.homeserver.load_full() else { return Live::CannotBeChecked };
        let not_live = |words: String| {
            self.premises.alarms.raise(Trouble::TokenNotLive, format!("the desk is closed: {words}"));
            Live::No
        };
        let answer = match looked {
            Some(looked) => by_api(looked),
            None => homeserver.token_validity(&current.token, ASK_FOR),
        };
        if answer == TokenAnswer::Live
            && let Err(words) = self.tokens_open_the_door(&homeserver)
        {
            return not_live(words);
        }
        match answer {
            TokenAnswer::Live => {
                self.premises.alarms.clear(Trouble::TokenNotLive);
                tracing::info!("the homeserver accepts the current token");
                Live::Yes
            }
            TokenAnswer::CannotBeChecked { words } => {
                self.premises.alarms.clear(Trouble::TokenNotLive);
                tracing::info!("whether the homeserver accepts the current token cannot be checked: {words}");
                Live::CannotBeChecked
            }
            TokenAnswer::NotLive { words } => {
                not_live(format!("the homeserver does not accept the current token: {words}"))
            }
            TokenAnswer::RegistrationClosed { words } => {
                not_live(format!("the homeserver says that registration is closed: {words}"))
            }
            TokenAnswer::NoAnswer { words } => {
                not_live(format!("the homeserver does not say whether it accepts the token: {words}"))
            }
            TokenAnswer::MaybeOpen { words } => {
                // The flow of registration is watched too.
                self.premises.alarms.raise_unless_raised(
                    Trouble::RegistrationOpen,
                    format!(
                        "the homeserver's registration may be OPEN to everybody: {words}: make sure that it reads \
                         .registration_token, and set a second, secret registration_token there"
                    ),
                );
                if let Err(error) = self.tokens.write_again() {
                    self.premises.alarms.raise(Trouble::TokenFile, error.to_string());
                }
                not_live("the homeserver has no token".into())
            }
        }
    }
}
