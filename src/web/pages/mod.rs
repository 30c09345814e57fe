//! The pages and answers, in HTML and JSON, and the assets behind them.
//!
//! Values only: whoever speaks HTTP puts status and headers around them ([`security_headers`], [`PAGE_CACHE`],
//! [`ANSWER_CACHE`]). All texts of applicants pass through askama's escaping, in elements and in attributes alike.

mod answers;
mod assets;
mod decide_page;
mod error_page;
mod export;
mod form_page;
mod json;
mod look;
mod negotiate;
mod not_me_page;
mod receipt_page;
mod security;
mod sign_up_page;
mod static_folder;
mod told_page;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use answers::{Waits, accepted_message, held_message};
pub use assets::{Asset, Assets, gzip};
pub use decide_page::{decide_json, decide_page};
pub use error_page::{error_json, error_page};
pub use export::export_site;
pub use form_page::{Typed, front_page, refused_page};
pub use json::{name_json, refused_message, retry_after_seconds, status_json, time_json, verdict_json};
pub use look::Look;
pub use negotiate::{Format, negotiate};
pub use not_me_page::{not_me_json, not_me_page};
pub use receipt_page::{receipt_json, receipt_page};
pub use security::{ANSWER_CACHE, PAGE_CACHE, security_headers};
pub use sign_up_page::{
    created_json, created_page, expired_page, not_created_json, open_json, sign_up_page, used_page,
};
pub use told_page::{told_json, told_page};

/// The page as text.
fn rendered(template: &impl askama::Template) -> String {
    // Writing into a String cannot fail, and no template has a filter that can.
    template.render().unwrap_or_default()
}
