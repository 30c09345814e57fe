//! A mail server that does what no real one does.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::config::{ImapLogin, UnverifiedSenders};
use crate::domain::{EmailAddress, Secret};

use super::*;
use crate::inbox::fault::Kind;

const HASTE: Patience =
    Patience { silence: Duration::from_millis(300), answer: Duration::from_millis(900), bytes: 1 << 20 };

/// Speaks IMAP as far as an open mailbox, unless `odd` takes a line over; it gets tag and command.
fn server(
    greeting: &'static [u8],
    odd: impl Fn(&mut TcpStream, &str, &str) -> bool + Send + 'static,
) -> (Imap, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _ = stream.write_all(greeting);
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            if odd(&mut stream, tag, command) {
                continue;
            }
            let said = match command.split(' ').next().unwrap_or_default() {
                "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE MOVE UIDPLUS\r\n",
                "AUTHENTICATE" => {
                    let _ = stream.write_all(b"+ \r\n");
                    lines.next();
                    ""
                }
                "SELECT" => "* FLAGS ()\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n",
                _ => "",
            };
            if stream.write_all(format!("{said}{tag} OK done\r\n").as_bytes()).is_err() {
                return;
            }
        }
    });
    let imap = Imap {
        host: "127.0.0.1".into(),
        port,
        username: "desk".into(),
        login: ImapLogin::Password(Secret::new("secret")),
        tls: TlsMode::None,
        mailbox: "INBOX".into(),
        address: EmailAddress::parse("register@desk.test").unwrap(),
        trusted_authserv_ids: Vec::new(),
        unverified_senders: UnverifiedSenders::Answer,
    };
    (imap, thread)
}

fn open(imap: &Imap) -> Result<Session, Fault> {
    Session::open(imap, HASTE, None)
}

/// What a fetch comes to with a server that answers it so.
fn fetch(answer: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let (imap, thread) = server(b"* OK here\r\n", move |stream, _, command| {
        let odd = command.starts_with("UID FETCH");
        if odd {
            answer(stream);
        }
        odd
    });
    let told = open(&imap).unwrap().fetch(1).unwrap_err().to_string();
    thread.join().unwrap();
    told
}

#[test]
fn a_server_that_hangs_in_the_middle_of_a_literal_is_left() {
    let told = fetch(|stream| {
        let _ = stream.write_all(b"* 1 FETCH (UID 1 BODY[]<0> {100}\r\nSubject: ");
    });
    assert!(told.contains("does not answer"), "{told}");
}

#[test]
fn a_literal_without_an_end_is_not_read_to_its_end() {
    let told = fetch(|stream| {
        let _ = stream.write_all(b"* 1 FETCH (UID 1 BODY[]<0> {1073741824}\r\n");
        // Bounded, should nobody hang up.
        for _ in 0..64 {
            if stream.write_all(&vec![b'x'; 1 << 20]).is_err() {
                return;
            }
        }
    });
    assert!(told.contains("more than it was asked for"), "{told}");
}

#[test]
fn a_server_that_drips_is_left() {
    let told = fetch(|stream| {
        for _ in 0..100 {
            if stream.write_all(b"*").is_err() {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    });
    assert!(told.contains("UID FETCH"), "{told}");
}

#[test]
fn rubbish_is_an_error() {
    for rubbish in
        [&b"\x00\xff\xfe\r\n"[..], b"* \r\n", b"* 1 FETCH (\r\n", b"+ go on\r\n* BYE no\r\n", b"a1 MAYBE\r\n"]
    {
        let told = fetch(move |stream| {
            let _ = stream.write_all(rubbish);
        });
        assert!(!told.is_empty());
    }
}

#[test]
fn only_a_server_that_can_be_logged_in_to_is_greeted() {
    for greeting in
        [&b"* BYE full\r\n"[..], b"* PREAUTH come in\r\n", b"220 mail ESMTP\r\n", b"", b"\xff\xff\r\n"]
    {
        let (imap, thread) = server(greeting, |_, _, _| false);
        let fault = open(&imap).err().unwrap();
        assert_eq!(fault.kind, Kind::Other, "{fault}");
        thread.join().unwrap();
    }
}

#[test]
fn what_comes_before_the_continuation_of_idle_ends_by_a_time_out() {
    let (imap, thread) = server(b"* OK here\r\n", |stream, _, command| {
        let odd = command == "IDLE";
        if odd {
            let _ = stream.write_all(b"* 2 EXISTS\r\n");
        }
        odd
    });
    let mut session = open(&imap).unwrap();
    assert!(session.wait(Duration::from_millis(200)).is_err());
    drop(session);
    thread.join().unwrap();
}

#[test]
fn a_server_that_goes_while_it_is_waited_for_is_noticed() {
    let (imap, thread) = server(b"* OK here\r\n", |stream, _, command| {
        let odd = command == "IDLE";
        if odd {
            let _ = stream.write_all(b"+ idling\r\n* BYE going down\r\n");
            let _ = stream.shutdown(Shutdown::Both);
        }
        odd
    });
    let mut session = open(&imap).unwrap();
    let waited = session.wait(Duration::from_secs(5));
    let next = waited.and_then(|_| session.uids());
    assert!(next.is_err());
    thread.join().unwrap();
}

#[test]
fn a_folder_beside_the_mailbox_is_called_by_the_servers_own_separator() {
    for (listed, mailbox, expected) in [
        ("* LIST (\\Noselect) \"/\" \"\"\r\n", "INBOX", &["Done", "INBOX/Done"][..]),
        (
            "* LIST (\\Noselect) \".\" \"\"\r\n",
            "INBOX.Team.Register",
            &["INBOX.Team.Done", "INBOX.INBOX.Team.Done"],
        ),
        ("* LIST (\\Noselect) \"/\" \"\"\r\n", "Team.Register", &["Done", "INBOX/Done"]),
        ("* LIST () \"\\\\\" \"\"\r\n", "Team\\Register", &["Team\\Done", "INBOX\\Team\\Done"]),
        // Flat, or it does not say.
        ("* LIST (\\Noselect) NIL \"\"\r\n", "Register", &["Done", "INBOX.Done", "INBOX/Done"]),
        ("", "Team/Register", &["Team/Done", "INBOX.Team/Done", "INBOX/Team/Done"]),
    ] {
        let (mut imap, thread) = server(b"* OK here\r\n", move |stream, tag, command| {
            let odd = command == "LIST \"\" \"\"";
            if odd {
                let _ = stream.write_all(format!("{listed}{tag} OK done\r\n").as_bytes());
            }
            odd
        });
        imap.mailbox = mailbox.into();
        let session = open(&imap).unwrap();
        assert_eq!(session.beside("Done"), expected, "{listed}");
        drop(session);
        thread.join().unwrap();
    }
}

#[test]
fn who_waits_for_mails_can_be_called_away() {
    let (imap, thread) = server(b"* OK here\r\n", |stream, _, command| {
        let odd = command == "IDLE";
        if odd {
            let _ = stream.write_all(b"+ idling\r\n");
        }
        odd
    });
    let bell = Arc::new(Bell::beside_a_socket().unwrap());
    let mut session = Session::open(&imap, HASTE, Some(Arc::clone(&bell))).unwrap();
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| bell.ring(1));
        // DONE is answered by nobody here, which is another matter.
        assert!(session.wait(Duration::from_secs(60)).is_ok());
    });
    assert!(began.elapsed() < Duration::from_secs(30));
    drop(session);
    thread.join().unwrap();
}
