//! The schema, and the way to it from the one before. A database that a newer doorman wrote is refused, never guessed at.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

const SCHEMA: &str = include_str!("schema.sql");

/// What `user_version` says of [`SCHEMA`].
const VERSION: i64 = 9;

/// From the version before. Nobody has an older one: they were never released.
const FROM_8: &str = include_str!("from_8.sql");

fn version(connection: &Connection) -> Result<i64, StoreError> {
    match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        found if found > VERSION => Err(StoreError::Newer { found, known: VERSION }),
        found if (1..VERSION - 1).contains(&found) => Err(StoreError::TooOld { found, oldest: VERSION - 1 }),
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

/// Brings a database to this version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    match version(&transaction)? {
        0 => transaction.execute_batch(SCHEMA)?,
        VERSION => return Ok(()),
        _ => transaction.execute_batch(FROM_8)?,
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use rusqlite::types::Value;

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

    fn of_version_8() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/databases/version-8.db");
        connection.restore(rusqlite::MAIN_DB, file, None::<fn(rusqlite::backup::Progress)>).unwrap();
        connection
    }

    #[test]
    fn a_database_of_the_version_before_keeps_everything() {
        let mut connection = of_version_8();
        let tables = ["reservations", "requests", "letters", "tokens", "mails", "sqlite_sequence"];
        let all = |connection: &Connection| {
            tables.map(|table| rows(connection, &format!("SELECT * FROM {table} ORDER BY 1")))
        };
        let (before, remembered) = (all(&connection), rows(&connection, "SELECT * FROM meta ORDER BY key"));
        assert!(before.iter().all(|table| !table.is_empty()) && !remembered.is_empty());
        migrate(&mut connection).unwrap();
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
        let (mut old, mut new) = (of_version_8(), Connection::open_in_memory().unwrap());
        migrate(&mut old).unwrap();
        migrate(&mut new).unwrap();
        assert_eq!(shape(&old), shape(&new));
    }

    #[test]
    fn an_older_one_is_told_to_be_too_old_and_left_alone() {
        let mut connection = of_version_8();
        connection.pragma_update(None, "user_version", 7).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(matches!(error, StoreError::TooOld { found: 7, oldest: 8 }), "{error}");
        assert!(!rows(&connection, "SELECT * FROM meta WHERE key = 'mirror_changes'").is_empty());
    }
}
