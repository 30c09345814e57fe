//! The body of `POST /register` → what was typed → a [`TokenRequest`].

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::config::Terms;
use crate::domain::{
    Channel, EmailAddress, Field, Flaw, Language, Localpart, Refusal, ServerName, TokenRequest,
};

/// All fields as they came, for giving them back; empty where they are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// `requested_username`
    pub username: String,
    /// `email`; `confirmed_email` takes its place.
    pub email: String,
    /// The address came as `confirmed_email`: it is meant as it is, whatever it looks like.
    pub is_confirmed: bool,
    /// The address that is probably meant instead.
    pub likely_meant: Option<String>,
    /// `answer`
    pub answer: String,
    /// `terms`: what the box says when it is ticked.
    pub terms: String,
    twice: Vec<Field>,
}

/// What a ticked box says, besides the version of the terms. A form of an older version has to be agreed to anew.
const TICKED: [&str; 4] = ["on", "true", "yes", "1"];

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body. Other fields are passed over.
    pub fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        let (mut seen, mut confirmed): (Vec<Field>, _) = (Vec::new(), None);
        for (name, value) in form_urlencoded::parse(body) {
            if name == "confirmed_email" {
                confirmed = Some(value.into_owned());
                continue;
            }
            let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) else { continue };
            let text = match field {
                Field::Username => &mut form.username,
                Field::Email => &mut form.email,
                Field::Answer => &mut form.answer,
                Field::Terms => &mut form.terms,
            };
            *text = value.into_owned();
            if seen.contains(&field) {
                form.twice.push(field);
            }
            seen.push(field);
        }
        if let Some(email) = confirmed {
            (form.email, form.is_confirmed) = (email, true);
        }
        form
    }

    /// The request that it makes.
    pub fn request(
        &self,
        server: &ServerName,
        terms: Option<&Terms>,
        language: Language,
        ip: IpAddr,
        received_at: DateTime<Utc>,
    ) -> Result<TokenRequest, Refusal> {
        let version = terms.map(|terms| terms.version.as_str());
        let agrees = version.is_none_or(|version| [&TICKED[..], &[version]].concat().contains(&&*self.terms));
        let username = Localpart::parse(&self.username, server);
        let email = EmailAddress::parse(&self.email);
        let mut problems = Vec::new();
        for field in Field::ALL {
            let problem = match field {
                _ if self.twice.contains(&field) => Some(Flaw::SentTwice),
                Field::Username => username.as_ref().err().cloned().map(Flaw::Username),
                Field::Email => email.as_ref().err().copied().map(Flaw::Email),
                // Who has not to answer is known later.
                Field::Answer => None,
                Field::Terms => (!agrees).then_some(Flaw::NotAgreed),
            };
            problems.extend(problem.map(|problem| (field, problem)));
        }
        match (username, email) {
            (Ok(username), Ok(email)) if problems.is_empty() => Ok(TokenRequest {
                username: Some(username),
                email,
                channel: Channel::Web,
                ip: Some(ip),
                received_at,
                answer: Some(self.answer.trim().replace('\r', "")).filter(|answer| !answer.is_empty()),
                terms: version.map(str::to_owned),
                mail: None,
                receipt: None,
                language,
            }),
            _ => Err(Refusal::Malformed { problems }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(body: &[u8]) -> Result<TokenRequest, Vec<Field>> {
        let server = ServerName::parse("your.server").unwrap();
        Form::read(body)
            .request(
                &server,
                None,
                Language::English,
                "192.0.2.1".parse().unwrap(),
                DateTime::from_timestamp(0, 0).unwrap(),
            )
            .map_err(|refusal| match refusal {
                Refusal::Malformed { problems } => problems.into_iter().map(|(field, _)| field).collect(),
                _ => panic!(),
            })
    }

    #[test]
    fn a_form_is_understood() {
        let request =
            request(b"requested_username=%40Alice%3Ayour.server&x=1&email=a%2Bt%40example.org+").unwrap();
        assert_eq!(request.shown_name(), "alice");
        assert_eq!(request.email.as_typed(), "a+t@example.org");
    }

    #[test]
    fn whatever_is_wrong_is_told_field_by_field() {
        use Field::{Email, Username};
        for (body, fields) in [
            (&b""[..], vec![Username, Email]),
            (b"requested_username=a", vec![Email]),
            (b"email=a%40example.org", vec![Username]),
            (b"requested_username=a&requested_username=b&email=a%40example.org", vec![Username]),
            (b"requested_username=a&email=a%40example.org&email=a%40example.org", vec![Email]),
            (b"requested_username=%ff&email=a%40example.org", vec![Username]),
            (b"requested_username=a%00&email=a%0d%0aBcc%3Ax%40example.org", vec![Username, Email]),
            (b"{\"requested_username\":\"a\"}", vec![Username, Email]),
        ] {
            assert_eq!(request(body).unwrap_err(), fields, "{:?}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_confirmed_address_takes_the_place_of_the_typed_one() {
        let form =
            Form::read(b"email=ann%40gmial.com&confirmed_email=ann%40gmail.com&requested_username=ann");
        assert_eq!((form.email.as_str(), form.is_confirmed), ("ann@gmail.com", true));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = request(&body);
        }
    }
}
