//! Lines that are typed and questions that are asked: nothing is changed before the one is finished or the other says yes.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use crate::bans::{Edit, Lists, Mark, Who};
use crate::console::banning::Choice;
use crate::console::counting::Count;
use crate::console::effects::Effect;
use crate::console::keys::Panel;
use crate::domain::{Action, BanKind, EmailAddress, Localpart};
use crate::filter::{Filter, completed};
use crate::store::StoreError;

use super::{Console, Mode};

/// A question that only `y` says yes to.
#[derive(Debug)]
pub(in crate::console) struct Question {
    pub text: String,
    pub effect: Effect,
}

/// A line to be typed, and what for.
#[derive(Debug)]
pub(in crate::console) struct Prompt {
    pub title: String,
    pub input: Input,
    pub purpose: Purpose,
    /// What it would come to, or what is wrong with it; None: it is being counted.
    pub told: Option<Result<String, String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum Purpose {
    Add(BanKind),
    Edit(BanKind, String),
    Test,
    Reason(Vec<i64>),
    /// Of this request, which went to this address.
    Resend(i64, String),
    /// What the entries of this menu do, and until when.
    Mark(Vec<Choice>, usize),
}

/// So many filters are remembered.
const REMEMBERED: usize = 20;

/// Of a text that is pasted, more is never meant.
const LONGEST: usize = 500;

/// Changes the line by a key. False: the key has nothing to do with it.
pub(super) fn edit_input(input: &mut Input, key: KeyEvent) -> bool {
    input.handle_event(&Event::Key(key)).is_some()
}

pub(super) fn paste_into(input: &mut Input, text: &str) {
    for c in text.chars().filter(|c| !c.is_control()).take(LONGEST) {
        input.handle(InputRequest::InsertChar(c));
    }
}

impl Console {
    /// Text that was pasted: it goes where text is typed, and is no keys elsewhere.
    pub(in crate::console) fn paste(&mut self, text: &str) -> Result<(), StoreError> {
        match &mut self.mode {
            Mode::Filter(input) => {
                paste_into(input, text);
                self.refilter()
            }
            Mode::Type(prompt) => {
                paste_into(&mut prompt.input, text);
                self.judge_prompt();
                Ok(())
            }
            _ => {
                self.paste_into_form(text);
                Ok(())
            }
        }
    }

    pub(super) fn filter_key(&mut self, key: KeyEvent) -> Result<(), StoreError> {
        let panel = self.panel.index();
        let Mode::Filter(input) = &mut self.mode else { return Ok(()) };
        match key.code {
            // Nothing is kept that is not understood.
            KeyCode::Enter if self.unclear.is_some() => Ok(()),
            KeyCode::Enter => {
                input.value().trim().clone_into(&mut self.filters[panel]);
                self.mode = Mode::Panel;
                self.remember(panel);
                Ok(())
            }
            KeyCode::Tab => {
                if let Some(longer) = completed(input.value()) {
                    *input = Input::new(longer);
                }
                self.refilter()
            }
            KeyCode::Esc => {
                self.filters[panel].clear();
                self.mode = Mode::Panel;
                self.refilter()
            }
            // Earlier filters, as a shell has its lines.
            KeyCode::Up | KeyCode::Down => {
                let to = if key.code == KeyCode::Up {
                    self.recalled.saturating_sub(1)
                } else {
                    (self.recalled + 1).min(self.remembered.len())
                };
                self.recalled = to;
                *input = Input::new(self.remembered.get(to).cloned().unwrap_or_default());
                self.refilter()
            }
            KeyCode::PageDown => self.step(1),
            KeyCode::PageUp => self.step(-1),
            _ => {
                edit_input(input, key);
                self.refilter()
            }
        }
    }

    /// The last ones can be had again.
    fn remember(&mut self, panel: usize) {
        let filter = self.filters[panel].clone();
        if !filter.is_empty() {
            self.remembered.retain(|one| *one != filter);
            self.remembered.push(filter);
            self.remembered.drain(..self.remembered.len().saturating_sub(REMEMBERED));
        }
    }

    /// What is filtered has changed: what of it is understood holds from now on.
    pub(super) fn refilter(&mut self) -> Result<(), StoreError> {
        let mut typed = self.filter().to_owned();
        self.unclear = None;
        let meant = loop {
            match Filter::parse(&typed, self.now) {
                Ok(meant) => break meant,
                Err(unclear) => {
                    // What the other words mean holds meanwhile.
                    typed = typed.replacen(&unclear.typed, "", 1);
                    self.unclear.get_or_insert(unclear);
                }
            }
        };
        self.meant[self.panel.index()] = meant;
        match self.panel {
            Panel::Requests => {
                self.look_through();
                self.fit();
                self.read_window()?;
            }
            Panel::Bans => self.list_bans(),
            Panel::Cooldowns | Panel::Token | Panel::Outbox | Panel::Journal => self.fit(),
        }
        Ok(())
    }

    pub(super) fn ask(&mut self, text: impl Into<String>, effect: Effect) {
        self.mode = Mode::Ask(Question { text: text.into(), effect });
    }

    pub(super) fn ask_key(&mut self, key: KeyEvent) -> Option<Effect> {
        match (key.code, std::mem::replace(&mut self.mode, Mode::Panel)) {
            (KeyCode::Char('y'), Mode::Ask(question)) => return Some(question.effect),
            (KeyCode::Char('q'), _) => self.is_over = true,
            _ => self.nothing_changed(),
        }
        None
    }

