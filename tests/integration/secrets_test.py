"""No secret stands where it does not belong. Recognisable ones are planted and go a whole life: submission, rejection,
correction, webhooks, a carrier and a mail server that fail and repeat what they were told, wrong and malformed requests, a kill,
all with the log at debug. Then they are looked for, in many forms, in everything that the programs wrote."""
import base64
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import unittest
import urllib.parse

import database
import faulty
import frame
import journey
from people import Person, Records, encode, routes
from secret_forms import Searched, base64_middles, forms

PASSWORD = "Plnt-Kq8Zw-own-Passwort"
WRONG_PASSWORD = "Plnt-Vy2Jx-wrong-Passwort"
PINS = ("Q7Z4XK1W9PJ3", "W3N8VQ5ZT2KD", "K6R2JX9QM4ZB", "Z8H5WK3QV7XN")
ACCOUNT_NUMBERS = ("ZQX88412073PLN", "ZQX55190274PLN")
MAIL_PASSWORD = "Plnt-Mx4Qd-mail-Passwort"
METRICS_TOKEN = "Plnt-Tz6Rw-metrics-token"
BILL_MARK = b"Plnt-Bw9Kf-bill-contents"
SMUGGLED = "Plnt-Hz3Vn-event-body"  # in a webhook's body
USER = "planted@harborpine.example"

# What those whose request it is, and the porting team, see on its pages: the account number, as long as the port is not done. Number 1 is of
# a request that is.
ON_PAGES = {"account number 0", "bill"}
WHO_SEE = {"owner", "admin", "porting_team"}


