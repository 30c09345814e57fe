//! Against a mail server that says what each test tells it to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::config::TlsMode;
use crate::domain::{EmailAddress, Secret};
use crate::outbox::samples::letter_to;

use super::*;

/// What the mail server does when a command comes.
pub(in crate::outbox) enum Does {
    Says(&'static [u8]),
    /// Silence, until the desk gives up.
    Hangs,
    HangsUp,
    /// Repeats the command in its answer.
    Echoes(&'static str),
}

pub(in crate::outbox) fn says(answer: &'static str) -> Does {
    Does::Says(answer.as_bytes())
}

/// What a friendly mail server without TLS says. `220` stands for the greeting, `.` for the end of a letter.
pub(in crate::outbox) fn usual(command: &str) -> Does {
    says(match command.split([' ', ':']).next().unwrap_or_default() {
        "220" => "220 sink.test ESMTP",
        "EHLO" => "250-sink.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
        "AUTH" => "235 2.7.0 welcome",
        "DATA" => "354 go on",
        "." => "250 2.0.0 queued as 1",
        "QUIT" => "221 bye",
        _ => "250 OK",
    })
}

/// A mail server on the loopback; it ends with the test.
pub(in crate::outbox) struct Sink {
    pub port: u16,
    /// `<connection> <command>`, letters as `.`.
    heard: Arc<Mutex<Vec<String>>>,
    pub letters: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub fn new(does: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            heard: Arc::default(),
            letters: Arc::default(),
        };
        let (heard, letters, does) = (sink.heard.clone(), sink.letters.clone(), Arc::new(does));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (heard, letters, does) = (heard.clone(), letters.clone(), does.clone());
                std::thread::spawn(move || serve(stream.unwrap(), connection, &heard, &letters, &*does));
            }
        });
        sink
    }

    fn relay(&self) -> Relay {
        Relay::new(self.smtp(TlsMode::None, true), short())
    }

    pub fn smtp(&self, tls: TlsMode, login: bool) -> Smtp {
        Smtp {
            host: "127.0.0.1".into(),
            port: self.port,
            login: login.then(|| ("desk".into(), Secret::new("hunter2"))),
            tls,
            from: None,
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.heard().iter().filter(|line| line.ends_with(" 220")).count()
    }
}

fn serve(
    stream: TcpStream,
    connection: usize,
    heard: &Mutex<Vec<String>>,
    letters: &Mutex<Vec<String>>,
    does: &dyn Fn(usize, &str) -> Does,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    let mut command = "220".to_owned();
    loop {
        heard.lock().unwrap().push(format!("{connection} {command}"));
        let answer = match does(connection, &command) {
            Does::Says(answer) => answer.to_vec(),
            Does::Echoes(code) => format!("{code} what is {command}?").into_bytes(),
            Does::HangsUp => return stream.shutdown(Shutdown::Both).unwrap_or_default(),
            Does::Hangs => {
                let _ = std::io::copy(&mut reader, &mut std::io::sink());
                return;
            }
        };
        if stream.write_all(&[&answer[..], b"\r\n"].concat()).is_err() {
            return;
        }
        let in_letter = command == "DATA" && answer.starts_with(b"354");
        command.clear();
        let mut letter = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if !in_letter || line == ".\r\n" {
                command = line.trim_end().to_owned();
                break;
            }
            letter.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        if in_letter {
            letters.lock().unwrap().push(letter);
        }
    }
}

/// Long enough for a busy machine; only tests of silence wait so long.
fn short() -> Timeouts {
    let short = Duration::from_millis(700);
    Timeouts { connect: short, command: short, letter: short }
}

fn fault(outcome: Result<Outcome, Fault>) -> Fault {
    match outcome {
        Err(fault) => fault,
        other => panic!("not a fault of the mail server: {other:?}"),
    }
}

#[test]
fn a_letter_arrives_as_it_was_composed() {
    let sink = Sink::new(|_, command| usual(command));
    let letter = letter_to("Al+ice@bücher.example");
    let outcome = sink.relay().deliver(&letter);
    assert_eq!(outcome, Ok(Outcome::Sent { answer: "250 2.0.0 queued as 1".into() }));
    let heard = sink.heard();
    assert!(heard.contains(&"0 MAIL FROM:<desk@your.server>".to_owned()), "{heard:?}");
    assert!(heard.contains(&"0 RCPT TO:<Al+ice@xn--bcher-kva.example>".to_owned()), "{heard:?}");
    let arrived = sink.letters.lock().unwrap()[0].clone();
    assert_eq!(arrived.trim_end(), std::str::from_utf8(letter.bytes()).unwrap().trim_end());
}

