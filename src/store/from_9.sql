-- From version 9 to this one (10); what it says here, schema.sql says too.

CREATE TABLE links (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    request_id INTEGER,
    letter_id INTEGER,
    made_at INTEGER NOT NULL,
    expires_at INTEGER,
    opened_at INTEGER,
    ended_at INTEGER,
    ended_by TEXT
);
CREATE INDEX links_by_request ON links (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX links_by_letter ON links (letter_id) WHERE letter_id IS NOT NULL;

CREATE TABLE sign_ups (
    request_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    unsure INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    remote_id TEXT,
    made_at INTEGER
);

-- `email_identity: exact` folds case, and nothing else; addresses are ASCII.
UPDATE reservations SET address = lower(address);
UPDATE requests SET address = lower(address);

ALTER TABLE requests ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN source TEXT;
ALTER TABLE letters ADD COLUMN domain TEXT;
UPDATE letters SET source = '', domain = substr(recipient, instr(recipient, '@') + 1) WHERE kind <> 'digest';
CREATE INDEX letters_in_turn ON letters (source, domain, due_at) WHERE state = 'owed';
CREATE INDEX letters_by_source ON letters (source, tried_at);
CREATE INDEX letters_by_domain ON letters (domain, created_at, tried_at) WHERE domain IS NOT NULL;
ALTER TABLE requests ADD COLUMN answer TEXT;
ALTER TABLE requests ADD COLUMN terms_version TEXT;
ALTER TABLE requests ADD COLUMN terms_at INTEGER;
CREATE INDEX reservations_made ON reservations (made_at);
ALTER TABLE requests ADD COLUMN held_for TEXT;
ALTER TABLE requests ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

-- Mailboxes whose owners want nothing from this desk.
CREATE TABLE suppressed (
    mailbox TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    since INTEGER NOT NULL,
    how TEXT NOT NULL               -- not_me, operator
);

-- What belongs to an invitation besides its request.
CREATE TABLE invitations (
    request_id INTEGER PRIMARY KEY,
    works_for INTEGER,              -- milliseconds; NULL: sign_up_hours
    note TEXT,                      -- for whoever is invited
    despite TEXT NOT NULL           -- lines of ban lists that do not count, one a line
);

-- Who is told of what waits for the operator beside the digest (matrix, webhook), and a hash of where. As the settings of the
-- desk that ran last have it.
CREATE TABLE notice_channels (channel TEXT PRIMARY KEY, place TEXT NOT NULL);

-- What they are told; written here, by whatever it tells of. What was told of a request is kept as long as the request.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,            -- held, decided, erased, alarm, alarm_over
    request_id INTEGER,
    act_id INTEGER,                 -- the line of the journal that has the alarm
    key TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),     -- by what it is known, however often it is tried
    state TEXT NOT NULL DEFAULT 'owed',     -- owed, told, failed
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    since INTEGER,                  -- when the desk saw first that it is owed
    remote_id TEXT                  -- the message in the room
);
CREATE INDEX notices_owed ON notices (channel, due_at) WHERE state = 'owed';
CREATE INDEX notices_failed ON notices (channel) WHERE state = 'failed';
CREATE INDEX notices_by_request ON notices (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX notices_by_message ON notices (remote_id) WHERE remote_id IS NOT NULL;

-- Nobody is called by what is not proved yet, by what waits for the desk itself, and by a second of the same pair.
CREATE TRIGGER notice_of_held AFTER INSERT ON requests
    WHEN new.verdict = 'held' AND new.reason IS NOT 'unproven' AND new.reason IS NOT 'quota'
    BEGIN INSERT INTO notices (channel, event, request_id) SELECT channel, 'held', new.id FROM notice_channels
        WHERE NOT EXISTS (SELECT 1 FROM requests o WHERE o.reservation_id = new.reservation_id AND o.verdict = 'held'
                          AND o.id < new.id); END;
CREATE TRIGGER notice_of_held_later AFTER UPDATE OF verdict, reason ON requests
    WHEN new.verdict = 'held' AND new.reason IS NOT 'unproven' AND new.reason IS NOT 'quota'
        AND (old.verdict <> 'held' OR old.reason IS 'unproven' OR old.reason IS 'quota')
    BEGIN INSERT INTO notices (channel, event, request_id) SELECT channel, 'held', new.id FROM notice_channels
        WHERE NOT EXISTS (SELECT 1 FROM requests o WHERE o.reservation_id = new.reservation_id AND o.verdict = 'held'
                          AND o.id < new.id); END;
CREATE TRIGGER notice_of_decided AFTER UPDATE OF verdict ON requests
    WHEN old.verdict = 'held' AND new.verdict <> 'held'
    BEGIN INSERT INTO notices (channel, event, request_id) SELECT DISTINCT channel, 'decided', new.id FROM notices
        WHERE request_id = new.id AND event = 'held'; END;
CREATE TRIGGER notice_of_erased AFTER DELETE ON requests
    BEGIN
        INSERT INTO notices (channel, event, request_id, remote_id) SELECT channel, 'erased', old.id, remote_id FROM notices
            WHERE request_id = old.id AND event = 'held' AND remote_id IS NOT NULL;
        DELETE FROM notices WHERE request_id = old.id AND event <> 'erased';
    END;
CREATE TRIGGER notice_of_alarm AFTER INSERT ON acts WHEN new.what IN ('alarm', 'alarm_over') AND new.subject IS NOT 'webhook'
    BEGIN INSERT INTO notices (channel, event, act_id) SELECT channel, new.what, new.id FROM notice_channels
        WHERE channel = 'webhook'; END;
