//! What stands on the pages, and in the answers to scripts.

use crate::text::messages;

messages! { "pages":
    // Around every page.
    desk_of(homeserver);
    language;
    trial;
    trial_suffix;
    this_is_a_trial;
    no_mail;
    no_mail_yet;
    trial_sends_nothing(folder);
    trial_answer(answer);

    // The form.
    form_title(homeserver);
    form_title_refused(homeserver);
    get_an_account(homeserver);
    what_this_is;
    about_rules;
    about_privacy;
    about_contact;
    open_until(time);
    open;
    closes_in(span);
    opens_in(span);
    your_time(text, time);
    error;
    username;
    username_hint(signs);
    name_is_free;
    name_is_taken;
    name_is_not_known;
    email_address;
    email_hint;
    link_hint;
    send_me_a_link;
    link_within_minutes;
    link_once_approved;
    create_by_link;
    link_works_for(span);
    approved_by_hand;
    terms_to_agree;
    question_to_answer;
    i_agree(terms);
    the_terms;
    read_the_terms;
    at_least(; least);
    ask_for_account;
    send_me_a_token;
    sending;
    field_sent_twice;

    // How it works.
    how_it_works;
    ask_here;
    ask_here_how;
    check_your_email;
    email_within_minutes;
    email_once_approved;
    create_your_account;
    create_how(client, homeserver);
    create_on_page(page, homeserver);
    create_by_client(client, homeserver);
    token_works_for(span);
    token_works_until_daily(time);

    // What is kept of applicants.
    privacy;
    privacy_kept;
    privacy_answer;
    privacy_ip(; days);
    privacy_ip_at_once(; days);
    privacy_refused(; days);
    privacy_answers(; days);
    privacy_addresses(; days);
    privacy_ask;

    // After asking.
    waiting_for_approval;
    held(mxid, homeserver, email);
    on_its_way(mxid, email);
    queued(mxid, email);
    held_link(mxid, homeserver, email);
    link_on_its_way(mxid, email);
    link_queued(mxid, email);
    email_queued_what;
    email_from;
    email_subject;
    email_from_with_subject(sender, subject);
    wait_how_long;
    trial_email_is_in(folder);
    there_within_minutes;
    check_spam;
    did_not_get_it;
    again_at_any_time;
    again_later;
    again_after(time, span);
    back_to_sign_up;

    // The receipt.
    sending_email;
    email_goes_to(mxid, email);
    email_went_to(mxid, email);
    email_failed;
    email_did_not_go_to(mxid, email);
    no_such_mailbox;
    no_mail_there;
    mailbox_full;
    mail_server_refused;
    email_not_sent;
    account_created;
    account_is_there(mxid);
    request_ended;
    request_was_for(mxid);
    none_before;
    one_before;
    many_before(; count);
    step_asked;
    step_to_send;
    step_sent;
    step_failed;
    step_opened;
    step_account;
    step_created;
    wrong_address;
    another_name;
    correct_it;
    correct_what;
    renews_itself;
    stop_renewing;
    back_to_receipt;

    // For whoever did not ask.
    not_you_title;
    somebody_wanted(mxid, email);
    somebody_wrote(homeserver, email);
    not_me_what;
    not_me;
    not_me_done;
    not_me_nothing_more(email);
    not_me_account(homeserver);
    // Held for another reason than approval.
    in_the_queue;
    queued_for(mxid, time, email; place);
    queue_how_long;
    prove_first(mxid, homeserver, email);
    open_and_confirm;

    // The link by which an address is proved.
    confirm_address;
    confirm_question(id);
    confirm;
    address_confirmed;
    confirmed_and_waits(id, homeserver);
    confirmed_and_queued(id);
    confirmed_and_accepted(id);
    cannot_go_on;
    link_over;
    link_over_what;

    // Where HTTP itself went wrong.
    error_status(status);
    unreadable;
    unreadable_what;
    forbidden;
    forbidden_what;
    not_found;
    not_found_what;
    wrong_method;
    wrong_method_what;
    too_slow;
    too_slow_what;
    too_large;
    too_large_body;
    too_large_head;
    wrong_type;
    wrong_type_what;
    http_version;
    http_version_what;
    not_now;
    not_now_what;
    our_fault;
    our_fault_what;
    other_error;
    other_error_what;
}
