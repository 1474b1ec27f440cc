-- The porting team's desk: what needs a person, who has taken it on, what customers and the team write to each other, and what
-- the team notes for itself.

-- Why the request is on the desk, as bits of enum desk_why; 0: it is not. Since when, and until when it should be looked at.
ALTER TABLE port_request ADD COLUMN desk_why INTEGER NOT NULL DEFAULT 0;
ALTER TABLE port_request ADD COLUMN desk_since INTEGER;
ALTER TABLE port_request ADD COLUMN desk_due INTEGER;
-- Who of the porting team has taken it on.
ALTER TABLE port_request ADD COLUMN assigned_account TEXT;
ALTER TABLE port_request ADD COLUMN assigned_user TEXT;
ALTER TABLE port_request ADD COLUMN assigned_at INTEGER;
-- Since when the customer waits for an answer to a message; when a mail server first refused a mail that nobody has looked after.
ALTER TABLE port_request ADD COLUMN asked_since INTEGER;
ALTER TABLE port_request ADD COLUMN mail_refused_at INTEGER;
-- How many messages there are, the last one, and the team's last note.
ALTER TABLE port_request ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE port_request ADD COLUMN last_message TEXT;
ALTER TABLE port_request ADD COLUMN last_note TEXT;

-- What customers and the porting team write to each other. Rows are added, never changed.
CREATE TABLE request_message (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    at INTEGER NOT NULL,
    from_team INTEGER NOT NULL,
    by_account TEXT NOT NULL,
    by_user TEXT NOT NULL,
    by_name TEXT NOT NULL, -- as it was then
    body_sealed BLOB NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);
CREATE INDEX request_message_request ON request_message (account, request, id);
CREATE INDEX request_message_by ON request_message (by_user, at);

-- What the porting team notes for itself. A table of its own, so that nothing that customers read comes near it.
CREATE TABLE request_note (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    request TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_account TEXT NOT NULL,
    by_user TEXT NOT NULL,
    by_name TEXT NOT NULL,
    body_sealed BLOB NOT NULL,
    PRIMARY KEY (account, id),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);
CREATE INDEX request_note_request ON request_note (account, request, id);
CREATE INDEX request_note_by ON request_note (by_user, at);

-- Up to which message somebody has seen a conversation.
CREATE TABLE message_seen (
    account TEXT NOT NULL,
    request TEXT NOT NULL,
    by_user TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (account, request, by_user),
    FOREIGN KEY (account, request) REFERENCES port_request (account, id)
);

-- The message that a mail brings.
ALTER TABLE mail ADD COLUMN message TEXT;

-- What waited for the team before there was a desk: by hand, but where the number was sent back or the order is unclear. Two days are usual.
UPDATE port_request SET
    desk_why = CASE WHEN status = 'action_required' AND turn = 'porting_team' THEN 1
        WHEN escalated = 1 THEN 8
        WHEN EXISTS (SELECT 1 FROM carrier_order o WHERE o.account = port_request.account AND o.request = port_request.id
            AND o.phase = 'unclear') THEN 4 ELSE 2 END,
    desk_since = COALESCE(team_since, turn_since),
    desk_due = COALESCE(team_since, turn_since) + 172800000000
    WHERE team_waits = 1;

-- The queue, the most urgent first: all of it, one person's, nobody's, and each reason by itself. Each condition stands in
-- src/porting/desk_queue.c as it stands here.
CREATE INDEX port_request_desk ON port_request (desk_due, id) WHERE desk_why > 0;
CREATE INDEX port_request_desk_mine ON port_request (assigned_user, desk_due, id, desk_why) WHERE assigned_user IS NOT NULL;
CREATE INDEX port_request_desk_free ON port_request (desk_due, id) WHERE desk_why > 0 AND assigned_user IS NULL;
CREATE INDEX port_request_desk_correction ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 1) <> 0;
CREATE INDEX port_request_desk_by_hand ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 2) <> 0;
CREATE INDEX port_request_desk_unclear ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 4) <> 0;
CREATE INDEX port_request_desk_silent ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 8) <> 0;
CREATE INDEX port_request_desk_message ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 16) <> 0;
CREATE INDEX port_request_desk_mail ON port_request (desk_due, id, assigned_user) WHERE (desk_why & 32) <> 0;
