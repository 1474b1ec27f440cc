"""The sandbox carrier's scenarios and faults, each row of its tables: what the control API tells that it does is what it does."""
import concurrent.futures
import html
import http.client
import json
import subprocess
import threading
import unittest

import database
from frame import BUILD, ROOT, wait_for
from sandbox_test import Receiver, SandboxCase

ENGINES = {"none"}  # no database of the product is in these tests
SPELLED = {
    "title": ["Waiting For Signature", "Port Submitted", "Port Pending", "Completed"],
    "hyphens": ["waiting-for-signature", "port-submitted", "port-pending", "completed"],
    "bare": ["waiting_for_signature", "submitted", "pending", "completed"],
    "prefixed": ["port_waiting_for_signature", "port_submitted", "port_pending", "port_completed"],
    "capitals": ["WAITING_FOR_SIGNATURE", "PORT_SUBMITTED", "PORT_PENDING", "COMPLETED"],
}
USUAL = ["waiting_for_signature", "port_submitted", "port_pending", "completed"]
BROKEN = (http.client.HTTPException, OSError)


class ScenarioCase(SandboxCase):
    def setUp(self):
        status = self.post("/control/script", {})
        self.assertEqual(status, 204)

    numbering = threading.Lock()

    def number(self, ending=None):
        with self.numbering:
            return self.carrier.number(ending)

    def post(self, path, body):
        return self.carrier.call("POST", path, body)[0]

    def number_state(self, sid):
        return self.carrier.fetch(sid)["phone_numbers"][0]

    def told(self, sid):
        return self.number_state(sid)["port_in_phone_number_status"]

    def stored(self, sid):
        """Status and other columns as the carrier has them for itself."""
        records = database.Sqlite(self.carrier.directory / "data/sandbox.db")
        try:
            return records.rows("SELECT n.status, n.port_at, n.inventory_at, n.changed_at, p.expires_at, p.letter_at, e.due_at, e.kind || e.id "
                                "FROM port_number n JOIN port p ON p.sid = n.port_sid LEFT JOIN event e ON e.port_sid = p.sid "
                                "AND e.kind <> 'expired' WHERE p.sid = ? ORDER BY n.position, e.due_at", sid)[0]
        finally:
            records.close()

    def step(self, sid):
        """The carrier's next step; returns what stands then."""
        status, _, said = self.carrier.call("POST", f"/control/api/ports/{sid}/advance", {})
        self.assertEqual(status, 200, said)
        return self.stored(sid)[0]

    def sign(self, sid):
        status, _, said = self.carrier.call("POST", f"/control/api/ports/{sid}/sign", {})
        self.assertEqual(status, 200, said)

    def begin(self, number, **changes):
        """A port whose letter is out."""
        sid = self.carrier.create(number if isinstance(number, list) else [number], **changes)["port_in_request_sid"]
        return sid

    def submitted(self, number, **changes):
        sid = self.begin(number, **changes)
        self.step(sid)
        self.sign(sid)
        return sid


