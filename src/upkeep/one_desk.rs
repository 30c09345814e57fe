//! One desk a name: two would replace each other's tokens, and give the same names to two applicants. A folder has its lock; of a
//! desk in another folder, or on another machine, applicants decide: who answers where they come in is the desk.

use std::time::Duration;

use signal_hook::consts::SIGTERM;
use signal_hook::low_level::raise;

use crate::net::http::HttpClient;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;

/// How often it is looked for another.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// A desk that starts is not kept waiting for long.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says where another desk for this homeserver answers applicants, and what to do. No answer is none.
pub fn another_desk(premises: &Premises) -> Option<String> {
    let settings = premises.settings.load();
    let url = settings.public_url.as_ref()?;
    let reply = HttpClient::default().get(&format!("{url}/api/status"), PATIENCE).ok()?;
    let is_another = reply.desk.as_ref().is_some_and(|desk| *desk != premises.identity);
    let is_for_the_same = reply.json().ok()?["homeserver"] == settings.homeserver.as_str();
    (is_another && is_for_the_same).then(|| {
        format!(
            "another desk answers at {url}, so this one does not run: two would replace each other's tokens, and give one name \
             to two applicants. Stop that one first, or have {url} lead here"
        )
    })
}

/// Ends this desk when applicants are led to another one.
pub fn stay_alone(premises: &Premises, stop: &Stop) {
    let mut listener = premises.pulse().listen(stop, &[Topic::Settings], Duration::from_secs(1));
    while listener.wait(Next::after(EVERY)) {
        if let Some(words) = another_desk(premises) {
            tracing::error!("{words}");
            // In order, as the service manager would; where that starts it anew, it is told the same.
            let _ = raise(SIGTERM);
        }
    }
}
