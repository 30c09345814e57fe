//! The machine is lost under load, and a second desk goes on elsewhere from what Litestream has carried there.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::desk::Folder;
use crate::support::homeserver::FakeHomeserver;
use crate::support::{Running, free_port, tools, wait_until};

/// So long requests come in: longer than what may be lost.
const LOAD: Duration = Duration::from_secs(3);

fn names(folder: &Folder) -> BTreeSet<String> {
    let requests = folder.json(&["requests", "--json"]);
    requests
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["username"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_second_desk_has_every_acknowledged_request_but_those_of_the_last_second() {
    let homeserver = FakeHomeserver::start();
    let settings = format!("base_url: {}\n", homeserver.url);
    let (first, second, away) =
        (Folder::new(&settings), Folder::new(&settings), tempfile::tempdir().unwrap());
    let desk = first.start();
    desk.wait_until_open();

    // The recipe, with the test's places.
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/litestream.yml");
    let recipe = std::fs::read_to_string(recipe).unwrap();
    let (database, replica) = (first.file("doorman.db"), away.path().join("replica"));
    let config = recipe
        .replace("/var/lib/doorman/doorman.db", database.to_str().unwrap())
        .replace("s3://your-bucket/doorman", &format!("file://{}", replica.display()));
    assert!(!config.contains("s3://"), "{config}");
    let config_file = away.path().join("litestream.yml");
    std::fs::write(&config_file, config).unwrap();
    let program = tools().join("venv/bin/litestream");
    let litestream = |what: &str| {
        let mut command = Command::new(&program);
        command.arg(what).arg("-config").arg(&config_file).stdout(Stdio::null());
        command
    };
    let mut streaming = Running(litestream("replicate").stderr(Stdio::null()).spawn().unwrap());
    wait_until("it has begun", || std::fs::read_dir(replica.join("ltx")).ok().map(drop));

    let done = AtomicBool::new(false);
    let mut acknowledged: Vec<(String, Instant)> = std::thread::scope(|scope| {
        let ask = |of: usize| {
            let (desk, done) = (&desk, &done);
            move || {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("n{of}-{number}");
                    if desk.verdict(&name, &format!("{name}@example.org")) == "accepted" {
                        acknowledged.push((name, Instant::now()));
                    }
                }
                acknowledged
            }
        };
        let askers: Vec<_> = (0..4).map(|of| scope.spawn(ask(of))).collect();
        let started = Instant::now();
        wait_until("there was load for a while", || (started.elapsed() > LOAD).then_some(()));
        done.store(true, Ordering::Relaxed);
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    });
    let lost_at = Instant::now();
    streaming.0.kill().unwrap();
    desk.kill();
    acknowledged.sort_by_key(|(_, at)| *at);

    let restored =
        litestream("restore").arg("-o").arg(second.file("doorman.db")).arg(&database).output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let there = names(&second);
    let lost: Vec<Duration> = acknowledged
        .iter()
        .filter(|(name, _)| !there.contains(name))
        .map(|(_, at)| lost_at.duration_since(*at))
        .collect();
    println!(
        "{} requests were acknowledged, {} are lost with the machine, the oldest of them {:?} old",
        acknowledged.len(),
        lost.len(),
        lost.first().copied().unwrap_or_default()
    );
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    assert!(lost.iter().all(|age| *age < Duration::from_secs(1)), "{lost:?}");

    let desk = second.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("after", "after@example.org"), "accepted");
    let (name, _) = &acknowledged[0];
    assert_eq!(desk.verdict(name, "somebody.else@example.org"), "username_unavailable");
}

/// A desk whose page applicants find at this port.
fn at_the_name(homeserver: &FakeHomeserver, port: u16, own: bool) -> Folder {
    let folder = Folder::new(&format!("base_url: {}\npublic_url: http://127.0.0.1:{port}\n", homeserver.url));
    if own {
        let config = folder.read("config.yaml").replace("port: 0\n", &format!("port: {port}\n"));
        folder.write("config.yaml", &config);
    }
    folder
}

#[test]
fn two_desks_at_one_name_are_one_too_many() {
    let (homeserver, port) = (FakeHomeserver::start(), free_port());
    let (first, second) = (at_the_name(&homeserver, port, true), at_the_name(&homeserver, port, false));
    // Nobody answers there yet.
    let standing = second.start();
    standing.wait_until_open();
    let desk = first.start();
    desk.wait_until_open();
    // The one that applicants are not led to sees that when it looks next.
    standing.signal("-HUP");
    wait_until("it says why it ends", || standing.log().contains("another desk answers at").then_some(()));
    assert!(standing.end().success());

    let token = second.read(".registration_token");
    let refused = second.command(&["serve"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("another desk answers at http://127.0.0.1:") && said.contains("Stop that one"),
        "{said}"
    );
    assert_eq!(second.read(".registration_token"), token);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    // Its own name does not keep it from starting anew, and one that is gone keeps nobody.
    drop(desk);
    let desk = first.start();
    desk.wait_until_open();
    desk.kill();
    second.start().wait_until_open();
}
