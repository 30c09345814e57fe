//! Whether the sender is who the mail says: `Authentication-Results` (RFC 8601) of the servers that the operator trusts.
//! The desk checks no signature itself.

use std::net::IpAddr;

use super::headers::{Headers, without_comments};

/// A trusted field may stand below so many `Received` lines: those of servers behind the one that checked. One further
/// down came with the mail. Where the line is found by which that server took the mail in, only what stands above it counts,
/// and there may be more.
const RECEIVED_ABOVE: usize = 2;
const RECEIVED_ABOVE_OWN: usize = 5;

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

/// What the trusted servers say of a mail whose From has this domain. Their fields are read together: one that says nothing of
/// this From says nothing, and that it is forged no other takes back.
pub(super) fn proof(headers: &Headers, trusted: &[String], domain: &str) -> Proof {
    let fields: Vec<(&str, &str)> =
        headers.iter().filter(|(name, _)| ["received", "authentication-results"].contains(name)).collect();
    let is_trusted = |host: &str| trusted.iter().any(|id| is_same_or_parent(id, host));
    let took_it_in =
        |(name, value): &(&str, &str)| *name == "received" && comes_from_outside(value, is_trusted);
    let own = fields.iter().position(took_it_in);
    let most = if own.is_some() { RECEIVED_ABOVE_OWN } else { RECEIVED_ABOVE };
    let (mut received, mut found) = (0, Proof::Unverified);
    for (at, (name, value)) in fields[..own.unwrap_or(fields.len())].iter().enumerate() {
        if *name == "received" {
            received += 1;
            if received > most {
                break;
            }
            continue;
        }
        let Some((id, outcomes)) = read(value) else { continue };
        let is_theirs = match id {
            Some(id) => trusted.iter().any(|one| one.eq_ignore_ascii_case(&id)),
            None => taken_in_by(&fields[at..]).is_some_and(|host| is_trusted(&host)),
        };
        match judge(&outcomes, domain) {
            said if is_theirs && said != Proof::Unverified => found = said,
            _ => {}
        }
        if found == Proof::Forged {
            break;
        }
    }
    found
}

/// Whether a `Received` line is one of a trusted host that says whence the mail came, and that is not the host itself, a neighbour
/// of it, or its own delivery.
fn comes_from_outside(received: &str, is_trusted: impl Fn(&str) -> bool) -> bool {
    let words: Vec<&str> = received.split_whitespace().collect();
    let is_by = |pair: &[&str]| {
        pair[0].eq_ignore_ascii_case("by") && is_trusted(pair[1].trim_matches(['(', ')', ';']))
    };
    let Some(by) = words.windows(2).position(is_by).filter(|by| *by > 0) else { return false };
    let after = without_comments(&words[by + 2..].join(" ")).to_ascii_lowercase();
    if after.trim_start().starts_with("with lmtp") || after.trim_start().starts_with("with local") {
        return false;
    }
    // Every address that is named, as one of them may be what the sender has called himself.
    let from = words[..by].join(" ").replace("IPv6:", "");
    let mut named = from
        .split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
        .filter_map(|word| word.parse().ok())
        .peekable();
    named.peek().is_none() || !named.all(is_near)
}

fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// Whose `Received` line is the next. Exchange Online names itself nowhere else.
fn taken_in_by(fields: &[(&str, &str)]) -> Option<String> {
    let (_, value) = fields.iter().find(|(name, _)| *name == "received")?;
    let value = without_comments(value);
    let mut words = value.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("by"));
    words.nth(1).map(str::to_ascii_lowercase)
}

