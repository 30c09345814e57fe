use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::domain::{EmailAddress, MessageId};
use crate::outbox::compose;
use crate::outbox::samples::{facts_for, letter_to, settings};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(path: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_letter_becomes_a_file_that_only_the_desk_can_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("outbox");
    let letter = letter_to("alice@example.org");
    let outcome = MailFolder::new(&path).deliver(&letter);
    let name = "20261123T184800Z-abc123.eml";
    assert_eq!(outcome, Ok(Outcome::Sent { answer: format!("written to outbox/{name}") }));
    assert_eq!(files(&path), [name]);
    assert_eq!(fs::read(path.join(name)).unwrap(), letter.bytes());
    assert_eq!((mode(&path), mode(&path.join(name))), (0o700, 0o600));
}

#[test]
fn the_same_letter_again_is_one_file_even_after_a_crash_in_the_middle() {
    let home = tempfile::tempdir().unwrap();
    let letter = letter_to("alice@example.org");
    let left_behind = home.path().join(".20261123T184800Z-abc123.eml.part");
    fs::write(&left_behind, "half").unwrap();
    let folder = MailFolder::new(home.path());
    for _ in 0..2 {
        assert!(matches!(folder.deliver(&letter), Ok(Outcome::Sent { .. })));
    }
    assert_eq!(files(home.path()), ["20261123T184800Z-abc123.eml"]);
}

#[test]
fn no_message_id_leads_out_of_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let mut facts = facts_for("alice", "alice@example.org");
    facts.message_id = MessageId::parse("</../../x/..@your.server>").unwrap();
    let letter = compose(&facts, &settings()).unwrap();
    assert!(matches!(MailFolder::new(home.path()).deliver(&letter), Ok(Outcome::Sent { .. })));
    assert_eq!(files(home.path()), ["20261123T184800Z-x.eml"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault_that_names_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("outbox");
    fs::write(&path, "a file in its place").unwrap();
    let Err(fault) = MailFolder::new(&path).deliver(&letter_to("alice@example.org")) else {
        panic!("it was written");
    };
    assert_eq!(fault.kind, FaultKind::Ours);
    assert!(fault.words.contains(path.to_str().unwrap()), "{fault}");
}

#[test]
fn the_letters_of_one_mailbox_are_deleted_and_all_others_stay() {
    let home = tempfile::tempdir().unwrap();
    let alice = EmailAddress::parse("Alice@example.org").unwrap();
    let folder = MailFolder::new(home.path());
    assert_eq!(MailFolder::new(home.path().join("nowhere")).forget(&alice).unwrap(), 0);
    folder.deliver(&letter_to("alice+tag@example.org")).unwrap();
    let long = "Subject: x\r\nTo:\r\n ALICE@example.org\r\n\r\nbody";
    fs::write(home.path().join(".half.eml.part"), long).unwrap();
    fs::write(home.path().join("other.eml"), "To: bob@example.org\r\n\r\nTo: alice@example.org").unwrap();
    fs::write(home.path().join("notes.txt"), long).unwrap();
    assert_eq!(folder.forget(&alice).unwrap(), 2);
    assert_eq!(files(home.path()), ["notes.txt", "other.eml"]);
}
