//! `GET /metrics`, on a listener of its own: what the desk counts and how it stands, for Prometheus and its like.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::Method;
use strum::VariantArray as _;

use crate::alarms::{Alarms, Trouble};
use crate::desk::Desk;
use crate::domain::BanKind;
use crate::metrics::State;
use crate::store::{Live, NoticeChannel, StoreError};

use super::crew::Crew;
use super::server::{Request, Response, Service, WithHeader as _, response};

/// OpenMetrics 1.0, which Prometheus asks for first.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The door for those who measure.
#[derive(Debug)]
pub struct MetricsDoor {
    desk: Arc<Desk>,
    crew: Crew,
}

impl MetricsDoor {
    /// That of this desk.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self { desk, crew: Crew::new(1, 4) }
    }
}

impl Service for MetricsDoor {
    async fn call(&self, request: Request) -> Option<Response> {
        if request.head.uri.path() != "/metrics" {
            return Some(response(404, "only /metrics is here\n"));
        }
        if !matches!(request.head.method, Method::GET | Method::HEAD) {
            return Some(response(405, "").with("allow", "GET, HEAD"));
        }
        let desk = Arc::clone(&self.desk);
        let text =
            self.crew.have_done(move || state(&desk).map(|state| desk.premises().metrics.text(&state)));
        Some(match text.await? {
            Ok(text) => response(200, text).with("content-type", CONTENT_TYPE),
            Err(error) => {
                tracing::warn!("the state of the desk cannot be read for /metrics: {error}");
                response(500, "the database cannot be read\n")
            }
        })
    }

    fn error(&self, status: u16, _begun: Option<&Request>) -> Response {
        response(status, "")
    }
}

/// Each by its word, of which two troubles may have the same.
fn alarms(alarms: &Alarms) -> Vec<(&'static str, bool)> {
    let mut known = BTreeMap::new();
    for trouble in Trouble::VARIANTS {
        *known.entry(trouble.word()).or_default() |= alarms.is_raised(*trouble);
    }
    known.into_iter().collect()
}

fn state(desk: &Desk) -> Result<State, StoreError> {
    let (premises, now) = (desk.premises(), desk.now());
    let lists = premises.bans.current();
    premises.store.read(|store| {
        let token = store.current_token()?;
        Ok(State {
            owed: store.outbox_counts()?.owed,
            notices: NoticeChannel::VARIANTS
                .iter()
                .map(|channel| Ok((channel.into(), store.notice_counts(*channel)?[0])))
                .collect::<Result<_, StoreError>>()?,
            held: store.held_count()?,
            arrived: store.arrived_count()?,
            token_age: token.as_ref().map(|token| (now - token.made_at).to_std().unwrap_or_default()),
            token_live: token.and_then(|token| match token.live {
                Live::Yes => Some(true),
                Live::No => Some(false),
                Live::CannotBeChecked => None,
            }),
            open: desk.closed(now).is_none(),
            ban_entries: BanKind::ALL.map(|kind| (kind.file_name(), lists.entries(kind).len())).into(),
            alarms: alarms(&premises.alarms),
        })
    })
}
