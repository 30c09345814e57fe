//! Numbered migrations. A database that a newer doorman wrote is refused, never guessed at.

use rusqlite::Connection;

use super::StoreError;

/// One entry a version, in order; never edited once released.
const MIGRATIONS: &[&str] = &[
    // 1: the whole desk. Instants are milliseconds since 1970, UTC.
    "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- What holds a name and an address. The two end apart: a name lapses before its address does.
    CREATE TABLE reservations (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        email TEXT NOT NULL,            -- as typed
        mailbox TEXT NOT NULL,          -- a+tag@x is a@x, case folded
        address TEXT NOT NULL,          -- the local part as typed
        ip TEXT,
        made_at INTEGER NOT NULL,
        entered_at INTEGER,             -- when it entered the mirror; a held one has not yet
        withdrawn INTEGER NOT NULL DEFAULT 0,   -- its letter failed, or the operator refused: not in the mirror
        last_letter_id INTEGER,
        imported_token_dead_at INTEGER, -- imported ones have no letter to ask
        account_seen_at INTEGER,        -- the homeserver called the name taken
        name_ended_at INTEGER,
        address_ended_at INTEGER,
        address_lapsed INTEGER NOT NULL DEFAULT 0
    );
    CREATE UNIQUE INDEX reservations_by_name ON reservations (name) WHERE name_ended_at IS NULL;
    CREATE INDEX reservations_by_mailbox ON reservations (mailbox);
    CREATE INDEX reservations_by_address ON reservations (address);
    CREATE INDEX reservations_entered ON reservations (entered_at) WHERE entered_at IS NOT NULL;

    CREATE TABLE requests (
        id INTEGER PRIMARY KEY,
        received_at INTEGER NOT NULL,
        channel TEXT NOT NULL,
        username TEXT NOT NULL,
        email TEXT NOT NULL,            -- as typed
        mailbox TEXT,                   -- NULL: not an address
        address TEXT,
        ip TEXT,
        verdict TEXT NOT NULL,          -- accepted, held, refused
        reason TEXT,
        detail TEXT,                    -- for the operator
        reservation_id INTEGER REFERENCES reservations (id),
        letter_id INTEGER,
        counts INTEGER NOT NULL DEFAULT 0,      -- 1: counts for the cooldown of its address
        stands_for INTEGER NOT NULL DEFAULT 1   -- thinned out: how many refusals this row stands for
    );
    CREATE INDEX requests_counting ON requests (mailbox, received_at) WHERE counts = 1;
    CREATE INDEX requests_counting_exact ON requests (address, received_at) WHERE counts = 1;
    CREATE INDEX requests_by_mailbox ON requests (mailbox);
    CREATE INDEX requests_by_reservation ON requests (reservation_id) WHERE reservation_id IS NOT NULL;
    CREATE INDEX requests_held ON requests (id) WHERE verdict = 'held';

    CREATE TABLE letters (
        id INTEGER PRIMARY KEY,
        request_id INTEGER,
        kind TEXT NOT NULL,             -- token
        recipient TEXT NOT NULL,        -- ASCII form
        mailbox TEXT NOT NULL,
        message_id TEXT NOT NULL,
        state TEXT NOT NULL,            -- owed, sending, sent, failed, dropped
        created_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        tried_for_ms INTEGER NOT NULL DEFAULT 0,  -- time with the mail server up that its tries took
        tried_at INTEGER,
        fate_unknown INTEGER NOT NULL DEFAULT 0,  -- an earlier try may have arrived
        last_answer TEXT,
        token_id INTEGER,               -- what it quoted in its last try
        ended_at INTEGER
    );
    CREATE INDEX letters_due ON letters (due_at) WHERE state = 'owed';
    CREATE INDEX letters_unknown ON letters (id) WHERE state = 'sending';
    CREATE INDEX letters_failed ON letters (ended_at) WHERE state = 'failed';
    CREATE INDEX letters_sent ON letters (ended_at) WHERE state = 'sent';
    CREATE INDEX letters_to ON letters (mailbox, created_at);

    CREATE TABLE tokens (
        id INTEGER PRIMARY KEY,
        token TEXT NOT NULL,
        state TEXT NOT NULL,            -- pending (not in the file yet), current, retired, void (never was in the file)
        how TEXT NOT NULL,              -- first, found, adopted, scheduled, manual
        made_at INTEGER NOT NULL,
        retired_at INTEGER,
        satisfies INTEGER,              -- the reset time that it is the rotation of
        live TEXT NOT NULL DEFAULT 'no' -- yes, no, unknown (nothing to ask)
    );
    CREATE UNIQUE INDEX tokens_current ON tokens (state) WHERE state = 'current';
    CREATE INDEX tokens_pending ON tokens (id) WHERE state = 'pending';
    ",
    // 2: the letter box.
    "
    CREATE TABLE mails (
        id INTEGER PRIMARY KEY,
        mailbox TEXT NOT NULL,
        uid_validity INTEGER NOT NULL,
        uid INTEGER NOT NULL,
        digest BLOB NOT NULL,           -- of its bytes: holds where the mail server has given new numbers
        message_id TEXT,
        sender TEXT,
        seen_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL,      -- how often it was begun to be read
        outcome TEXT,                   -- done, ignored, held, failed; NULL: not decided yet
        request_id INTEGER
    );
    CREATE UNIQUE INDEX mails_by_uid ON mails (mailbox, uid_validity, uid);
    CREATE INDEX mails_by_digest ON mails (digest) WHERE outcome IS NOT NULL;
    CREATE INDEX mails_by_message ON mails (message_id, sender) WHERE message_id IS NOT NULL;

    ALTER TABLE letters ADD COLUMN answers TEXT;            -- the Message-ID of the mail that it answers
    ALTER TABLE letters ADD COLUMN answers_references TEXT; -- its References
    ALTER TABLE letters ADD COLUMN words TEXT;              -- what a letter of another kind than token says
    CREATE INDEX letters_by_message_id ON letters (message_id);
    ",
    // 3: tokens that the homeserver is asked for, shared ones and one for each letter.
    "
    ALTER TABLE tokens ADD COLUMN dead_at INTEGER;      -- from then on it opens no door; NULL: not known yet
    UPDATE tokens SET dead_at = retired_at;
    ALTER TABLE tokens ADD COLUMN backend TEXT;         -- who was asked for it; NULL: nobody
    ALTER TABLE tokens ADD COLUMN remote_id TEXT;       -- by what it is known there, where that is not the token itself
    ALTER TABLE tokens ADD COLUMN letter_id INTEGER;    -- the letter that it is for alone; NULL: everybody's. Then its state
                                                        -- is pending (perhaps made, perhaps not) or issued; of one
                                                        -- that nobody is given it is guard
    ALTER TABLE tokens ADD COLUMN uses_allowed INTEGER; -- NULL: any number
    ALTER TABLE tokens ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;  -- as far as the homeserver was asked
    ALTER TABLE tokens ADD COLUMN look_at INTEGER;      -- when it is asked again how often it was used
    ALTER TABLE tokens ADD COLUMN withdrawn_at INTEGER; -- it is no more at the homeserver
    CREATE INDEX tokens_by_letter ON tokens (letter_id) WHERE letter_id IS NOT NULL;
    CREATE INDEX tokens_outstanding ON tokens (id) WHERE backend IS NOT NULL AND withdrawn_at IS NULL;
    -- SQLite gives the number of a deleted last row to the next one: that letter is not to find this one's token.
    CREATE TRIGGER tokens_of_no_letter AFTER DELETE ON letters BEGIN
        UPDATE tokens SET letter_id = -old.id WHERE letter_id = old.id;
    END;
    ",
    // 4: the original wrote microseconds, and its operators' scripts find their entries by them.
    "
    ALTER TABLE reservations ADD COLUMN entered_us INTEGER NOT NULL DEFAULT 0;  -- beyond the milliseconds of entered_at
    ",
    // 5: a token that has ended by itself need not be taken away at once.
    "
    ALTER TABLE tokens ADD COLUMN expires_at INTEGER;   -- when the homeserver ends it by itself; NULL: not known
    ",
    // 6: the answer to a mail that a person decides of is threaded like any other.
    "
    ALTER TABLE mails ADD COLUMN answers_references TEXT;   -- its References
    ",
    // 7: no number is given twice. SQLite gives that of a deleted last row to the next one, and whoever had read of the first,
    // or noted it down, would take the next for it.
    "
    CREATE TABLE new_requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        channel TEXT NOT NULL,
        username TEXT NOT NULL,
        email TEXT NOT NULL,            -- as typed
        mailbox TEXT,                   -- NULL: not an address
        address TEXT,
        ip TEXT,
        verdict TEXT NOT NULL,          -- accepted, held, refused
        reason TEXT,
        detail TEXT,                    -- for the operator
        reservation_id INTEGER REFERENCES reservations (id),    -- NULL: refused at once, or held without a name
        letter_id INTEGER,
        counts INTEGER NOT NULL DEFAULT 0,      -- 1: counts for the cooldown of its address
        stands_for INTEGER NOT NULL DEFAULT 1   -- thinned out: how many refusals this row stands for
    );
    INSERT INTO new_requests SELECT * FROM requests;
    DROP TABLE requests;
    ALTER TABLE new_requests RENAME TO requests;
    CREATE INDEX requests_counting ON requests (mailbox, received_at) WHERE counts = 1;
    CREATE INDEX requests_counting_exact ON requests (address, received_at) WHERE counts = 1;
    CREATE INDEX requests_by_mailbox ON requests (mailbox);
    CREATE INDEX requests_by_reservation ON requests (reservation_id) WHERE reservation_id IS NOT NULL;
    CREATE INDEX requests_held ON requests (id) WHERE verdict = 'held';

    CREATE TABLE new_letters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        request_id INTEGER,
        kind TEXT NOT NULL,             -- token, refusal, help, digest
        recipient TEXT NOT NULL,        -- ASCII form
        mailbox TEXT NOT NULL,
        message_id TEXT NOT NULL,
        state TEXT NOT NULL,            -- owed, sending, sent, failed, dropped
        created_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        tried_for_ms INTEGER NOT NULL DEFAULT 0,  -- time with the mail server up that its tries took
        tried_at INTEGER,
        fate_unknown INTEGER NOT NULL DEFAULT 0,  -- an earlier try may have arrived
        last_answer TEXT,
        token_id INTEGER,               -- what it quoted in its last try
        ended_at INTEGER,
        answers TEXT,                   -- the Message-ID of the mail that it answers
        answers_references TEXT,        -- its References
        words TEXT                      -- what a letter of another kind than token says
    );
    INSERT INTO new_letters SELECT * FROM letters;
    DROP TABLE letters;                 -- and the trigger tokens_of_no_letter with it
    ALTER TABLE new_letters RENAME TO letters;
    CREATE INDEX letters_due ON letters (due_at) WHERE state = 'owed';
    CREATE INDEX letters_unknown ON letters (id) WHERE state = 'sending';
    CREATE INDEX letters_failed ON letters (ended_at) WHERE state = 'failed';
    CREATE INDEX letters_sent ON letters (ended_at) WHERE state = 'sent';
    CREATE INDEX letters_to ON letters (mailbox, created_at);
    CREATE INDEX letters_by_message_id ON letters (message_id);
    ",
    // 8: requests of a time are found whenever they were written down, which an import does late.
    "
    CREATE INDEX requests_by_time ON requests (received_at);
    ",
    // 9: the journal, which takes the place of a note of the last act alone.
    "
    CREATE TABLE acts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,              -- the operator's name on the machine; desk
        whence TEXT,                    -- command, console, desk
        what TEXT NOT NULL,
        subject TEXT,
        before TEXT,                    -- JSON
        after TEXT,                     -- JSON
        undoes INTEGER,                 -- the act that it takes back, or the taking back that it takes back
        undone_at INTEGER
    );
    CREATE INDEX acts_by_time ON acts (at);
    DELETE FROM meta WHERE key = 'last_ban';
    ",
];

