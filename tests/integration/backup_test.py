"""Backup and restore as an operator uses them: while people submit, into another directory, another engine, and never into a place
that is in use; and what was done to the file in between."""
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import threading
import unittest

import frame
import journey
import postgres

PIN, ACCOUNT_NUMBER = "7391648250", "ZX-55310-QQ"
# Tables that are of the moment, and no part of a backup.
LEFT_OUT = {"schema_migration", "document_hold", "job_worker", "job_line"}


def portdesk(config, *words):
    """Runs a command to its end."""
    done = subprocess.run([frame.BUILD / "portdesk", *map(str, words), "--config", str(config)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, check=False)
    if frame.SANITIZER.search(done.stderr):
        raise AssertionError(done.stderr)
    return done


def members(path):
    """Names and bytes of a backup's members, in their order."""
    with tarfile.open(path) as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}


def plain(value):
    """A value of a row as a backup writes it, from what sqlite3 gives."""
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def rows_of_backup(path):
    """Every row, as {table: {repr of (column, value)s}}; read by nothing of ours."""
    import base64  # pylint: disable=import-outside-toplevel
    tables = {}
    for name, content in members(path).items():
        if not name.startswith("database/"):
            continue
        head, *lines = content.decode().splitlines()
        head = json.loads(head)
        for line in lines:
            row = [{"hex": base64.b64decode(value["b64"]).hex()} if isinstance(value, dict) else value for value in json.loads(line)]
            tables.setdefault(head["table"], set()).add(repr(sorted(zip(head["columns"], map(repr, row)))))
    return tables


