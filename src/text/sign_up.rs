//! The page that a sign-up link leads to.

use crate::text::messages;

messages! { "sign_up":
    sign_up_title(homeserver);
    sign_up_heading;
    sign_up_heading_for(mxid);
    sign_up_what;
    sign_up_password;
    sign_up_password_hint;
    sign_up_show;
    sign_up_hide;
    sign_up_username;
    sign_up_agree(policy);
    sign_up_button;
    sign_up_working;
    sign_up_in_line;
    sign_up_name_taken;
    sign_up_perhaps_yours;
    sign_up_no_password;
    sign_up_weak(words);
    sign_up_terms_missing;
    sign_up_refused;
    sign_up_waits(span);
    sign_up_unreachable;
    sign_up_expired;
    sign_up_expired_what;
    sign_up_used;
    sign_up_used_what(mxid);
    sign_up_created;
    sign_up_created_message(mxid);
    sign_up_trial;
    sign_up_id;
    sign_up_server;
    sign_up_copy;
    sign_up_copied;
    sign_up_get_in;
    sign_up_get_in_how(homeserver);
    sign_up_phone;
    sign_up_phone_how;
    sign_up_qr;
    sign_up_room;
    sign_up_room_how(room);
}
