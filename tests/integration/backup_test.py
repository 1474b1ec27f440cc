"""Backup and restore as an operator uses them: while people submit, into another directory, another engine, and never into a place
that is in use; and what was done to the file in between."""
import base64
import fcntl
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import threading
import unittest

import database
import frame
import journey
import postgres

PIN, ACCOUNT_NUMBER = "7391648250", "ZX-55310-QQ"
# Tables that are of the moment, and no part of a backup.
LEFT_OUT = {"schema_migration", "schema_lock", "document_hold", "job_worker", "job_line"}


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


def rows_of_database(address):
    """The same of a database."""
    tables, records = {}, database.connect(address)
    try:
        for table in set(records.names()) - LEFT_OUT:
            columns, rows = records.table(table)
            found = {repr(sorted((column, repr(plain(value))) for column, value in zip(columns, row)
                                 if (table, column) != ("job", "worker"))) for row in rows}
            if found:
                tables[table] = found
    finally:
        records.close()
    return tables


def at_rest(tables):
    """The rows of a backup as they are restored: nobody runs a job yet."""
    return {name: {each.replace("'\\'running\\''", "'\\'waiting\\''").replace('"\'running\'"', '"\'waiting\'"') for each in rows} if name == "job" else rows
            for name, rows in tables.items()}


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


def difference(first, second):
    """What differs between two sets of tables, in a few lines."""
    lines = [f"{mark} {table}: {row}" for table in sorted({*first, *second}) for mark, here, there in (("-", first, second), ("+", second, first))
             for row in sorted(here.get(table, set()) - there.get(table, set()))]
    return "\n".join(line[:300] for line in lines[:20])


