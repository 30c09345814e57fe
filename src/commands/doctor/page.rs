//! The page, as it is seen from outside: does it answer, and does the desk learn whose a request is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::alarms::Trouble;
use crate::net::FaultKind;
use crate::net::http::HttpClient;
use crate::stop::Stop;
use crate::store::RequestFilter;

use super::{ANSWER, Finding, Findings, Patient, fine, note, wrong};

/// The running desk notes its alarms down twice a second.
const NOTED_WITHIN: Duration = Duration::from_millis(1500);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// So many requests from one address alone are no chance.
const FEW: usize = 5;
const LOOKED_AT: u64 = 50;

pub(super) fn examine(patient: &Patient, findings: &mut Findings) {
    if !patient.running {
        return findings.tell("page", note("not tried, since the desk does not run"));
    }
    let http = HttpClient::default();
    let settings = &patient.settings;
    // With port 0 the system chose one, which only the desk knows.
    if settings.port != 0 {
        let local = SocketAddr::new(reachable(settings.bind), settings.port);
        let found = match ask(&http, &format!("http://{local}"), patient) {
            Ok(None) => fine(format!("the desk answers on {local}, open")),
            Ok(Some(words)) => note(format!("the desk answers on {local}, closed: {words}")),
            Err(words) => wrong(words),
        };
        findings.tell("page", found);
    }
    from_outside(&http, patient, findings);
    if let Some(found) = proxy(patient) {
        findings.tell("proxy", found);
    }
    for (word, what) in patient.condition().alarms {
        if word != Trouble::Proxy.word() {
            findings.tell("alarm", wrong(format!("the running desk says: {what}")));
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

/// Whether it is this desk that answers, and why it is closed. Else what to do.
fn ask(http: &HttpClient, url: &str, patient: &Patient) -> Result<Option<String>, String> {
    let reply = http.get(&format!("{url}/api/status"), ANSWER).map_err(|fault| match fault.kind {
        FaultKind::Redirect => format!("{url} redirects to another address: use that one"),
        _ => fault.to_string(),
    })?;
    let status = reply.json().unwrap_or_default();
    if status["homeserver"].as_str() != Some(patient.settings.homeserver.as_str()) {
        return Err(format!(
            "{url} does not lead to this desk (status {}): another program answers, or its proxy forwards elsewhere",
            reply.status
        ));
    }
    let message = status["message"].as_str().unwrap_or_default().to_owned();
    Ok((status["open"] != Value::Bool(true)).then_some(message))
}

/// Asks the way that applicants come.
fn from_outside(http: &HttpClient, patient: &Patient, findings: &mut Findings) {
    const WHAT: &str = "public_url";
    let settings = &patient.settings;
    let Some(url) = &settings.public_url else {
        let found =
            "it is not set: the page cannot be tried as applicants see it, and emails cannot link to it";
        return findings.tell(WHAT, note(found));
    };
    if let Err(words) = ask(http, url, patient) {
        let is_static = settings.allowed_origins.iter().any(|origin| url.starts_with(origin.as_str()));
        let found = if is_static {
            note(format!("{words}. That is fine if it is a site that `doorman site` wrote"))
        } else {
            wrong(format!("public_url: {words}"))
        };
        return findings.tell(WHAT, found);
    }
    findings.tell(WHAT, fine(format!("the desk answers on {url}")));
    // Its faults the desk names only to whoever comes from this machine without X-Forwarded-For. Whoever comes to the
    // desk's own port does so rightly.
    let is_direct = url.starts_with("http://") && url.ends_with(&format!(":{}", settings.port));
    let health = http.get(&format!("{url}/healthz"), ANSWER).ok().and_then(|reply| reply.json().ok());
    if !is_direct && health.is_some_and(|health| health.get("faults").is_some()) {
        let found = "it sends no X-Forwarded-For, so all visitors count as one, this machine, and share its limits: have it \
                     send the client's address (nginx: proxy_set_header X-Forwarded-For $remote_addr)";
        findings.tell("proxy", wrong(found));
    }
}

/// Whether the desk knows whose a request is. None: there is nothing to tell it by.
fn proxy(patient: &Patient) -> Option<Finding> {
    let settings = &patient.settings;
    if let Some(all) = settings.trusted_proxies.iter().find(|net| net.prefix_len() == 0) {
        let then = "then anybody can claim any address; name only your proxy";
        return Some(wrong(format!("trusted_proxies has {all}: {then}")));
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
        return Some(wrong(what));
    }
    let filter = RequestFilter { limit: Some(LOOKED_AT), ..RequestFilter::default() };
    let requests = patient.store.as_ref()?.read(|store| store.requests(&filter)).unwrap_or_default();
    let ips: Vec<&str> = requests.iter().filter_map(|request| request.ip.as_deref()).collect();
    let one = ips.first().filter(|first| ips.iter().all(|ip| ip == *first) && is_inside(first));
    Some(match one {
        Some(one) if ips.len() >= FEW => note(format!(
            "the last {} requests by the web all came from {one}: if these were people elsewhere, the proxy does not send \
             X-Forwarded-For, or trusted_proxies holds more than the proxy",
            ips.len()
        )),
        _ => fine("client addresses look right"),
    })
}

/// Not of the public internet.
fn is_inside(ip: &str) -> bool {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => false,
    }
}
