-- Lists and searches that do not grow with the desk: what a list shows of a request's numbers stands in the request, and each
-- list and each search is a walk along an index of its own.

-- Of the request's numbers, kept with its status: how many, how many were ported, the first, the first firm date, the last day of porting.
ALTER TABLE port_request ADD COLUMN numbers_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE port_request ADD COLUMN numbers_completed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE port_request ADD COLUMN first_number TEXT;
ALTER TABLE port_request ADD COLUMN firm_date TEXT;
ALTER TABLE port_request ADD COLUMN ported_at INTEGER;
-- The porting team has something to do: it is its turn, or an order that it works by hand waits beside others that wait for the customer.
ALTER TABLE port_request ADD COLUMN team_waits INTEGER NOT NULL DEFAULT 0;

-- The digits from the last to the first, to be found by the last ones.
ALTER TABLE port_number ADD COLUMN e164_reversed TEXT;

UPDATE port_request SET
    numbers_count = (SELECT count(*) FROM port_number n WHERE n.account = port_request.account AND n.request = port_request.id),
    numbers_completed = (SELECT count(*) FROM port_number n WHERE n.account = port_request.account
        AND n.request = port_request.id AND n.status = 'completed'),
    first_number = (SELECT min(n.e164) FROM port_number n WHERE n.account = port_request.account AND n.request = port_request.id),
    firm_date = (SELECT min(n.firm_date) FROM port_number n WHERE n.account = port_request.account AND n.request = port_request.id),
    ported_at = (SELECT max(n.ported_at) FROM port_number n WHERE n.account = port_request.account AND n.request = port_request.id),
    team_waits = CASE WHEN turn = 'porting_team' OR (ended_at IS NULL AND EXISTS (SELECT 1 FROM port_number n
        JOIN carrier_order o ON o.account = n.account AND o.id = n.carrier_order WHERE n.account = port_request.account
        AND n.request = port_request.id AND (o.carrier = 'manual' OR o.phase = 'unclear')
        AND n.status IN ('in_review', 'submitted', 'canceling'))) THEN 1 ELSE 0 END
    WHERE status <> 'draft';

UPDATE port_number SET e164_reversed = substr(e164, 16, 1) || substr(e164, 15, 1) || substr(e164, 14, 1) || substr(e164, 13, 1)
    || substr(e164, 12, 1) || substr(e164, 11, 1) || substr(e164, 10, 1) || substr(e164, 9, 1) || substr(e164, 8, 1)
    || substr(e164, 7, 1) || substr(e164, 6, 1) || substr(e164, 5, 1) || substr(e164, 4, 1) || substr(e164, 3, 1)
    || substr(e164, 2, 1);

-- Each list, newest change first: of an account, and of all for the porting team. A draft without a stroke in it is in none.
-- Behind the order stands what the condition is made of, so that counting needs nothing but the index.
CREATE INDEX port_request_list ON port_request (account, changed_at, id, status, created_at)
    WHERE status <> 'draft' OR changed_at <> created_at;
CREATE INDEX port_request_customer ON port_request (account, changed_at, id, turn, status, created_at)
    WHERE turn = 'customer';
CREATE INDEX port_request_under_way ON port_request (account, changed_at, id, ended_at, status)
    WHERE ended_at IS NULL AND status <> 'draft';
CREATE INDEX port_request_ended ON port_request (account, changed_at, id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX port_request_all ON port_request (changed_at, id, status) WHERE status <> 'draft';
CREATE INDEX port_request_team ON port_request (changed_at, id, team_waits) WHERE team_waits = 1;
CREATE INDEX port_request_all_under_way ON port_request (changed_at, id, ended_at, status)
    WHERE ended_at IS NULL AND status <> 'draft';
CREATE INDEX port_request_all_ended ON port_request (changed_at, id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX port_request_reference ON port_request (reference);
CREATE INDEX port_request_drafts ON port_request (account, created_by) WHERE status = 'draft';
-- Those that these replace. A server of the version before does without them, more slowly.
DROP INDEX port_request_changed;
DROP INDEX port_request_changed_all;
DROP INDEX port_request_turn;
DROP INDEX port_request_open;
DROP INDEX port_request_draft;

-- Numbers by their beginning and their end.
CREATE INDEX port_number_reversed ON port_number (account, e164_reversed);
CREATE INDEX port_number_all_e164 ON port_number (e164);
CREATE INDEX port_number_all_reversed ON port_number (e164_reversed);
