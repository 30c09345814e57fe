//! The terminal is as it was, however the console ends: quit, signal, panic, hang-up.

use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

/// A whole frame goes out in one write.
const FRAME: usize = 64 << 10;

/// How often it is looked whether somebody is still there.
const HANG_UP_EVERY: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

pub(super) type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

static IS_OURS: AtomicBool = AtomicBool::new(false);

/// Gives the terminal back when it is dropped.
#[derive(Debug)]
pub(super) struct Guard;

/// Takes the terminal over.
pub(super) fn take(mouse: bool) -> io::Result<(Screen, Guard)> {
    let ui = std::thread::current().id();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Another thread's panic is told in the console; the terminal stays ours.
        if std::thread::current().id() == ui {
            give_back();
            hook(panic);
        }
    }));
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT])?;
    // On a thread of its own: the other may be waiting for a key, or for a terminal that is gone.
    std::thread::Builder::new().name("console-signals".into()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end(128 + signal);
        }
    })?;
    std::thread::Builder::new().name("console-hang-up".into()).spawn(watch_for_hang_up)?;
    enable_raw_mode()?;
    IS_OURS.store(true, Ordering::SeqCst);
    let guard = Guard;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    let screen = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME, stdout())))?;
    Ok((screen, guard))
}

/// A terminal that is closed: reading from it would go on for ever.
fn watch_for_hang_up() {
    loop {
        let stdin = io::stdin();
        let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        match poll(&mut watched, Some(&HANG_UP_EVERY)) {
            Ok(count) if count > 0 && watched[0].revents().intersects(gone) => end(128 + SIGHUP),
            _ => {}
        }
    }
}

fn end(code: i32) -> ! {
    // A terminal that takes nothing more must not keep the process alive.
    let given_back = std::thread::spawn(give_back);
    let deadline = std::time::Instant::now() + Duration::from_secs(1);
    while !given_back.is_finished() && std::time::Instant::now() < deadline {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    std::process::exit(code)
}

fn give_back() {
    if IS_OURS.swap(false, Ordering::SeqCst) {
        // Each step by itself: one that fails must not keep the others from being done.
        let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste);
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}
