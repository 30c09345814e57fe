//! TLS: one configuration for all servers, with the authorities that this machine trusts.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Under TLS.
pub type Secured<S> = StreamOwned<ClientConnection, S>;

/// Made when first used; forgotten where a handshake fails, so that a certificate that was installed meanwhile is seen.
static CONFIG: Mutex<Option<Arc<ClientConfig>>> = Mutex::new(None);

fn config() -> io::Result<Arc<ClientConfig>> {
    let mut kept = CONFIG.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(config) = &*kept {
        return Ok(Arc::clone(config));
    }
    let mut roots = RootCertStore::empty();
    // SSL_CERT_FILE and SSL_CERT_DIR are looked at too.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::clone(kept.insert(Arc::new(config))))
}

/// Shakes hands with this host. The socket's own time-outs bound it; its errors carry those of rustls.
pub fn secure<S: Read + Write>(mut socket: S, host: &str) -> io::Result<Secured<S>> {
    let name = ServerName::try_from(bare(host).to_owned()).map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(config()?, name).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut socket) {
            *CONFIG.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Err(error);
        }
    }
    Ok(StreamOwned::new(connection, socket))
}

/// An IPv6 address without its brackets.
pub fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}
