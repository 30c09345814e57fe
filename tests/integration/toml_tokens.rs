//! The token as a second configuration file of continuwuity's, which `after_rotation` makes it read.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::desk::{Desk, Folder};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::wait_until;

const AFTER: &str = "after_rotation: \"cp homeserver/token.toml homeserver/read.toml\"\n";

/// A homeserver that takes what it has read last, and its desk.
fn desk(more: &str) -> (FakeHomeserver, Folder) {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!(
        "base_url: {}\ntokens: {{backend: toml, path: homeserver/token.toml}}\n{AFTER}{more}",
        homeserver.url
    ));
    std::fs::create_dir(folder.file("homeserver")).unwrap();
    (homeserver, folder)
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

fn expected(folder: &Folder) -> String {
    format!("[global]\nregistration_token = \"{}\"\n", folder.read(".registration_token"))
}

fn holds(folder: &Folder, file: &str) {
    wait_until(&format!("{file} holds the token"), || (folder.read(file) == expected(folder)).then_some(()));
}

#[test]
fn it_is_rewritten_in_place_never_empty_and_read_by_after_rotation() {
    let (_homeserver, folder) = desk("");
    std::fs::write(
        folder.file("homeserver/token.toml"),
        "[global]\nregistration_token = \"of-the-operators-hand\"\n# more\n",
    )
    .unwrap();
    std::fs::set_permissions(folder.file("homeserver/token.toml"), std::fs::Permissions::from_mode(0o604))
        .unwrap();
    let before = std::fs::metadata(folder.file("homeserver/token.toml")).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let text = folder.read("homeserver/token.toml");
                assert!(
                    text.starts_with("[global]\nregistration_token = \"") && text.contains("\"\n"),
                    "{text:?}"
                );
                reads += 1;
            }
            reads
        });
        let _desk = start(&folder);
        holds(&folder, "homeserver/token.toml");
        for _ in 0..3 {
            folder.ok(&["rotate"]);
            holds(&folder, "homeserver/token.toml");
            holds(&folder, "homeserver/read.toml");
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    let after = std::fs::metadata(folder.file("homeserver/token.toml")).unwrap();
    assert_eq!((before.ino(), before.mode()), (after.ino(), after.mode()));
    assert_eq!(folder.json(&["token", "--json"])["backend"], "toml");
}

#[test]
fn changed_or_lost_it_comes_back_and_the_homeserver_reads_it() {
    let (_homeserver, folder) = desk("");
    let _desk = start(&folder);
    for lost in [false, true] {
        let file = folder.file("homeserver/token.toml");
        folder.write("homeserver/read.toml", "");
        if lost {
            std::fs::remove_file(&file).unwrap();
        } else {
            std::fs::write(&file, "[global]\nregistration_token = \"of-another-hand-entirely\"\n").unwrap();
        }
        holds(&folder, "homeserver/token.toml");
        holds(&folder, "homeserver/read.toml");
    }
    // A token that another hand wrote where the desk keeps it is adopted, and stands there too.
    folder.write(".registration_token", "another-hands-token-of-today-");
    holds(&folder, "homeserver/token.toml");
    holds(&folder, "homeserver/read.toml");
    assert!(folder.read("homeserver/read.toml").contains("another-hands-token-of-today-"));
}

#[test]
fn the_desk_opens_when_the_homeserver_has_read_it() {
    let (homeserver, folder) = desk("");
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": false}"#.into()));
    let desk = folder.start();
    wait_until("it is seen not to be live", || {
        desk.log().contains("does not accept the current token").then_some(())
    });
    assert_eq!(desk.verdict("early", "early@example.org"), "closed");
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": true}"#.into()));
    desk.wait_until_open();
    assert_eq!(desk.verdict("late", "late@example.org"), "accepted");
}

#[test]
fn a_path_that_cannot_be_written_is_told_by_name() {
    let (_homeserver, folder) = desk("");
    folder.write("homeserver/token.toml", "");
    std::fs::remove_file(folder.file("homeserver/token.toml")).unwrap();
    std::fs::create_dir(folder.file("homeserver/token.toml")).unwrap();
    let output = folder.command(&["serve"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("homeserver/token.toml"), "{output:?}");
    for (tokens, what) in [
        ("{backend: toml}", "path"),
        ("{backend: file, path: token.toml}", "path belongs to another backend"),
        ("{backend: toml, path: token.toml, per_applicant: true}", "a token for each applicant"),
        ("{backend: tomml, path: token.toml}", "toml"),
    ] {
        folder.configure(&format!("tokens: {tokens}\n"));
        let output = folder.command(&["check-config"]);
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.code() == Some(1) && said.contains(what) && said.contains("tokens"),
            "{tokens}: {said}"
        );
    }
}

#[test]
fn a_token_that_was_there_before_it_is_read_by_the_homeserver_too() {
    let (homeserver, folder) = desk("");
    folder.write(".registration_token", "the-operators-own-token-of-old");
    let found = start(&folder);
    holds(&folder, "homeserver/token.toml");
    holds(&folder, "homeserver/read.toml");
    drop(found);

    // The same of one that the desk made itself, for a homeserver that read the file.
    let (by_file, _) = (folder, homeserver);
    let (homeserver, folder) = desk("");
    drop(by_file);
    let by_toml = folder.read("config.yaml");
    folder.write("config.yaml", &by_toml.replace("tokens:", "#").replace("after_rotation:", "#"));
    let desk = start(&folder);
    folder.write("config.yaml", &by_toml);
    desk.signal("-HUP");
    holds(&folder, "homeserver/token.toml");
    holds(&folder, "homeserver/read.toml");
    drop(homeserver);
}