fn judge(outcomes: &[Outcome], domain: &str) -> Proof {
    let of = |method: &'static str| outcomes.iter().filter(move |outcome| outcome.method == method);
    let from = |outcome: &Outcome| {
        let from = outcome.property("header.from")?;
        Some(from.rsplit('@').next().unwrap_or(from).to_ascii_lowercase())
    };
    // One that does not say whom it is about is about this one where it is bad, and about nobody where it is good.
    let related = |from: String| is_same_or_parent(&from, domain) || is_same_or_parent(domain, &from);
    if of("dmarc").any(|outcome| outcome.result == "fail" && from(outcome).is_none_or(related)) {
        return Proof::Forged;
    }
    if of("dmarc").any(|outcome| outcome.result == "pass" && from(outcome).is_some_and(|from| from == domain))
    {
        return Proof::Verified;
    }
    let aligned = |outcome: &Outcome| {
        let signer = outcome.property("header.d").or_else(|| {
            outcome.property("header.i").and_then(|who| who.rsplit_once('@')).map(|(_, domain)| domain)
        });
        outcome.result == "pass" && signer.is_some_and(|signer| is_same_or_parent(signer, domain))
    };
    if of("dkim").any(aligned) { Proof::Verified } else { Proof::Unverified }
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

/// Who claims to have written a field, and its results. An id may be followed by a version. Exchange Online writes none.
fn read(value: &str) -> Option<(Option<String>, Vec<Outcome>)> {
    let value = without_comments(value);
    let mut parts = split(&value);
    let first = parts.first()?.split_whitespace().next()?;
    let id = (!first.contains('=')).then(|| first.trim_matches('"').to_ascii_lowercase());
    if id.is_some() {
        parts.remove(0);
    }
    Some((id, parts.iter().filter_map(|part| outcome(part)).collect()))
}

/// Who claims to have written each field, from the top, in lower case; and whether it says that DMARC has passed.
pub(super) fn claims(headers: &Headers) -> Vec<(String, bool)> {
    let passed = |outcomes: &[Outcome]| {
        outcomes.iter().any(|outcome| outcome.method == "dmarc" && outcome.result == "pass")
    };
    let fields: Vec<(&str, &str)> = headers.iter().collect();
    let claim = |(at, (name, value)): (usize, &(&str, &str))| {
        let (id, outcomes) = read(value).filter(|_| *name == "authentication-results")?;
        // Of many servers' names what they have in common.
        let host = || taken_in_by(&fields[at..]).and_then(|host| Some(host.split_once('.')?.1.to_owned()));
        Some((id.or_else(host)?, passed(&outcomes)))
    };
    fields.iter().enumerate().filter_map(claim).collect()
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
                Proof::Verified,
            ),
            ("Authentication-Results: mx.desk.test; dmarc=fail header.from=other.example", Proof::Unverified),
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

    /// With the line by which the server took the mail in below it, and what came with the mail below that.
    #[test]
    fn what_servers_in_use_write_is_understood() {
        const FROM_OUTSIDE: &str = "Received: from mail.example.org (mail.example.org [192.0.2.1])\n by mx.desk.test (Postfix) with ESMTPS id 4X for <register@desk.test>;\n Sat, 28 Nov 2026 10:11:12 +0000";
        for (who, trusted, head) in [
            (
                "OpenDKIM, OpenDMARC, policyd-spf",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test; dmarc=pass (p=none dis=none) header.from=mail.example.org\nAuthentication-Results: mx.desk.test; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=192.0.2.1; helo=mail.example.org; envelope-from=a@example.org; receiver=<UNKNOWN>)\nAuthentication-Results: mx.desk.test;\n\tdkim=pass (2048-bit key; unprotected) header.d=relay.example header.i=@relay.example header.a=rsa-sha256 header.s=s1 header.b=AbCd;\n\tdkim-atps=neutral",
            ),
            (
                "OpenDKIM alone, two signatures",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test;\n\tdkim=pass (2048-bit key) header.d=relay.example header.i=@relay.example header.b=\"x\"\nAuthentication-Results: mx.desk.test;\n\tdkim=pass (2048-bit key) header.d=example.org header.i=@example.org",
            ),
            (
                "rspamd",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test;\n\tdkim=pass header.d=example.org header.s=s1 header.b=AbCd;\n\tspf=pass (mx.desk.test: domain of a@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@example.org;\n\tdmarc=pass (policy=none) header.from=mail.example.org;\n\tarc=none",
            ),
            (
                "Amavis, the mail handed back to Postfix and on by LMTP",
                "mx.desk.test",
                "Received: from mx.desk.test ([127.0.0.1])\n by mx.desk.test with LMTP id abc (envelope-from <a@example.org>)\nReceived: from localhost (localhost [IPv6:::1])\n by mx.desk.test (Postfix) with ESMTP id 5Y\nAuthentication-Results: mx.desk.test (amavisd-new);\n dkim=pass (2048-bit key) header.d=example.org\nReceived: from mx.desk.test ([127.0.0.1])\n by localhost (mx.desk.test [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id z",
            ),
            (
                "Gmail",
                "mx.google.com",
                "Received: by 2002:a05:7022:6b87:b0:7a with SMTP id x;\n Sat, 28 Nov 2026\nAuthentication-Results: mx.google.com;\n       dkim=pass header.i=@example.org header.s=s1 header.b=\"Ab+/=\";\n       spf=pass (google.com: domain of a@example.org designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@example.org;\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=mail.example.org\nReceived: from mail.example.org (mail.example.org. [192.0.2.1])\n by mx.google.com with ESMTPS id y",
            ),
            (
                "Exchange Online",
                "mail.protection.outlook.com",
                "Received: from AM0PR01.eurprd01.prod.outlook.com (2603:10a6::1) by\n DB9PR01.eurprd01.prod.outlook.com with HTTPS\nReceived: from AS4P251.EURP251.PROD.OUTLOOK.COM (2603:10a6::2) by\n AM0PR01.eurprd01.prod.outlook.com (2603:10a6::3) with Microsoft SMTP Server\nReceived: from AM3PEPF0000A79.eurprd05.prod.outlook.com (2603:10a6::4) by\n AS4P251.outlook.office365.com (2603:10a6::5) with Microsoft SMTP Server\nAuthentication-Results: spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=example.org; dkim=pass (signature was verified)\n header.d=example.org;dmarc=pass action=none\n header.from=mail.example.org;compauth=pass reason=100\nReceived: from mail.example.org (192.0.2.1) by\n AM3PEPF0000A79.mail.protection.outlook.com (10.167.16.104) with Microsoft SMTP Server",
            ),
            (
                "OpenARC beside OpenDMARC",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test; arc=none smtp.remote-ip=192.0.2.1\nAuthentication-Results: mx.desk.test; dmarc=pass (p=none dis=none) header.from=mail.example.org",
            ),
            (
                "iprev beside DMARC (Exim, Stalwart)",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test;\n\tiprev=pass (mail.example.org) smtp.remote-ip=192.0.2.1;\n\tspf=pass smtp.mailfrom=example.org;\n\tdkim=pass header.d=example.org header.s=s1 header.a=ed25519-sha256;\n\tdmarc=pass header.from=mail.example.org policy.dmarc=none",
            ),
            (
                "Fastmail's and Migadu's kind, with many properties",
                "mx.desk.test",
                "Authentication-Results: mx.desk.test;\n    bimi=none (No BIMI records found);\n    arc=none (no signatures found);\n    dkim=pass (2048-bit rsa key sha256) header.d=example.org\n    header.i=@example.org header.b=\"AbCd\";\n    dmarc=pass policy.published-domain-policy=none\n    policy.applied-disposition=none (p=none,d=none,d.eval=none)\n    policy.policy-from=p header.from=mail.example.org",
            ),
        ] {
            let of = |head: String| {
                proof(&Headers::read(head.as_bytes()), &[trusted.to_owned()], "mail.example.org")
            };
            assert_eq!(
                of(format!("{head}\n{FROM_OUTSIDE}\nFrom: a@mail.example.org")),
                Proof::Verified,
                "{who}"
            );
            let forged = head.replace("dmarc=pass", "dmarc=fail");
            if forged != *head {
                assert_eq!(of(format!("{forged}\n{FROM_OUTSIDE}")), Proof::Forged, "{who}");
            }
            // The same words, sent along with a mail that the server takes in and says nothing of.
            if trusted == "mx.desk.test" {
                for outside in [
                    FROM_OUTSIDE,
                    "Received: from evil (unknown [203.0.113.9]) by mx.desk.test with ESMTP",
                    "Received: from evil( (unknown [203.0.113.9]) by mx.desk.test (Postfix) with ESMTP id 1",
                    "Received: from [127.0.0.1] (unknown [203.0.113.9]) by mx.desk.test (Postfix) with ESMTP id 1",
                    "Received: from [203.0.113.9] (helo=[127.0.0.1]) by mx.desk.test with esmtp (Exim 4.96)",
                    "Received: from unknown (HELO localhost) (203.0.113.9) by mx.desk.test with SMTP",
                    "Received: from evil by mx.desk.test",
                ] {
                    assert_eq!(of(format!("{outside}\n{head}")), Proof::Unverified, "{who}: {outside}");
                }
            }
        }
    }

    #[test]
    fn who_names_itself_nowhere_is_called_as_it_took_the_mail_in() {
        let head = "Authentication-Results: spf=pass smtp.mailfrom=x; dmarc=pass header.from=x\nReceived: from x by A1.mail.protection.outlook.com (10.0.0.1) with SMTP\nAuthentication-Results: mx.example.org; none";
        let expected =
            [("mail.protection.outlook.com".to_owned(), true), ("mx.example.org".to_owned(), false)];
        assert_eq!(claims(&Headers::read(head.as_bytes())), expected);
    }
}