class Scenarios(ScenarioCase):
    def test_every_row_of_the_table(self):
        table = self.carrier.get("/control/scenarios")
        self.assertGreater(len(table["scenarios"]), 40)
        knobs = {name for row in table["scenarios"] for name in row} - {"name", "said", "number_ends", "pin", "account_number_begins",
                                                                       "street_begins", "name_begins", "attempts"}
        self.assertEqual(knobs, {name for name in dir(self) if name in knobs})
        page = html.unescape(self.carrier.call("GET", "/control")[2].decode())
        wrong = []
        with concurrent.futures.ThreadPoolExecutor(8) as several:  # what takes time is the carrier's writing
            list(several.map(lambda row: self.row(row, knobs, page, wrong), table["scenarios"]))
        self.assertEqual(wrong, [])

    def row(self, row, knobs, page, wrong):
        try:
            self.assertTrue(row["said"] in page, row["said"])
            for knob in knobs & set(row):
                getattr(self, knob)(row, self.number(row.get("number_ends")))
        except Exception as failure:  # pylint: disable=broad-except
            wrong.append(f"{row['name']}: {type(failure).__name__}: {failure}")

    def test_the_docs_are_current(self):
        said = subprocess.run([BUILD / "portdesk-sandbox", "scenarios"], capture_output=True, text=True, check=True).stdout
        self.assertEqual((ROOT / "docs/sandbox-scenarios.md").read_text(), said)

    def not_portable(self, row, number):
        status, _, answer = self.carrier.call("GET", f"/v1/Porting/Portability/PhoneNumber/{number}")
        self.assertEqual((answer["portable"], answer["not_portable_reason_code"]), (False, row["not_portable"]))
        self.assertEqual(status, 400 if row["not_portable"] == 22130 else 200)
        self.assertRegex(answer["not_portable_reason"], "^[A-Z_]+$")
        self.assert_error(self.carrier.call("POST", "/v1/Porting/PortIn", self.carrier.order([number])), 400, row["not_portable"])

    def mobile(self, _row, number):
        self.assert_error(self.carrier.call("POST", "/v1/Porting/PortIn", self.carrier.order([number], pin=None)), 400, 22171)
        self.assertEqual(self.carrier.create([number])["phone_numbers"][0]["number_type"], "MOBILE")

    def reject(self, row, number):
        data = {"pin": {"pin": row.get("pin")}, "account_number_begins": {"account_number": row.get("account_number_begins", "") + "99"},
                "street_begins": {"address": {"street": row.get("street_begins", "") + " 5", "city": "San Francisco", "state": "CA",
                                              "zip": "94115", "country": "US"}},
                "name_begins": {"customer_name": row.get("name_begins", "") + " LLC"}}
        wrong = next((value for name, value in data.items() if name in row), {})
        once = "attempts" in row or wrong
        self.refused(row, number, wrong)
        self.submitted_again(row, number, bool(once))

    def refused(self, row, number, wrong):
        sid = self.submitted(number, **wrong)
        self.assertEqual(self.step(sid), "port_rejected")
        port = self.carrier.fetch(sid)
        self.assertEqual((port["port_in_request_status"], port["phone_numbers"][0]["rejection_reason"]), ("Action Required", row["reject"]))
        self.assertEqual(self.carrier.call("DELETE", f"/v1/Porting/PortIn/{sid}")[0], 204)
        self.assertEqual(self.step(sid), "canceled")

    def submitted_again(self, _row, number, through):
        self.assertEqual(self.step(self.submitted(number)), "port_pending" if through else "port_rejected")

    def answer_days(self, row, number):
        sid = self.submitted(number)
        _, _, _, changed, _, _, due, _ = self.stored(sid)
        if row["name"] == "silent-for-ever":
            self.assertIsNone(due)
        else:
            self.assertEqual(due - changed, row["answer_days"] * 86400 * 10**6)

    def review_days(self, row, number):
        sid = self.begin(number)
        _, _, _, changed, _, _, due, _ = self.stored(sid)
        self.assertEqual(due - changed, row["review_days"] * 86400 * 10**6)

    def letter_days(self, row, number):
        sid = self.begin(number)
        self.step(sid)
        _, _, _, _, expires, letter, _, _ = self.stored(sid)
        self.assertLessEqual(expires - letter, row["letter_days"] * 86400 * 10**6)
        self.assertEqual(self.post(f"/control/api/ports/{sid}/expire", {}), 200)
        self.assertEqual(self.carrier.fetch(sid)["port_in_request_status"], "Expired")

    def firm_date(self, row, number):
        sid = self.submitted(number)
        self.assertEqual(self.step(sid), "port_pending")
        before = self.number_state(sid)
        self.step(sid)
        after = self.number_state(sid)
        if row["firm_date"] == "moved":
            self.assertGreater(after["port_date"], before["port_date"])
            self.assertEqual({**after, "port_date": None}, {**before, "port_date": None})
        else:
            self.assertEqual((after["port_in_phone_number_status"], after["port_date"]), ("port_submitted", None))
            self.assertEqual(self.step(sid), "port_pending")
        self.assertEqual(self.step(sid), "completed")

    def late_cancel(self, _row, number):
        sid = self.submitted(number)
        self.assertEqual(self.step(sid), "port_pending")
        self.assertEqual(self.carrier.call("DELETE", f"/v1/Porting/PortIn/{sid}")[0], 204)
        self.assertEqual(self.told(sid), "canceling")
        self.assertEqual(self.step(sid), "port_pending")
        self.assertEqual(self.step(sid), "completed")

    def dropped(self, _row, number):
        sid = self.submitted([number, self.number()])
        self.assertEqual(self.step(sid), "port_pending")
        self.step(sid)
        port = self.carrier.fetch(sid)
        self.assertEqual(port["port_in_request_status"], "Completed")  # though not all of it was ported
        self.assertEqual([each["port_in_phone_number_status"] for each in port["phone_numbers"]], ["canceled", "completed"])

    def strange_status(self, _row, number):
        sid = self.submitted(number)
        port = self.carrier.fetch(sid)
        self.assertNotIn(port["phone_numbers"][0]["port_in_phone_number_status"], USUAL)
        self.assertNotIn("rogress", port["port_in_request_status"])
        self.assertEqual(self.step(sid), "port_pending")
        self.assertEqual(self.told(sid), "port_pending")

    def spelling(self, row, number):
        sid, told = self.begin(number), []
        self.step(sid)
        told.append(self.told(sid))
        self.sign(sid)
        told.append(self.told(sid))
        for _ in range(2):
            self.step(sid)
            told.append(self.told(sid))
        self.assertEqual(told, SPELLED[row["spelling"]])
        listed = self.carrier.get(f"/v1/Porting/PortIn/PortInRequests?PortInRequestSid={sid}")["port_in_requests"]
        self.assertEqual(listed[0]["port_in_request_status"], self.carrier.fetch(sid)["port_in_request_status"])

    def inventory_hours(self, row, number):
        sid = self.submitted(number)
        self.step(sid)
        self.assertEqual(self.step(sid), "completed")
        _, _, inventory, changed, _, _, _, _ = self.stored(sid)
        self.assertEqual(inventory - changed, row["inventory_hours"] * 3600 * 10**6)

    def test_a_number_can_jump_forward_and_back(self):
        sid = self.begin([self.number(), self.number()])
        path = f"/control/ports/{sid}/jump"
        for status, request in (("port_pending", "In progress"), ("waiting_for_signature", "Waiting for Signature"), ("in_review", "In review"),
                                ("port_rejected", "Action Required"), ("port_submitted", "In progress")):
            self.assertEqual(self.post(path, {"status": status}), 204)
            port = self.carrier.fetch(sid)
            self.assertEqual({each["port_in_phone_number_status"] for each in port["phone_numbers"]}, {status})
            self.assertEqual(port["port_in_request_status"], request)
            self.assertEqual(bool(port["phone_numbers"][0]["port_date"]), status == "port_pending")
        one = port["phone_numbers"][1]["phone_number"]
        self.assertEqual(self.post(path, {"status": "completed", "phone_number": one}), 204)
        self.assertEqual(self.post(path, {"status": "in_review", "phone_number": one}), 409)
        self.assertEqual(self.post(path, {"status": "lost"}), 422)
        self.assertEqual(self.post(path, {"status": 1}), 400)
        self.assertEqual(self.post("/control/ports/KW1/jump", {"status": "canceled"}), 409)
        for _ in range(2):
            self.step(sid)
        self.assertEqual(self.carrier.fetch(sid)["port_in_request_status"], "Completed")


