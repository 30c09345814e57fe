-- The whole desk. Instants are milliseconds since 1970, UTC; whatever is counted on is in the columns, never in a text.

-- What is in force, and what the desk remembers of itself: a word and its value.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- The last good content of each ban list. It can be megabytes, so it stands apart, and in a table with rowids: to find a
-- key in one without, SQLite reads the rows that it passes in full.
CREATE TABLE last_good_lists (file TEXT PRIMARY KEY, content TEXT NOT NULL);

-- Entries that doorman has written into a ban list lately.
CREATE TABLE own_bans (
    file TEXT NOT NULL,
    entry TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (file, entry)
);

-- What holds a name and an address. The two end apart: a name lapses before its address does.
CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,            -- as typed
    mailbox TEXT NOT NULL,          -- a+tag@x is a@x, case folded
    address TEXT NOT NULL,          -- case folded, and nothing else
    ip TEXT,
    made_at INTEGER NOT NULL,
    entered_at INTEGER,             -- when it entered the mirror; a held one has not yet
    entered_us INTEGER NOT NULL DEFAULT 0,  -- beyond its milliseconds: the original wrote them, and scripts look for them
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
CREATE INDEX reservations_made ON reservations (made_at);
CREATE INDEX reservations_entered ON reservations (entered_at) WHERE entered_at IS NOT NULL;

-- How often what registrations.json shows of the reservations that are there has changed. New ones are seen by their number.
CREATE TABLE mirror (changes INTEGER NOT NULL);
INSERT INTO mirror VALUES (0);
CREATE TRIGGER mirror_of_changed AFTER UPDATE ON reservations
    WHEN (old.name, old.email, old.ip, old.entered_at, old.entered_us, old.withdrawn)
        IS NOT (new.name, new.email, new.ip, new.entered_at, new.entered_us, new.withdrawn)
    BEGIN UPDATE mirror SET changes = changes + 1; END;
CREATE TRIGGER mirror_of_deleted AFTER DELETE ON reservations
    BEGIN UPDATE mirror SET changes = changes + 1; END;

-- No number of a request or a letter is given twice: whoever noted one down would take the next for it.
CREATE TABLE requests (
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
    stands_for INTEGER NOT NULL DEFAULT 1,  -- thinned out: how many refusals this row stands for
    answer TEXT,                    -- to the operator's question
    terms_version TEXT,             -- of the terms that were agreed to
    terms_at INTEGER,
    held_for TEXT,                  -- for what it waits once its address is proved
    source TEXT NOT NULL DEFAULT '',        -- with whom it takes its turn: a net; '': not known
    language TEXT NOT NULL DEFAULT 'en'     -- that its applicant is answered in
);
CREATE INDEX requests_counting ON requests (mailbox, received_at) WHERE counts = 1;
CREATE INDEX requests_counting_exact ON requests (address, received_at) WHERE counts = 1;
CREATE INDEX requests_by_mailbox ON requests (mailbox);
CREATE INDEX requests_by_reservation ON requests (reservation_id) WHERE reservation_id IS NOT NULL;
CREATE INDEX requests_held ON requests (id) WHERE verdict = 'held';
-- An import writes old ones late.
CREATE INDEX requests_by_time ON requests (received_at);

