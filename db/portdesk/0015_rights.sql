-- What an agent may see: the requests that they began, and those that they submitted for another. Each list of theirs is a walk along
-- these, newest change first; behind the order stands what the conditions are made of.
CREATE INDEX port_request_own ON port_request (account, created_by, changed_at, id, ended_at, status, turn, created_at);
CREATE INDEX port_request_own_customer ON port_request (account, created_by, changed_at, id, turn, status, created_at)
    WHERE turn = 'customer';
CREATE INDEX port_request_sent ON port_request (account, submitted_by, changed_at, id, created_by, ended_at, status, turn, created_at)
    WHERE submitted_by <> created_by;

-- The audit log, newest first: of an account and of all, whole, by what was done, by who did it, and what the porting team did.
CREATE INDEX audit_event_list ON audit_event (account, at, id);
CREATE INDEX audit_event_kind ON audit_event (account, kind, at, id);
CREATE INDEX audit_event_user ON audit_event (account, by_user, at, id);
CREATE INDEX audit_event_team ON audit_event (account, at, id, by_role) WHERE by_role = 'porting_team';
CREATE INDEX audit_event_all ON audit_event (at, id);
CREATE INDEX audit_event_all_kind ON audit_event (kind, at, id);
CREATE INDEX audit_event_all_user ON audit_event (by_user, at, id);
CREATE INDEX audit_event_all_team ON audit_event (at, id, by_role) WHERE by_role = 'porting_team';
DROP INDEX audit_event_at; -- the first of these replaces it

-- Where a person has signed in from, and with which browser: a sign-in from somewhere new is told to the person.
CREATE TABLE sign_in_place (
    account TEXT NOT NULL,
    user_id TEXT NOT NULL,
    place TEXT NOT NULL, -- "address:" or "browser:" and the hash of what it is
    first_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (account, user_id, place),
    FOREIGN KEY (account, user_id) REFERENCES app_user (account, id)
);
CREATE INDEX sign_in_place_seen ON sign_in_place (seen_at);

-- Secrets that are to go: account numbers of requests that ended, PINs of drafts that nobody goes on with.
CREATE INDEX port_request_ended_numbers ON port_request (ended_at)
    WHERE ended_at IS NOT NULL AND account_number_sealed IS NOT NULL;
CREATE INDEX port_pin_given ON port_pin (given_at);
-- Of requests that were completed before this step.
UPDATE port_request SET account_number_sealed = NULL WHERE status = 'completed' AND account_number_sealed IS NOT NULL;
