//! A line of a ban list: whatever stands there is an entry or a problem, never both, and asking never panics.
#![no_main]

use std::sync::LazyLock;

use chrono::DateTime;
use doorman::bans::{Bans, Who, check_entry};
use doorman::config::Folder;
use doorman::domain::{BanKind, EmailAddress, Localpart, ServerName};
use libfuzzer_sys::fuzz_target;

static DIR: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir_in("/dev/shm").unwrap());

fuzz_target!(|input: (u8, &str)| {
    let (kind, line) = (BanKind::ALL[usize::from(input.0) % BanKind::ALL.len()], input.1);
    let valid = check_entry(kind, line).is_ok();
    for other in BanKind::ALL {
        let _ = std::fs::remove_file(DIR.path().join(other.file_name()));
    }
    std::fs::write(DIR.path().join(kind.file_name()), line).unwrap();
    let lists = Bans::open(&Folder::new(DIR.path()), |_| None).current();
    if valid {
        assert_eq!(lists.problems().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(lists.entries(kind).len(), 1, "{line:?}");
    }
    let server = ServerName::parse("your.server").unwrap();
    let now = DateTime::UNIX_EPOCH;
    let agree = |who: Who<'_>| {
        assert_eq!(lists.decides(who, now).is_some(), !lists.all(who, now).is_empty());
    };
    for name in ["alice", "a.b_c=d-e/f+g", "x"] {
        agree(Who::Username(&Localpart::parse(name, &server).unwrap()));
    }
    for email in ["alice+tag@mail.example.org", "a@xn--bcher-kva.example"] {
        agree(Who::Email(&EmailAddress::parse(email).unwrap()));
    }
    for ip in ["192.0.2.1", "2001:db8::1"] {
        agree(Who::Ip(ip.parse().unwrap()));
    }
});
