//! TLS, from the first byte or by STARTTLS.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::config::Imap;
use crate::inbox::fault::Fault;

use super::wire::{Net, Wire};

pub(super) fn secure(mut wire: Wire, imap: &Imap) -> Result<Net, Fault> {
    let host = imap.host.clone();
    let wrong = |error: &dyn fmt::Display| {
        Fault::other(format!("no TLS with {host}:{}: {error}: see imap.tls and imap.port", imap.port))
    };
    let mut roots = RootCertStore::empty();
    let (_, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.clone()).map_err(|error| wrong(&error))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| wrong(&error))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut wire).map_err(|error| wrong(&error))?;
    }
    Ok(Net::Tls(Box::new(StreamOwned::new(connection, wire))))
}

/// By hand, before the crate sees the wire: nothing that came in the clear is taken for an answer under TLS.
pub(super) fn start_tls(mut wire: Wire, imap: &Imap) -> Result<Net, Fault> {
    check_greeting(&line(&mut wire)?)?;
    wire.write_all(b"x1 STARTTLS\r\n").map_err(|error| Fault::other(error.to_string()))?;
    loop {
        let answer = String::from_utf8_lossy(&line(&mut wire)?).into_owned();
        if let Some(answer) = answer.strip_prefix("x1 ") {
            if answer.to_ascii_uppercase().starts_with("OK") {
                break;
            }
            return Err(Fault::other(format!(
                "{} does not offer STARTTLS ({}), and nothing is sent without: set imap.tls: implicit with port 993",
                imap.host,
                answer.trim()
            )));
        }
        if !answer.starts_with('*') {
            return Err(Fault::other(format!("{} answers STARTTLS with something else", imap.host)));
        }
    }
    secure(wire, imap)
}

/// A line, byte by byte, so that none of what follows is taken.
fn line(wire: &mut Wire) -> Result<Vec<u8>, Fault> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        let count = wire.read(&mut byte).map_err(|_| Fault::other("the mail server does not answer"))?;
        if count == 0 || line.len() > 8192 {
            return Err(Fault::other("the connection was lost"));
        }
        line.push(byte[0]);
    }
    Ok(line)
}

pub(super) fn check_greeting(greeting: &[u8]) -> Result<(), Fault> {
    let greeting = String::from_utf8_lossy(greeting);
    if greeting.to_ascii_uppercase().starts_with("* OK") {
        return Ok(());
    }
    Err(Fault::other(format!(
        "this is no IMAP server that can be logged in to: it greets with {}",
        greeting.trim()
    )))
}
