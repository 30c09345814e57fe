//! What `contrib/` has for the operator, with the real nginx, Caddy and systemd's own judgement.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::homeserver::FakeHomeserver;
use crate::support::{Running, free_port, wait_until};

fn contrib(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name)
}

/// A desk that trusts no loopback address but the proxy's.
fn desk(homeserver: &FakeHomeserver) -> (Folder, Desk) {
    let folder = Folder::new(&format!("base_url: {}\ntrusted_proxies: [127.0.0.1]\n", homeserver.url));
    let desk = folder.start();
    desk.wait_until_open();
    (folder, desk)
}

/// Status and body of what curl gets there, as a client with this address who claims to be another.
fn curl(port: u16, host: &str, path: &str, client: &str, more: &[&str]) -> (u16, String) {
    let output = Command::new("curl")
        .args(["-sk", "--max-time", "20", "--interface", client, "-H", "X-Forwarded-For: 203.0.113.9"])
        .args(["--connect-to", &format!("{host}:443:127.0.0.1:{port}"), "-w", "\n%{http_code}"])
        .args(more)
        .arg(format!("https://{host}{path}"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), body.to_owned())
}

fn ask_through(port: u16, client: &str, name: &str) -> (u16, String) {
    let form = format!("requested_username={name}&email={name}%40example.org");
    curl(port, "register.your.server", "/register", client, &["-H", "Accept: application/json", "-d", &form])
}

fn recorded_ip(folder: &Folder, name: &str) -> String {
    let requests = folder.json(&["requests", "--json"]);
    let found = requests.as_array().unwrap().iter().find(|request| request["username"] == name).unwrap();
    found["ip"].as_str().unwrap().to_owned()
}

fn wait_for_port(port: u16, log: &Path) {
    wait_until(
        &format!("the web server listens: {}", std::fs::read_to_string(log).unwrap_or_default()),
        || std::net::TcpStream::connect(("127.0.0.1", port)).ok(),
    );
}

