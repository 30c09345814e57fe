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
}
