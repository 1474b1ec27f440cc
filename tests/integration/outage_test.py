"""What everything around Portdesk does at times: the disk is full or read-only, the mail server and the carrier are away for an hour, the
clock goes back. People are told so, nothing is half, and afterwards all is caught up without a hand, nothing twice."""
import struct
import unittest

import database
import frame
import journey
from line import Line
from people import Person, Records
from postgres import Cluster

HOUR = 3600
BROKEN = frame.BUILD / "tests/lose/libbroken.so"


class OutageCase(unittest.TestCase):
    """One desk for all tests of a class. `desk_of` makes it."""

    @classmethod
    def desk_of(cls):
        return frame.Desk(cls.__name__)

    @classmethod
    def setUpClass(cls):
        cls.desk = cls.desk_of()
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.owner = Person(cls.desk, "owner")

    def tearDown(self):
        for program in (self.desk.portdesk, self.desk.sandbox):
            program.look()
            self.assertTrue(program.running(), f"{program.name} is gone:\n{program.tail()}")

    def told(self, page, status=503):
        """A page that says what to do, and nothing of files or databases."""
        self.assertEqual(page.status, status, page.text[:300])
        self.assertIn("does not work right now", page.text)
        self.assertIn("try again", page.text)
        self.assertNotIn("Go to the sign-in", page.text)
        for word in ("SQL", "database", "server", str(self.desk.data), "No space", "disk", "connection"):
            self.assertNotIn(word, page.text)

    def at_carrier(self, number):
        """Waits for the carrier to have it, while hours pass."""
        def look():
            if not self.desk.carrier_ports(number):
                self.desk.advance(120)
            return self.desk.carrier_ports(number)
        found = frame.wait_for(f"{number} at the carrier", look)
        self.assertEqual(len(found), 1, f"{number} is at the carrier {len(found)} times")
        return found[0]

    def all_is_caught_up(self, *numbers):
        """Each number once at the carrier, no job dead, nothing left to be sent."""
        for number in numbers:
            self.at_carrier(number)

        def quiet():
            self.desk.advance(120)
            return not self.records.rows("SELECT 1 FROM job WHERE state = 'dead' OR kind IN ('order_place', 'order_cancel', 'mail_send')")
        frame.wait_for("nothing left to be sent", quiet)
        self.assertEqual(self.records.rows("SELECT kind, problem FROM job WHERE state = 'dead'"), [])
        self.assertEqual(journey.carrier_duplicates(self.desk), 0)
        counts = {}
        for number in journey.carrier_numbers(self.desk):
            counts[number] = counts.get(number, 0) + 1
        self.assertEqual({number: count for number, count in counts.items() if count != 1}, {})
        self.assertEqual(self.records.database.whole(), [])

    def status(self, address):
        return self.records.one("SELECT status FROM port_request WHERE id = ?", address.rpartition("/")[2])