/// Whether this is a database that this doorman can go on with.
pub(super) fn check_version(connection: &Connection) -> Result<(), StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match version {
        0 => Err(StoreError::Corrupt("it is not a doorman's database".into())),
        version if version > known => Err(StoreError::Newer { found: version, known }),
        _ => Ok(()),
    }
}

/// Brings a database to the newest version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if version > known {
        return Err(StoreError::Newer { found: version, known });
    }
    if version == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (number, migration) in (1i64..).zip(MIGRATIONS) {
        if number > version {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_any_earlier_version_goes_on() {
        for version in 1..=MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            for migration in &MIGRATIONS[..version] {
                connection.execute_batch(migration).unwrap();
            }
            connection
                .execute_batch(
                    "INSERT INTO reservations (id, name, email, mailbox, address, made_at) VALUES (3, 'n', 'e', 'm', 'a', 0);
                     INSERT INTO requests (id, received_at, channel, username, email, verdict, reservation_id, counts)
                         VALUES (7, 5, 'web', 'alice', 'alice@example.org', 'accepted', 3, 1);
                     INSERT INTO letters (id, request_id, kind, recipient, mailbox, message_id, state, created_at, due_at)
                         VALUES (9, 7, 'token', 'r', 'm', '<9>', 'owed', 4, 6);",
                )
                .unwrap();
            connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
            let before = index_names(&connection);
            migrate(&mut connection).unwrap();
            check_version(&connection).unwrap();
            connection.prepare("SELECT answers_references FROM mails").unwrap();
            assert!(before.iter().all(|index| index_names(&connection).contains(index)), "{before:?}");
            let kept: (i64, String, i64, i64, i64, String, i64) = connection
                .query_row(
                    "SELECT q.id, q.username, q.counts, q.reservation_id, l.id, l.message_id, l.due_at
                     FROM requests q JOIN letters l ON l.request_id = q.id",
                    [],
                    |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get(2)?,
                            row.get(3)?,
                            row.get(4)?,
                            row.get(5)?,
                            row.get(6)?,
                        ))
                    },
                )
                .unwrap();
            assert_eq!(kept, (7, "alice".into(), 1, 3, 9, "<9>".into(), 6));
        }
    }

    fn index_names(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }
}
