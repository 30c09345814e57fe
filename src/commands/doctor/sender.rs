//! What the DNS says of the domain that letters come from: whether other mail servers can believe it (SPF, RFC 7208; DMARC,
//! RFC 7489), and whether what comes back to it can be delivered.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::net::dns::{Kind, NoAnswer, Resolver};

use super::{Finding, Findings, fine, note, wrong};

const WHAT: &str = "sender";

/// All questions together.
const BUDGET: Duration = Duration::from_secs(15);

/// Names that no name server knows (RFC 6761, RFC 6762).
const NOT_PUBLIC: [&str; 5] = ["test", "example", "invalid", "localhost", "local"];

/// `server`: the name server to ask; None: the system's.
pub(super) fn examine(settings: &Settings, server: Option<SocketAddr>, findings: &mut Findings) {
    if settings.smtp.is_none() {
        return;
    }
    let domain = settings.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let Ok(domain) = idna::domain_to_ascii(domain) else { return };
    let last = domain.rsplit('.').next().unwrap_or_default();
    if !domain.contains('.') || domain.starts_with('[') || NOT_PUBLIC.contains(&last) {
        let then = "other mail servers will not accept emails from it";
        return findings.tell(WHAT, note(format!("{domain} is not a domain on the public internet: {then}")));
    }
    let resolver = match server {
        Some(server) => Resolver::at(server),
        None => Resolver::of_system(Path::new("/etc/resolv.conf")),
    };
    let deadline = Instant::now() + BUDGET;
    if let Err(no_answer) = records(&domain, &|name, kind| resolver.ask(name, kind, deadline), findings) {
        findings.tell(WHAT, note(format!("what the DNS says about {domain} is unknown: {no_answer}")));
    }
}

type Ask<'a> = &'a dyn Fn(&str, Kind) -> Result<Option<Vec<String>>, NoAnswer>;

fn records(domain: &str, ask: Ask<'_>, findings: &mut Findings) -> Result<(), NoAnswer> {
    let Some(texts) = ask(domain, Kind::Txt)? else {
        let highest = domain.rsplit('.').next().unwrap_or_default();
        let found = if ask(highest, Kind::A)?.is_none() {
            let why = format!("the name server knows nothing of .{highest}, nor perhaps of the internet");
            note(format!("{domain} cannot be looked up: {why}"))
        } else {
            let then = "so hardly any mail server accepts emails from it: see smtp.from";
            wrong(format!("the domain {domain} does not exist, {then}"))
        };
        findings.tell(WHAT, found);
        return Ok(());
    };
    findings.tell(WHAT, spf(domain, &texts));
    findings.tell(WHAT, dmarc(domain, ask)?);
    findings.tell(WHAT, way_back(domain, ask)?);
    Ok(())
}

fn spf(domain: &str, texts: &[String]) -> Finding {
    let is_spf =
        |text: &&String| text.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("v=spf1"));
    let records: Vec<&String> = texts.iter().filter(is_spf).collect();
    match records.as_slice() {
        [] => note(format!(
            "{domain} has no SPF record, so emails may land in spam folders: add a TXT record like \"v=spf1 mx -all\" that \
             names your mail server"
        )),
        [one] if one.split(' ').any(|term| matches!(term.to_ascii_lowercase().as_str(), "all" | "+all")) => {
            let then = "end it in -all or ~all";
            wrong(format!("the SPF record of {domain} lets everybody send in its name ({one}): {then}"))
        }
        [one] => fine(format!("{domain} has SPF: {one}")),
        several => wrong(format!(
            "{domain} has {} SPF records, which is not valid: merge them into one",
            several.len()
        )),
    }
}

/// The domain's own, else that of the nearest domain above that has one.
fn dmarc(domain: &str, ask: Ask<'_>) -> Result<Finding, NoAnswer> {
    let mut above = domain;
    loop {
        let name = format!("_dmarc.{above}");
        let texts = ask(&name, Kind::Txt)?.unwrap_or_default();
        let is_dmarc = |text: &&String| text.split(';').next().is_some_and(|word| word.trim() == "v=DMARC1");
        let records: Vec<&String> = texts.iter().filter(is_dmarc).collect();
        match records.as_slice() {
            [] => {}
            [one] => return Ok(fine(format!("{above} has DMARC: {one}"))),
            several => {
                let then = "which counts as none: merge them into one";
                return Ok(wrong(format!("{name} has {} DMARC records, {then}", several.len())));
            }
        }
        match above.split_once('.') {
            // A domain of the highest level has none for those below.
            Some((_, rest)) if rest.contains('.') => above = rest,
            _ => break,
        }
    }
    let then = format!("add a TXT record _dmarc.{domain} like \"v=DMARC1; p=none\"");
    Ok(note(format!("{domain} has no DMARC record, which large providers ask for: {then}")))
}

/// Delivery failures go to the sender, and a domain that takes no mail is often not let send any.
fn way_back(domain: &str, ask: Ask<'_>) -> Result<Finding, NoAnswer> {
    let servers = ask(domain, Kind::Mx)?.unwrap_or_default();
    Ok(if servers.iter().any(|host| host == ".") {
        let then = "so many servers do not accept emails from it either (RFC 7505)";
        wrong(format!("{domain} says that it accepts no mail (MX \".\"), {then}"))
    } else if !servers.is_empty() {
        fine(format!("mail to {domain} goes to {}", servers.join(", ")))
    } else if ask(domain, Kind::A)?.unwrap_or_default().is_empty()
        && ask(domain, Kind::Aaaa)?.unwrap_or_default().is_empty()
    {
        let then = "emails from it are often refused, and bounces cannot come back";
        wrong(format!("{domain} has neither MX nor address: {then}"))
    } else {
        let then = "mail to it goes to its address, if anything listens there";
        note(format!("{domain} has no MX record: {then}"))
    })
}
