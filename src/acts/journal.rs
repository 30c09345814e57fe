use chrono::{DateTime, Utc};

use crate::store::{NewAct, StoreError, Writing};

use super::deed::Deed;
use super::opened::{Author, Opened};
use super::outcome::NotDone;

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
