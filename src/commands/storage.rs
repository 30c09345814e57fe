//! `import`, `forget`, `backup`, `restore`, `site`: what goes in, out and away as a whole.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::acts::words::counted;
use crate::acts::{self, Door, Intent, open, settings};
use crate::cli::{Failure, SiteArgs, complain};
use crate::outbox::MailFolder;
use crate::store;
use crate::web::pages::{Assets, Look, export_site};

use super::{Done, email, look, print, print_json, say};

/// `import`
pub fn import(config: Option<&Path>, file: &Path, now: DateTime<Utc>) -> Done {
    let outcome = acts::import(&open(config, Intent::Write, Door::Command)?, file, now)?;
    if let acts::Done::Imported(report) = &outcome.done {
        for problem in &report.told {
            complain(&format!("{}: {problem}", file.display()));
        }
        if report.problems > report.told.len() {
            complain(&format!("and {} more problems", report.problems - report.told.len()));
        }
    }
    say(&outcome)
}

/// `disclose`
pub fn disclose(config: Option<&Path>, address: &str) -> Done {
    let email = email(address)?;
    print_json(&look(config)?.store.read(|store| store.disclosed(&email))?)
}

/// `forget`
pub fn forget(config: Option<&Path>, address: &str, now: DateTime<Utc>) -> Done {
    let email = email(address)?;
    let opened = open(config, Intent::Write, Door::Command)?;
    let outcome = acts::forget(&opened, &email, now)?;
    if !opened.store.empty_log()? {
        complain("doorman.db-wal still holds what was erased, until the desk has written more");
    }
    let outbox = opened.folder.outbox();
    let files = MailFolder::new(&outbox).forget(&email).map_err(|error| {
        Failure::new(format!("its emails in {} are still there: {error}", outbox.display()))
    })?;
    if outcome.act.is_none() && files == 0 {
        return print("Nothing was known about this address.\n");
    }
    say(&outcome)?;
    print(&format!(
        "In outbox/: {}. The address and its names are free. Not searched: ban lists, backups (backup/ too), logs and \
         registrations.json.before-doorman.\n",
        counted(files, "file"),
    ))
}

/// `backup`
pub fn backup(config: Option<&Path>, file: &Path) -> Done {
    let opened = look(config)?;
    if !opened.folder.database().exists() {
        return Err(Failure::new("there is no doorman.db yet: the desk creates it at its first start"));
    }
    opened.store.backup(file)?;
    print(&format!(
        "{} is a complete copy of the desk's database, including the token: keep it safe. config.yaml, the ban lists and static/ are not in it.\n",
        file.display()
    ))
}

/// `restore`
pub fn restore(config: Option<&Path>, file: &Path) -> Done {
    let (_, folder) = settings(config)?;
    let file = file.canonicalize().map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    store::restore(&folder, &file).map_err(|error| Failure::new(error.to_string()))?;
    print("The backup is in place; the old database is kept as doorman.db.before-restore.\n")
}

/// `site`
pub fn site(config: Option<&Path>, args: &SiteArgs) -> Done {
    let (settings, folder) = settings(config)?;
    let look = Look::new(&settings, Arc::new(Assets::load(&folder)), None);
    let written = export_site(&args.out, &look, args.desk.as_deref())
        .map_err(|error| Failure::new(error.to_string()))?;
    let mut text = String::new();
    for path in written {
        text.push_str(&format!("{}\n", path.display()));
    }
    if let Some(desk) = &args.desk {
        text.push_str(&format!(
            "The form posts to {desk}: name the site's own origin in allowed_origins of that desk's config.yaml.\n"
        ));
    }
    print(&text)
}
