//! Whether the sender is who the mail says: `Authentication-Results` (RFC 8601) of the servers that the operator trusts.
//! The desk checks no signature itself.

use super::headers::{Headers, without_comments};

/// A trusted field may stand below so many `Received` lines: those of servers behind the one that checked. One further
/// down came with the mail.
const RECEIVED_ABOVE: usize = 2;

/// What is known of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A trusted server saw that it is them.
    Verified,
    /// Nobody who is trusted has said anything, or they contradict each other.
    Unverified,
    /// A trusted server saw that it is not them.
    Forged,
}

/// One result of a field: `dkim=pass header.d=example.org`.
struct Outcome {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

/// What the trusted servers say of a mail whose From has this domain. That it is forged, no other field takes back: the
/// forger can write one that praises, and nobody writes one that does not.
pub(super) fn proof(headers: &Headers, trusted: &[String], domain: &str) -> Proof {
    let mut received = 0;
    let mut topmost: Option<Proof> = None;
    for (name, value) in headers.iter() {
        match name {
            "received" => received += 1,
            "authentication-results" => {
                let Some((id, outcomes)) = read(value) else { continue };
                if !trusted.iter().any(|one| one.eq_ignore_ascii_case(&id)) {
                    continue;
                }
                let said = judge(&outcomes, domain);
                match topmost {
                    _ if said == Proof::Forged => return said,
                    None if received > RECEIVED_ABOVE => return Proof::Unverified,
                    None => topmost = Some(said),
                    // The server adds its own and takes out others that claim to be: two that differ mean it did not.
                    Some(first) if first != said => return Proof::Unverified,
                    Some(_) => {}
                }
            }
            _ => {}
        }
    }
    topmost.unwrap_or(Proof::Unverified)
}

fn judge(outcomes: &[Outcome], domain: &str) -> Proof {
    let of =
        |method: &str| outcomes.iter().filter(move |outcome| outcome.method == method).collect::<Vec<_>>();
    let dmarc = of("dmarc");
    let about_this = |outcome: &&Outcome| {
        // A result that does not say whom it is about is about nobody.
        outcome.property("header.from").is_some_and(|from| from.eq_ignore_ascii_case(domain))
    };
    if dmarc.iter().any(|outcome| outcome.result == "fail") {
        return Proof::Forged;
    }
    if dmarc.iter().any(|outcome| outcome.result == "pass" && about_this(outcome)) {
        return Proof::Verified;
    }
    let aligned = |outcome: &Outcome| {
        let signer = outcome.property("header.d").or_else(|| {
            outcome.property("header.i").and_then(|who| who.rsplit_once('@')).map(|(_, domain)| domain)
        });
        outcome.result == "pass" && signer.is_some_and(|signer| is_same_or_parent(signer, domain))
    };
    if of("dkim").into_iter().any(aligned) { Proof::Verified } else { Proof::Unverified }
}

/// The domain itself, or a parent of it that is no top-level domain.
fn is_same_or_parent(signer: &str, domain: &str) -> bool {
    let (signer, domain) = (signer.trim_end_matches('.').to_ascii_lowercase(), domain.to_ascii_lowercase());
    signer == domain || (signer.contains('.') && domain.ends_with(&format!(".{signer}")))
}

impl Outcome {
    fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Who claims to have written a field, and its results. An id may be followed by a version.
fn read(value: &str) -> Option<(String, Vec<Outcome>)> {
    let value = without_comments(value);
    let mut parts = split(&value).into_iter();
    let id = parts.next()?.split_whitespace().next()?.trim_matches('"').to_ascii_lowercase();
    Some((id, parts.filter_map(|part| outcome(&part)).collect()))
}

/// Who claims to have written each field, from the top, in lower case; and whether it says that DMARC has passed.
pub(super) fn claims(headers: &Headers) -> Vec<(String, bool)> {
    let passed = |outcomes: &[Outcome]| {
        outcomes.iter().any(|outcome| outcome.method == "dmarc" && outcome.result == "pass")
    };
    let fields = headers.all("authentication-results").filter_map(read);
    fields.map(|(id, outcomes)| (id, passed(&outcomes))).collect()
}

/// At semicolons outside quotes.
fn split(value: &str) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let is_end = |c: char| {
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        c == ';' && !quoted
    };
    value.split(is_end).map(ToOwned::to_owned).collect()
}

/// `method[/version]=result ptype.property=value …`
fn outcome(part: &str) -> Option<Outcome> {
    let mut words = words(part).into_iter();
    let (method, result) = words.next()?;
    Some(Outcome {
        method: method.split('/').next()?.trim_end().to_ascii_lowercase(),
        result: result.to_ascii_lowercase(),
        properties: words
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"').to_owned()))
            .collect(),
    })
}

/// Each `name=value`, around whose `=` blanks may stand. What is in quotes is one word, whatever it looks like: a sender
/// may have written it.
fn words(part: &str) -> Vec<(String, String)> {
    let (mut words, mut rest) = (Vec::new(), part.trim_start());
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after.trim_start();
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start();
        let (mut quoted, mut escaped) = (false, false);
        let end = value.find(|c: char| {
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            c.is_whitespace() && !quoted
        });
        let (value, after) = value.split_at(end.unwrap_or(value.len()));
        words.push((name.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str) -> Proof {
        proof(&Headers::read(head.as_bytes()), &["mx.desk.test".into()], "mail.example.org")
    }

    #[test]
    fn only_a_trusted_servers_topmost_word_counts() {
        for (head, expected) in [
            ("", Proof::Unverified),
            (
                "Authentication-Results: mx.desk.test; dmarc=pass header.from=mail.example.org",
                Proof::Verified,
            ),
            (
                "Authentication-Results: MX.Desk.Test 1; dmarc=pass (p=none) header.from=mail.example.org",
                Proof::Verified,
            ),
            (
                "Authentication-Results: mx.desk.test; dmarc = pass header.from = mail.example.org",
                Proof::Verified,
            ),
            ("Authentication-Results: mx.desk.test; dmarc=pass header.from=evil.example", Proof::Unverified),
            ("Authentication-Results: mx.desk.test; dmarc=pass", Proof::Unverified),
            (
                "Authentication-Results: mx.desk.test; dmarc=pass; dkim=pass header.d=example.org",
                Proof::Verified,
            ),
            ("Authentication-Results: mx.desk.test; dmarc=fail header.from=mail.example.org", Proof::Forged),
            ("Authentication-Results: mx.desk.test; dkim=pass header.d=example.org", Proof::Verified),
            ("Authentication-Results: mx.desk.test; dkim=pass header.i=@mail.example.org", Proof::Verified),
            ("Authentication-Results: mx.desk.test; dkim=pass header.d=org", Proof::Unverified),
            ("Authentication-Results: mx.desk.test; dkim=pass header.d=other.example", Proof::Unverified),
            ("Authentication-Results: mx.desk.test; dkim=fail header.d=example.org", Proof::Unverified),
            (
                "Authentication-Results: mx.desk.test; spf=pass smtp.mailfrom=mail.example.org",
                Proof::Unverified,
            ),
            ("Authentication-Results: mx.desk.test; none", Proof::Unverified),
            (
                "Authentication-Results: mx.evil.example; dmarc=pass header.from=mail.example.org",
                Proof::Unverified,
            ),
            ("Authentication-Results: x; y=\"; mx.desk.test; dmarc=pass\"", Proof::Unverified),
            (
                "Received: by mx\nAuthentication-Results: mx.desk.test; dkim=pass header.d=example.org",
                Proof::Verified,
            ),
            (
                "Received: 1\nReceived: 2\nReceived: 3\nAuthentication-Results: mx.desk.test; dmarc=pass header.from=mail.example.org",
                Proof::Unverified,
            ),
            (
                "Authentication-Results: mx.desk.test; dmarc=none\nAuthentication-Results: mx.desk.test; dmarc=pass header.from=mail.example.org",
                Proof::Unverified,
            ),
            // Found forged is found forged, whatever else the forger has written into the head.
            (
                "Authentication-Results: mx.desk.test; dmarc=fail\nAuthentication-Results: mx.desk.test; dmarc=pass",
                Proof::Forged,
            ),
            (
                "Authentication-Results: mx.desk.test; dmarc=pass\nAuthentication-Results: mx.desk.test; dmarc=fail",
                Proof::Forged,
            ),
            (
                "Authentication-Results: mx.desk.test; dkim=pass header.i=\"a header.d=example.org b\"@evil.example",
                Proof::Unverified,
            ),
            (
                "Authentication-Results: mx.desk.test; dkim=pass reason=\"x \\\" header.d=example.org\" header.d=evil.example",
                Proof::Unverified,
            ),
            (
                "Authentication-Results: mx.desk.test; dkim=pass reason=\"; dmarc=pass header.from=mail.example.org\" header.b=\"a=\" header.d=evil.example",
                Proof::Unverified,
            ),
            (
                "Authentication-Results: mx.desk.test; dkim=pass header.b=ab= header.d=example.org",
                Proof::Verified,
            ),
            (
                "Authentication-Results: mx.desk.test; dmarc=none\nAuthentication-Results: other; dmarc=pass header.from=mail.example.org",
                Proof::Unverified,
            ),
        ] {
            assert_eq!(of(head), expected, "{head}");
        }
    }
}