class DiskTest(OutageCase):
    """On a disk that says what a full or a read-only one says."""

    @classmethod
    def desk_of(cls):
        desk = frame.Desk(cls.__name__)
        cls.state = desk.directory / "disk-state"
        desk.environment.update({"LD_PRELOAD": str(BROKEN), "DISK_ROOT": str(desk.data.resolve()), "DISK_STATE": str(cls.state),
                                 "ASAN_OPTIONS": frame.ASAN + ":verify_asan_link_order=0"})
        return desk

    def broken(self, state):
        """Submitting, a new draft, an upload and signing in, in the middle of a port."""
        owner, desk = self.owner, self.desk
        going, mine = journey.number(), journey.number()
        under_way = owner.submitted([going])
        sid = self.at_carrier(going)["port_in_request_sid"]
        ready, draft = owner.ready([mine]), owner.draft()
        self.records.quiet()
        before = self.records.everything()
        self.state.write_text(state)
        self.addCleanup(self.state.unlink, missing_ok=True)

        if desk.database_url:
            self.assertEqual(owner.get(ready).status, 303)  # to its last step; the database is elsewhere
        else:
            self.told(owner.post(f"{ready}/submit", owner.submission()))
            self.told(owner.post("/requests"))
            self.told(desk.browser().get("/sign-in").form("password").submit(email=desk.address("agent"), password=desk.password))
        # Where the database goes on, the step is shown again with the sentence beside the bill.
        self.told(owner.upload(f"{draft}/steps/3", [("bill.pdf", journey.SAMPLE_BILL.read_bytes(), "application/pdf")],
                               [("bill_confirmed", "yes"), ("go", "upload")]), 422 if desk.database_url else 503)
        for address in ("/requests", under_way, f"{draft}/steps/3"):
            self.assertEqual(owner.get(address).status, 200, address)
        desk.control(f"ports/{sid}/next")  # its webhook cannot be kept
        for _ in range(6):
            desk.advance(HOUR // 6)
        if not desk.database_url:
            self.assertEqual(self.records.difference(before, self.records.everything()), "")

        self.state.unlink()
        done = owner.post(f"{ready}/submit", owner.submission())
        self.assertEqual((done.status, done.headers["Location"]), (303, ready))
        owner.bill(draft)
        self.all_is_caught_up(going, mine)
        frame.wait_for(f"{under_way} to know what happened at the carrier", lambda: self.status(under_way) != "submitted")

    def test_full(self):
        self.broken("full")

    def test_read_only(self):
        self.broken("readonly")


class AwayTest(OutageCase):
    """The mail server and the carrier are away."""

    @classmethod
    def desk_of(cls):
        desk = frame.Desk(cls.__name__)
        cls.mail, cls.carrier = Line(desk.mail_port), Line(desk.sandbox_port)
        cls.addClassCleanup(cls.mail.close)
        cls.addClassCleanup(cls.carrier.close)
        carrier = f"http://127.0.0.1:{cls.carrier.port}"
        desk.configure({"mail.smtp_url": f"smtp://127.0.0.1:{cls.mail.port}", "twilio.base_url": carrier,
                        "twilio.upload_url": carrier})
        return desk

    def an_hour_with(self, line, modes, each=None):
        """An hour of the shared clock, its parts in these modes; `each` acts at the beginning of a part."""
        for mode in modes:
            line.set(mode)
            if each:
                each(mode)
            calls = line.calls
            for _ in range(4):
                self.desk.advance(HOUR // len(modes) // 4)
            if mode != "down":
                frame.wait_for("a call meanwhile", lambda calls=calls: line.calls > calls)
        line.set("up")

    def test_mail_server(self):
        mine, signer = journey.number(), "away@harborlane.example"
        address = self.owner.submitted([mine], owner_email=signer, pin="0000")
        self.at_carrier(mine)
        self.records.quiet()
        known = len(self.desk.mails())

        def rejected(_mode):
            if not self.records.rows("SELECT 1 FROM job WHERE kind = 'mail_send'"):
                self.desk.control(f"ports/{journey.sign(self.desk, mine)}/next")
                frame.wait_for("a mail to send", lambda: self.records.rows("SELECT 1 FROM job WHERE kind = 'mail_send'"))
        self.an_hour_with(self.mail, ["down", "swallow"], rejected)
        self.assertEqual(self.owner.get(address).status, 200)
        self.all_is_caught_up(mine)
        fresh = [mail for mail in self.desk.mails()[known:] if "portdesk" in str(mail.get("from", ""))]
        seen = [(tuple(mail["to"]), mail["subject"]) for mail in fresh]
        self.assertTrue(seen)
        self.assertEqual(len(seen), len(set(seen)), seen)

    def test_carrier(self):
        numbers = {}

        def submit(mode):
            number = journey.number()
            numbers[number] = self.owner.submitted([number])
            self.assertEqual(self.owner.get(numbers[number]).status, 200, mode)
        self.an_hour_with(self.carrier, ["down", "error", "swallow", "down"], submit)
        self.all_is_caught_up(*numbers)
        for address in numbers.values():
            frame.wait_for(f"{address} to be under way", lambda address=address: self.status(address) != "submitting")


class DatabaseTest(OutageCase):
    """PostgreSQL is gone, and comes back."""

    @classmethod
    def desk_of(cls):
        cls.cluster = Cluster().create().start()
        cls.addClassCleanup(cls.cluster.remove)
        cls.addClassCleanup(setattr, database, "SERVER", database.SERVER)
        database.SERVER = cls.cluster.url
        return frame.Desk(cls.__name__)

    def submitted_meanwhile(self, disturb):
        """Somebody submits while the database goes; what came of it is sent again with the same key. The request's address."""
        owner, mine = self.owner, journey.number()
        ready = owner.ready([mine])
        disturb()
        answered = owner.post(f"{ready}/submit", owner.submission())
        if answered.status != 303:
            self.told(answered)
        return ready, mine

    def test_gone_and_back(self):
        owner = self.owner
        going = journey.number()
        under_way = owner.submitted([going])
        self.at_carrier(going)
        ready, mine = self.submitted_meanwhile(self.cluster.stop)
        for address in ("/requests", under_way):
            self.told(owner.get(address))
        self.told(owner.post("/requests"))
        self.told(owner.upload(f"{ready}/steps/3", [("bill.pdf", journey.SAMPLE_BILL.read_bytes(), "application/pdf")],
                               [("bill_confirmed", "yes"), ("go", "upload")]))
        for _ in range(6):
            self.desk.advance(HOUR // 6)
        self.cluster.start()
        self.records.close()
        type(self).records = Records(self.desk)
        done = owner.post(f"{ready}/submit", owner.submission())
        self.assertEqual((done.status, done.headers["Location"]), (303, ready))
        self.all_is_caught_up(going, mine)

    def test_a_backend_is_killed(self):
        """The server then restarts all of itself: every connection is lost at once."""
        ready, mine = self.submitted_meanwhile(lambda: self.assertTrue(self.cluster.kill_backend()))
        frame.wait_for("the database to be back", self.is_back)
        done = self.owner.post(f"{ready}/submit", self.owner.submission())
        self.assertEqual((done.status, done.headers["Location"]), (303, ready))
        self.records.close()
        type(self).records = Records(self.desk)
        self.all_is_caught_up(mine)

    def is_back(self):
        return self.owner.get("/requests").status == 200


class ClockTest(OutageCase):
    """The clock of the machine goes back."""

    def back(self, seconds):
        """Writes the shared clock's file (src/base/clock.c): the anchor that is not in use, and then the generation."""
        path = self.desk.directory / "clock"
        with open(path, "r+b") as file:
            generation, = struct.unpack_from("=I", file.read(64), 12)
            file.seek(16 + (generation & 1) * 24)
            real, virtual, speed = struct.unpack("=qqI", file.read(20))
            file.seek(16 + (generation + 1 & 1) * 24)
            file.write(struct.pack("=qqI", real, virtual - seconds * 1000000, speed))
            file.seek(12)
            file.write(struct.pack("=I", generation + 1))

    def test_an_hour_back(self):
        first, second, third = (journey.number() for _ in range(3))
        addresses = [self.owner.submitted([first])]
        self.at_carrier(first)
        self.back(HOUR)
        addresses.append(self.owner.submitted([second]))
        frame.wait_for(f"{second} at the carrier", lambda: self.desk.carrier_ports(second))
        # A process that starts in the earlier hour: who is signed in stays so, and new work is done at once.
        self.desk.portdesk.stop()
        self.desk.portdesk.start()
        self.owner.browser.close()
        addresses.append(self.owner.submitted([third]))
        frame.wait_for(f"{third} at the carrier", lambda: self.desk.carrier_ports(third))
        Person(self.desk, "agent")
        self.all_is_caught_up(first, second, third)
        for address, number in zip(addresses, (first, second, third)):
            sid = journey.sign(self.desk, number)
            frame.wait_for(f"{number} to be completed", lambda address=address, sid=sid: self.desk.control(f"ports/{sid}/next") and
                           self.status(address) == "completed")


if __name__ == "__main__":
    unittest.main()
