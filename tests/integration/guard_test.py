"""The guard (MISSION P11): a number that is being ported here is nobody's personal phone, and the other way round. A thousand numbers are
submitted and entered in My Settings at the same moment, by people at one process on SQLite and at several on PostgreSQL; once more with the
desk's own look before each write switched off, so that the constraints of the tables stand alone. There is no way but the pages yet: no
API and no command enters a number. PORTDESK_SEED repeats a run, PORTDESK_TRIES takes fewer or more."""
import os
import random
import re
import subprocess
import threading
import time
import unittest

import billreader_files as files
import database
import frame
import journey
import many
from people import Person

TRIES = int(os.environ.get("PORTDESK_TRIES", "100"))
LANES = 4
SEED = int(os.environ.get("PORTDESK_SEED") or random.SystemRandom().randrange(1 << 32))
ON_POSTGRES = bool(database.SERVER)
# Canadian ones: they are worked by hand, so that no carrier is asked about a thousand requests.
NUMBERS = [f"+1416{220 + index // 10000:03}{index % 10000:04}" for index in range(200, 200 + TRIES)]
COPIED = ("port_request", "document")


class TwoProcesses(many.ManyDesk):
    roles = ("all", "all")


def settings_of(person):
    """The fields of My Settings as they stand."""
    form = person.get("/settings").form("settings")
    return {name: form.value(name) for name in ("name", "time_zone", "version", "personal_phone")}


class Lane:
    """Somebody who submits, and somebody who enters the same numbers as personal phone."""

    def __init__(self, case, index):
        self.submitter, self.colleague = Person(case.desk, "owner"), case.colleague(index)
        self.version = int(settings_of(self.colleague)["version"])
        self.random = random.Random(SEED + index)
        self.tries = 0

    def account_step(self, address, number):
        typed = journey.TYPED
        self.submitter.wants(self.submitter.post(f"{address}/steps/1", [
            ("carrier", typed["carrier"]), ("numbers", number), ("go", "next")]), 303)
        return self.submitter.wants(self.submitter.post(f"{address}/steps/4", [
            *((name, typed[name]) for name in ("account_name", "account_type", "account_number", "pin")),
            ("btn", number), ("go", "next")]), 303)

    def submit(self, address):
        page = self.submitter.post(f"{address}/submit", self.submitter.submission())
        if page.status == 303 and page.headers["Location"] == address:
            return True
        # To the step with the error, or the step itself as it was refused.
        if page.status not in (303, 409):
            raise AssertionError(f"submitting: {page.status} {page.text[:500]}")
        return False

    def enter(self, number):
        page = self.colleague.post("/settings", [
            ("name", "Colleague"), ("personal_phone", number), ("time_zone", "America/New_York"),
            ("mails", "completed"), ("version", self.version)])
        if page.status == 303:
            self.version += 1
            return True
        if page.status not in (409, 422) or "changed in another window" in page.text:
            raise AssertionError(f"entering a phone: {page.status} {page.text[:500]}")
        return False

    def race(self, address, number):
        """Both at the same moment; of each eight tries one in either order, one after the other, where the first must win. What succeeded:
        (submission, phone)."""
        self.tries += 1
        if self.tries % 8 == 1:
            won = self.submit(address), self.enter(number)
            self.first_wins(won == (True, False), number, "submitted", won)
            return won
        if self.tries % 8 == 5:
            phone, port = self.enter(number), self.submit(address)
            self.first_wins((port, phone) == (False, True), number, "entered", (port, phone))
            return port, phone
        return self.at_once({"submit": lambda: self.submit(address), "enter": lambda: self.enter(number)})

    @staticmethod
    def first_wins(right, number, what, won):
        if not right:
            raise AssertionError(f"{number} was {what} first, but (submission, phone) is {won}")

    def at_once(self, calls):
        """In an order of the seed, without a wait between."""
        barrier, got = threading.Barrier(2), {}

        def go(name):
            barrier.wait()
            try:
                got[name] = calls[name]()
            except AssertionError as failure:
                got[name] = failure

        names = self.random.sample(sorted(calls), 2)
        thread = threading.Thread(target=go, args=names[:1])
        thread.start()
        go(names[1])
        thread.join()
        for each in got.values():
            if isinstance(each, Exception):
                raise each
        return got["submit"], got["enter"]


