//! The connection's bytes: every wait ends by a time-out, every answer is bounded.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::config::Imap;
use crate::inbox::fault::Fault;
use crate::net::stream::connect;

use super::peer;

/// For a connection to each address of the host.
const CONNECT: Duration = Duration::from_secs(20);

/// While it waits for mails, it looks so often whether somebody calls it away.
const LOOK_UP_EVERY: Duration = Duration::from_millis(250);

/// How much a mail server may ask of the desk.
#[derive(Debug, Clone, Copy)]
pub(in crate::inbox) struct Patience {
    /// A silence.
    pub silence: Duration,
    /// From one thing that it is told to the next, however much it says meanwhile. Longer than any IDLE.
    pub answer: Duration,
    /// What it may say between the two: a mail's beginning, or the numbers of half a million mails.
    pub bytes: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), answer: Duration::from_secs(180), bytes: 4 << 20 }
    }
}

/// The socket. Its time-outs end a silence; a server that drips, or never ends, is ended here.
#[derive(Debug)]
pub(super) struct Wire {
    tcp: TcpStream,
    patience: Patience,
    told_at: Instant,
    heard: usize,
    /// In IDLE: until when. A silence is no fault then.
    idle_until: Option<Instant>,
    /// Somebody calls it away from IDLE.
    called: Arc<AtomicBool>,
}

impl Wire {
    /// Connects, without TLS.
    pub(super) fn connect(imap: &Imap, patience: Patience) -> Result<Self, Fault> {
        let tcp = connect(&imap.host, imap.port, CONNECT, &peer(imap))?;
        let set = tcp
            .set_read_timeout(Some(patience.silence))
            .and_then(|()| tcp.set_write_timeout(Some(patience.silence)));
        set.map_err(|error| peer(imap).fault(&error))?;
        Ok(Self {
            tcp,
            patience,
            told_at: Instant::now(),
            heard: 0,
            idle_until: None,
            called: Arc::default(),
        })
    }

    /// What ends all waiting at it from another thread.
    pub(super) fn plug(&self) -> io::Result<Plug> {
        Ok(Plug { tcp: self.tcp.try_clone()?, called: Arc::clone(&self.called) })
    }

    /// In IDLE a silence of this length is no fault; otherwise, None, only a short one is patiently borne.
    pub(super) fn set_idle(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.idle_until = timeout.map(|timeout| Instant::now() + timeout);
        let silence = timeout.map_or(self.patience.silence, |timeout| timeout.min(LOOK_UP_EVERY));
        self.tcp.set_read_timeout(Some(silence))
    }

    /// From the socket; in IDLE it looks up between.
    fn wait(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(until) = self.idle_until else { return self.tcp.read(buffer) };
        loop {
            if self.called.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.tcp.read(buffer) {
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                        && Instant::now() < until => {}
                read => return read,
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.told_at.elapsed() > self.patience.answer {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long over one answer"));
        }
        let count = self.wait(buffer)?;
        self.heard = self.heard.saturating_add(count);
        if self.heard > self.patience.bytes {
            return Err(io::Error::other("it says more than it was asked for"));
        }
        Ok(count)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.told_at, self.heard) = (Instant::now(), 0);
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// Ends a session from another thread.
#[derive(Debug)]
pub(in crate::inbox) struct Plug {
    tcp: TcpStream,
    called: Arc<AtomicBool>,
}

impl Plug {
    /// The session waits for mails no longer, from now on; it can still be spoken.
    pub(in crate::inbox) fn call_away(&self) {
        self.called.store(true, Ordering::Relaxed);
    }

    /// Whatever it is doing: at once.
    pub(in crate::inbox) fn pull(&self) {
        let _ = self.tcp.shutdown(Shutdown::Both);
    }
}
