//! Root at somebody else's desk: a command becomes that somebody before it opens anything. Where the tests do not run as root,
//! there is nothing to try.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::Path;
use std::process::Output;

use crate::support::desk::{Folder, doorman};
use crate::support::homeserver::FakeHomeserver;
use crate::support::wait_until;

/// A user that nothing on the machine belongs to.
const NOBODY: u32 = 65_534;

/// What only looks.
const LOOKS: [&[&str]; 12] = [
    &["requests"],
    &["requests", "--json"],
    &["outbox"],
    &["cooldowns"],
    &["ban", "list"],
    &["ban", "test", "email", "a@example.org"],
    &["token"],
    &["token", "--json", "--reveal"],
    &["log"],
    &["export"],
    &["check-config"],
    &["doctor"],
];

/// What changes something.
const CHANGES: [&[&str]; 9] = [
    &["pause"],
    &["resume"],
    &["rotate"],
    &["ban", "add", "email", "spam.example"],
    &["ban", "remove", "email", "spam.example"],
    &["forget", "a@example.org"],
    &["outbox", "retry"],
    &["cooldowns", "lift", "a@example.org"],
    &["doctor", "--trust-clock"],
];

/// What the owner lays.
type Trap<'a> = &'a dyn Fn(&Folder);

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A desk's folder of this user's, with this more in its config.
fn folder_of(owner: u32, more: &str) -> Folder {
    let folder = Folder::new(more);
    chown(folder.file("config.yaml"), Some(owner), Some(owner)).unwrap();
    chown(folder.path(), Some(owner), Some(owner)).unwrap();
    folder
}

/// Owner and content of all that is there.
fn state(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let owner = entry.path().symlink_metadata().unwrap().uid();
        (entry.file_name().into_string().unwrap(), (owner, std::fs::read(entry.path()).unwrap_or_default()))
    });
    entries.collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn by_looking_nothing_is_made() {
    for owner in [0, NOBODY] {
        if !is_root() {
            return;
        }
        let folder = folder_of(owner, "");
        let before = state(folder.path());
        for command in LOOKS {
            let output = folder.command(command);
            assert_ne!(output.status.code(), None, "{command:?}: {}", said(&output));
            assert_eq!(state(folder.path()), before, "{owner} {command:?}");
        }
        assert_eq!(folder.json(&["requests", "--json"]), serde_json::json!([]));
    }
}

#[test]
fn what_root_makes_there_is_the_owners_and_the_desk_is_too() {
    if !is_root() {
        return;
    }
    let homeserver = FakeHomeserver::start();
    let folder =
        folder_of(NOBODY, &format!("base_url: {}\nafter_rotation: id -u > ran-as\n", homeserver.url));
    for command in LOOKS.iter().chain(&CHANGES) {
        folder.command(command);
    }
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    wait_until("after_rotation", || (folder.read("ran-as") == format!("{NOBODY}\n")).then_some(()));
    wait_until("the mirror", || folder.file("registrations.json").exists().then_some(()));
    let status = std::fs::read_to_string(format!("/proc/{}/status", desk.pid())).unwrap();
    assert!(status.contains(&format!("Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}")), "{status}");
    for command in LOOKS.iter().chain(&CHANGES) {
        folder.command(command);
    }
    let roots: Vec<String> = state(folder.path())
        .into_iter()
        .filter(|(_, (owner, _))| *owner == 0)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(roots, Vec::<String>::new());
}

#[test]
fn files_of_others_and_links_are_refused_before_anything_is_opened() {
    if !is_root() {
        return;
    }
    let victim = tempfile::tempdir().unwrap();
    let shadow = victim.path().join("shadow");
    std::fs::write(&shadow, "homeserver: secret.example\n").unwrap();
    std::fs::set_permissions(&shadow, std::fs::Permissions::from_mode(0o600)).unwrap();
    let link = |at: &Path| {
        std::fs::remove_file(at).ok();
        symlink(&shadow, at).unwrap();
        lchown(at, Some(NOBODY), Some(NOBODY)).unwrap();
    };
    let traps: [(&str, Trap); 5] = [
        ("is a link", &|folder| link(&folder.file("config.yaml"))),
        ("is a link", &|folder| link(&folder.file("doorman.db"))),
        ("belongs to", &|folder| std::fs::write(folder.file("doorman.db"), "").unwrap()),
        ("belongs to", &|folder| chown(folder.file("config.yaml"), Some(0), Some(0)).unwrap()),
        ("chmod o-w", &|folder| {
            chown(folder.path(), Some(0), Some(0)).unwrap();
            chown(folder.file("config.yaml"), Some(0), Some(0)).unwrap();
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        }),
    ];
    for (told, trap) in traps {
        let folder = folder_of(NOBODY, "");
        trap(&folder);
        let before = state(folder.path());
        for command in LOOKS.iter().chain(&CHANGES).chain([&["serve"] as &[&str]].iter()) {
            let output = folder.command(command);
            assert_eq!(output.status.code(), Some(1), "{told} {command:?}: {}", said(&output));
            assert!(said(&output).contains(told), "{told} {command:?}: {}", said(&output));
            assert!(!said(&output).contains("secret.example"), "{command:?}: {}", said(&output));
        }
        assert_eq!(state(folder.path()), before, "{told}");
    }
    // A folder that is one itself.
    let folder = folder_of(NOBODY, "");
    let beside = victim.path().join("desk");
    symlink(folder.path(), &beside).unwrap();
    let config = beside.join("config.yaml");
    let output = doorman().arg("--config").arg(&config).args(["requests"]).output().unwrap();
    assert!(output.status.code() == Some(1) && said(&output).contains("is a link"), "{}", said(&output));
}

#[test]
fn what_the_owner_has_laid_for_root_hurts_nobody_else() {
    if !is_root() {
        return;
    }
    let victim = tempfile::tempdir().unwrap();
    let names = [
        ".registration_token",
        ".registration_token.new",
        "banned_emails.txt",
        "registrations.json",
        "doorman.lock",
        ".doorman.tokens.lock",
        ".doorman.bans.lock",
        "doorman.db-wal",
        "doorman.db-shm",
        "outbox",
    ];
    let folder = folder_of(NOBODY, "after_rotation: id -u >> ran-as\n");
    for name in names {
        let target = victim.path().join(name);
        std::fs::write(&target, format!("precious {name}")).unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&target, folder.file(name)).unwrap();
        lchown(folder.file(name), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let before = state(victim.path());
    for command in LOOKS.iter().chain(&CHANGES) {
        let output = folder.command(command);
        assert!(!said(&output).contains("precious"), "{command:?}: {}", said(&output));
        assert_eq!(state(victim.path()), before, "{command:?}");
    }
    assert!(!folder.read("ran-as").lines().any(|line| line == "0"));
}
