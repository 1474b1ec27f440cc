"""Several processes on one PostgreSQL database go the journeys, while transactions fail at random for not being serializable."""
import re
import unittest

import database
import journey_test
import many
from frame import Browser

ENGINES = {"postgres"}

# Any statement that writes may turn out not to be serializable: what a busy server does now and then, here it does often.
CHAOS = """
CREATE FUNCTION chaos() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF random() < 0.05 THEN RAISE EXCEPTION 'could not serialize (injected)' USING ERRCODE = '40001'; END IF;
    RETURN NULL;
END $$"""


def inject(address):
    records = database.connect(address)
    records.write(CHAOS)
    for name in records.names():
        if not name.startswith("schema_"):
            records.write(f"CREATE TRIGGER chaos AFTER INSERT OR UPDATE OR DELETE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION chaos()")
    records.close()


def repeats(desk):
    """Transactions that the processes repeated, added up."""
    total = 0
    for program in desk.portdesk.programs:
        browser = Browser(f"http://127.0.0.1:{program.port}")
        text = browser.get("/metrics").body.decode()
        browser.close()
        total += int(float(re.search(r'^portdesk_db_retries_total\{[^}]*serialization[^}]*\} (\S+)', text, re.M)[1]))
    return total


class ManyProcesses(journey_test.Journey):
    desk_class = many.ManyDesk

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        inject(cls.desk.database)
        cls.addClassCleanup(cls.check_repeats)

    @classmethod
    def check_repeats(cls):
        """It did happen, all the time, and nobody saw it."""
        if repeats(cls.desk) < 50:
            raise AssertionError("hardly a transaction was repeated: nothing was injected")


class WebApartFromWork(journey_test.Journey):
    """Processes that answer people and others that do the work."""

    class Apart(many.ManyDesk):
        roles = ("web", "web", "worker", "worker")

    desk_class = Apart





if __name__ == "__main__":
    unittest.main()
