//! One configured HTTP client: time-outs, a body limit, no redirects.
