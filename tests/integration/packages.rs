//! The packages, made of the tests' own binary by the script that makes those of a release, and used as a user would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::support::desk::{doorman, form};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::{Running, free_port, http, wait_until};

/// Where they lie. They are made once.
fn packages() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let binary = dir.path().join("binary");
        run(Command::new("strip").args(["-o".as_ref(), binary.as_os_str(), doorman().get_program()]));
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("contrib/package/make");
        run(Command::new(script)
            .args(["--quick", "tar", "deb", "image", "--binary"])
            .arg(&binary)
            .arg("--out")
            .arg(dir.path()));
        dir
    })
    .path()
}

/// Runs what has to succeed; what it prints.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{out}\n{err}");
    format!("{out}{err}")
}

/// The one package whose name ends so.
fn package(end: &str) -> PathBuf {
    let named = |path: &PathBuf| path.to_string_lossy().ends_with(end);
    let mut found = std::fs::read_dir(packages()).unwrap().map(|file| file.unwrap().path()).filter(named);
    let package = found.next().unwrap();
    assert_eq!(found.next(), None);
    package
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A conduwuit, which reads the token from the desk's file.
fn conduwuit() -> FakeHomeserver {
    let homeserver = FakeHomeserver::start();
    let version = r#"{"server":{"name":"conduwuit","version":"0.5.0"}}"#;
    homeserver.on("/_matrix/federation/v1/version", Act::Answer(200, version.into()));
    homeserver
}

/// Asks there for an account, as soon as somebody listens, and waits for the email in this folder.
fn first_email(port: u16, outbox: &Path) {
    let address = format!("127.0.0.1:{port}");
    wait_until("the desk accepts", || {
        let answer = http::try_exchange(&address, form("alice", "alice@example.org", "").as_bytes())?;
        (answer.status == 200 && answer.json()["status"] == "accepted").then_some(())
    });
    wait_until("the email is there", || {
        let mut files = std::fs::read_dir(outbox).ok()?.flatten();
        files.any(|file| file.path().extension().is_some_and(|end| end == "eml")).then_some(())
    });
}

/// In a copy of this machine's file system that is gone afterwards: /proc and nothing else of the system that runs.
const IN_A_COPY: &str = r#"set -e
mount -t tmpfs tmpfs "$1" && mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc" && mount -t tmpfs tmpfs "$1/root/run" && mount -t tmpfs tmpfs "$1/root/tmp"
cp "$2" "$1/root/run/doorman.deb"
shift 2
exec chroot "$root" sh -ec "$script" sh "$@""#;

#[test]
fn on_debian_a_desk_is_installed_set_up_and_purged_and_what_it_knows_is_kept() {
    // Whoever is not root cannot install a package.
    if !is_root() {
        return;
    }
    let (homeserver, port) = (conduwuit(), free_port());
    let script = r#"
        dpkg -i --no-triggers /run/doorman.deb
        getent passwd doorman; stat -c '%n %U:%G %a' /var/lib/doorman; readlink -f "$(command -v doorman)"
        systemctl is-enabled doorman; systemd-analyze verify doorman.service
        ls /usr/share/man/man1/doorman.1.gz /usr/share/bash-completion/completions/doorman
        cd /
        doorman requests && exit 1
        doorman init --yes --homeserver desk.test --base-url "$1" --port "$2" --no-mail
        stat -c '%n %U:%G %a' /var/lib/doorman/config.yaml
        doorman check-config
        # At no time of the day is it closed.
        echo 'downtime_before_token_reset: 0' >>/var/lib/doorman/config.yaml
        # As the service does.
        setpriv --reuid doorman --regid doorman --clear-groups $(sed -n 's/^ExecStart=//p' /lib/systemd/system/doorman.service) &
        for _ in $(seq 600); do [ ! -e /var/lib/doorman/outbox/*.eml ] || break; kill -0 $!; sleep 0.1; done
        doorman requests; kill $!; wait $!
        dpkg -i --no-triggers /run/doorman.deb
        dpkg -P --no-triggers doorman
        ls -A /var/lib/doorman; getent passwd doorman | cut -d: -f1
        ls -d /usr/bin/doorman /lib/systemd/system/doorman.service /etc/systemd/system/*/doorman.service && exit 1
        echo all of it
    "#;
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", IN_A_COPY, "sh"])
        .args([dir.path(), &package(".deb")])
        .args([&homeserver.url, &port.to_string()])
        .env("script", script)
        .env("root", dir.path().join("root"))
        .env_remove("DOORMAN_CONFIG");
    let said = std::thread::scope(|scope| {
        let used = scope.spawn(|| run(&mut command));
        let address = format!("127.0.0.1:{port}");
        while !used.is_finished() {
            let request = form("alice", "alice@example.org", "");
            let answer = http::try_exchange(&address, request.as_bytes());
            if answer.is_some_and(|answer| answer.status == 200) {
                break;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(50));
        }
        used.join().unwrap()
    });
    for line in [
        "/var/lib/doorman doorman:doorman 750",
        "/var/lib/doorman/config.yaml doorman:doorman 640",
        "/usr/bin/doorman",
        "enabled",
        "all of it",
    ] {
        assert!(said.lines().any(|found| found == line), "{line} is not in\n{said}");
    }
    for words in ["`doorman init` makes it", "systemctl start doorman", "alice@example.org", "are kept"] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    // What systemd says of the unit names it.
    assert!(!said.contains("doorman.service:"), "{said}");
}

/// A blob of the image by its digest, which it has to have.
fn blob(image: &Path, digest: &serde_json::Value) -> PathBuf {
    let digest = digest.as_str().unwrap().strip_prefix("sha256:").unwrap();
    let path = image.join("blobs/sha256").join(digest);
    assert!(run(Command::new("sha256sum").arg(&path)).starts_with(digest));
    path
}

#[test]
fn the_image_holds_all_that_the_desk_needs_and_no_more() {
    let image = tempfile::tempdir().unwrap();
    run(Command::new("tar").arg("-C").arg(image.path()).arg("-xf").arg(package(".oci.tar")));
    let read =
        |path: &Path| -> serde_json::Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    assert_eq!(read(&image.path().join("oci-layout"))["imageLayoutVersion"], "1.0.0");
    let index = read(&image.path().join("index.json"));
    let manifest = read(&blob(image.path(), &index["manifests"][0]["digest"]));
    let config = read(&blob(image.path(), &manifest["config"]["digest"]));
    let layer = blob(image.path(), &manifest["layers"][0]["digest"]);
    assert_eq!(manifest["layers"][0]["size"], layer.metadata().unwrap().len());
    let content = run(Command::new("sh").args(["-c", "gzip -dc \"$1\" | sha256sum", "sh"]).arg(&layer));
    assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{}", content.split(' ').next().unwrap()));
    assert_eq!(
        (&config["config"]["User"], &config["config"]["Cmd"][0]),
        (&"10001:10001".into(), &"serve".into())
    );
    // What engines read that know no such layout is the same.
    let old = read(&image.path().join("manifest.json"));
    assert!(layer.ends_with(old[0]["Layers"][0].as_str().unwrap()));

    let listed = run(Command::new("tar").args(["--numeric-owner", "-tvzf"]).arg(&layer));
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(
        names,
        [
            "etc/",
            "etc/group",
            "etc/nsswitch.conf",
            "etc/passwd",
            "etc/ssl/",
            "etc/ssl/certs/",
            "etc/ssl/certs/ca-certificates.crt",
            "tmp/",
            "usr/",
            "usr/bin/",
            "usr/bin/doorman",
            "desk/"
        ]
    );
    assert!(
        listed.lines().any(|line| line.starts_with("drwxr-x--- 10001/10001") && line.ends_with(" desk/"))
    );
    if !is_root() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    run(Command::new("tar").arg("-C").arg(root.path()).args(["--numeric-owner", "-xpzf"]).arg(&layer));
    // The tests' binary is not static: the release's is tried where it is made.
    let libraries = run(Command::new("ldd").arg(root.path().join("usr/bin/doorman")));
    for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
        run(Command::new("cp").args(["--parents", "--dereference", library]).arg(root.path()));
    }
    let (homeserver, port) = (conduwuit(), free_port());
    let settings = format!(
        "homeserver: desk.test\nbase_url: {}\nport: {port}\ndowntime_before_token_reset: 0\n",
        homeserver.url
    );
    std::fs::write(root.path().join("desk/config.yaml"), settings).unwrap();
    let mut command = Command::new("chroot");
    command.args(["--userspec", "10001:10001"]).arg(root.path()).arg("/usr/bin/doorman").arg("serve");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin").env("DOORMAN_CONFIG", "/desk/config.yaml");
    let _desk = Running(command.stderr(Stdio::null()).spawn().unwrap());
    first_email(port, &root.path().join("desk/outbox"));
}

#[test]
fn the_archive_holds_the_program_and_what_goes_with_it() {
    let listed = run(Command::new("tar").arg("-tzf").arg(package("-linux.tar.gz")));
    for end in [
        "/doorman",
        "/LICENSE-MIT",
        "/share/man/man1/doorman.1.gz",
        "/share/zsh/vendor-completions/_doorman",
        "/contrib/systemd/doorman.service",
    ] {
        assert!(listed.lines().any(|line| line.ends_with(end)), "{end} is not in\n{listed}");
    }
}
