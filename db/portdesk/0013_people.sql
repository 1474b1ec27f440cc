-- What people did that matters for safety, and the mails about it.

-- Who did what, when, from where. Rows are added, never changed. It stands in the log of the account that it is about; the person
-- may be of another (the porting team), be gone by now, or be unknown (a failed sign-in).
CREATE TABLE audit_event (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL, -- name of enum audit_kind
    by_account TEXT, -- NULL: nobody signed in, or the desk itself
    by_user TEXT,
    by_name TEXT NOT NULL DEFAULT '', -- as it was then
    by_role TEXT NOT NULL DEFAULT '',
    client TEXT NOT NULL DEFAULT '', -- the client's address
    subject TEXT NOT NULL DEFAULT '', -- id of what it was done to
    about TEXT NOT NULL DEFAULT '', -- a few plain words; never a secret
    PRIMARY KEY (account, id)
);
CREATE INDEX audit_event_at ON audit_event (account, at);
CREATE INDEX audit_event_subject ON audit_event (account, subject);

-- Mail to a person about their account here: invitations, links to a new password, what concerns their safety. Mails about ports
-- stand in mail.
CREATE TABLE person_mail (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL, -- name of enum person_notice_kind
    to_name TEXT NOT NULL,
    to_address TEXT NOT NULL,
    by_name TEXT NOT NULL DEFAULT '', -- who did it, where it was another
    about TEXT NOT NULL DEFAULT '',
    client TEXT NOT NULL DEFAULT '', -- the address that it was done from
    link_sealed BLOB, -- path of the button with its token; wiped when the mail is gone out
    queued_at INTEGER NOT NULL,
    sent_at INTEGER,
    refused TEXT, -- the mail server's words
    PRIMARY KEY (account, id)
);
