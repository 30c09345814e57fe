//! Files that others put there: read only where they are files, and no larger than the memory of a desk allows.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// More than any ban list, token or config has, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Opens a file to read, and `options` for more. What is none (a pipe, a device) is not waited for.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is no regular file"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(too_large());
    }
    Ok(file)
}

/// Reads a whole file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, &mut OpenOptions::new())?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    // It may have grown meanwhile.
    if bytes.len() as u64 > MOST_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it is larger than 64 MiB")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn pipes_devices_folders_and_what_is_too_large_are_not_read_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        symlink("file", at("link")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), 0o600.into()).unwrap();
        File::create(at("large")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(read(&at("link")).unwrap(), b"text");
        for (name, told) in [
            ("pipe", "it is no regular file"),
            ("zero", "it is no regular file"),
            (".", "is a directory"),
            ("large", "it is larger than 64 MiB"),
        ] {
            assert_eq!(read(&at(name)).unwrap_err().to_string(), told, "{name}");
        }
    }
}
