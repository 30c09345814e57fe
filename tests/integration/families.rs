//! Each homeserver of the table: rotation, live check and availability, with the real binary.

use std::time::{Duration, Instant};

use crate::support::desk::{Desk, Folder};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::stand_in::{
    CONDUIT, CONDUWUIT_0_4_6, CONDUWUIT_0_5_0, CONTINUWUITY_0_5_1, CONTINUWUITY_0_5_4, CONTINUWUITY_0_5_7,
    CONTINUWUITY_26_8, DENDRITE, Release, StandIn, TUWUNEL_1_4_7, TUWUNEL_1_4_8, TUWUNEL_1_9_0,
};
use crate::support::wait_until;

/// A stand-in, and the folder of a desk for it. The token file of both stands there before either starts, as an
/// operator's would.
fn place(release: Release, more: &str) -> (StandIn, Folder) {
    let homeserver = StandIn::start(release);
    let config = format!("base_url: {}\ndowntime_before_token_reset: 0\n{more}", homeserver.url);
    let config = config.replace("HS", &homeserver.file("").display().to_string());
    let folder = Folder::new(&config);
    folder.write(".registration_token", "TheFirstTokenOfThirtyTwoLetters2");
    std::fs::write(homeserver.file("configured"), "TheFirstTokenOfThirtyTwoLetters2").unwrap();
    homeserver.restart();
    homeserver.reads(&folder.file(".registration_token"));
    (homeserver, folder)
}

fn live(folder: &Folder) -> serde_json::Value {
    folder.json(&["token", "--json"])["live"].clone()
}

/// Rotates, and waits until the desk has asked about the new token. That one.
fn rotate(folder: &Folder, desk: &Desk) -> String {
    folder.ok(&["rotate"]);
    wait_until("the desk has asked about the new token", || {
        let has_asked = live(folder) != false || desk.log().contains("does not accept the current token");
        has_asked.then_some(())
    });
    folder.read(".registration_token")
}

fn is_open(desk: &Desk) -> bool {
    desk.get_json("/api/status")["open"] == true
}

/// What `/healthz` names.
fn faults(desk: &Desk) -> String {
    desk.get("/healthz").body
}

fn shows(folder: &Folder, words: &str) {
    wait_until(&format!("`doorman token` shows {words}"), || {
        folder.ok(&["token"]).contains(words).then_some(())
    });
}

#[test]
fn which_homeserver_it_is_is_shown_without_a_desk_too() {
    let (_homeserver, folder) = place(CONTINUWUITY_26_8, "");
    folder.ok(&["rotate"]);
    let told = folder.ok(&["token"]);
    assert!(told.contains("homeserver  continuwuity 26.8"), "{told}");
}

#[test]
fn those_that_read_the_file_each_time_but_do_not_say_so_cannot_be_checked_and_are_open() {
    for release in [CONDUWUIT_0_5_0, CONTINUWUITY_0_5_1, TUWUNEL_1_4_7] {
        let (homeserver, folder) = place(release, "");
        let desk = folder.start();
        desk.wait_until_open();
        let token = rotate(&folder, &desk);
        desk.wait_until_open();
        assert!(live(&folder).is_null(), "{release:?}");
        assert!(homeserver.opens_to(&token), "{release:?}");
        assert!(desk.log().contains("cannot be checked"), "{}", desk.log());
        shows(&folder, "cannot be checked");
        shows(&folder, &format!("{} {}", release.name.to_lowercase(), &release.version[..5]));
    }
}

#[test]
fn tuwunel_from_1_4_8_on_takes_the_rewritten_file_at_once() {
    for release in [TUWUNEL_1_4_8, TUWUNEL_1_9_0] {
        let (homeserver, folder) = place(release, "");
        let desk = folder.start();
        desk.wait_until_open();
        assert_eq!(live(&folder), true);
        let token = rotate(&folder, &desk);
        desk.wait_until_open();
        assert_eq!(live(&folder), true, "{release:?}");
        assert!(homeserver.opens_to(&token));
        wait_until("the operator is told of the second token", || {
            desk.log().contains("also set a long secret registration_token").then_some(())
        });
    }
}

#[test]
fn continuwuity_that_reads_the_file_at_its_start_takes_it_when_it_is_restarted() {
    for release in [CONTINUWUITY_0_5_7, CONTINUWUITY_26_8] {
        let (homeserver, folder) = place(release, "");
        let desk = folder.start();
        desk.wait_until_open();
        let token = rotate(&folder, &desk);
        wait_until("the desk is closed", || (!is_open(&desk)).then_some(()));
        assert!(!homeserver.opens_to(&token), "{release:?}");
        assert!(faults(&desk).contains("token_not_live"), "{}", faults(&desk));
        assert_eq!(desk.verdict("early", "early@example.org"), "closed");
        assert!(desk.log().contains("let after_rotation restart it"), "{}", desk.log());
        homeserver.restart();
        let restarted = Instant::now();
        desk.wait_until_open();
        assert!(restarted.elapsed() < Duration::from_secs(10), "{:?}", restarted.elapsed());
        assert_eq!(live(&folder), true);
        assert!(!faults(&desk).contains("token_not_live"), "{}", faults(&desk));
    }
}