class Faults(ScenarioCase):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.assertEqual(self.post("/v1/Porting/Configuration/Webhook", {"port_in_target_url": self.receiver.url, "notifications_of": []}), 201)

    def faults(self):
        return [each["fault"] for each in self.carrier.get("/control/faults")["faults"]]

    def create(self, number):
        """How a create goes: a status, or what broke."""
        order = self.carrier.order([number])
        try:
            status, headers, body = self.carrier.call("POST", "/v1/Porting/PortIn", order)
            return status, headers, body
        except BROKEN as broken:
            return type(broken), None, None

    def ports_of(self, number):
        return [port for port in self.carrier.state()["ports"] if number in [each["phone_number"] for each in port["phone_numbers"]]]

    def test_every_magic_number_of_calls(self):
        rows = [row for row in self.carrier.get("/control/scenarios")["faults"] if row["at"] != "webhook"]
        self.assertGreater(len(rows), 8)
        for row in rows:
            with self.subTest(row["number_ends"]):
                number = self.number(row["number_ends"])
                if row["at"] == "create":
                    self.create_goes_wrong(row, number)
                else:
                    self.other_goes_wrong(row, number)
                self.assertEqual(self.faults()[-1]["at"], row["at"])

    def create_goes_wrong(self, row, number):
        for _ in range(row["times"]):
            status, headers, body = self.create(number)
            if row["does"] == "limit":
                self.assertEqual((status, headers["Retry-After"], body["code"]), (429, str(row["seconds"]), 20429))
            elif row["does"] == "error":
                self.assertEqual(status, row.get("status", 500))
            else:
                self.assertIn(status, (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionResetError))
        made = row.get("effect") == "after"
        self.assertEqual(len(self.ports_of(number)), int(made))
        status, _, body = self.create(number)
        self.assertEqual((status, body.get("code")), (400, 22137) if made else (202, None))

    def other_goes_wrong(self, row, number):
        sid = self.carrier.create([number])["port_in_request_sid"]
        path, method = f"/v1/Porting/PortIn/{sid}", "DELETE" if row["at"] == "cancel" else "GET"
        for _ in range(row["times"]):
            try:
                status, _, body = self.carrier.call(method, path)
                self.assertEqual(status, 200)
                self.assertEqual(row["does"], "oversized")
                self.assertGreater(len(body), 40_000_000)
            except (*BROKEN, json.JSONDecodeError, UnicodeDecodeError, AssertionError) as broken:
                self.assertIn(row["does"], ("garbage", "silence"), broken)
        port = self.carrier.get(path)
        self.assertEqual(port["phone_numbers"][0]["port_in_phone_number_status"], "canceling" if row["at"] == "cancel" else "in_review")

    def heard(self, number):
        """The webhooks of a port's whole life, and what was signed wrongly."""
        self.receiver.events.clear()
        sid = self.submitted(number)
        self.step(sid)
        self.step(sid)
        wait_for("all to be sent", lambda: self.carrier.state()["deliveries_waiting"] == 0, 30)
        return self.receiver.events, [event["status"] for event in self.receiver.events if isinstance(event, dict) and event.get("phone_number") == number]

    def test_every_magic_number_of_webhooks(self):
        rows = {row["does"]: row["number_ends"] for row in self.carrier.get("/control/scenarios")["faults"] if row["at"] == "webhook"}
        self.assertEqual(set(rows), {"lost", "doubled", "late", "reordered", "forged-signature", "any"})
        self.assertEqual(self.heard(self.number(rows["lost"]))[0], [])
        self.assertEqual(self.heard(self.number(rows["doubled"]))[1], [status for status in USUAL for _ in range(2)])
        statuses = self.heard(self.number(rows["reordered"]))[1]
        self.assertEqual(sorted(statuses), sorted(USUAL))
        self.assertNotEqual(statuses, USUAL)
        failed = self.carrier.state()["webhooks_failed"]
        self.assertEqual(self.heard(self.number(rows["forged-signature"]))[1], USUAL)
        self.assertEqual(self.carrier.state()["webhooks_failed"], failed)  # a lie is not the carrier's
        self.heard(self.number(rows["any"]))
        self.assertEqual({fault["at"] for fault in self.faults()}, {"webhook"})

    def test_lies_arrive_as_they_would_be_told(self):
        for does in ("forged-reference", "unknown-event"):  # of those that are signed rightly
            number = self.number()
            self.assertEqual(self.post("/control/script", {"seed": 3, "faults": [
                {"at": "webhook", "does": does, "number_ends": number, "times": 1}]}), 204)
            sid = self.submitted(number)
            wait_for("the webhooks", lambda: self.carrier.state()["deliveries_waiting"] == 0, 20)
            lies = [event for event in self.receiver.events if event.get("phone_number") == number and "portable" not in event]
            self.assertEqual(len(lies), 1)
            self.assertEqual(lies[0]["port_in_request_sid"] == sid, does == "unknown-event")
            self.receiver.events.clear()

    def chances(self, script, numbers):
        """Who was refused under the script, each number asked three times."""
        self.assertEqual(self.post("/control/script", script), 204)
        return [[self.carrier.call("GET", f"/v1/Porting/Portability/PhoneNumber/{number}")[0] for _ in range(3)] for number in numbers]

    def test_a_run_is_replayed_from_its_journal(self):
        numbers = [self.number() for _ in range(12)]
        script = {"seed": 5, "faults": [{"at": "portability", "does": "error", "status": 503, "chance": 40}]}
        first = self.chances(script, numbers)
        journal = self.faults()
        self.assertIn(503, sum(first, []))
        self.assertIn(200, sum(first, []))
        self.assertEqual(len(journal), sum(first, []).count(503))
        self.assertEqual(self.chances(script, numbers[::-1])[::-1], first)
        self.assertNotEqual(self.chances({**script, "seed": 6}, numbers), first)
        self.assertEqual(self.chances({"faults": journal}, numbers), first)
        # A kill does not begin it anew.
        self.assertEqual(self.post("/control/script", {"faults": [{"at": "portability", "does": "error", "times": 1}]}), 204)
        path = f"/v1/Porting/Portability/PhoneNumber/{numbers[0]}"
        self.assertEqual(self.carrier.call("GET", path)[0], 500)
        self.carrier.program.kill()
        self.carrier.program.start()
        self.assertEqual(self.carrier.call("GET", path)[0], 200)
        self.assertEqual(len(self.faults()), 1)

    def test_a_hostile_script_changes_nothing(self):
        good = {"faults": [{"at": "portability", "does": "error", "status": 502}]}
        self.assertEqual(self.post("/control/script", good), 204)
        path = f"/v1/Porting/Portability/PhoneNumber/{self.number()}"
        call = self.carrier.call
        for body, kind, headers, status in (
                (b"{", "application/json", {}, 400), (b'{"seed": "x"}', "application/json", {}, 422),
                (b'{"faults": [{}]}', "application/json", {}, 422), (b"{}", "text/plain", {}, 415),
                (b"seed=1", "application/x-www-form-urlencoded", {}, 415),
                (b"{}", "application/json", {"Origin": "https://elsewhere.example"}, 403),
                (b"{}", "application/json", {"Sec-Fetch-Site": "cross-site"}, 403),
                (b'{"seed": 1' + b" " * 300_000 + b"}", "application/json", {}, 413)):
            self.assertEqual(call("POST", "/control/script", body, kind, headers=headers)[0], status, body[:40])
            self.assertEqual(call("GET", path)[0], 502)
        self.assertEqual(call("GET", "/control/faults?after=x")[0], 422)
        last = self.carrier.get("/control/faults")["faults"][-1]["id"]
        self.assertEqual(self.carrier.get(f"/control/faults?after={last}")["faults"], [])


