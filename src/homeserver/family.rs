//! The makes of homeservers, and their releases.

use std::fmt;

use serde_json::Value;

/// `major.minor.patch`; what stands behind (`-rc.3`, a commit) plays no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Reads the numbers at the start; missing ones are 0. None: it does not start with a number.
    pub fn parse(written: &str) -> Option<Self> {
        let written = written.trim().trim_start_matches('v');
        let end = written.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(written.len());
        let mut numbers = written[..end].split('.');
        let first = numbers.next()?.parse().ok()?;
        let mut next = || numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Some(Self(first, next(), next()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A homeserver's make. They differ in what becomes of a token, and in what their answers mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Family {
    /// Synapse, which keeps the accounts itself.
    Synapse(Option<Version>),
    /// Synapse with the Matrix Authentication Service in front: that one registers.
    SynapseBehindMas(Option<Version>),
    /// continuwuity
    Continuwuity(Version),
    /// tuwunel
    Tuwunel(Version),
    /// conduwuit
    Conduwuit(Version),
    /// Conduit
    Conduit(Option<Version>),
    /// Dendrite
    Dendrite(Option<Version>),
    /// One that doorman does not know, or that does not tell.
    Unknown,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut write = |name: &str, version: Option<Version>| match version {
            Some(version) => write!(f, "{name} {version}"),
            None => f.write_str(name),
        };
        match *self {
            Self::Synapse(version) => write("Synapse", version),
            Self::SynapseBehindMas(version) => {
                write("Synapse", version)?;
                f.write_str(" behind the Matrix Authentication Service")
            }
            Self::Continuwuity(version) => write("continuwuity", Some(version)),
            Self::Tuwunel(version) => write("tuwunel", Some(version)),
            Self::Conduwuit(version) => write("conduwuit", Some(version)),
            Self::Conduit(version) => write("Conduit", version),
            Self::Dendrite(version) => write("Dendrite", version),
            Self::Unknown => f.write_str("of a kind that doorman does not know"),
        }
    }
}

impl Family {
    /// From `{"server": {"name", "version"}}` (Matrix spec, `/_matrix/federation/v1/version`), from the
    /// `{"name", "version"}` of the conduwuit family's own endpoints, or from the `{"server_version"}` of Synapse's.
    /// None: nothing of these.
    pub(super) fn read(answer: &Value) -> Option<Self> {
        let server = answer.get("server").unwrap_or(answer);
        let version = |of: &Value, key| of.get(key).and_then(Value::as_str).and_then(Version::parse);
        if answer.get("server_version").is_some_and(Value::is_string) {
            return Some(Self::Synapse(version(answer, "server_version")));
        }
        let name = server.get("name")?.as_str()?.to_ascii_lowercase();
        // Of those whose version decides, an unreadable one says too little.
        Some(match (name.as_str(), version(server, "version")) {
            ("synapse", version) => Self::Synapse(version),
            ("continuwuity", Some(version)) => Self::Continuwuity(version),
            ("tuwunel", Some(version)) => Self::Tuwunel(version),
            ("conduwuit", Some(version)) => Self::Conduwuit(version),
            ("conduit", version) => Self::Conduit(version),
            ("dendrite", version) => Self::Dendrite(version),
            _ => Self::Unknown,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_are_read_however_they_go_on() {
        for (written, meant) in [
            ("0.5.7", Version(0, 5, 7)),
            ("v1.4.8", Version(1, 4, 8)),
            ("0.5.0-rc.3 (b6e9dc3d, 2025-01-01)", Version(0, 5, 0)),
            ("26.6", Version(26, 6, 0)),
            ("1.9.0+git", Version(1, 9, 0)),
        ] {
            assert_eq!(Version::parse(written), Some(meant), "{written}");
        }
        assert_eq!(Version::parse("main"), None);
        assert_eq!(Version::parse("99999999999"), None);
        assert!(Version(26, 6, 0) > Version(0, 5, 7));
    }

    #[test]
    fn each_family_tells_its_name() {
        for (name, version, family) in [
            ("Synapse", "1.163.2 (b=main)", Family::Synapse(Some(Version(1, 163, 2)))),
            ("continuwuity", "0.5.7 (abc)", Family::Continuwuity(Version(0, 5, 7))),
            ("Tuwunel", "1.4.8", Family::Tuwunel(Version(1, 4, 8))),
            ("conduwuit", "0.4.6", Family::Conduwuit(Version(0, 4, 6))),
            ("Conduit", "0.11.0-alpha", Family::Conduit(Some(Version(0, 11, 0)))),
            ("Dendrite", "0.15.2+abc", Family::Dendrite(Some(Version(0, 15, 2)))),
            ("grapevine", "1", Family::Unknown),
            ("continuwuity", "main", Family::Unknown),
        ] {
            let answer = json!({"server": {"name": name, "version": version}});
            assert_eq!(Family::read(&answer), Some(family.clone()), "{name}");
            assert_eq!(Family::read(&json!({"name": name, "version": version})), Some(family), "{name}");
        }
        for rubbish in
            [json!({}), json!([]), json!({"server": 7}), json!({"server": {"name": 7}}), json!("Synapse")]
        {
            assert_eq!(Family::read(&rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn a_family_is_shown_with_its_release() {
        for (family, shown) in [
            (Family::Synapse(Some(Version(1, 163, 2))), "Synapse 1.163.2"),
            (Family::Synapse(None), "Synapse"),
            (
                Family::SynapseBehindMas(Some(Version(1, 157, 1))),
                "Synapse 1.157.1 behind the Matrix Authentication Service",
            ),
            (Family::Continuwuity(Version(26, 8, 0)), "continuwuity 26.8.0"),
        ] {
            assert_eq!(family.to_string(), shown);
        }
    }
}
