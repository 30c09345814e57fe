-- From the schema before (version 8) to this one (9); what it says here of new tables, schema.sql says too.

ALTER TABLE meta RENAME TO old_meta;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE last_good_lists (file TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE own_bans (
    file TEXT NOT NULL,
    entry TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (file, entry)
);
INSERT INTO meta SELECT key, value FROM old_meta
    WHERE key NOT IN ('mirror_changes', 'own_bans') AND key NOT LIKE 'last_good:%';
INSERT INTO last_good_lists SELECT substr(key, length('last_good:') + 1), value FROM old_meta WHERE key LIKE 'last_good:%';
INSERT OR REPLACE INTO own_bans
    SELECT json_extract(own.value, '$[0]'), json_extract(own.value, '$[1]'), json_extract(own.value, '$[2]')
    FROM old_meta, json_each(old_meta.value) own WHERE old_meta.key = 'own_bans';
DROP TABLE old_meta;

CREATE TABLE mirror (changes INTEGER NOT NULL);
INSERT INTO mirror VALUES (0);
CREATE TRIGGER mirror_of_changed AFTER UPDATE ON reservations
    WHEN (old.name, old.email, old.ip, old.entered_at, old.entered_us, old.withdrawn)
        IS NOT (new.name, new.email, new.ip, new.entered_at, new.entered_us, new.withdrawn)
    BEGIN UPDATE mirror SET changes = changes + 1; END;
CREATE TRIGGER mirror_of_deleted AFTER DELETE ON reservations
    BEGIN UPDATE mirror SET changes = changes + 1; END;

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