class Forms(unittest.TestCase):
    """The search itself: it must find what is there."""

    def test_every_form_is_found(self):
        secret = b"Plnt/Qz+8 &secret"
        for form, written in forms(secret).items():
            with self.subTest(form):
                searched = Searched()
                searched.plant("it", secret)
                searched.look("here", b"some bytes before \0" + written + b" and behind")
                self.assertEqual(len(searched.found), 1, searched.found)
        for before in range(7):
            for coded in (base64.b64encode, base64.urlsafe_b64encode):
                searched = Searched()
                searched.plant("it", secret)
                searched.look("here", coded(b"x" * before + secret + b"y" * before))
                self.assertEqual(len(searched.found), 1, (before, searched.found))

    def test_nothing_is_found_where_nothing_is(self):
        searched = Searched()
        searched.plant("it", b"Plnt-Qz8-secret")
        searched.look("here", os.urandom(1 << 20))
        searched.look("there", b"Plnt-Qz8-secret", allowed=("it",))
        self.assertEqual(searched.found, [])
        self.assertEqual([len(each) for each in base64_middles(b"123456789", base64.b64encode)], [12, 11, 11])


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.searched = Searched()
        cls.mailer = faulty.Mailer()
        cls.addClassCleanup(cls.mailer.close)
        cls.desk = frame.Desk(cls.__name__)
        cls.carrier = faulty.Carrier(cls.desk.sandbox_origin)
        cls.addClassCleanup(cls.carrier.close)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.configure({
            "twilio.base_url": cls.carrier.url, "twilio.upload_url": cls.carrier.url, "mail.smtp_url": cls.mailer.url,
            "mail.user": "mailer@plant.example", "mail.password": MAIL_PASSWORD, "metrics.token": METRICS_TOKEN,
            "log.level": "debug"})
        cls.said = []  # by commands: (which, what)
        cls.start()
        cls.plant()
        cls.live()
        cls.misbehave()

    @classmethod
    def start(cls):
        """A user of our own beside the demo's, whose password nobody else knows."""
        cls.desk.start()
        cls.desk.portdesk.stop()
        done = subprocess.run(
            [frame.BUILD / "portdesk", "user", "add", "--account", "Harbor & Pine Realty", "--name", "Pat Planted", "--email", USER,
             "--role", "owner", "--config", cls.desk.config], input=PASSWORD + "\n", capture_output=True, text=True, timeout=60,
            check=True)
        cls.said.append(("user add", done.stdout + done.stderr))
        cls.desk.portdesk.start()

    @classmethod
    def plant(cls):
        searched = cls.searched
        searched.plant("password", PASSWORD)
        searched.plant("wrong password", WRONG_PASSWORD)
        for i, pin in enumerate(PINS):
            searched.plant(f"PIN {i}", pin)
        for i, number in enumerate(ACCOUNT_NUMBERS):
            searched.plant(f"account number {i}", number)
        searched.plant("mail password", MAIL_PASSWORD)
        searched.plant("metrics token", METRICS_TOKEN)
        searched.plant("Twilio token", frame.AUTH_TOKEN)
        searched.plant("bill", BILL_MARK)
        searched.plant("event", SMUGGLED)
        keys = re.findall(r"\b[0-9a-f]{64}\b", (cls.desk.data / "portdesk.key").read_text())
        if len(keys) < 2:
            raise AssertionError("the key file is not as it was thought")
        for i, key in enumerate(keys):
            searched.plant(f"key {i}", bytes.fromhex(key))
        frame.wait_for("the webhook's address", cls.hook)
        searched.plant("webhook's address", cls.hook().rpartition("/")[2])

    @classmethod
    def hook(cls):
        connection = sqlite3.connect(cls.desk.directory / "sandbox/sandbox.db")
        found = connection.execute("SELECT url FROM webhook").fetchall()
        connection.close()
        return found[0][0] if found else None

    @classmethod
    def sign_in(cls, address, password):
        browser = cls.desk.browser()
        page = browser.get("/sign-in").form("password").submit(email=address, password=password)
        token = browser.cookies.get("portdesk") or browser.cookies["portdesk-visitor"]
        cls.searched.plant(f"cookie of {address} {len(cls.searched.forms)}", token)
        return browser, page

    @classmethod
    def live(cls):
        """Two ports that come to their end, one of them by way of a rejection, and one that the carrier fails at."""
        marked = cls.desk.directory / "bill.pdf"
        marked.write_bytes(journey.SAMPLE_BILL.read_bytes() + b"\n%" + BILL_MARK + b"\n")
        sample, journey.SAMPLE_BILL = journey.SAMPLE_BILL, marked
        cls.addClassCleanup(setattr, journey, "SAMPLE_BILL", sample)
        wrong, page = cls.sign_in(USER, WRONG_PASSWORD)
        if page.status != 422:
            raise AssertionError(f"a wrong password: {page.status}")
        cls.person, page = cls.sign_in(USER, PASSWORD)
        if page.path != "/requests":
            raise AssertionError(f"signing in led to {page.path}")
        # The PINs and account numbers fit no carrier that the directory knows the form of.
        typed = {"carrier": "Dialpad"}
        number = journey.number()
        cls.requests = [journey.submit(cls.person, [number], pin=PINS[0], account_number=ACCOUNT_NUMBERS[0], **typed).path]
        sid = journey.sign(cls.desk, number)
        journey.status_on(cls.person, cls.requests[0], "Completed", cls.desk, sid)
        cls.rejected_and_fixed(typed)
        cls.failed_at(typed)

    @classmethod
    def rejected_and_fixed(cls, typed):
        number = journey.number()
        address = journey.submit(cls.person, [number], pin="0000", account_number=ACCOUNT_NUMBERS[1], **typed).path
        cls.requests.append(address)
        sid = journey.sign(cls.desk, number)
        cls.mailer.fault = "sign-in"  # the mail about it does not go out
        page = journey.status_on(cls.person, address, "Action Required", cls.desk, sid)
        page = page.follow("/fix").form("pin").submit(pin=PINS[1])
        if page.status != 200:
            raise AssertionError(f"correcting: {page.status} {page.text[:300]}")
        frame.wait_for("mails to be refused", lambda: cls.mailer.faults)
        cls.mailer.fault = None

        def corrected():
            newest = cls.desk.carrier_ports(number)[0]["port_in_request_sid"]
            if newest == sid:
                cls.desk.control(f"ports/{sid}/next")
            return newest != sid
        frame.wait_for("the corrected order", corrected)
        journey.status_on(cls.person, address, "Completed", cls.desk, journey.sign(cls.desk, number))

    @classmethod
    def failed_at(cls, typed):
        """Each kind of refusal, at the create and elsewhere; every answer repeats what was sent."""
        for status, path in ((500, "/PortIn"), (400, "/PortIn"), (401, "/Documents"), (429, "/Portability")):
            cls.carrier.fault, cls.carrier.fault_at, cls.carrier.faults = status, path, 0
            cls.requests.append(journey.submit(cls.person, [journey.number()], pin=PINS[2],
                                               account_number=ACCOUNT_NUMBERS[0], **typed).path)
            frame.wait_for(f"{status} at {path}", lambda: cls.carrier.faults)
            cls.keep_jobs()
        cls.carrier.fault = None
        cls.mailer.fault, cls.mailer.faults = "recipient", 0

    @classmethod
    def keep_jobs(cls):
        """The queue as it is now: its rows go when they are done."""
        records = Records(cls.desk)
        rows = frame.wait_for("a job that failed", lambda: records.rows("SELECT * FROM job WHERE problem IS NOT NULL"))
        cls.said.append(("job", repr(rows)))
        records.close()

    @classmethod
    def misbehave(cls):
        """Secrets where no secret belongs, sent by a client that has them."""
        cls.person.get("/requests")
        planted = [("pin", PINS[3]), ("password", PASSWORD), ("account_number", ACCOUNT_NUMBERS[0]), ("email", USER)]
        query = urllib.parse.urlencode(planted)
        person = Person(cls.desk, "owner")
        cls.searched.plant("cookie of the owner", person.browser.cookies["portdesk"])
        cls.searched.plant("CSRF token of the owner", person.csrf)
        draft = person.draft()
        for route in routes():
            path = re.sub(r"\{id\}", draft.rpartition("/")[2], route["pattern"])
            path = re.sub(r"\{\w+\}", "x", path)
            if path == "/sign-out":
                continue
            person.get(f"{path}?{query}")
            if route["method"] == "POST":
                big = [("numbers", "x" * (route["limit"] + 10))]
                person.post(path, planted)
                person.post(path, [*planted, *big])
                person.send(path, encode([("csrf", "wrong"), *planted]), "application/x-www-form-urlencoded")
                person.send(path, encode(planted), "text/plain")
                person.send(path, b"\xff" + encode(planted), "application/x-www-form-urlencoded")
                person.upload(path, [("x.pdf", BILL_MARK, "application/pdf")], planted)
        person.get(f"/{PASSWORD}/{PINS[3]}")
        person.get("/requests/" + PINS[3])
        person.get("/requests/pr_" + "0" * 32, {"X-Request-Id": PINS[3], "Referer": f"http://x/?{query}"})
        for method in ("PUT", "DELETE", PASSWORD.replace("-", "")):
            person.browser.request(method, f"{cls.desk.origin}/requests?{query}", None, {}, 0)
        cls.malformed(query)
        cls.events()
        cls.after_a_kill()

    @classmethod
    def malformed(cls, query):
        cookie = "Cookie: portdesk=" + cls.person.cookies["portdesk"]
        for head in (f"GET /requests?{query} HTTP/1.1\r\n{cookie}", f"GET /requests?{query} HTTP/1.1\r\nHost: x\r\nHost: {PASSWORD}\r\n{cookie}",
                     f"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: {PINS[3]}\r\n{cookie}", f"{PASSWORD}\r\n{cookie}",
                     f"GET /%zz{PASSWORD} HTTP/1.1\r\nHost: x\r\n{cookie}", f"GET / HTTP/1.1\r\nHost: x\r\n{PASSWORD}\r\n{cookie}"):
            with socket.create_connection(("127.0.0.1", cls.desk.port), timeout=60) as wire:
                wire.sendall(head.encode() + b"\r\n\r\n")
                answer = b""
                while piece := wire.recv(65536):
                    answer += piece
            cls.said.append(("answer to a malformed request", answer.decode("latin-1")))

    @classmethod
    def events(cls):
        """Webhooks, true and forged, that hold a secret; the address itself is one."""
        hook = urllib.parse.urlsplit(cls.hook()).path
        sid = cls.desk.carrier_ports()[0]["port_in_request_sid"]
        visitor = cls.desk.browser()
        for path, body, headers in (
                (hook, f'{{"port_in_request_sid": "{sid}", "status": "{SMUGGLED}", "pin": "{PINS[3]}"}}', {}),
                (hook, f'{{"port_in_request_sid": "{SMUGGLED}"}}', {}), (hook, SMUGGLED, {}),
                (hook + "?" + SMUGGLED, f'{{"port_in_request_sid": "{sid}"}}', {"X-Twilio-Signature": SMUGGLED}),
                (hook[:-1] + "x", SMUGGLED, {})):
            visitor.request("POST", cls.desk.origin + path, body.encode(), {"Content-Type": "application/json", **headers}, 0)

    @classmethod
    def after_a_kill(cls):
        cls.desk.portdesk.kill()
        cls.desk.portdesk.start()
        cls.backup = cls.desk.directory / "whole.backup"
        for words in (["backup", cls.backup], ["jobs"], ["jobs", "--json"], ["settings"], ["metrics"], ["doctor"], ["doctor", "--deep"]):
            done = cls.desk.command(*words, check=False)
            cls.said.append((" ".join(map(str, words)), done.stdout + done.stderr))
        done = subprocess.run([frame.BUILD / "portdesk", "serve", "--config", cls.desk.config, "--twilio.account_sid", "wrong"],
                              capture_output=True, text=True, timeout=60, check=False)
        cls.said.append(("a second serve", done.stdout + done.stderr))

    def setUp(self):
        self.searched.found.clear()

    def nothing(self, least):
        """Nothing was found, in at least so many bytes: a search of nothing proves nothing."""
        self.assertEqual(self.searched.found, [])
        self.assertGreater(self.searched.bytes, least)
        self.searched.bytes = 0

    def test_the_secrets_were_used(self):
        """The life was as it is meant: the carrier, the mail server and the pages have seen what they are to know."""
        self.assertTrue(any(MAIL_PASSWORD.encode() in told for told in self.mailer.signed_in))
        self.assertTrue(self.mailer.mails)
        carrier = sqlite3.connect(self.desk.directory / "sandbox/sandbox.db")
        told = {number for number, in carrier.execute("SELECT account_number FROM port")}
        carrier.close()
        self.assertEqual(told, set(ACCOUNT_NUMBERS))
        self.assertIn("repeat a secret", repr(self.said))
        page = self.person.get(self.requests[0])
        self.assertEqual(page.status, 200)

    def test_logs(self):
        for path in sorted(self.desk.logs.glob("*.log")):
            self.searched.look(path.name, path.read_bytes())
        self.nothing(50_000)

    def test_what_commands_and_refusals_say(self):
        for which, said in self.said:
            self.searched.look(which, said.encode("latin-1", "replace"))
        self.nothing(10_000)

    def test_tables(self):
        tables = database.connect(self.desk.database)
        for name in tables.names():
            columns, rows = tables.table(name)
            for row in rows:
                for column, value in zip(columns, row):
                    self.searched.look(f"{name}.{column}", value if isinstance(value, bytes) else str(value).encode())
        tables.close()
        self.nothing(10_000)

    def test_files(self):
        """The database as bytes, with what SQLite leaves in pages that are free, and in its log; the documents."""
        for path in sorted(self.desk.data.rglob("*")):
            if path.is_file():
                keys = {name for name in self.searched.forms if name.startswith("key ")}
                self.searched.look(path.name, path.read_bytes(), keys if path.name == "portdesk.key" else ())
        self.nothing(20_000)

    def test_backup(self):
        """It is not compressed, so what is in it can be seen; without --with-key there is no key in it."""
        content = self.backup.read_bytes()
        self.assertIn(self.requests[0].rpartition("/")[2].encode(), content)
        self.searched.look("the backup", content)
        self.nothing(20_000)

    def test_mails(self):
        for i, mail in enumerate(self.mailer.mails):
            self.searched.look(f"mail {i}", mail)
        self.nothing(1000)

    def test_the_carrier_keeps_no_more_than_it_must(self):
        """The sandbox carrier knows account numbers and its own webhook's address; PINs and tokens it forgets."""
        known = {"account number 0", "account number 1", "webhook's address"}
        for path in sorted((self.desk.directory / "sandbox").rglob("*")):
            if path.is_file():
                self.searched.look(path.name, path.read_bytes(), known)
        self.nothing(10_000)

    def test_metrics(self):
        page = self.desk.browser().get("/metrics", {"Authorization": "Bearer " + METRICS_TOKEN})
        self.assertEqual(page.status, 200)
        self.searched.look("/metrics", page.body)
        self.nothing(1000)

    def test_pages(self):
        """All that is shown to each role. A page holds its reader's own CSRF token, which no other page holds."""
        for who in ("owner", "admin", "agent", "porting_team", "tom", None):
            browser = self.desk.sign_in(who) if who else self.desk.browser()
            allowed = ON_PAGES if who in WHO_SEE else ()
            for route in routes():
                if route["method"] != "GET" or "{document}" in route["pattern"] or route["page"] == "static":
                    continue
                for request in self.requests if "{id}" in route["pattern"] else [""]:
                    path = route["pattern"].replace("{id}", request.rpartition("/")[2])
                    page = browser.get(path)
                    self.searched.look(f"{path} of {who}", page.body + repr(page.headers.items()).encode(), allowed)
        self.nothing(100_000)

    def test_processes(self):
        """Command lines and environments of the desk and of all that it started."""
        wanted, looked = [self.desk.portdesk.process.pid], 0
        while wanted:
            pid = wanted.pop()
            proc = pathlib.Path(f"/proc/{pid}")
            self.searched.look(f"command line of {pid}", (proc / "cmdline").read_bytes())
            self.searched.look(f"environment of {pid}", (proc / "environ").read_bytes())
            looked += 1
            for task in (proc / "task").iterdir():
                wanted += [int(child) for child in (task / "children").read_text().split()]
        self.assertGreaterEqual(looked, 2)
        self.nothing(100)


