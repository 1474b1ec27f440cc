"""What script/bench writes straight into a database of the product, while nobody serves it: customers who are signed in,
drafts that need nothing but Submit, and requests by the million. Plain SQL for both engines."""
import base64
import contextlib
import hashlib
import os
import sqlite3
import subprocess
import time

CHUNK = 400  # rows of one statement
AREAS = (212, 312, 404, 503, 602, 702, 713, 818)


def quoted(value):
    """A value as SQL."""
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def identity(prefix, serial, at=None):
    """An id as the product makes them: version 7, by time, then by serial."""
    milliseconds = int((at or time.time()) * 1000)
    return f"{prefix}_{milliseconds:012x}7{serial >> 48 & 0xfff:03x}8{serial:015x}"


def number(serial):
    """A number that somebody could have, none of those that mean something to the sandbox carrier."""
    rest = serial // 8
    return f"+1{AREAS[serial % 8]}{220 + rest // 10000 % 700:03}{rest % 10000:04}"


class Sqlite:
    """A SQLite database as a file."""
    name = "SQLite"

    def __init__(self, path):
        self.path = path

    def run(self, script):
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY;"
                             "PRAGMA journal_mode = OFF; BEGIN;\n" + script + ";COMMIT; PRAGMA journal_mode = WAL;")

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql).fetchall()

    def columns(self, table):
        return [row[1] for row in self.rows(f"PRAGMA table_info({table})")]


class Postgres:
    """A PostgreSQL database by its address, through psql."""
    name = "PostgreSQL"

    def __init__(self, url):
        self.url = url

    def psql(self, script, *words):
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *words, self.url], input=script, text=True,
                              capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"script/bench: psql: {done.stderr[:2000]}")
        return done.stdout

    def run(self, script):
        self.psql("BEGIN;\n" + script + ";COMMIT;")

    def rows(self, sql):
        return [tuple(line.split("\x1f")) for line in self.psql(sql, "-A", "-t", "-F", "\x1f").splitlines()]

    def columns(self, table):
        return [row[0] for row in self.rows(
            f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")]


class Customer:
    """An account with its owner, signed in."""

    def __init__(self, serial):
        self.serial = serial
        self.account, self.user = identity("acc", serial), identity("usr", serial)
        self.token = self.account + "." + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        self.csrf = None

    def sql(self):
        now = int(time.time() * 1e6)
        rows = {"account": {"id": self.account, "name": f"Customer {self.serial}", "country": "US", "kind": "customer",
                            "created_at": now},
                "app_user": {"account": self.account, "id": self.user, "email": f"owner{self.serial}@bench.example",
                             "name": "Dana Whitfield", "role": "owner", "password_hash": "none",
                             "time_zone": "America/New_York", "created_at": now},
                "session": {"account": self.account, "user_id": self.user, "created_at": now, "seen_at": now,
                            "token_hash": hashlib.sha256(self.token.encode()).hexdigest()}}
        return ";\n".join(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(quoted, row.values()))})"
                          for table, row in rows.items()) + ";\n"


def customers(database, count, first=0):
    made = [Customer(first + serial) for serial in range(count)]
    database.run("".join(customer.sql() for customer in made))
    return made


class Draft:
    def __init__(self, customer, serial):
        self.customer, self.id, self.number = customer, identity("pr", serial), number(serial)


def clone(database, table, template, column, fresh):
    """Rows like that of the template, each with the values of one of `fresh`, which all name the same columns."""
    names = list(fresh[0])
    columns = [name for name in database.columns(table) if name not in names]
    script = []
    for at in range(0, len(fresh), CHUNK):
        values = ",\n".join("(" + ", ".join(quoted(row[name]) for name in names) + ")" for row in fresh[at:at + CHUNK])
        script.append(f"WITH s ({', '.join('n_' + name for name in names)}) AS (VALUES {values})\n"
                      f"INSERT INTO {table} ({', '.join(columns + names)}) SELECT "
                      f"{', '.join(['t.' + name for name in columns] + ['s.n_' + name for name in names])}"
                      f" FROM {table} t, s WHERE t.{column} = '{template}';\n")
    database.run("".join(script))


