//! A list with a selected row.

/// Which row is selected, and which is the first on screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub at: usize,
    pub top: usize,
    /// Whether somebody has chosen this row, and it is not just the first.
    pub is_chosen: bool,
}

impl Cursor {
    /// By so many rows.
    pub(super) fn step(&mut self, by: isize, rows: usize) {
        self.at = self.at.saturating_add_signed(by).min(rows.saturating_sub(1));
        self.is_chosen = true;
    }

    /// Keeps the selected row there and on a screen of this height.
    pub(super) fn fit(&mut self, rows: usize, height: usize) {
        self.at = self.at.min(rows.saturating_sub(1));
        self.top = self.top.min(rows.saturating_sub(height)).min(self.at);
        if height > 0 && self.at >= self.top + height {
            self.top = self.at + 1 - height;
        }
    }
}

/// A line that is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Input {
    pub text: String,
    /// In characters.
    pub cursor: usize,
}

/// More is never meant.
const LONGEST: usize = 500;

impl Input {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.chars().count() }
    }

    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at)
    }

    pub(super) fn insert(&mut self, c: char) {
        if !c.is_control() && self.text.chars().count() < LONGEST {
            self.text.insert(self.byte(self.cursor), c);
            self.cursor += 1;
        }
    }

    pub(super) fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.text.remove(self.byte(self.cursor));
        }
    }

    pub(super) fn delete(&mut self) {
        let at = self.byte(self.cursor);
        if at < self.text.len() {
            self.text.remove(at);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn go(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.text.chars().count());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_stays_on_screen() {
        let mut cursor = Cursor::default();
        cursor.step(30, 100);
        cursor.fit(100, 10);
        assert_eq!((cursor.at, cursor.top), (30, 21));
        cursor.step(-12, 100);
        cursor.fit(100, 10);
        assert_eq!((cursor.at, cursor.top), (18, 18));
        cursor.fit(5, 10);
        assert_eq!((cursor.at, cursor.top), (4, 0));
        cursor.step(-9, 5);
        cursor.fit(0, 0);
        assert_eq!((cursor.at, cursor.top), (0, 0));
    }

    #[test]
    fn a_line_is_typed_and_mended() {
        let mut input = Input::new("añb");
        input.go(-1);
        input.backspace();
        input.insert('x');
        input.insert('\u{7}');
        assert_eq!((input.text.as_str(), input.cursor), ("axb", 2));
        input.delete();
        input.delete();
        assert_eq!(input.text, "ax");
    }
}
