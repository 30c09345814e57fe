//! The page that a sign-up link leads to.

use crate::text::messages;

messages! {
    sign_up_title(homeserver) = "Create your account on {homeserver}";
    sign_up_heading = "Create your account";
    sign_up_heading_for(mxid) = "Create your account {mxid}";
    sign_up_what = "Choose a password, and your account is ready. You log in with it in any Matrix client.";
    sign_up_password = "Password";
    sign_up_password_hint = "A long one that you use nowhere else. Save it in your password manager.";
    sign_up_show = "Show password";
    sign_up_hide = "Hide password";
    sign_up_username = "Username";
    sign_up_agree(policy) = "I agree to {policy}";
    sign_up_button = "Create account";
    sign_up_working = "Creating your account …";
    sign_up_in_line = "The homeserver creates one account at a time. You are in line; please leave this page open.";
    sign_up_name_taken = "Somebody else has this name by now. Please choose another one.";
    sign_up_perhaps_yours = "This name is taken, perhaps by your own account: if you sent this form before, use the same password as then.";
    sign_up_no_password = "Please choose a password.";
    sign_up_weak(words) = "The homeserver wants a better password: {words}";
    sign_up_terms_missing = "Please agree to the terms first.";
    sign_up_refused = "You cannot create an account here.";
    sign_up_waits(span) = "The homeserver creates only so many accounts at a time. Nothing was lost: please try again in {span}, with the same password.";
    sign_up_unreachable = "The homeserver did not answer. Nothing was lost: please try again in a minute, with the same password.";
    sign_up_expired = "This link no longer works";
    sign_up_expired_what = "It has expired, or a newer email has taken its place. Please look for a newer email, or ask again.";
    sign_up_used = "This link has been used";
    sign_up_used_what(mxid) = "The account {mxid} has been created. Log in with it in any Matrix client, with the password that you chose.";
    sign_up_created = "Your account is ready";
    sign_up_created_message(mxid) = "Your account {mxid} is ready.";
    sign_up_trial = "In a trial no account is created. On a real desk, yours would be ready now.";
    sign_up_id = "Your Matrix ID";
    sign_up_server = "Homeserver";
    sign_up_copy = "Copy";
    sign_up_copied = "Copied";
    sign_up_get_in = "Log in";
    sign_up_get_in_how(homeserver) = "Open a client, choose {homeserver} as the homeserver, and log in with your username and your password.";
    sign_up_phone = "On your phone";
    sign_up_phone_how = "Install Element X, then scan this code: it opens with your homeserver filled in.";
    sign_up_qr = "QR code for Element X on your phone";
    sign_up_room = "Say hello";
    sign_up_room_how(room) = "The welcome room is {room}.";
}
