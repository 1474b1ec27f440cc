"""doctor --deep: each fault that it looks for is planted in a copy of a desk, and found; a sound desk has none, also while it runs."""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import unittest

import frame
import journey
from people import UNKNOWN

ENGINES = {"sqlite"}  # the faults are planted in copies of the file

# A fault for each check: statements, on the copy of a desk with a completed port, one under way, a draft and a mail.
OPEN = "(SELECT id FROM port_number WHERE claimed IS NOT NULL LIMIT 1)"
DONE = "(SELECT id FROM port_request WHERE status = 'completed' LIMIT 1)"
FAULTS = [
    ("engine", ["DELETE FROM account WHERE kind = 'customer'"]),
    ("claims", [f"UPDATE port_number SET claimed = NULL WHERE id = {OPEN}"]),
    ("claims", ["UPDATE port_number SET claimed = e164 WHERE status = 'completed'"]),
    ("claims_of_nobody", ["INSERT INTO number_use (account, e164, kind) SELECT id, '+14155550100', 'port' FROM account LIMIT 1"]),
    ("claims_of_nobody", ["INSERT INTO number_use (account, e164, kind) SELECT id, '+14155550100', 'inventory' FROM account LIMIT 1"]),
    ("claims_of_nobody", ["INSERT INTO number_use (account, e164, kind) SELECT id, '+14155550100', 'personal' FROM account LIMIT 1"]),
    ("homes", ["INSERT INTO number_home (e164, account) VALUES ('+14155550100', 'acc_nobody')"]),
    ("homeless", ["DELETE FROM number_home"]),
    ("ends", [f"UPDATE port_request SET ended_at = NULL WHERE id = {DONE}"]),
    ("ends", ["UPDATE port_request SET ended_at = 1 WHERE status = 'draft'"]),
    ("pins", [f"INSERT INTO port_pin (account, request, sealed, given_at) SELECT account, id, x'00', 1 FROM port_request WHERE id = {DONE}"]),
    ("submitted", ["UPDATE port_request SET submitted_at = NULL WHERE status = 'completed'"]),
    ("numbers_orders", [f"UPDATE carrier_order SET request = {DONE} WHERE id = (SELECT carrier_order FROM port_number WHERE id = {OPEN})"]),
    ("replaced", [f"UPDATE carrier_order SET replaces = 'ord_{UNKNOWN}'"]),
    ("carrier_refs", ["DELETE FROM carrier_ref"]),
    ("makers", [f"UPDATE port_request SET created_by = 'usr_{UNKNOWN}'"]),
    ("makers", [f"UPDATE port_request SET begun_by = 'usr_{UNKNOWN}'"]),
    ("makers", [f"UPDATE port_request SET submitted_by = 'usr_{UNKNOWN}' WHERE submitted_by IS NOT NULL"]),
    ("document_makers", [f"UPDATE document SET added_by = 'usr_{UNKNOWN}'"]),
    ("mails", [f"UPDATE mail SET request = 'pr_{UNKNOWN}'"]),
    ("mails", [f"UPDATE mail SET carrier_order = 'ord_{UNKNOWN}'"]),
    ("events", [f"UPDATE inbound_event SET carrier_order = 'ord_{UNKNOWN}'"]),
    ("inventory", [f"UPDATE number SET request = 'pr_{UNKNOWN}'"]),
    ("inventory", [f"UPDATE number SET assigned_user = 'usr_{UNKNOWN}'"]),
    ("completed", ["DELETE FROM number"]),
    ("order_jobs", ["INSERT INTO job (account, kind, subject, state, due, changed_at) VALUES ('acc_1', 'order_sync', 'ord_1', 'waiting', 1, 1)"]),
    ("mail_jobs", ["UPDATE mail SET sent_at = NULL, refused = NULL", "DELETE FROM job WHERE kind = 'mail_send'"]),
    ("emails", ["DELETE FROM user_email WHERE email LIKE 'tom%'"]),
    ("emails", ["UPDATE app_user SET removed_at = 1 WHERE email LIKE 'elena%'"]),
    ("owners", ["UPDATE app_user SET role = 'agent' WHERE email LIKE 'tom%'"]),
    ("removed", ["UPDATE app_user SET removed_at = 1 WHERE id = (SELECT user_id FROM session LIMIT 1)"]),
    ("removed", ["UPDATE app_user SET removed_at = 1 WHERE id = (SELECT user_id FROM session LIMIT 1)", "DELETE FROM session",
                 "INSERT INTO totp (account, user_id, secret_sealed, created_at)"
                 " SELECT account, id, x'00', 1 FROM app_user WHERE removed_at IS NOT NULL"]),
    ("recovery_codes", ["INSERT INTO recovery_code (account, user_id, code_hash, created_at) SELECT account, id, '00', 1 FROM app_user"]),
    ("passkeys", ["INSERT INTO passkey (account, id, user_id, credential, credential_hash, alg, public_key, counter, backup_eligible, backed_up,"
                  " name, created_at) SELECT account, 'pk_1', id, 'AA', '00', -7, x'00', 0, 0, 0, 'Phone', 1 FROM app_user LIMIT 1"]),
    ("links", [f"INSERT INTO user_link (account, id, token_hash, kind, email, user_id, created_at, sent_at, expires_at)"
               f" SELECT id, 'lnk_1', '00', 'reset', 'a@b.example', 'usr_{UNKNOWN}', 1, 1, 1 FROM account LIMIT 1"]),
    ("links", ["INSERT INTO user_link (account, id, token_hash, kind, email, role, created_at, sent_at, expires_at)"
               " VALUES ('acc_1', 'lnk_1', '00', 'invitation', 'a@b.example', 'agent', 1, 1, 1)"]),
    ("person_mails", ["INSERT INTO person_mail (account, id, kind, to_name, to_address, queued_at)"
                      " VALUES ('acc_1', 'pml_1', 'reset', 'A', 'a@b.example', 1)"]),
    ("person_mails", ["INSERT INTO person_mail (account, id, kind, to_name, to_address, queued_at, sent_at, link_sealed)"
                      " VALUES ('acc_1', 'pml_1', 'reset', 'A', 'a@b.example', 1, 1, x'00')"]),
    ("link_requests", ["INSERT INTO link_request (account, id, kind, email, asked_at) VALUES ('operator', 'ask_1', 'reset', 'a@b.example', 1)"]),
    ("words", ["INSERT INTO audit_event (account, id, at, kind) VALUES ('acc_1', 'aud_1', 1, 'danced')"]),
    ("summaries", ["UPDATE port_request SET numbers_count = numbers_count + 1 WHERE status <> 'draft'"]),
    ("summaries", ["UPDATE port_request SET numbers_completed = 0 WHERE status = 'completed'"]),
    ("summaries", ["UPDATE port_request SET first_number = NULL WHERE status = 'completed'"]),
    ("reversed", [f"UPDATE port_number SET e164_reversed = NULL WHERE id = {OPEN}"]),
    ("words", ["UPDATE port_request SET status = 'resting' WHERE status = 'draft'"]),
    ("words", ["UPDATE port_request SET turn = 'the_weather'"]),
    ("words", ["UPDATE port_number SET status = 'parked' WHERE claimed IS NOT NULL"]),
    ("words", ["UPDATE carrier_order SET phase = 'soon'"]),
    ("words", ["UPDATE order_number SET status = 'parked'"]),
    ("values", ["UPDATE port_request SET account_number_sealed = x'020011' WHERE account_number_sealed IS NOT NULL"]),
    ("values", ["UPDATE port_pin SET sealed = (SELECT account_number_sealed FROM port_request WHERE id = port_pin.request)"]),
    ("values", ["UPDATE inbound_event SET sealed = substr(sealed, 1, length(sealed) - 1)"]),
    ("documents", ["UPDATE document SET size = size + 1"]),
    ("documents", ["UPDATE document SET sha256 = '00'"]),
    ("documents", ["UPDATE document SET has_preview = 1, id = 'doc_" + UNKNOWN + "' WHERE id = (SELECT id FROM document LIMIT 1)"]),
]


class DeepTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = frame.Desk("deep", {"database.url": ""})
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()
        journey.port(cls.desk)
        person = cls.desk.sign_in()
        journey.sign(cls.desk, cls.submit(person))
        journey.review(person, [journey.number()])
        cls.running = cls.doctor(cls.desk.data)
        cls.desk.advance(3 * 24 * 3600)
        cls.desk.portdesk.stop()
        cls.copies = 0

    @staticmethod
    def submit(person):
        number = journey.number()
        journey.submit(person, [number])
        return number

    @classmethod
    def doctor(cls, data, *words):
        """Findings by check, as --json tells them, and the exit code."""
        done = subprocess.run([frame.BUILD / "portdesk", "doctor", "--deep", "--json", *words, "--config", cls.desk.config, "--data.dir", data],
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode not in (0, 1) or done.stderr:
            raise AssertionError(f"{done.returncode}: {done.stderr}")
        told = json.loads(done.stdout)
        found = {check["check"]: check["findings"] for check in told["checks"]}
        if told["findings"] != sum(found.values()) or any(len(check["examples"]) != min(20, check["findings"]) for check in told["checks"]):
            raise AssertionError(done.stdout)
        return found, done.returncode

    def copy(self):
        type(self).copies += 1
        data = self.desk.directory / f"copy-{self.copies}"
        shutil.copytree(self.desk.data, data)
        return data

    def planted(self, statements):
        data = self.copy()
        connection = sqlite3.connect(data / "portdesk.db", isolation_level=None)
        changed = [connection.execute(sql).rowcount for sql in statements]  # without foreign keys: sqlite3 leaves them off
        connection.close()
        self.assertTrue(changed[0], statements)
        return data

    def test_a_sound_desk_has_no_finding(self):
        for found, code in (self.running, self.doctor(self.desk.data)):
            self.assertEqual({name: count for name, count in found.items() if count}, {})
            self.assertEqual(code, 0)

    def test_a_mail_that_waits_is_no_finding(self):
        data = self.planted(["UPDATE mail SET sent_at = NULL, refused = NULL",
                             "INSERT INTO job (account, kind, subject, state, due, changed_at)"
                             " SELECT account, 'mail_send', id, 'waiting', 1, 1 FROM mail WHERE true ON CONFLICT DO NOTHING"])  # some may wait still
        found, code = self.doctor(data)
        self.assertEqual((found["mail_jobs"], code), (0, 0), found)

    def test_each_fault_is_found(self):
        for check, statements in FAULTS:
            with self.subTest(check=check, statements=statements):
                data = self.planted(statements)
                found, code = self.doctor(data)
                self.assertEqual(code, 1)
                self.assertGreater(found[check], 0, found)
                shutil.rmtree(data)

    def test_every_check_has_a_fault(self):
        found, _ = self.doctor(self.desk.data)
        self.assertEqual(set(found), {check for check, _ in FAULTS} | {"strays"})

    def documents(self, data, prefix="doc_"):
        return sorted((data / "documents").rglob(f"{prefix}*"))

    def test_documents_that_are_not_what_they_were(self):
        for change in (pathlib.Path.unlink, lambda path: path.write_bytes(b""),
                       lambda path: path.write_bytes(path.read_bytes()[:-1]),
                       lambda path: path.write_bytes(path.read_bytes()[:1000] + b"?" + path.read_bytes()[1001:])):
            for prefix in ("doc_", "pv_"):
                data = self.copy()
                change(self.documents(data, prefix)[0])
                found, _ = self.doctor(data)
                self.assertEqual((found["documents"], found["strays"]), (1, 0))
                shutil.rmtree(data)

    def test_documents_of_nobody(self):
        data = self.copy()
        made = self.documents(data)[0]
        stray = made.with_name("doc_01a20000000070008000000000000" + made.name[-3:])
        shutil.copy(made, stray)
        found, code = self.doctor(data)
        self.assertEqual((found["strays"], code), (0, 0))  # by the store's clock it is young: somebody may be uploading
        subprocess.run(["touch", "-d", "3 days ago", stray], check=True)
        found, code = self.doctor(data)
        self.assertEqual((found["strays"], code), (1, 1))
        stray.rename(made.with_name("readme"))
        self.assertEqual(self.doctor(data)[0]["strays"], 1)

    def test_many_findings_are_counted(self):
        data = self.planted(["INSERT INTO unknown_word (carrier, word, times, last_order, last_at) VALUES ('x', 'y', 1, 'z', 1)"] + [
            f"INSERT INTO number_home (e164, account) VALUES ('+1415555{i:04}', 'acc_nobody')" for i in range(50)])
        self.assertEqual(self.doctor(data)[0]["homes"], 50)
        done = subprocess.run([frame.BUILD / "portdesk", "doctor", "--deep", "--config", self.desk.config, "--data.dir", data],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.count("+1415555"), 20)
        self.assertIn("and 30 more", done.stdout)
        self.assertTrue(done.stdout.endswith("50 findings\n"), done.stdout)


if __name__ == "__main__":
    unittest.main()
