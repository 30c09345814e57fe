//! `doorman site`: the page and its assets as files for another web server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::form_page::static_page;
use super::look::Look;
use super::security::static_policy;

/// Writes `index.html`, `favicon.ico` and `static/` into `out`, which is made where it is missing. The form goes to
/// `desk` (`https://desk.example.org`, perhaps with a path), or to the site's own origin. Whether the desk is open is
/// asked by script, at `/api/status` there; without one the form is simply there. Gives the paths written.
///
/// # Errors
/// Those of the file system, and `InvalidInput` where `desk` is not such a URL.
pub fn export_site(out: &Path, look: &Look, desk: Option<&str>) -> io::Result<Vec<PathBuf>> {
    let desk = desk.map(|url| url.trim_end_matches('/'));
    let origin = desk.map(origin_of).transpose()?;
    let page = static_page(look, desk.unwrap_or(""), static_policy(origin));
    let mut written = Vec::new();
    let mut write = |name: &str, bytes: &[u8]| -> io::Result<()> {
        let path = out.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| named(&error, parent))?;
        }
        fs::write(&path, bytes).map_err(|error| named(&error, &path))?;
        written.push(path);
        Ok(())
    };
    write("index.html", page.as_bytes())?;
    for (name, asset) in look.assets.all() {
        match name.as_str() {
            // Looked for at the root of a site. What robots may do there is the other web server's to say.
            "favicon.ico" => write("favicon.ico", &asset.bytes)?,
            "robots.txt" => {}
            name => write(&format!("static/{name}"), &asset.bytes)?,
        }
    }
    Ok(written)
}

fn named(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> io::Result<&str> {
    let unusable = || {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "the desk's URL should look like https://desk.example.org, without user, query or blanks",
        )
    };
    let host_at = ["https://", "http://"]
        .iter()
        .find(|scheme| url.starts_with(**scheme))
        .map(|scheme| scheme.len())
        .ok_or_else(unusable)?;
    let end = url[host_at..].find('/').map_or(url.len(), |at| host_at + at);
    // Stands in a policy, where blanks, commas and semicolons would part things.
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    if end == host_at || !url.chars().all(fine) {
        return Err(unusable());
    }
    Ok(&url[..end])
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
