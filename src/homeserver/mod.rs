//! Which homeserver is there, is a name free, is a token valid.
