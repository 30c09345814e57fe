//! The stages of a registration, and whether the desk can pass them for somebody.

use std::sync::PoisonError;
use std::time::Duration;

use serde_json::{Value, json};

use crate::net::cleaned;

use super::answers::{self, Said};
use super::kept::Asked;
use super::{AccountWay, Homeserver, deadline, is_plain, left};

/// The stages that the desk knows (Matrix spec, client-server API; the second was the first's name before version 1.2).
pub(super) const TOKEN: &str = "m.login.registration_token";
pub(super) const UNSTABLE_TOKEN: &str = "org.matrix.msc3231.login.registration_token";
pub(super) const DUMMY: &str = "m.login.dummy";
pub(super) const TERMS: &str = "m.login.terms";

/// So long it holds what is asked of whoever signs up, and that nobody told.
const HOLDS: Duration = Duration::from_secs(600);
const SILENCE_HOLDS: Duration = Duration::from_secs(30);

/// Terms that one has to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What they are called.
    pub name: String,
    /// Where they stand.
    pub url: String,
}

/// What signing up at the desk takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignUpWay {
    /// What has to be agreed to.
    pub terms: Vec<Policy>,
    /// Why the desk can make no accounts; for the operator.
    pub bar: Option<String>,
}

/// What a homeserver offers to whoever wants to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flows {
    ways: Vec<Vec<String>>,
    terms: Vec<Policy>,
}

impl Flows {
    /// As it stands in an answer. None: there are none.
    pub(super) fn read(json: &Value) -> Option<Self> {
        let stages = |flow: &Value| -> Option<Vec<String>> {
            let stages = flow.get("stages")?.as_array()?;
            Some(stages.iter().filter_map(|stage| stage.as_str().map(ToOwned::to_owned)).collect())
        };
        let ways = json.get("flows")?.as_array()?.iter().map(stages).collect::<Option<Vec<_>>>()?;
        let policies = json.pointer("/params/m.login.terms/policies").and_then(Value::as_object);
        let terms = policies.into_iter().flatten().filter_map(|(_, policy)| {
            let told =
                policy.get("en").or_else(|| policy.as_object()?.values().find(|one| one.is_object()))?;
            let url = told
                .get("url")?
                .as_str()
                .filter(|url| is_plain(url.split(['?', '#']).next().unwrap_or_default()))?;
            let name = told.get("name").and_then(Value::as_str).unwrap_or(url);
            Some(Policy { name: cleaned(name), url: url.to_owned() })
        });
        Some(Self { terms: terms.collect(), ways })
    }

    /// The shortest way that the desk can go with these.
    pub(super) fn passable(&self, token: bool, agreed: bool) -> Option<&Vec<String>> {
        let can = |stage: &String| match stage.as_str() {
            TOKEN | UNSTABLE_TOKEN => token,
            TERMS => agreed,
            stage => stage == DUMMY,
        };
        self.ways.iter().filter(|way| way.iter().all(can)).min_by_key(|way| way.len())
    }

    /// The stages that the desk cannot pass.
    pub(super) fn why_not(&self) -> String {
        let known = [TOKEN, UNSTABLE_TOKEN, TERMS, DUMMY];
        let mut foreign: Vec<&str> =
            self.ways.iter().flatten().map(String::as_str).filter(|stage| !known.contains(stage)).collect();
        foreign.sort_unstable();
        foreign.dedup();
        if foreign.is_empty() {
            "the homeserver asks for a registration token, and the desk has none".into()
        } else {
            format!(
                "the homeserver asks for {}, which the desk cannot pass for anybody",
                foreign.join(" and ")
            )
        }
    }

    fn is_with_terms(&self) -> bool {
        self.passable(true, true).is_some_and(|way| way.iter().any(|stage| stage == TERMS))
    }
}

