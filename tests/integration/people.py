"""What tests that attack need beside a browser: a person whose forms are written by hand, byte for byte, and the records of
the desk before and after."""
import json
import os
import pathlib
import subprocess
import time
import urllib.parse

import database
import frame
import journey

TEAM_RIGHTS = {"desk", "request_record", "request_start_for", "account_create"}  # which nobody but the porting team has
UNKNOWN = "0192b8c4d1e27000a000000000000001"  # the hex digits of an id that nobody has


def routes():
    """The table of routes, as the program prints it."""
    said = subprocess.run([frame.BUILD / "portdesk", "routes"], capture_output=True, text=True, timeout=60, check=True)
    table = json.loads(said.stdout)
    if not table:
        raise AssertionError("the table of routes is empty")
    return table


def encode(fields):
    """A urlencoded body. Values that are bytes are sent as these bytes, whatever they are."""
    return b"&".join(urllib.parse.quote_from_bytes(as_bytes(name), safe="").encode() + b"=" +
                     urllib.parse.quote_from_bytes(as_bytes(value), safe="").encode() for name, value in fields)


def as_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def parts(fields, files=(), boundary="----portdeskhostile"):
    """A multipart body. A file is (raw value of filename, bytes, type); the value is sent as it is."""
    out = bytearray()
    for name, value in fields:
        out += b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (
            boundary.encode(), as_bytes(name), as_bytes(value))
    for name, content, kind in files:
        out += b'--%b\r\nContent-Disposition: form-data; name="bill"; filename="%b"\r\nContent-Type: %b\r\n\r\n' % (
            boundary.encode(), as_bytes(name), kind.encode())
        out += content + b"\r\n"
    out += b"--%b--\r\n" % boundary.encode()
    return bytes(out), f"multipart/form-data; boundary={boundary}"


