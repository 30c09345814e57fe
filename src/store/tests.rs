use std::ops::ControlFlow;

use chrono::TimeDelta;

use crate::config::EmailIdentity;
use crate::domain::{
    Channel, EmailAddress, Language, Localpart, MessageId, Reason, RequestMail, ServerName, TokenRequest,
};

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-01T12:00:00Z").unwrap().to_utc()
}

fn request(name: &str) -> TokenRequest {
    TokenRequest {
        username: Some(Localpart::parse(name, &ServerName::parse("your.server").unwrap()).unwrap()),
        email: EmailAddress::parse(&format!("{name}@example.org")).unwrap(),
        channel: Channel::Web,
        ip: None,
        received_at: now(),
        answer: None,
        terms: None,
        mail: None,
        receipt: None,
        language: Language::default(),
    }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    (dir, folder)
}

fn add(store: &Store, name: &str) -> Recorded {
    let (request, id) = (request(name), format!("{name}@your.server"));
    store.write(move |store| store.record_accepted(&request, None, Some(&id))).unwrap()
}

fn names(store: &Store) -> Vec<String> {
    let rows = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
    rows.into_iter().map(|row| row.username).collect()
}

#[test]
fn what_many_write_at_once_is_all_there_after_the_next_start() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let store = &store;
            scope.spawn(move || {
                (0..20).for_each(|number| {
                    add(store, &format!("w{writer}n{number}"));
                });
            });
        }
    });
    drop(store);
    assert_eq!(names(&Store::open(&folder).unwrap()).len(), 320);
}

#[test]
fn one_that_fails_takes_nothing_of_the_others_along() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let store = &store;
            scope.spawn(move || {
                let request = request(&format!("n{number}"));
                let result = store.write(move |store| {
                    store.record_accepted(&request, None, Some("m"))?;
                    if number % 2 == 0 { Ok(()) } else { Err(StoreError::Other("no".into())) }
                });
                assert_eq!(result.is_ok(), number % 2 == 0);
            });
        }
    });
    assert_eq!(names(&store).len(), 10, "the failed half left nothing behind");
}

#[test]
fn a_reader_does_not_wait_for_the_writer_and_sees_one_state() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    add(&store, "before");
    store
        .read(|reading| {
            let before = reading.requests(&RequestFilter::default())?.len();
            add(&store, "meanwhile");
            assert_eq!(reading.requests(&RequestFilter::default())?.len(), before);
            Ok(())
        })
        .unwrap();
    assert_eq!(names(&store).len(), 2);
}

#[test]
fn a_watch_tells_of_others_commits() {
    let (_dir, folder) = folder();
    let (store, other) = (Store::open(&folder).unwrap(), Store::open(&folder).unwrap());
    let mut watch = store.watch().unwrap();
    assert!(!watch.changed().unwrap());
    add(&other, "alice");
    assert!(watch.changed().unwrap());
    assert!(!watch.changed().unwrap());
}

#[test]
fn the_database_is_durable_and_private() {
    use std::os::unix::fs::MetadataExt;
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    add(&store, "alice");
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o077, 0, "{:?}", file.path());
    }
    let connection = Connection::open(folder.database()).unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_newer_database_and_a_damaged_one_are_refused_and_left_alone() {
    let (_dir, folder) = folder();
    drop(Store::open(&folder).unwrap());
    Connection::open(folder.database()).unwrap().pragma_update(None, "user_version", 9999).unwrap();
    assert!(matches!(Store::open(&folder), Err(StoreError::Newer { found: 9999, .. })));
    std::fs::write(folder.database(), "no database ".repeat(500)).unwrap();
    assert!(matches!(Store::open(&folder), Err(StoreError::Corrupt(_))));
    assert!(std::fs::read_to_string(folder.database()).unwrap().starts_with("no database"));
}

#[test]
fn a_backup_of_a_busy_store_is_whole_and_comes_back() {
    let (dir, folder) = folder();
    let copy = dir.path().join("copy.db");
    let store = Store::open(&folder).unwrap();
    add(&store, "alice");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (0..200).for_each(|number| {
                add(&store, &format!("n{number}"));
            });
        });
        store.backup(&copy).unwrap();
        writer.join().unwrap();
    });
    assert_eq!(names(&store).len(), 201);
    drop(store);
    restore(&folder, &copy).unwrap();
    let restored = names(&Store::open(&folder).unwrap());
    assert!(restored.contains(&"alice".to_owned()) && restored.len() <= 201, "{restored:?}");
}

