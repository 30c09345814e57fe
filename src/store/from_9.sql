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
