//! Style sheet, script and images: those built in, and the operator's that take their place.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

use crate::config::Folder;

use super::static_folder::{Fault, Identity, StaticFolder};

/// All operator's files in memory together; beyond it they are read anew.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// How many of them.
const KEPT_FILES: usize = 1000;

/// Below this, compressing saves no packet.
const WORTH_GZIP: usize = 1000;

/// One file as it goes out.
#[derive(Debug, Clone)]
pub struct Asset {
    /// `Content-Type`
    pub content_type: &'static str,
    /// The file.
    pub bytes: Arc<[u8]>,
    /// The file compressed, where that helps. Answers then need `Vary: Accept-Encoding`.
    pub gzip: Option<Arc<[u8]>>,
    /// `ETag`: a weak one, which holds for both forms.
    pub etag: Arc<str>,
    /// `Cache-Control`
    pub cache_control: &'static str,
}

impl Asset {
    fn new(path: &str, bytes: &[u8]) -> Self {
        let content_type = content_type(path);
        let digest = Sha256::digest(bytes);
        let tag = digest.iter().take(12).fold(String::new(), |mut tag, byte| {
            // Writing into a String cannot fail.
            let _ = write!(tag, "{byte:02x}");
            tag
        });
        let text = content_type.starts_with("text/")
            || ["application/json", "application/manifest+json", "image/svg+xml", "image/x-icon"]
                .contains(&content_type);
        Self {
            content_type,
            bytes: bytes.into(),
            gzip: if text { gzip(bytes) } else { None },
            etag: format!("W/\"{tag}\"").into(),
            // Asked for again each time, which costs a 304: a new logo or a new doorman shows at once.
            cache_control: "no-cache",
        }
    }
}

/// Compressed, where it is worth it. The same bytes give the same result.
pub fn gzip(bytes: &[u8]) -> Option<Arc<[u8]>> {
    if bytes.len() < WORTH_GZIP {
        return None;
    }
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len() / 10 * 9).then(|| packed.into())
}

/// The assets that are part of the program, by their path under `static/`.
pub(super) const BUILT_IN: [(&str, &[u8]); 6] = [
    ("style.css", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/style.css"))),
    ("desk.js", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/desk.js"))),
    ("signup.js", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/signup.js"))),
    ("logo.png", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/logo.png"))),
    ("favicon.ico", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/favicon.ico"))),
    ("robots.txt", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/site/robots.txt"))),
];

/// All assets of a desk. The operator's are looked at on each request (one `stat`) and read again when they changed.
#[derive(Debug)]
pub struct Assets {
    folder: StaticFolder,
    built_in: Vec<(&'static str, Asset)>,
    kept: RwLock<HashMap<String, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    identity: Identity,
    /// None: there is a file, and it cannot be served.
    asset: Option<Asset>,
}

impl Assets {
    /// The built-in assets, and those in `static/`, now or later.
    pub fn load(folder: &Folder) -> Self {
        Self {
            folder: StaticFolder::new(folder.static_files()),
            built_in: BUILT_IN.iter().map(|(name, bytes)| (*name, Asset::new(name, bytes))).collect(),
            kept: RwLock::default(),
        }
    }

    /// The asset at the path of a URL, percent-decoded once: `/static/…`, `/favicon.ico` or `/robots.txt`. None: there is
    /// none, or it lies outside `static/`, or is none of anybody's business (dotfiles).
    pub fn get(&self, path: &str) -> Option<Asset> {
        let name = match path {
            "/favicon.ico" | "/robots.txt" => &path[1..],
            path => path.strip_prefix("/static/")?,
        };
        self.of_operator(name).or_else(|| {
            self.built_in.iter().find(|(built_in, _)| *built_in == name).map(|(_, asset)| asset.clone())
        })
    }

    /// Whether the operator has a style sheet of their own.
    pub(super) fn has_custom_css(&self) -> bool {
        self.of_operator("custom.css").is_some()
    }

    /// Every file that a static site needs: the built-in ones and the operator's in their place, with the path under
    /// `static/`.
    pub(super) fn all(&self) -> Vec<(String, Asset)> {
        let mut names: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(self.folder.names());
        names.sort();
        names.dedup();
        names
            .into_iter()
            .filter_map(|name| Some((name.clone(), self.get(&format!("/static/{name}"))?)))
            .collect()
    }

    fn of_operator(&self, name: &str) -> Option<Asset> {
        let identity = self.folder.identity(name)?;
        let before = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(kept) = &before
            && kept.identity == identity
        {
            return kept.asset.clone();
        }
        let (identity, asset) = match self.folder.read(name) {
            Ok((identity, bytes)) => (identity, Some(Asset::new(name, &bytes))),
            Err(Fault::Gone) => return None,
            Err(Fault::Momentary) => return before.and_then(|kept| kept.asset),
            Err(Fault::Unusable(why)) => {
                // Said once for each state of the file: what is kept below answers from then on.
                tracing::warn!(file = name, "static/: {why}; it is not served");
                (identity, None)
            }
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let size = |kept: &Kept| kept.asset.as_ref().map_or(0, |asset| asset.bytes.len());
        let all: usize = kept.values().map(size).sum();
        if kept.len() >= KEPT_FILES || all + asset.as_ref().map_or(0, |asset| asset.bytes.len()) > KEPT_BYTES
        {
            kept.clear();
        }
        kept.insert(name.to_owned(), Kept { identity, asset: asset.clone() });
        asset
    }
}

/// By the end of the name; what is not known is offered for download.
fn content_type(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref().unwrap_or("") {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "xml" => "text/xml; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[path = "assets_tests.rs"]
mod tests;
