"""Starts the real programs for a test: Portdesk, the sandbox carrier and the bill reader, in a directory of their own, on
free ports, with one shared clock. A report of a sanitizer, an exit that was not asked for and a program that does not end
when told are failures, whatever the test itself says."""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import database
from browser import Browser, urlencoded
from ports import free_ports

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Where the programs are: the build with sanitizers, unless told otherwise.
BUILD = pathlib.Path(os.environ.get("PORTDESK_BUILD", ROOT / "build-test"))
LOGS = pathlib.Path(os.environ.get("PORTDESK_LOGS", ROOT / "build-test/logs"))
EXAMPLES = ROOT / "examples"

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "fedcba98765432101032547698badcfe"

ASAN = "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99"
SANITIZER = re.compile(r"(ERROR|SUMMARY|WARNING): \w*Sanitizer|runtime error:")


def wait_for(what, until, seconds=60):
    """Polls until the function gives something true. Waits for real work of other processes, never for time of day."""
    end = time.monotonic() + seconds
    pause = 0.005
    while True:
        got = until()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def write_ini(path, settings):
    sections = {}
    for name, value in settings.items():
        section, key = name.split(".", 1)
        sections.setdefault(section, []).append(f"{key} = {value}\n")
    path.write_text("".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items()))
    path.chmod(0o600)


