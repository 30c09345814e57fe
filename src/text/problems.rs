//! What is wrong with what somebody typed.

use crate::domain::{EmailProblem, LocalpartProblem, is_unseen, name_of_unseen};
use crate::text::{Language, messages};

messages! {
    email_missing = "Please give your email address.";
    email_shape = "This is not an email address. It should look like name@example.org.";
    email_local_part = "The part of the address before the @ can only have plain letters (a–z), digits and signs. Please use another address.";
    email_character = "This email address has a character in it that can't be mailed to. Please check it.";
    email_too_long = "This email address is too long to exist. Please check it.";
    email_literal = "Please give an address with a domain name after the @, not an IP address.";
    email_unseen(which) = "There is an invisible character ({which}) in this email address. Please type it by hand.";
    email_route = "This email address names a way to somewhere else (%, ! or @…:). Please give the plain address.";
    email_cannot_receive = "Nobody can receive email at this domain. Please check the address.";
    did_you_mean(meant, typed) = "Did you mean {meant}? If {typed} is right, send it again.";
    yes_this_address(address) = "Yes, {address}";
    no_this_address(address) = "No, {address} is right";
    email_domain = "The part after the @ is not a domain name. Please check the address.";
    username_missing = "Please choose a username.";
    username_elsewhere(server) = "Accounts created here end in :{server}. Please type only the part before the colon.";
    username_character(shown) = "A username can't have {shown} in it. Please use only a–z, 0–9 and the signs . _ = - / +";
    username_too_long(most) = "This username is too long. It can have {most} characters at most.";
    answer_missing(question) = "Please answer the question: {question}";
    answer_too_short(least) = "Please answer in at least {least} characters.";
    answer_too_long(most) = "This answer is too long. It can have {most} characters at most.";
    terms_not_agreed = "Please read the terms, and tick the box to agree to them.";
    a_space = "a space";
    unseen_character(which) = "an invisible character ({which})";
    a_character(character) = "“{character}”";
}

impl Language {
    /// What is wrong with an email address.
    pub fn email_problem(self, problem: EmailProblem) -> String {
        match problem {
            EmailProblem::Empty => self.email_missing(),
            EmailProblem::NotAnAddress => self.email_shape(),
            EmailProblem::NonAsciiLocalPart => self.email_local_part(),
            EmailProblem::Character => self.email_character(),
            EmailProblem::Unseen(c) => return self.email_unseen(&*name_of_unseen(c)),
            EmailProblem::SourceRoute => self.email_route(),
            EmailProblem::TooLong => self.email_too_long(),
            EmailProblem::AddressLiteral => self.email_literal(),
            EmailProblem::Domain => self.email_domain(),
            EmailProblem::CannotReceive => self.email_cannot_receive(),
        }
        .to_owned()
    }

    /// What is wrong with a username.
    pub fn username_problem(self, problem: &LocalpartProblem) -> String {
        match problem {
            LocalpartProblem::Empty => self.username_missing().to_owned(),
            LocalpartProblem::ForeignServer { server } => self.username_elsewhere(server),
            LocalpartProblem::Character(c) => {
                let shown = match c {
                    ' ' | '\u{a0}' => self.a_space().to_owned(),
                    c if c.is_control() || c.is_whitespace() || is_unseen(*c) => {
                        self.unseen_character(&*name_of_unseen(*c))
                    }
                    c => self.a_character(&c.to_string()),
                };
                self.username_character(&shown)
            }
            LocalpartProblem::TooLong { at_most } => self.username_too_long(&at_most.to_string()),
        }
    }
}
