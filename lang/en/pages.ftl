### What stands on the pages, and in the answers to scripts.

## Around every page.

desk_of = Registration desk of { $homeserver }
language = Language
trial = Trial
trial_suffix = (trial)
this_is_a_trial = This is a trial.
no_mail = No email is sent yet.
no_mail_yet = The operator of this server has not set up email, so nothing you ask for here can reach you. Please come back later.
trial_sends_nothing = No homeserver is asked and no email is sent: emails are written to { $folder }.
trial_answer = This is a trial: no email is sent, emails are written to trial/outbox/. { $answer }

## The form.

form_title = An account on { $homeserver }
form_title_refused = Not sent: An account on { $homeserver }
get_an_account = Get an account on { $homeserver }
what_this_is = Chat and call with anyone on Matrix, the open network.
about_rules = Rules
about_privacy = Privacy
about_contact = Contact
open_until = Registration is open until { $time }.
open = Registration is open.
closes_in = Closes in { $span }
opens_in = Opens again in { $span }
your_time = { $text }, at { $time } your time
error = Error:
username = Username
username_hint = Letters a–z, digits, and { $signs }
name_is_free = This name is available.
name_is_taken = This name is not available. Try another one? If you have asked for it before, just ask again.
name_is_not_known = Whether this name is available is checked when you send the form.
email_address = Email address
email_hint = We’ll email your registration token here.
link_hint = We’ll email your link here.
send_me_a_link = Send me a link
link_within_minutes = Within minutes you get an email with a link to create your account.
link_once_approved = Once your request is approved you get an email with a link to create your account.
create_by_link = Open the link and choose a password: your account is ready, and you log in with it in any Matrix client.
link_works_for = The link works for { $span }.
approved_by_hand = The operator approves every account here, so it may take a while until you get your email.
terms_to_agree = There are terms to agree to.
question_to_answer = There is one question to answer.
i_agree = I have read the { $terms } and agree to them.
the_terms = terms
read_the_terms = Read the terms
at_least = At least { $least } characters
ask_for_account = Ask for an account
send_me_a_token = Send me a registration token
sending = Sending …
field_sent_twice = This field was sent more than once.

## How it works.

how_it_works = How it works
ask_here = Ask here
ask_here_how = Choose a username, and give an email address that you can read.
check_your_email = Check your email
email_within_minutes = Within minutes you get an email with a registration token: a code that lets you sign up.
email_once_approved = Once your request is approved you get an email with a registration token: a code that lets you sign up.
create_your_account = Create your account
create_how = Open a client that supports registration tokens: { $client } in a web browser does, and so does Element Desktop; Element X and FluffyChat do not. Choose { $homeserver } as the homeserver, and enter your username, a password and the registration token. The email tells you how.
create_on_page = The sign-up page of { $homeserver } is { $page }: enter your username, a password and the registration token there. Element X and most other clients lead there, too. The email tells you how.
create_by_client = Open a client, such as { $client } in a web browser, Element Desktop or Element X, and choose { $homeserver } as the homeserver: it leads you to the sign-up page of { $homeserver }, where you enter your username, a password and the registration token. The email tells you how.
token_works_for = The registration token works for { $span }.
token_works_until_daily = The registration token works until it changes, every day at { $time }.

## What is kept of applicants.

privacy = What is kept
privacy_kept = Your username, your email address and your network address are kept, to decide on your request and to keep out those who ask for others.
privacy_answer = So is your answer.
privacy_ip = Your network address is shortened half-way, and deleted after { $days } days.
privacy_ip_at_once = Your network address is deleted after { $days } days.
privacy_refused = What is refused is deleted after { $days } days.
privacy_answers = Answers are deleted after { $days } days.
privacy_addresses = Email addresses are deleted after { $days } days; a mark that cannot be read back stays, so that each address can have one account.
privacy_ask = You can ask the operator what is kept of you, and have it deleted.

## After asking.

waiting_for_approval = Waiting for approval
held = Your request for { $mxid } is waiting for the operator of { $homeserver }. Once it is approved, we’ll email the registration token to { $email }.
on_its_way = The registration token for { $mxid } is on its way to { $email }.
queued = We’ll email the registration token for { $mxid } to { $email }.
held_link = Your request for { $mxid } is waiting for the operator of { $homeserver }. Once it is approved, we’ll email your link to { $email }.
link_on_its_way = The link to create { $mxid } is on its way to { $email }.
link_queued = We’ll email the link to create { $mxid } to { $email }.
email_queued_what = It may take a while; there is no need to ask again.
email_from = The email comes from
email_subject = with the subject
email_from_with_subject = The email comes from { $sender } with the subject “{ $subject }”.
wait_how_long = How long it takes depends on the operator. You don’t need to do anything, and you don’t need to ask again.
trial_email_is_in = In this trial it is in { $folder } on the machine that the desk runs on.
there_within_minutes = It should be there within minutes.
check_spam = If you don’t see it, check your spam folder.
did_not_get_it = Didn’t get it?
again_at_any_time = Ask again with the same username and address, at any time: you get another email.
again_later = Ask again later with the same username and address: you get another email.
again_after = Ask again with the same username and address after { $time } (in { $span }): you get another email.
back_to_sign_up = Back to sign-up

