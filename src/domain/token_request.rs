use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{EmailAddress, Hold, Language, LinkHash, Localpart, MessageId, share_of};

/// By which door a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// The page.
    Web,
    /// The letter box.
    Email,
    /// The operator, who gives away a sign-up link.
    Invitation,
}

impl Channel {
    /// As it stands in the store and in listings.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// One ask for an account, its shape checked.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The name asked for. None: it is chosen where the sign-up link leads that is mailed.
    pub username: Option<Localpart>,
    /// Where the letter is to go.
    pub email: EmailAddress,
    /// By which door it came.
    pub channel: Channel,
    /// The applicant's address; none for a request by email.
    pub ip: Option<IpAddr>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// What they answer to the operator's question.
    pub answer: Option<String>,
    /// The version of the terms that they agree to.
    pub terms: Option<String>,
    /// The mail that it came in; none for the web.
    pub mail: Option<RequestMail>,
    /// By which its applicant sees what becomes of it; none for a request by email, which is answered.
    pub receipt: Option<Receipt>,
    /// What they are answered in.
    pub language: Language,
}

/// The link that shows what became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its secret's hash.
    pub hash: LinkHash,
    /// The request that the link has shown so far, and that this one takes the place of. None: the link is new.
    pub corrects: Option<i64>,
}

/// An answer has so many characters at most.
pub const LONGEST_ANSWER: usize = 2000;

/// A mail that was a request, for its answer and so that it is answered once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMail {
    /// Its number in the store.
    pub id: i64,
    /// Its Message-ID, where it has a usable one.
    pub message_id: Option<MessageId>,
    /// Its `References`.
    pub references: Vec<MessageId>,
    /// Why a person has to look at it, whatever the rules say.
    pub hold: Option<Hold>,
    /// Nobody has verified its sender, who is no machine and can be asked.
    pub to_prove: bool,
    /// Where it asks for no name that can be had: one that it may mean, which reserves nothing.
    pub guess: String,
    /// Somebody else has that one.
    pub is_taken: bool,
    /// The host that brought it to the operator's own mail servers, as they say.
    pub relay: Option<IpAddr>,
    /// What it is written in, as far as that is known.
    pub language: Language,
}

impl RequestMail {
    /// With whom it takes its turn; empty: that is not known.
    pub fn source(&self) -> String {
        named(self.relay)
    }
}

impl TokenRequest {
    /// The name that it asks for, or may mean.
    pub fn shown_name(&self) -> &str {
        let guess = || self.mail.as_ref().map_or("", |mail| &mail.guess);
        self.username.as_ref().map_or_else(guess, Localpart::as_str)
    }

    /// With whom it takes its turn; empty: that is not known.
    pub fn source(&self) -> String {
        self.mail.as_ref().map_or_else(|| named(self.ip), RequestMail::source)
    }
}

fn named(ip: Option<IpAddr>) -> String {
    ip.and_then(share_of).map_or_else(String::new, |share| share.to_string())
}
