//! One thread and the connections that belong to it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::header::TRANSFER_ENCODING;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::{AbortHandle, LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use crate::stop::{LONGEST_WAIT, gets_on};

use super::wire::{Line, Phase, Wire};
use super::{BACKLOG, BODY_BYTES, HEAD_BYTES, Limits, Request, Response, Service, WithHeader as _};

/// Where there is no room, one in so many of the connections that wait for their client goes, the slowest.
const EVICT_ONE_IN: usize = 16;

/// Before accepting is tried again that failed, and before another look at the last answers.
const PAUSE: Duration = Duration::from_millis(20);

/// After the stop signal, answers that are being made are waited for so long.
const LAST_ANSWERS: Duration = Duration::from_secs(6);

/// Serves until `end`, and until then begun answers are out, or their time is up.
pub(super) fn serve<S: Service>(
    runtime: Runtime,
    listener: TcpListener,
    service: Arc<S>,
    limits: Limits,
    mut end: watch::Receiver<()>,
) {
    let serving = Rc::new(Serving {
        service,
        limits,
        lines: RefCell::default(),
        latest: Cell::new(0),
        ending: Cell::new(false),
    });
    LocalSet::new().block_on(&runtime, async move {
        let waiting = listener.try_clone();
        let accepting = spawn_local(Rc::clone(&serving).accept(listener));
        let living = spawn_local(async {
            loop {
                gets_on();
                sleep(LONGEST_WAIT).await;
            }
        });
        // An error is the signal: whoever could give it has gone.
        let _ = end.changed().await;
        accepting.abort();
        living.abort();
        serving.ending.set(true);
        // Who was there before the signal is heard.
        if let Ok(waiting) = waiting {
            serving.take_in_all(&waiting);
        }
        let deadline = Instant::now() + LAST_ANSWERS;
        loop {
            sleep(PAUSE).await;
            if serving.close_idle() == 0 || Instant::now() >= deadline {
                break;
            }
        }
    });
    // What waits for a homeserver that hangs is not waited for.
    runtime.shutdown_background();
}

struct Serving<S> {
    service: Arc<S>,
    limits: Limits,
    lines: RefCell<HashMap<u64, (Rc<Line>, AbortHandle)>>,
    latest: Cell<u64>,
    ending: Cell<bool>,
}

impl<S: Service> Serving<S> {
    async fn accept(self: Rc<Self>, listener: TcpListener) {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!("connections cannot be waited for: {error}"),
        };
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take_in(stream, peer),
                // The client was gone before we came to it.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                // Out of descriptors, or of kernel memory: whoever is slow makes room.
                Err(_) => {
                    self.make_room();
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes in who has connected and waits to be taken in.
    fn take_in_all(self: &Rc<Self>, listener: &TcpListener) {
        for _ in 0..BACKLOG {
            let Ok((stream, peer)) = listener.accept() else { return };
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.take_in(stream, peer);
            }
        }
    }

    fn take_in(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        if self.lines.borrow().len() >= self.limits.connections && !self.make_room() {
            return;
        }
        let number = self.latest.get() + 1;
        self.latest.set(number);
        let line = Rc::new(Line::new());
        let connection = Rc::clone(self).serve(stream, peer, number, Rc::clone(&line));
        self.lines.borrow_mut().insert(number, (line, spawn_local(connection).abort_handle()));
    }

    async fn serve(self: Rc<Self>, stream: TcpStream, peer: SocketAddr, number: u64, line: Rc<Line>) {
        let _entry = Entry(&self, number);
        let wire = Wire::new(stream, Rc::clone(&line), self.limits);
        let service = service_fn(|request| self.answer(request, peer, &line));
        // What goes wrong here, the client has done or was told.
        let _ = http1::Builder::new()
            .half_close(true)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(wire, service)
            .await;
    }

    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        peer: SocketAddr,
        line: &Line,
    ) -> Result<Response, Infallible> {
        let (head, body) = request.into_parts();
        let refused = line.take_refusal();
        let begun = Request { head, body: Vec::new(), peer };
        // A chunked body ends the connection: see `Wire`.
        let mut closes = begun.head.headers.contains_key(TRANSFER_ENCODING);
        let read = match refused {
            Some(status) => Err((status, None)),
            None => match whole(body).await {
                Ok(body) => Ok(Request { body, ..begun }),
                Err(status) => Err((status, Some(begun))),
            },
        };
        line.enter(Phase::Answering);
        let response = match read {
            Ok(request) => match self.service.call(request).await {
                Some(response) => response,
                None => self.service.error(503, None),
            },
            Err((status, begun)) => {
                closes = true;
                self.service.error(status, begun.as_ref())
            }
        };
        Ok(if closes || self.ending.get() { response.with("connection", "close") } else { response })
    }

    /// Has the slowest go of those who wait for their client. False: there is none.
    fn make_room(&self) -> bool {
        let mut lines = self.lines.borrow_mut();
        let mut slow: Vec<(Instant, u64)> = lines
            .iter()
            .filter(|(_, (line, _))| line.phase() != Phase::Answering)
            .map(|(number, (line, _))| (line.since(), *number))
            .collect();
        slow.sort_unstable();
        slow.truncate(slow.len().div_ceil(EVICT_ONE_IN));
        for (_, number) in &slow {
            if let Some((_, connection)) = lines.remove(number) {
                connection.abort();
            }
        }
        !slow.is_empty()
    }

    /// Closes what has nothing to wait for; how many are left.
    fn close_idle(&self) -> usize {
        let mut lines = self.lines.borrow_mut();
        lines.retain(|_, (line, connection)| {
            let stays = !matches!(line.phase(), Phase::Idle | Phase::Lingering);
            if !stays {
                connection.abort();
            }
            stays
        });
        lines.len()
    }
}

/// A connection's entry, which goes with it.
struct Entry<'a, S>(&'a Serving<S>, u64);

impl<S> Drop for Entry<'_, S> {
    fn drop(&mut self) {
        self.0.lines.borrow_mut().remove(&self.1);
    }
}

/// The whole body, or the status to answer with.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, u16> {
    if body.size_hint().lower() > BODY_BYTES as u64 {
        return Err(413);
    }
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
            if cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut) { 408u16 } else { 400 }
        })?;
        let data = frame.into_data().unwrap_or_default();
        if whole.len() + data.len() > BODY_BYTES {
            return Err(413);
        }
        // Grows by what came: who is slow has little.
        whole.reserve_exact(data.len());
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}
