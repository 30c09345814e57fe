//! The schema, and the way to it from the one before. A database that a newer doorman wrote is refused, never guessed at.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::domain::EmailAddress;
use crate::lock::{Lock, Purpose};

use super::{StoreError, copies};

const SCHEMA: &str = include_str!("schema.sql");

/// What `user_version` says of [`SCHEMA`].
const VERSION: i64 = 10;

/// The oldest version there is a way from. Nobody has an older one: they were never released.
const OLDEST: i64 = 8;

/// From the versions before, one after the other.
const FROM_8: &str = include_str!("from_8.sql");
const FROM_9: &str = include_str!("from_9.sql");

fn version(connection: &Connection) -> Result<i64, StoreError> {
    match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        found if found > VERSION => Err(StoreError::Newer { found, known: VERSION }),
        found if (1..OLDEST).contains(&found) => Err(StoreError::TooOld { found, oldest: OLDEST }),
        found => Ok(found),
    }
}

/// Whether this is a database that this doorman can go on with.
pub(super) fn check_version(connection: &Connection) -> Result<(), StoreError> {
    match version(connection)? {
        0 => Err(StoreError::Corrupt("it is not a doorman's database".into())),
        _ => Ok(()),
    }
}

/// Whether it is still of this version: a newer doorman may have come meanwhile.
pub(super) fn is_still_ours(connection: &Connection) -> Result<(), StoreError> {
    let found = connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))?;
    if found == VERSION { Ok(()) } else { Err(StoreError::Newer { found, known: VERSION }) }
}

/// An older database is brought to this version, if no desk runs by it.
pub(super) fn migrate_beside(connection: &mut Connection, folder: &Path) -> Result<(), StoreError> {
    let found = version(connection)?;
    // A new one is nobody's yet.
    let _lock = if found == VERSION || found == 0 {
        None
    } else {
        let lock =
            Lock::try_take(folder, Purpose::Desk).map_err(|error| StoreError::Other(error.to_string()))?;
        Some(lock.ok_or(StoreError::OlderDesk { found, known: VERSION })?)
    };
    migrate(connection, Some(folder))
}

