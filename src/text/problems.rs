//! What is wrong with what somebody typed.

use crate::domain::{EmailProblem, Flaw, LocalpartProblem, is_unseen, name_of_unseen};
use crate::text::{Language, messages};

messages! { "problems":
    email_missing;
    email_shape;
    email_local_part;
    email_character;
    email_too_long;
    email_literal;
    email_unseen(which);
    email_route;
    email_cannot_receive;
    did_you_mean(meant, typed);
    yes_this_address(address);
    no_this_address(address);
    email_domain;
    username_missing;
    username_elsewhere(server);
    username_character(shown);
    username_too_long(; most);
    answer_missing(question);
    answer_too_short(; least);
    answer_too_long(; most);
    terms_not_agreed;
    a_space;
    unseen_character(which);
    a_character(character);
}

impl Language {
    /// What is wrong with what was typed.
    pub fn flaw(self, flaw: &Flaw) -> String {
        match flaw {
            Flaw::Username(problem) => self.username_problem(problem),
            Flaw::Email(problem) => self.email_problem(*problem),
            Flaw::SentTwice => self.field_sent_twice(),
            Flaw::Slip { meant, typed } => self.did_you_mean(meant, typed),
            Flaw::NoAnswer(question) => self.answer_missing(question),
            Flaw::ShortAnswer(least) => self.answer_too_short(*least),
            Flaw::LongAnswer(most) => self.answer_too_long(*most),
            Flaw::NotAgreed => self.terms_not_agreed(),
            Flaw::SeveralNames => self.several_names(),
            Flaw::NoName => self.no_name(),
            Flaw::Told(what) => what.clone(),
        }
    }

    /// What is wrong with an email address.
    fn email_problem(self, problem: EmailProblem) -> String {
        match problem {
            EmailProblem::Empty => self.email_missing(),
            EmailProblem::NotAnAddress => self.email_shape(),
            EmailProblem::NonAsciiLocalPart => self.email_local_part(),
            EmailProblem::Character => self.email_character(),
            EmailProblem::Unseen(c) => self.email_unseen(&name_of_unseen(c)),
            EmailProblem::SourceRoute => self.email_route(),
            EmailProblem::TooLong => self.email_too_long(),
            EmailProblem::AddressLiteral => self.email_literal(),
            EmailProblem::Domain => self.email_domain(),
            EmailProblem::CannotReceive => self.email_cannot_receive(),
        }
    }

    /// What is wrong with a username.
    pub fn username_problem(self, problem: &LocalpartProblem) -> String {
        match problem {
            LocalpartProblem::Empty => self.username_missing(),
            LocalpartProblem::ForeignServer { server } => self.username_elsewhere(server),
            LocalpartProblem::Character(c) => {
                let shown = match c {
                    ' ' | '\u{a0}' => self.a_space(),
                    c if c.is_control() || c.is_whitespace() || is_unseen(*c) => {
                        self.unseen_character(&name_of_unseen(*c))
                    }
                    c => self.a_character(&c.to_string()),
                };
                self.username_character(&shown)
            }
            LocalpartProblem::TooLong { at_most } => self.username_too_long(*at_most),
        }
    }
}
