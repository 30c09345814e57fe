//! `doorman init`: from nothing to a desk that works.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::support::desk::{Folder, doorman};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::smtp::SmtpServer;
use crate::support::synapse::synapse;
use crate::support::{free_port, wait_until};

/// Runs it in an empty folder, with these answers to its questions.
fn init(folder: &Path, smtp: &SmtpServer, args: &[&str], answers: &str) -> Output {
    let mut command = doorman();
    command.current_dir(folder).env("SSL_CERT_FILE", smtp.authority()).arg("init").args(args);
    let mut running =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that does not ask has gone perhaps.
    let _ = running.stdin.take().unwrap().write_all(answers.as_bytes());
    running.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn with_yes_a_desk_for_a_real_synapse_works_at_once() {
    let (synapse, smtp) = (synapse(), SmtpServer::start());
    let (dir, secrets) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let password = secrets.path().join("password");
    std::fs::write(&password, "secret\n").unwrap();
    let port = free_port().to_string();
    let smtp_port = smtp.starttls.to_string();
    let config = synapse.config();
    let key = |key: &str| {
        let line = config.lines().find_map(|line| line.strip_prefix(&format!("{key}: "))).unwrap();
        line.trim_matches('"').to_owned()
    };
    let token = synapse.access_token_file();
    let done = init(
        dir.path(),
        &smtp,
        &[
            "--yes",
            "--homeserver",
            &key("homeserver"),
            "--base-url",
            &key("base_url"),
            "--access-token-file",
            token.to_str().unwrap(),
            "--smtp-host",
            "localhost",
            "--smtp-port",
            &smtp_port,
            "--smtp-username",
            "desk",
            "--smtp-password-file",
            password.to_str().unwrap(),
            "--smtp-from",
            "Desk <desk@desk.test>",
            "--port",
            &port,
        ],
        "",
    );
    let (out, err) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    assert!(err.contains("Synapse"), "{err}");
    assert!(out.contains("ok     token API"), "doctor has tried it: {out}");
    assert!(out.contains("serve") && out.contains(&format!("127.0.0.1:{port}")), "{out}");
    assert_eq!(files(dir.path())[..3], ["access-token", "config.yaml", "smtp-password"]);
    assert_eq!(
        (mode(&dir.path().join("access-token")), mode(&dir.path().join("smtp-password"))),
        (0o600, 0o600)
    );
    let written = std::fs::read_to_string(dir.path().join("config.yaml")).unwrap();
    assert!(written.contains("backend: synapse") && !written.contains("secret\n"), "{written}");

    let mut command = doorman();
    command.env("SSL_CERT_FILE", smtp.authority());
    let folder = Folder::at(dir);
    let desk = folder.start_with(command);
    desk.wait_until_open();
    assert_eq!(desk.verdict("init-first", "init@example.org"), "accepted");
    smtp.wait_for_mail("init@example.org");
}

#[test]
fn it_asks_until_the_answers_work_and_writes_at_the_end() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    homeserver.on(
        "/_matrix/federation/v1/version",
        Act::Answer(200, r#"{"server":{"name":"conduwuit","version":"0.5.0"}}"#.into()),
    );
    let dir = tempfile::tempdir().unwrap();
    let answers = format!(
        "not a name!\ndesk.test\nhttp://127.0.0.1:9\n{}\n\nlocalhost\nstarttls\n{port}\ndesk\nwrong\n\n\
         localhost\nstarttls\n{port}\ndesk\nsecret\ndesk@desk.test\nhttps://register.desk.test\nyou@desk.test\nyes\n",
        homeserver.url,
        port = smtp.starttls,
    );
    let done = init(dir.path(), &smtp, &[], &answers);
    let (out, err) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    assert!(err.contains("conduwuit 0.5.0") && err.contains("registration_token_file"), "{err}");
    let written = std::fs::read_to_string(dir.path().join("config.yaml")).unwrap();
    for line in ["homeserver: \"desk.test\"", "backend: file", "public_url: \"https://register.desk.test\""] {
        assert!(written.contains(line), "{line} is not in\n{written}");
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("smtp-password")).unwrap(), "secret\n");
    assert!(!err.contains("secret"), "{err}");

    let again = init(dir.path(), &smtp, &["--yes"], "");
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("already exists"), "{}", text(&again.stderr));
    assert_eq!(std::fs::read_to_string(dir.path().join("config.yaml")).unwrap(), written);
}

#[test]
fn what_does_not_work_is_told_and_nothing_is_written() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    homeserver.on("/_matrix/client/versions", Act::Answer(200, r#"{"versions":["v1.11"]}"#.into()));
    let dir = tempfile::tempdir().unwrap();
    let wrong = dir.path().join("wrong");
    let outside = tempfile::tempdir().unwrap();
    let password = outside.path().join("password");
    std::fs::write(&password, "wrong\n").unwrap();
    std::fs::create_dir(&wrong).unwrap();
    let port = smtp.starttls.to_string();
    let password = password.to_str().unwrap();
    let here = ["--homeserver", "desk.test", "--base-url", &homeserver.url];
    for (args, words) in [
        (vec![], "--homeserver"),
        (vec!["--homeserver", "desk.invalid", "--no-mail"], "desk.invalid"),
        (vec!["--homeserver", "desk.test", "--base-url", "http://127.0.0.1:9", "--no-mail"], "127.0.0.1"),
        (here.to_vec(), "--smtp-host"),
        ([&here[..], &["--no-mail", "--backend", "magic"]].concat(), "file, synapse, mas, admin_room"),
        ([&here[..], &["--no-mail", "--backend", "synapse"]].concat(), "--access-token-file"),
        (
            [
                &here[..],
                &["--smtp-host", "localhost", "--smtp-port", &port, "--smtp-username", "desk"],
                &["--smtp-password-file", password],
            ]
            .concat(),
            "localhost",
        ),
        ([&here[..], &["--no-mail", "--public-url", "no url"]].concat(), "public_url"),
    ] {
        let done = init(&wrong, &smtp, &[&["--yes"][..], &args].concat(), "");
        let err = text(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains(words), "{args:?}: {err}");
        assert!(files(&wrong).is_empty(), "{args:?}: {:?}", files(&wrong));
    }
    // Whoever goes away in the middle leaves nothing either.
    let done = init(&wrong, &smtp, &[], "desk.test\n");
    assert_eq!(done.status.code(), Some(1));
    wait_until("nothing is there", || files(&wrong).is_empty().then_some(()));
}
