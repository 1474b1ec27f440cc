-- Who of the porting team began the request for the person who has it (created_by); NULL: nobody, they began it themselves.
ALTER TABLE port_request ADD COLUMN begun_by TEXT;
-- The drafts that the team began for a person, newest first.
CREATE INDEX port_request_begun_for ON port_request (account, created_by, id) WHERE status = 'draft' AND begun_by IS NOT NULL;
