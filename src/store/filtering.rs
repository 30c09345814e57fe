//! A filter as SQL, for what looks at very many requests.

use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::TimeDelta;
use ipnet::IpNet;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{FromSqlError, Value};
use rusqlite::{Connection, params_from_iter};

use crate::filter::{Filter, Row, What, contains, is_of_domain, is_within};

use super::listing::ARRIVED;
use super::{OutboxRow, Reading, RequestRow, StoreError, millis};

/// Reasons that come from a line of a list.
const LISTS: [&str; 4] = ["list", "ip_banned", "email_banned", "username_unavailable"];

/// In which order requests stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By name.
    Name,
    /// By domain, then by the whole address.
    Address,
    /// By verdict and reason.
    Reason,
}

impl Order {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Newest => "the newest first",
            Self::Oldest => "the oldest first",
            Self::Name => "by name",
            Self::Address => "by domain and address",
            Self::Reason => "by verdict and reason",
        }
    }

    /// As it follows `ORDER BY`.
    fn sql(self) -> &'static str {
        match self {
            Self::Newest => "q.id DESC",
            Self::Oldest => "q.id",
            Self::Name => "q.username COLLATE NOCASE, q.id DESC",
            Self::Address => {
                "substr(q.email, instr(q.email, '@')) COLLATE NOCASE, q.email COLLATE NOCASE, q.id DESC"
            }
            Self::Reason => "q.verdict, q.reason, q.id DESC",
        }
    }
}

fn text<'a>(context: &'a Context<'_>, at: usize) -> &'a str {
    context.get_raw(at).as_str().unwrap_or_default()
}

/// What filters ask of a text, so that SQL asks as [`Filter::takes`] does.
pub(super) fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("says", -1, flags, |context| {
        let part = text(context, 0);
        Ok((1..context.len()).any(|at| contains(text(context, at), part)))
    })?;
    connection.create_scalar_function("of_domain", 2, flags, |context| {
        Ok(is_of_domain(text(context, 1), text(context, 0)))
    })?;
    connection.create_scalar_function("within", 2, flags, |context| {
        let net = context
            .get_or_create_aux(0, |net| net.as_str()?.parse::<IpNet>().map_err(FromSqlError::other))?;
        Ok(text(context, 1).parse::<IpAddr>().is_ok_and(|ip| is_within(ip, &net)))
    })
}

/// What follows `WHERE`, of requests `q`. Its values are added.
pub(super) fn condition(filter: &Filter, values: &mut Vec<Value>) -> String {
    let mut sql = String::from("1");
    for term in &filter.terms {
        let list;
        let (asked, value): (&str, Option<Value>) = match &term.what {
            What::Text(text) => (
                "says(?, q.username, q.email, q.ip, q.reason, q.verdict, q.detail)",
                Some(text.clone().into()),
            ),
            What::Verdict(verdict) => ("q.verdict = ?", Some((*verdict).to_owned().into())),
            What::Arrived => (ARRIVED, None),
            What::Reason(reason) => ("q.reason = ?", Some((*reason).to_owned().into())),
            What::Net(net) => ("within(?, q.ip)", Some(net.to_string().into())),
            What::Domain(domain) => ("of_domain(?, q.email)", Some(domain.clone().into())),
            What::Name(name) => ("says(?, q.username)", Some(name.clone().into())),
            What::By(channel) => ("q.channel = ?", Some((*channel).to_owned().into())),
            What::Letter(state) => {
                ("(SELECT state FROM letters WHERE id = q.letter_id) = ?", Some((*state).to_owned().into()))
            }
            What::List(text) => {
                list = format!("(q.reason IN ('{}') AND says(?, q.detail))", LISTS.join("', '"));
                (&list, Some(text.clone().into()))
            }
            What::Since(at) => ("q.received_at >= ?", Some(millis(*at).into())),
            What::Before(at) => ("q.received_at < ?", Some(millis(*at).into())),
            What::On(day) => {
                values.push(millis(*day).into());
                ("(q.received_at >= ? AND q.received_at < ?)", Some(millis(*day + TimeDelta::days(1)).into()))
            }
        };
        // What is not known is not so.
        let (before, after) = if term.is_not { (" AND NOT coalesce(", ", 0)") } else { (" AND ", "") };
        sql.push_str(&format!("{before}{asked}{after}"));
        values.extend(value);
    }
    sql
}

impl RequestRow {
    /// What words are looked for in.
    pub fn texts(&self) -> [&str; 7] {
        let [ip, reason, detail, answer] = [&self.ip, &self.reason, &self.detail, &self.answer]
            .map(|text| text.as_deref().unwrap_or_default());
        [&self.username, &self.email, ip, reason, &self.verdict, detail, answer]
    }

    /// As filters see it.
    pub fn as_filtered<'a>(&'a self, texts: &'a [&'a str]) -> Row<'a> {
        let [name, email, ip, reason, verdict, detail, _] = self.texts();
        Row {
            texts,
            at: Some(self.received_at),
            verdict,
            reason,
            name,
            email,
            ip: ip.parse().ok(),
            by: &self.channel,
            letter: self.letter.map_or("", Into::into),
            list: if LISTS.contains(&reason) { detail } else { "" },
            arrived: self.arrived == Some(true),
        }
    }
}

impl OutboxRow {
    /// What words are looked for in.
    pub fn texts(&self) -> [&str; 3] {
        [&self.to, self.last_answer.as_deref().unwrap_or_default(), self.state.word()]
    }

