//! The operator's console: see everything, act on the spot, over a thin line.
//!
//! A key becomes an `Action` (`keys`), which changes the model and may ask for an `Effect` (`model`), which is done on a
//! thread of its own (`effects`). The views, one file a panel, only draw what the model has. It is drawn when something has
//! changed, and not else; other processes' changes are seen by SQLite's own count of them.

mod alarm;
mod alike;
mod ban_watch;
mod banning;
mod bans;
mod cooldowns;
mod counting;
mod dashboard;
mod effects;
mod ground;
mod invitation;
mod journal;
mod keys;
mod list;
mod look;
mod model;
mod outbox;
mod popup;
mod requests;
mod sparkline;
mod status;
mod terminal;
mod thrift;
mod token;
mod view;
mod widgets;
mod wire;

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rustix::fs::Access;

use crate::acts::{Door, Intent, Opened, environment, locate, open, settings};
use crate::cli::{ConsoleArgs, complain};
use crate::clock::{Clock, SystemClock};
use crate::config::ConsoleTheme;
use crate::store::{StoreError, Watch};

use ban_watch::watch_bans;
use counting::{COUNT_WITHIN, Counter, QUICK};
use effects::{Told, set_off};
use ground::{Ground, Taken};
use look::Look;
use model::{BanFiles, Console};
use terminal::Screen;

/// How often it is looked whether anything has changed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often whether a desk runs, and what passes with time.
const TICK_EVERY: Duration = Duration::from_secs(1);

/// When the console is left, what is under way has so long to be done.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What other threads bring.
enum News {
    /// An effect is done.
    Done(Told),
    /// The ban lists; None: nobody looks at them any more.
    Bans(Option<BanFiles>),
}

