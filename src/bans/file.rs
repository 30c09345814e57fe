//! A ban list as a file: what stands in it, and whether it has changed.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// More than any ban list has.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// A line that is an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Which entry of the list, from 0.
    pub index: u32,
    /// Which line of the file, from 1.
    pub number: usize,
    /// Without the blanks around it.
    pub entry: &'a str,
}

/// The entries of a text; blank lines and comments are passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let text = text.trim_start_matches('\u{feff}');
    (1..)
        .zip(text.lines())
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .zip(0..)
        .map(|((number, entry), index)| Line { index, number, entry })
}

/// The entries of a text. There can be very many, so each is a place in the text and has no memory of its own.
#[derive(Debug)]
pub(super) struct Entries {
    text: Box<str>,
    places: Box<[Place]>,
}

#[derive(Debug)]
struct Place {
    line: u32,
    from: u32,
    to: u32,
}

impl Entries {
    pub(super) fn of(text: &str) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let place = |line: Line<'_>| {
            let from = line.entry.as_ptr().addr() - text.as_ptr().addr();
            Place { line: number(line.number), from: number(from), to: number(from + line.entry.len()) }
        };
        Self { text: text.into(), places: lines(text).map(place).collect() }
    }

    /// An entry and its line.
    pub(super) fn get(&self, index: u32) -> Option<(usize, &str)> {
        self.places.get(index as usize).map(|place| self.at(place))
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (usize, &str)> {
        self.places.iter().map(|place| self.at(place))
    }

    fn at(&self, place: &Place) -> (usize, &str) {
        let entry = self.text.get(place.from as usize..place.to as usize);
        (place.line as usize, entry.unwrap_or_default())
    }
}

/// Differs when the file was changed or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// There is no file.
    Missing,
    /// It cannot be looked at.
    Unreadable,
    /// Inode, size, and when content and inode changed last.
    File(u64, u64, (i64, i64), (i64, i64)),
}

pub(super) fn stamp(path: &Path) -> Stamp {
    match std::fs::metadata(path) {
        Ok(file) => Stamp::File(
            file.ino(),
            file.len(),
            (file.mtime(), file.mtime_nsec()),
            (file.ctime(), file.ctime_nsec()),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Stamp::Missing,
        Err(_) => Stamp::Unreadable,
    }
}

/// The file's text; what is not UTF-8 stays visible as such, so that only its lines are left out.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let size = std::fs::metadata(path)?.len();
    if size > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is larger than 256 MB"));
    }
    let bytes = std::fs::read(path)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_passed_over_and_numbers_are_the_files() {
        let found: Vec<(usize, &str)> =
            lines("\u{feff}# c\r\n\r\n  a \r\nb\n\n#d\nc").map(|line| (line.number, line.entry)).collect();
        assert_eq!(found, [(3, "a"), (4, "b"), (7, "c")]);
    }
}