def drafts(database, template, owners, count, first=0):
    """Copies of a draft that lacks nothing, spread over the customers; without account number and PIN, which are sealed for one
    row and so must be typed."""
    made = [Draft(owners[serial % len(owners)], first + serial) for serial in range(count)]
    clone(database, "port_request", template, "id", [
        {"account": draft.customer.account, "id": draft.id, "reference": f"PR-{5000000 + first + at}",
         "numbers_typed": draft.number, "btn": draft.number, "created_by": draft.customer.user}
        for at, draft in enumerate(made)])
    clone(database, "document", template, "request", [
        {"account": draft.customer.account, "id": draft.id.replace("pr_", "doc_"), "request": draft.id,
         "added_by": draft.customer.user} for draft in made])
    return made


# ---- Requests by the million ----

# A request of one number each. A tenth are the owner's account's, the others spread over many; of twenty, sixteen are ported, one is
# pending, one waits for the signer, one for the customer, and one was canceled or, of two thousand, is worked by hand.
REQUESTS = """
CREATE TEMP TABLE s AS
WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n + 1 < {count}),
mixed AS (SELECT n, CASE WHEN n / 20 % 10 = 0 THEN -1 ELSE n % {accounts} END AS a, {began} + n * {step} AS at,
    CASE WHEN n % 20 < 16 THEN 'completed' WHEN n % 20 = 16 THEN 'pending' WHEN n % 20 = 17 THEN 'waiting_for_signature'
        WHEN n % 20 = 18 THEN 'action_required' WHEN n % 2000 = 19 THEN 'by_hand' ELSE 'canceled' END AS fate,
    printf('%012x7%03x8%015x', ({began} + n * {step}) / 1000, n & 4095, n) AS hex,
    printf('+1%d%03d%04d', 200 + n % 8 * 101 + 12, 220 + n / 8 / 10000 % 700, n / 8 % 10000) AS e164 FROM serial)
SELECT *, CASE WHEN a < 0 THEN '{owner}' ELSE printf('acc_0000000000007000800000%010x', a) END AS account,
    CASE WHEN a < 0 THEN '{user}' ELSE printf('usr_0000000000007000800000%010x', a) END AS user FROM mixed ORDER BY a, n;
INSERT INTO account (id, name, country, kind, created_at)
    SELECT DISTINCT account, 'Customer ' || a, 'US', 'customer', {began} FROM s WHERE a >= 0;
INSERT INTO app_user (account, id, email, name, role, password_hash, time_zone, created_at)
    SELECT DISTINCT account, user, 'owner' || a || '@many.example', 'Dana Whitfield', 'owner', 'none', 'America/New_York', {began}
    FROM s WHERE a >= 0;
INSERT INTO number_use (account, e164, kind) SELECT account, e164, CASE fate WHEN 'completed' THEN 'inventory' ELSE 'port' END
    FROM s WHERE fate <> 'canceled';
INSERT INTO number_home (e164, account) SELECT e164, account FROM s WHERE fate <> 'canceled' ORDER BY e164;
INSERT INTO port_request (account, id, reference, status, turn, turn_since, losing_carrier, numbers_typed, account_type,
    account_name, btn, owner_name, owner_email, street, city, state, zip, bill_confirmed, acknowledged, step, created_by,
    created_at, changed_at, submitted_by, submitted_at, ended_at, numbers_count, numbers_completed, first_number, firm_date,
    ported_at, team_waits)
    SELECT account, 'pr_' || hex, 'PR-' || (1001 + n), CASE fate WHEN 'by_hand' THEN 'in_review' ELSE fate END, CASE fate
    WHEN 'pending' THEN 'losing_carrier' WHEN 'waiting_for_signature' THEN 'signer' WHEN 'action_required' THEN 'customer'
    WHEN 'by_hand' THEN 'porting_team' ELSE 'nobody' END, at, 'verizon', e164, 'business', 'Harbor Lane Realty LLC', e164,
    'Dana Whitfield', 'dana@harborlane.example', '1180 Fillmore St', 'San Francisco', 'CA', '94115', 1, 255, 7, user, at,
    at + 1, user, at + 1, CASE WHEN fate IN ('completed', 'canceled') THEN at + 1 END, 1, fate = 'completed', e164,
    CASE fate WHEN 'pending' THEN '2026-12-01' END, CASE fate WHEN 'completed' THEN at END, fate = 'by_hand' FROM s;
INSERT INTO carrier_order (account, id, request, attempt, carrier, way, phase, carrier_status, placed_at, created_at)
    SELECT account, 'ord_' || hex, 'pr_' || hex, 1, CASE fate WHEN 'by_hand' THEN 'manual' ELSE 'twilio' END, 'us',
    CASE WHEN fate IN ('completed', 'canceled') THEN 'ended' ELSE 'placed' END, 'open', at, at FROM s;
INSERT INTO port_number (account, id, request, e164, claimed, way, status, status_since, carrier_order, rejection, firm_date,
    ported_at, e164_reversed) SELECT account, 'num_' || hex, 'pr_' || hex, e164, CASE WHEN fate NOT IN ('completed', 'canceled') THEN e164 END,
    'us', CASE fate WHEN 'action_required' THEN 'rejected' WHEN 'by_hand' THEN 'in_review' ELSE fate END, at, 'ord_' || hex,
    CASE fate WHEN 'action_required' THEN 'pin' END, CASE fate WHEN 'pending' THEN '2026-12-01' END,
    CASE fate WHEN 'completed' THEN at END,
    substr(e164, 12, 1) || substr(e164, 11, 1) || substr(e164, 10, 1) || substr(e164, 9, 1) || substr(e164, 8, 1)
    || substr(e164, 7, 1) || substr(e164, 6, 1) || substr(e164, 5, 1) || substr(e164, 4, 1) || substr(e164, 3, 1) || substr(e164, 2, 1) FROM s;
INSERT INTO order_number (account, carrier_order, e164, status, rejection) SELECT account, 'ord_' || hex, e164,
    CASE fate WHEN 'action_required' THEN 'rejected' WHEN 'by_hand' THEN 'in_review' ELSE fate END,
    CASE fate WHEN 'action_required' THEN 'pin' END FROM s;
INSERT INTO number (account, e164, carrier, request, since) SELECT account, e164, 'twilio', 'pr_' || hex, at FROM s
    WHERE fate = 'completed' ORDER BY a, e164;
INSERT INTO document (account, id, request, kind, file_name, type, size, sha256, pages, has_preview, added_by, added_at)
    SELECT account, 'doc_' || hex, 'pr_' || hex, 'bill', 'bill.pdf', 'pdf', 50000, '', 2, 0, user, at FROM s;
INSERT INTO timeline (account, id, request, at, event, actor_kind, actor_name, about) SELECT account, 'ev_' || substr(hex, 1, 31)
    || e.digit, 'pr_' || hex, at, e.event, 'user', 'Dana Whitfield', '' FROM s, (SELECT 'a' AS digit, 'draft_started' AS event
    UNION ALL SELECT 'b', 'submitted') e ORDER BY a, n, e.digit;
DROP TABLE s
"""


def requests(database, owner, count):
    """So many requests in a SQLite database, a tenth of them of that customer. The ids of some of these and their numbers."""
    step, now = 1_000_000, int(time.time() * 1e6)
    script = REQUESTS.format(count=count, accounts=max(1, min(10000, count // 100)), began=now - count * step, step=step,
                             owner=owner.account, user=owner.user)
    database.run(script)
    return database.rows(f"SELECT id, btn FROM port_request WHERE account = '{owner.account}' AND status <> 'draft' "
                         f"ORDER BY substr(id, -7) LIMIT 500")
