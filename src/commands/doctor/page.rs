//! The page, as it is seen from outside: does it answer, and does the desk learn whose a request is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::alarms::Trouble;
use crate::net::FaultKind;
use crate::net::http::HttpClient;
use crate::stop::Stop;
use crate::store::RequestFilter;

use super::{ANSWER, Findings, Patient};

/// The running desk notes its alarms down twice a second.
const NOTED_WITHIN: Duration = Duration::from_millis(1500);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// So many requests from one address alone are no chance.
const FEW: usize = 5;
const LOOKED_AT: u64 = 50;

/// Who has answered.
enum Answered {
    /// This desk; `words` are what it tells applicants.
    ThisDesk { open: bool, words: String },
    /// Nobody, or another; what to do.
    Wrong(String),
}

pub(super) fn examine(patient: &Patient, findings: &mut Findings) {
    if !patient.running {
        return findings.note("page", "not tried, since the desk does not run");
    }
    let http = HttpClient::new();
    let settings = &patient.settings;
    // With port 0 the system chose one, which only the desk knows.
    if settings.port != 0 {
        let local = SocketAddr::new(reachable(settings.bind), settings.port);
        match ask(&http, &format!("http://{local}"), patient) {
            Answered::ThisDesk { open: true, .. } => {
                findings.fine("page", &format!("the desk answers on {local}, open"));
            }
            Answered::ThisDesk { open: false, words } => {
                findings.note("page", &format!("the desk answers on {local}, closed: {words}"));
            }
            Answered::Wrong(words) => findings.wrong("page", &words),
        }
    }
    from_outside(&http, patient, findings);
    proxy(patient, findings);
    for (word, what) in patient.condition().alarms {
        if word != Trouble::Proxy.word() {
            findings.wrong("alarm", &format!("the running desk says: {what}"));
        }
    }
}

fn reachable(bind: IpAddr) -> IpAddr {
    match bind {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}

fn ask(http: &HttpClient, url: &str, patient: &Patient) -> Answered {
    let reply = match http.get(&format!("{url}/api/status"), ANSWER) {
        Ok(reply) => reply,
        Err(fault) if fault.kind == FaultKind::Redirect => {
            return Answered::Wrong(format!("{url} sends on to another place: name that one"));
        }
        Err(fault) => return Answered::Wrong(fault.to_string()),
    };
    let status = reply.json().unwrap_or_default();
    if status["homeserver"].as_str() != Some(patient.settings.homeserver.as_str()) {
        return Answered::Wrong(format!(
            "{url} is not answered by this desk (status {}): another program, or its proxy passes on to another place",
            reply.status
        ));
    }
    Answered::ThisDesk {
        open: status["open"] == Value::Bool(true),
        words: status["message"].as_str().unwrap_or_default().to_owned(),
    }
}

/// Asks the way that applicants come.
fn from_outside(http: &HttpClient, patient: &Patient, findings: &mut Findings) {
    let settings = &patient.settings;
    let Some(url) = &settings.public_url else {
        return findings.note(
            "public_url",
            "it is not set: the page cannot be tried as applicants see it, and letters cannot say where it is",
        );
    };
    match ask(http, url, patient) {
        Answered::ThisDesk { .. } => findings.fine("public_url", &format!("the desk answers on {url}")),
        Answered::Wrong(words) => {
            let is_static = settings.allowed_origins.iter().any(|origin| url.starts_with(origin.as_str()));
            if is_static {
                findings.note(
                    "public_url",
                    &format!("{words}. That is right where it is a site that `doorman site` wrote"),
                );
            } else {
                findings.wrong("public_url", &format!("public_url: {words}"));
            }
            return;
        }
    }
    // Its faults the desk names only to whoever comes from this machine without X-Forwarded-For. Whoever comes to the
    // desk's own port does so rightly.
    let is_direct = url.starts_with("http://") && url.ends_with(&format!(":{}", settings.port));
    let health = http.get(&format!("{url}/healthz"), ANSWER).ok().and_then(|reply| reply.json().ok());
    if !is_direct && health.is_some_and(|health| health.get("faults").is_some()) {
        findings.wrong(
            "proxy",
            "it sends no X-Forwarded-For, so all visitors count as one, this machine, and share its limits: have it send \
             the client's address (nginx: proxy_set_header X-Forwarded-For $remote_addr)",
        );
    }
}

/// Whether the desk knows whose a request is.
fn proxy(patient: &Patient, findings: &mut Findings) {
    const WHAT: &str = "proxy";
    let settings = &patient.settings;
    if let Some(all) = settings.trusted_proxies.iter().find(|net| net.prefix_len() == 0) {
        return findings.wrong(
            WHAT,
            &format!("trusted_proxies has {all}: then everybody can say that they are somebody else; name your proxy alone"),
        );
    }
    // What was just asked through the proxy may have raised the alarm.
    let until = Instant::now() + NOTED_WITHIN;
    let untrusted = loop {
        let alarms = patient.condition().alarms;
        let found = alarms.into_iter().find(|(word, _)| word == Trouble::Proxy.word());
        if found.is_some() || Instant::now() >= until || settings.public_url.is_none() {
            break found;
        }
        Stop::new().wait(LOOK_EVERY);
    };
    if let Some((_, what)) = untrusted {
        return findings.wrong(WHAT, &what);
    }
    let Some(store) = &patient.store else { return };
    let filter = RequestFilter { limit: Some(LOOKED_AT), ..RequestFilter::default() };
    let requests = store.read(|store| store.requests(&filter)).unwrap_or_default();
    let ips: Vec<&str> = requests.iter().filter_map(|request| request.ip.as_deref()).collect();
    match ips.first() {
        Some(first) if ips.len() >= FEW && ips.iter().all(|ip| ip == first) && is_inside(first) => findings.note(
            WHAT,
            &format!(
                "the last {} requests by the web all came from {first}: if these were people elsewhere, the proxy does not \
                 send X-Forwarded-For, or trusted_proxies holds more than the proxy",
                ips.len()
            ),
        ),
        _ => findings.fine(WHAT, "nothing speaks against the clients' addresses being real"),
    }
}

/// Not of the public internet.
fn is_inside(ip: &str) -> bool {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => false,
    }
}
