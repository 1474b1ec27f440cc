-- The part of the wished day that would suit: name of enum wish_time; NULL: any time.
ALTER TABLE port_request ADD COLUMN wished_time TEXT;