#[test]
fn who_is_forgotten_is_no_sender_of_a_mail_any_more() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    for (uid, from) in [(1, "gone@example.org"), (2, "Gone+tag@Example.org"), (3, "gone2@example.org")] {
        let key = MailKey { mailbox: "INBOX".into(), uid_validity: 1, uid };
        let from = EmailAddress::parse(from).unwrap();
        store
            .write(move |store| {
                let id = store.note_mail(&key, &[u8::try_from(uid).unwrap()], now())?.id;
                let mail = RequestMail {
                    guess: String::new(),
                    is_taken: false,
                    id,
                    message_id: MessageId::parse(&format!("<{uid}@example.org>")),
                    references: Vec::new(),
                    hold: None,
                    relay: None,
                    to_prove: false,
                    language: Language::default(),
                };
                store.mail_decided(&mail, Some(&from), MailOutcome::Ignored, None)
            })
            .unwrap();
    }
    store.write(|store| store.forget(&EmailAddress::parse("gone@example.org").unwrap())).unwrap();
    let senders: Vec<(Option<String>, Option<String>, String)> = store
        .read(|store| {
            let mut rows = store.0.prepare("SELECT sender, message_id, outcome FROM mails ORDER BY uid")?;
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let ignored = || "ignored".to_owned();
    let stays = (Some("gone2@example.org".to_owned()), Some("<3@example.org>".to_owned()), ignored());
    assert_eq!(senders, [(None, None, ignored()), (None, None, ignored()), stays]);
}

#[test]
fn whoever_ends_a_letter_second_is_told() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let letter = add(&store, "alice").letter_id.unwrap();
    assert!(store.write(move |store| store.drop_letter(letter, now())).unwrap());
    assert!(!store.write(move |store| store.drop_letter(letter, now())).unwrap());
}

#[test]
fn another_mail_under_the_same_number_is_not_taken_for_the_one_before() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let key = MailKey { mailbox: "INBOX".into(), uid_validity: 1, uid: 7 };
    let note = |digest: &'static [u8]| {
        let key = key.clone();
        store.write(move |store| store.note_mail(&key, digest, now())).unwrap()
    };
    let first = note(b"one");
    let mail = RequestMail {
        guess: String::new(),
        is_taken: false,
        id: first.id,
        message_id: None,
        references: Vec::new(),
        hold: None,
        to_prove: false,
        relay: None,
        language: Language::default(),
    };
    store.write(move |store| store.mail_decided(&mail, None, MailOutcome::Done, None)).unwrap();
    assert_eq!(note(b"one").outcome, Some(MailOutcome::Done));
    let other = note(b"another");
    assert_eq!((other.outcome, other.attempts), (None, 1));
}

#[test]
fn those_without_a_name_take_nobodys_place_and_can_be_refused() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let keep = |from: &str| {
        let record = Record {
            received_at: now(),
            channel: Channel::Email,
            username: String::new(),
            email: from.to_owned(),
            parsed_email: EmailAddress::parse(from).ok(),
            ip: None,
            held: true,
            reason: Reason::NameUnclear,
            detail: "no clear name".to_owned(),
            stands_for: 1,
            language: Language::default(),
        };
        store.write(move |store| store.record_refusal(&record)).unwrap()
    };
    let first = keep("a@example.org");
    keep("b@example.org");
    let waiting = |from: &str| {
        let from = EmailAddress::parse(from).unwrap();
        store.read(|store| store.held_without_name(&from)).unwrap()
    };
    assert_eq!(waiting("a+again@example.org"), (2, Some(first)));
    assert_eq!(waiting("c@example.org"), (2, None));
    assert!(store.read(|store| store.held_places(None)).unwrap().is_empty());
    let waiting = store.read(|store| store.held_request(first)).unwrap().unwrap();
    assert_eq!((&waiting.username, waiting.reason), (&None, Reason::NameUnclear));
    // It is over with the refusal, which can be taken back, or with time.
    let (refused, held_for) = (waiting.clone(), waiting.reason);
    assert!(store.write(move |store| store.refuse_held(&refused, None, None, now(), now())).unwrap());
    assert!(store.read(|store| store.held_request(first)).unwrap().is_none());
    assert_eq!(store.write(move |store| store.decide_anew(first, held_for, None)).unwrap(), TakenBack::Yes);
    let again = store.read(|store| store.held_request(first)).unwrap().unwrap();
    assert_eq!(again.reason, Reason::NameUnclear);
    assert_eq!(store.write(|store| store.lapse_held(now() + TimeDelta::days(1), now())).unwrap(), 2);
}