    /// As filters see it.
    pub fn as_filtered<'a>(&'a self, texts: &'a [&'a str]) -> Row<'a> {
        let (email, letter) = (self.to.as_str(), self.state.into());
        Row { texts, at: Some(self.created_at), email, letter, ..Row::default() }
    }
}

impl Reading<'_> {
    /// The numbers of the requests that are meant, of those with a higher number than `after`, as long as it is told to
    /// go on.
    pub fn matching(
        &self,
        filter: &Filter,
        order: Order,
        after: i64,
        mut each: impl FnMut(i64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut values = vec![after.into()];
        let sql = format!(
            "SELECT q.id FROM requests q WHERE q.id > ? AND {} ORDER BY {}",
            condition(filter, &mut values),
            order.sql()
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if each(row.get(0)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::config::Folder;
    use crate::domain::{Channel, EmailAddress, Localpart, Reason, ServerName, TokenRequest};
    use crate::store::{Record, RequestFilter, Store};

    fn now() -> DateTime<Utc> {
        "2026-11-18T12:00:00Z".parse().unwrap()
    }

    fn filled() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let server = ServerName::parse("your.server").unwrap();
        for (number, (name, email, ip, reason)) in [
            ("alice", "alice@example.net", Some("198.51.100.7"), None),
            ("bob", "Bob@Sub.Example.NET", Some("64:ff9b::c633:6408"), None),
            ("spam", "x@trash.example", Some("203.0.113.9"), Some(Reason::EmailBanned)),
            ("M\u{fc}ller", "not an address", None, Some(Reason::Malformed)),
            ("carol", "carol@example.net", None, Some(Reason::RateLimited)),
        ]
        .into_iter()
        .enumerate()
        {
            let received_at = now() - TimeDelta::hours(12 * i64::try_from(number).unwrap());
            let channel = if ip.is_some() { Channel::Web } else { Channel::Email };
            let ip = ip.map(|ip| ip.parse().unwrap());
            match reason {
                None => {
                    let request = TokenRequest {
                        username: Some(Localpart::parse(name, &server).unwrap()),
                        email: EmailAddress::parse(email).unwrap(),
                        channel,
                        ip,
                        received_at,
                        mail: None,
                        answer: None,
                        terms: None,
                        receipt: None,
                        language: crate::domain::Language::default(),
                    };
                    let letter = (name == "alice").then(|| format!("<{name}@your.server>"));
                    store
                        .write(move |store| {
                            store.record_accepted(&request, None, letter.as_deref()).map(drop)
                        })
                        .unwrap();
                }
                Some(reason) => {
                    let record = Record {
                        received_at,
                        channel,
                        username: name.into(),
                        email: email.into(),
                        parsed_email: None,
                        ip,
                        held: false,
                        reason,
                        detail: format!("banned by banned_emails.txt line 2: {email}"),
                        stands_for: 1,
                        language: crate::domain::Language::default(),
                    };
                    store.write(move |store| store.record_refusal(&record).map(drop)).unwrap();
                }
            }
        }
        (dir, store)
    }

    #[test]
    fn sql_means_the_same_rows_as_the_filter_itself() {
        let (_dir, store) = filled();
        let rows =
            store.read(|store| store.requests(&RequestFilter { after: Some(0), ..RequestFilter::default() }));
        let rows = rows.unwrap();
        for (typed, count) in [
            ("", 5),
            ("EXAMPLE.net", 3),
            ("m\u{dc}ller", 1),
            ("rate_limited", 1),
            ("198.51", 1),
            ("accepted", 1),
            ("held", 1),
            ("!held", 4),
            ("arrived", 0),
            ("!arrived", 5),
            ("reason:malformed", 1),
            ("!reason:malformed", 4),
            ("ip:198.51.100.0/24", 2),
            ("!ip:198.51.100.0/24", 3),
            ("domain:example.net", 3),
            ("domain:sub.example.net", 1),
            ("name:o", 2),
            ("by:email", 2),
            ("letter:owed", 1),
            ("list:trash", 1),
            ("since:1d", 3),
            ("before:yesterday", 1),
            ("on:tue", 2),
            ("on:tue !name:spam", 1),
        ] {
            let filter = Filter::parse(typed, now()).unwrap_or_else(|why| panic!("{why}"));
            let expected: Vec<i64> = rows
                .iter()
                .filter(|row| filter.takes(&row.as_filtered(&row.texts())))
                .map(|row| row.id)
                .collect();
            assert_eq!(expected.len(), count, "{typed}");
            let mut found = Vec::new();
            let each = |id| {
                found.push(id);
                ControlFlow::Continue(())
            };
            store.read(|store| store.matching(&filter, Order::Newest, 0, each)).unwrap();
            assert_eq!(found, expected, "{typed}");
            let listed = RequestFilter { meant: filter, after: Some(0), ..RequestFilter::default() };
            let listed = store.read(|store| store.requests(&listed)).unwrap();
            assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), expected, "{typed}");
        }
    }

    #[test]
    fn requests_stand_in_the_order_that_is_asked_for() {
        let (_dir, store) = filled();
        for (order, expected) in [
            (Order::Newest, [5, 4, 3, 2, 1]),
            (Order::Oldest, [1, 2, 3, 4, 5]),
            (Order::Name, [1, 2, 5, 4, 3]),
            (Order::Address, [1, 5, 2, 3, 4]),
            (Order::Reason, [1, 2, 3, 4, 5]),
        ] {
            let mut found = Vec::new();
            let each = |id| {
                found.push(id);
                ControlFlow::Continue(())
            };
            store.read(|store| store.matching(&Filter::default(), order, 0, each)).unwrap();
            assert_eq!(found, expected, "{order:?}");
        }
    }
}
