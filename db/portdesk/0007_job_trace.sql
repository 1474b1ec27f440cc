-- The id of the request that added a job last: the job runs under it, in the log and towards the carrier. It is no secret.
ALTER TABLE job ADD COLUMN trace TEXT;
