-- Port requests, what carriers are told of them, and what became of each number.
-- Instants are UTC microseconds, dates YYYY-MM-DD, numbers E.164. Sealed columns are ciphertext of the vault.

-- What the customer sees: one request, from the first field of the draft to its end.
CREATE TABLE port_request (
    account TEXT NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    reference TEXT NOT NULL, -- PR-1001, counted in the account
    status TEXT NOT NULL,
    turn TEXT NOT NULL, -- whose turn it is, and since when
    turn_since INTEGER NOT NULL,
    losing_carrier TEXT, -- key in the directory, or 'other'
    losing_carrier_name TEXT, -- as the customer wrote it, when it is not in the directory
    numbers_typed TEXT NOT NULL DEFAULT '', -- as the customer wrote them; read anew at each look while it is a draft
    account_type TEXT, -- business, residential
    account_name TEXT,
    account_number_sealed BLOB,
    btn TEXT, -- as typed while a draft, E.164 afterwards
    pin_later INTEGER NOT NULL DEFAULT 0,
    owner_name TEXT,
    owner_email TEXT,
    street TEXT,
    unit TEXT,
    city TEXT,
    state TEXT,
    zip TEXT,
    bill_confirmed INTEGER NOT NULL DEFAULT 0, -- of the last 30 days, with name, address and number
    acknowledged INTEGER NOT NULL DEFAULT 0, -- bits of enum acknowledgement
    wished_date TEXT, -- what the customer asked for; never a promise
    step INTEGER NOT NULL DEFAULT 1, -- of the wizard, where it was left
    attempt INTEGER NOT NULL DEFAULT 1,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    submitted_by TEXT,
    submitted_at INTEGER,
    ended_at INTEGER,
    reminded_at INTEGER, -- last signature reminder
    PRIMARY KEY (account, id),
    UNIQUE (account, reference)
);
-- The lists: newest change first, of one account and of all; whose turn; what is not over; a user's draft without a stroke in it.
CREATE INDEX port_request_changed ON port_request (account, changed_at, id);
CREATE INDEX port_request_changed_all ON port_request (changed_at, id);
CREATE INDEX port_request_turn ON port_request (turn, account);
CREATE INDEX port_request_open ON port_request (ended_at, status);
CREATE INDEX port_request_draft ON port_request (account, created_by, status);
CREATE INDEX port_request_id ON port_request (id); -- the porting team opens requests of every account

-- The PIN alone: written, handed to the carrier, wiped at the end of the port. Never given back.
CREATE TABLE port_pin (
    account TEXT NOT NULL,
    request TEXT NOT NULL,
    sealed BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (account, request),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);

-- What one gaining carrier is told, once: one per way, and one per attempt.
CREATE TABLE carrier_order (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    carrier TEXT NOT NULL, -- twilio, manual
    way TEXT NOT NULL, -- us, canada, toll_free
    -- new: nothing was sent. waiting: until the order it replaces is canceled. placing: the documents are there, the create
    -- may have been sent. placed: the carrier has it. unclear: a person must look. ended.
    phase TEXT NOT NULL,
    replaces TEXT, -- the order of the attempt before
    cancel_wanted INTEGER NOT NULL DEFAULT 0,
    cancel_sent_at INTEGER, -- when the carrier answered it; before that, nothing it says is an answer
    carrier_ref TEXT, -- KW...
    carrier_status TEXT, -- the carrier's own word, raw
    signature_url TEXT,
    support_ticket TEXT,
    placing_since INTEGER, -- when a create was last about to be sent
    placed_at INTEGER,
    signed_at INTEGER,
    synced_at INTEGER, -- when the answer of the last re-read was asked for
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);
CREATE INDEX carrier_order_request ON carrier_order (account, request);
CREATE INDEX carrier_order_phase ON carrier_order (phase);

-- carrier's reference to account: a small global directory for webhooks.
CREATE TABLE carrier_ref (
    carrier TEXT NOT NULL,
    ref TEXT NOT NULL,
    account TEXT NOT NULL,
    carrier_order TEXT NOT NULL,
    PRIMARY KEY (carrier, ref),
    FOREIGN KEY (account, carrier_order) REFERENCES carrier_order (account, id)
);

CREATE TABLE port_number (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    e164 TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'port' CHECK (kind = 'port'),
    claimed TEXT, -- the number again while this port holds its place in number_use, else NULL
    way TEXT NOT NULL, -- us, canada, toll_free
    status TEXT NOT NULL,
    status_since INTEGER NOT NULL,
    carrier_order TEXT NOT NULL, -- of the latest attempt
    carrier_time INTEGER NOT NULL DEFAULT 0, -- the carrier's own time of the state that set the status
    asked_at INTEGER NOT NULL DEFAULT 0, -- when we asked for it
    rejection TEXT, -- canonical reason
    rejection_words TEXT, -- the carrier's own
    firm_date TEXT, -- FOC; what the losing carrier committed to
    firm_at INTEGER,
    ported_at INTEGER,
    PRIMARY KEY (account, id),
    UNIQUE (account, request, e164),
    UNIQUE (account, claimed),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id),
    FOREIGN KEY (account, carrier_order) REFERENCES carrier_order (account, id),
    FOREIGN KEY (account, claimed, kind) REFERENCES number_use (account, e164, kind)
);
CREATE INDEX port_number_e164 ON port_number (account, e164);
CREATE INDEX port_number_order ON port_number (account, carrier_order);

