//! `import`, `forget`, `backup`, `restore`, `site`: what goes in, out and away as a whole.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::import::import_file;
use crate::outbox::MailFolder;
use crate::store;
use crate::web::pages::{Assets, Look, export_site};

use super::cli::SiteArgs;
use super::folder::{Intent, become_owner, open, settings};
use super::{Done, Failure, counted, print};

/// `import`
pub fn import(config: Option<&Path>, file: &Path, now: DateTime<Utc>) -> Done {
    let opened = open(config, Intent::Write)?;
    let report =
        import_file(file, &opened.store, &opened.settings.homeserver, &opened.settings.schedule, now)
            .map_err(|error| Failure::new(error.to_string()))?;
    for problem in &report.told {
        super::complain(&format!("{}: {problem}", file.display()));
    }
    if report.problems > report.told.len() {
        super::complain(&format!("and {} more problems", report.problems - report.told.len()));
    }
    print(&format!("{report}.\n"))
}

/// `forget`
pub fn forget(config: Option<&Path>, address: &str) -> Done {
    let email =
        EmailAddress::parse(address).map_err(|problem| Failure::new(format!("{address:?}: {problem}")))?;
    let opened = open(config, Intent::Write)?;
    let mailbox = email.clone();
    let forgotten = opened.store.write(move |store| store.forget(&mailbox))?;
    if !opened.store.empty_log()? {
        super::complain("doorman.db-wal still holds what was erased, until the desk has written more");
    }
    let outbox = opened.folder.outbox();
    let files = MailFolder::new(&outbox).forget(&email).map_err(|error| {
        Failure::new(format!("its letters in {} are still there: {error}", outbox.display()))
    })?;
    if forgotten == store::Forgotten::default() && files == 0 {
        return print("Nothing was known of this address.\n");
    }
    print(&format!(
        "Erased: {}, {}, {}, {} in outbox/. The address and its names are free. Ban lists, backups, logs and \
         registrations.json.before-doorman are yours to look through.\n",
        counted(forgotten.requests, "request"),
        counted(forgotten.letters, "letter"),
        counted(forgotten.reservations, "reservation"),
        counted(files, "file"),
    ))
}

/// `backup`
pub fn backup(config: Option<&Path>, file: &Path) -> Done {
    let opened = open(config, Intent::Read)?;
    opened.store.backup(file)?;
    print(&format!(
        "{} is a whole copy of the desk's database, the token in it: keep it safe. config.yaml, the ban lists and \
         static/ are files of your own.\n",
        file.display()
    ))
}

/// `restore`
pub fn restore(config: Option<&Path>, file: &Path) -> Done {
    let (_, folder) = settings(config)?;
    let file = file.canonicalize().map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    become_owner(&folder)?;
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
