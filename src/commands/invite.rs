//! `invite`

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::CommandFactory;
use clap::error::ErrorKind;
use serde_json::json;

use crate::acts::{self, Door, Intent, Invitation, Invited, NotInvited, open};
use crate::cli::when::rfc3339;
use crate::cli::{Cli, Failure, InviteArgs};
use crate::domain::Localpart;

use super::{Done, print, print_json, say};

/// `invite`
pub fn run(config: Option<&Path>, args: InviteArgs, now: DateTime<Utc>) -> Done {
    if args.email.is_none() && !args.print {
        // As any other command line that cannot be meant: exit code 2.
        Cli::command()
            .error(ErrorKind::MissingRequiredArgument, NotInvited::Nowhere.words(Door::Command))
            .exit();
    }
    let opened = open(config, Intent::Write, Door::Command)?;
    let name = args.name.as_deref().map(|typed| {
        Localpart::parse(typed, &opened.settings.homeserver)
            .map_err(|problem| Failure::new(format!("{typed:?}: {problem}")))
    });
    let asked = Invitation {
        name: name.transpose()?,
        email: args.email,
        hours: args.hours,
        note: args.note,
        is_handed_over: args.print,
        despite_bans: args.despite_bans,
    };
    let outcome = acts::invite(&opened, &asked, now)?;
    let acts::Done::Invited(Invited { request, name, to, link, until, .. }) = &outcome.done else {
        return say(&outcome);
    };
    let url =
        link.as_ref().and_then(|secret| opened.settings.public(&format!("/signup/{}", secret.reveal())));
    match url {
        url if args.json => print_json(&json!({
            "id": request,
            "username": name.as_ref().map(Localpart::as_str),
            "email": to.as_ref().map(|email| email.as_typed()),
            "link": url,
            "works_until": until.map(rfc3339),
        })),
        Some(url) => print(&format!("{url}\n")),
        None => say(&outcome),
    }
}
