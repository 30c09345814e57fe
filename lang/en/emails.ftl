### What stands in emails.

## The email with the token.

token_subject = Your Registration Token for { $homeserver }
account_subject = Create your account on { $homeserver }
account_preview = Choose a password, and your account is ready. The link works until { $until }, { $span } from now.
your_account = Create your account
this_is_the_link = Choose a password on our page, and the account is ready. Then log in with it in any Matrix client.
this_is_the_link_to_choose = Choose a username and a password on our page, and the account is ready. Then log in with it in any Matrix client.
link_works_until = The link works once, until { $until }, { $span } from now. Please keep it to yourself.
own_client = Prefer your own client?
own_client_token = Then skip the link, and use this registration token:
token_preview = It works until { $until }, { $span } from now. Three steps to your account.
trial_email = Somebody is trying out the registration desk: this email was written to a folder and sent to nobody, and the registration token opens nothing.
your_token = Your registration token
somebody_asked = You, or somebody who typed your address, asked for an account on the Matrix homeserver { $homeserver }:
email_asked = An email from your address asked for an account on the Matrix homeserver { $homeserver }:
this_is_the_token = This is the registration token for it:
works_until = It works until { $until }, { $span } from now. Please keep it to yourself.
short_way = The short way to your account
sign_up_page = Create it on the sign-up page of { $homeserver }:
sign_up_page_filled = Create it on the sign-up page of { $homeserver }, where username and registration token are filled in:
sign_up_page_with_name = Create it on the sign-up page of { $homeserver }, where the username is filled in:
sign_up_page_with_token = Create it on the sign-up page of { $homeserver }, where the registration token is filled in:
create_the_account = Create the account
three_steps = Three steps to your account
or_three_steps = Or in three steps
step_client = Open a client, the program that you use Matrix with. It must support registration tokens: this one in a web browser does, and so does Element Desktop. Element X and FluffyChat do not; once you have the account, you can use them too.
step_client_of_page = Open a client, the program that you use Matrix with: this one in a web browser, Element Desktop, Element X or most others. It leads you to the sign-up page of { $homeserver }, where the registration token is asked for.
step_homeserver = Choose "Create account". If another homeserver is named, choose "Edit" beside it. Yours is:
step_username = As username enter:
step_username_within = As username enter what stands between @ and : in
step_token = Choose a password, and paste the registration token where you are asked for it. It is not an email code: if you are asked for one of those, it comes in a separate email.
not_you = You did not ask for this?
not_you_what = Just ignore this email.
not_you_tell = Tell us, and this address gets nothing more:
expired = Token expired?
link_expired = Link expired?
expired_where = Ask again with the same name and address:
expired_anywhere = Ask again where you asked for this one, with the same name and address.
expired_by_email = Write to { $address } again, with the same username.

## Emails without one.

## The email by which the operator invites somebody.

invitation_subject = You have been invited to { $homeserver }
invitation_heading = You have been invited
invites = The operator of the Matrix homeserver { $homeserver } invites you to create an account there.
invites_as = The operator of the Matrix homeserver { $homeserver } invites you to create this account:
invitation_note = They write:
invitation_expired = Ask whoever invited you for a new one.

request_subject = Your request for an account on { $homeserver }
refused_without_name =
    Hello,

    you asked for an account on { $homeserver } by email.

    { $why }
refused =
    Hello,

    you asked for an account on { $homeserver } by email, and this is the one that your email names:

        { $name }

    { $why }
write_again =
    Please write to { $address } again, with just one line:

    Username: { $example }
names_read =
    This is what your email has as the username:

        { $names }
answered_by_operator =
    Hello,

    the operator of { $homeserver } has read your email and answers:

    { $answer }
refused_by_operator =
    Hello,

    you asked for an account on { $homeserver }. The operator has looked at your request and refused it:

    { $why }
help =
    Hello,

    you wrote to the registration desk of { $homeserver }, and it could not understand which username you want.

    { $problem }
address_is_known =
    Hello,

    somebody, perhaps you, asked for an account on { $homeserver } with your email address. There is an account or a request with this address already, so nothing was changed and nobody was told.

    If you asked because an email is missing, ask again later with the username that you chose first. If it was not you, just ignore this.
no_longer =
    Hello,

    you asked for an account on { $homeserver }, and your request had to wait. It cannot be granted any more:

    { $why }
prove_subject = Please confirm your address for { $homeserver }
prove_address =
    Hello,

    you, or somebody who typed your address, asked for the account { $id } on { $homeserver }. Please confirm that this address is yours:

    { $link }

    The link works for 24 hours. If you did not ask for this, just ignore this email: without it the request goes nowhere.
form_too = There is a form, too: { $url }
several_names = Several usernames are named.
no_name = No username is named.
