"""A desk's database, looked into beside the running programs: a SQLite file, or a database of the PostgreSQL server whose address is in
PORTDESK_TEST_DATABASE. SQL takes `?` for values and is in the dialect of both.

    database.py new NAME        makes an empty database for a test; prints its address ("" where tests run on SQLite)
    database.py drop ADDRESS
    database.py write ADDRESS SQL JSON      one statement with :name for values; exit 1 when it changes nothing
    database.py read ADDRESS SQL WORD...    one query with ? for words; prints its first value"""
import json
import os
import pathlib
import re
import socket
import sqlite3
import struct
import sys
import urllib.parse

SERVER = os.environ.get("PORTDESK_TEST_DATABASE", "")


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


class Wire:
    """PostgreSQL's protocol as far as a test needs it: simple queries, no password."""
    TYPES = {16: lambda text: text == b"t", 17: lambda text: bytes.fromhex(text[2:].decode())} | dict.fromkeys((20, 21, 23), int)

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        self.file = self.socket.makefile("rb")
        settings = {"user": parts.username, "database": parts.path[1:], **dict(urllib.parse.parse_qsl(parts.query))}
        body = struct.pack("!i", 196608) + b"".join(f"{key}\0{value}\0".encode() for key, value in settings.items()) + b"\0"
        self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
        self.answer()

    def message(self):
        kind, length = struct.unpack("!ci", self.file.read(5))
        return kind, self.file.read(length - 4)

    @staticmethod
    def fields(body):
        """Names and types of the columns."""
        columns, at = [], 2
        for _ in range(struct.unpack_from("!h", body)[0]):
            end = body.index(0, at)
            columns.append((body[at:end].decode(), struct.unpack_from("!i", body, end + 7)[0]))
            at = end + 19
        return columns

    def row(self, body, columns):
        values, at = [], 2
        for _, kind in columns:
            length, at = struct.unpack_from("!i", body, at)[0], at + 4
            text = None if length < 0 else body[at:at + length]
            at += max(0, length)
            values.append(None if text is None else self.TYPES.get(kind, bytes.decode)(text))
        return tuple(values)

    def answer(self):
        """Columns, rows and how many rows were changed; raises what the server complains of."""
        columns, rows, changed, wrong = [], [], 0, None
        while True:
            kind, body = self.message()
            if kind == b"T":
                columns = self.fields(body)
            elif kind == b"D":
                rows.append(self.row(body, columns))
            elif kind == b"C":
                changed = int((re.search(rb"(\d+)\0$", body) or [0, 0])[1])
            elif kind == b"E":
                wrong = dict((part[:1], part[1:].decode(errors="replace")) for part in body.split(b"\0") if part)
            elif kind == b"Z":
                break
        if wrong:
            raise AssertionError(f"PostgreSQL: {wrong[b'M']} ({wrong[b'C']})")
        return columns, rows, changed

    def query(self, sql):
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self.answer()

    def close(self):
        self.socket.close()


class Postgres:
    def __init__(self, url):
        self.wire = Wire(url)

    def select(self, sql, *values):
        parts = sql.split("?")
        assert len(parts) == len(values) + 1, sql
        filled = "".join(part + (literal(values[i]) if i < len(values) else "") for i, part in enumerate(parts))
        return self.wire.query(filled)

    def rows(self, sql, *values):
        return self.select(sql, *values)[1]

    def write(self, sql, *values):
        return self.select(sql, *values)[2]

    def table(self, name):
        columns, rows, _ = self.select(f'SELECT * FROM "{name}"')
        return [name for name, _ in columns], rows

    def names(self):
        return [name for name, in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]

    def version(self):
        """Another one whenever something was committed."""
        return self.rows("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")[0][0]

    def whole(self):
        """What is wrong with the database itself."""
        return [name for name, in self.rows("SELECT conname FROM pg_constraint WHERE NOT convalidated")]

    def close(self):
        self.wire.close()


class Sqlite:
    def __init__(self, path):
        self.connection = sqlite3.connect(path, timeout=30)

    def rows(self, sql, *values):
        return self.connection.execute(sql, values).fetchall()

    def write(self, sql, *values):
        with self.connection:
            return self.connection.execute(sql, values).rowcount

    def table(self, name):
        cursor = self.connection.execute(f'SELECT * FROM "{name}"')
        return [each[0] for each in cursor.description], cursor.fetchall()

    def names(self):
        return [name for name, in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def version(self):
        return self.rows("PRAGMA data_version")[0][0]

    def whole(self):
        return [text for text, in self.rows("PRAGMA integrity_check") if text != "ok"]

    def close(self):
        self.connection.close()


def connect(address):
    """`address` is a URL of PostgreSQL or the path of a SQLite file."""
    return Postgres(address) if str(address).startswith("postgresql:") else Sqlite(address)


def new(name):
    """An empty database of the tests' server; "" where tests run on SQLite, whose file makes itself."""
    if not SERVER:
        return ""
    name = re.sub(r"[^a-z0-9]", "_", name.lower())[:40] + "_" + os.urandom(4).hex()
    server = Wire(SERVER)
    server.query(f'CREATE DATABASE "{name}"')
    server.close()
    parts = urllib.parse.urlsplit(SERVER)
    return urllib.parse.urlunsplit(parts._replace(path="/" + name))


def drop(address):
    server = Wire(SERVER)
    server.query(f'DROP DATABASE IF EXISTS "{urllib.parse.urlsplit(address).path[1:]}" WITH (FORCE)')
    server.close()


def write_named(address, sql, values):
    names = re.findall(r":(\w+)", sql)
    database = connect(address)
    try:
        return database.write(re.sub(r":\w+", "?", sql), *[values[name] for name in names])
    finally:
        database.close()


def main():
    action, *words = sys.argv[1:]
    if action == "new":
        print(new(words[0]))
    elif action == "drop":
        drop(words[0])
    elif action == "read":
        database = connect(words[0])
        print(database.rows(words[1], *words[2:])[0][0])
        database.close()
    else:
        return 0 if write_named(words[0], words[1], json.loads(words[2])) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
