//! A real SMTP server, with certificates of an authority made for the test.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Running, tools, wait_until};

#[derive(Debug)]
pub struct SmtpServer {
    dir: tempfile::TempDir,
    _server: Running,
    pub starttls: u16,
    pub implicit: u16,
    pub plain: u16,
}

impl SmtpServer {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let openssl = |args: &str| {
            let output = Command::new("openssl").current_dir(&dir).args(args.split(' ')).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        std::fs::write(dir.path().join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
            .unwrap();
        openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca.test",
        );
        openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj /CN=localhost",
        );
        openssl(
            "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem",
        );
        let mut server = Command::new(tools().join("venv/bin/python"))
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/integration/support/smtp_server.py"))
            .arg(dir.path())
            .args([dir.path().join("cert.pem"), dir.path().join("key.pem")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
        Self { dir, _server: Running(server), starttls: ports[0], implicit: ports[1], plain: ports[2] }
    }

    /// The authority that its certificate comes from.
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The `smtp:` section for a desk.
    pub fn config(&self, tls: &str) -> String {
        let (port, login) = match tls {
            "starttls" => (self.starttls, "username: desk, password: secret, "),
            "implicit" => (self.implicit, "username: desk, password: secret, "),
            _ => (self.plain, ""),
        };
        format!(
            "smtp: {{host: localhost, port: {port}, tls: {tls}, {login}from: \"Desk <desk@desk.test>\"}}\n"
        )
    }

    /// Greylisted recipients are let in from now on.
    pub fn let_in(&self) {
        std::fs::write(self.dir.path().join("let-in"), "").unwrap();
    }

    /// All mails so far, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
        paths.sort();
        paths.iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
    }

    /// The first mail to this address.
    pub fn wait_for_mail(&self, to: &str) -> String {
        let line = format!("X-Envelope-To: {to}\r\n");
        wait_until("the letter arrives", || self.mails().into_iter().find(|mail| mail.starts_with(&line)))
    }
}

/// A header's value.
pub fn header(mail: &str, name: &str) -> String {
    let start = format!("{name}: ").to_lowercase();
    mail.lines()
        .find(|line| line.to_lowercase().starts_with(&start))
        .map(|line| line[start.len()..].trim().to_owned())
        .unwrap_or_default()
}

/// The token: alone on a line of the text.
pub fn token(mail: &str) -> String {
    mail.lines()
        .map(str::trim)
        .find(|line| line.len() == 32 && line.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .unwrap_or_else(|| panic!("no token in {mail}"))
        .to_owned()
}