#[test]
fn whoever_asks_twice_is_decided_of_once() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let ask = |name: &str| {
        let (first, again) = (request(name), request(name));
        store
            .write(move |store| {
                let id = store.record_accepted(&first, None, None)?.request_id;
                store.record_repeat(&again, id, "again")?;
                Ok(id)
            })
            .unwrap()
    };
    let (one, two) = (ask("one"), ask("two"));
    let waits = |id| store.read(|store| store.held_request(id)).unwrap();
    let (approved, refused) = (waits(one).unwrap(), waits(two).unwrap());
    store
        .write(move |store| {
            store.approve(&approved, &MessageId::parse("<x@your.server>").unwrap(), now(), now())?;
            store.refuse_held(&refused, None, None, now(), now())
        })
        .unwrap();
    for id in [one, one + 1, two, two + 1] {
        assert!(waits(id).is_none());
    }
    // Nothing is left that could lapse and free what was given out.
    assert_eq!(store.write(|store| store.lapse_held(now() + TimeDelta::days(1), now())).unwrap(), 0);
    let verdicts: Vec<String> = store
        .read(|store| store.requests(&RequestFilter::default()))
        .unwrap()
        .into_iter()
        .map(|row| row.verdict)
        .collect();
    assert_eq!(verdicts, ["refused", "refused", "accepted", "accepted"]);
    // Nor is it half taken back.
    for id in [one, two] {
        assert_eq!(
            store.write(move |store| store.decide_anew(id, Reason::Approval, None)).unwrap(),
            TakenBack::Yes
        );
        assert!(waits(id).is_some() && waits(id + 1).is_some());
    }
}

/// Asks for the same name from the same address: a new request, the same reservation.
fn ask_again(
    store: &Store,
    first: &TokenRequest,
    reservation: i64,
    message_id: Option<&'static str>,
) -> Recorded {
    let again = first.clone();
    store.write(move |store| store.record_accepted(&again, Some(reservation), message_id)).unwrap()
}

fn verdicts(store: &Store) -> Vec<(i64, String)> {
    let rows = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
    rows.into_iter().rev().map(|row| (row.id, row.verdict)).collect()
}

#[test]
fn whichever_of_equal_requests_is_decided_all_are_and_all_wait_again_when_that_is_taken_back() {
    for (decided, approve) in [(1, true), (2, true), (3, true), (1, false), (2, false), (3, false)] {
        let (_dir, folder) = folder();
        let store = Store::open(&folder).unwrap();
        let first = request("one");
        let (held, repeat) = (first.clone(), first.clone());
        store
            .write(move |store| {
                let id = store.record_accepted(&held, None, None)?.request_id;
                store.record_repeat(&repeat, id, "again")
            })
            .unwrap();
        ask_again(&store, &first, 1, None);
        let waiting = store.read(|store| store.held_request(decided)).unwrap().unwrap();
        let id = MessageId::parse("<x@your.server>").unwrap();
        let done = store
            .write(move |store| {
                if approve {
                    store.approve(&waiting, &id, now(), now())
                } else {
                    store.refuse_held(&waiting, None, None, now(), now())
                }
            })
            .unwrap();
        assert!(done);
        let word = if approve { "accepted" } else { "refused" };
        let all = |word: &str| (1..=3).map(|id| (id, word.to_owned())).collect::<Vec<_>>();
        assert_eq!(verdicts(&store), all(word), "{decided}");
        let taken_back = store.write(|store| store.decide_anew(1, Reason::Approval, None)).unwrap();
        assert_eq!(taken_back, TakenBack::Yes);
        assert_eq!(verdicts(&store), all("held"), "{decided} {word}");
    }
}