CREATE TABLE letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id INTEGER,
    kind TEXT NOT NULL,             -- token, invitation, refusal, help, digest
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
    words TEXT,                     -- what a letter of another kind than token says
    source TEXT,                    -- that of its request; NULL: the operator's own, outside of all budgets
    domain TEXT                     -- the registrable one; NULL: a provider's, for everybody, or the operator's own
);
CREATE INDEX letters_in_turn ON letters (source, domain, due_at) WHERE state = 'owed';
CREATE INDEX letters_by_source ON letters (source, tried_at);
CREATE INDEX letters_by_domain ON letters (domain, created_at, tried_at) WHERE domain IS NOT NULL;
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'owed';
CREATE INDEX letters_unknown ON letters (id) WHERE state = 'sending';
CREATE INDEX letters_failed ON letters (ended_at) WHERE state = 'failed';
CREATE INDEX letters_sent ON letters (ended_at) WHERE state = 'sent';
CREATE INDEX letters_to ON letters (mailbox, created_at);
CREATE INDEX letters_by_message_id ON letters (message_id);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL,
    state TEXT NOT NULL,            -- pending (not in the file yet), current, retired, void (never was in the file); of one
                                    -- for a letter alone pending (perhaps made, perhaps not) or issued; guard: nobody's
    how TEXT NOT NULL,              -- first, found, adopted, scheduled, manual, replacing, personal, guard
    made_at INTEGER NOT NULL,
    retired_at INTEGER,
    satisfies INTEGER,              -- the reset time that it is the rotation of
    live TEXT NOT NULL DEFAULT 'no',    -- yes, no, unknown (nothing to ask)
    dead_at INTEGER,                -- from then on it opens no door; NULL: not known yet
    expires_at INTEGER,             -- when the homeserver ends it by itself; NULL: not known
    backend TEXT,                   -- who was asked for it; NULL: nobody
    remote_id TEXT,                 -- by what it is known there, where that is not the token itself
    letter_id INTEGER,              -- the letter that it is for alone; NULL: everybody's
    uses_allowed INTEGER,           -- NULL: any number
    uses INTEGER NOT NULL DEFAULT 0,    -- as far as the homeserver was asked
    look_at INTEGER,                -- when it is asked again how often it was used
    withdrawn_at INTEGER            -- it is no more at the homeserver
);
CREATE UNIQUE INDEX tokens_current ON tokens (state) WHERE state = 'current';
CREATE INDEX tokens_pending ON tokens (id) WHERE state = 'pending';
CREATE INDEX tokens_by_letter ON tokens (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX tokens_outstanding ON tokens (id) WHERE backend IS NOT NULL AND withdrawn_at IS NULL;

-- Mails that came in.
CREATE TABLE mails (
    id INTEGER PRIMARY KEY,
    mailbox TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- of its bytes: holds where the mail server has given new numbers
    message_id TEXT,
    answers_references TEXT,        -- its References: the answer to one that a person decides of is threaded like any other
    sender TEXT,
    seen_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,      -- how often it was begun to be read
    outcome TEXT,                   -- done, ignored, held, failed; NULL: not decided yet
    request_id INTEGER
);
CREATE UNIQUE INDEX mails_by_uid ON mails (mailbox, uid_validity, uid);
CREATE INDEX mails_by_digest ON mails (digest) WHERE outcome IS NOT NULL;
CREATE INDEX mails_by_message ON mails (message_id, sender) WHERE message_id IS NOT NULL;

-- The journal: what operators have done.
CREATE TABLE acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    whence TEXT,
    what TEXT NOT NULL,
    subject TEXT,
    before TEXT,
    after TEXT,
    undoes INTEGER,
    undone_at INTEGER
);
CREATE INDEX acts_by_time ON acts (at);

-- Secret links that were given out. What opens them is stored nowhere: only its SHA-256.
CREATE TABLE links (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,             -- sign_up, receipt, not_me, proof, decide
    request_id INTEGER,
    letter_id INTEGER,              -- the email that it stands in
    made_at INTEGER NOT NULL,
    expires_at INTEGER,             -- NULL: not before it is ended
    opened_at INTEGER,              -- the first time
    ended_at INTEGER,
    ended_by TEXT                   -- used, or what else ended it
);
CREATE INDEX links_by_request ON links (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX links_by_letter ON links (letter_id) WHERE letter_id IS NOT NULL;

-- Mailboxes whose owners want nothing from this desk.
CREATE TABLE suppressed (
    mailbox TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    since INTEGER NOT NULL,
    how TEXT NOT NULL               -- not_me, operator
);

-- Accounts that the desk makes for those who come by a sign-up link, one a request: noted before the homeserver is asked.
CREATE TABLE sign_ups (
    request_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    unsure INTEGER NOT NULL,        -- 1: the homeserver was asked, and what it has made of that is not known
    taken INTEGER NOT NULL DEFAULT 0,   -- 1: somebody else had the name: another can be chosen
    remote_id TEXT,                 -- the user that MAS has just made, by its ID
    made_at INTEGER                 -- the account is there
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
