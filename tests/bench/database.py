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
            db.executescript("PRAGMA synchronous = OFF; BEGIN;\n" + script + ";COMMIT;")

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