#[test]
fn an_approval_that_is_taken_back_leaves_what_was_mailed_before() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let first = request("one");
    let (accepted, id) = (first.clone(), MessageId::parse("<x@your.server>").unwrap());
    let letter = store
        .write(move |store| {
            let letter = store.record_accepted(&accepted, None, Some("<1@your.server>"))?.letter_id.unwrap();
            store.claim_letter(letter, None, "<1@your.server>", now())?;
            store.letter_sent(letter, "250", now(), now())?;
            Ok(letter)
        })
        .unwrap();
    ask_again(&store, &first, 1, None);
    let waiting = store.read(|store| store.held_request(2)).unwrap().unwrap();
    let later = now() + chrono::TimeDelta::days(1);
    assert!(store.write(move |store| store.approve(&waiting, &id, later, later)).unwrap());
    assert_eq!(
        store.write(move |store| store.decide_anew(2, Reason::Approval, None)).unwrap(),
        TakenBack::Yes
    );
    assert_eq!(verdicts(&store), [(1, "accepted".to_owned()), (2, "held".to_owned())]);
    let (last, mirrored) = store
        .read(|store| {
            let last: Option<i64> =
                store.0.query_row("SELECT last_letter_id FROM reservations", [], |row| row.get(0))?;
            let mut mirrored = Vec::new();
            let shown = store.for_each_mirror_entry(|entry| {
                mirrored.push(entry.entered_at());
                Ok(())
            })?;
            shown.unwrap();
            Ok((last, mirrored))
        })
        .unwrap();
    assert_eq!((last, mirrored), (Some(letter), vec![now()]));
}

#[test]
fn a_letter_that_is_taken_out_while_its_turn_comes_is_not_taken_for_the_next_one() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let held = request("one");
    store.write(move |store| store.record_accepted(&held, None, None)).unwrap();
    let waiting = store.read(|store| store.held_request(1)).unwrap().unwrap();
    let id = MessageId::parse("<x@your.server>").unwrap();
    store.write(move |store| store.approve(&waiting, &id, now(), now())).unwrap();
    let later = now() + chrono::TimeDelta::minutes(1);
    let due = store.read(|store| store.due_letters(later, 9)).unwrap();
    assert_eq!(store.write(|store| store.decide_anew(1, Reason::Approval, None)).unwrap(), TakenBack::Yes);
    let other = add(&store, "two").letter_id.unwrap();
    let taken = due[0].id;
    assert!(!store.write(move |store| store.claim_letter(taken, None, "<x@your.server>", later)).unwrap());
    assert_eq!(store.read(|store| store.due_letters(later, 9)).unwrap()[0].id, other);
}

#[test]
fn an_approval_whose_letter_a_ban_has_stopped_can_be_taken_back() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let held = request("one");
    store.write(move |store| store.record_accepted(&held, None, None)).unwrap();
    let waiting = store.read(|store| store.held_request(1)).unwrap().unwrap();
    let id = MessageId::parse("<x@your.server>").unwrap();
    let stopped = store.write(move |store| {
        store.approve(&waiting, &id, now(), now())?;
        store.letter_failed(1, "banned by banned_emails.txt:1: one@*", now())
    });
    assert!(stopped.unwrap());
    assert_eq!(store.write(|store| store.decide_anew(1, Reason::Approval, None)).unwrap(), TakenBack::Yes);
    assert_eq!(verdicts(&store), [(1, "held".to_owned())]);
    let name = request("one").username;
    assert!(store.read(|store| store.holder_of_name(name.as_ref().unwrap())).unwrap().is_some());
}

#[test]
fn older_requests_that_were_imported_later_hide_none_of_the_newer_ones() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    for (name, hours_ago) in [("yesterday", 20), ("lately", 1), ("imported", 24 * 40)] {
        let request = TokenRequest { received_at: now() - TimeDelta::hours(hours_ago), ..request(name) };
        store.write(move |store| store.record_accepted(&request, None, None)).unwrap();
    }
    assert_eq!(names(&store), ["lately", "yesterday", "imported"]);
    let mut seen = Vec::new();
    let each = |past: &PastRequest<'_>| {
        seen.push(past.username.to_owned());
        ControlFlow::Continue(())
    };
    store.read(|store| store.past_requests(now() - TimeDelta::days(30), each)).unwrap();
    assert_eq!(seen, ["lately", "yesterday"]);
    let hours = store.read(|store| store.hour_counts(now())).unwrap();
    assert_eq!(hours.iter().map(|hour| hour.hours_ago).collect::<Vec<_>>(), [1, 20]);
}