class Program:
    """One process and what it wrote to stderr."""

    def __init__(self, name, command, log, port=None, environment=None):
        self.name, self.command, self.log, self.port = name, [str(word) for word in command], log, port
        self.environment = {} if environment is None else environment
        self.process = None
        self.checked = 0  # how much of the log was looked through

    def start(self, extra=None, wait=True):
        environment = {
            **os.environ,
            "ASAN_OPTIONS": ASAN,
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
            **self.environment, **(extra or {}),
        }
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        if wait and self.port:
            wait_for(f"{self.name} to answer", self.answers)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode} at its start:\n{self.tail()}")
        try:
            browser = Browser(f"http://127.0.0.1:{self.port}", timeout=10)
            status = browser.once("GET", browser.origin + "/healthz", None, {})[0]
            browser.close()
            return status == 200
        except OSError:
            return False

    def tail(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As kill -9: no word of farewell."""
        if self.running():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.look()

    def stop(self):
        """Asks it to end, and wants it to do so cleanly."""
        if self.process is None:
            return
        if self.running():
            self.process.terminate()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end within 30 s of SIGTERM:\n{self.tail()}") from None
        self.process = None
        self.look()
        if code:
            raise AssertionError(f"{self.name} ended with {code}:\n{self.tail()}")

    def look(self):
        """Fails on a sanitizer's report."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        fresh, self.checked = text[self.checked:], len(text)
        if SANITIZER.search(fresh):
            raise AssertionError(f"{self.name}: a sanitizer's report in {self.log}:\n{fresh[-6000:]}")


class Desk:
    """A whole desk with its sandbox carrier. `settings` overrides lines of portdesk.ini; {port} in one is the desk's port."""

    def __init__(self, name="desk", settings=None, environment=None):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"portdesk-{name}-"))
        self.logs = LOGS / name
        self.logs.mkdir(parents=True, exist_ok=True)
        for old in self.logs.glob("*.log"):
            old.unlink()
        self.port, self.sandbox_port, self.mail_port = free_ports(3)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.sandbox_origin = f"http://127.0.0.1:{self.sandbox_port}"
        self.data = self.directory / "data"
        self.config = self.directory / "portdesk.ini"
        self.sandbox_config = self.directory / "sandbox.ini"
        self.browsers = []
        # Where the database is: as setting, "" for the file below data.dir, and as the tests find it.
        self.database_url = database.new(name)
        self.database = self.database_url or self.data / "portdesk.db"
        self.environment = dict(environment or {})  # of portdesk
        self.configure({name: value.replace("{port}", str(self.port)) if isinstance(value, str) else value
                        for name, value in (settings or {}).items()})
        self.people = []  # of the demo: (address, role)
        self.password = None
        self.portdesk = Program("portdesk", [BUILD / "portdesk", "serve", "--config", self.config],
                                self.logs / "portdesk.log", self.port, self.environment)
        self.sandbox = Program("portdesk-sandbox", [BUILD / "portdesk-sandbox", "serve", "--config", self.sandbox_config],
                               self.logs / "sandbox.log", self.sandbox_port)

    def configure(self, settings):
        (self.directory / "sandbox").mkdir(mode=0o700, exist_ok=True)
        clock = self.directory / "clock"
        self.settings = {
            "web.listen": f"127.0.0.1:{self.port}", "web.base_url": self.origin,
            "data.dir": self.data, "clock.file": clock, "database.url": self.database_url,
            "mail.smtp_url": f"smtp://127.0.0.1:{self.mail_port}", "mail.from": "portdesk@demo.example",
            "twilio.base_url": self.sandbox_origin, "twilio.upload_url": self.sandbox_origin,
            "twilio.api_url": self.sandbox_origin,
            "twilio.account_sid": ACCOUNT_SID, "twilio.auth_token": AUTH_TOKEN,
            "demo.enabled": "true", "demo.sandbox_url": self.sandbox_origin,
            "reader.program": BUILD / "src/billreader/portdesk-billreader", **settings}
        write_ini(self.config, self.settings)
        write_ini(self.sandbox_config, {
            "web.listen": f"127.0.0.1:{self.sandbox_port}", "web.base_url": self.sandbox_origin,
            "data.dir": self.directory / "sandbox", "clock.file": clock,
            "mail.listen": f"127.0.0.1:{self.mail_port}", "mail.smtp_url": f"smtp://127.0.0.1:{self.mail_port}",
            "carrier.account_sid": ACCOUNT_SID, "carrier.auth_token": AUTH_TOKEN})

    def command(self, *words, check=True):
        """Runs `portdesk <words> --config FILE` to its end."""
        done = subprocess.run([BUILD / "portdesk", *words, "--config", self.config], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120, check=False, env={**os.environ, **self.environment})
        if SANITIZER.search(done.stderr):
            raise AssertionError(f"portdesk {' '.join(words)}: a sanitizer's report:\n{done.stderr}")
        if check and done.returncode:
            raise AssertionError(f"portdesk {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def start(self):
        said = self.command("init", "--demo").stdout
        self.people = re.findall(r"(\S+@\S+) +(\S+)$", said, re.M)
        self.password = re.search(r"password (\S+)", said)[1]
        self.sandbox.start()
        self.portdesk.start()
        return self

    def stop(self):
        """Stops both; the first failure is raised after everything was stopped."""
        failures = []
        for browser in self.browsers:
            browser.close()
        for program in (self.portdesk, self.sandbox):
            try:
                program.stop()
            except AssertionError as failure:
                failures.append(failure)
        if not os.environ.get("PORTDESK_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)
            if self.database_url:
                database.drop(self.database_url)
        if failures:
            raise failures[0]

    def browser(self, origin=None):
        browser = Browser(origin or self.origin)
        self.browsers.append(browser)
        return browser

    def address(self, who):
        """The first demo user with that role, or whose address begins so."""
        for address, role in self.people:
            if who == role or address.startswith(who):
                return address
        raise AssertionError(f"the demo has no {who!r}, only {self.people}")

    def sign_in(self, who="owner"):
        """A browser of that demo user, signed in."""
        browser = self.browser()
        page = browser.get("/sign-in").form("password").submit(email=self.address(who), password=self.password)
        if page.path.startswith("/sign-in"):
            raise AssertionError(f"signing in as {who}: {page.status} at {page.path}: {page.text[:300]}")
        return browser

    # The sandbox carrier, its mailbox and the clock that both programs share.

    def sandbox_json(self, path):
        browser = Browser(self.sandbox_origin)
        page = browser.get(path)
        browser.close()
        if page.status != 200:
            raise AssertionError(f"sandbox {path}: {page.status} {page.body[:300]!r}")
        return json.loads(page.body)

    def control(self, path, **fields):
        """One of the control page's actions: "clock", "ports/KW.../next", ... Returns the status of the answer."""
        browser = Browser(self.sandbox_origin)
        body, kind = urlencoded(list(fields.items()))
        page = browser.request("POST", f"/control/{path}", body, {"Content-Type": kind}, redirects=0)
        browser.close()
        return page.status

    def state(self):
        """What the carrier has: its counters, and "ports", the newest first."""
        return self.sandbox_json("/control/state")

    def at_carrier(self, method, path, body=None):
        """A call of the carrier's API by somebody else who has the credentials."""
        browser = Browser(self.sandbox_origin)
        word = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        page = browser.request(method, self.sandbox_origin + path, None if body is None else json.dumps(body).encode(),
                               {"Authorization": f"Basic {word}", "Content-Type": "application/json"}, 0)
        browser.close()
        return page

    def carrier_ports(self, number=None):
        """The carrier's ports, the newest first, or those with that number."""
        return [port for port in self.state()["ports"]
                if number is None or number in [each["phone_number"] for each in port["phone_numbers"]]]

    def next_event(self, sid):
        """Lets the carrier's next step of a port happen now."""
        wait_for(f"something to come at {sid}", lambda: self.control(f"ports/{sid}/next") == 303)

    def advance(self, seconds):
        """Moves the shared clock forward."""
        status = self.control("clock", advance=seconds)
        if status != 303:
            raise AssertionError(f"moving the clock by {seconds} s: {status}")

    def mails(self, to=None, subject=None):
        """Mails in the mailbox, the oldest first, to that address and with that word in the subject."""
        found = self.sandbox_json("/mail.json")
        return [mail for mail in found["mails"]
                if (to is None or to in mail["to"]) and (subject is None or subject in mail["subject"])]

    def mail(self, to=None, subject=None):
        """Waits for such a mail; the newest."""
        return wait_for(f"a mail to {to} about {subject!r}", lambda: self.mails(to, subject))[-1]


class DeskCase(unittest.TestCase):
    """A test case with one desk for all its tests; `settings` may be overridden."""
    settings: dict = {}
    desk_class = Desk

    @classmethod
    def setUpClass(cls):
        cls.desk = cls.desk_class(cls.__name__, cls.settings)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()

    def tearDown(self):
        for program in (self.desk.portdesk, self.desk.sandbox):
            program.look()
            self.assertTrue(program.running(), f"{program.name} is gone:\n{program.tail()}")
