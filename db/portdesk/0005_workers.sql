-- Who runs jobs, and in which order: many processes may share the queue.

-- A process that runs jobs, while it lives. It belongs to the desk and to no account: a small global directory.
CREATE TABLE job_worker (
    id TEXT NOT NULL PRIMARY KEY,
    beat INTEGER NOT NULL, -- raised every few seconds; the others see on clocks of their own whether it still moves
    started_at INTEGER NOT NULL
);

-- One row, of the desk: who gives waiting jobs their turn holds it meanwhile.
CREATE TABLE job_line (
    id INTEGER NOT NULL PRIMARY KEY
);
INSERT INTO job_line (id) VALUES (1);

-- A job whose time has come has a place in the line of its kind, in which the accounts take turns; 0 before, and while it runs.
ALTER TABLE job ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
-- Who runs it, and which of that process's runs it is: only that run may write how it ended. The reference keeps a process that
-- was declared dead from taking a job.
ALTER TABLE job ADD COLUMN worker TEXT REFERENCES job_worker (id);
ALTER TABLE job ADD COLUMN run INTEGER NOT NULL DEFAULT 0;

-- The front of each line, the last place of an account in it, what has no place yet, what a process runs, what was given up.
CREATE INDEX job_turn ON job (kind, turn, due) WHERE turn > 0;
CREATE INDEX job_turn_account ON job (kind, account, turn) WHERE turn > 0;
CREATE INDEX job_waits ON job (state, turn, due) WHERE turn = 0;
CREATE INDEX job_worker_runs ON job (worker) WHERE worker IS NOT NULL;
CREATE INDEX job_dead ON job (changed_at) WHERE state = 'dead';
