//! What stands in emails. In ASCII, so that they go out as they are, and can be read with any pager.

use crate::text::messages;

messages! { "emails":
    // The email with the token.
    token_subject(homeserver);
    account_subject(homeserver);
    account_preview(until, span);
    your_account;
    this_is_the_link;
    this_is_the_link_to_choose;
    link_works_until(until, span);
    own_client;
    own_client_token;
    token_preview(until, span);
    trial_email;
    your_token;
    somebody_asked(homeserver);
    email_asked(homeserver);
    this_is_the_token;
    works_until(until, span);
    short_way;
    sign_up_page(homeserver);
    sign_up_page_filled(homeserver);
    sign_up_page_with_name(homeserver);
    sign_up_page_with_token(homeserver);
    create_the_account;
    three_steps;
    or_three_steps;
    step_client;
    step_client_of_page(homeserver);
    step_homeserver;
    step_username;
    step_username_within;
    step_token;
    not_you;
    not_you_what;
    not_you_tell;
    expired;
    link_expired;
    expired_where;
    expired_anywhere;
    expired_by_email(address);

    // The email by which the operator invites somebody.
    invitation_subject(homeserver);
    invitation_heading;
    invites(homeserver);
    invites_as(homeserver);
    invitation_note;
    invitation_expired;

    // Emails without one.
    request_subject(homeserver);
    refused(homeserver, name, why);
    refused_without_name(homeserver, why);
    write_again(address, example);
    names_read(names);
    answered_by_operator(homeserver, answer);
    refused_by_operator(homeserver, why);
    help(homeserver, problem);
    address_is_known(homeserver);
    no_longer(homeserver, why);
    prove_subject(homeserver);
    prove_address(id, homeserver, link);
    form_too(url);
    several_names;
    no_name;
}
