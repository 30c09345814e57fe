//! What the running desk counts, for Prometheus and its like: OpenMetrics text. Nothing in it tells of any one applicant.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::{Channel, Verdict};

type Labels = Vec<(&'static str, &'static str)>;
type Gauges = Family<Labels, Gauge<i64, AtomicI64>>;

/// Upper bounds, in seconds, of what a homeserver or a mail server takes to answer.
const SECONDS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What became of a try to hand over an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The mail server took it.
    Sent,
    /// It did not, and it will be tried again.
    Retried,
    /// It is given up.
    Failed,
}

/// How things stand at the moment of asking.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Emails not yet handed over.
    pub owed: u64,
    /// Requests that wait for the operator.
    pub held: u64,
    /// Accounts that were made with what the desk gave out.
    pub arrived: u64,
    /// What is owed to each channel that the operator is told by.
    pub notices: Vec<(&'static str, u64)>,
    /// How old the current token is; None: there is none.
    pub token_age: Option<Duration>,
    /// Whether the homeserver takes it; None: that cannot be checked.
    pub token_live: Option<bool>,
    /// Whether requests are taken.
    pub open: bool,
    /// Entries of each ban list, by its file.
    pub ban_entries: Vec<(&'static str, usize)>,
    /// Each thing that can be wrong, and whether it is.
    pub alarms: Vec<(&'static str, bool)>,
}

/// All counters of a process; they begin at 0 when it starts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter<u64, AtomicU64>>,
    letters: Family<Labels, Counter<u64, AtomicU64>>,
    notices: Family<Labels, Counter<u64, AtomicU64>>,
    homeserver: Histogram,
    mail_server: Histogram,
    owed: Gauge,
    notices_owed: Gauges,
    held: Gauge,
    arrived: Gauge,
    token_age: Gauge,
    token_live: Gauge,
    open: Gauge,
    ban_entries: Gauges,
    alarms: Gauges,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram = || Histogram::new(SECONDS);
        let mut metrics = Self {
            registry: Registry::with_prefix("doorman"),
            requests: Family::default(),
            letters: Family::default(),
            notices: Family::default(),
            homeserver: histogram(),
            mail_server: histogram(),
            owed: Gauge::default(),
            notices_owed: Family::default(),
            held: Gauge::default(),
            arrived: Gauge::default(),
            token_age: Gauge::default(),
            token_live: Gauge::default(),
            open: Gauge::default(),
            ban_entries: Family::default(),
            alarms: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("requests", "Requests, by verdict, reason and channel", self.requests.clone());
        all.register("letters", "Tries to hand over an email, by outcome", self.letters.clone());
        let words = "Tries to tell the operator in the Matrix room or by the webhook, by outcome";
        all.register("notices", words, self.notices.clone());
        let seconds = || Unit::Seconds;
        all.register_with_unit(
            "homeserver",
            "How long the homeserver takes to say whether a name is free",
            seconds(),
            self.homeserver.clone(),
        );
        all.register_with_unit(
            "mail_server",
            "How long the mail server takes to take an email",
            seconds(),
            self.mail_server.clone(),
        );
        all.register("letters_owed", "Emails that are not handed over yet", self.owed.clone());
        let owed = "What the operator is not told yet, by channel";
        all.register("notices_owed", owed, self.notices_owed.clone());
        all.register("requests_held", "Requests that wait for the operator", self.held.clone());
        all.register("arrived", "Applicants who have an account", self.arrived.clone());
        let token_age = self.token_age.clone();
        all.register_with_unit(
            "token_age",
            "How old the current registration token is",
            seconds(),
            token_age,
        );
        let live = "1: the homeserver accepts the current token, 0: not, -1: that cannot be checked";
        all.register("token_live", live, self.token_live.clone());
        all.register("open", "1: the desk takes requests, 0: it is closed", self.open.clone());
        all.register("ban_entries", "Entries of each ban list", self.ban_entries.clone());
        all.register("alarms", "1: this is wrong at the moment, 0: it is not", self.alarms.clone());
        let info = prometheus_client::metrics::info::Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        all.register("build", "Which doorman this is", info);
    }

    /// A request has its verdict.
    pub fn judged(&self, channel: Channel, verdict: &Verdict) {
        let labels = vec![
            ("verdict", verdict.word()),
            ("reason", verdict.reason().map_or("", crate::domain::Reason::word)),
            ("channel", channel.word()),
        ];
        self.requests.get_or_create(&labels).inc();
    }

    /// An email was tried to be handed over, and how long the mail server took over it.
    pub fn handed_over(&self, outcome: Outcome, took: Duration) {
        self.letters.get_or_create(&vec![("outcome", outcome.into())]).inc();
        self.mail_server.observe(took.as_secs_f64());
    }

    /// The operator was told something by this channel, or was to be.
    pub fn notified(&self, channel: &'static str, outcome: Outcome) {
        let labels = vec![("channel", channel), ("outcome", outcome.into())];
        self.notices.get_or_create(&labels).inc();
    }

    /// The homeserver was asked whether a name is free, and how long it took.
    pub fn homeserver_asked(&self, took: Duration) {
        self.homeserver.observe(took.as_secs_f64());
    }

    /// All of it as OpenMetrics text, with how things stand.
    pub fn text(&self, state: &State) -> String {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.owed.set(whole(state.owed));
        for (channel, owed) in &state.notices {
            self.notices_owed.get_or_create(&vec![("channel", *channel)]).set(whole(*owed));
        }
        self.held.set(whole(state.held));
        self.arrived.set(whole(state.arrived));
        self.token_age.set(state.token_age.map_or(0, |age| whole(age.as_secs())));
        self.token_live.set(state.token_live.map_or(-1, i64::from));
        self.open.set(i64::from(state.open));
        for (list, entries) in &state.ban_entries {
            self.ban_entries.get_or_create(&vec![("list", *list)]).set(whole(*entries as u64));
        }
        for (alarm, is_raised) in &state.alarms {
            self.alarms.get_or_create(&vec![("alarm", *alarm)]).set(i64::from(*is_raised));
        }
        let mut text = String::new();
        // A String takes whatever is written to it.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Reason;

    use super::*;

    #[test]
    fn what_is_counted_stands_in_the_text_in_the_units_of_open_metrics() {
        let metrics = Metrics::default();
        metrics.judged(Channel::Web, &Verdict::Accepted);
        metrics.judged(Channel::Web, &Verdict::Accepted);
        metrics.judged(Channel::Email, &Verdict::Held(Reason::Approval));
        metrics.handed_over(Outcome::Sent, Duration::from_millis(30));
        metrics.notified("matrix", Outcome::Retried);
        metrics.homeserver_asked(Duration::from_secs(3));
        let state = State {
            held: 1,
            notices: vec![("webhook", 2)],
            token_age: Some(Duration::from_secs(60)),
            ban_entries: vec![("banned_ips.txt", 7)],
            alarms: vec![("mail_server", true), ("store", false)],
            ..State::default()
        };
        let text = metrics.text(&state);
        for line in [
            r#"doorman_requests_total{verdict="accepted",reason="",channel="web"} 2"#,
            r#"doorman_requests_total{verdict="held",reason="approval",channel="email"} 1"#,
            r#"doorman_letters_total{outcome="sent"} 1"#,
            r#"doorman_notices_total{channel="matrix",outcome="retried"} 1"#,
            r#"doorman_notices_owed{channel="webhook"} 2"#,
            r#"doorman_mail_server_seconds_bucket{le="0.05"} 1"#,
            r#"doorman_homeserver_seconds_bucket{le="2.5"} 0"#,
            "doorman_homeserver_seconds_count 1",
            "doorman_requests_held 1",
            "doorman_token_age_seconds 60",
            "doorman_token_live -1",
            "doorman_open 0",
            r#"doorman_ban_entries{list="banned_ips.txt"} 7"#,
            r#"doorman_alarms{alarm="mail_server"} 1"#,
            r#"doorman_alarms{alarm="store"} 0"#,
            concat!("doorman_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