class Home:
    """A data directory that is not there yet, and an empty database."""

    def __init__(self, case, address=None):
        self.path = case.place("data")
        url = address or database.new("restored")
        self.address = url or self.path / "portdesk.db"
        self.words = ["--data.dir", self.path, *(["--database.url", url] if url else [])]
        if not address and url:
            case.addCleanup(database.drop, url)

    def __truediv__(self, name):
        return self.path / name


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

    def restore(self, path, home, *words, code=0):
        done = portdesk(self.desk.config, "restore", path, *words, *home.words)
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
            paths = []
            for count in range(1, 4):
                paths.append(self.backup("--with-key"))
                frame.wait_for("more submissions", lambda wanted=len(pages) + count: len(pages) >= wanted or failures)
        finally:
            stop.set()
            thread.join()
        self.assertEqual(failures, [])
        for path in paths:
            data = Home(self)
            self.assertIn("all is well", self.restore(path, data).stdout)  # as doctor --deep
            self.assertEqual(difference(rows_of_database(data.address), at_rest(rows_of_backup(path))), "")
        self.assertLess(len(rows_of_backup(paths[0])["port_request"]), len(rows_of_backup(paths[-1])["port_request"]))

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

    def killed_while_it_holds(self):
        """Begins a backup and kills it while it holds the documents. False when it was over too soon."""
        path = self.place("backup")
        process = subprocess.Popen([frame.BUILD / "portdesk", "backup", path, "--config", self.desk.config],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        held = False
        while not held and process.poll() is None:
            held = not self.free()
        process.send_signal(signal.SIGKILL)
        return held and process.wait() == -signal.SIGKILL and not path.exists()

    def free(self):
        """Whether documents may be removed now."""
        with open(self.desk.data / "documents.hold", "ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                return False

    def test_a_backup_that_is_killed_holds_nothing(self):
        frame.wait_for("a backup to be killed while it holds the documents", self.killed_while_it_holds)
        self.assertTrue(self.free())

    def test_what_root_makes_the_desk_can_use(self):
        hold = self.desk.data / "documents.hold"
        owner = self.desk.data.stat()
        if os.geteuid() == 0:
            os.chown(self.desk.data, 65534, 65534)
        try:
            hold.unlink(missing_ok=True)
            self.backup()
            self.assertEqual(hold.stat().st_uid, self.desk.data.stat().st_uid)
        finally:
            os.chown(self.desk.data, owner.st_uid, owner.st_gid)
            os.chown(hold, owner.st_uid, owner.st_gid)

    def test_what_it_is_restored_into_must_be_empty(self):
        path = self.backup("--with-key")
        for name in ("portdesk.db", "anything"):
            data = Home(self)
            data.path.mkdir(mode=0o700)
            (data / name).write_text("")
            self.restore(path, data, code=1)
            self.assertEqual([each.name for each in data.path.iterdir()], [name])
        self.assertEqual(portdesk(self.desk.config, "restore", path).returncode, 1)  # where the desk itself is
        for wrong in (self.place("nothing"), self.desk.config, frame.EXAMPLES / "sample-bill.pdf"):
            data = Home(self)
            self.restore(wrong, data, code=1)
            self.assertFalse(data.path.exists())

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
                    data = Home(self)
                    self.restore(altered(path, change, sums), data, code=1)
                    self.assertFalse((data / "portdesk.key").exists())  # no desk can start on it
        for cut in (0, 511, 5000, len(whole) // 2, len(whole) - 12000):
            with self.subTest(cut=cut):
                data, short = Home(self), self.place("short")
                short.write_bytes(whole[:cut])
                self.restore(short, data, code=1)
                self.assertFalse((data / "portdesk.key").exists())

    def test_without_the_key_in_it(self):
        path = self.backup()
        data = Home(self)
        key = self.desk.data / "portdesk.key"
        current = portdesk(self.desk.config, "keys", "status").stdout.split()[1]
        done = self.restore(path, data)
        self.assertIn(current, done.stdout)
        self.assertFalse((data / "portdesk.key").exists())
        self.assertEqual(portdesk(self.desk.config, "doctor", "--deep", *data.words).returncode, 1)
        shutil.copy(key, data / "portdesk.key")
        done = portdesk(self.desk.config, "doctor", "--deep", *data.words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        given = Home(self)
        self.assertIn("all is well", self.restore(path, given, "--key", key).stdout)
        self.assertEqual((given / "portdesk.key").read_bytes(), key.read_bytes())
        self.assertEqual((given / "portdesk.key").stat().st_mode & 0o777, 0o600)
        other = self.place("other.key")
        other.write_text("0" * 64 + "\n")
        other.chmod(0o600)
        self.restore(path, Home(self), "--key", other, code=1)

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
        data = Home(self)
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
        path, home = self.backup("--with-key"), Home(self)
        self.restore(path, home)
        self.assertEqual(difference(rows_of_database(home.address), at_rest(rows_of_database(self.desk.database))), "")
        self.assertEqual(files(home / "documents"), files(self.desk.data / "documents"))
        self.assertEqual((home / "portdesk.key").read_bytes(), (self.desk.data / "portdesk.key").read_bytes())
        for each in home.path.glob("portdesk.*"):
            self.assertEqual(each.stat().st_mode & 0o777, 0o600, each)
        self.serves(home)

    def serves(self, home):
        """A desk on what was restored shows the request and gives the bill as it was."""
        program = frame.Program("restored", [frame.BUILD / "portdesk", "serve", *home.words, "--config", self.desk.config],
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

    def other_engine(self):
        """A place of the engine on which the tests do not run."""
        if database.SERVER:
            path = self.place("sqlite")
            return Home(self, f"sqlite://{path}.db")
        cluster = postgres.Cluster().create().start()
        self.addCleanup(cluster.remove)
        return Home(self, cluster.url)

    def test_from_one_engine_into_the_other_and_back(self):
        there, back, first, second = self.other_engine(), Home(self), self.backup("--with-key"), self.place("backup")
        self.restore(first, there)
        self.serves(there)
        # What the desk did meanwhile is in the second backup, and comes back.
        done = portdesk(self.desk.config, "backup", second, "--with-key", *there.words)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(len(rows_of_backup(first)["session"]), len(rows_of_backup(second)["session"]))
        self.restore(second, back)
        self.assertEqual(difference(rows_of_database(back.address), at_rest(rows_of_backup(second))), "")
        self.assertEqual(files(back / "documents"), files(self.desk.data / "documents"))
        # A database that is in use is not written to.
        again = Home(self, there.words[-1])
        self.restore(first, again, code=1)
        self.assertFalse((again / "portdesk.key").exists())
        done = portdesk(self.desk.config, "doctor", "--deep", *there.words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