class Person:
    """Somebody with a browser whose forms are written by hand. Without `who`, a visitor."""

    def __init__(self, desk, who=None):
        self.desk = desk
        self.who = who
        self.browser = desk.sign_in(who) if who else desk.browser()
        self.sent_at = 0
        page = self.browser.get("/requests" if who else "/sign-in")
        self.csrf = next(form.value("csrf") for form in page.forms if form.value("csrf"))

    def get(self, path, headers=None, redirects=0):
        return self.browser.request("GET", self.desk.origin + path, None, headers or {}, redirects)

    def send(self, path, body, kind, headers=None):
        """A POST; no redirect is followed."""
        sent = {"Content-Type": kind, "Origin": self.desk.origin, **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        if time.monotonic() - self.sent_at > 5:
            self.browser.close()  # a connection left idle may be closed by the desk, and a POST is not sent twice
        self.sent_at = time.monotonic()
        return self.browser.request("POST", self.desk.origin + path, body, sent, 0)

    def post(self, path, fields=(), headers=None):
        return self.send(path, encode([("csrf", self.csrf), *fields]), "application/x-www-form-urlencoded", headers)

    def upload(self, path, files=(), fields=(), headers=None):
        body, kind = parts([("csrf", self.csrf), *fields], files)
        return self.send(path, body, kind, headers)

    # Requests, by the shortest way.

    def draft(self):
        """A new draft, in which the carrier was typed, so that it is nobody's next one; its address."""
        made = self.post("/requests")
        if made.status != 303:
            raise AssertionError(f"starting a request: {made.status} {made.text[:300]}")
        address = urllib.parse.urlsplit(made.headers["Location"]).path.removesuffix("/steps/1")
        self.wants(self.post(f"{address}/steps/1", [("carrier", "Verizon"), ("numbers", ""), ("go", "check")]), 200)
        return address

    def bill(self, address, content=None, name="bill.pdf"):
        """Uploads a bill; the document's address."""
        content = content or journey.SAMPLE_BILL.read_bytes()
        self.wants(self.upload(f"{address}/steps/3", [(name, content, "application/pdf")],
                               [("bill_confirmed", "yes"), ("go", "upload")]), 303)
        page = self.get(f"{address}/steps/3")
        return next(link for link, _ in reversed(page.links) if "/documents/" in link)

    def ready(self, numbers, **typed):
        """A draft that can be submitted."""
        return self.fill(self.draft(), numbers, **typed)

    def fill(self, address, numbers, **typed):
        """Fills a draft in until it can be submitted; its address."""
        typed = {**journey.TYPED, "btn": numbers[0], **typed}
        steps = {1: ("carrier",), 4: ("account_name", "account_type", "account_number", "btn", "pin"),
                 5: ("owner_name", "owner_email"), 6: ("street", "unit", "city", "state", "zip")}
        typed["numbers"] = "\n".join(numbers)
        for step, names in steps.items():
            fields = [(name, typed[name]) for name in names] + [("go", "next")]
            if step == 1:
                fields.append(("numbers", typed["numbers"]))
            self.wants(self.post(f"{address}/steps/{step}", fields), 303)
        self.bill(address)
        return address

    def connection(self, sid="AC" + "f" * 32):
        """A connection of the account's own, by which nothing goes out; its address."""
        made = self.wants(self.post("/connections/new", [("label", "Ours"), ("account_sid", sid), ("secret", "s" * 32)]), 303)
        address = made.headers["Location"]
        self.wants(self.post(address, [("label", "Ours")]), 303)
        return address

    def submission(self):
        """What the last page's form says, every warning acknowledged."""
        return [("acknowledged", name) for name in ACKNOWLEDGED] + [("wished_date", "")]

    def submitted(self, numbers, **typed):
        address = self.ready(numbers, **typed)
        done = self.wants(self.post(f"{address}/submit", self.submission()), 303)
        if done.headers["Location"] != address:
            raise AssertionError(f"submitting led to {done.headers['Location']}")
        return address

    @staticmethod
    def wants(page, status):
        if page.status != status:
            raise AssertionError(f"{page.url}: wanted {status}, got {page.status}: {page.text[:600]}")
        return page


ACKNOWLEDGED = ("calls_come_here", "voip", "features_end", "personal_mobile", "keep_service", "two_factor", "porting_back")


class Records:
    """What a desk has stored: its tables, read beside the running program, and its files of documents."""

    def __init__(self, desk):
        self.directory, self.documents = desk.data, desk.data / "documents"
        self.database = database.connect(desk.database)
        self.version = self.kept = None

    def close(self):
        self.database.close()

    def rows(self, sql, *values):
        return self.database.rows(sql, *values)

    def one(self, sql, *values):
        found = self.rows(sql, *values)
        if len(found) != 1:
            raise AssertionError(f"{sql} {values}: {len(found)} rows")
        return found[0] if len(found[0]) > 1 else found[0][0]

    def tables(self):
        """Every table with its rows; read anew only when something was committed since the last time."""
        version = self.database.version()
        if version != self.version:
            kept = {}
            for name in sorted(set(self.database.names()) - VOLATILE):
                columns, rows = self.database.table(name)
                kept[name] = sorted(repr({column: value for column, value in zip(columns, row)
                                          if (name, column) not in TOUCHED}) for row in rows)
            self.version, self.kept = version, kept
        return self.kept

    def files(self, directory=None):
        """Path and size of each document."""
        found = []
        with os.scandir(directory or self.documents) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found += self.files(entry.path)
                else:
                    found.append((os.path.relpath(entry.path, self.documents), entry.stat().st_size))
        return sorted(found)

    def quiet(self):
        """Waits until the desk has nothing more to do than to look again later."""
        frame.wait_for("a quiet desk", lambda: not self.rows(
            "SELECT 1 FROM job WHERE state = 'running' OR kind IN ('order_place', 'order_cancel', 'mail_send', 'person_mail_send', 'link_request')"
            # A test of a connection that was asked for is due at the moment of its line in the log; the desk's own comes hours later.
            " OR (kind = 'connection_check' AND due <= (SELECT MAX(at) FROM audit_event) + 1000000)"))

    def everything(self):
        return self.tables(), self.files()

    @staticmethod
    def difference(before, after):
        """A few lines that tell what was added and what is gone."""
        lines = []
        for name in before[0]:
            gone, new = set(before[0][name]) - set(after[0][name]), set(after[0][name]) - set(before[0][name])
            lines += [f"- {name}: {row}" for row in gone] + [f"+ {name}: {row}" for row in new]
        lines += [f"- file {each}" for each in set(before[1]) - set(after[1])]
        lines += [f"+ file {each}" for each in set(after[1]) - set(before[1])]
        return "\n".join(lines)

    def find_bytes(self, wanted):
        """Files of the data directory in which these bytes stand: a secret must be in none."""
        return [str(path) for path in self.directory.rglob("*") if path.is_file() and wanted in path.read_bytes()]


# Who is signed in and who failed to is not what a form stores.
VOLATILE = {"session", "sign_in_attempt", "sign_in_warning", "known_device", "half_session", "code_try", "audit_event", "key_rewrap", "job", "job_worker", "turn_watch"}
# Where a draft was left and when: moved by every look at a step, whatever was typed. And when the desk looked, or looks again, by itself.
TOUCHED = {("app_user", "signed_in_at"), ("port_request", "changed_at"), ("port_request", "step"), ("port_request", "watch_at"), ("carrier_order", "synced_at"), ("carrier_order", "suggested_action"),
           ("port_number", "asked_at"), ("carrier_connection", "tested_at"), ("carrier_connection", "webhook_at")}
