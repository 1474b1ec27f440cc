-- What a whole life of a port at Twilio needs beside the port itself: declined letters, addresses by their SID, the configuration of
-- the letter's mail, and the pictures that it may carry.

ALTER TABLE port ADD COLUMN declined_at INTEGER;
ALTER TABLE port ADD COLUMN address_sid TEXT;
ALTER TABLE port ADD COLUMN bundle_sid TEXT;
ALTER TABLE port ADD COLUMN advance_carrier TEXT;
ALTER TABLE port ADD COLUMN auto_cancel TEXT;

-- The picture of a logo; nothing of a bill is kept.
ALTER TABLE document ADD COLUMN picture BLOB;

CREATE TABLE address (
    sid           TEXT PRIMARY KEY,
    customer_name TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    street        TEXT NOT NULL,
    street_2      TEXT NOT NULL,
    city          TEXT NOT NULL,
    region        TEXT NOT NULL,
    postal_code   TEXT NOT NULL,
    country       TEXT NOT NULL,
    created_at    INTEGER NOT NULL
);

-- One for each product and country; an empty country is for all of them.
CREATE TABLE signing_configuration (
    product         TEXT NOT NULL,
    country         TEXT NOT NULL,
    logo_sid        TEXT NOT NULL,
    friendly_name   TEXT NOT NULL,
    email_subject   TEXT NOT NULL,
    email_message   TEXT NOT NULL,
    url_redirection TEXT NOT NULL,
    PRIMARY KEY (product, country)
);
