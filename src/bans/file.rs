//! A ban list as a file: what stands in it, and whether it has changed.

use std::io;
use std::path::Path;

use crate::files;

/// A line that is an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Which entry of the list, from 0.
    pub index: u32,
    /// Which line of the file, from 1.
    pub number: usize,
    /// Without the blanks around it.
    pub entry: &'a str,
    /// The comment directly above it that belongs to it: `#: hold until=…`.
    pub mark: Option<&'a str>,
}

/// How a comment begins that belongs to the entry below it.
pub(super) const MARK: &str = "#:";

/// The lines of a text by their numbers, without the blanks around them.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim))
}

fn is_entry(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// The entries of a text; blank lines and comments are passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let with_mark = numbered(text).scan("", |above, (number, line)| {
        let mark = Some(std::mem::replace(above, line)).filter(|above| above.starts_with(MARK));
        Some((number, line, mark))
    });
    with_mark.filter(|(_, line, _)| is_entry(line)).zip(0..).map(|((number, entry, mark), index)| Line {
        index,
        number,
        entry,
        mark,
    })
}

/// The numbers of the comments that would belong to an entry, if one stood directly below.
pub(super) fn orphans(text: &str) -> impl Iterator<Item = usize> {
    let below = numbered(text).skip(1).map(|(_, line)| line).chain([""]);
    let is_orphan = |((_, line), below): &((usize, &str), &str)| line.starts_with(MARK) && !is_entry(below);
    numbered(text).zip(below).filter(is_orphan).map(|((number, _), _)| number)
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
    /// Where its mark begins; none: [`u32::MAX`].
    mark: u32,
}

impl Entries {
    pub(super) fn of(text: &str) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let at = |part: &str| number(part.as_ptr().addr() - text.as_ptr().addr());
        let place = |line: Line<'_>| Place {
            line: number(line.number),
            from: at(line.entry),
            to: at(line.entry).saturating_add(number(line.entry.len())),
            mark: line.mark.map_or(u32::MAX, at),
        };
        Self { text: text.into(), places: lines(text).map(place).collect() }
    }

    /// All of it, comments too.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// An entry by its number.
    pub(super) fn get(&self, index: u32) -> Option<Line<'_>> {
        self.places.get(index as usize).map(|place| self.at(index, place))
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        let at = |(index, place)| self.at(u32::try_from(index).unwrap_or(u32::MAX), place);
        self.places.iter().enumerate().map(at)
    }

    fn at(&self, index: u32, place: &Place) -> Line<'_> {
        let entry = self.text.get(place.from as usize..place.to as usize).unwrap_or_default();
        let mark = self.text.get(place.mark as usize..).and_then(|text| text.lines().next()).map(str::trim);
        Line { index, number: place.line as usize, entry, mark }
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

    #[test]
    fn a_mark_belongs_to_the_entry_directly_below_it() {
        let text = "\u{feff}#: one\r\n a\n#: lost\n\nb\n#: lost\n#: two \nc\n#: end";
        let found: Vec<(&str, Option<&str>)> = lines(text).map(|line| (line.entry, line.mark)).collect();
        assert_eq!(found, [("a", Some("#: one")), ("b", None), ("c", Some("#: two"))]);
        let kept = Entries::of(text);
        assert_eq!(kept.iter().map(|line| (line.entry, line.mark)).collect::<Vec<_>>(), found);
        assert_eq!(orphans(text).collect::<Vec<_>>(), [3, 6, 9]);
    }
}
