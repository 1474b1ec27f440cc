"""The master key turns while the desk runs: everything is sealed anew, nothing open breaks, a kill at any moment only delays it, and an
old key goes only when nothing needs it."""
import re
import unittest

import database
import frame
import journey

GRACE = 15 * 60 + 1


class KeysCase(unittest.TestCase):
    def setUp(self):
        self.desk = frame.Desk(self.id().rpartition(".")[2][:40])
        self.addCleanup(self.desk.stop)
        self.desk.start()
        self.person = self.desk.sign_in()
        self.pages = [journey.submit(self.person, [journey.number()]) for _ in range(3)]

    def keys(self):
        """What `keys status` says of each key: {id: (state, values, documents)}, and its last line."""
        said = self.desk.command("keys", "status").stdout
        lines = re.findall(r"^key (\w+)  (\w+)  made .*?  (\d+) values, (\d+) documents$", said, re.M)
        return {key: (state, int(values), int(documents)) for key, state, values, documents in lines}, said.splitlines()[-1]

    def current(self):
        return next(key for key, (state, _, _) in self.keys()[0].items() if state == "current")

    def rotate(self, *words):
        return re.search(r"key (\w{16}) is", self.desk.command("keys", "rotate", *words).stdout)[1]

    def sealed_anew(self, key):
        frame.wait_for(f"everything to be sealed with {key}", lambda: f"with key {key}: ended" in self.keys()[1])

    def everything_opens(self):
        done = self.desk.command("doctor", "--deep", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        page = self.person.get(self.pages[0].path)
        link = next(link for link, _ in page.links if "/documents/" in link and "preview" not in link)
        self.assertEqual(self.person.get(link).body, journey.SAMPLE_BILL.read_bytes())

    def test_a_new_key_while_the_desk_runs(self):
        old = self.current()
        state, values, documents = self.keys()[0][old]
        self.assertEqual((state, documents), ("current", 6))  # a bill and its picture each
        self.assertGreaterEqual(values, 6)
        open_form = journey.review(self.person, [journey.number()])
        new = self.rotate()
        self.assertNotEqual(old, new)
        self.sealed_anew(new)
        found, last = self.keys()
        self.assertEqual(found[old], ("old", 0, 0))
        self.assertEqual(found[new][0], "current")
        self.assertIn(" 0 do not open", last)
        self.everything_opens()
        # A form that was open goes on: its token is not of the master key. What it seals is of the new one.
        page = self.person.request(*journey.submission(open_form))
        self.assertEqual(page.status, 200)
        self.assertFalse(journey.is_draft(page))
        found, _ = self.keys()
        self.assertEqual(found[old], ("old", 0, 0))
        self.assertGreater(found[new][1], values)
        # And the carrier's events still come in at the address that it knows.
        journey.sign(self.desk, self.desk.carrier_ports()[0]["phone_numbers"][0]["phone_number"])
        self.assertNotIn("hook.refused", self.desk.portdesk.tail())

        done = self.desk.command("keys", "prune", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)  # too young
        self.desk.advance(GRACE)
        self.desk.command("keys", "prune")
        self.assertEqual(list(self.keys()[0]), [new])
        self.everything_opens()
        self.assertIn("no old key", self.desk.command("keys", "prune").stdout)

    def test_a_key_that_is_needed_is_kept(self):
        self.desk.portdesk.stop()
        before = (self.desk.data / "portdesk.key").read_bytes()
        old, new = self.current(), self.rotate()
        self.desk.advance(GRACE)
        done = self.desk.command("keys", "prune", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("still in use", done.stderr)
        self.assertEqual(set(self.keys()[0]), {old, new})
        self.assertIn(before.split()[-2], (self.desk.data / "portdesk.key").read_bytes())
        self.assertEqual((self.desk.data / "portdesk.key").stat().st_mode & 0o777, 0o600)
        self.desk.portdesk.start()
        self.sealed_anew(new)
        self.desk.command("keys", "prune")
        self.assertEqual(list(self.keys()[0]), [new])
        self.everything_opens()

    def test_a_kill_in_the_middle(self):
        for name, count in (("rewrap-after-batch", 2), ("rewrap-within-documents", 1), ("rewrap-within-documents", 2)):
            with self.subTest(failpoint=name, count=count):
                self.desk.portdesk.stop()
                new = self.rotate()
                self.desk.portdesk.start({"PORTDESK_FAILPOINT": f"{name}:{count}"}, wait=False)
                frame.wait_for("the kill", lambda: not self.desk.portdesk.running())
                self.desk.portdesk.kill()
                done = self.desk.command("doctor", "--deep", check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.desk.portdesk.start()
                self.sealed_anew(new)
                found, _ = self.keys()
                self.assertEqual({key: use[1:] for key, use in found.items() if key != new and use[1:] != (0, 0)}, {})
        self.everything_opens()

    def test_a_next_key_is_known_first(self):
        old = self.current()
        next_key = self.rotate("--next")
        found, _ = self.keys()
        self.assertEqual((found[old][0], found[next_key]), ("current", ("next", 0, 0)))
        self.assertEqual(self.desk.command("keys", "rotate", "--next", check=False).returncode, 1)
        self.assertEqual(self.rotate(), next_key)
        self.sealed_anew(next_key)
        self.everything_opens()

    def test_wrong_use(self):
        for words in ((), ("turn",), ("rotate", "--soon"), ("prune", "--now")):
            self.assertEqual(self.desk.command("keys", *words, check=False).returncode, 2, words)


class FirstVersionTest(unittest.TestCase):
    """A key file of one line, as earlier versions made it, is taken as it is, and turned."""

    def test_the_file_becomes_a_ring(self):
        desk = frame.Desk("first-version-key")
        self.addCleanup(desk.stop)
        desk.data.mkdir(mode=0o700)
        key = desk.data / "portdesk.key"
        key.write_text("00112233445566778899aabbccddeeff" * 2 + "\n")
        key.chmod(0o600)
        desk.start()
        person = desk.sign_in()
        page = journey.submit(person, [journey.number()])
        self.assertEqual(key.read_text(), "00112233445566778899aabbccddeeff" * 2 + "\n")
        desk.command("keys", "rotate")
        frame.wait_for("the new key", lambda: "ended" in desk.command("keys", "status").stdout.splitlines()[-1])
        desk.advance(GRACE)
        desk.command("keys", "prune")
        self.assertNotIn("00112233", key.read_text())
        self.assertEqual(person.get(page.path).status, 200)
        self.assertEqual(desk.command("doctor", "--deep").returncode, 0)
        records = database.connect(desk.database)
        try:
            prefixes = {value[:9] for value, in records.rows("SELECT account_number_sealed FROM port_request WHERE account_number_sealed IS NOT NULL")}
        finally:
            records.close()
        self.assertEqual(len(prefixes), 1)


if __name__ == "__main__":
    unittest.main()
