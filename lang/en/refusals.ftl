### What a refusal says.

closed_until = Registration is closed while the registration token is being replaced. It opens again at { $time }.
paused = Registration is paused at the moment. Please try again later.
being_updated = Registration is closed while the desk is being updated. Please try again in a few minutes.
not_live_yet = Registration is closed until the homeserver accepts the new registration token. This usually takes a few minutes; please try again soon.
too_many_come = Registration is closed for a while, because more requests arrive than usual. Please try again in an hour.
cross_site = This request came from another website. Please use the form on this page.
form_incomplete = The form did not arrive whole. Please fill in both fields.
ip_banned = Requests from your network address are not accepted here.
rate_limited = Too many requests. Please try again in { $span }.
too_many_wait = Too many requests are waiting for approval. No more can be taken until the operator has decided.
too_many_wait_of_net = Too many requests from your network are waiting for approval. No more can be taken until the operator has decided.
mailbox_waits = A request with this email address is waiting for approval already. Another one cannot be taken until the operator has decided.
email_banned = Requests with this email address are not accepted here. Please use another one.
email_in_use = There is already an account or a request with this email address, and each address can have only one.
email_cooldown = We sent an email to this address not long ago; please check its spam folder too. You can ask again in { $span }.
username_unavailable = This username is not available. Please choose another one.
homeserver_unreachable = The homeserver could not be asked whether this username is free. Nothing was lost; please try again in a minute.
refused_because =
    The operator has looked at your request and refused it:

    { $because }
refused_without_reason = The operator has looked at your request and refused it.
ended_otherwise = This request has ended.
lapsed = Your request waited too long for approval and has lapsed. Please ask again.
