//! What systemd is told (`sd_notify(3)`): ready, reloading, stopping, still alive. Without systemd, nothing happens.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::stop::Stop;

/// The desk takes requests.
pub fn ready() {
    notify("READY=1");
}

/// The config is being read again; [`ready`] ends that.
pub fn reloading() {
    let now = clock_gettime(ClockId::Monotonic);
    notify(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1000));
}

/// The desk ends.
pub fn stopping() {
    notify("STOPPING=1");
}

/// Says that the desk is alive, twice as often as the service manager wants to hear it.
pub fn keep_watchdog_quiet(stop: &Stop) {
    let asked = std::env::var("WATCHDOG_USEC").ok().and_then(|micros| micros.parse().ok());
    let Some(micros) = asked.filter(|micros| *micros > 0) else { return };
    while !stop.wait(Duration::from_micros(micros) / 2) {
        notify("WATCHDOG=1");
    }
}

fn notify(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let bytes = path.as_encoded_bytes();
    let address = match bytes.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&path),
    };
    let sent = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = sent {
        tracing::debug!("the service manager cannot be told {state:?}: {error}");
    }
}
