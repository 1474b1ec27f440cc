-- Connections to gaining carriers: whose they are, and with which credentials. Those of the operator carry every account's ports that
-- has none of its own.
CREATE TABLE carrier_connection (
    account TEXT NOT NULL, -- 'operator', or the account whose own it is
    id TEXT NOT NULL,
    kind TEXT NOT NULL, -- twilio
    label TEXT NOT NULL,
    takes_new INTEGER NOT NULL DEFAULT 1, -- whether new orders go out by it; those that it has go on either way
    account_sid TEXT NOT NULL, -- the account at the carrier
    key_sid TEXT, -- of an API key; NULL: the account's own token is used
    sealed BLOB NOT NULL, -- the secret, and the token that signs webhooks where that is another
    next_key_sid TEXT, -- what is to replace them, until it was tested
    next_sealed BLOB,
    next_result TEXT, -- why it was not taken
    next_words TEXT,
    base_url TEXT NOT NULL,
    upload_url TEXT NOT NULL,
    api_url TEXT NOT NULL,
    calls_per_second INTEGER NOT NULL DEFAULT 0, -- 0: as usual for the carrier
    version INTEGER NOT NULL DEFAULT 1, -- raised by each change of what a connection is opened with
    hook_hash TEXT NOT NULL, -- of the secret in the address of its webhooks
    test_result TEXT, -- ok, credentials, unreachable, refused; NULL: not tested yet
    test_words TEXT, -- the carrier's own
    tested_at INTEGER,
    webhook TEXT, -- ok, elsewhere; NULL: not looked at yet
    webhook_hash TEXT, -- of the address that the carrier was last told
    webhook_found TEXT, -- the host that events go to instead
    webhook_wanted INTEGER NOT NULL DEFAULT 1, -- tell the carrier our address at the next look, whatever stands there
    webhook_at INTEGER,
    letter_subject TEXT, -- of the letter's mail, where the carrier lets us choose
    letter_message TEXT,
    letter_redirect TEXT,
    letter_logo TEXT,
    letter_hash TEXT, -- of what the carrier was last told of it
    config_hash TEXT, -- made from the settings: of what was taken from there last
    created_by TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    rotated_at INTEGER,
    PRIMARY KEY (account, id)
);
CREATE INDEX carrier_connection_id ON carrier_connection (id);
CREATE INDEX carrier_connection_hook ON carrier_connection (hook_hash);

-- By which connection the order goes; NULL until it goes out.
ALTER TABLE carrier_order ADD COLUMN connection TEXT;
-- The carrier's own word for what somebody should do.
ALTER TABLE carrier_order ADD COLUMN suggested_action TEXT;
-- Portability is asked for in the order of the numbers: the last one that was.
ALTER TABLE carrier_order ADD COLUMN asked_to TEXT;
CREATE INDEX carrier_order_connection ON carrier_order (connection, phase);

-- Ports that the carrier has under a connection's account, and of which this desk knows nothing.
CREATE TABLE unknown_port (
    account TEXT NOT NULL, -- of the connection
    connection TEXT NOT NULL,
    ref TEXT NOT NULL,
    status TEXT NOT NULL, -- the carrier's own word
    numbers INTEGER NOT NULL,
    changed_at INTEGER NOT NULL, -- by the carrier's clock
    found_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL, -- in the last list that had it
    PRIMARY KEY (account, connection, ref),
    FOREIGN KEY (account, connection) REFERENCES carrier_connection (account, id)
);

-- When a ported number was seen in the carrier's own inventory, and its reference there. It works before that, but cannot be set up.
ALTER TABLE number ADD COLUMN ready_at INTEGER;
ALTER TABLE number ADD COLUMN carrier_ref TEXT;
UPDATE number SET ready_at = since;

-- The address of webhooks belongs to a connection now, and is set by another job.
DELETE FROM job WHERE kind = 'webhook_configure';
