-- Whose turn it is, followed: what a request waits for, reminders and escalations about it, and corrections that only need time.

-- What a request waits for now, one row for each kind of wait among its numbers; gone when nothing waits so any more.
CREATE TABLE turn_watch (
    account TEXT NOT NULL,
    request TEXT NOT NULL,
    wait TEXT NOT NULL, -- name of enum wait
    since INTEGER NOT NULL,
    reminders INTEGER NOT NULL DEFAULT 0, -- sent about it
    reminded_at INTEGER NOT NULL DEFAULT 0,
    told_at INTEGER, -- when the customer was told that somebody else is slow
    team_at INTEGER, -- when the porting team was asked to look
    put_off INTEGER NOT NULL DEFAULT 0, -- the team has looked: not asked again before
    PRIMARY KEY (account, request, wait),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);

-- When the desk looks at the request's turn again by itself; NULL: never. Set to the moment of each change, so that the next look is soon.
ALTER TABLE port_request ADD COLUMN watch_at INTEGER;
-- Since when it waits for the porting team, while it does.
ALTER TABLE port_request ADD COLUMN team_since INTEGER;
-- The porting team was asked to look though it is somebody else's turn.
ALTER TABLE port_request ADD COLUMN escalated INTEGER NOT NULL DEFAULT 0;
-- How often in a row the number was sent again by itself, and when it will be.
ALTER TABLE port_number ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE port_number ADD COLUMN retry_at INTEGER;

UPDATE port_request SET watch_at = changed_at WHERE status <> 'draft' AND ended_at IS NULL;

CREATE INDEX port_request_watch ON port_request (watch_at) WHERE watch_at IS NOT NULL;
-- The porting team's queue: who waits longest stands first.
-- A server of the version before does not say since when: then the turn tells.
CREATE INDEX port_request_queue ON port_request (COALESCE(team_since, turn_since), id, team_waits) WHERE team_waits = 1;

-- The reminder of a letter had a job for each request; the turns are followed by one job of the desk now.
DELETE FROM job WHERE kind = 'signature_remind' AND state <> 'running';