#[test]
fn behind_nginx_the_clients_address_is_right_and_floods_are_held_off() {
    let homeserver = FakeHomeserver::start();
    let (folder, desk) = desk(&homeserver);
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let made = Command::new("openssl")
        .current_dir(&dir)
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=your.server".split(' '))
        .output()
        .unwrap();
    assert!(made.status.success());
    let server = homeserver.url.strip_prefix("http://").unwrap();
    let site_config: String = std::fs::read_to_string(contrib("nginx/doorman.conf"))
        .unwrap()
        .lines()
        .filter(|line| !line.contains("listen [::]"))
        .map(|line| match line.trim().split_once(char::is_whitespace) {
            Some(("ssl_certificate", _)) => "ssl_certificate cert.pem;".to_owned(),
            Some(("ssl_certificate_key", _)) => "ssl_certificate_key key.pem;".to_owned(),
            _ => line
                .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"))
                .replace("127.0.0.1:6626", &desk.address)
                .replace("127.0.0.1:8008", server),
        })
        .collect::<Vec<_>>()
        .join("\n");
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {kind};"))
        .concat();
    std::fs::write(
        dir.path().join("nginx.conf"),
        format!(
            "daemon off; pid nginx.pid; error_log error.log; worker_processes 1;\nevents {{}}\n\
             http {{ access_log off; {temporary}\n{site_config}\n}}\n"
        ),
    )
    .unwrap();
    let nginx = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    let _nginx = Running(
        Command::new(nginx)
            .arg("-p")
            .arg(dir.path())
            .args(["-e", "error.log", "-c", "nginx.conf"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_for_port(port, &dir.path().join("error.log"));

    assert!(curl(port, "register.your.server", "/", "127.0.0.7", &[]).1.contains("<form"));
    let (status, body) = ask_through(port, "127.0.0.7", "name");
    assert_eq!(status, 200, "{body}");
    assert_eq!(recorded_ip(&folder, "name"), "127.0.0.7");
    let large = "x".repeat(40_000);
    assert_eq!(curl(port, "register.your.server", "/register", "127.0.0.7", &["-d", &large]).0, 413);
    let flood: Vec<u16> = (0..40).map(|_| ask_through(port, "127.0.0.8", "other").0).collect();
    assert!(flood.contains(&429), "{flood:?}");
    assert_eq!(ask_through(port, "127.0.0.9", "third").0, 200, "another client is not held off");

    for path in [
        "/_matrix/client/v1/register/m.login.registration_token/validity?token=guess",
        "/_matrix/client/v3/register",
    ] {
        let answers: Vec<u16> =
            (0..20).map(|_| curl(port, "your.server", path, "127.0.0.10", &[]).0).collect();
        assert!(answers.contains(&429), "{path}: {answers:?}");
    }
    assert_eq!(curl(port, "your.server", "/_matrix/client/versions", "127.0.0.10", &[]).0, 404);
}

#[test]
fn behind_caddy_the_clients_address_is_right_and_tokens_cannot_be_tried() {
    let homeserver = FakeHomeserver::start();
    let (folder, desk) = desk(&homeserver);
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let site_config = std::fs::read_to_string(contrib("caddy/Caddyfile"))
        .unwrap()
        .replace("127.0.0.1:6626", &desk.address)
        .replace("127.0.0.1:8008", homeserver.url.strip_prefix("http://").unwrap())
        .replace("\nregister.your.server {", "\nregister.your.server {\n\ttls internal")
        .replace("\nyour.server {", "\nyour.server {\n\ttls internal");
    std::fs::write(
        dir.path().join("Caddyfile"),
        format!(
            "{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\thttps_port {port}\n\tdefault_bind 127.0.0.1\n}}\n{site_config}"
        ),
    )
    .unwrap();
    let log = std::fs::File::create(dir.path().join("log")).unwrap();
    let _caddy = Running(
        Command::new("caddy")
            .current_dir(&dir)
            .args(["run", "--config", "Caddyfile"])
            .env("XDG_DATA_HOME", dir.path())
            .env("XDG_CONFIG_HOME", dir.path())
            .env("HOME", dir.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap(),
    );
    wait_for_port(port, &dir.path().join("log"));
    wait_until("the certificates are made", || {
        (curl(port, "register.your.server", "/", "127.0.0.7", &[]).0 == 200).then_some(())
    });

    let (status, body) = ask_through(port, "127.0.0.7", "name");
    assert_eq!(status, 200, "{body}");
    assert_eq!(recorded_ip(&folder, "name"), "127.0.0.7");
    let large = "x".repeat(40_000);
    assert_eq!(curl(port, "register.your.server", "/register", "127.0.0.7", &["-d", &large]).0, 413);
    let guess = "/_matrix/client/v1/register/m.login.registration_token/validity?token=guess";
    assert_eq!(curl(port, "your.server", guess, "127.0.0.7", &[]).0, 429);
    assert!(!homeserver.asked().iter().any(|path| path.contains("guess")));
    assert_eq!(curl(port, "your.server", "/_matrix/client/versions", "127.0.0.7", &[]).0, 404);
}

#[test]
fn the_service_is_sound_and_hardened() {
    let analyze = |args: &[&str]| {
        let output = Command::new("systemd-analyze").args(args).output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    };
    let unit = contrib("systemd/doorman.service");
    // Exposure 2.0 at most.
    let (safe, said) =
        analyze(&["security", "--offline=true", "--threshold=20", "--no-pager", unit.to_str().unwrap()]);
    assert!(safe, "{said}");
    // Judged as it would stand in /etc, with programs that are there.
    let dir = tempfile::tempdir().unwrap();
    for name in ["doorman.service", "homeserver-reload.service", "homeserver-reload.path"] {
        let text = std::fs::read_to_string(contrib("systemd").join(name))
            .unwrap()
            .replace("/usr/local/bin/doorman", "/bin/true")
            .replace("/usr/local/libexec/homeserver-reload", "/bin/true");
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    for name in ["doorman.service", "homeserver-reload.service", "homeserver-reload.path"] {
        let path = dir.path().join(name);
        let (sound, said) = analyze(&["verify", "--man=no", path.to_str().unwrap()]);
        let ours: Vec<&str> = said.lines().filter(|line| line.contains(name)).collect();
        assert!(sound && ours.is_empty(), "{name}: {said}");
    }
}

#[test]
fn the_service_manager_is_told_what_the_desk_does() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let socket = UnixDatagram::bind(folder.file("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = doorman();
    command.env("NOTIFY_SOCKET", folder.file("notify")).env("WATCHDOG_USEC", "200000");
    let desk = folder.start_with(command);
    let wait_for = |word: &str| loop {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap();
        if String::from_utf8_lossy(&buffer[..length]).contains(word) {
            return;
        }
    };
    wait_for("READY=1");
    wait_for("WATCHDOG=1");
    wait_for("WATCHDOG=1");
    desk.signal("-HUP");
    wait_for("RELOADING=1");
    wait_for("READY=1");
    desk.signal("-TERM");
    wait_for("STOPPING=1");
    assert!(desk.end().success());
}

fn reload(dir: &Path, args: &[&str]) -> Output {
    Command::new(contrib("systemd/homeserver-reload.sh")).current_dir(dir).args(args).output().unwrap()
}

#[test]
fn the_homeserver_is_told_of_each_token_once_and_of_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap_or_default();
    let tell = ["--", "sh", "-c", "echo told >> told"];
    let run = |how: &[&str]| reload(dir.path(), &[&["token"], how, &tell].concat());

    write("token", "OneTokenOfThirtyTwoCharacters012");
    for _ in 0..2 {
        assert!(run(&["toml", "second.toml"]).status.success());
    }
    assert_eq!(read("second.toml"), "[global]\nregistration_token = \"OneTokenOfThirtyTwoCharacters012\"\n");
    assert_eq!(read("told"), "told\n", "the same token is told once");

    write(
        "conduit.toml",
        "[global]\nserver_name = \"x\"\n  registration_token = \"a much longer one, older\"\nport = 1\n",
    );
    assert!(run(&["line", "conduit.toml"]).status.success());
    assert_eq!(
        read("conduit.toml"),
        "[global]\nserver_name = \"x\"\nregistration_token = \"OneTokenOfThirtyTwoCharacters012\"\nport = 1\n"
    );
    assert!(run(&["none"]).status.success());
    assert_eq!(read("told").lines().count(), 3);

    for bad in ["", "with \"quotes\"", "two\nlines", "$(touch pwned)", &"a".repeat(65)] {
        write("token", bad);
        let output = run(&["toml", "second.toml"]);
        assert!(!output.status.success(), "{bad:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("no token"), "{output:?}");
    }
    assert_eq!(read("told").lines().count(), 3);
    assert!(!dir.path().join("pwned").exists());
    write("token", "OneTokenOfThirtyTwoCharacters012");
    write("without.toml", "[global]\n");
    assert!(!run(&["line", "without.toml"]).status.success());
}

#[test]
fn each_action_of_the_release_is_named_by_its_commit() {
    let workflow = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".github/workflows/release.yml");
    let text = std::fs::read_to_string(workflow).unwrap();
    let actions: Vec<&str> =
        text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: ")).collect();
    assert!(!actions.is_empty());
    for action in actions {
        let commit = action.split(['@', ' ']).nth(1).unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
    }
}

#[test]
fn what_stands_in_containers_together_fits_together() {
    let folder = contrib("compose");
    let adapted = Command::new("caddy")
        .args(["adapt", "--adapter", "caddyfile", "--config"])
        .arg(folder.join("Caddyfile"))
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&adapted.stdout), String::from_utf8_lossy(&adapted.stderr));
    assert!(
        adapted.status.success() && out.contains("doorman:6626") && out.contains("synapse:8008"),
        "{out}{err}"
    );

    let desk = Folder::at(tempfile::tempdir().unwrap());
    std::fs::copy(folder.join("config.yaml"), desk.file("config.yaml")).unwrap();
    desk.write("access-token", "syt_x");
    desk.ok(&["check-config"]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (services, config) = (read("compose.yaml"), read("config.yaml"));
    let network = services.split("subnet: ").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    assert!(config.contains(&format!("trusted_proxies: [\"{network}\"]")), "{network} is Caddy's");
    let version = format!("image: localhost/doorman:{}", env!("CARGO_PKG_VERSION"));
    assert!(services.lines().any(|line| line.trim() == version), "{version}");
    // It is YAML, and each service is where the others look for it.
    let names = "import sys, yaml; print(*sorted(yaml.safe_load(open(sys.argv[1]))['services']))";
    let python = crate::support::tools().join("venv/bin/python");
    let listed = Command::new(python).args(["-c", names]).arg(folder.join("compose.yaml")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "caddy doorman synapse\n", "{listed:?}");
}
