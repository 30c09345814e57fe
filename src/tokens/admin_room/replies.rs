//! What the homeserver's own user writes in the admin room.
//!
//! Source: continuwuity's and tuwunel's `src/admin/token`, `src/service/registration_tokens`, and the processor that puts
//! what was logged meanwhile before the reply, and an error behind "Command failed with error".

use std::collections::HashMap;

use crate::domain::RegistrationToken;
use crate::net::cleaned;

/// What became of `!admin token revoke`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Revoked {
    /// It is gone, or was.
    Yes,
    /// It stands in the homeserver's configuration or token file, and is its operator's business.
    NotOurs,
}

/// The token that was issued. None: this says nothing of one.
pub(super) fn issued(reply: &str) -> Option<RegistrationToken> {
    let token =
        reply.lines().find_map(|line| line.trim_start().strip_prefix("New registration token issued: `"))?;
    RegistrationToken::parse(token.split_once('`')?.0).ok()
}

/// What became of a token that was to be revoked. None: this does not say.
pub(super) fn revoked(reply: &str) -> Option<Revoked> {
    let has = |words: &str| reply.contains(words);
    if has("Token revoked successfully")
        || has("does not exist or has already expired")
        || has("Registration token not found")
    {
        return Some(Revoked::Yes);
    }
    has("cannot be revoked").then_some(Revoked::NotOurs)
}

/// How often each token was used. None: the list is none, or not whole.
pub(super) fn uses(reply: &str) -> Option<HashMap<RegistrationToken, u32>> {
    let mut lines = reply.lines().map(str::trim).skip_while(|line| !line.starts_with("Found "));
    let count: usize = lines.next()?.strip_prefix("Found ")?.split(' ').next()?.parse().ok()?;
    let tokens: Vec<&str> = lines.filter_map(|line| line.strip_prefix("- `")).collect();
    if tokens.len() != count {
        return None;
    }
    let used = |line: &str| {
        let (token, about) = line.split_once("` --- ")?;
        // What stands in a file of the homeserver's has no such number.
        let (_, behind) = about.split_once("used ")?;
        let uses = behind.split_once(" times")?.0.parse().ok()?;
        Some((RegistrationToken::parse(token).ok()?, uses))
    };
    Some(tokens.into_iter().filter_map(used).collect())
}

/// Why a command was not carried out, in the homeserver's words. None: it does not say that it was not.
pub(super) fn refusal(reply: &str) -> Option<String> {
    let start = ["Command failed with error", "Panic occurred while processing command", "error: "]
        .iter()
        .find_map(|words| reply.find(words))?;
    Some(cleaned(&reply[start..].replace(['\n', '`'], " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued_token(reply: &str) -> Option<String> {
        issued(reply).map(|token| token.reveal().to_owned())
    }

    #[test]
    fn a_token_is_read_from_what_each_release_prints() {
        for reply in [
            "New registration token issued: `vK3nQ0sYxW1uZb7R` . Expires after 2 uses.",
            "New registration token issued: `vK3nQ0sYxW1uZb7R` . Expires in 1 day (2026-01-02T03:04:05+00:00).\n\
             Invite link using this token: https://your.server/_continuwuity/account/register/?flow=trusted&token=vK3nQ0sYxW1uZb7R",
            "New registration token issued: `vK3nQ0sYxW1uZb7R` - Token used 0 times. Expires after 2 uses or in 2 days (2026-01-03 03:04:05).",
            "| level | span | message |\n| ------: | :-----: | :------- |\n| INFO | admin | something |\n\n\
             New registration token issued: `vK3nQ0sYxW1uZb7R` . Never expires.",
        ] {
            assert_eq!(issued_token(reply).as_deref(), Some("vK3nQ0sYxW1uZb7R"), "{reply}");
        }
    }

    #[test]
    fn what_is_no_fit_token_is_none() {
        for reply in [
            "",
            "New registration token issued: ``",
            "New registration token issued: `vK3nQ0sYxW1uZb7R",
            "New registration token issued: `two words`",
            "New registration token issued: `<b>bold</b>`",
            "> New registration token issued: `quoted`",
            "I saw: New registration token issued: `vK3nQ0sYxW1uZb7R`",
            "Command failed with error:\n```\nRequest(InvalidParam, \"…\")\n```",
        ] {
            assert_eq!(issued_token(reply), None, "{reply}");
        }
        let long = format!("New registration token issued: `{}` .", "a".repeat(65));
        assert_eq!(issued_token(&long), None);
    }

    #[test]
    fn a_token_that_is_gone_is_revoked_whoever_was_first() {
        for reply in [
            "Token revoked successfully.",
            "Command failed with error:\n```\nThis token does not exist or has already expired.\n```",
            "Command failed with error:\n```\nM_NOT_FOUND: Registration token not found\n```",
        ] {
            assert_eq!(revoked(reply), Some(Revoked::Yes), "{reply}");
        }
        let fixed = "Command failed with error:\n```\nThe token set in the config file cannot be revoked. Edit the config \
                     file to change it.\n```";
        assert_eq!(revoked(fixed), Some(Revoked::NotOurs));
        assert_eq!(revoked("Command failed with error:\n```\nout of memory\n```"), None);
    }

    #[test]
    fn the_list_tells_uses_of_either_family_if_it_is_whole() {
        let list = "Found 4 registration tokens:\n\
                    - `static.token` --- Static token set in the server configuration.\n\
                    - `aaaaaaaaaaaaaaaa` --- Token created by @desk:your.server and used 2 times. Expires after 3 uses.\n\
                    - `bbbbbbbbbbbbbbbb` --- Token used 11 times. Expires in 1 day (2026-01-02 03:04:05).\n\
                    - `cccccccccccccccc` --- Token used 0 times. Never expires.\n";
        let uses_of = |list: &str| {
            let mut uses: Vec<(String, u32)> =
                uses(list)?.into_iter().map(|(token, uses)| (token.reveal()[..1].to_owned(), uses)).collect();
            uses.sort();
            Some(uses)
        };
        let each = [("a", 2), ("b", 11), ("c", 0)].map(|(token, uses)| (token.to_owned(), uses));
        assert_eq!(uses_of(list), Some(each.to_vec()));
        assert_eq!(uses_of(&list.replace("Found 4", "Found 5")), None, "it was cut");
        assert_eq!(uses_of("Output was too large to send as text."), None);
        assert_eq!(uses_of("Found 0 registration tokens:\n"), Some(Vec::new()));
    }

    #[test]
    fn a_refusal_is_told_on_one_line() {
        let told = refusal("Command failed with error:\n```\nRequest(\n    Forbidden,\n    \"no\",\n)\n```")
            .unwrap();
        assert!(told.starts_with("Command failed with error:") && !told.contains('\n'), "{told}");
        assert!(refusal("error: unexpected argument '--max-age' found\n\nUsage: …").is_some());
        assert_eq!(refusal("New registration token issued: `aaaaaaaaaaaaaaaa` . Never expires."), None);
    }
}