#[test]
fn where_nobody_may_send_by_an_address_with_detail_the_plain_one_is_taken() {
    let plain = "0 MAIL FROM:<desk@your.server>";
    let delivered = |answers: &'static str, to_what: &'static str| {
        let detail = Mutex::new(false);
        let sink = Sink::new(move |_, command| {
            let mut detail = detail.lock().unwrap();
            if command.starts_with("MAIL") {
                *detail = command.contains("desk+b.1.");
            }
            if *detail && command.starts_with(to_what) { says(answers) } else { usual(command) }
        });
        let bounces = EmailAddress::parse("desk+b.1.abcdefghijklmnop@your.server").unwrap();
        let outcome = sink.relay().deliver(&letter_to("a@example.org").returning_to(&bounces));
        (word(&outcome), sink.heard().contains(&plain.to_owned()))
    };
    for (answers, to_what) in [
        ("550 5.7.1 not your address", "MAIL"),
        // As Postfix does it (`smtpd_delay_reject`), and others in words of their own.
        ("553 5.7.1 <desk+b.1.x@your.server>: Sender address rejected: not owned by user desk", "RCPT"),
        ("550 not permitted", "RCPT"),
        // As Exchange Online does it.
        ("554 5.2.252 SendAsDenied; desk not allowed to send as desk+b.1.x", "."),
    ] {
        assert_eq!(delivered(answers, to_what), ("sent".to_owned(), true), "{answers}");
    }
    // What is surely the recipient's, or passes, is not asked twice.
    assert_eq!(delivered("550 5.1.1 no such user", "RCPT"), ("permanent".to_owned(), false));
    assert_eq!(delivered("450 4.2.0 greylisted", "RCPT"), ("temporary".to_owned(), false));
}

/// What became of a letter, in a word.
fn word(outcome: &Result<Outcome, Fault>) -> String {
    match outcome {
        Ok(Outcome::Sent { .. }) => "sent".into(),
        Ok(Outcome::Temporary { .. }) => "temporary".into(),
        Ok(Outcome::Permanent { .. }) => "permanent".into(),
        Ok(Outcome::Unknown { .. }) => "unknown".into(),
        Err(fault) => format!("{:?}", fault.kind),
    }
}

