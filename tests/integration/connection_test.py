"""Connections to carriers: entered, tested and rotated on their pages and by the command line, beside a desk that goes on porting."""
import base64
import json
import unittest

import billreader_files as files
import frame
import journey
from browser import Browser
from people import Person, Records, parts

SID, TOKEN = frame.ACCOUNT_SID, frame.AUTH_TOKEN
OTHER_HOST = "https://somebody-else.example/hook"


class Connections(frame.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team, cls.owner = Person(cls.desk, "porting_team"), Person(cls.desk, "owner")
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.operators = "/connections/" + cls.records.one("SELECT id FROM carrier_connection WHERE account = 'operator'")

    def says(self, address, *words, person=None):
        """Waits until the page of the connection says all of that."""
        person = person or self.team

        def said():
            page = person.get(address)
            return page if all(word in page.text for word in words) else None
        return frame.wait_for(f"{words} at {address}", said)

    def add(self, person, token, **fields):
        form = {"label": "Second", "account_sid": SID, "secret": token, **fields}
        made = person.wants(person.post("/connections/new", list(form.items())), 303)
        return made.headers["Location"]

    def retire(self, person, address):
        person.wants(person.post(address, [("label", "Retired")]), 303)

    def connection_of(self, number):
        return "/connections/" + self.records.one(
            "SELECT o.connection FROM carrier_order o JOIN order_number n ON n.account = o.account AND n.carrier_order = o.id"
            " WHERE n.e164 = ? ORDER BY o.created_at DESC LIMIT 1", number)

    def placed(self, number):
        """Submits a port of the number and waits until the carrier has it."""
        journey.submit(self.desk.sign_in("owner"), [number])
        frame.wait_for("the order at the carrier", lambda: self.desk.carrier_ports(number))
        self.records.quiet()

    def test_the_settings_make_the_operators_own(self):
        page = self.says(self.operators, "Works", "The carrier takes these credentials", "The carrier sends its events here")
        self.assertIn("It came from the settings file", page.text)
        self.assertIn(SID, page.text)
        self.assertNotIn(TOKEN, page.body.decode())
        self.assertEqual(self.records.find_bytes(TOKEN.encode()), [])
        self.assertIn("Twilio", self.team.get("/connections").text)
        self.assertNotIn(self.operators, self.owner.get("/connections").body.decode())
        self.assertEqual(self.owner.get(self.operators).status, 404)
        number = journey.number()
        self.placed(number)
        self.assertEqual(self.connection_of(number), self.operators)

    def test_new_credentials_are_tested_before_they_replace_the_old(self):
        self.team.wants(self.team.post(f"{self.operators}/rotate", [("secret", "0" * 32)]), 303)
        self.says(self.operators, "The new credentials were not good, so the old ones stay in use", "Works")
        self.placed(journey.number())  # by the old ones
        self.team.wants(self.team.post(f"{self.operators}/test", [("next", "forget")]), 303)
        self.assertNotIn("not good", self.says(self.operators, "Works").text)
        self.team.wants(self.team.post(f"{self.operators}/rotate", [("secret", TOKEN)]), 303)
        frame.wait_for("the rotation", lambda: self.records.one(
            "SELECT count(*) FROM carrier_connection WHERE rotated_at IS NOT NULL AND next_sealed IS NULL"))
        self.placed(journey.number())  # by the new ones, and nothing was started anew

    def test_an_account_may_have_its_own(self):
        address = self.add(self.owner, TOKEN)
        self.says(address, "Works", "The carrier sends its events here", person=self.owner)
        self.says(address, "Harbor & Pine Realty")
        number = journey.number()
        self.placed(number)
        self.assertEqual(self.connection_of(number), address)
        stranger = Person(self.desk, "tom")
        self.assertEqual(stranger.get(address).status, 404)
        self.assertEqual(stranger.post(f"{address}/rotate", [("secret", TOKEN)]).status, 404)
        self.assertNotIn(address, stranger.get("/connections").body.decode())
        # Events of its ports count, whichever of the two addresses the carrier has.
        journey.sign(self.desk, number)
        frame.wait_for("its events", lambda: self.records.one(
            "SELECT count(*) FROM inbound_event e JOIN carrier_order o ON o.id = e.carrier_order WHERE o.connection = ?",
            address.rpartition("/")[2]))
        self.retire(self.owner, address)
        number = journey.number()
        self.placed(number)
        self.assertEqual(self.connection_of(number), self.operators)

    def test_an_owner_names_no_addresses(self):
        address = self.add(self.owner, "w" * 32, base_url="http://127.0.0.1:1/inside", api_url="http://10.0.0.1")
        self.assertEqual(self.records.one("SELECT base_url FROM carrier_connection WHERE id = ?", address.rpartition("/")[2]),
                         self.desk.sandbox_origin)
        self.says(address, "Credentials are refused", "Give new ones below", person=self.owner)
        self.retire(self.owner, address)

    def test_a_form_that_comes_twice_is_one(self):
        form = [("label", "Twice"), ("account_sid", SID), ("secret", TOKEN), ("key", "k" * 43)]
        first, second = (self.team.wants(self.team.post("/connections/new", form), 303) for _ in range(2))
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.retire(self.team, first.headers["Location"])

    def test_who_overwrote_the_address_for_events_is_told(self):
        self.says(self.operators, "The carrier sends its events here")
        self.assertEqual(self.desk.at_carrier("POST", "/v1/Porting/Configuration/Webhook",
                                         {"port_in_target_url": OTHER_HOST, "notifications_of": []}).status, 201)
        self.team.wants(self.team.post(f"{self.operators}/test"), 303)
        page = self.says(self.operators, "The carrier sends its events to somebody-else.example, not here")
        self.assertNotIn("/hook\"", page.text)
        # Nothing is taken back by itself.
        kept = json.loads(self.desk.at_carrier("GET", "/v1/Porting/Configuration/Webhook").body)
        self.assertEqual(kept["port_in_target_url"], OTHER_HOST)
        self.team.wants(self.team.post(f"{self.operators}/test", [("events", "here")]), 303)
        self.says(self.operators, "The carrier sends its events here", "Before that it sent them to somebody-else.example")
        kept = json.loads(self.desk.at_carrier("GET", "/v1/Porting/Configuration/Webhook").body)
        self.assertTrue(kept["port_in_target_url"].startswith(self.desk.origin + "/hooks/twilio/"))

    def test_the_letters_mail_is_as_the_operator_wants_it(self):
        self.team.wants(self.team.post(self.operators, [
            ("label", "Twilio"), ("takes_new", "yes"), ("letter_subject", "Please sign for Northline"),
            ("letter_message", "Your numbers move to us."), ("letter_redirect", "https://northline.example/thanks")]), 303)
        frame.wait_for("the carrier to be told", lambda: self.records.one(
            "SELECT count(*) FROM carrier_connection WHERE letter_hash IS NOT NULL"))
        number = journey.number()
        self.placed(number)
        frame.wait_for("the letter", lambda: journey.signable(self.desk, number))
        self.assertTrue(self.desk.mail(journey.TYPED["owner_email"], "Please sign for Northline"))

    def test_a_ported_number_is_looked_for_in_the_inventory(self):
        number = journey.number()
        self.placed(number)
        sid = journey.sign(self.desk, number)

        def arrived():
            self.desk.control(f"ports/{sid}/next")
            self.desk.advance(120)
            return self.records.rows("SELECT carrier_ref FROM number WHERE e164 = ? AND ready_at IS NOT NULL", number)
        self.assertRegex(frame.wait_for("the number in the inventory", arrived)[0][0], r"^PN[0-9a-f]{32}$")
        self.assertNotIn("Arriving", self.owner.get("/numbers").text)

    def test_ports_that_were_not_made_here_are_shown(self):
        number = journey.number()
        browser = Browser(self.desk.sandbox_origin)
        word = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        body, kind = parts([("document_type", "utility_bill")], [("bill.jpg", files.JPEG, "image/jpeg")])
        body = body.replace(b'name="bill"', b'name="File"')
        page = browser.request("POST", self.desk.sandbox_origin + "/v1/Documents", body,
                               {"Authorization": f"Basic {word}", "Content-Type": kind}, 0)
        self.assertEqual(page.status, 201, page.text)
        browser.close()
        made = self.desk.at_carrier("POST", "/v1/Porting/PortIn", {
            "account_sid": SID, "documents": [json.loads(page.body)["sid"]], "phone_numbers": [{"phone_number": number, "pin": "1234"}],
            "losing_carrier_information": {
                "customer_type": "Business", "customer_name": "Elsewhere", "account_number": "12345",
                "authorized_representative": "Dana Whitfield", "authorized_representative_email": "dana@elsewhere.example",
                "address": {"street": "1 Main St", "city": "Oakland", "state": "CA", "zip": "94601", "country": "US"}}})
        self.assertEqual(made.status, 202, made.text)
        self.desk.advance(2 * 3600)
        sid = json.loads(made.body)["port_in_request_sid"]
        self.says(self.operators, sid, "Ports that this desk does not know")

    def test_the_command_line_lists_and_tests_beside_the_desk(self):
        identity = self.operators.rpartition("/")[2]
        self.assertIn(f"{identity}  twilio  {SID}", self.desk.command("carrier", "list").stdout)
        self.assertIn("takes these credentials", self.desk.command("carrier", "test", identity).stdout)
        self.assertEqual(self.desk.command("carrier", "test", "con_" + "0" * 32, check=False).returncode, 1)
        self.assertEqual(self.desk.command("carrier", check=False).returncode, 2)

    def test_the_command_line_changes_them_while_the_desk_does_not_run(self):
        identity = self.operators.rpartition("/")[2]
        wrong, right = self.desk.directory / "wrong", self.desk.directory / "right"
        wrong.write_text("0" * 32 + "\n")
        right.write_text(TOKEN + "\n")
        self.desk.portdesk.stop()
        self.addCleanup(lambda: self.desk.portdesk.running() or self.desk.portdesk.start())
        refused = self.desk.command("carrier", "rotate", identity, "--secret-file", wrong, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("nothing was changed", refused.stderr)
        self.assertIn("are in use", self.desk.command("carrier", "rotate", identity, "--secret-file", right).stdout)
        added = self.desk.command("carrier", "add", "--account-sid", "AC" + "e" * 32, "--label", "By hand",
                                  "--secret-file", wrong).stdout
        self.assertRegex(added, r"^con_[0-9a-f]{32} was added")
        self.assertEqual(self.desk.command("carrier", "add", "--account-sid", "AC1", "--secret-file", wrong, check=False).returncode, 1)
        self.assertIn("By hand", self.desk.command("carrier", "list").stdout)
        self.desk.portdesk.start()
        self.says("/connections/" + added.split()[0], "Credentials are refused")
        self.retire(self.team, "/connections/" + added.split()[0])


if __name__ == "__main__":
    unittest.main()
