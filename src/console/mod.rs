//! The operator's console: see everything, act on the spot, over a thin line.
//!
//! A key becomes an `Action` (`keys`), which changes the model and may ask for an `Effect` (`model`), which is done on a
//! thread of its own (`effects`). The views, one file a panel, only draw what the model has. It is drawn when something has
//! changed, and not else; other processes' changes are seen by SQLite's own count of them.

mod banning;
mod bans;
mod cooldowns;
mod effects;
mod keys;
mod list;
mod look;
mod model;
mod outbox;
mod popup;
mod requests;
mod status;
mod terminal;
mod token;
mod view;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseEventKind};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::bans::Bans;
use crate::clock::{Clock, SystemClock};
use crate::commands::cli::ConsoleArgs;
use crate::commands::complain;
use crate::commands::folder::{Intent, Opened, environment, open};
use crate::domain::BanKind;
use crate::stop::Stop;
use crate::store::StoreError;

use look::Look;
use model::{BanFiles, Console, Effect};
use terminal::Screen;

/// How often it is looked whether anything has changed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often whether a desk runs, and what passes with time.
const TICK_EVERY: Duration = Duration::from_secs(1);

/// How often the ban lists are looked at.
const BANS_EVERY: Duration = Duration::from_millis(400);

/// What other threads bring.
enum News {
    Done(Result<String, String>),
    Bans(BanFiles),
}

/// `console`
pub fn run(config: Option<&Path>, args: &ConsoleArgs) -> ExitCode {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        complain(
            "the console needs a terminal (ssh -t gives one); for scripts there is `doorman requests --follow`",
        );
        return ExitCode::from(2);
    }
    let intent = if args.read_only { Intent::Read } else { Intent::Write };
    let ended = open(config, intent).map_err(|failure| failure.to_string()).and_then(|opened| {
        let (mut screen, guard) =
            terminal::take(args.mouse).map_err(|error| format!("the terminal: {error}"))?;
        let ended = keep(&mut screen, opened, args);
        drop(guard);
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            complain(&why);
            ExitCode::FAILURE
        }
    }
}

fn keep(screen: &mut Screen, opened: Opened, args: &ConsoleArgs) -> Result<(), String> {
    let told = |error: StoreError| error.to_string();
    let opened = Arc::new(opened);
    let (sender, news) = channel();
    watch_bans(Arc::clone(&opened), sender.clone());
    let mut watch = opened.store.watch().map_err(told)?;
    let look = Look::of(environment);
    let mut console = Console::new(Arc::clone(&opened), look, args.read_only, SystemClock.now());
    console.read().map_err(told)?;
    let (mut drawn, mut ticked) = (String::new(), Instant::now());
    let mut dirty = true;
    while !console.is_over {
        if dirty {
            draw(screen, &mut console)?;
            drawn = passing(&console);
            dirty = false;
        }
        if event::poll(LOOK_EVERY).map_err(|error| format!("the terminal: {error}"))? {
            dirty |= take_events(&mut console, &sender)?;
        }
        console.now = SystemClock.now();
        dirty |= take_news(&mut console, &news).map_err(told)?;
        // A desk that restores a backup, or a disk that fails, is told and looked at again.
        match watch.changed() {
            Ok(false) => {}
            Ok(true) => {
                dirty = true;
                if let Err(error) = console.read() {
                    console.message = Some(Err(error.to_string()));
                }
            }
            Err(error) => {
                dirty |= console.message.is_none();
                console.message = Some(Err(error.to_string()));
            }
        }
        if ticked.elapsed() >= TICK_EVERY {
            ticked = Instant::now();
            console.status.tick(&opened, console.now);
        }
        dirty |= passing(&console) != drawn;
    }
    Ok(())
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
    let told = |error: std::io::Error| format!("the terminal: {error}");
    let size = screen.size().map_err(told)?;
    let height = view::list_height(console, size.height);
    if height != console.height {
        console.height = height;
        console.fit();
        console.read_panel().map_err(|error| error.to_string())?;
    }
    screen.draw(|frame| view::draw(frame, console)).map_err(told)?;
    Ok(())
}