#[test]
fn each_answer_is_the_letters_or_the_mail_servers() {
    for (command, answer, expected) in [
        ("RCPT", "451 4.7.1 Greylisted, try again later", "temporary"),
        ("RCPT", "452 4.2.2 Mailbox full", "temporary"),
        ("RCPT", "450 4.1.1 <a@b>: Recipient address rejected: unverified address", "temporary"),
        ("RCPT", "550 5.1.1 User unknown", "permanent"),
        ("RCPT", "550 5.1.1 <a@b>: User unknown in relay recipient table", "permanent"),
        ("RCPT", "551 User not local", "permanent"),
        ("RCPT", "552 5.2.2 Over quota", "permanent"),
        ("RCPT", "554 5.7.1 <a@b>: Relay access denied", "Sender"),
        ("RCPT", "550 relaying denied", "Sender"),
        ("RCPT", "553 5.7.1 <desk@your.server>: Sender address rejected: not owned by user desk", "Sender"),
        ("RCPT", "450 4.1.8 <desk@your.server>: Sender address rejected: Domain not found", "Sender"),
        ("RCPT", "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", "Unavailable"),
        ("RCPT", "421 4.3.2 shutting down", "Unavailable"),
        ("RCPT", "530 5.7.0 Authentication required", "Login"),
        ("RCPT", "what?", "temporary"),
        ("RCPT", "250-endless", "Timeout"),
        ("DATA", "451 4.3.0 later", "temporary"),
        ("DATA", "554 5.5.1 no valid recipients", "permanent"),
        ("DATA", "250 OK", "Foreign"),
        (".", "451 4.3.0 queue file write error", "temporary"),
        (".", "452 4.3.1 insufficient storage", "temporary"),
        (".", "554 5.7.1 Spam", "permanent"),
        (".", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Sender"),
        (".", "421 4.4.2 timeout", "Unavailable"),
        (".", "rubbish", "unknown"),
        ("MAIL", "421 4.7.0 too many messages", "Unavailable"),
        ("MAIL", "451 4.3.0 later", "Unavailable"),
        ("MAIL", "550 5.7.1 not your address", "Sender"),
        ("MAIL", "553 5.1.8 sender", "Sender"),
        ("MAIL", "530 Must issue a STARTTLS command first", "Tls"),
        ("MAIL", "530 5.7.57 Client not authenticated to send mail", "Login"),
        ("AUTH", "535 5.7.8 Error: authentication failed", "Login"),
        ("AUTH", "534 5.7.9 Application-specific password required", "Login"),
        ("AUTH", "454 4.7.0 Temporary authentication failure", "Unavailable"),
        ("EHLO", "250 sink.test", "Login"),
        ("EHLO", "502 no", "Unavailable"),
        ("220", "554 no service for you", "Unavailable"),
        ("220", "421 busy", "Unavailable"),
        ("220", "HTTP/1.1 400 Bad Request", "Foreign"),
    ] {
        let sink =
            Sink::new(move |_, heard| if heard.starts_with(command) { says(answer) } else { usual(heard) });
        let outcome = sink.relay().deliver(&letter_to("alice@example.org"));
        assert_eq!(word(&outcome), expected, "{command}: {answer}: {outcome:?}");
        match outcome {
            Ok(Outcome::Temporary { answer: quoted } | Outcome::Permanent { answer: quoted })
                if answer != "what?" =>
            {
                assert_eq!(quoted, answer);
            }
            Err(fault) => assert!(fault.words.contains("127.0.0.1"), "{fault}"),
            _ => {}
        }
    }
}

#[test]
fn silence_and_a_lost_connection_are_faults_before_the_final_dot_and_an_unknown_fate_after_it() {
    for (command, silent, lost) in [
        ("220", "Timeout", "HungUp"),
        ("EHLO", "Timeout", "HungUp"),
        ("AUTH", "Timeout", "HungUp"),
        ("MAIL", "Timeout", "HungUp"),
        ("RCPT", "Timeout", "HungUp"),
        ("DATA", "Timeout", "HungUp"),
        (".", "unknown", "unknown"),
    ] {
        let sink =
            Sink::new(move |_, heard| if heard.starts_with(command) { Does::Hangs } else { usual(heard) });
        let outcome = sink.relay().deliver(&letter_to("alice@example.org"));
        assert_eq!(word(&outcome), silent, "silent at {command}: {outcome:?}");
        let sink =
            Sink::new(move |_, heard| if heard.starts_with(command) { Does::HangsUp } else { usual(heard) });
        let outcome = sink.relay().deliver(&letter_to("alice@example.org"));
        assert_eq!(word(&outcome), lost, "hung up at {command}: {outcome:?}");
    }
}

#[test]
fn an_answer_that_is_not_text_holds_up_one_letter_only() {
    let sink = Sink::new(|_, command| {
        if command.starts_with("RCPT TO:<alice@") {
            Does::Says(b"550 unbekannter Empf\xe4nger")
        } else {
            usual(command)
        }
    });
    let mut relay = sink.relay();
    assert_eq!(word(&relay.deliver(&letter_to("alice@example.org"))), "temporary");
    assert_eq!(word(&relay.deliver(&letter_to("bob@example.org"))), "sent");
}

#[test]
fn many_letters_share_a_connection_and_a_refused_one_does_not_end_it() {
    let sink = Sink::new(|_, command| {
        if command.starts_with("RCPT TO:<nobody@") { says("550 5.1.1 unknown") } else { usual(command) }
    });
    let mut relay = sink.relay();
    for (to, expected) in
        [("a@x.example", "sent"), ("nobody@x.example", "permanent"), ("b@x.example", "sent")]
    {
        assert_eq!(word(&relay.deliver(&letter_to(to))), expected);
    }
    assert_eq!(sink.connections(), 1);
    assert_eq!(sink.letters.lock().unwrap().len(), 2);
    assert_eq!(sink.heard().iter().filter(|line| line.ends_with("RSET")).count(), 2);
    relay.rest();
    assert_eq!(sink.heard().last().map(String::as_str), Some("0 QUIT"));
}

#[test]
fn a_connection_is_given_back_after_fifty_letters() {
    let sink = Sink::new(|_, command| usual(command));
    let mut relay = sink.relay();
    for _ in 0..=LETTERS_PER_CONNECTION {
        assert_eq!(word(&relay.deliver(&letter_to("a@x.example"))), "sent");
    }
    assert_eq!(sink.connections(), 2);
    assert!(sink.heard().contains(&"0 QUIT".to_owned()));
}

#[test]
fn a_mail_server_that_hung_up_meanwhile_is_called_again() {
    for gone in [Does::HangsUp, says("421 4.4.2 idle for too long")] {
        let gone = Mutex::new(Some(gone));
        let sink = Sink::new(move |connection, command| match command {
            "RSET" if connection == 0 => gone.lock().unwrap().take().unwrap_or(Does::HangsUp),
            _ => usual(command),
        });
        let mut relay = sink.relay();
        for _ in 0..2 {
            assert_eq!(word(&relay.deliver(&letter_to("a@x.example"))), "sent");
        }
        assert_eq!(sink.connections(), 2);
    }
}

#[test]
fn after_a_fault_the_next_letter_gets_a_connection_of_its_own() {
    let sink = Sink::new(|connection, command| match command {
        "." if connection == 0 => Does::HangsUp,
        _ => usual(command),
    });
    let mut relay = sink.relay();
    assert_eq!(word(&relay.deliver(&letter_to("a@x.example"))), "unknown");
    assert_eq!(word(&relay.deliver(&letter_to("a@x.example"))), "sent");
    let letters = sink.letters.lock().unwrap();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0], letters[1]);
}

