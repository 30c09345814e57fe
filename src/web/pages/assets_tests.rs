use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use flate2::read::GzDecoder;

use super::*;

/// A desk's folder with secrets beside `static/`, and some files in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".registration_token"), "secret").unwrap();
    fs::write(folder.path().join("config.yaml"), "secret").unwrap();
    let files = folder.path().join("static");
    fs::create_dir_all(files.join("fonts")).unwrap();
    fs::create_dir_all(files.join(".git")).unwrap();
    fs::write(files.join("fonts/a b.woff2"), "font").unwrap();
    fs::write(files.join(".htpasswd"), "secret").unwrap();
    fs::write(files.join(".git/config"), "secret").unwrap();
    fs::write(files.join("50%.txt"), "text").unwrap();
    folder
}

fn assets(folder: &Path) -> Assets {
    Assets::load(&Folder::new(folder))
}

fn bytes(assets: &Assets, path: &str) -> Option<Vec<u8>> {
    assets.get(path).map(|asset| asset.bytes.to_vec())
}

#[test]
fn the_built_in_assets_are_there_without_a_folder() {
    let assets = assets(Path::new("/nonexistent"));
    for (path, content_type) in [
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/static/desk.js", "text/javascript; charset=utf-8"),
        ("/static/logo.png", "image/png"),
        ("/static/favicon.ico", "image/x-icon"),
        ("/favicon.ico", "image/x-icon"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ] {
        let asset = assets.get(path).unwrap();
        assert_eq!(asset.content_type, content_type, "{path}");
        assert!(!asset.bytes.is_empty(), "{path}");
    }
    assert!(!assets.has_custom_css());
    assert!(assets.get("/static/custom.css").is_none());
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let folder = folder();
    let files = folder.path().join("static");
    symlink(folder.path().join("config.yaml"), files.join("link.txt")).unwrap();
    symlink("../config.yaml", files.join("up.txt")).unwrap();
    symlink(folder.path(), files.join("out")).unwrap();
    symlink("/etc/passwd", files.join("passwd.txt")).unwrap();
    symlink("loop.txt", files.join("loop.txt")).unwrap();
    let assets = assets(folder.path());
    let long = format!("/static/{}", "a/".repeat(4000));
    for path in [
        "",
        "/",
        "static/style.css",
        "/static",
        "/static/",
        "/static/.",
        "/static/..",
        "/static/../config.yaml",
        "/static/../.registration_token",
        "/static/../static/style.css",
        "/static/./style.css",
        "/static//style.css",
        "/static//etc/passwd",
        "/static/fonts",
        "/static/fonts/",
        "/static/fonts/../../config.yaml",
        "/static/fonts/../style.css",
        "/static/%2e%2e/config.yaml",
        "/static/%2e%2e%2fconfig.yaml",
        "/static/..%2fconfig.yaml",
        "/static/..\\config.yaml",
        "/static/\\..\\config.yaml",
        "/static/..\u{0}/config.yaml",
        "/static/style.css\u{0}",
        "/static/style.css\u{0}.png",
        "/static/style.css\n",
        "/static/style.css/",
        "/static/style.css/x",
        "/static/\u{2025}/config.yaml",
        "/static/\u{ff0e}\u{ff0e}/config.yaml",
        "/static/50%.txt",
        "/static/.htpasswd",
        "/static/.git/config",
        "/static/link.txt",
        "/static/up.txt",
        "/static/out/config.yaml",
        "/static/passwd.txt",
        "/static/loop.txt",
        "/static/C:\\config.yaml",
        "/static/~root",
        "/STATIC/style.css",
        "/static.css",
        "/favicon.ico/",
        "/config.yaml",
        &long,
    ] {
        assert!(assets.get(path).is_none(), "{path:?}");
    }
    assert_eq!(bytes(&assets, "/static/fonts/a b.woff2").as_deref(), Some(&b"font"[..]));
}

#[test]
fn links_that_stay_in_the_folder_are_followed() {
    // As a Kubernetes volume has them.
    let folder = folder();
    let files = folder.path().join("static");
    fs::create_dir(files.join("..2026_11_23")).unwrap();
    fs::write(files.join("..2026_11_23/custom.css"), "b{}").unwrap();
    symlink("..2026_11_23", files.join("..data")).unwrap();
    symlink("..data/custom.css", files.join("custom.css")).unwrap();
    let assets = assets(folder.path());
    assert_eq!(bytes(&assets, "/static/custom.css").as_deref(), Some(&b"b{}"[..]));
    assert!(assets.has_custom_css());
    assert!(assets.get("/static/..data/custom.css").is_none());
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("logo.png"), "logo").unwrap();
    symlink(elsewhere.path(), folder.path().join("static")).unwrap();
    assert_eq!(bytes(&assets(folder.path()), "/static/logo.png").as_deref(), Some(&b"logo"[..]));
}

