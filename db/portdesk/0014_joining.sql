-- How people come in, and leave.

-- Links that work once: each goes out in a mail, and only the hash of its token stands here.
CREATE TABLE user_link (
    account TEXT NOT NULL, -- of a sign-up the one that is to be made
    id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    kind TEXT NOT NULL, -- name of enum link_kind
    email TEXT NOT NULL, -- where it was sent; of email_undo: what is put back
    name TEXT NOT NULL DEFAULT '', -- of an invitation or a sign-up
    role TEXT, -- of an invitation
    user_id TEXT, -- whose it is, once there is a user
    account_name TEXT NOT NULL DEFAULT '', -- of a sign-up
    country TEXT NOT NULL DEFAULT '', -- of a sign-up
    time_zone TEXT NOT NULL DEFAULT '', -- that a new user begins with
    created_by TEXT, -- user who invited; NULL: the command line, or the person itself
    created_by_name TEXT NOT NULL DEFAULT '',
    sends INTEGER NOT NULL DEFAULT 1, -- times that it went out
    created_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account, id),
    UNIQUE (account, token_hash)
);
CREATE INDEX user_link_user ON user_link (account, user_id);
CREATE INDEX user_link_kind ON user_link (account, kind, email);
CREATE INDEX user_link_expires ON user_link (expires_at);

-- What somebody who is not signed in asked for: a new password, an account. The same is written for every e-mail address; a job looks
-- afterwards whether it is known here, and removes the row.
CREATE TABLE link_request (
    account TEXT NOT NULL, -- 'operator'
    id TEXT NOT NULL,
    kind TEXT NOT NULL, -- reset, sign_up
    email TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    account_name TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    client TEXT NOT NULL DEFAULT '', -- the client's address
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (account, id)
);

-- A user who was removed keeps the row, so that what they made keeps a name.
ALTER TABLE app_user ADD COLUMN removed_at INTEGER;
-- Last sign-in.
ALTER TABLE app_user ADD COLUMN signed_in_at INTEGER;

-- The porting team's list of accounts, by name.
CREATE INDEX account_name ON account (name, id);