## The receipt.

sending_email = We’re sending your email
email_goes_to = The email for { $mxid } is about to go out to { $email }.
email_went_to = We sent an email for { $mxid } to { $email }.
email_failed = The email did not get through
email_did_not_go_to = The email for { $mxid } could not be delivered to { $email }.
no_such_mailbox = The mail server says that there is no such mailbox. Is there a typo in the address?
no_mail_there = The mail server says that no email can be delivered there. Is there a typo in the address?
mailbox_full = The mail server says that the mailbox is full.
mail_server_refused = The mail server did not accept the email.
email_not_sent = The email could not be sent.
account_created = Your account is ready
account_is_there = { $mxid } is yours: sign in with any Matrix app.
request_ended = This request has ended
request_was_for = It was for { $mxid }.
none_before = Yours is the next request to be looked at.
one_before = One request is before yours.
many_before = { $count } requests are before yours.
step_asked = Request received
step_to_send = Email on its way
step_sent = Email sent
step_failed = Email refused by the mail server
step_opened = Link opened
step_account = Create your account
step_created = Account created
wrong_address = Wrong address?
another_name = Another name?
correct_it = Correct it
correct_what = We’ll send a new email; the one before stops working.
renews_itself = This page renews itself.
stop_renewing = Stop that to correct your request.
back_to_receipt = Back to your request

## For whoever did not ask.

not_you_title = Not you?
somebody_wanted = Somebody asked for the account { $mxid } with the address { $email }.
somebody_wrote = Somebody wrote to the registration desk of { $homeserver } with the address { $email }.
not_me_what = If that was not you, tell us: the request ends, and this address gets no more email from this desk.
not_me = It was not me
not_me_done = Thank you for telling us
not_me_nothing_more = The request has ended, and { $email } gets no more email from this desk.
not_me_account = An account was made with this email already. Please tell the operator of { $homeserver }.
## Held for another reason than approval.

in_the_queue = You are in the queue
queued_for = Today’s accounts have all been given out. Your request for { $mxid } is number { $place } in the queue; more are given out every day at { $time }. We’ll email { $email } when it is your turn.
queue_how_long = You don’t need to do anything, and you don’t need to ask again.
prove_first = Your request for { $mxid } is noted. We’ve emailed a link to { $email }: open it within 24 hours to confirm that this address is yours. Then your request goes to the operator of { $homeserver }.
open_and_confirm = Open the email and confirm your address

## The link by which an address is proved.

confirm_address = Confirm your address
confirm_question = Somebody asked for the account { $id } with your email address. If that was you, please confirm it, and the request goes on its way. If it was not, just close this page.
confirm = Confirm my address
address_confirmed = Address confirmed
confirmed_and_waits = Thank you. Your request for { $id } is waiting for the operator of { $homeserver }. Once it is approved, we’ll email you.
confirmed_and_queued = Thank you. Today’s accounts have all been given out, so your request for { $id } is in the queue. We’ll email you when it is your turn.
confirmed_and_accepted = Thank you. Your request for { $id } is accepted, and your email is on its way.
cannot_go_on = This request cannot go on
link_over = This link no longer works
link_over_what = It has been used, or its request has ended. If you still want an account, please ask again.

## Where HTTP itself went wrong.

error_status = Error { $status }
unreadable = Could not be read
unreadable_what = Your browser sent something that this desk does not understand.
forbidden = Not allowed
forbidden_what = This desk does not allow that.
not_found = Page not found
not_found_what = There is no page at this address.
wrong_method = Not possible here
wrong_method_what = This address cannot be used in that way.
too_slow = Too slow
too_slow_what = Your request took too long to arrive. Please try again.
too_large = Too large
too_large_body = Your browser sent more than this desk accepts. Please use the form on its page.
too_large_head = Your browser sent more about itself than this desk accepts. Clearing its cookies may help.
wrong_type = Wrong format
wrong_type_what = This desk accepts only what its own form sends. Please use the form on its page.
http_version = Unsupported HTTP version
http_version_what = Your browser uses a kind of HTTP that this desk does not support.
not_now = Not now
not_now_what = This desk cannot answer at the moment. Please try again in a minute.
our_fault = Something went wrong
our_fault_what = That is this desk’s fault, not yours. Please try again in a minute.
other_error = That did not work
other_error_what = Please try again from the sign-up page.
