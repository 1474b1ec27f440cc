"""Documents that nobody names are swept while the desk runs: what is old, what is young, what somebody holds."""
import fcntl
import shutil
import subprocess
import unittest

import database
import frame
import journey

EVERY, AGAIN = 6 * 3600 + 1, 10 * 60 + 1


class SweepTest(unittest.TestCase):
    def setUp(self):
        self.desk = frame.Desk(self.id().rpartition(".")[2][:40])
        self.addCleanup(self.desk.stop)
        self.desk.start()
        self.person = self.desk.sign_in()
        self.address = journey.submit(self.person, [journey.number()]).path
        self.documents = self.desk.data / "documents"
        self.mine = next(path for path in self.documents.rglob("doc_*") if path.is_file())

    def stray(self, age="2 days ago", when="01a200000000"):
        """A document without a row; `when` is the time in its id."""
        path = self.mine.with_name(f"doc_{when}7000800000000000" + self.mine.name[-4:])
        shutil.copy(self.mine, path)
        subprocess.run(["touch", "-d", age, path], check=True)
        return path

    def unfinished(self, name, age):
        path = self.documents / ".unfinished" / name
        path.write_bytes(b"half")
        subprocess.run(["touch", "-d", age, path], check=True)
        return path

    def serves(self):
        page = self.person.get(self.address)
        link = next(link for link, _ in page.links if "/documents/" in link and "preview" not in link)
        self.assertEqual(self.person.get(link).body, journey.SAMPLE_BILL.read_bytes())

    def test_what_is_old_goes_and_what_is_young_stays(self):
        old, left = self.stray(), self.unfinished("1" * 16, "2 days ago")
        by_store, by_id = self.stray("now", "01a200000001"), self.stray("2 days ago", self.mine.name[4:16])
        fresh, foreign = self.unfinished("2" * 16, "now"), self.mine.with_name("readme")
        shutil.copy(self.mine, foreign)
        subprocess.run(["touch", "-d", "2 days ago", foreign], check=True)
        self.desk.advance(EVERY)
        frame.wait_for("the sweep", lambda: not old.exists() and not left.exists())
        for path in (by_store, by_id, fresh, foreign, self.mine):
            self.assertTrue(path.exists(), path)
        self.serves()

    def test_a_backup_holds_it_up(self):
        with open(self.desk.data / "documents.hold", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            old, left = self.stray(), self.unfinished("1" * 16, "2 days ago")
            self.desk.advance(EVERY)
            frame.wait_for("the sweep to come by", lambda: not left.exists())
            frame.wait_for("the sweep to end", self.waits)
            self.assertTrue(old.exists())
        self.desk.advance(AGAIN)
        frame.wait_for("the sweep", lambda: not old.exists())
        self.serves()

    def waits(self):
        """Whether the job waits for its next time."""
        records = database.connect(self.desk.database)
        try:
            return records.rows("SELECT state FROM job WHERE kind = 'document_sweep' AND state = 'waiting'")
        finally:
            records.close()


if __name__ == "__main__":
    unittest.main()
