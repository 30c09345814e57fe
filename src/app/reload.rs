//! SIGHUP: `config.yaml` is read again.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::acts::environment;
use crate::alarms::Trouble;
use crate::config::{self, Settings};
use crate::homeserver::Homeserver;
use crate::premises::Premises;
use crate::store::NewAct;
use crate::web::FrontDoor;

/// Puts the config into force, or says why the settings stay as they were. `config`: None for a trial.
pub(super) fn read_config_again(
    config: Option<&Path>,
    premises: &Premises,
    door: &FrontDoor,
    now: DateTime<Utc>,
) {
    let Some(path) = config else {
        return tracing::info!("SIGHUP: a trial desk has no config.yaml to read again");
    };
    let loaded = match config::load(path, &environment) {
        Ok(loaded) => loaded,
        Err(errors) => {
            return premises.alarms.raise(
                Trouble::Config,
                format!("config.yaml is broken, the settings stay as they were:\n{errors}"),
            );
        }
    };
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let old = premises.settings.load_full();
    let new = loaded.settings;
    if (old.bind, old.port, old.metrics) != (new.bind, new.port, new.metrics) {
        tracing::warn!("bind, port and metrics cannot change while the desk runs: restart it for that");
    }
    door.refurbish(&new);
    let whom = |of: &Settings| (of.homeserver.clone(), of.base_url.clone(), of.tokens.clone(), of.sign_up);
    if whom(&old) != whom(&new) {
        premises.homeserver.store(Homeserver::of(&new).map(Arc::new));
    }
    premises.settings.store(Arc::new(new));
    premises.alarms.clear(Trouble::Config);
    // Whom to trust may have changed; who still is not trusted raises it again.
    premises.alarms.clear(Trouble::Proxy);
    let line = NewAct::of_desk(now, "reload", None, None);
    premises.store.write_later(move |store| store.note_act(&line).map(drop));
    tracing::info!("config.yaml is read again");
}