    pub(super) fn type_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Mode::Type(prompt) = &mut self.mode else { return None };
        match key.code {
            KeyCode::Esc => {
                if prompt.purpose != Purpose::Test {
                    self.nothing_changed();
                }
                self.mode = Mode::Panel;
            }
            KeyCode::Enter => return self.prompt_is_done(),
            _ => {
                if edit_input(&mut prompt.input, key) {
                    self.judge_prompt();
                }
            }
        }
        None
    }

    fn prompt_is_done(&mut self) -> Option<Effect> {
        let Mode::Type(prompt) = &self.mode else { return None };
        let text = prompt.input.value().trim().to_owned();
        let effect = match &prompt.purpose {
            // The answer stands there already.
            Purpose::Test => return None,
            Purpose::Reason(ids) => {
                let ids = ids.clone();
                self.go_on(&ids);
                Effect::Refuse(ids, Some(text).filter(|text| !text.is_empty()))
            }
            Purpose::Mark(choices, at) => {
                if let Ok(mark) = text.parse() {
                    self.ban_mark = Some(mark);
                    self.mode = Mode::BanMenu(choices.clone(), *at);
                }
                return None;
            }
            Purpose::Resend(..) if prompt.told.as_ref().is_none_or(Result::is_err) => return None,
            Purpose::Resend(request, _) => Effect::Resend(*request),
            Purpose::Add(_) | Purpose::Edit(..) if !matches!(prompt.told, Some(Ok(_))) => return None,
            Purpose::Add(kind) => Effect::Ban(vec![(*kind, Edit::Add(text.into()))]),
            Purpose::Edit(_, old) if *old == text => {
                self.mode = Mode::Panel;
                self.nothing_changed();
                return None;
            }
            Purpose::Edit(kind, old) => Effect::Ban(vec![(*kind, Edit::Replace(old.clone(), text.into()))]),
        };
        self.mode = Mode::Panel;
        Some(effect)
    }

    pub(super) fn prompt(&mut self, title: String, text: &str, purpose: Purpose) {
        self.mode = Mode::Type(Prompt { title, input: Input::new(text.to_owned()), purpose, told: None });
        self.judge_prompt();
    }

    pub(super) fn prompt_entry(&mut self, kind: BanKind, old: Option<&str>) {
        let file = kind.file_name();
        match old {
            None => self.prompt(format!("Add to {file}"), "", Purpose::Add(kind)),
            Some(old) => self.prompt(format!("Edit in {file}"), old, Purpose::Edit(kind, old.to_owned())),
        }
    }

    /// What the line that is being typed would come to.
    fn judge_prompt(&mut self) {
        let Mode::Type(prompt) = &self.mode else { return };
        let text = prompt.input.value().trim();
        let told = match &prompt.purpose {
            Purpose::Add(_) | Purpose::Edit(..) if text.is_empty() => {
                Some(Err("nothing is typed yet".into()))
            }
            Purpose::Add(kind) | Purpose::Edit(kind, _) => {
                let is_valid = Lists::single(*kind, &text.into());
                if is_valid.is_ok() {
                    let entries = vec![(*kind, text.to_owned())];
                    self.wanted.push(Count::Hits(entries, self.a_month_ago()));
                }
                is_valid.err().map(Err)
            }
            Purpose::Mark(..) => Some(match text.parse::<Mark>() {
                Ok(_) => Ok("refuse, hold or approve; until=2027-01-01; note=\"spring wave\"".into()),
                Err(why) => Err(why),
            }),
            Purpose::Resend(_, to) if text == to => Some(Ok("it goes there again".into())),
            Purpose::Resend(..) => {
                Some(Err("only the applicant can change the address, or another request".into()))
            }
            Purpose::Reason(_) if text.is_empty() => Some(Ok("nobody is told".into())),
            Purpose::Reason(_) => Some(Ok("this is mailed to the applicant".into())),
            Purpose::Test if text.is_empty() => Some(Ok("an IP address, an email address or a name".into())),
            Purpose::Test => Some(self.test(text)),
        };
        if let Mode::Type(prompt) = &mut self.mode {
            prompt.told = told;
        }
    }

    /// Which lines refuse this, whatever it is.
    fn test(&self, text: &str) -> Result<String, String> {
        let lists = self.bans.lists.as_ref().ok_or("the lists are still being read")?;
        let mut found = Vec::new();
        if let Ok(ip) = text.parse() {
            found.extend(lists.all(Who::Ip(ip), self.now));
        }
        if let Ok(email) = EmailAddress::parse(text) {
            found.extend(lists.all(Who::Email(&email), self.now));
        }
        if let Ok(name) = Localpart::parse(text, &self.opened.settings.homeserver) {
            found.extend(lists.all(Who::Username(&name), self.now));
        }
        if found.is_empty() {
            return Ok("no line hits it".into());
        }
        let is_refused = found.iter().any(|hit| hit.action == Action::Refuse);
        let found: Vec<String> = found.iter().map(|hit| format!("{} by {hit}", hit.action.done())).collect();
        if is_refused { Err(found.join("; ")) } else { Ok(found.join("; ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_typed_and_mended() {
        let mut input = Input::new("añb".into());
        let press = |input: &mut Input, code| edit_input(input, KeyEvent::from(code));
        press(&mut input, KeyCode::Left);
        press(&mut input, KeyCode::Backspace);
        paste_into(&mut input, "x\u{7}");
        assert_eq!((input.value(), input.cursor()), ("axb", 2));
        press(&mut input, KeyCode::Delete);
        press(&mut input, KeyCode::Delete);
        assert_eq!(input.value(), "ax");
        assert!(!press(&mut input, KeyCode::F(1)));
    }
}
