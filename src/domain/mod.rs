//! The words of the desk as types: what an applicant asks for, and what the desk answers.

mod ban;
mod bounce_tag;
mod email_address;
mod likeness;
mod link_secret;
mod localpart;
mod message_id;
mod password;
mod printable;
mod providers;
mod registration_token;
mod schedule;
mod secret;
mod server_name;
mod slips;
mod sources;
mod surge_mode;
mod token_request;
mod verdict;

pub use ban::{Action, BanKind, Hit, Hits};
pub use bounce_tag::{BounceKey, BounceTag};
pub use email_address::{EmailAddress, EmailProblem};
pub use likeness::likeness;
pub use link_secret::{LinkHash, LinkSecret};
pub use localpart::{Localpart, LocalpartProblem, Mxid};
pub use message_id::MessageId;
pub use password::Password;
pub use printable::{escaped, is_unseen, name_of_unseen, one_line, printable, trimmed};
pub use registration_token::{RegistrationToken, TokenProblem};
pub use schedule::Schedule;
pub use secret::Secret;
pub use server_name::ServerName;
pub use sources::{ipv4_inside, share_of, source_of};
pub use surge_mode::SurgeMode;
pub use token_request::{Channel, LONGEST_ANSWER, RequestMail, TokenRequest};
pub use verdict::{Closed, Crowd, Field, Hold, Reason, Refusal, Unavailable, Verdict};
