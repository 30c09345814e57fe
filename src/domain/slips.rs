//! Likely slips of the keyboard in well-known domains.

use strsim::osa_distance;

use super::providers::FOR_EVERYBODY;

/// Domains that are mistyped often enough to ask: their names have five letters or more, below that too much is near.
const OFTEN_MISTYPED: [&str; 14] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "freenet.de",
    "yandex.ru",
    "laposte.net",
    "libero.it",
    "seznam.cz",
];

/// The well-known domain that this one is one slip away from, in its name, its ending, or each.
pub(super) fn likely_meant(domain: &str) -> Option<&'static str> {
    if FOR_EVERYBODY.contains(&domain) {
        return None;
    }
    let (name, ending) = domain.split_once('.')?;
    OFTEN_MISTYPED.into_iter().find(|known| {
        known.split_once('.').is_some_and(|(known_name, known_ending)| {
            osa_distance(name, known_name) <= 1 && osa_distance(ending, known_ending) <= 1
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::EmailAddress;

    #[test]
    fn slips_of_well_known_domains_are_noticed_and_nothing_else() {
        for (typed, meant) in [
            ("ann@gmial.com", Some("ann@gmail.com")),
            ("Ann+x@gmail.con", Some("Ann+x@gmail.com")),
            ("ann@hotmial.com", Some("ann@hotmail.com")),
            ("ann@gmial.con", Some("ann@gmail.com")),
            ("ann@gmail.co", Some("ann@gmail.com")),
            ("ann@outlok.com", Some("ann@outlook.com")),
            ("ann@yaho.com", Some("ann@yahoo.com")),
            ("ann@iclould.com", Some("ann@icloud.com")),
            ("ann@gmail.com", None),
            ("ann@ymail.com", None),
            ("ann@mail.com", None),
            ("ann@yahoo.co.uk", None),
            ("ann@example.org", None),
            ("ann@proton.org", None),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().likely_meant().as_deref(), meant, "{typed}");
        }
    }
}
