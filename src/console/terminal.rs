//! The terminal is as it was, however the console ends: quit, signal, panic, hang-up; and while it is in the background.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, raise};

use crate::domain::printable;

use super::look::Look;
use super::thrift::Thrift;
use super::wire::Wire;

/// A whole frame goes out in one write.
const FRAME: usize = 64 << 10;

/// How often it is looked whether somebody is still there.
const HANG_UP_EVERY: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

pub(super) type Screen = Terminal<Thrift<CrosstermBackend<BufWriter<Wire<Stdout>>>>>;

static IS_OURS: AtomicBool = AtomicBool::new(false);

/// The screen has to be drawn anew, whatever stood there.
static IS_STALE: AtomicBool = AtomicBool::new(false);

/// Held by whoever draws, and by whoever gives the terminal back: nothing is drawn on a screen that is not ours any more.
static DRAWING: Mutex<()> = Mutex::new(());

/// Gives the terminal back when it is dropped.
#[derive(Debug)]
pub(super) struct Guard;

/// Takes the terminal over.
pub(super) fn take(mouse: bool, look: Look) -> io::Result<(Screen, Guard)> {
    let ui = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        // Another thread's panic is told in the console; the terminal stays ours.
        if std::thread::current().id() == ui {
            give_back();
            // What it panicked at may stand in it, and that may have come from outside.
            let told = printable(&panic.to_string(), 500);
            let backtrace = Backtrace::capture();
            let is_captured = backtrace.status() == BacktraceStatus::Captured;
            let trace = if is_captured { format!("{backtrace}\n") } else { String::new() };
            // Where standard error is gone, `eprintln!` would panic in here.
            let _ = write!(
                std::io::stderr(),
                "doorman: a bug ended the console; a desk that runs is not touched by it. {told}\n{trace}"
            );
        }
    }));
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT])?;
    // On a thread of its own: the other may be waiting for a key, or for a terminal that is gone.
    std::thread::Builder::new().name("console-signals".into()).spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGTSTP => sleep(mouse),
                SIGCONT => wake(mouse),
                signal => end(128 + signal),
            }
        }
    })?;
    std::thread::Builder::new().name("console-hang-up".into()).spawn(watch_for_hang_up)?;
    let guard = Guard;
    enter(mouse)?;
    let out = BufWriter::with_capacity(FRAME, Wire::new(stdout(), look.has_sixteen()));
    let screen = Terminal::new(Thrift::new(CrosstermBackend::new(out)))?;
    Ok((screen, guard))
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    IS_OURS.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Asks the terminal something.
pub(super) fn ask(question: &str) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(question.as_bytes()).and_then(|()| out.flush())
}

/// Gives a text to the terminal to keep (OSC 52). tmux takes it only from its own command, unless it is told otherwise.
/// Nobody knows whether it arrived.
pub(super) fn copy(text: &str) -> io::Result<()> {
    let _drawing = drawing();
    ask(&format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(text)))?;
    if std::env::var_os("TMUX").is_some() {
        let load = Command::new("tmux")
            .args(["load-buffer", "-w", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        if let Ok(mut tmux) = load {
            tmux.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()))?;
            tmux.wait()?;
        }
    }
    Ok(())
}

/// To be held while something is drawn.
pub(super) fn drawing() -> MutexGuard<'static, ()> {
    DRAWING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Another program may have written on the screen.
pub(super) fn make_stale() {
    IS_STALE.store(true, Ordering::SeqCst);
}

/// Whether the screen has to be drawn anew.
pub(super) fn is_stale() -> bool {
    IS_STALE.swap(false, Ordering::SeqCst)
}

/// Whether somebody is there who could bring the console back from the background: a shell with job control, which gives
/// it a process group of its own.
pub(super) fn has_background() -> bool {
    rustix::process::getsid(None).is_ok_and(|session| session != rustix::process::getpgrp())
}

/// To the background, as any program goes there.
pub(super) fn go_to_background() -> io::Result<()> {
    raise(SIGTSTP)
}

/// The terminal is another's until we are continued.
fn sleep(mouse: bool) {
    let _drawing = drawing();
    give_back();
    // All threads stop in here.
    let _ = emulate_default_handler(SIGTSTP);
    let _ = enter(mouse);
    IS_STALE.store(true, Ordering::SeqCst);
}

/// After a stop that nobody announced, the shell has used the terminal meanwhile.
fn wake(mouse: bool) {
    let _drawing = drawing();
    if IS_OURS.load(Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = enter(mouse);
        IS_STALE.store(true, Ordering::SeqCst);
    }
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
    // A terminal that takes nothing more, and whoever is drawing on it, must not keep the process alive.
    let deadline = Instant::now() + Duration::from_secs(1);
    let given_back = std::thread::spawn(move || {
        let drawing = loop {
            match DRAWING.try_lock() {
                Ok(drawing) => break Some(drawing),
                Err(TryLockError::Poisoned(poisoned)) => break Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => break None,
                Err(TryLockError::WouldBlock) => std::thread::park_timeout(Duration::from_millis(1)),
            }
        };
        give_back();
        // Kept until the process is gone: nothing is drawn any more.
        std::mem::forget(drawing);
    });
    while !given_back.is_finished() && Instant::now() < deadline {
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