class Start(unittest.TestCase):
    """What is said when the desk cannot start, with secrets in its settings."""

    def said(self, settings, environment=None):
        desk = frame.Desk("secrets_start", settings)
        self.addCleanup(desk.stop)
        desk.command("init", check=False)
        done = subprocess.run([frame.BUILD / "portdesk", "serve", "--config", desk.config], capture_output=True, text=True,
                              env={**os.environ, **(environment or {})}, timeout=120, check=False)
        self.assertNotEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_no_secret_is_said(self):
        searched = Searched()
        secret = "Plnt-Dw7Xq-database"
        searched.plant("it", secret)
        port = frame.free_ports(1)[0]
        for what, settings, environment in (
                ("no such server", {"database.url": f"postgresql://desk:{secret}@127.0.0.1:{port}/desk"}, None),
                ("no such scheme", {"database.url": f"mysql://desk:{secret}@127.0.0.1/desk"}, None),
                ("malformed address", {"database.url": f"postgresql://desk:{secret}@:x:/?x=%zz"}, None),
                ("unknown setting", {"database.pasword": secret}, None),
                ("no such store of documents", {"documents.url": f"ftp://desk:{secret}@127.0.0.1/x",
                                                "documents.secret_key": secret}, None),
                ("malformed SID", {"twilio.auth_token": secret, "twilio.account_sid": "x"}, None),
                ("no file of a secret", {"mail.password_file": "/nowhere", "twilio.auth_token": secret}, None),
                ("of the environment", {"twilio.account_sid": "x"}, {"PORTDESK_TWILIO_AUTH_TOKEN": secret}),
                ("secret in the mail server's address", {"mail.smtp_url": f"smtp://user:{secret}@127.0.0.1"}, None)):
            with self.subTest(what):
                said = self.said(settings, environment)
                self.assertTrue(said)
                searched.look(what, said.encode())
        self.assertEqual(searched.found, [])


if __name__ == "__main__":
    unittest.main()
