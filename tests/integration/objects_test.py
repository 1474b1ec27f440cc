"""Documents in an S3-compatible store: the same desk, with a store that is signed for, that fails, and that lies."""
import subprocess
import unittest

import database
import frame
import journey
import s3

LISTING = b'<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated>'


def cut_off(door):
    door.send_response(200)
    door.send_header("Content-Length", "5000")
    door.end_headers()
    door.wfile.write(b"half")
    door.close_connection = True


def hang_up(door):
    door.close_connection = True


class ObjectsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = s3.Store()
        cls.addClassCleanup(cls.store.stop)
        cls.store.start()
        cls.desk = frame.Desk("objects", cls.store.settings())
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        cls.person = cls.desk.sign_in()
        cls.address = journey.submit(cls.person, [journey.number()]).path

    def tearDown(self):
        self.store.faults.clear()
        self.store.listing = None
        self.assertEqual(self.store.wrong, [])  # every call was signed as AWS describes it

    def bill(self):
        page = self.person.get(self.address)
        link = next(link for link, _ in page.links if "/documents/" in link and "preview" not in link)
        return self.person.get(link)

    def doctor(self):
        return self.desk.command("doctor", "--deep", check=False)

    def test_documents_go_there_and_come_back(self):
        self.assertFalse((self.desk.data / "documents").exists())
        objects = self.store.objects()
        self.assertEqual({key.split("/")[-1].split("_")[0] for key in objects}, {"doc", "pv"})
        self.assertTrue(all(key.startswith("desk/one/acc_") for key in objects), objects.keys())
        bill = journey.SAMPLE_BILL.read_bytes()
        for content in objects.values():
            self.assertTrue(content.startswith(b"PDblob2\n"))
            self.assertFalse([start for start in range(0, len(bill) - 64, 997) if bill[start:start + 64] in content])
        self.assertEqual(self.bill().body, bill)
        done = self.doctor()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_passes_is_tried_again(self):
        for faults in ([(503, b"<Error><Code>SlowDown</Code></Error>")], [(500, b"")], [(500, b"x"), (429, b"")], [hang_up], [cut_off, hang_up]):
            with self.subTest(faults=faults):
                self.store.faults = list(faults)
                self.assertEqual(self.bill().body, journey.SAMPLE_BILL.read_bytes())
                self.assertEqual(self.store.faults, [])

    def test_what_does_not_pass_is_told(self):
        for fault in ((403, b"<Error><Code>AccessDenied</Code></Error>"), (404, b"<Error><Code>NoSuchBucket</Code></Error>"), (503, b""),
                      (200, b"no blob of ours"), (206, b"x" * 100), (301, b""), (400, b"<html>"), (200, b"")):
            with self.subTest(fault=fault):
                self.store.faults = [fault] * 12
                page = self.bill()
                self.assertIn(page.status, (500, 502, 503), page.text[:300])
                self.store.faults.clear()
        self.assertEqual(self.bill().status, 200)

    def test_an_upload_that_cannot_be_stored_is_no_document(self):
        before = self.store.objects()
        page = journey.start(self.person)
        page = journey.at_step(page, 1).submit("next", carrier="Verizon", numbers=journey.number())
        page = journey.at_step(page, 2).submit("next")
        self.store.faults = [(503, b"")] * 20
        bill = ("bill.pdf", journey.SAMPLE_BILL.read_bytes(), "application/pdf")
        refused = journey.at_step(page, 3).submit("next", bill=bill, bill_confirmed="yes")
        self.assertIn(refused.status, (422, 503))
        self.assertIn("The document store does not answer", refused.text)
        self.store.faults.clear()
        self.assertEqual(self.store.objects(), before)
        again = journey.at_step(self.person.get(page.path), 3).submit("next", bill=bill, bill_confirmed="yes")
        journey.at_step(again, 4)
        self.assertGreater(len(self.store.objects()), len(before))
        self.assertEqual(self.doctor().returncode, 0)

    def test_listings_that_lie(self):
        for body in (b"", b"<html>", LISTING + b"</ListBucketResult>", LISTING, b"\xff\xfe",
                     b'<!DOCTYPE a [<!ENTITY x "y">]><ListBucketResult>&x;</ListBucketResult>'):
            with self.subTest(body=body):
                self.store.listing = body
                done = self.doctor()
                self.assertEqual(done.returncode, 1)
                self.assertIn("document store", done.stderr)
        foreign = (b"<ListBucketResult><IsTruncated>false</IsTruncated>" + b"".join(
            b"<Contents><Key>%b</Key><LastModified>2020-01-01T00:00:00Z</LastModified></Contents>" % key
            for key in (b"desk/one/../../etc", b"other", b"desk/one/acc_1/xx/doc_1", b"desk/one/a b/c")) + b"</ListBucketResult>")
        self.store.listing = foreign
        self.assertEqual(self.doctor().returncode, 0)  # no name of ours among them

    def test_a_document_that_is_missing_or_altered(self):
        folder = self.store.directory / "objects" / s3.BUCKET
        path = next(folder.rglob("doc_*._S3rver_object"))
        content = path.read_bytes()
        try:
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            done = self.doctor()
            self.assertEqual(done.returncode, 1)
            self.assertIn("altered", done.stdout)
        finally:
            path.write_bytes(content)
        self.assertEqual(self.doctor().returncode, 0)

    def test_keys_turn_and_backups_move(self):
        before = self.store.objects()
        self.desk.command("keys", "rotate")
        frame.wait_for("the new key", lambda: "ended" in self.desk.command("keys", "status").stdout.splitlines()[-1])
        after = self.store.objects()
        self.assertEqual(before.keys(), after.keys())
        for key, content in before.items():
            self.assertEqual(content[168:], after[key][168:])  # the content stays, its key is wrapped anew
            self.assertNotEqual(content[8:168], after[key][8:168])
        self.assertEqual(self.bill().body, journey.SAMPLE_BILL.read_bytes())
        # Out of the store into files, and into another place of a store; never over what is there.
        path = self.desk.directory / "backup"
        self.run_portdesk("backup", path, "--with-key")
        self.run_portdesk("restore", path, "--data.dir", self.desk.directory / "files", "--documents.url", "")
        found = {"desk/one/" + str(each.relative_to(self.desk.directory / "files/documents")): each.read_bytes()
                 for each in (self.desk.directory / "files/documents").rglob("*_*") if each.is_file()}
        self.assertEqual(found, after)
        self.run_portdesk("restore", path, "--data.dir", self.desk.directory / "full", code=1)
        self.run_portdesk("restore", path, "--data.dir", self.desk.directory / "two", "--documents.url", f"s3://{s3.BUCKET}/two")
        two = {key.removeprefix("two/"): content for key, content in self.store.objects().items() if key.startswith("two/")}
        self.assertEqual(two, {key.removeprefix("desk/one/"): content for key, content in after.items()})

    def run_portdesk(self, *words, code=0):
        url = database.new("restored") if words[0] == "restore" else ""
        if url:
            self.addCleanup(database.drop, url)
        done = subprocess.run([frame.BUILD / "portdesk", *map(str, words), "--config", self.desk.config, *(["--database.url", url] if url else [])],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)

    def test_wrong_settings(self):
        for settings in ({"documents.url": "s3://"}, {"documents.url": "s3://a b"}, {"documents.url": "ftp://x"}, {"documents.url": "s3://desk/../x"},
                         {"documents.secret_key": ""}, {"documents.endpoint": "127.0.0.1"}, {"documents.region": "eu test"}):
            words = [word for name, value in settings.items() for word in (f"--{name}", value)]
            done = self.desk.command("keys", "status", *words, check=False)
            self.assertEqual(done.returncode, 1, settings)
            self.assertNotIn(s3.SECRET, done.stderr)

    def test_the_secret_key_is_nowhere(self):
        time_to_look = self.desk.portdesk.log.read_text()
        self.assertNotIn(s3.SECRET, time_to_look)
        for path in self.desk.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(s3.SECRET.encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
