//! The body of `POST /register` → what was typed → a [`TokenRequest`].

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::domain::{Channel, EmailAddress, Field, Localpart, Refusal, ServerName, TokenRequest};

/// Both fields as they came, for giving them back; empty where they are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// `requested_username`
    pub username: String,
    /// `email`
    pub email: String,
    problems: Vec<(Field, String)>,
}

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body (WHATWG URL, section 5.1). Other fields are passed over.
    pub fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        let (mut usernames, mut emails) = (0, 0);
        for (name, value) in form_urlencoded::parse(body) {
            let (field, count, text) = if name == Field::Username.name() {
                (Field::Username, &mut usernames, &mut form.username)
            } else if name == Field::Email.name() {
                (Field::Email, &mut emails, &mut form.email)
            } else {
                continue;
            };
            *count += 1;
            // What takes the place of what cannot be read; nobody types it.
            if value.contains(char::REPLACEMENT_CHARACTER) {
                form.problems
                    .push((field, "This has characters in it that cannot be read (it is not UTF-8).".into()));
            }
            *text = value.into_owned();
        }
        for (field, count) in [(Field::Username, usernames), (Field::Email, emails)] {
            if count > 1 {
                form.problems.push((field, "This field was sent more than once.".into()));
            }
        }
        form
    }

    /// The request that it makes.
    pub fn request(
        &self,
        server: &ServerName,
        ip: IpAddr,
        received_at: DateTime<Utc>,
    ) -> Result<TokenRequest, Refusal> {
        let mut problems = self.problems.clone();
        let broken = |problems: &[(Field, String)], field| problems.iter().any(|(of, _)| *of == field);
        let username = Localpart::parse(&self.username, server);
        if let Err(problem) = &username
            && !broken(&problems, Field::Username)
        {
            problems.push((Field::Username, problem.to_string()));
        }
        let email = EmailAddress::parse(&self.email);
        if let Err(problem) = &email
            && !broken(&problems, Field::Email)
        {
            problems.push((Field::Email, problem.to_string()));
        }
        match (username, email) {
            (Ok(username), Ok(email)) if problems.is_empty() => Ok(TokenRequest {
                username,
                email,
                channel: Channel::Web,
                ip: Some(ip),
                received_at,
                mail: None,
            }),
            _ => {
                problems.sort_by_key(|(field, _)| *field == Field::Email);
                Err(Refusal::Malformed { problems })
            }
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
            .request(&server, "192.0.2.1".parse().unwrap(), DateTime::from_timestamp(0, 0).unwrap())
            .map_err(|refusal| match refusal {
                Refusal::Malformed { problems } => problems.into_iter().map(|(field, _)| field).collect(),
                _ => panic!(),
            })
    }

    #[test]
    fn a_form_is_understood() {
        let request =
            request(b"requested_username=%40Alice%3Ayour.server&x=1&email=a%2Bt%40example.org+").unwrap();
        assert_eq!(request.username.as_str(), "alice");
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

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = request(&body);
        }
    }
}
