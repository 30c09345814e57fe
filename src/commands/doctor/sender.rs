//! What the DNS says of the domain that letters come from: whether other mail servers can believe it (SPF, RFC 7208; DMARC,
//! RFC 7489), and whether what comes back to it can be delivered.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::net::dns::{Kind, NoAnswer, Records, Resolver};

use super::Findings;

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
        return findings.note(
            WHAT,
            &format!("{domain} is no domain of the public internet: other mail servers will not take letters from it"),
        );
    }
    let resolver = match server {
        Some(server) => Resolver::at(server),
        None => Resolver::of_system(Path::new("/etc/resolv.conf")),
    };
    if let Err(no_answer) = records(&domain, &resolver, findings) {
        findings.note(WHAT, &format!("what the DNS says of {domain} is not known: {no_answer}"));
    }
}

fn records(domain: &str, resolver: &Resolver, findings: &mut Findings) -> Result<(), NoAnswer> {
    let deadline = Instant::now() + BUDGET;
    let ask = |name: &str, kind| resolver.ask(name, kind, deadline);
    let Records::Found(texts) = ask(domain, Kind::Txt)? else {
        let highest = domain.rsplit('.').next().unwrap_or_default();
        if ask(highest, Kind::A)? == Records::NoSuchName {
            findings.note(
                WHAT,
                &format!("{domain} cannot be looked up: the name server knows nothing of .{highest}, nor perhaps of the internet"),
            );
            return Ok(());
        }
        findings.wrong(
            WHAT,
            &format!("the domain {domain} does not exist, so hardly any mail server takes letters from it: see smtp.from"),
        );
        return Ok(());
    };
    spf(domain, &texts, findings);
    dmarc(domain, &ask, findings)?;
    way_back(domain, &ask, findings)
}

fn spf(domain: &str, texts: &[String], findings: &mut Findings) {
    let records: Vec<&String> = texts
        .iter()
        .filter(|text| text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1")))
        .collect();
    match records.as_slice() {
        [] => findings.note(
            WHAT,
            &format!(
                "{domain} has no SPF record, so letters may land in spam folders: add a TXT record like \"v=spf1 mx -all\" \
                 that names your mail server"
            ),
        ),
        [one] if one.split(' ').any(|term| matches!(term.to_ascii_lowercase().as_str(), "all" | "+all")) => {
            findings.wrong(
                WHAT,
                &format!("the SPF record of {domain} lets everybody send in its name ({one}): end it in -all or ~all"),
            );
        }
        [one] => findings.fine(WHAT, &format!("{domain} has SPF: {one}")),
        several => findings.wrong(
            WHAT,
            &format!("{domain} has {} SPF records, which counts as none that is valid: make them one", several.len()),
        ),
    }
}

/// The domain's own, else that of the nearest domain above that has one.
fn dmarc(
    domain: &str,
    ask: &impl Fn(&str, Kind) -> Result<Records, NoAnswer>,
    findings: &mut Findings,
) -> Result<(), NoAnswer> {
    let mut above = domain;
    loop {
        let name = format!("_dmarc.{above}");
        let texts = match ask(&name, Kind::Txt)? {
            Records::Found(texts) => texts,
            Records::NoSuchName => Vec::new(),
        };
        let records: Vec<&String> = texts
            .iter()
            .filter(|text| text.split(';').next().is_some_and(|version| version.trim() == "v=DMARC1"))
            .collect();
        match records.as_slice() {
            [] => {}
            [one] => {
                findings.fine(WHAT, &format!("{above} has DMARC: {one}"));
                return Ok(());
            }
            _ => {
                findings.wrong(
                    WHAT,
                    &format!(
                        "{name} has {} DMARC records, which counts as none: make them one",
                        records.len()
                    ),
                );
                return Ok(());
            }
        }
        match above.split_once('.') {
            // A domain of the highest level has none for those below.
            Some((_, rest)) if rest.contains('.') => above = rest,
            _ => break,
        }
    }
    findings.note(
        WHAT,
        &format!(
            "{domain} has no DMARC record, which large providers ask for: add a TXT record _dmarc.{domain} like \"v=DMARC1; \
             p=none\""
        ),
    );
    Ok(())
}

/// Delivery failures go to the sender, and a domain that takes no mail is often not let send any.
fn way_back(
    domain: &str,
    ask: &impl Fn(&str, Kind) -> Result<Records, NoAnswer>,
    findings: &mut Findings,
) -> Result<(), NoAnswer> {
    let found = |records| match records {
        Records::Found(found) => found,
        Records::NoSuchName => Vec::new(),
    };
    let mail_servers = found(ask(domain, Kind::Mx)?);
    if mail_servers.iter().any(|host| host == ".") {
        findings.wrong(
            WHAT,
            &format!("{domain} says that it takes no mail (MX \".\"), so many do not take letters from it either (RFC 7505)"),
        );
    } else if !mail_servers.is_empty() {
        findings.fine(WHAT, &format!("mail to {domain} goes to {}", mail_servers.join(", ")));
    } else if found(ask(domain, Kind::A)?).is_empty() && found(ask(domain, Kind::Aaaa)?).is_empty() {
        findings.wrong(
            WHAT,
            &format!("{domain} has neither MX nor address: letters from it are often refused, and failures find no way back"),
        );
    } else {
        findings.note(
            WHAT,
            &format!("{domain} has no MX record: mail to it goes to its address, if anything listens there"),
        );
    }
    Ok(())
}