class Guard(frame.DeskCase):
    desk_class = TwoProcesses if ON_POSTGRES else frame.Desk
    environment: dict = {}

    @classmethod
    def setUpClass(cls):
        cls.desk = cls.desk_class(cls.__name__, cls.settings, cls.environment)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        owner = Person(cls.desk, "owner")
        cls.draft = owner.ready([NUMBERS[0]])
        cls.records().close()

    @classmethod
    def records(cls):
        return database.connect(cls.desk.database)

    def colleague(self, index):
        return Person(self.desk, f"lane{index}")

    def hire(self, count):
        """Colleagues of the owner; the desk rests meanwhile."""
        records = self.records()
        account = records.rows("SELECT a.name FROM account a JOIN app_user u ON u.account = a.id WHERE u.email = ?",
                               self.desk.address("owner"))[0][0]
        records.close()
        self.desk.portdesk.stop()
        for index in range(count):
            email = f"lane{index}@lanes.example"
            subprocess.run([frame.BUILD / "portdesk", "user", "add", "--account", account, "--name", "Colleague", "--email",
                            email, "--role", "agent", "--config", self.desk.config], input=f"{self.desk.password}\n",
                           text=True, check=True, capture_output=True, env={**os.environ, **self.desk.environment})
            self.desk.people.append((email, "lane"))

    def copies(self, count):
        """So many drafts like the one that was filled in: the wizard would take hours. The desk rests meanwhile."""
        records, made = self.records(), []
        columns = {name: records.table(name)[0] for name in COPIED}
        source = self.draft.rpartition("/")[2]
        document = records.rows("SELECT id FROM document WHERE request = ?", source)[0][0]
        for index in range(count):
            ids = {"port_request": source[:-6] + f"{index:06x}", "document": document[:-6] + f"{index:06x}"}
            for name, key in (("port_request", source), ("document", document)):
                values = {"id": f"'{ids[name]}'", "request": f"'{ids['port_request']}'", "reference": f"'PR-9{index:06}'",
                          "account_number_sealed": "NULL"}
                kept = ", ".join(values[each] if each in values else each for each in columns[name])
                records.write(f"INSERT INTO {name} ({', '.join(columns[name])}) SELECT {kept} FROM {name} WHERE id = ?", key)
            made.append(f"/requests/{ids['port_request']}")
        records.close()
        return made

    def both(self, records):
        """Numbers that are a personal phone and something else: there must be none."""
        return records.rows("SELECT u.personal_phone FROM app_user u JOIN port_number n ON n.account = u.account AND"
                            " n.claimed = u.personal_phone UNION SELECT u.personal_phone FROM app_user u JOIN number i"
                            " ON i.account = u.account AND i.e164 = u.personal_phone")

    def test_a_thousand_at_the_same_moment(self):
        self.hire(LANES)
        drafts = self.copies(TRIES)
        self.desk.portdesk.start()
        lanes = [Lane(self, index) for index in range(LANES)]
        results, failures = [], []

        def drive(lane, share):
            try:
                for address, number in share:
                    lane.account_step(address, number)
                    began = time.monotonic()
                    results.append((number, *lane.race(address, number), time.monotonic() - began))
            except Exception as failure:  # shown below, where the test fails by it
                failures.append(failure)

        pairs = list(zip(drafts, NUMBERS))
        threads = [threading.Thread(target=drive, args=(lane, pairs[index::LANES])) for index, lane in enumerate(lanes)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        took = time.monotonic() - began
        ports = [number for number, port, _, _ in results if port]
        phones = [number for number, _, phone, _ in results if phone]
        middle = sorted(each[3] for each in results)[len(results) // 2]
        print(f"\n{type(self).__name__}, {'two processes on PostgreSQL' if ON_POSTGRES else 'SQLite'}, seed {SEED}: {len(results)} tries,"
              f" {len(ports)} ports, {len(phones)} phones, {took:.0f} s, middle of both {middle * 1000:.0f} ms")
        self.assertEqual(len(results), TRIES)
        self.assertEqual([number for number, port, phone, _ in results if port and phone], [])
        self.assertEqual([number for number, port, phone, _ in results if not port and not phone], [])
        self.assertGreater(len(ports), TRIES // 50)  # both orders did happen: by the tries that are one after the other
        self.assertGreater(len(phones), TRIES // 50)
        records = self.records()
        self.addCleanup(records.close)
        self.assertEqual(self.both(records), [])
        # What is claimed is what was won, and a phone that was changed holds nothing any more.
        claimed = {number for number, in records.rows("SELECT e164 FROM number_use WHERE kind = 'port'")}
        self.assertEqual(claimed, set(ports))
        held = {number for number, in records.rows("SELECT e164 FROM number_use WHERE kind = 'personal'")}
        self.assertEqual(held, {number for number, in records.rows(
            "SELECT personal_phone FROM app_user WHERE personal_phone IS NOT NULL")})
        self.assertLessEqual(len(held), LANES)


class BlindGuard(Guard):
    """The desk does not look: the constraints alone decide."""
    environment = {"PORTDESK_TEST_GUARD": "constraints"}


if __name__ == "__main__":
    unittest.main()
