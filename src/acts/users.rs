//! People and groups as this machine calls them.

use std::path::Path;

/// A user's name, where this machine knows one.
pub fn user(id: u32) -> String {
    named(id, Path::new("/etc/passwd"))
}

/// A group's name, where this machine knows one.
pub fn group(id: u32) -> String {
    named(id, Path::new("/etc/group"))
}

/// From `name:x:id:…` lines (passwd(5), group(5)); what a directory service knows is told as its number.
fn named(id: u32, file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_called_by_their_names() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("passwd");
        std::fs::write(
            &file,
            "root:x:0:0:root:/root:/bin/sh\nrubbish\ndesk:x:998:997::/srv/desk:/bin/false\n",
        )
        .unwrap();
        assert_eq!(named(0, &file), "root");
        assert_eq!(named(998, &file), "desk");
        assert_eq!(named(997, &file), "997");
        assert_eq!(named(0, &dir.path().join("none")), "0");
    }
}