def rows_of_database(path):
    """The same of a SQLite file."""
    tables = {}
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = {name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in names - LEFT_OUT:
            cursor = connection.execute(f"SELECT * FROM {table}")
            columns = [each[0] for each in cursor.description]
            found = {repr(sorted((column, repr(plain(value))) for column, value in zip(columns, row)
                                 if (table, column) != ("job", "worker"))) for row in cursor}
            if found:
                tables[table] = found
    finally:
        connection.close()
    return tables


def files(folder):
    """The documents below a folder, by their path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".unfinished" not in str(path)}


def altered(path, change, sums=True):
    """The backup with its members changed by a function, and SHA256SUMS and the manifest made to fit. Returns its path."""
    content = members(path)
    change(content)
    if sums:
        tail = {"SHA256SUMS", "manifest.json", "manifest.mac"}
        lines = "".join(f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in content if name not in tail)
        content["SHA256SUMS"] = lines.encode()
        manifest = json.loads(content["manifest.json"])
        manifest["sums"] = hashlib.sha256(content["SHA256SUMS"]).hexdigest()
        content["manifest.json"] = json.dumps(manifest).encode()
    other = path.with_name(path.name + ".altered")
    with tarfile.open(other, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, value in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(value)
            tar.addfile(info, io.BytesIO(value))
    return other


class BackupCase(unittest.TestCase):
    """What both have; it has no test of its own."""

    @classmethod
    def setUpClass(cls):
        cls.desk = frame.Desk(cls.__name__)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        cls.person = cls.desk.sign_in()
        cls.address = journey.submit(cls.person, [journey.number()], pin=PIN, account_number=ACCOUNT_NUMBER).path
        journey.submit(cls.person, [journey.number()], pin="0000")
        cls.serial = 0

    def place(self, name):
        """A path that nothing stands at."""
        type(self).serial += 1
        return self.desk.directory / f"{self.serial}-{name}"

    def backup(self, *words, check=True):
        path = self.place("backup")
        done = portdesk(self.desk.config, "backup", path, *words)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return path

    def restore(self, path, data, *words, code=0):
        done = portdesk(self.desk.config, "restore", path, *words, "--data.dir", data)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class WhileItRunsTest(BackupCase):
    def test_a_backup_is_one_moment_while_people_submit(self):
        stop, failures, pages = threading.Event(), [], []

        def submit_on():
            try:
                someone = self.desk.sign_in("agent")
                while not stop.is_set():
                    pages.append(journey.submit(someone, [journey.number()]).path)
            except Exception as failure:  # pylint: disable=broad-except
                failures.append(failure)
        thread = threading.Thread(target=submit_on)
        thread.start()
        try:
            frame.wait_for("a submission", lambda: pages or failures)
            paths = [self.backup("--with-key") for _ in range(3)]
        finally:
            stop.set()
            thread.join()
        self.assertEqual(failures, [])
        for path in paths:
            data = self.place("data")
            self.assertIn("all is well", self.restore(path, data).stdout)  # as doctor --deep
            self.assertEqual(rows_of_database(data / "portdesk.db"), {
                name: {each.replace("'\\'running\\''", "'\\'waiting\\''") for each in rows} if name == "job" else rows
                for name, rows in rows_of_backup(path).items()})
        self.assertNotEqual(rows_of_backup(paths[0]), rows_of_backup(paths[-1]))

    def test_no_secret_stands_in_it(self):
        path = self.backup()
        self.assertEqual(path.stat().st_mode & 0o7777, 0o600)
        content = path.read_bytes()
        ring = (self.desk.data / "portdesk.key").read_text()
        bill = journey.SAMPLE_BILL.read_bytes()
        secrets = [PIN, ACCOUNT_NUMBER, frame.AUTH_TOKEN, self.desk.password, ring.split()[-2], ring.split()[5],
                   "Bearer "]
        for secret in secrets:
            self.assertNotIn(secret.encode(), content, secret)
        for start in range(0, len(bill) - 64, 997):
            self.assertNotIn(bill[start:start + 64], content)
        self.assertFalse([name for name in members(path) if name.startswith("key/")])
        self.assertIn(ring.encode(), self.backup("--with-key").read_bytes())

    def test_its_sums_are_those_of_sha256sum(self):
        path, folder = self.backup(), self.place("unpacked")
        folder.mkdir()
        subprocess.run(["tar", "-xf", path, "-C", folder], check=True)
        subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=folder, check=True)

    def test_a_file_is_never_replaced(self):
        path = self.backup()
        before = path.read_bytes()
        done = portdesk(self.desk.config, "backup", path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual(portdesk(self.desk.config, "backup").returncode, 2)
        self.assertEqual(portdesk(self.desk.config, "backup", "/nowhere/at/all").returncode, 1)

    def test_a_backup_that_is_killed_holds_nothing(self):
        path = self.place("backup")
        hold = self.desk.data / "documents.hold"
        process = subprocess.Popen([frame.BUILD / "portdesk", "backup", path, "--config", self.desk.config],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        frame.wait_for("the hold", lambda: hold.exists() or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with open(hold, "rb") as lock:
            subprocess.run(["flock", "--exclusive", "--nonblock", str(lock.fileno())], check=True, pass_fds=[lock.fileno()])

    def test_what_it_is_restored_into_must_be_empty(self):
        path = self.backup("--with-key")
        for name in ("portdesk.db", "anything"):
            data = self.place("data")
            data.mkdir(mode=0o700)
            (data / name).write_text("")
            self.restore(path, data, code=1)
            self.assertEqual([each.name for each in data.iterdir()], [name])
        self.restore(path, self.desk.data, code=1)
        for wrong in (self.place("nothing"), self.desk.config, frame.EXAMPLES / "sample-bill.pdf"):
            data = self.place("data")
            self.restore(wrong, data, code=1)
            self.assertFalse(data.exists())

    def test_an_altered_file_is_refused(self):
        path = self.backup("--with-key")
        whole = path.read_bytes()

        def row(content):
            name = next(name for name in content if b'"app_user"' in content[name][:40])
            content[name] = content[name].replace(b'"agent"', b'"owner"')

        def document(content):
            name = next(name for name in content if name.startswith("documents/"))
            content[name] = content[name][:-1] + bytes([content[name][-1] ^ 1])

        def missing(content):
            del content[next(name for name in content if name.startswith("documents/"))]

        def manifest(content):
            content["manifest.json"] = content["manifest.json"].replace(b'"documents":', b'"documents": 1')

        def other_key(content):
            content["key/portdesk.key"] = b"0" * 64 + b"\n"

        def newer(content):
            value = json.loads(content["manifest.json"])
            value["steps"].append({"number": 9999, "name": "of_tomorrow"})
            content["manifest.json"] = json.dumps(value).encode()
        for change in (row, document, missing, manifest, other_key, newer):
            for sums in (False, True):
                with self.subTest(change=change.__name__, sums=sums):
                    data = self.place("data")
                    self.restore(altered(path, change, sums), data, code=1)
                    self.assertFalse((data / "portdesk.key").exists())  # no desk can start on it
        for cut in (0, 511, 5000, len(whole) // 2, len(whole) - 12000):
            with self.subTest(cut=cut):
                data, short = self.place("data"), self.place("short")
                short.write_bytes(whole[:cut])
                self.restore(short, data, code=1)
                self.assertFalse((data / "portdesk.key").exists())

    def test_without_the_key_in_it(self):
        path = self.backup()
        data = self.place("data")
        key = self.desk.data / "portdesk.key"
        current = portdesk(self.desk.config, "keys", "status").stdout.split()[1]
        done = self.restore(path, data)
        self.assertIn(current, done.stdout)
        self.assertFalse((data / "portdesk.key").exists())
        self.assertEqual(portdesk(self.desk.config, "doctor", "--deep", "--data.dir", data).returncode, 1)
        shutil.copy(key, data / "portdesk.key")
        done = portdesk(self.desk.config, "doctor", "--deep", "--data.dir", data)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        given = self.place("data")
        self.assertIn("all is well", self.restore(path, given, "--key", key).stdout)
        self.assertEqual((given / "portdesk.key").read_bytes(), key.read_bytes())
        self.assertEqual((given / "portdesk.key").stat().st_mode & 0o777, 0o600)
        other = self.place("other.key")
        other.write_text("0" * 64 + "\n")
        other.chmod(0o600)
        self.restore(path, self.place("data"), "--key", other, code=1)

    def test_a_missing_document_is_told_and_the_rest_is_kept(self):
        document = next(path for path in (self.desk.data / "documents").rglob("doc_*"))
        content = document.read_bytes()
        document.unlink()
        try:
            path = self.place("backup")
            done = portdesk(self.desk.config, "backup", path, "--with-key")
        finally:
            document.write_bytes(content)
            document.chmod(0o600)
        self.assertEqual(done.returncode, 1)
        self.assertIn(document.name, done.stderr)
        data = self.place("data")
        done = self.restore(path, data, code=1)  # it is restored, and the finding is told
        self.assertIn(document.name, done.stdout)
        self.assertTrue((data / "portdesk.key").exists())


class RestoredTest(BackupCase):
    """The desk is stopped, so that it can be compared, byte for byte, with what was restored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journey.port(cls.desk)
        cls.desk.portdesk.stop()

    def test_the_restored_desk_is_the_same_and_serves(self):
        path, data = self.backup("--with-key"), self.place("data")
        self.restore(path, data)
        self.assertEqual(rows_of_database(data / "portdesk.db"), rows_of_database(self.desk.data / "portdesk.db"))
        self.assertEqual(files(data / "documents"), files(self.desk.data / "documents"))
        self.assertEqual((data / "portdesk.key").read_bytes(), (self.desk.data / "portdesk.key").read_bytes())
        for name in ("portdesk.db", "portdesk.key"):
            self.assertEqual((data / name).stat().st_mode & 0o777, 0o600)
        self.serves("--data.dir", data)

    def serves(self, *words):
        """A desk on what was restored shows the request and gives the bill as it was."""
        program = frame.Program("restored", [frame.BUILD / "portdesk", "serve", *words, "--config", self.desk.config],
                                self.desk.logs / "restored.log", self.desk.port)
        program.start()
        try:
            person = self.desk.sign_in()
            page = person.get(self.address)
            self.assertEqual(page.status, 200)
            link = next(link for link, _ in page.links if "/documents/" in link and "preview" not in link)
            self.assertEqual(person.get(link).body, journey.SAMPLE_BILL.read_bytes())
        finally:
            program.stop()

    def test_from_one_engine_into_the_other_and_back(self):
        cluster = postgres.Cluster().create().start()
        self.addCleanup(cluster.remove)
        url = postgres.new_database(cluster.url, "restored")
        first = self.backup("--with-key")
        there = self.place("data")
        self.restore(first, there, "--database.url", url)
        self.serves("--data.dir", there, "--database.url", url)
        # What the desk did meanwhile is in the second backup, and comes back into SQLite.
        second = self.place("backup")
        done = portdesk(self.desk.config, "backup", second, "--with-key", "--data.dir", there, "--database.url", url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(postgres.query(url, "SELECT count(*) FROM document_hold"), [("0",)])
        back = self.place("data")
        self.restore(second, back)
        self.assertEqual(rows_of_database(back / "portdesk.db"), {
            name: {each.replace("'\\'running\\''", "'\\'waiting\\''") for each in rows} if name == "job" else rows
            for name, rows in rows_of_backup(second).items()})
        self.assertEqual(files(back / "documents"), files(self.desk.data / "documents"))
        # A database that is in use is not written to.
        done = portdesk(self.desk.config, "restore", first, "--data.dir", self.place("data"), "--database.url", url)
        self.assertEqual(done.returncode, 1)
        done = portdesk(self.desk.config, "doctor", "--deep", "--data.dir", there, "--database.url", url)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