#[test]
fn after_rotation_makes_it_live_where_the_file_alone_does_nothing() {
    let restart = "after_rotation: cp .registration_token HS/configured && touch HS/restart\n";
    let reload = "after_rotation: cp .registration_token HS/configured && touch HS/reload\n";
    for (release, after_rotation, meant) in [
        (CONDUWUIT_0_4_6, restart, Some(true)),
        (CONDUIT, restart, None),
        (CONTINUWUITY_0_5_4, reload, Some(true)),
        (CONTINUWUITY_0_5_7, "after_rotation: touch HS/restart\n", Some(true)),
        (CONTINUWUITY_26_8, "after_rotation: touch HS/restart\n", Some(true)),
        (CONTINUWUITY_26_8, reload, Some(true)),
    ] {
        let (homeserver, folder) = place(release, after_rotation);
        let desk = folder.start();
        desk.wait_until_open();
        let rotated = Instant::now();
        let token = rotate(&folder, &desk);
        desk.wait_until_open();
        assert!(rotated.elapsed() < Duration::from_secs(10), "{release:?}: {:?}", rotated.elapsed());
        assert!(homeserver.opens_to(&token), "{release:?}");
        assert_eq!(live(&folder).as_bool(), meant, "{release:?}");
    }
}

#[test]
fn those_that_read_no_file_stay_closed_until_they_are_told_and_the_operator_hears_why() {
    for (release, words) in
        [(CONTINUWUITY_0_5_4, "update it to 0.5.7 or later"), (CONDUWUIT_0_4_6, "change to a successor")]
    {
        let (homeserver, folder) = place(release, "");
        let desk = folder.start();
        desk.wait_until_open();
        let token = rotate(&folder, &desk);
        wait_until("the desk is closed", || (!is_open(&desk)).then_some(()));
        assert!(!homeserver.opens_to(&token), "{release:?}");
        assert!(desk.log().contains(words), "{}", desk.log());
        std::fs::write(homeserver.file("configured"), &token).unwrap();
        homeserver.restart();
        desk.wait_until_open();
        assert_eq!(live(&folder), true);
    }
}

#[test]
fn conduit_cannot_be_checked_and_the_operator_hears_what_to_do() {
    let (_homeserver, folder) = place(CONDUIT, "");
    let desk = folder.start();
    desk.wait_until_open();
    assert!(live(&folder).is_null());
    shows(&folder, "Conduit 0.11.0");
    assert!(desk.log().contains("reads no token file: let after_rotation"), "{}", desk.log());
}

#[test]
fn a_desk_for_dendrite_stays_closed_and_says_why() {
    let (_homeserver, folder) = place(DENDRITE, "");
    let desk = folder.start();
    wait_until("the alarms are raised", || {
        let faults = faults(&desk);
        (faults.contains("token_not_live") && faults.contains("registration_open")).then_some(())
    });
    assert!(
        faults(&desk).contains("Dendrite 0.15.2 never asks for a registration token"),
        "{}",
        faults(&desk)
    );
    assert!(!is_open(&desk));
    assert_eq!(desk.verdict("name", "someone@example.org"), "closed");
    assert_eq!(live(&folder), false);
    shows(&folder, "Dendrite 0.15.2");
}

/// An open desk, and a tuwunel that has no token but the file's.
fn tuwunel_with_the_file_alone() -> (StandIn, Folder, Desk) {
    let (homeserver, folder) = place(TUWUNEL_1_9_0, "");
    std::fs::remove_file(homeserver.file("configured")).unwrap();
    homeserver.restart();
    let desk = folder.start();
    desk.wait_until_open();
    (homeserver, folder, desk)
}

#[test]
fn an_emptied_file_is_rewritten_at_once() {
    let (homeserver, folder, desk) = tuwunel_with_the_file_alone();
    shows(&folder, "tuwunel 1.9.0");
    let token = folder.read(".registration_token");
    for empty in [true, false] {
        if empty {
            folder.write(".registration_token", "");
        } else {
            std::fs::remove_file(folder.file(".registration_token")).unwrap();
        }
        let lost = Instant::now();
        wait_until("it stands there again", || (folder.read(".registration_token") == token).then_some(()));
        assert!(lost.elapsed() < Duration::from_secs(3), "{:?}", lost.elapsed());
        assert!(homeserver.opens_to(&token));
    }
    wait_until("it is told", || desk.log().contains("open registration, so look for accounts").then_some(()));
}