/// Takes all that was typed. True: something may look different now.
fn take_events(console: &mut Console, sender: &Sender<News>) -> Result<bool, String> {
    let told = |error: std::io::Error| format!("the terminal: {error}");
    let mut dirty = false;
    loop {
        let taken = match event::read().map_err(told)? {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(console.key(key)),
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
                    start(effect, &console.opened, sender);
                }
            }
            Some(Err(error)) => {
                dirty = true;
                console.message = Some(Err(error.to_string()));
            }
            None => {}
        }
        if console.is_over || !event::poll(Duration::ZERO).map_err(told)? {
            return Ok(dirty);
        }
    }
}

fn arrow(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// On a thread of its own: it may have to ask the homeserver.
fn start(effect: Effect, opened: &Arc<Opened>, sender: &Sender<News>) {
    let (opened, done) = (Arc::clone(opened), sender.clone());
    let spawned = std::thread::Builder::new().name("console-effect".into()).spawn(move || {
        let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| effects::run(effect, &opened)))
            .unwrap_or_else(|_| Err("that went wrong inside doorman; see whether it was done".into()));
        // The console may be gone.
        let _ = done.send(News::Done(said));
    });
    if let Err(error) = spawned {
        let _ = sender.send(News::Done(Err(error.to_string())));
    }
}

fn take_news(console: &mut Console, news: &Receiver<News>) -> Result<bool, StoreError> {
    let mut dirty = false;
    for one in news.try_iter() {
        dirty = true;
        match one {
            News::Done(said) => {
                console.busy = console.busy.saturating_sub(1);
                console.message = Some(said);
                console.read()?;
            }
            News::Bans(bans) => console.take_bans(bans),
        }
    }
    Ok(dirty)
}

/// Reads the lists, and again whenever a file has changed. Compiling long ones takes a while.
fn watch_bans(opened: Arc<Opened>, sender: Sender<News>) {
    let watching = move || {
        let read = || -> Vec<(BanKind, Vec<u8>)> {
            BanKind::ALL
                .into_iter()
                .map(|kind| {
                    let path = opened.folder.path().join(kind.file_name());
                    (kind, std::fs::read(path).unwrap_or_default())
                })
                .collect()
        };
        let lines = |files: &[(BanKind, Vec<u8>)]| {
            let lines_of = |bytes: &[u8]| {
                String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').lines().map(Arc::from).collect()
            };
            files.iter().map(|(kind, bytes)| (*kind, lines_of(bytes))).collect()
        };
        let stamps = || -> Vec<_> {
            use std::os::unix::fs::MetadataExt;
            BanKind::ALL
                .into_iter()
                .map(|kind| std::fs::metadata(opened.folder.path().join(kind.file_name())).ok())
                .map(|file| file.map(|file| (file.ino(), file.size(), file.mtime(), file.mtime_nsec())))
                .collect()
        };
        let (bans, stop) = (Bans::open(&opened.folder, |_| None), Stop::new());
        let mut seen = stamps();
        let mut told = bans.current();
        let first = BanFiles { lines: lines(&read()), lists: Some(Arc::clone(&told)) };
        if sender.send(News::Bans(first)).is_err() {
            return;
        }
        loop {
            stop.wait(BANS_EVERY);
            let now = stamps();
            bans.refresh();
            let lists = bans.current();
            if now != seen || !Arc::ptr_eq(&lists, &told) {
                (seen, told) = (now, Arc::clone(&lists));
                let news = BanFiles { lines: lines(&read()), lists: Some(lists) };
                if sender.send(News::Bans(news)).is_err() {
                    return;
                }
            }
        }
    };
    // Without it the console still shows everything else.
    let _ = std::thread::Builder::new().name("console-bans".into()).spawn(watching);
}

#[cfg(test)]
mod tests;
