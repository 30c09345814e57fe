use std::time::Duration;

use insta::assert_snapshot;

use crate::domain::{Closed, Refusal, Unavailable};

use super::samples::{at, email, evening, look, mxid};
use super::*;

fn refused(typed: Typed<'_>, refusal: &Refusal) -> String {
    refused_page(&look(), typed, refusal, evening())
}

const TYPED: Typed<'static> = Typed { username: "alice", email: "alice@example.org" };

#[test]
fn the_page_while_the_desk_is_open() {
    assert_snapshot!(front_page(&look(), None, evening()));
}

#[test]
fn the_page_in_downtime_has_no_form_and_says_until_when() {
    let until = at("2026-11-24T00:00:00Z");
    let page = front_page(&look(), Some(Closed::Downtime { until }), at("2026-11-23T23:47:03Z"));
    assert!(!page.contains("<form"));
    assert_snapshot!(page);
}

#[test]
fn a_refused_name_is_given_back_with_the_message_beside_it() {
    assert_snapshot!(refused(TYPED, &Refusal::UsernameUnavailable(Unavailable::Requested)));
}

#[test]
fn the_page_of_an_accepted_request() {
    assert_snapshot!(accepted_page(
        &look(),
        &mxid("alice"),
        &email("alice@example.org"),
        Duration::from_secs(3600),
        false,
        evening()
    ));
}

#[test]
fn the_page_of_a_held_request() {
    assert_snapshot!(held_page(&look(), &mxid("alice"), &email("alice@example.org"), evening()));
}

#[test]
fn the_page_of_an_error() {
    assert_snapshot!(error_page(&look(), 404));
}