#[test]
fn tuwunel_that_has_lost_sight_of_the_file_is_an_alarm_until_it_sees_it_again() {
    let (homeserver, folder, desk) = tuwunel_with_the_file_alone();
    assert!(!faults(&desk).contains("registration_open"), "{}", faults(&desk));
    // As a bind mount does whose file was replaced, or permissions that were taken away.
    homeserver.reads(&folder.file("nothing-there"));
    folder.ok(&["rotate"]);
    wait_until("the alarm is raised", || faults(&desk).contains("registration_open").then_some(()));
    wait_until("the desk is closed", || (!is_open(&desk)).then_some(()));
    assert!(desk.log().contains("OPEN to everybody"), "{}", desk.log());
    homeserver.reads(&folder.file(".registration_token"));
    desk.wait_until_open();
    wait_until("the alarm ends", || (!faults(&desk).contains("registration_open")).then_some(()));
    assert_eq!(live(&folder), true);
    let log = desk.log();
    let told = log.lines().filter(|line| line.contains("WARN") && line.contains("OPEN")).count();
    assert_eq!(told, 1, "{log}");
}

#[test]
fn names_are_told_apart_on_each_of_them() {
    for release in [
        CONDUIT,
        CONDUWUIT_0_5_0,
        CONTINUWUITY_0_5_1,
        CONTINUWUITY_0_5_4,
        CONTINUWUITY_26_8,
        TUWUNEL_1_4_7,
        TUWUNEL_1_9_0,
    ] {
        let (_homeserver, folder) = place(release, "");
        let desk = folder.start();
        desk.wait_until_open();
        for (name, reason) in [("taken", "username_unavailable"), ("_1", "accepted"), ("1234", "accepted")] {
            assert_eq!(desk.verdict(name, &format!("{name}@example.org")), reason, "{release:?} {name}");
        }
        if release.name != "Conduit" {
            assert_eq!(desk.verdict("forbidden", "f@example.org"), "username_unavailable", "{release:?}");
        }
    }
}

#[test]
fn an_update_in_the_night_is_seen_after_the_rotation() {
    let (homeserver, folder) = place(CONTINUWUITY_0_5_1, "after_rotation: touch HS/restart\n");
    let desk = folder.start();
    desk.wait_until_open();
    shows(&folder, "continuwuity 0.5.1");
    homeserver.update(CONTINUWUITY_26_8);
    folder.ok(&["rotate"]);
    wait_until("the new token is live, and was asked about", || (live(&folder) == true).then_some(()));
    shows(&folder, "continuwuity 26.8.0");
}

#[test]
fn synapse_behind_mas_cannot_be_asked_and_its_own_rules_for_names_hold() {
    let homeserver = FakeHomeserver::start();
    homeserver.on("/_matrix/client/", Act::Answer(404, r#"{"errcode": "M_UNRECOGNIZED"}"#.into()));
    homeserver.on("auth_metadata", Act::Answer(200, r#"{"issuer": "https://auth.desk.test/"}"#.into()));
    let version = r#"{"server": {"name": "Synapse", "version": "1.157.1"}}"#;
    homeserver.on("/federation/v1/version", Act::Answer(200, version.into()));
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let desk = folder.start();
    desk.wait_until_open();
    shows(&folder, "Synapse 1.157.1 behind the Matrix Authentication Service");
    assert!(live(&folder).is_null());
    wait_until("it is told", || desk.log().contains("choose tokens.backend mas").then_some(()));
    for (name, reason) in
        [("_name", "username_unavailable"), ("1234", "username_unavailable"), ("name", "accepted")]
    {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), reason, "{name}");
    }
}

#[test]
fn a_registration_without_a_token_is_an_alarm_and_closes_no_desk() {
    let flows = |stage: &str| Act::Answer(401, format!(r#"{{"flows": [{{"stages": ["{stage}"]}}]}}"#));
    let homeserver = FakeHomeserver::start();
    homeserver.on("/client/v3/register", flows("m.login.dummy"));
    homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let desk = folder.start();
    wait_until("the alarm is raised", || faults(&desk).contains("registration_open").then_some(()));
    desk.wait_until_open();
    assert_eq!(desk.get("/healthz").status, 200);
    assert!(
        desk.log().contains("OPEN to everybody") && desk.log().contains("m.login.dummy"),
        "{}",
        desk.log()
    );
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    homeserver.on("/client/v3/register", flows("m.login.registration_token"));
    homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    wait_until("the alarm ends", || (!faults(&desk).contains("registration_open")).then_some(()));
}

#[test]
fn a_homeserver_that_nobody_knows_is_met_with_care_and_that_is_said() {
    let homeserver = FakeHomeserver::start();
    let version = r#"{"server": {"name": "grapevine", "version": "0.1.0"}}"#;
    homeserver.on("/federation/v1/version", Act::Answer(200, version.into()));
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": false}"#.into()));
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let desk = folder.start();
    wait_until("the defaults are said", || desk.log().contains("is careful here").then_some(()));
    wait_until("it has asked", || desk.log().contains("does not accept the current token").then_some(()));
    assert!(!is_open(&desk));
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": true}"#.into()));
    desk.wait_until_open();
}