#[test]
fn whatever_changes_the_mirror_is_seen_and_nothing_else_is() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let mut seen = None;
    let mut changed = |what: &str, expected: bool| {
        let version = store.read(|store| store.mirror_version()).unwrap();
        assert_eq!(seen != Some(version), expected, "{what}");
        seen = Some(version);
    };
    changed("none was seen yet", true);
    let (dropped, failed) =
        (add(&store, "dropped").letter_id.unwrap(), add(&store, "failed").letter_id.unwrap());
    changed("there are new ones", true);
    store.write(move |store| store.claim_letter(failed, None, "<1@your.server>", now())).unwrap();
    store.write(|store| store.note_account_seen(&request("failed").username.unwrap(), now())).unwrap();
    changed("it shows nothing of that", false);
    assert!(store.write(move |store| store.drop_letter(dropped, now())).unwrap());
    changed("a letter was dropped", true);
    assert!(store.write(move |store| store.letter_failed(failed, "550", now())).unwrap());
    changed("a letter was given up", true);
    store.write(|store| store.resend_letter(2, "<2@your.server>", now())).unwrap().unwrap();
    changed("it is sent again", true);
    store
        .write(|store| {
            let day_ago = now() - TimeDelta::days(1);
            store.retire_refused(day_ago)?;
            store.retire_ips(day_ago)
        })
        .unwrap();
    changed("nothing was old", false);
    store.write(|store| store.forget(&request("failed").email)).unwrap();
    changed("somebody is forgotten", true);
    add(&store, "again");
    changed("the number of one that is gone was given anew", true);
}

