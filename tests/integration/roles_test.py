"""Processes with roles of their own on one PostgreSQL database: what each does and does not do, and what becomes of the jobs of one
that dies, is paused, or is told to stop."""
import os
import signal
import unittest
import urllib.parse

import database
import frame
import journey
import many
from browser import Browser
from line import Line
from people import Records

ENGINES = {"postgres"}


def ask(port, path, method="GET"):
    browser = Browser(f"http://127.0.0.1:{port}", timeout=10)
    try:
        return browser.request(method, path, b"" if method == "POST" else None, {}, redirects=0)
    finally:
        browser.close()


class RolesCase(unittest.TestCase):
    roles = ("web", "worker", "worker")

    @classmethod
    def setUpClass(cls):
        cls.desk = type("RolesDesk", (many.ManyDesk,), {"roles": cls.roles})(cls.__name__)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.programs = cls.desk.portdesk.programs

    def processes(self):
        """The ids of the processes that are known to run jobs."""
        return {row[0] for row in self.records.rows("SELECT id FROM job_worker")}

    def submitted(self):
        number = journey.number()
        journey.submit(self.desk.sign_in(), [number])
        return number

    def at_carrier(self, number):
        def look():
            if not self.desk.carrier_ports(number):
                self.desk.advance(5)  # waits between attempts are on the shared clock
            return self.desk.carrier_ports(number)
        self.assertEqual(len(frame.wait_for(f"{number} at the carrier", look)), 1)
        self.assertEqual(journey.carrier_duplicates(self.desk), 0)


class Parts(RolesCase):
    roles = ("web", "worker")

    def test_a_worker_answers_for_itself_alone(self):
        port = self.programs[1].port
        for path in ("/healthz", "/readyz", "/metrics"):
            self.assertEqual(ask(port, path).status, 200, path)
        for method, path in (("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/requests"), ("GET", "/team/stuck"),
                             ("POST", "/hooks/twilio/" + "0" * 32)):
            self.assertEqual(ask(port, path, method).status, 404, path)

    def test_the_web_runs_no_jobs(self):
        """Without a worker a request is taken and waits; the next worker does what is to do."""
        worker = self.programs[1]
        worker.stop()
        self.assertEqual(self.processes(), set())
        number = self.submitted()
        waiting = self.records.one("SELECT state, attempt FROM job WHERE kind = 'order_place'")
        self.assertEqual(waiting, ("waiting", 0))
        self.assertEqual(self.desk.carrier_ports(number), [])
        worker.start()
        self.at_carrier(number)
        self.assertEqual(len(self.processes()), 1)


class Killed(RolesCase):
    def test_what_it_ran_is_taken_over(self):
        """A worker dies of kill -9 in the middle of a call to the carrier."""
        victim, other = self.programs[1:]
        victim.stop()
        other.stop()
        number = self.submitted()
        victim.start({"PORTDESK_FAILPOINT": "carrier-during-call"}, wait=False)
        self.assertEqual(victim.process.wait(60), -signal.SIGKILL)
        self.assertGreater(len(self.records.rows("SELECT 1 FROM job WHERE state = 'running'")), 0)
        dead = self.processes()
        self.assertEqual(len(dead), 1)
        other.start()
        frame.wait_for("the dead one's place to be cleared", lambda: not dead & self.processes())
        self.assertIn("jobs.worker_died", other.log.read_text())
        self.at_carrier(number)
        victim.start()


class Paused(RolesCase):
    roles = ("web", "worker", "worker")

    def test_it_comes_back_under_a_new_name(self):
        paused, other = self.programs[1:]
        before = frame.wait_for("two processes", lambda: len(self.processes()) == 2 and self.processes())
        os.kill(paused.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, paused.process.pid, signal.SIGCONT)
        left = frame.wait_for("its place to be cleared", lambda: len(self.processes()) == 1 and self.processes())
        self.assertLess(left, before)
        self.at_carrier(self.submitted())  # the other does all
        os.kill(paused.process.pid, signal.SIGCONT)
        after = frame.wait_for("it to be back", lambda: len(self.processes()) == 2 and self.processes())
        self.assertEqual(len(after & before), 1)
        self.assertIn("jobs.declared_dead", paused.log.read_text())
        other.stop()
        self.at_carrier(self.submitted())
        other.start()


class Ready(unittest.TestCase):
    """The database is away for a while."""

    @classmethod
    def setUpClass(cls):
        address = database.new("ready")
        cls.addClassCleanup(database.drop, address)
        parts = urllib.parse.urlsplit(address)
        cls.line = Line(parts.port)
        cls.addClassCleanup(cls.line.close)
        through = parts._replace(netloc=f"{parts.username}@127.0.0.1:{cls.line.port}")
        cls.desk = frame.Desk("ready", {"database.url": urllib.parse.urlunsplit(through)})
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()

    def look(self, path="/readyz"):
        page = ask(self.desk.port, path)
        return page.status, page.body.decode().strip()

    def test_ready_means_that_the_database_answers(self):
        self.assertEqual(self.look(), (200, "ok"))
        self.line.set("down")
        frame.wait_for("503", lambda: self.look()[0] == 503)
        self.assertRegex(self.look()[1], "^not ready: the database")
        self.assertEqual(self.look("/healthz"), (200, "ok"))
        calls = self.line.calls
        for _ in range(50):
            self.assertEqual(self.look()[0], 503)
        self.assertLess(self.line.calls - calls, 50)  # not one look at the database for each that is asked for
        self.line.set("up")
        frame.wait_for("200", lambda: self.look()[0] == 200)


if __name__ == "__main__":
    unittest.main()
