-- Sign-in: what is known of a session, browsers that have signed in before, one-time codes and recovery codes.

-- Sessions of before have no id of their own; they end within their days.
ALTER TABLE session ADD COLUMN id TEXT;
ALTER TABLE session ADD COLUMN client TEXT NOT NULL DEFAULT ''; -- address that it was begun from
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT ''; -- "Firefox/Windows"; empty: not known
ALTER TABLE session ADD COLUMN how TEXT NOT NULL DEFAULT 'password'; -- name of enum session_how
ALTER TABLE session ADD COLUMN device TEXT; -- the known device that it was begun on

-- Who of the account must have a second factor: nobody, owners and admins, everybody.
ALTER TABLE account ADD COLUMN second_factor TEXT NOT NULL DEFAULT 'free' CHECK (second_factor IN ('free', 'managers', 'all'));

-- Browsers that a person has signed in with before: their failed tries are counted apart from those of strangers. The token itself
-- is only in the browser's cookie, and is another after each sign-in.
CREATE TABLE known_device (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
CREATE INDEX known_device_of_user ON known_device (account, user_id, seen_at);

-- Whether the password of the try was looked at, and wrong.
ALTER TABLE sign_in_attempt ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;

-- When the person behind a subject of sign_in_attempt was last told of many failed tries; also of people whom nobody knows.
CREATE TABLE sign_in_warning (
    subject TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
);

-- A sign-in between the password and the code: opens nothing but the page that asks for the code.
CREATE TABLE half_session (
    account TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, token_hash),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
CREATE INDEX half_session_of_user ON half_session (account, user_id);

-- The app of a person that shows one-time codes. Not confirmed: it is being set up.
CREATE TABLE totp (
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL DEFAULT 0, -- of the last code that was used: none is taken twice
    PRIMARY KEY (account, user_id),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);

CREATE TABLE recovery_code (
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account, user_id, code_hash),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);

-- Codes that were wrong, for a day. Device: the known one, or empty for all others together; of somebody who is signed in the session.
CREATE TABLE code_try (
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, user_id, id),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
