use std::fs;

use super::super::samples::{look, look_in};
use super::*;

#[test]
fn the_static_site_is_whole_and_posts_to_its_own_origin() {
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("www/join");
    let written = export_site(&site, &look(), None).unwrap();
    for name in ["index.html", "favicon.ico", "static/style.css", "static/desk.js", "static/logo.png"] {
        assert!(written.contains(&site.join(name)) && site.join(name).is_file(), "{name}");
    }
    let page = fs::read_to_string(site.join("index.html")).unwrap();
    assert!(page.contains(r#"<form id="form" method="post" action="/register""#), "{page}");
    // It may lie in a folder: what it loads is named relative to it.
    assert!(!page.contains(r#"href="/"#) && !page.contains(r#"src="/"#), "{page}");
}

#[test]
fn with_a_desk_elsewhere_the_form_goes_there_and_the_policy_lets_it() {
    let out = tempfile::tempdir().unwrap();
    export_site(out.path(), &look(), Some("https://desk.example.org:8443/join/")).unwrap();
    let page = fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(page.contains(r#"action="https://desk.example.org:8443/join/register""#), "{page}");
    assert!(page.contains(r#"data-desk="https://desk.example.org:8443/join""#), "{page}");
    assert!(page.contains("form-action &#39;self&#39; https://desk.example.org:8443;"), "{page}");
    assert!(page.contains("connect-src &#39;self&#39; https://desk.example.org:8443;"), "{page}");
    // With `same-origin` the browser would send `Origin: null` to the other origin.
    assert!(page.contains(r#"<meta name="referrer" content="strict-origin">"#), "{page}");
}

#[test]
fn the_operators_files_are_part_of_the_site() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("static/fonts")).unwrap();
    fs::write(folder.path().join("static/custom.css"), "b{}").unwrap();
    fs::write(folder.path().join("static/logo.png"), "logo").unwrap();
    fs::write(folder.path().join("static/fonts/a.woff2"), "font").unwrap();
    fs::write(folder.path().join("static/.hidden"), "secret").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("static/passwd.txt")).unwrap();
    let out = tempfile::tempdir().unwrap();
    export_site(out.path(), &look_in(folder.path()), None).unwrap();
    let read = |name: &str| fs::read_to_string(out.path().join("static").join(name));
    assert_eq!(read("custom.css").unwrap(), "b{}");
    assert_eq!(read("logo.png").unwrap(), "logo");
    assert_eq!(read("fonts/a.woff2").unwrap(), "font");
    assert!(read(".hidden").is_err() && read("passwd.txt").is_err());
    assert!(
        fs::read_to_string(out.path().join("index.html")).unwrap().contains(r#"href="static/custom.css""#)
    );
}

#[test]
fn what_is_no_url_of_a_desk_is_refused_before_anything_is_written() {
    let out = tempfile::tempdir().unwrap();
    for desk in [
        "",
        "desk.example.org",
        "ftp://desk.example.org",
        "https://",
        "https:///x",
        "https://a b.example",
        "https://x.example; script-src *",
        "https://user@x.example",
        "https://x.example/?a=b",
        "https://x.example,https://y.example",
        "javascript:alert(1)",
        "https://x.example/\"><script>",
    ] {
        let error = export_site(out.path(), &look(), Some(desk)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{desk:?}");
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
}
