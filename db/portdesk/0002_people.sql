-- Accounts, their users, who is signed in, and whose number is whose. Instants are UTC microseconds, numbers E.164.

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'operator')),
    next_request_number INTEGER NOT NULL DEFAULT 1001, -- of the next port request: PR-1001
    created_at INTEGER NOT NULL
);

-- The guard: what a number is used for in an account. A number has one use; whoever uses it refers to it with its own kind,
-- so a personal phone cannot be ported, and a number that is ported or in the inventory cannot become a personal phone.
CREATE TABLE number_use (
    account TEXT NOT NULL REFERENCES account (id),
    e164 TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'port', 'inventory')),
    PRIMARY KEY (account, e164),
    UNIQUE (account, e164, kind)
);

CREATE TABLE app_user (
    account TEXT NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    email TEXT NOT NULL, -- lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'agent', 'porting_team')),
    password_hash TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    theme TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
    personal_phone TEXT,
    personal_phone_kind TEXT NOT NULL DEFAULT 'personal' CHECK (personal_phone_kind = 'personal'),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, personal_phone, personal_phone_kind) REFERENCES number_use (account, e164, kind)
);
CREATE INDEX app_user_personal_phone ON app_user (account, personal_phone);

-- E-mail to account: a small global directory, as people sign in without naming their account.
CREATE TABLE user_email (
    email TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);

-- Who is signed in. The token itself is only with the browser.
CREATE TABLE session (
    account TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL, -- to within ten minutes
    PRIMARY KEY (account, token_hash),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
CREATE INDEX session_of_user ON session (account, user_id);


-- Sign-ins that were tried and have not succeeded, for as long as they count against the next one. Subjects are hashes of an
-- e-mail or of a client's address: what people type into the wrong field does not belong in a database.
CREATE TABLE sign_in_attempt (
    subject TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
);
CREATE INDEX sign_in_attempt_at ON sign_in_attempt (at);
