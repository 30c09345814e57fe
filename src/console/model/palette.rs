//! Everything that can be done, found by its words.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::console::effects::Effect;
use crate::console::keys::{Action, Binding, KEYS};
use crate::filter::contains;
use crate::store::StoreError;

use super::prompts::edit_input;
use super::{Console, Mode};

/// What has all these words in its text, what holds on this panel first. Moving about is no act.
pub(in crate::console) fn found(console: &Console, typed: &str) -> Vec<&'static Binding> {
    let words = typed.to_lowercase();
    let is_act = |action| {
        !matches!(
            action,
            Action::Down
                | Action::Up
                | Action::PageDown
                | Action::PageUp
                | Action::HalfDown
                | Action::HalfUp
                | Action::First
                | Action::Last
                | Action::Palette
                | Action::Clear
        )
    };
    let mut found: Vec<&Binding> = KEYS
        .iter()
        .filter(|binding| {
            let text = format!("{} {}", binding.panel.map_or("", |panel| panel.name()), binding.help);
            is_act(binding.action) && words.split_whitespace().all(|word| contains(&text, word))
        })
        .collect();
    found.sort_by_key(|binding| binding.panel.is_some_and(|panel| panel != console.panel));
    found
}

impl Console {
    pub(super) fn palette_key(&mut self, key: KeyEvent) -> Result<Option<Effect>, StoreError> {
        let Mode::Palette(input, at) = &self.mode else { return Ok(None) };
        let (found, at) = (found(self, input.value()), *at);
        let last = found.len().saturating_sub(1);
        let Mode::Palette(input, place) = &mut self.mode else { return Ok(None) };
        match key.code {
            KeyCode::Esc => self.mode = Mode::Panel,
            KeyCode::Down => *place = (at + 1).min(last),
            KeyCode::Up => *place = at.saturating_sub(1),
            KeyCode::Enter => {
                let Some(binding) = found.get(at) else { return Ok(None) };
                self.mode = Mode::Panel;
                if let Some(panel) = binding.panel.filter(|panel| *panel != self.panel) {
                    self.show(panel)?;
                }
                return self.apply(binding.action);
            }
            _ => {
                if edit_input(input, key) {
                    *place = 0;
                }
            }
        }
        Ok(None)
    }
}