class Settings(ScenarioCase):
    """What needs no post: a file, and chances as flags."""

    def setUp(self):
        self.command = self.carrier.program.command
        self.addCleanup(self.restart)

    def restart(self, *flags):
        self.carrier.program.stop()
        self.carrier.program.command = [*self.command, *flags]
        self.carrier.program.start()

    def asked(self, numbers):
        answers = []
        for number in numbers:
            try:
                status, _, body = self.carrier.call("GET", f"/v1/Porting/Portability/PhoneNumber/{number}")
                answers.append((status, body.get("code")) if isinstance(body, dict) else status)
            except (*BROKEN, ValueError) as broken:
                answers.append(type(broken).__name__)
        return answers

    def test_a_file_and_a_seed(self):
        file = self.carrier.directory / "script.json"
        numbers = [self.number() for _ in range(16)]
        script = {"seed": 1, "faults": [{"at": "portability", "does": "error", "chance": 50}]}
        file.write_text(json.dumps(script))
        self.restart(f"--script.file={file}")
        first = self.asked(numbers)
        self.assertEqual(set(first), {(200, None), (500, 20500)})
        self.restart(f"--script.file={file}")  # the same run goes on: each number comes by for the second time
        self.assertEqual(len(self.carrier.get("/control/faults")["faults"]), first.count((500, 20500)))
        file.write_text(json.dumps({**script, "scenarios": []}))  # another file is another run
        self.restart(f"--script.file={file}")
        self.assertEqual(self.asked(numbers), first)
        file.write_text(json.dumps(script))
        self.restart(f"--script.file={file}", "--script.seed=2")
        self.assertNotEqual(self.asked(numbers), first)

    def test_a_chance_alone(self):
        self.assertEqual(self.post("/control/script", {}), 204)
        numbers = [self.number() for _ in range(12)]
        self.restart("--faults.calls=100", "--script.seed=3")
        self.assertNotIn((200, None), self.asked(numbers))
        self.assertEqual(len(self.carrier.get("/control/faults")["faults"]), 12)
        self.restart()
        self.assertEqual(set(self.asked(numbers)), {(200, None)})

    def test_silence_lasts_and_ends_with_the_program(self):
        self.restart()
        self.assertEqual(self.post("/control/script", {"faults": [{"at": "portability", "does": "silence", "seconds": 3600}]}), 204)
        with concurrent.futures.ThreadPoolExecutor(1) as aside:
            answer = aside.submit(self.asked, [self.number()])
            wait_for("the fault", lambda: self.carrier.get("/control/faults")["faults"], 20)
            self.assertFalse(answer.done())
            self.restart()
            self.assertNotIn((200, None), answer.result(20))
        self.assertEqual(self.post("/control/script", {}), 204)

    def test_a_wrong_file_is_refused_at_the_start(self):
        file = self.carrier.directory / "wrong.json"
        self.carrier.program.stop()
        for body, why in (('{"faults": [{"at": "nowhere"}]}', "at is no place"), ("{", "script: "), (None, "cannot be read")):
            file.unlink(missing_ok=True)
            if body:
                file.write_text(body)
            done = subprocess.run([*self.command, f"--script.file={file}"], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)
        self.carrier.program.start()


if __name__ == "__main__":
    unittest.main()
