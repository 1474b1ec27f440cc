-- For the list of what did not go on by itself: mails that were refused, the request of the last order that had an unknown word.
CREATE INDEX mail_refused ON mail (queued_at) WHERE refused IS NOT NULL;
CREATE INDEX carrier_order_id ON carrier_order (id);
