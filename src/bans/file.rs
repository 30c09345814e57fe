//! A ban list as a file: what stands in it, and whether it has changed.

use std::io;
use std::path::Path;

use crate::files;

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

/// The file's text; what is not UTF-8 stays visible as such, so that only its lines are left out.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let bytes = files::read(path)?;
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
