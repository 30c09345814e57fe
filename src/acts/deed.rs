use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{BanKind, SurgeMode};
use crate::store::{Act, Suppression};

/// What stands in the journal, as data: `what`, `subject`, `before` and `after` of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are columns of the journal")]
pub enum Deed {
    /// A line of a ban list became another, came, or went.
    Ban { subject: String, before: Option<BanLine>, after: Option<BanLine> },
    /// A request was accepted that had been held for this reason.
    Approve {
        #[serde(with = "number")]
        subject: i64,
        before: String,
    },
    /// One was refused, with these words or without.
    Refuse {
        #[serde(with = "number")]
        subject: i64,
        before: String,
        after: Option<String>,
    },
    /// Somebody was invited.
    Invite {
        #[serde(with = "number")]
        subject: i64,
    },
    /// The desk was closed by hand.
    Pause,
    /// It was opened again; it had been closed since then.
    Resume { before: DateTime<Utc> },
    /// The cooldown of an address was ended; it came from these requests.
    Lift { subject: String, before: Vec<i64> },
    /// A mailbox gets no email any more.
    Suppress { subject: String },
    /// It gets some again; until then it was so.
    LiftSuppression { subject: String, before: Suppression },
    /// Whoever reads a mailbox said that they had not asked.
    NotMe { subject: Option<String> },
    /// What is said of surges.
    Surge { before: SurgeMode, after: SurgeMode },
    /// The desk gave away one of the day's accounts.
    Release {
        #[serde(with = "number")]
        subject: i64,
    },
    /// A new token.
    Rotate,
    /// Letters were tried at once; all, where none is named.
    Retry { subject: Option<String> },
    /// A letter was taken out.
    Drop {
        #[serde(with = "number")]
        subject: i64,
    },
    /// The letter of a request was sent once more.
    Resend {
        #[serde(with = "number")]
        subject: i64,
    },
    /// The operator vouched for the machine's clock.
    TrustClock,
    /// What was known of an address was erased.
    Forget,
    /// A file was taken in.
    Import { subject: String },
    /// Another act was taken back.
    Undo,
    /// An alarm began.
    Alarm { subject: String, after: Option<String> },
    /// It ended.
    AlarmOver { subject: String },
    /// `config.yaml` was read again.
    Reload,
}

/// A line of a ban list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanLine {
    /// Which list.
    pub kind: BanKind,
    /// Its number in the file, from 1.
    pub line: usize,
    /// Its text.
    pub entry: String,
    /// The line above that belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// A number as the journal's text.
mod number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub(super) fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl Deed {
    /// As it stands in a line. None: the person it was about has been erased, or a newer doorman wrote it.
    pub fn of(line: &Act) -> Option<Self> {
        let json = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let (before, after): (Option<Value>, Option<Value>) = (json(&line.before), json(&line.after));
        serde_json::from_value(
            json!({ "what": line.what, "subject": line.subject, "before": before, "after": after }),
        )
        .ok()
    }

    /// Whether it is of a kind that can be taken back.
    pub fn can_be_taken_back(&self) -> bool {
        matches!(
            self,
            Self::Ban { .. }
                | Self::Approve { .. }
                | Self::Refuse { .. }
                | Self::Invite { .. }
                | Self::Pause
                | Self::Resume { .. }
                | Self::Lift { .. }
                | Self::Suppress { .. }
                | Self::LiftSuppression { .. }
                | Self::Surge { .. }
        )
    }
}
