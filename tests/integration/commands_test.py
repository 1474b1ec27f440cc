"""The command line as an operator uses it: init, user add, doctor, and that one process has the database."""
import json
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

from frame import ACCOUNT_SID, AUTH_TOKEN, BUILD, ROOT, Program, free_ports, write_ini

PASSWORD = "a long password\n"


class CommandsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="portdesk-commands-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.port = free_ports(1)[0]
        write_ini(self.folder / "portdesk.ini", {
            "web.listen": f"127.0.0.1:{self.port}",
            "web.base_url": "https://desk.example",
            "data.dir": self.data,
            "twilio.base_url": "http://127.0.0.1:1",
            "twilio.account_sid": ACCOUNT_SID,
            "twilio.auth_token": AUTH_TOKEN,
            "reader.program": BUILD / "src/billreader/portdesk-billreader",
        })

    def run_command(self, *words, typed=None):
        done = subprocess.run([BUILD / "portdesk", *words, "--config", self.folder / "portdesk.ini"], input=typed,
                              capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def add(self, account, role, email):
        return self.run_command("user", "add", "--account", account, "--name", "Somebody", "--email", email,
                                "--role", role, typed=PASSWORD)

    def test_a_new_desk(self):
        self.assertEqual(self.run_command("doctor").returncode, 1)
        for _ in range(2):  # an init that was interrupted can be repeated
            done = self.run_command("init")
            self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("portdesk.key", "portdesk.db"):
            self.assertEqual((self.data / name).stat().st_mode & 0o777, 0o600, name)
        cases = [
            ("Example Numbers", "porting_team", "nadia@example.com", 0),
            ("Harbor", "owner", "priya@example.com", 0),
            ("Harbor", "agent", "elena@example.com", 0),
            ("Harbor", "agent", "elena@example.com", 1),  # again
            ("Harbor", "porting_team", "tom@example.com", 1),  # would see every account
            ("Example Numbers", "owner", "max@example.com", 1),
            ("Harbor", "boss", "ben@example.com", 1),
            ("Harbor", "agent", "no address", 1),
        ]
        for account, role, email, code in cases:
            with self.subTest(account=account, role=role, email=email):
                done = self.add(account, role, email)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertNotIn(PASSWORD.strip(), done.stdout + done.stderr)
        self.assertEqual(self.run_command("init", "--demo").returncode, 1)  # no demo people where there is no demo
        done = self.run_command("doctor")
        self.assertEqual(done.returncode, 0, done.stdout)
        (self.data / "portdesk.key").chmod(0o644)
        done = self.run_command("doctor")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL  key file", done.stdout)

    def test_jobs_that_were_given_up_are_listed(self):
        self.assertEqual(self.run_command("jobs").returncode, 1)  # no database yet
        self.assertEqual(self.run_command("init").returncode, 0)
        self.assertEqual(self.run_command("jobs").stdout, "0 waiting, 0 running, 0 given up\n")
        with sqlite3.connect(self.data / "portdesk.db") as records:
            records.executemany(
                "INSERT INTO job (account, kind, subject, state, due, attempt, problem, changed_at)"
                " VALUES ('operator', 'connection_check', ?, ?, 0, 12, ?, 1792512000000000)",
                [("a", "dead", "\x1b[2J\tno \u009b31m such <host>"), ("b", "dead", None), ("c", "waiting", None)])
        records.close()
        lines = self.run_command("jobs").stdout.splitlines()
        self.assertEqual(lines[0], "1 waiting, 0 running, 2 given up")
        self.assertEqual([line.split("\t") for line in lines[1:]], [
            ["connection_check", "-", "operator", "2026-10-20T16:00:00Z", "12", "b", "-"],
            ["connection_check", "-", "operator", "2026-10-20T16:00:00Z", "12", "a", "?[2J?no ?31m such <host>"]])
        told = json.loads(self.run_command("jobs", "--json").stdout)
        self.assertEqual((told["waiting"], told["running"], told["dead"]), (1, 0, 2))
        self.assertEqual([(job["subject"], job["attempts"]) for job in told["jobs"]], [("b", 12), ("a", 12)])
        self.assertEqual(told["jobs"][1]["detail"], "\x1b[2J\tno \u009b31m such <host>")
        self.assertEqual(self.run_command("jobs", "--wrong").returncode, 2)

    def test_a_job_is_shown_tried_again_and_dropped(self):
        self.assertEqual(self.run_command("init").returncode, 0)
        with sqlite3.connect(self.data / "portdesk.db") as records:
            records.executemany(
                "INSERT INTO job (account, kind, subject, state, due, attempt, interrupted, problem, changed_at)"
                " VALUES (?, 'connection_check', ?, ?, 1792512000000000, 12, 2, ?, 1792512000000000)",
                [("operator", "a", "dead", "\x1b[2J no"), ("operator", "b", "dead", None), ("operator", "c", "waiting", None),
                 ("operator", "d", "dead", None), ("other", "d", "dead", None)])
        kind = "connection_check"
        shown = dict(line.split("\t") for line in self.run_command("jobs", "show", kind, "a").stdout.splitlines())
        self.assertEqual(shown, {
            "kind": kind, "subject": "a", "account": "operator", "account_name": "-", "request": "-", "state": "dead", "due": "-",
            "since": "2026-10-20T16:00:00Z", "attempts": "12", "interrupted": "2", "detail": "?[2J no"})
        told = json.loads(self.run_command("jobs", "show", kind, "c", "--json").stdout)
        self.assertEqual((told["state"], told["due"], told["interrupted"]), ("waiting", "2026-10-20T16:00:00Z", 2))
        for words, code, said in [
                (("jobs", "retry", kind, "a"), 0, "It is tried again"), (("jobs", "retry", kind, "a"), 1, "not stuck any more"),
                (("jobs", "drop", kind, "b"), 0, "was dropped"), (("jobs", "drop", kind, "b"), 1, "no job b"),
                (("jobs", "drop", kind, "c"), 1, "not stuck any more"), (("jobs", "show", kind, "d"), 1, "--account"),
                (("jobs", "drop", kind, "d", "--account", "other"), 0, "was dropped"), (("jobs", "show", kind, "d"), 0, "operator"),
                (("jobs", "show", kind), 2, "usage"), (("jobs", "mend", kind, "a"), 2, "usage"), (("jobs", "drop", kind, "d", "--json"), 2, "")]:
            with self.subTest(words=words):
                done = self.run_command(*words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(said, done.stdout + done.stderr)
        with sqlite3.connect(self.data / "portdesk.db") as records:
            self.assertEqual(records.execute("SELECT account, subject, state, attempt FROM job ORDER BY subject").fetchall(),
                             [("operator", "a", "waiting", 0), ("operator", "c", "waiting", 12), ("operator", "d", "dead", 12)])
        desk = Program("portdesk", [BUILD / "portdesk", "serve", "--config", self.folder / "portdesk.ini"],
                       self.folder / "serve.log", self.port)
        desk.start()
        self.addCleanup(desk.stop)
        self.assertEqual(self.run_command("jobs", "show", kind, "d").returncode, 0)
        for action in ("retry", "drop"):
            done = self.run_command("jobs", action, kind, "d")
            self.assertEqual(done.returncode, 1)
            self.assertIn("Use the page Stuck work, or stop the desk", done.stderr)

    def test_roles_need_a_database_that_can_be_shared(self):
        self.assertEqual(self.run_command("init").returncode, 0)
        for words, said in [(("--role", "web"), "On SQLite one process does all"), (("--role=worker",), "On SQLite one process does all"),
                            (("--serve.role", "worker"), "On SQLite one process does all"), (("--role", "boss"), "web, worker or all")]:
            with self.subTest(words=words):
                done = self.run_command("serve", *words)
                self.assertEqual(done.returncode, 1)
                self.assertIn(said, done.stderr)

    def test_one_process_has_the_database(self):
        self.assertEqual(self.run_command("init").returncode, 0)
        desk = Program("portdesk", [BUILD / "portdesk", "serve", "--config", self.folder / "portdesk.ini"],
                       self.folder / "serve.log", self.port)
        desk.start()
        self.addCleanup(desk.stop)
        self.assertEqual(self.add("Harbor", "owner", "priya@example.com").returncode, 1)
        self.assertEqual(self.run_command("init").returncode, 1)
        self.assertEqual(self.run_command("doctor").returncode, 0)

    def test_the_settings_in_the_docs_are_current(self):
        done = subprocess.run([BUILD / "portdesk", "settings", "--markdown"], capture_output=True, check=True)
        self.assertEqual(done.stdout, (ROOT / "docs/configuration.md").read_bytes())


if __name__ == "__main__":
    unittest.main()
