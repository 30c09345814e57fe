use std::fmt;

/// A homeserver's name, as in `@user:your.server` (Matrix spec, appendices: server name). Lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerName(String);

impl ServerName {
    /// Understands a host name, an IPv4 address or a bracketed IPv6 address, with or without a port.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(written: &str) -> Result<Self, String> {
        let name = written.trim().to_ascii_lowercase();
        if name.is_empty() {
            return Err("is empty".into());
        }
        if name.contains("://") {
            return Err(format!(
                "is the server's name, not its URL: write {}",
                name.rsplit("://").next().unwrap_or("").trim_end_matches('/')
            ));
        }
        if name.len() > 230 {
            return Err("is longer than 230 characters".into());
        }
        let (host, port) = if let Some(rest) = name.strip_prefix('[') {
            let (v6, port) = rest.split_once(']').ok_or("lacks the closing ]")?;
            v6.parse::<std::net::Ipv6Addr>().map_err(|_| "has no IPv6 address between [ and ]")?;
            (None, port.strip_prefix(':').or(port.is_empty().then_some("")))
        } else {
            match name.split_once(':') {
                Some((host, port)) => (Some(host), Some(port)),
                None => (Some(name.as_str()), Some("")),
            }
        };
        let port = port.ok_or("has something other than a port behind ]")?;
        if !port.is_empty() && port.parse::<u16>().is_err() {
            return Err(format!("has no usable port: {port}"));
        }
        if let Some(host) = host
            && (host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'))
        {
            return Err(
                "may hold only letters, digits, '-' and '.' (an international name in its xn-- form)".into(),
            );
        }
        Ok(Self(name))
    }

    /// The name as it stands in user IDs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without a port.
    pub fn host(&self) -> &str {
        match self.0.rfind(':') {
            Some(at) if !self.0.ends_with(']') => &self.0[..at],
            _ => &self.0,
        }
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
