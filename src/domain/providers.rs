//! What mail providers call the same mailbox, one row each, with the source.

/// Which addresses of a provider lead to one mailbox.
pub(super) struct Provider {
    /// Its domains that share their mailboxes; the first stands for all.
    domains: &'static [&'static str],
    /// Further domains with the same habits and mailboxes of their own: they begin so (`yahoo.` for yahoo.de).
    begin: Option<&'static str>,
    /// Signs in the local part that the provider passes over.
    ignored: &'static [char],
    /// The tag's sign beside `+`.
    tag: Option<char>,
    /// `anything@user.domain` is `user@domain`.
    by_subdomain: bool,
}

const PLAIN: Provider = Provider { domains: &[], begin: None, ignored: &[], tag: None, by_subdomain: false };

const PROVIDERS: &[Provider] = &[
    // Dots do not matter: support.google.com/mail/answer/7436150; googlemail.com: support.google.com/mail/answer/10313
    Provider { domains: &["gmail.com", "googlemail.com"], ignored: &['.'], ..PLAIN },
    // "Dots, dashes and underscores are ignored", one account has all three: proton.me/support/addresses-and-aliases
    Provider { domains: &["proton.me", "protonmail.com", "pm.me"], ignored: &['.', '-', '_'], ..PLAIN },
    // One account, three domains: support.apple.com/en-us/102540
    Provider { domains: &["icloud.com", "me.com", "mac.com"], ..PLAIN },
    // base name, hyphen, keyword: help.yahoo.com/kb/SLN28815 (disposable addresses)
    Provider { domains: &["ymail.com"], tag: Some('-'), ..PLAIN },
    Provider { domains: &["rocketmail.com"], tag: Some('-'), ..PLAIN },
    Provider { domains: &[], begin: Some("yahoo."), tag: Some('-'), ..PLAIN },
    // Sub-domain addressing: www.fastmail.help/hc/en-us/articles/360060591053
    Provider { domains: &["fastmail.com"], by_subdomain: true, ..PLAIN },
    Provider { domains: &["fastmail.fm"], by_subdomain: true, ..PLAIN },
];

/// Providers of mail for everybody: whoever writes from there is as good a stranger as any other.
pub(super) const FOR_EVERYBODY: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "arcor.de",
    "bk.ru",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "centrum.cz",
    "comcast.net",
    "daum.net",
    "duck.com",
    "email.cz",
    "email.de",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "internode.on.net",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.co.uk",
    "live.com",
    "live.de",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ee",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "mozmail.com",
    "msn.com",
    "mykolab.com",
    "naver.com",
    "o2.pl",
    "online.de",
    "onet.pl",
    "op.pl",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.it",
    "outlook.jp",
    "passmail.net",
    "pm.me",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "riseup.net",
    "rocketmail.com",
    "runbox.com",
    "sapo.pt",
    "seznam.cz",
    "sfr.fr",
    "simplelogin.com",
    "sina.com",
    "sky.com",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "tutanota.de",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "vodafone.de",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ya.ru",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
    "zohomail.eu",
];

impl Provider {
    /// Local part and domain of the mailbox that an address leads to; both are given in lower case.
    pub(super) fn mailbox(local: &str, domain: &str) -> (String, String) {
        for provider in PROVIDERS {
            let is_its = provider.domains.contains(&domain)
                || provider.begin.is_some_and(|begin| domain.starts_with(begin));
            if is_its {
                let base = cut(local, provider.tag);
                let kept: String = base.chars().filter(|c| !provider.ignored.contains(c)).collect();
                let local = if kept.is_empty() { base.to_owned() } else { kept };
                return (local, provider.domains.first().unwrap_or(&domain).to_string());
            }
            if let Some(own) = provider.domains.first()
                && provider.by_subdomain
                && let Some(user) = domain.strip_suffix(own).and_then(|rest| rest.strip_suffix('.'))
                && !user.contains('.')
            {
                return (cut(user, None).to_owned(), (*own).to_owned());
            }
        }
        (cut(local, None).to_owned(), domain.to_owned())
    }
}

/// The local part up to its tag. One that begins with the sign has none.
fn cut(local: &str, sign: Option<char>) -> &str {
    let at = local.char_indices().skip(1).find(|(_, c)| *c == '+' || Some(*c) == sign);
    at.map_or(local, |(at, _)| &local[..at])
}

#[cfg(test)]
mod tests {
    use super::super::EmailAddress;

    #[test]
    fn addresses_of_one_mailbox_are_one() {
        for (typed, mailbox) in [
            ("j.anedoe@gmail.com", "janedoe@gmail.com"),
            ("Jane.Doe+news@GoogleMail.com", "janedoe@gmail.com"),
            ("...@example.org", ""),
            ("j.doe@example.org", "j.doe@example.org"),
            ("j-doe+x@example.org", "j-doe@example.org"),
            ("a_b.c-d@pm.me", "abcd@proton.me"),
            ("abcd+x@protonmail.com", "abcd@proton.me"),
            ("abcd@proton.me", "abcd@proton.me"),
            ("ann@me.com", "ann@icloud.com"),
            ("ann+tag@mac.com", "ann@icloud.com"),
            ("ann.b@icloud.com", "ann.b@icloud.com"),
            ("base-shop@yahoo.com", "base@yahoo.com"),
            ("base-shop@yahoo.co.uk", "base@yahoo.co.uk"),
            ("base-shop@ymail.com", "base@ymail.com"),
            ("base+shop@yahoo.de", "base@yahoo.de"),
            ("shop@ann.fastmail.com", "ann@fastmail.com"),
            ("ann+shop@fastmail.com", "ann@fastmail.com"),
            ("x@a.b.fastmail.com", "x@a.b.fastmail.com"),
            ("+tag@example.org", "+tag@example.org"),
        ] {
            match EmailAddress::parse(typed) {
                Ok(address) => assert_eq!(address.mailbox(), mailbox, "{typed}"),
                Err(_) => assert_eq!(mailbox, "", "{typed}"),
            }
        }
    }
}
