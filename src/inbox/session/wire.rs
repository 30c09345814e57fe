//! The connection's bytes: every wait ends by a time-out, every answer is bounded.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::config::Imap;
use crate::inbox::fault::Fault;
use crate::net::stream::connect;
use crate::stop::{Bell, LONGEST_WAIT, gets_on};

use super::peer;

/// For a connection to each address of the host.
const CONNECT: Duration = Duration::from_secs(20);

/// Called away, it goes on for so long at most.
const PARTING: Duration = Duration::from_secs(2);

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
    /// Calls it away while it is rung.
    bell: Option<Arc<Bell>>,
    called_at: Option<Instant>,
}

impl Wire {
    /// Connects, without TLS.
    pub(super) fn connect(imap: &Imap, patience: Patience, bell: Option<Arc<Bell>>) -> Result<Self, Fault> {
        let tcp = connect(&imap.host, imap.port, CONNECT, &peer(imap))?;
        tcp.set_write_timeout(Some(patience.silence)).map_err(|error| peer(imap).fault(&error))?;
        let told_at = Instant::now();
        Ok(Self { tcp, patience, told_at, heard: 0, idle_until: None, bell, called_at: None })
    }

    /// In IDLE a silence of this length is no fault; otherwise, None, only a short one is patiently borne.
    pub(super) fn set_idle(&mut self, timeout: Option<Duration>) {
        self.idle_until = timeout.map(|timeout| Instant::now() + timeout);
    }

    /// Waits until there is something to read.
    fn wait(&mut self) -> io::Result<()> {
        let until = self.idle_until.unwrap_or_else(|| Instant::now() + self.patience.silence);
        loop {
            gets_on();
            let (now, is_called) = (Instant::now(), self.bell.as_ref().is_some_and(|bell| bell.is_rung()));
            self.called_at = is_called.then(|| self.called_at.unwrap_or(now));
            let until = self.called_at.map_or(until, |at| until.min(at + PARTING));
            if (is_called && self.idle_until.is_some()) || until <= now {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let bell = self.bell.as_ref().filter(|_| !is_called).and_then(|bell| bell.descriptor());
            let mut polled = vec![PollFd::new(&self.tcp, PollFlags::IN)];
            polled.extend(bell.map(|bell| PollFd::from_borrowed_fd(bell, PollFlags::IN)));
            match poll(&mut polled, Timespec::try_from((until - now).min(LONGEST_WAIT)).ok().as_ref()) {
                Ok(_) if !polled[0].revents().is_empty() => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.told_at.elapsed() > self.patience.answer {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long over one answer"));
        }
        self.wait()?;
        let count = self.tcp.read(buffer)?;
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
