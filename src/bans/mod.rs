//! The three ban lists: read, match, edit in place, watch for change.
