use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::BanKind;
use crate::store::{NewAct, StoreError, Writing};

use super::opened::{Author, Opened};
use super::outcome::NotDone;

/// What stands in the journal, as data: `what`, `subject`, `before` and `after` of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are columns of the journal")]
pub enum Deed {
    /// A line of a ban list became another, came, or went.
    Ban { subject: String, before: Option<Line>, after: Option<Line> },
    /// A request was accepted.
    Approve {
        #[serde(with = "number")]
        subject: i64,
    },
    /// A request was refused, with these words or without.
    Refuse {
        #[serde(with = "number")]
        subject: i64,
        after: Option<String>,
    },
    /// The desk was closed by hand.
    Pause,
    /// It was opened again; it had been closed since then.
    Resume { before: DateTime<Utc> },
    /// The cooldown of an address was ended; it came from these requests.
    Lift { subject: String, before: Vec<i64> },
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
pub struct Line {
    /// Which list.
    pub kind: BanKind,
    /// Its number in the file, from 1.
    pub line: usize,
    /// Its text.
    pub entry: String,
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
    /// As it stands in a line. None: whom it was about is forgotten, or a newer doorman wrote it.
    pub fn of(line: &NewAct) -> Option<Self> {
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
                | Self::Pause
                | Self::Resume { .. }
                | Self::Lift { .. }
        )
    }
}

impl Author {
    fn line(&self, deed: &Deed, at: DateTime<Utc>) -> Result<NewAct, StoreError> {
        let json = serde_json::to_value(deed).map_err(|error| StoreError::Other(error.to_string()))?;
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let value = |key: &str| Some(&json[key]).filter(|value| !value.is_null()).map(ToString::to_string);
        Ok(NewAct {
            at,
            who: self.who.clone(),
            whence: Some(self.door.word().to_owned()),
            what: text("what").unwrap_or_default(),
            subject: text("subject"),
            before: value("before"),
            after: value("after"),
            undoes: None,
        })
    }
}

impl Opened {
    /// Does something and writes it into the journal, in one transaction. Returns what came of it, and the line's number;
    /// no deed is no line.
    pub(super) fn journaled<T: Send + 'static>(
        &self,
        now: DateTime<Utc>,
        work: impl FnOnce(&Writing<'_>) -> Result<(T, Option<Deed>), StoreError> + Send + 'static,
    ) -> Result<(T, Option<i64>), StoreError> {
        let by = self.by.clone();
        self.store.write(move |store| {
            let (done, deed) = work(store)?;
            let line = deed.map(|deed| by.line(&deed, now)).transpose()?;
            Ok((done, line.map(|line| store.note_act(&line)).transpose()?))
        })
    }

    /// Takes an act back and writes that into the journal, in one transaction. Returns the line's number.
    pub(super) fn taken_back(
        &self,
        act: i64,
        now: DateTime<Utc>,
        work: impl FnOnce(&Writing<'_>) -> Result<Option<NotDone>, StoreError> + Send + 'static,
    ) -> Result<i64, NotDone> {
        let by = self.by.clone();
        self.store.write(move |store| {
            if store.act(act)?.is_none_or(|act| act.undone_at.is_some()) {
                return Ok(Err(NotDone::NothingToTakeBack));
            }
            if let Some(why) = work(store)? {
                return Ok(Err(why));
            }
            store.note_undone(act, now)?;
            store.note_act(&NewAct { undoes: Some(act), ..by.line(&Deed::Undo, now)? }).map(Ok)
        })?
    }
}
