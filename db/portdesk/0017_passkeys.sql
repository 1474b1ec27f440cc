-- Passkeys: keys in people's devices, by which they sign in without a password. Only the public half is here.
CREATE TABLE passkey (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    credential TEXT NOT NULL, -- the authenticator's own name of it, as base64url
    credential_hash TEXT NOT NULL, -- SHA-256 of the same, in hex
    alg INTEGER NOT NULL CHECK (alg IN (-7, -8)), -- ES256, EdDSA
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL, -- of the last answer; 0: the authenticator does not count
    backup_eligible INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)), -- may be on several devices
    backed_up INTEGER NOT NULL CHECK (backed_up IN (0, 1)),
    name TEXT NOT NULL, -- given by its owner
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
CREATE INDEX passkey_of_user ON passkey (account, user_id, created_at);

-- Passkey to account: a small global directory, as people sign in without naming their account. One passkey is of one person.
CREATE TABLE passkey_credential (
    credential_hash TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    passkey TEXT NOT NULL,
    FOREIGN KEY (account, passkey) REFERENCES passkey (account, id)
);

-- Challenges that were answered, for as long as they would be good: none is taken twice.
CREATE TABLE passkey_challenge (
    challenge_hash TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
);
CREATE INDEX passkey_challenge_at ON passkey_challenge (at);
