-- Who keeps documents from being removed just now: a backup that copies them. A hold that is not renewed ends by itself.
CREATE TABLE document_hold (
    account TEXT NOT NULL, -- 'operator'
    id TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (account, id)
);

-- How far the sealing anew with the current master key is. One row.
CREATE TABLE key_rewrap (
    account TEXT NOT NULL PRIMARY KEY, -- 'operator'
    key_id TEXT NOT NULL, -- the key with which everything is being sealed
    stage INTEGER NOT NULL, -- index in the table of sealed columns, then documents, then the end
    at_account TEXT NOT NULL, -- the last row that was done in this stage
    at_row TEXT NOT NULL,
    done INTEGER NOT NULL, -- values and documents that were sealed anew
    failed INTEGER NOT NULL, -- that do not open: doctor tells which
    began_at INTEGER NOT NULL,
    ended_at INTEGER
);
