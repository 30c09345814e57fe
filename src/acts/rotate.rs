use std::sync::Arc;

use crate::bans::Bans;
use crate::clock::Clock;
use crate::domain::printable;
use crate::lock::desk_is_running;
use crate::premises::Premises;
use crate::rotation::Rotation;
use crate::stop::Stop;
use crate::tokens::{Tokens, TokensError};

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Replaces the token.
pub fn rotate(opened: &Opened, clock: Arc<dyn Clock>) -> Result<Outcome, NotDone> {
    if opened.settings.tokens.per_applicant {
        return Err(NotDone::NoSharedToken);
    }
    let (folder, store) = (opened.folder.clone(), Arc::clone(&opened.store));
    let bans = Bans::open(&folder, |_| None);
    let premises = Arc::new(Premises::new(opened.settings.clone(), folder.clone(), Arc::clone(&store), bans));
    let homeserver = premises.homeserver.load_full();
    let tokens =
        Arc::new(Tokens::new(folder, Arc::clone(&store), Arc::clone(&clock), &opened.settings, homeserver));
    let is_running = desk_is_running(opened.folder.path());
    let now = clock.now();
    let rotation = Rotation { premises, tokens, clock };
    let failed = |error: TokensError| NotDone::NotRotated(error.to_string());
    if !is_running {
        rotation.tokens.settle(&opened.settings.schedule).map_err(failed)?;
    }
    let current = rotation.rotate_now().map_err(failed)?;
    let ((), act) = opened.journaled(now, |_| Ok(((), Some(Deed::Rotate))))?;
    if is_running {
        return Ok(Outcome { done: Done::Rotated { live: None, alarms: Vec::new() }, act });
    }
    // What after_rotation prints, and why it failed, is told by the alarms.
    rotation.tell_homeserver(&current, &Stop::new())?;
    let (id, live) = (current.id, rotation.is_live(&current));
    store.write(move |store| store.note_live(id, live))?;
    let alarms = rotation.premises.alarms.all().into_iter().map(|(_, what)| printable(&what, 1000)).collect();
    Ok(Outcome { done: Done::Rotated { live: Some(live), alarms }, act })
}