#[test]
fn what_is_large_lies_where_no_other_look_up_reads_it() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let list = "trash.example\n".repeat(100_000);
    let noted = list.clone();
    store
        .write(move |store| {
            store.note_last_good("banned_emails.txt", &noted)?;
            (0..1100)
                .try_for_each(|n| store.note_own_ban("banned_emails.txt", &format!("{n}.example"), now()))
        })
        .unwrap();
    let large: i64 = store
        .read(|store| {
            Ok(store
                .0
                .query_row("SELECT count(*) FROM meta WHERE length(value) > 1000", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(large, 0);
    assert_eq!(store.read(|store| store.last_good("banned_emails.txt")).unwrap(), Some(list));
    let own = store.read(|store| store.own_bans()).unwrap();
    assert_eq!((own.len(), own[0].entry.as_str()), (1000, "100.example"));
}

#[test]
fn what_an_older_doorman_kept_is_read_as_it_was_meant() {
    let (_dir, folder) = folder();
    let old = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/databases/version-8.db");
    std::fs::copy(old, folder.database()).unwrap();
    let store = Store::open(&folder).unwrap();
    let requests = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
    let with = |verdict: &str| requests.iter().filter(|row| row.verdict == verdict).count();
    assert_eq!((with("accepted"), with("held"), with("refused")), (12, 2, 4));
    assert!(requests.iter().any(|row| row.username == "alice" && row.arrived == Some(true)));
    let at = DateTime::parse_from_rfc3339("2026-11-20T12:00:00Z").unwrap().to_utc();
    store
        .read(|store| {
            for row in requests.iter().filter(|row| row.verdict == "held") {
                assert_eq!(store.held_request(row.id)?.map(|held| held.id), Some(row.id));
            }
            for row in requests.iter().filter(|row| row.verdict == "accepted") {
                let name = Localpart::from_stored(row.username.clone());
                let email = EmailAddress::parse(&row.email).unwrap();
                let seen = store.seen(&name, &email, crate::config::EmailIdentity::Mailbox, None, at)?;
                let lapsed = ["lena", "lars", "Not A Name"].contains(&row.username.as_str());
                let ended = ["carol", "dave"].contains(&row.username.as_str());
                assert_eq!(seen.name_held_by.is_some(), !lapsed && !ended, "{}", row.username);
            }
            let letters: Vec<_> = store.outbox(at - TimeDelta::days(1), None)?;
            assert_eq!(letters.iter().map(|row| row.id).collect::<Vec<_>>(), [11, 10, 9, 8, 5, 3, 2]);
            assert_eq!(store.current_token()?.unwrap().remote_id.as_deref(), Some("remote-4"));
            assert_eq!((store.pending_tokens()?.len(), store.rotations(at)?.len()), (1, 1));
            assert_eq!(store.count_personal_tokens(at - TimeDelta::days(1), at)?.used, 1);
            let mut mirrored = Vec::new();
            let shown = store.for_each_mirror_entry(|entry| {
                mirrored.push(entry.requested_name.clone());
                Ok(())
            })?;
            shown.unwrap();
            let expected = ["olga", "olga", "Not A Name", "lena", "lars", "alice", "bob", "erin", "hugo"];
            assert_eq!(mirrored, expected);
            assert_eq!(store.last_good("banned_emails.txt")?.as_deref(), Some("trash.example\n"));
            assert_eq!(store.own_bans()?[1].entry, "^it's \"quoted\"$");
            assert_eq!(store.token_file_stamp()?, Some(FileStamp { uid: 1000, gid: 1000, mode: 0o640 }));
            assert_eq!(store.condition()?.homeserver.as_deref(), Some("Synapse"));
            assert!(store.first_import_is_done()? && store.desk_state()?.availability_lies);
            Ok(())
        })
        .unwrap();
    assert!(add(&store, "new").request_id > 18, "no number is given twice");
}

#[test]
fn what_is_deleted_by_age_goes_by_its_kind_and_an_address_still_has_one_account() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let asked = TokenRequest {
        received_at: now() - TimeDelta::days(20),
        ip: Some("192.0.2.77".parse().unwrap()),
        answer: Some("a friend".into()),
        ..request("alice")
    };
    let email = asked.email.clone();
    let row = || store.read(|store| store.requests(&RequestFilter::default())).unwrap().remove(0);
    store.write(move |store| store.record_accepted(&asked, None, Some("<m@x>")).map(drop)).unwrap();
    let letter = store.read(|store| store.due_letters(now(), 9)).unwrap()[0].id;
    store
        .write(move |store| {
            store.claim_letter(letter, None, "<m@x>", now())?;
            store.letter_sent(letter, "250", now(), now())?;
            let ago = |days| now() - TimeDelta::days(days);
            assert_eq!(store.shorten_ips(ago(30))?, 0);
            assert_eq!(store.shorten_ips(ago(10))?, 2);
            assert_eq!(store.shorten_ips(ago(10))?, 0, "once");
            assert_eq!(store.retire_answers(ago(10))?, 1);
            Ok(())
        })
        .unwrap();
    assert_eq!((row().ip.as_deref(), row().answer), (Some("192.0.2.0"), None));
    let known = |address: &EmailAddress| {
        store.read(|store| store.held_by_address(address, EmailIdentity::Mailbox)).unwrap().len()
    };
    assert_eq!(known(&email), 1);
    store
        .write(|store| {
            store.retire_ips(now())?;
            assert_eq!(store.veil_addresses(now() - TimeDelta::days(30), "a key of this desk")?, 0);
            store.veil_addresses(now(), "a key of this desk").map(drop)
        })
        .unwrap();
    assert_eq!((row().ip, row().email.as_str(), row().username.as_str()), (None, "", "alice"));
    let disclosed = store.read(|store| store.disclosed(&email)).unwrap();
    assert!(!disclosed["requests"].to_string().contains('@'), "{disclosed}");
    assert_eq!((known(&email), disclosed["reservations"].as_array().unwrap().len()), (1, 1));
    assert_eq!(known(&EmailAddress::parse("other@example.org").unwrap()), 0);
    let (own, forgotten) = (email.clone(), email.clone());
    store.write(move |store| store.forget(&forgotten)).unwrap();
    assert_eq!(known(&own), 0, "what is forgotten is free");
}

#[test]
fn what_was_asked_before_is_known_by_mailbox_name_network_and_domain() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    let ask = |name: &str, address: &str, ip: &str, minutes: i64| {
        let asked = TokenRequest {
            email: EmailAddress::parse(address).unwrap(),
            ip: Some(ip.parse().unwrap()),
            received_at: now() - TimeDelta::minutes(minutes),
            ..request(name)
        };
        store.write(move |store| Ok(store.record_accepted(&asked, None, None)?.request_id)).unwrap()
    };
    ask("bob", "bob@example.org", "198.51.100.1", 9);
    ask("al1ce", "x@other.example", "198.51.100.2", 8);
    ask("carol", "carol@third.example", "192.0.2.200", 7);
    ask("dave", "alice+tag@example.org", "198.51.100.3", 6);
    ask("erin", "erin@fourth.example", "203.0.113.1", 5);
    let id = ask("alice", "alice@example.org", "192.0.2.1", 4);
    ask("later", "alice@example.org", "192.0.2.1", 3);
    let before = store.read(|store| store.seen_before(id, 10)).unwrap();
    let found: Vec<_> = before.iter().map(|one| (one.username.as_str(), one.common)).collect();
    assert_eq!(
        found,
        [
            ("dave", Common::Mailbox),
            ("al1ce", Common::Name),
            ("carol", Common::Network),
            ("bob", Common::Domain),
        ]
    );
}
