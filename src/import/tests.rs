use super::*;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-06-15T12:00:00Z").unwrap().to_utc()
}

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    (dir, folder)
}

fn import(folder: &Folder, store: &Store) -> Option<Report> {
    let server = ServerName::parse("your.server").unwrap();
    import_at_first_start(folder, store, &server, &Schedule::new(0, 30).unwrap(), now()).unwrap()
}

fn mirror(store: &Store) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    store
        .read(|store| {
            store.for_each_mirror_entry(|entry| {
                entries.push((entry.requested_name.clone(), entry.email.clone()));
                Ok(())
            })
        })
        .unwrap()
        .unwrap();
    entries
}

const DIRTY: &str = r#"[
  {"requested_name": "alice", "email": "alice@example.org", "datetime": "2024-05-01T12:34:56.123456", "ip_address": "192.0.2.1"},
  {"requested_name": null, "email": "nameless@example.org", "datetime": "2024-05-02T12:34:56"},
  {"requested_name": "bob", "email": "not an address", "datetime": "2024-05-02T12:34:56"},
  {"requested_name": "Carol", "email": " carol@example.org ", "datetime": "some day", "ip_address": "rubbish"},
  {"requested_name": "alice", "email": "alice@example.org", "datetime": "2024-05-03T12:34:56"},
  {"requested_name": "alice", "email": "other@example.org", "datetime": "2024-05-03T12:34:56"},
  {"requested_name": "cut", "email": "cut@exam
  {"requested_name": "dave", "email": "dave@example.org", "datetime": 1714566896, "ip_address": null},
  {"requested_name": "eve", "em"#;

#[test]
fn dirty_data_is_taken_in_as_far_as_it_can_be_understood() {
    let (_dir, folder) = folder();
    std::fs::write(folder.registrations_json(), DIRTY).unwrap();
    let store = Store::open(&folder).unwrap();
    let report = import(&folder, &store).unwrap();
    assert_eq!((report.imported, report.known, report.problems), (5, 1, 6), "{report:?}");
    assert!(report.told[0].starts_with("line 3: no usable name"), "{:?}", report.told);
    let pairs = |name: &str, email: &str| (name.to_owned(), email.to_owned());
    let mut entries = mirror(&store);
    entries.sort();
    assert_eq!(
        entries,
        [
            pairs("", "nameless@example.org"),
            pairs("alice", "alice@example.org"),
            pairs("alice", "other@example.org"),
            pairs("carol", "carol@example.org"),
            pairs("dave", "dave@example.org"),
        ]
    );
}

#[test]
fn it_happens_once_and_the_old_file_is_kept_aside() {
    let (dir, folder) = folder();
    std::fs::write(folder.registrations_json(), DIRTY).unwrap();
    let store = Store::open(&folder).unwrap();
    assert!(import(&folder, &store).is_some());
    assert_eq!(std::fs::read_to_string(dir.path().join(KEPT_AS)).unwrap(), DIRTY);
    assert_eq!(import(&folder, &store), None);
}

#[test]
fn one_that_was_killed_in_the_middle_brings_nothing_in_twice() {
    let (_dir, folder) = folder();
    std::fs::write(folder.registrations_json(), DIRTY).unwrap();
    let store = Store::open(&folder).unwrap();
    let server = ServerName::parse("your.server").unwrap();
    let schedule = Schedule::new(0, 30).unwrap();
    // All entries are in, and the note that it is done was never written.
    import_file(&folder.registrations_json(), &store, &server, &schedule, now()).unwrap();
    let before = mirror(&store);
    let report = import(&folder, &store).unwrap();
    assert_eq!(report.imported, 0);
    assert_eq!(mirror(&store), before);
}

#[test]
fn a_first_start_without_the_file_imports_none_later() {
    let (_dir, folder) = folder();
    let store = Store::open(&folder).unwrap();
    assert_eq!(import(&folder, &store), None);
    std::fs::write(folder.registrations_json(), DIRTY).unwrap();
    assert_eq!(import(&folder, &store), None);
}

#[test]
fn imported_requests_hold_their_names_and_addresses_and_count_for_the_cooldown() {
    let (_dir, folder) = folder();
    std::fs::write(folder.registrations_json(), DIRTY).unwrap();
    let store = Store::open(&folder).unwrap();
    import(&folder, &store);
    let email = EmailAddress::parse("alice+tag@example.org").unwrap();
    let name = Localpart::parse("zoe", &ServerName::parse("your.server").unwrap()).unwrap();
    let seen = store
        .read(|store| store.seen(&name, &email, crate::config::EmailIdentity::Mailbox, None, now()))
        .unwrap();
    assert_eq!(seen.address_holds.len(), 1);
    assert_eq!(seen.address_holds[0].name.as_str(), "alice");
    assert_eq!(seen.last_counting_at.unwrap().to_rfc3339(), "2024-05-01T12:34:56.123+00:00");
    assert_eq!(seen.address_holds[0].token_dead_at.unwrap().to_rfc3339(), "2024-05-02T00:00:00+00:00");
}
