//! A terminal with a program in it: a pseudo-terminal, and a real terminal's parser behind it.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::wait_until;

/// `O_NOCTTY`: whoever opens it may be without a terminal, and is to stay so.
const NO_CONTROLLING_TERMINAL: i32 = 0o400;

/// What came out of the program.
struct Output {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    last_at: Instant,
}

/// A terminal of a size, with a program in it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    // Both ends stay open, so that what the program leaves behind can be looked at.
    master: Box<dyn MasterPty + Send>,
    slave: Box<dyn SlavePty + Send>,
    keys: Box<dyn Write + Send>,
    output: Arc<Mutex<Output>>,
    is_closing: Arc<AtomicBool>,
    /// The terminal's modes before the program started.
    modes: String,
}

impl Terminal {
    /// The console on this folder, with colours and UTF-8.
    pub fn console(folder: &Path, width: u16, height: u16) -> Self {
        Self::start(folder, (width, height), &["console"], &[])
    }

    /// The binary with these arguments, and with these variables beside or instead of the usual ones.
    pub fn start(folder: &Path, size: (u16, u16), args: &[&str], set: &[(&str, &str)]) -> Self {
        Self::start_program(folder, size, env!("CARGO_BIN_EXE_doorman"), args, set)
    }

    /// Any program, in this folder.
    pub fn start_program(
        folder: &Path,
        (cols, rows): (u16, u16),
        program: &str,
        args: &[&str],
        set: &[(&str, &str)],
    ) -> Self {
        let pair =
            native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.cwd(folder);
        command.args(args);
        for gone in ["NO_COLOR", "COLORTERM", "LC_ALL", "LC_CTYPE", "DOORMAN_CONFIG", "NOTIFY_SOCKET"] {
            command.env_remove(gone);
        }
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")].iter().chain(set) {
            command.env(name, value);
        }
        let modes = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        let output = Output {
            parser: vt100::Parser::new(length(rows), length(cols), 0),
            bytes: Vec::new(),
            last_at: Instant::now(),
        };
        let terminal = Self {
            child,
            keys: pair.master.take_writer().unwrap(),
            slave: pair.slave,
            output: Arc::new(Mutex::new(output)),
            is_closing: Arc::default(),
            modes,
            master: pair.master,
        };
        let mut reader = terminal.master.try_clone_reader().unwrap();
        let (output, is_closing) = (Arc::clone(&terminal.output), Arc::clone(&terminal.is_closing));
        std::thread::spawn(move || {
            let mut piece = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                let mut output = output.lock().unwrap();
                output.parser.process(&piece[..count]);
                output.bytes.extend_from_slice(&piece[..count]);
                output.last_at = Instant::now();
                if is_closing.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        terminal
    }

    /// Types this. `\r` is Enter, `\x1b` is Escape.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the program has read all that was typed.
    pub fn wait_until_read(&self) {
        let path = self.master.tty_name().unwrap();
        let terminal =
            OpenOptions::new().read(true).custom_flags(NO_CONTROLLING_TERMINAL).open(path).unwrap();
        // Asked so, the system first brings what is still on its way.
        let is_read =
            || poll(&mut [PollFd::new(&terminal, PollFlags::IN)], Some(&Timespec::default())).unwrap() == 0;
        wait_until("what was typed is read", || is_read().then_some(()));
    }

    /// What is on the screen, line by line.
    pub fn screen(&self) -> String {
        self.output.lock().unwrap().parser.screen().contents()
    }

    /// Waits until this stands on the screen; the screen then.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_for_screen(text, |screen| screen.contains(text))
    }

    /// Waits until this does not stand on the screen any more.
    pub fn wait_without(&self, text: &str) -> String {
        self.wait_for_screen(&format!("without {text}"), |screen| !screen.contains(text))
    }

    /// Waits until the screen is so.
    pub fn wait_for_screen(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "not on the screen within 20 s: {what}\n{screen}");
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Waits until nothing has come for so long.
    pub fn wait_for_silence(&self, span: Duration) {
        wait_until("nothing is written", || {
            (self.output.lock().unwrap().last_at.elapsed() >= span).then_some(())
        });
    }

    /// All bytes that came so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.output.lock().unwrap().bytes.clone()
    }

    /// Whether a cell with this text in it is reversed, and whether its colour is not the default.
    pub fn styles(&self) -> (bool, bool) {
        let output = self.output.lock().unwrap();
        let screen = output.parser.screen();
        let (rows, cols) = screen.size();
        let cells = (0..rows.get()).flat_map(|row| (0..cols.get()).map(move |col| (row, col)));
        cells.filter_map(|(row, col)| screen.cell(row, col)).fold(
            (false, false),
            |(inverse, colour), cell| {
                (inverse || cell.inverse(), colour || cell.fgcolor() != vt100::Color::Default)
            },
        )
    }

    /// The terminal is of another size from now on.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.output.lock().unwrap().parser.screen_mut().set_size(length(rows), length(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap().success());
    }

    /// Waits for the end, which has to come within this time.
    pub fn end_within(&mut self, span: Duration) -> ExitStatus {
        let deadline = Instant::now() + span;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it did not end within {span:?}:\n{}", self.screen());
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Waits for the end: the exit code, and what stands on the screen then.
    pub fn end_and_say(mut self) -> (u32, String) {
        let code = self.end_within(Duration::from_secs(20)).exit_code();
        // The last bytes may still be on their way.
        self.wait_for_silence(Duration::from_millis(200));
        (code, self.screen())
    }

    /// Whether no cursor is seen.
    pub fn hides_cursor(&self) -> bool {
        self.output.lock().unwrap().parser.screen().hide_cursor()
    }

    /// Whether the terminal is as it was: screen, cursor, modes.
    pub fn is_as_it_was(&self) -> bool {
        let output = self.output.lock().unwrap();
        let screen = output.parser.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && modes(self.master.as_ref()) == self.modes
    }

    /// Fails where the terminal is not as it was.
    pub fn assert_as_it_was(&self) {
        // The last bytes may still be on their way.
        wait_until("the terminal is as it was", || self.is_as_it_was().then_some(()));
    }

    /// Closes the window: the program is left without a terminal, and has to end within this time.
    pub fn close(self, span: Duration) {
        let Self { mut child, master, slave, keys, output, is_closing, .. } = self;
        is_closing.store(true, Ordering::SeqCst);
        // The reader holds the terminal open, too; the answer to this wakes it.
        let size = master.get_size().unwrap();
        let before = output.lock().unwrap().bytes.len();
        master.resize(PtySize { rows: size.rows + 1, ..size }).unwrap();
        wait_until("the last bytes", || (output.lock().unwrap().bytes.len() > before).then_some(()));
        wait_until("the reader lets go", || (Arc::strong_count(&output) == 1).then_some(()));
        drop((master, slave, keys));
        let deadline = Instant::now() + span;
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it did not end within {span:?}");
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

fn length(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
