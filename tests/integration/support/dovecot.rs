//! A real IMAP server with one mailbox, into which mails are delivered as a mail server would: as files.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{free_port, wait_until};

static DELIVERED: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug)]
pub struct Dovecot {
    dir: tempfile::TempDir,
    pub plain: u16,
    pub tls: u16,
    /// Whose the mails are.
    owner: (u32, u32),
}

impl Dovecot {
    pub fn start() -> Self {
        Self::start_with("separator = /", "")
    }

    /// With this in its namespace, and these further settings.
    pub fn start_with(namespace: &str, more: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("dovecot").tempdir().unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mine = std::fs::metadata(&dir).unwrap();
        let root = mine.uid() == 0;
        let id = |args: &[&str]| {
            let output = Command::new("id").args(args).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let (user, group) =
            if root { ("nobody".into(), "nogroup".into()) } else { (id(&["-un"]), id(&["-gn"])) };
        let number = |kind: &str, user: &str| id(&[kind, user]).parse::<u32>().unwrap();
        let owner = (number("-u", &user), number("-g", &user));
        let (internal, login) = if root { ("dovecot", "dovenull") } else { (user.as_str(), user.as_str()) };
        let internal_group = if root { "dovecot".into() } else { group };
        let (plain, tls) = (free_port(), free_port());
        let d = dir.path().display();
        for folder in ["run", "state", "mail"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        chown(dir.path().join("mail"), Some(owner.0), Some(owner.1)).unwrap();
        let made = Command::new("openssl")
            .current_dir(&dir)
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE".split(' '))
            .output()
            .unwrap();
        assert!(made.status.success());
        std::fs::write(
            dir.path().join("users"),
            format!("register@desk.test:{{PLAIN}}secret:{}:{}::{d}/mail/register::\n", owner.0, owner.1),
        )
        .unwrap();
        std::fs::write(
            dir.path().join("dovecot.conf"),
            format!(
                "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {d}/run\nstate_dir = {d}/state\n\
                 instance_name = doorman-test\nlog_path = {d}/dovecot.log\nauth_verbose = yes\n\
                 default_internal_user = {internal}\ndefault_internal_group = {internal_group}\n\
                 default_login_user = {login}\nfirst_valid_uid = 1\nfirst_valid_gid = 0\n\
                 mail_location = maildir:~/Maildir\ndisable_plaintext_auth = no\nauth_mechanisms = plain login\n\
                 ssl = yes\nssl_cert = <{d}/cert.pem\nssl_key = <{d}/key.pem\nssl_dh =\n\
                 passdb {{\n driver = passwd-file\n args = scheme=PLAIN username_format=%u {d}/users\n}}\n\
                 userdb {{\n driver = passwd-file\n args = username_format=%u {d}/users\n}}\n\
                 namespace inbox {{\n inbox = yes\n {namespace}\n}}\n\
                 service imap-login {{\n chroot =\n process_min_avail = 1\n\
                 inet_listener imap {{\n port = {plain}\n }}\n inet_listener imaps {{\n port = {tls}\n ssl = yes\n }}\n}}\n\
                 service anvil {{\n chroot =\n}}\nservice imap {{\n process_limit = 32\n}}\nservice stats {{\n client_limit = 256\n}}\n{more}\n"
            ),
        )
        .unwrap();
        let dovecot = Self { dir, plain, tls, owner };
        dovecot.resume();
        dovecot
    }

    fn program() -> &'static str {
        if Path::new("/usr/sbin/dovecot").exists() { "/usr/sbin/dovecot" } else { "dovecot" }
    }

    /// Starts it, again.
    pub fn resume(&self) {
        let config = self.dir.path().join("dovecot.conf");
        wait_until("dovecot starts", || {
            let status = Command::new(Self::program())
                .arg("-c")
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            status.success().then_some(())
        });
        wait_until("dovecot listens", || std::net::TcpStream::connect(("127.0.0.1", self.plain)).ok());
    }

    /// Ends it with all its connections.
    pub fn stop(&self) {
        let _ = Command::new(Self::program())
            .arg("-c")
            .arg(self.dir.path().join("dovecot.conf"))
            .arg("stop")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        wait_until("dovecot has ended", || {
            (std::net::TcpStream::connect(("127.0.0.1", self.plain)).is_err()
                && !self.dir.path().join("run/master.pid").exists())
            .then_some(())
        });
    }

    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    /// The `imap:` section for a desk.
    pub fn config(&self, tls: &str, more: &str) -> String {
        let port = if tls == "implicit" { self.tls } else { self.plain };
        format!(
            "imap: {{host: localhost, port: {port}, tls: {tls}, username: register@desk.test, password: secret, \
             trusted_authserv_ids: [mx.desk.test]{more}}}\n"
        )
    }

    /// Where the mails of a folder lie.
    pub fn folder(&self, folder: &str) -> PathBuf {
        let maildir = self.dir.path().join("mail/register/Maildir");
        if folder == "INBOX" { maildir } else { maildir.join(format!(".{folder}")) }
    }

    /// Delivers a mail into the mailbox.
    pub fn deliver(&self, mail: &str) {
        self.deliver_bytes(mail.replace("\r\n", "\n").as_bytes());
    }

    /// The same, whatever it is.
    pub fn deliver_bytes(&self, mail: &[u8]) {
        self.deliver_into("INBOX", "", mail);
    }

    /// Into this folder, with these flags as they stand in a file's name: `T` for \Deleted.
    pub fn deliver_into(&self, folder: &str, flags: &str, mail: &[u8]) {
        let maildir = self.folder(folder);
        for folder in ["", "tmp", "new", "cur"] {
            let folder = maildir.join(folder);
            if !folder.exists() {
                std::fs::create_dir_all(&folder).unwrap();
                for path in [maildir.parent().unwrap(), &maildir, &folder] {
                    chown(path, Some(self.owner.0), Some(self.owner.1)).unwrap();
                }
            }
        }
        let name = format!(
            "{}.{}.desk",
            1_700_000_000 + DELIVERED.fetch_add(1, Ordering::Relaxed),
            std::process::id()
        );
        let written = maildir.join("tmp").join(&name);
        std::fs::write(&written, mail).unwrap();
        chown(&written, Some(self.owner.0), Some(self.owner.1)).unwrap();
        let place = if flags.is_empty() { format!("new/{name}") } else { format!("cur/{name}:2,{flags}") };
        std::fs::rename(written, maildir.join(place)).unwrap();
    }

    /// How many mails lie in a folder.
    pub fn count(&self, folder: &str) -> usize {
        self.files(folder).count()
    }

    /// The mails in a folder.
    pub fn mails(&self, folder: &str) -> Vec<Vec<u8>> {
        self.files(folder).map(|path| std::fs::read(path).unwrap()).collect()
    }

    /// The flags of the mails in a folder, as they stand in their files' names.
    pub fn flags(&self, folder: &str) -> Vec<String> {
        let flags = |path: PathBuf| {
            path.to_str().unwrap().rsplit_once(":2,").map_or_else(String::new, |(_, flags)| flags.to_owned())
        };
        self.files(folder).map(flags).collect()
    }

    fn files(&self, folder: &str) -> impl Iterator<Item = PathBuf> {
        let folder = self.folder(folder);
        ["new", "cur"]
            .into_iter()
            .filter_map(move |part| std::fs::read_dir(folder.join(part)).ok())
            .flatten()
            .map(|entry| entry.unwrap().path())
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = Command::new(Self::program())
            .arg("-c")
            .arg(self.dir.path().join("dovecot.conf"))
            .arg("stop")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