#[test]
fn only_regular_files_of_a_bounded_size_are_served() {
    let folder = folder();
    let files = folder.path().join("static");
    rustix::fs::mkfifoat(rustix::fs::CWD, files.join("pipe.css"), rustix::fs::Mode::RUSR).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(files.join("socket.css")).unwrap();
    fs::File::create(files.join("big.bin")).unwrap().set_len(4 * 1024 * 1024 + 1).unwrap();
    fs::File::create(files.join("most.bin")).unwrap().set_len(4 * 1024 * 1024).unwrap();
    fs::write(files.join("empty.css"), "").unwrap();
    symlink("/dev/zero", files.join("zero.css")).unwrap();
    let assets = assets(folder.path());
    for path in ["/static/pipe.css", "/static/socket.css", "/static/big.bin", "/static/zero.css"] {
        assert!(assets.get(path).is_none(), "{path}");
    }
    assert_eq!(assets.get("/static/most.bin").unwrap().bytes.len(), 4 * 1024 * 1024);
    assert_eq!(assets.get("/static/empty.css").unwrap().bytes.len(), 0);
}

#[test]
fn the_operators_files_take_the_place_of_the_built_in_ones_and_are_read_again_when_they_change() {
    let folder = folder();
    let files = folder.path().join("static");
    let assets = assets(folder.path());
    let built_in = assets.get("/favicon.ico").unwrap();

    fs::write(files.join("favicon.ico"), "one").unwrap();
    let one = assets.get("/favicon.ico").unwrap();
    assert_eq!(&*one.bytes, b"one");
    assert_ne!(one.etag, built_in.etag);
    assert_eq!(assets.get("/favicon.ico").unwrap().etag, one.etag);

    // An editor's way: a new file, renamed.
    fs::write(files.join(".new"), "two").unwrap();
    fs::rename(files.join(".new"), files.join("favicon.ico")).unwrap();
    assert_eq!(bytes(&assets, "/favicon.ico").as_deref(), Some(&b"two"[..]));

    fs::remove_file(files.join("favicon.ico")).unwrap();
    assert_eq!(assets.get("/favicon.ico").unwrap().etag, built_in.etag);
}

#[test]
fn a_file_that_cannot_be_served_leaves_the_built_in_one_until_it_is_mended() {
    let folder = folder();
    let logo = folder.path().join("static/logo.png");
    let assets = assets(folder.path());
    let built_in = assets.get("/static/logo.png").unwrap();
    fs::File::create(&logo).unwrap().set_len(4 * 1024 * 1024 + 1).unwrap();
    for _ in 0..2 {
        assert_eq!(assets.get("/static/logo.png").unwrap().etag, built_in.etag);
    }
    fs::write(&logo, "logo").unwrap();
    assert_eq!(bytes(&assets, "/static/logo.png").as_deref(), Some(&b"logo"[..]));
}

#[test]
fn memory_stays_bounded_and_every_file_is_served_all_the_same() {
    let folder = folder();
    let files = folder.path().join("static");
    for n in 0..12 {
        fs::File::create(files.join(format!("{n}.bin"))).unwrap().set_len(4 * 1024 * 1024).unwrap();
    }
    let assets = assets(folder.path());
    for n in 0..12 {
        assert_eq!(assets.get(&format!("/static/{n}.bin")).unwrap().bytes.len(), 4 * 1024 * 1024, "{n}");
        let kept = assets.kept.read().unwrap();
        assert!(
            kept.values()
                .filter_map(|kept| kept.asset.as_ref())
                .map(|asset| asset.bytes.len())
                .sum::<usize>()
                <= KEPT_BYTES
        );
    }
}

#[test]
fn etag_and_compressed_form_are_the_same_each_time() {
    let (one, two) = (assets(Path::new("/nonexistent")), assets(Path::new("/nonexistent")));
    let (one, two) = (one.get("/static/style.css").unwrap(), two.get("/static/style.css").unwrap());
    assert_eq!(one.etag, two.etag);
    assert!(one.etag.starts_with("W/\"") && one.etag.ends_with('"') && one.etag.is_ascii());
    assert_eq!(one.gzip, two.gzip);
    let packed = one.gzip.unwrap();
    assert!(packed.len() < one.bytes.len() / 2);
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, &*one.bytes);
}

#[test]
fn only_what_gains_by_it_is_compressed() {
    let assets = assets(Path::new("/nonexistent"));
    assert!(assets.get("/static/logo.png").unwrap().gzip.is_none());
    assert!(assets.get("/robots.txt").unwrap().gzip.is_none());
    assert!(gzip(&[b'a'; 999]).is_none());
    assert!(gzip(&[b'a'; 1000]).is_some());
    let noise: Vec<u8> = Sha256::digest(b"1").iter().copied().cycle().take(64).collect();
    let noise: Vec<u8> = (0..100u8).flat_map(|n| Sha256::digest([&noise[..], &[n]].concat())).collect();
    assert!(gzip(&noise).is_none());
}
