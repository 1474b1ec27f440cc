-- The sandbox carrier's whole state: documents, ports, what is due, what goes out, the mailbox.

CREATE TABLE document (
    sid           TEXT PRIMARY KEY,
    type          TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    mime_type     TEXT NOT NULL,
    size          INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    created_at    INTEGER NOT NULL
);

CREATE TABLE port (
    sid                  TEXT PRIMARY KEY,
    position             INTEGER NOT NULL UNIQUE, -- counts up; also the support ticket
    status               TEXT NOT NULL,           -- as Twilio spells it
    changed_at           INTEGER NOT NULL,
    created_at           INTEGER NOT NULL,
    customer_type        TEXT NOT NULL,
    customer_name        TEXT NOT NULL,
    account_number       TEXT NOT NULL,
    btn                  TEXT NOT NULL,
    representative       TEXT NOT NULL,
    representative_email TEXT NOT NULL,
    street               TEXT NOT NULL,
    street_2             TEXT NOT NULL,
    city                 TEXT NOT NULL,
    state                TEXT NOT NULL,
    zip                  TEXT NOT NULL,
    country              TEXT NOT NULL,
    notification_emails  TEXT NOT NULL, -- JSON array
    target_date          TEXT,
    target_start         TEXT,
    target_end           TEXT,
    cancel_reason        TEXT,
    sign_token           TEXT NOT NULL UNIQUE,
    letter_at            INTEGER, -- when the letter was sent out
    expires_at           INTEGER, -- the letter must be signed before
    signature            TEXT,
    signed_at            INTEGER,
    signed_ip            TEXT,
    letter_pdf           BLOB
);

CREATE TABLE port_document (
    document_sid TEXT PRIMARY KEY REFERENCES document (sid), -- a document is used once
    port_sid     TEXT NOT NULL REFERENCES port (sid),
    position     INTEGER NOT NULL
);
CREATE INDEX port_document_port ON port_document (port_sid);

CREATE TABLE port_number (
    sid              TEXT PRIMARY KEY,
    port_sid         TEXT NOT NULL REFERENCES port (sid),
    position         INTEGER NOT NULL,
    e164             TEXT NOT NULL,
    type             TEXT NOT NULL,
    status           TEXT NOT NULL, -- as Twilio spells it
    is_open          INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL,
    portable         INTEGER NOT NULL,
    reason           TEXT,
    reason_code      INTEGER,
    verdict          TEXT,          -- what the losing carrier will refuse it for, once it has it
    before_canceling TEXT,          -- the status that a refused cancellation goes back to
    rejection        TEXT,
    port_at          INTEGER
);
CREATE INDEX port_number_port ON port_number (port_sid, position);
-- A number is in one open port at a time.
CREATE UNIQUE INDEX port_number_open ON port_number (e164) WHERE is_open = 1;
CREATE INDEX port_number_e164 ON port_number (e164);

-- What the carriers will do, at an instant of the shared clock.
CREATE TABLE event (
    id         INTEGER PRIMARY KEY,
    port_sid   TEXT NOT NULL REFERENCES port (sid),
    number_sid TEXT REFERENCES port_number (sid), -- NULL: of the whole port
    kind       TEXT NOT NULL,
    due_at     INTEGER NOT NULL
);
CREATE INDEX event_due ON event (due_at, id);
CREATE INDEX event_port ON event (port_sid);

-- What goes out: mails and webhooks, in real time, tried again until it is taken or given up.
CREATE TABLE delivery (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL, -- webhook, mail_letter, mail_signed
    port_sid TEXT NOT NULL REFERENCES port (sid),
    target   TEXT NOT NULL, -- address
    event    TEXT NOT NULL, -- Twilio's name of it, or empty
    body     TEXT NOT NULL, -- JSON of a webhook, or empty
    at       INTEGER NOT NULL, -- shared clock
    due_at   INTEGER NOT NULL, -- real time
    tries    INTEGER NOT NULL,
    state    TEXT NOT NULL, -- waiting, sent, dead
    answer   TEXT
);
CREATE INDEX delivery_due ON delivery (due_at, id) WHERE state = 'waiting';
CREATE INDEX delivery_port ON delivery (port_sid);

CREATE TABLE webhook (
    type             TEXT PRIMARY KEY, -- PORT_IN, PORT_OUT
    url              TEXT NOT NULL,
    notifications_of TEXT NOT NULL, -- JSON array; empty means all
    created_at       INTEGER NOT NULL
);

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);

CREATE TABLE mail (
    id          INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    sender      TEXT NOT NULL,
    recipients  TEXT NOT NULL, -- one a line
    data        BLOB NOT NULL
);
