-- Scenarios of numbers, scripts, and the faults that were made.

ALTER TABLE port_number ADD COLUMN scenario TEXT;              -- the name of what it behaves as
ALTER TABLE port_number ADD COLUMN redated INTEGER;            -- 1: its firm date was moved or lost already
ALTER TABLE port_number ADD COLUMN inventory_at INTEGER;       -- from when on the account has it
ALTER TABLE delivery ADD COLUMN fault TEXT;                    -- what is wrong with it, or NULL

-- The script that runs, or none.
CREATE TABLE script (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    body   TEXT NOT NULL, -- JSON
    set_at INTEGER NOT NULL
);

-- How often a call or webhook about a number has come by where faults may be made; counted anew with each script.
CREATE TABLE fault_pass (
    place   TEXT NOT NULL,
    subject TEXT NOT NULL,
    passes  INTEGER NOT NULL,
    PRIMARY KEY (place, subject)
);

-- The journal of the script.
CREATE TABLE fault (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL, -- shared clock
    rule    TEXT NOT NULL,    -- which rule made it
    place   TEXT NOT NULL,
    subject TEXT NOT NULL,
    nth     INTEGER NOT NULL,
    body    TEXT NOT NULL     -- JSON: the rule that makes exactly this fault again
);
CREATE INDEX fault_rule ON fault (rule, subject);