-- Whose number it is among all accounts, while it is being ported or in the inventory: a small global directory.
CREATE TABLE number_home (
    e164 TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL
);

-- What each order said of each of its numbers, also of attempts that are over.
CREATE TABLE order_number (
    account TEXT NOT NULL,
    carrier_order TEXT NOT NULL,
    e164 TEXT NOT NULL,
    carrier_ref TEXT, -- PU...
    status TEXT NOT NULL, -- ours, read from the carrier's word
    carrier_status TEXT, -- the carrier's own word, raw
    rejection TEXT,
    rejection_words TEXT,
    PRIMARY KEY (account, carrier_order, e164),
    FOREIGN KEY (account, carrier_order) REFERENCES carrier_order (account, id)
);

-- Files that people gave us; the bytes are in the blob of the same id.
CREATE TABLE document (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    kind TEXT NOT NULL, -- bill
    file_name TEXT NOT NULL, -- as the browser said; only shown
    type TEXT NOT NULL, -- pdf, jpeg, png; from the bytes
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    pages INTEGER NOT NULL,
    has_preview INTEGER NOT NULL, -- blob of id 'pv_' and the id's rest: page 1 as PNG
    active_content INTEGER NOT NULL DEFAULT 0,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);
CREATE INDEX document_request ON document (account, request);

-- The document as the carrier knows it: one upload for each attempt, known here before the create is sent, so that a port whose
-- creation we did not hear of can be found again.
CREATE TABLE order_document (
    account TEXT NOT NULL,
    carrier_order TEXT NOT NULL,
    document TEXT NOT NULL,
    carrier_ref TEXT NOT NULL, -- RD...
    PRIMARY KEY (account, carrier_order, document),
    FOREIGN KEY (account, carrier_order) REFERENCES carrier_order (account, id),
    FOREIGN KEY (account, document) REFERENCES document (account, id)
);

-- What differed from the attempt before: field by field, for people. Account numbers and PINs only as "changed".
CREATE TABLE attempt_change (
    account TEXT NOT NULL,
    request TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    field TEXT NOT NULL,
    was TEXT,
    now TEXT,
    PRIMARY KEY (account, request, attempt, field),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);

-- Everything that happened, append-only.
CREATE TABLE timeline (
    account TEXT NOT NULL,
    id TEXT NOT NULL, -- sorts by time
    request TEXT NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL, -- name of enum timeline_event
    actor_kind TEXT NOT NULL, -- user, team, gaining_carrier, losing_carrier, signer, portdesk
    actor_name TEXT NOT NULL DEFAULT '',
    e164 TEXT,
    about TEXT NOT NULL DEFAULT '', -- what stands for {about} in the event's sentence
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);
CREATE INDEX timeline_request ON timeline (account, request, id);

-- What a repeated POST must answer again instead of doing it again.
CREATE TABLE idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    use_case TEXT NOT NULL,
    subject TEXT NOT NULL, -- id of what was made or changed
    at INTEGER NOT NULL,
    PRIMARY KEY (account, key, use_case)
);
CREATE INDEX idempotency_at ON idempotency (at);

-- Webhooks as they came, before anybody believes them.
CREATE TABLE inbound_event (
    id TEXT NOT NULL PRIMARY KEY,
    carrier TEXT NOT NULL,
    at INTEGER NOT NULL,
    signature TEXT NOT NULL, -- valid, missing, wrong
    sealed BLOB NOT NULL, -- the body
    account TEXT, -- when the reference in it is known
    carrier_order TEXT
);
CREATE INDEX inbound_event_at ON inbound_event (at);

-- Words of a carrier that we do not know: counted, shown to the porting team, never a state.
CREATE TABLE unknown_word (
    carrier TEXT NOT NULL,
    word TEXT NOT NULL,
    times INTEGER NOT NULL,
    last_order TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (carrier, word)
);

-- Mail to people, written with the change that causes it and sent by a job.
CREATE TABLE mail (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT,
    notice TEXT NOT NULL, -- signature_reminder, rejected, completed, ...
    carrier_order TEXT, -- the order that caused it
    once_key TEXT NOT NULL, -- the same notice of the same cause goes to the same address once
    to_name TEXT NOT NULL,
    to_address TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    sent_at INTEGER,
    refused TEXT, -- the mail server's words
    PRIMARY KEY (account, id),
    UNIQUE (account, once_key, to_address)
);

-- The inventory: numbers that are here.
CREATE TABLE number (
    account TEXT NOT NULL,
    e164 TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'inventory' CHECK (kind = 'inventory'),
    label TEXT NOT NULL DEFAULT '',
    carrier TEXT NOT NULL,
    assigned_user TEXT, -- NULL: nobody yet
    request TEXT, -- the port that brought it
    since INTEGER NOT NULL,
    PRIMARY KEY (account, e164),
    FOREIGN KEY (account, e164, kind) REFERENCES number_use (account, e164, kind)
);
