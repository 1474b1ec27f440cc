-- What an agent may see: the requests that they began, and those that they submitted for another. Each list of theirs is a walk along
-- these, newest change first; behind the order stands what the conditions are made of.
CREATE INDEX port_request_own ON port_request (account, created_by, changed_at, id, ended_at, status, turn, created_at);
CREATE INDEX port_request_own_customer ON port_request (account, created_by, changed_at, id, turn, status, created_at)
    WHERE turn = 'customer';
CREATE INDEX port_request_sent ON port_request (account, submitted_by, changed_at, id, created_by, ended_at, status, turn, created_at)
    WHERE submitted_by <> created_by;