#[test]
fn without_starttls_nothing_is_sent_not_even_the_password() {
    let sink = Sink::new(|_, command| usual(command));
    let mut relay = Relay::new(sink.smtp(TlsMode::StartTls, true), short());
    let fault = fault(relay.deliver(&letter_to("a@x.example")));
    assert_eq!(fault.kind, FaultKind::NoStartTls);
    assert!(fault.words.contains("smtp.tls: implicit"), "{fault}");
    assert!(
        sink.heard().iter().all(|line| line.ends_with("220") || line.contains("EHLO")),
        "{:?}",
        sink.heard()
    );
}

#[test]
fn a_starttls_that_is_offered_and_refused_or_faked_sends_nothing() {
    for answer in ["454 TLS not available", "220 go on"] {
        let sink = Sink::new(move |_, command| match command {
            "STARTTLS" => says(answer),
            command if command.starts_with("EHLO") => says("250-sink.test\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            _ => usual(command),
        });
        let mut relay = Relay::new(sink.smtp(TlsMode::StartTls, true), short());
        fault(relay.deliver(&letter_to("a@x.example")));
        assert!(!sink.heard().iter().any(|line| line.contains("AUTH") || line.contains("MAIL")), "{answer}");
    }
}

#[test]
fn tls_with_a_mail_server_that_speaks_none_says_what_to_set() {
    let sink = Sink::new(|_, command| usual(command));
    let fault = Relay::new(sink.smtp(TlsMode::Implicit, true), short()).connect().unwrap_err();
    assert_eq!(fault.kind, FaultKind::Tls);
    assert!(fault.words.contains("smtp.tls: starttls"), "{fault}");
}

#[test]
fn no_word_of_the_login_reaches_the_operators_eyes_but_the_reason() {
    for mechanism in ["AUTH PLAIN", "AUTH LOGIN"] {
        let sink = Sink::new(move |_, command| match command {
            command if command.starts_with("EHLO") => Does::Says(if mechanism == "AUTH PLAIN" {
                b"250-x\r\n250 AUTH PLAIN"
            } else {
                b"250-x\r\n250 AUTH LOGIN"
            }),
            "AUTH LOGIN" => says("334 VXNlcm5hbWU6"),
            "ZGVzaw==" => says("334 UGFzc3dvcmQ6"),
            "220" | "QUIT" => usual(command),
            _ => Does::Echoes("535 5.7.8 hunter2"),
        });
        let fault = fault(sink.relay().deliver(&letter_to("a@x.example")));
        assert_eq!(fault.kind, FaultKind::Login);
        assert!(fault.words.contains("535 5.7.8"), "{fault}");
        assert!(fault.words.contains("smtp.password"), "{fault}");
        for secret in ["hunter2", "aHVudGVyMg==", "AGRlc2sAaHVudGVyMg=="] {
            assert!(!fault.words.contains(secret), "{fault}");
        }
        assert!(!format!("{:?}", sink.relay()).contains("hunter2"));
    }
}

#[test]
fn without_a_login_none_is_tried_and_a_demand_for_one_says_so() {
    let sink = Sink::new(|_, command| match command {
        command if command.starts_with("MAIL") => says("530 5.7.0 Authentication required"),
        _ => usual(command),
    });
    let fault =
        fault(Relay::new(sink.smtp(TlsMode::None, false), short()).deliver(&letter_to("a@x.example")));
    assert_eq!(fault.kind, FaultKind::Login);
    assert!(fault.words.contains("set smtp.username"), "{fault}");
    assert!(!sink.heard().iter().any(|line| line.contains("AUTH")));
}

#[test]
fn answers_of_several_lines_are_quoted_in_one_and_without_control_characters() {
    let sink = Sink::new(|_, command| match command {
        command if command.starts_with("RCPT") => {
            says("550-5.1.1 no\x1b[31m\r\n550-5.1.1 such\t\r\n550 5.1.1 user")
        }
        _ => usual(command),
    });
    let outcome = sink.relay().deliver(&letter_to("a@x.example"));
    let Ok(Outcome::Permanent { answer }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(answer, "550 5.1.1 no [31m such user");
}

#[test]
fn nobody_there_and_a_host_without_an_address_are_told_apart() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let smtp = |host: &str| Smtp { host: host.into(), port, login: None, tls: TlsMode::None, from: None };
    for (host, kind, remedy) in [
        ("127.0.0.1", FaultKind::Refused, "smtp.port"),
        ("[::1]", FaultKind::Refused, "smtp.port"),
        ("", FaultKind::Name, "DNS"),
    ] {
        let fault = Relay::new(smtp(host), short()).connect().unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(fault.words.contains(remedy), "{fault}");
    }
}