/// Brings a database to this version. An older one that lies in a folder is kept there as it was.
pub(super) fn migrate(connection: &mut Connection, folder: Option<&Path>) -> Result<(), StoreError> {
    match (version(connection)?, folder) {
        (VERSION, _) => return Ok(()),
        (0, _) | (_, None) => {}
        (found, Some(folder)) => copies::keep(connection, folder, found)?,
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    match version(&transaction)? {
        0 => transaction.execute_batch(SCHEMA)?,
        VERSION => return Ok(()),
        found => {
            if found == 8 {
                transaction.execute_batch(FROM_8)?;
                know_mailboxes_anew(&transaction)?;
            }
            transaction.execute_batch(FROM_9)?;
        }
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// What leads to one mailbox is known by one name, also what was written down before the desk knew what providers call the same.
fn know_mailboxes_anew(connection: &Connection) -> Result<(), StoreError> {
    for table in ["reservations", "requests", "letters"] {
        let mut known =
            connection.prepare(&format!("SELECT DISTINCT mailbox FROM {table} WHERE mailbox IS NOT NULL"))?;
        let known: Vec<String> = known.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut rename =
            connection.prepare(&format!("UPDATE {table} SET mailbox = ?2 WHERE mailbox = ?1"))?;
        for old in known {
            let new = EmailAddress::parse(&old).map_or_else(|_| old.clone(), |email| email.mailbox());
            if new != old {
                rename.execute([old, new])?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;
    use std::collections::BTreeMap;

    use super::*;

    type Table = Vec<BTreeMap<String, Value>>;

    fn rows(connection: &Connection, query: &str) -> Table {
        let mut statement = connection.prepare(query).unwrap();
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let row = |row: &rusqlite::Row<'_>| {
            names.iter().map(|name| Ok((name.clone(), row.get(name.as_str())?))).collect()
        };
        statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn of_version(version: i64) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/databases/version-{version}.db"));
        connection.restore(rusqlite::MAIN_DB, file, None::<fn(rusqlite::backup::Progress)>).unwrap();
        connection
    }

    #[test]
    fn whoever_had_a_mailbox_before_is_known_by_it_still() {
        let mut connection = of_version(8);
        connection
            .execute_batch(
                "INSERT INTO reservations (name, email, mailbox, address, made_at) VALUES
                     ('jane', 'J.Doe+x@googlemail.com', 'j.doe@googlemail.com', 'J.Doe+x@googlemail.com', 0)",
            )
            .unwrap();
        migrate(&mut connection, None).unwrap();
        let email = EmailAddress::parse("jdoe@gmail.com").unwrap();
        let found: i64 = connection
            .query_row("SELECT count(*) FROM reservations WHERE mailbox = ?1", [email.mailbox()], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(found, 1);
    }

    /// All of these tables, as far as the columns go that `of` has.
    fn all(connection: &Connection, tables: &[&str], of: &Connection) -> Vec<Table> {
        let columns = |table: &str| {
            let names = rows(of, &format!("SELECT name FROM pragma_table_info('{table}')"));
            let name = |row: &BTreeMap<String, Value>| match &row["name"] {
                Value::Text(name) => format!("\"{name}\""),
                other => panic!("{other:?}"),
            };
            names.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let select = |table: &str| format!("SELECT {} FROM {table} ORDER BY 1", columns(table));
        tables.iter().map(|table| rows(connection, &select(table))).collect()
    }

    /// Of an address, case alone has changed since: it is folded.
    const SINCE: &str =
        "UPDATE reservations SET address = lower(address); UPDATE requests SET address = lower(address)";

    #[test]
    fn a_database_of_the_version_before_keeps_everything() {
        let (mut connection, old) = (of_version(9), of_version(9));
        let tables = [
            "reservations",
            "requests",
            "letters",
            "tokens",
            "mails",
            "sqlite_sequence",
            "meta",
            "last_good_lists",
            "own_bans",
            "acts",
        ];
        old.execute_batch(SINCE).unwrap();
        let before = all(&old, &tables, &old);
        assert!(before.iter().all(|table| !table.is_empty()));
        migrate(&mut connection, None).unwrap();
        check_version(&connection).unwrap();
        assert_eq!(all(&connection, &tables, &old), before);
    }

    #[test]
    fn a_database_of_two_versions_before_keeps_everything() {
        let mut connection = of_version(8);
        let tables = ["reservations", "requests", "letters", "tokens", "mails", "sqlite_sequence"];
        let old = of_version(8);
        let all = |connection: &Connection| all(connection, &tables, &old);
        // The journal has taken the place of the note of the last act, which tells nobody's name.
        let remembered = "SELECT * FROM meta WHERE key <> 'last_ban' ORDER BY key";
        old.execute_batch(SINCE).unwrap();
        let (before, remembered) = (all(&old), rows(&connection, remembered));
        assert!(before.iter().all(|table| !table.is_empty()) && !remembered.is_empty());
        migrate(&mut connection, None).unwrap();
        check_version(&connection).unwrap();
        assert_eq!(all(&connection), before);
        let after = rows(
            &connection,
            "SELECT key, value FROM meta
             UNION ALL SELECT 'last_good:' || file, content FROM last_good_lists
             UNION ALL SELECT 'mirror_changes', '1'
             UNION ALL SELECT 'own_bans', json_group_array(json_array(file, entry, added_at)) FROM own_bans ORDER BY key",
        );
        assert_eq!(after, remembered);
    }

    #[test]
    fn it_is_then_as_one_that_is_made_today() {
        let shape = |connection: &Connection| {
            let columns = "SELECT t.name AS 'table', t.wr, t.strict, c.* FROM pragma_table_list t, pragma_table_info(t.name) c";
            let mut columns = rows(connection, &format!("{columns} ORDER BY t.name, c.name"));
            for column in &mut columns {
                column.remove("cid");
            }
            let others =
                "SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') ORDER BY name";
            (columns, rows(connection, others))
        };
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new, None).unwrap();
        for version in OLDEST..VERSION {
            let mut old = of_version(version);
            migrate(&mut old, None).unwrap();
            assert_eq!(shape(&old), shape(&new), "from version {version}");
        }
    }

    #[test]
    fn an_older_one_is_told_to_be_too_old_and_left_alone() {
        let mut connection = of_version(8);
        connection.pragma_update(None, "user_version", 7).unwrap();
        let error = migrate(&mut connection, None).unwrap_err();
        assert!(matches!(error, StoreError::TooOld { found: 7, oldest: 8 }), "{error}");
        assert!(!rows(&connection, "SELECT * FROM meta WHERE key = 'mirror_changes'").is_empty());
    }
}
