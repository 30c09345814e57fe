//! What goes out to the terminal: only what it does not show already. The library ends every frame with a reset and hides
//! the cursor anew, also where nothing has changed.

use std::collections::HashSet;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};

/// What a terminal shows where nothing stands.
const BLANK: Cell = Cell::EMPTY;

/// Passes on what differs.
#[derive(Debug)]
pub(super) struct Thrift<B> {
    inner: B,
    /// Where characters two columns wide begin.
    wide: HashSet<(u16, u16)>,
    /// Whether the cursor is seen, and where it is; None: not known.
    is_cursor_shown: Option<bool>,
    cursor: Option<Position>,
}

impl<B> Thrift<B> {
    pub(super) fn new(inner: B) -> Self {
        Self { inner, wide: HashSet::new(), is_cursor_shown: None, cursor: None }
    }

    /// Whatever stood there may be gone.
    fn forget(&mut self) {
        self.wide.clear();
        (self.is_cursor_shown, self.cursor) = (None, None);
    }
}

impl<B: Backend> Backend for Thrift<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), B::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut cells: Vec<(u16, u16, &Cell)> = Vec::new();
        // The other half of a wide character that is gone: not every terminal blanks it by itself.
        let mut half: Option<(u16, u16)> = None;
        for (x, y, cell) in content {
            if let Some((left, line)) = half.take()
                && (left, line) != (x, y)
            {
                cells.push((left, line, &BLANK));
            }
            let was_wide = self.wide.remove(&(x, y));
            if cell.cell_width() > 1 {
                self.wide.insert((x, y));
                half = self.wide.remove(&(x + 1, y)).then_some((x + 2, y));
            } else {
                half = was_wide.then_some((x + 1, y));
            }
            cells.push((x, y, cell));
        }
        cells.extend(half.map(|(x, y)| (x, y, &BLANK)));
        if cells.is_empty() {
            return Ok(());
        }
        self.cursor = None;
        self.inner.draw(cells.into_iter())
    }

    fn hide_cursor(&mut self) -> Result<(), B::Error> {
        if self.is_cursor_shown.replace(false) == Some(false) {
            return Ok(());
        }
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), B::Error> {
        if self.is_cursor_shown.replace(true) == Some(true) {
            return Ok(());
        }
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, B::Error> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), B::Error> {
        let position = position.into();
        if self.cursor.replace(position) == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), B::Error> {
        self.forget();
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> Result<(), B::Error> {
        self.forget();
        self.inner.clear_region(region)
    }

    fn size(&self) -> Result<Size, B::Error> {
        self.inner.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, B::Error> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<(), B::Error> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::{self, Write};
    use std::rc::Rc;

    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::widgets::Paragraph;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;

    /// What was written.
    #[derive(Clone, Default)]
    struct Written(Rc<RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn take(&self) -> String {
            String::from_utf8(self.0.take()).unwrap()
        }
    }

    fn terminal() -> (Terminal<Thrift<CrosstermBackend<Written>>>, Written) {
        let written = Written::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, 10, 2));
        let backend = Thrift::new(CrosstermBackend::new(written.clone()));
        (Terminal::with_options(backend, TerminalOptions { viewport }).unwrap(), written)
    }

    fn draw(terminal: &mut Terminal<Thrift<CrosstermBackend<Written>>>, text: &str, cursor: Option<u16>) {
        terminal
            .draw(|frame| {
                frame.render_widget(Paragraph::new(text.to_owned()), frame.area());
                if let Some(x) = cursor {
                    frame.set_cursor_position((x, 1));
                }
            })
            .unwrap();
    }

    #[test]
    fn a_frame_like_the_one_before_writes_nothing() {
        let (mut terminal, written) = terminal();
        for cursor in [None, Some(3)] {
            draw(&mut terminal, "ab", cursor);
            assert_ne!(written.take(), "");
            draw(&mut terminal, "ab", cursor);
            assert_eq!(written.take(), "");
        }
        draw(&mut terminal, "ab", Some(4));
        assert_eq!(written.take(), "\x1b[2;5H");
        // What was drawn has moved it.
        draw(&mut terminal, "ac", Some(4));
        assert!(written.take().ends_with("\x1b[2;5H"));
        draw(&mut terminal, "ac", None);
        assert_eq!(written.take(), "\x1b[?25l");
    }

    #[test]
    fn of_a_wide_character_that_is_gone_no_half_is_left() {
        for (before, after, expected) in [
            // The second column is blank in both, and is written nevertheless.
            ("\u{540d}", "a", "a "),
            ("\u{540d}\u{524d}", "ab c", "ab c"),
            ("x\u{540d}", "\u{540d}", "\u{540d}\x1b[1;3H "),
            ("\u{540d}", "\u{524d}", "\u{524d}"),
        ] {
            let (mut terminal, written) = terminal();
            draw(&mut terminal, before, None);
            written.take();
            draw(&mut terminal, after, None);
            let text = written.take();
            assert!(text.contains(expected), "{before} {after}: {text:?}");
        }
    }
}