impl Homeserver {
    /// What signing up here takes, as it was told in the last ten minutes; while nobody tells it is as it was. None: nobody has
    /// told yet.
    pub fn sign_up_way(&self, budget: Duration) -> Option<SignUpWay> {
        if self.account_way() != AccountWay::ClientApi {
            return Some(SignUpWay::default());
        }
        let deadline = deadline(budget);
        let last = || self.last_way.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let asked = self.ways.answer(&(), deadline, || {
            let base = self.base(deadline).ok();
            let reply = base.and_then(|base| {
                let url = format!("{base}/_matrix/client/v3/register");
                self.http.post(&url, &json!({}), left(deadline)).ok()
            });
            let told = reply.filter(|reply| answers::too_often(reply).is_none() && reply.status < 500);
            match told.map(|reply| way(&Said::of(&reply))) {
                Some(way) => {
                    *self.last_way.lock().unwrap_or_else(PoisonError::into_inner) = Some(way.clone());
                    Asked::Answer(Some(way), HOLDS)
                }
                None => Asked::Answer(last(), SILENCE_HOLDS),
            }
        });
        asked.unwrap_or_else(last)
    }

    /// The same, without asking anybody.
    pub fn last_sign_up_way(&self) -> Option<SignUpWay> {
        if self.account_way() != AccountWay::ClientApi {
            return Some(SignUpWay::default());
        }
        self.last_way.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It is asked for anew when it is needed next.
    pub fn forget_sign_up_way(&self) {
        self.ways.forget(&());
    }
}

fn way(said: &Said) -> SignUpWay {
    let barred = |bar: String| SignUpWay { bar: Some(cleaned(&bar)), terms: Vec::new() };
    match Flows::read(&said.json).filter(|_| said.status == 401) {
        Some(flows) if flows.passable(true, true).is_none() => barred(flows.why_not()),
        Some(flows) if flows.is_with_terms() => SignUpWay { terms: flows.terms, bar: None },
        Some(_) => SignUpWay::default(),
        None => barred(format!(
            "the homeserver takes no registration by the client API: it answers {}",
            said.words()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::{said, said_json};
    use super::*;

    #[test]
    fn the_desk_goes_the_shortest_way_that_it_can() {
        let flows = |ways: &[&[&str]]| {
            let ways: Vec<Value> = ways.iter().map(|way| json!({"stages": way})).collect();
            Flows::read(&json!({"flows": ways})).unwrap()
        };
        let plain = flows(&[&["m.login.email.identity"], &[TOKEN, TERMS, DUMMY], &[TOKEN, DUMMY]]);
        assert_eq!(plain.passable(true, true).unwrap(), &[TOKEN, DUMMY]);
        assert_eq!(plain.passable(false, true), None);
        let terms = flows(&[&[TOKEN, TERMS]]);
        assert!(terms.passable(true, false).is_none() && terms.passable(true, true).is_some());
        let captcha = flows(&[&[TOKEN, "m.login.recaptcha"], &[TOKEN, "m.login.email.identity"]]);
        assert_eq!(captcha.passable(true, true), None);
        assert!(captcha.why_not().contains("m.login.email.identity and m.login.recaptcha"));
        assert_eq!(Flows::read(&json!({"flows": 7})), None);
    }

    #[test]
    fn what_the_desk_cannot_pass_bars_the_way_and_terms_are_told() {
        let told = way(&said_json(
            401,
            json!({
                "flows": [{"stages": [TOKEN, TERMS]}],
                "params": {TERMS: {"policies": {"privacy": {
                    "version": "1", "en": {"name": "Our\u{1b} terms", "url": "https://your.server/terms?v=1"},
                }, "odd": {"en": {"name": "x", "url": "javascript:x"}}}}},
            }),
        ));
        assert_eq!(told.bar, None);
        assert_eq!(
            told.terms,
            [Policy { name: cleaned("Our\u{1b} terms"), url: "https://your.server/terms?v=1".into() }]
        );
        let captcha = json!({"flows": [{"stages": [TOKEN, "m.login.recaptcha"]}]});
        assert!(way(&said_json(401, captcha)).bar.unwrap().contains("m.login.recaptcha"));
        assert!(way(&said(403, "M_FORBIDDEN", "Registration has been disabled")).bar.is_some());
        assert!(way(&said(404, "M_UNRECOGNIZED", "")).bar.is_some());
    }
}