/// `console`
pub fn run(config: Option<&Path>, args: &ConsoleArgs) -> ExitCode {
    if environment("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
        complain(
            "this terminal cannot show the console (TERM=dumb): `doorman status` and `doorman requests` tell the same",
        );
        return ExitCode::from(2);
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        complain(
            "the console needs a terminal (ssh -t gives one); for scripts there is `doorman requests --follow`",
        );
        return ExitCode::from(2);
    }
    match start(config, args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn start(config: Option<&Path>, args: &ConsoleArgs) -> Result<(), String> {
    let intent = if args.read_only { Intent::Read } else { Intent::Write };
    let (_, folder) = settings(config).map_err(|failure| failure.to_string())?;
    let path = std::path::absolute(folder.path()).unwrap_or_else(|_| folder.path().to_owned());
    let in_folder = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    if args.read_only && !folder.database().exists() {
        return Err(in_folder(&"there is no doorman.db yet, so there is nothing to look at"));
    }
    let opened = open(config, intent, Door::Console).map_err(|failure| in_folder(&failure))?;
    let unwritable = rustix::fs::access(opened.folder.path(), Access::WRITE_OK | Access::EXEC_OK)
        .err()
        .map(|error| in_folder(&format_args!("cannot be written ({error}): this console only looks")));
    let look = Look::of(environment, opened.settings.console.theme);
    let (mut screen, guard) = terminal::take(args.mouse, look).map_err(of_terminal)?;
    let mut console =
        Console::new(Arc::new(opened), look, args.read_only || unwritable.is_some(), SystemClock.now());
    console.message = unwritable.map(Err);
    let (store, who) = (Arc::clone(&console.opened.store), console.opened.by.who.clone());
    console.visited_at = store.read(|store| store.visited_at(&who)).map_err(|error| error.to_string())?;
    if look.has_ground() && console.opened.settings.console.theme == ConsoleTheme::Auto {
        console.ground = Ground::Asked;
        terminal::ask(ground::ASK).map_err(of_terminal)?;
    }
    let (sender, news) = channel();
    let ended = keep(&mut screen, &mut console, config, intent, (&sender, &news));
    drop(guard);
    if !console.read_only {
        // What cannot be written down is told as new once more.
        let _ = store.write(move |store| store.note_visit(&who, SystemClock.now()));
    }
    ended.and_then(|()| wait_for_last(console.busy, &news))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn of_terminal(error: std::io::Error) -> String {
    format!("the terminal: {error}")
}

/// What was asked for just before the end is still done, where that does not take long.
fn wait_for_last(mut busy: usize, news: &Receiver<News>) -> Result<(), String> {
    let deadline = Instant::now() + LAST_WORDS;
    while busy > 0 {
        match news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(News::Done(told)) => {
                told.failed.map_or(Ok(()), Err)?;
                busy -= 1;
            }
            Ok(News::Bans(_)) => {}
            Err(_) => return Err("the last action took too long: check whether it was done".into()),
        }
    }
    Ok(())
}

fn keep(
    screen: &mut Screen,
    console: &mut Console,
    config: Option<&Path>,
    intent: Intent,
    (sender, news): (&Sender<News>, &Receiver<News>),
) -> Result<(), String> {
    let look_at_bans = |opened: &Opened| {
        let sender = sender.clone();
        watch_bans(opened.folder.clone(), opened.settings.lists.clone(), move |bans| {
            sender.send(News::Bans(bans)).is_ok()
        });
    };
    look_at_bans(&console.opened);
    let mut watch = console.opened.store.watch().map_err(|error| error.to_string())?;
    let mut stamps = stamps(config, &console.opened);
    console.read().map_err(|error| error.to_string())?;
    let (mut drawn, mut ticked) = (String::new(), Instant::now());
    let (mut dirty, mut are_bans_watched, mut counter) = (true, true, Counter::new());
    while !console.is_over {
        if terminal::is_stale() {
            let size = screen.size().map_err(of_terminal)?;
            screen.resize(size.into()).map_err(of_terminal)?;
            dirty = true;
        }
        if dirty {
            draw(screen, console)?;
            drawn = passing(console);
            dirty = false;
        }
        let patience = if counter.is_counting() { COUNT_WITHIN } else { LOOK_EVERY };
        if event::poll(patience).map_err(of_terminal)? {
            dirty |= take_events(console, &mut counter, sender)?;
        }
        dirty |= count(console, &mut counter, Duration::ZERO);
        console.now = SystemClock.now();
        dirty |= take_news(console, news, &mut are_bans_watched);
        // A desk that restores a backup, or a disk that fails, is told and looked at again.
        match watch.changed() {
            Ok(false) => {}
            Ok(true) => {
                let read = console.read();
                tell(console, read);
                dirty = true;
            }
            Err(error) => {
                dirty |= console.message.is_none();
                console.message = Some(Err(error.to_string()));
            }
        }
        if ticked.elapsed() >= TICK_EVERY {
            ticked = Instant::now();
            if !std::mem::replace(&mut are_bans_watched, true) {
                look_at_bans(&console.opened);
            }
            let passed = console.tick();
            dirty |= !matches!(passed, Ok(false));
            tell(console, passed);
            let now = self::stamps(config, &console.opened);
            if now != stamps && console.busy == 0 {
                stamps = now;
                dirty = true;
                if let Err(why) = open_again(console, config, intent, &mut watch) {
                    console.message = Some(Err(why));
                }
            }
        }
        dirty |= passing(console) != drawn;
    }
    Ok(())
}

/// What went wrong in reading is told; the next look may go well.
fn tell<T>(console: &mut Console, read: Result<T, StoreError>) {
    if let Err(error) = read {
        console.message = Some(Err(error.to_string()));
    }
}

/// Has counted what is wanted, and takes what is there within this time. True: something was.
fn count(console: &mut Console, counter: &mut Counter, within: Duration) -> bool {
    let is_quick = console.request_count() <= QUICK;
    let mut was_taken = false;
    for wanted in std::mem::take(&mut console.wanted) {
        if is_quick {
            was_taken = true;
            let found = wanted.run(&console.opened, &|| ControlFlow::Continue(()));
            let found = found.map(|found| console.take_counted(found));
            tell(console, found);
        } else {
            counter.start(wanted, &console.opened);
        }
    }
    while let Some(done) = counter.wait(within) {
        was_taken = true;
        let done = done.map(|found| console.take_counted(found));
        tell(console, done);
    }
    was_taken
}

/// By what other settings, or another database (a backup that was restored), are known.
fn stamps(config: Option<&Path>, opened: &Opened) -> [Option<(u64, u64, i64, i64)>; 2] {
    let config = locate(config).ok().flatten().and_then(|path| std::fs::metadata(path).ok());
    let database = std::fs::metadata(opened.folder.database()).ok();
    [
        config.map(|file| (file.ino(), file.size(), file.mtime(), file.mtime_nsec())),
        // It changes all the time; only another file is meant.
        database.map(|file| (file.ino(), 0, 0, 0)),
    ]
}

fn open_again(
    console: &mut Console,
    config: Option<&Path>,
    intent: Intent,
    watch: &mut Watch,
) -> Result<(), String> {
    // While a backup is restored there is no database for an instant; the next look finds it.
    if !console.opened.folder.database().exists() {
        return Err(format!("{} is gone", console.opened.folder.database().display()));
    }
    let opened = open(config, intent, Door::Console).map_err(|failure| failure.to_string())?;
    *watch = opened.store.watch().map_err(|error| error.to_string())?;
    console.reopen(Arc::new(opened)).map_err(|error| error.to_string())
}

/// What is on screen and changes by itself as time passes.
fn passing(console: &Console) -> String {
    let fields = console.status.fields(console.now);
    let mut text: String = fields.into_iter().map(|field| field.long).collect();
    // The other countdowns go by the minute, too.
    text.push_str(&console.now.format("%H%M").to_string());
    text
}

fn draw(screen: &mut Screen, console: &mut Console) -> Result<(), String> {
    let size = screen.size().map_err(of_terminal)?;
    console.is_unseen = view::is_too_small(size);
    if console.resize(size) {
        let read = console.read_panel();
        tell(console, read);
    }
    let _drawing = terminal::drawing();
    screen.draw(|frame| view::draw(frame, console)).map_err(of_terminal)?;
    Ok(())
}

/// Takes all that was typed. True: something may look different now.
fn take_events(console: &mut Console, counter: &mut Counter, sender: &Sender<News>) -> Result<bool, String> {
    let mut dirty = false;
    loop {
        let taken = match event::read().map_err(of_terminal)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => match console.ground.take(key) {
                Taken::Key => Some(console.key(key)),
                Taken::Part => None,
                Taken::Brightness(brightness) => {
                    console.look = console.look.on_ground(brightness);
                    dirty = true;
                    None
                }
            },
            Event::Paste(text) => Some(console.paste(&text).map(|()| None)),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => Some(console.key(arrow(KeyCode::Down))),
                MouseEventKind::ScrollUp => Some(console.key(arrow(KeyCode::Up))),
                _ => None,
            },
            Event::Resize(..) => {
                dirty = true;
                None
            }
            _ => None,
        };
        match taken {
            Some(Ok(effect)) => {
                dirty = true;
                if let Some(effect) = effect {
                    console.busy += 1;
                    let sender = sender.clone();
                    // The console may be gone.
                    set_off(effect, &console.opened, move |told| drop(sender.send(News::Done(told))));
                }
            }
            Some(Err(error)) => {
                dirty = true;
                console.message = Some(Err(error.to_string()));
            }
            None => {}
        }
        if !console.wanted.is_empty() {
            count(console, counter, COUNT_WITHIN);
        }
        if std::mem::take(&mut console.wants_redraw) {
            terminal::make_stale();
        }
        if let Some(text) = console.copied.take() {
            terminal::copy(&text).map_err(of_terminal)?;
        }
        if std::mem::take(&mut console.wants_background) {
            if terminal::has_background() {
                terminal::go_to_background().map_err(of_terminal)?;
            } else {
                console.message = Some(Err("there is no shell to go back to".into()));
            }
        }
        if console.is_over || !event::poll(Duration::ZERO).map_err(of_terminal)? {
            return Ok(dirty);
        }
    }
}

fn arrow(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn take_news(console: &mut Console, news: &Receiver<News>, are_bans_watched: &mut bool) -> bool {
    let mut dirty = false;
    for one in news.try_iter() {
        dirty = true;
        match one {
            News::Done(told) => {
                let read = console.take_done(told);
                tell(console, read);
            }
            News::Bans(Some(bans)) => console.take_bans(bans),
            News::Bans(None) => {
                *are_bans_watched = false;
                console.message = Some(Err("the ban lists could not be read; that is tried again".into()));
            }
        }
    }
    dirty
}

#[cfg(test)]
mod tests;
