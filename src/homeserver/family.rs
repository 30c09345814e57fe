//! Which homeserver is there, and what follows from that.

use std::fmt;

use serde_json::Value;

use crate::config::Backend;
use crate::http_client::cleaned;

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
    /// Synapse; with or without the Matrix Authentication Service in front.
    Synapse,
    /// continuwuity
    Continuwuity(Version),
    /// tuwunel
    Tuwunel(Version),
    /// conduwuit
    Conduwuit(Version),
    /// Conduit
    Conduit,
    /// Dendrite
    Dendrite,
    /// One that doorman does not know, or that does not tell.
    Unknown,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synapse => f.write_str("Synapse"),
            Self::Continuwuity(version) => write!(f, "continuwuity {version}"),
            Self::Tuwunel(version) => write!(f, "tuwunel {version}"),
            Self::Conduwuit(version) => write!(f, "conduwuit {version}"),
            Self::Conduit => f.write_str("Conduit"),
            Self::Dendrite => f.write_str("Dendrite"),
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
        if answer.get("server_version").is_some_and(Value::is_string) {
            return Some(Self::Synapse);
        }
        let name = server.get("name")?.as_str()?.to_ascii_lowercase();
        let version = server.get("version").and_then(Value::as_str).and_then(Version::parse);
        // Of those whose version decides, an unreadable one says too little.
        Some(match (name.as_str(), version) {
            ("synapse", _) => Self::Synapse,
            ("continuwuity", Some(version)) => Self::Continuwuity(version),
            ("tuwunel", Some(version)) => Self::Tuwunel(version),
            ("conduwuit", Some(version)) => Self::Conduwuit(version),
            ("conduit", _) => Self::Conduit,
            ("dendrite", _) => Self::Dendrite,
            _ => Self::Unknown,
        })
    }

    /// Whether `/validity` knows only the token of the start, while the file is read at each registration. Then
    /// "not valid" says nothing.
    pub fn validity_is_stale(&self) -> bool {
        match self {
            Self::Conduwuit(version) => *version >= Version(0, 5, 0),
            Self::Continuwuity(version) => *version <= Version(0, 5, 1),
            Self::Tuwunel(version) => *version <= Version(1, 4, 7),
            _ => false,
        }
    }

    /// Of the lineage that says "Username is forbidden" where others say that registration is disabled.
    pub(super) fn is_conduwuit_lineage(&self) -> bool {
        matches!(self, Self::Continuwuity(_) | Self::Tuwunel(_) | Self::Conduwuit(_))
    }

    /// What the operator has to know or do, so that tokens of this backend work here. None: nothing.
    pub fn operator_note(&self, backend: &Backend) -> Option<String> {
        if *backend != Backend::File {
            return None;
        }
        let what = match self {
            Self::Synapse => {
                "Synapse does not read the token file: let after_rotation tell it the new token through its admin API \
                 (or, behind the Matrix Authentication Service, through that one's)"
            }
            Self::Continuwuity(version) if *version <= Version(0, 5, 1) => return None,
            Self::Continuwuity(version) if *version < Version(0, 5, 7) => {
                "this release reads no token file: update it to 0.5.7 or later, or let after_rotation write the token \
                 into a second configuration file and send SIGUSR1"
            }
            Self::Continuwuity(_) => {
                "it reads the token file only when it starts: let after_rotation restart it, or write the token into a \
                 second configuration file and send SIGUSR1"
            }
            Self::Tuwunel(version) if *version >= Version(1, 4, 8) => {
                "an empty or unreadable token file would open registration to everybody: also set a long secret \
                 registration_token in its configuration, which nobody is given"
            }
            Self::Conduwuit(version) if *version < Version(0, 5, 0) => {
                "this release reads no token file: let after_rotation write the token into its configuration and \
                 restart it, or change to a successor (continuwuity, tuwunel)"
            }
            Self::Conduit => {
                "Conduit reads no token file: let after_rotation write the token into its configuration and restart it"
            }
            Self::Dendrite => {
                "Dendrite never asks for a registration token, so doorman cannot serve it: whoever may register there \
                 needs none"
            }
            Self::Tuwunel(_) | Self::Conduwuit(_) | Self::Unknown => return None,
        };
        Some(cleaned(&format!("{self}: {what}")))
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
            ("Synapse", "1.163.2", Family::Synapse),
            ("continuwuity", "0.5.7 (abc)", Family::Continuwuity(Version(0, 5, 7))),
            ("Tuwunel", "1.4.8", Family::Tuwunel(Version(1, 4, 8))),
            ("conduwuit", "0.4.6", Family::Conduwuit(Version(0, 4, 6))),
            ("Conduit", "0.11.0-alpha", Family::Conduit),
            ("Dendrite", "0.15.2+abc", Family::Dendrite),
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
    fn validity_is_stale_where_the_file_is_read_each_time_but_the_endpoint_is_not() {
        for (family, stale) in [
            (Family::Synapse, false),
            (Family::Conduwuit(Version(0, 4, 6)), false),
            (Family::Conduwuit(Version(0, 5, 0)), true),
            (Family::Continuwuity(Version(0, 5, 1)), true),
            (Family::Continuwuity(Version(0, 5, 2)), false),
            (Family::Continuwuity(Version(26, 6, 0)), false),
            (Family::Tuwunel(Version(1, 4, 7)), true),
            (Family::Tuwunel(Version(1, 4, 8)), false),
            (Family::Conduit, false),
            (Family::Unknown, false),
        ] {
            assert_eq!(family.validity_is_stale(), stale, "{family}");
        }
    }

    #[test]
    fn the_operator_hears_what_a_rotated_file_does_on_each_server() {
        let note = |family: Family| family.operator_note(&Backend::File).unwrap_or_default();
        assert!(note(Family::Dendrite).contains("cannot serve it"));
        assert!(note(Family::Continuwuity(Version(0, 5, 7))).contains("after_rotation"));
        assert!(note(Family::Continuwuity(Version(0, 5, 4))).contains("reads no token file"));
        assert!(note(Family::Conduwuit(Version(0, 4, 6))).contains("reads no token file"));
        assert!(note(Family::Tuwunel(Version(1, 4, 8))).contains("registration_token"));
        for quiet in [
            Family::Continuwuity(Version(0, 5, 1)),
            Family::Conduwuit(Version(0, 5, 0)),
            Family::Tuwunel(Version(1, 4, 7)),
            Family::Unknown,
        ] {
            assert_eq!(note(quiet.clone()), "", "{quiet}");
        }
    }
}
