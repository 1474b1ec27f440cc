-- The durable queue: what must happen outside, or later, written with the change that wants it. A job that is done has no
-- row; a dead one stays until it is added again or taken back.
CREATE TABLE job (
    account TEXT NOT NULL,
    kind TEXT NOT NULL, -- a name in the program's table of kinds
    subject TEXT NOT NULL, -- id of what it is about
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'dead')),
    due INTEGER NOT NULL,
    again_at INTEGER, -- it was added while it ran: run once more, at this time
    attempt INTEGER NOT NULL DEFAULT 0, -- attempts begun since it was last done
    interrupted INTEGER NOT NULL DEFAULT 0, -- times in a row that the process ended while it ran
    problem TEXT, -- why the last attempt failed, for the porting team; never a secret
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, kind, subject)
);
CREATE INDEX job_due ON job (state, due);
