//! What a desk costs while nothing happens.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::dovecot::Dovecot;
use crate::support::smtp::SmtpServer;
use crate::support::synapse::{NO_LIMITS, OwnSynapse};
use crate::support::wait_until;

/// So often a second any of its threads may wake up, and so many there may be.
const WAKES: u64 = 2;
const THREADS: usize = 24;

/// It is watched for so many seconds.
const SECONDS: u64 = 10;

/// Each thread's name, and how often it has gone to sleep so far.
fn threads(desk: &Desk) -> BTreeMap<u32, (String, u64)> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", desk.pid())).unwrap();
    tasks
        .filter_map(|task| {
            let path = task.ok()?.path();
            let status = std::fs::read_to_string(path.join("status")).ok()?;
            let field =
                |name: &str| Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned());
            let sleeps = field("voluntary_ctxt_switches:")?.parse().ok()?;
            Some((path.file_name()?.to_str()?.parse().ok()?, (field("Name:")?, sleeps)))
        })
        .collect()
}

#[test]
fn with_everything_configured_a_desk_at_rest_wakes_twice_a_second_at_most_and_has_few_threads() {
    let (synapse, smtp, dovecot) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start(), Dovecot::start());
    let (homeserver, mails) = (synapse.config_by_api(""), dovecot.config("starttls", ""));
    let folder = Folder::new(&format!("{homeserver}{}{mails}", smtp.config("none")));
    let mut command = doorman();
    command.env("SSL_CERT_FILE", dovecot.certificate());
    let desk = folder.start_with(command);
    desk.wait_until_open();
    wait_until("the letter box is open", || desk.log().contains("the letter box is open").then_some(()));
    let mut before = threads(&desk);
    let woken = wait_until("it has come to rest", || {
        std::thread::park_timeout(Duration::from_secs(SECONDS));
        let now = threads(&desk);
        let woken: Vec<(String, u64)> = now
            .iter()
            .map(|(id, (name, sleeps))| {
                (name.clone(), sleeps - before.get(id).map_or(0, |(_, sleeps)| *sleeps))
            })
            .collect();
        before = now;
        println!("in {SECONDS} s: {woken:?}");
        (woken.iter().map(|(_, woken)| woken).sum::<u64>() <= WAKES * SECONDS).then_some(woken)
    });
    assert!(woken.len() <= THREADS, "{} threads: {woken:?}", woken.len());
}
