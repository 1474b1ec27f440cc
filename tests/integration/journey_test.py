"""The ways of a number through the whole product: real programs, HTTP and SMTP between them, the carrier's mailbox and the
inventory at the end; and what happens when somebody is too early, too late, twice, or gone for a while."""
import base64
import hashlib
import hmac
import json
import re
import threading
import unittest

import frame
import journey
from people import Person, Records

TORONTO, TOLL_FREE = "+1416220{:04}", "+1888220{:04}"


def both(*actions):
    """Runs these at the same moment; their results in order."""
    gate, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(index):
        gate.wait(30)
        try:
            results[index] = actions[index]()
        except Exception as failure:  # pylint: disable=broad-except
            results[index] = failure
    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def shown(number):
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


class JourneyCase(frame.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.owner, cls.agent, cls.team = (Person(cls.desk, who) for who in ("owner", "agent", "porting_team"))
        cls.serial = 0

    def signer(self):
        """An owner whose mails are told apart from those of other tests."""
        type(self).serial += 1
        return f"dana{self.serial}@harborlane.example"

    def request(self, address, column="status"):
        return self.records.one(f"SELECT {column} FROM port_request WHERE id = ?", address.rpartition("/")[2])

    def until(self, address, status, sid=None):
        """Waits until the request has that status; with `sid`, the carrier takes its next steps meanwhile."""
        def look():
            now = self.request(address)
            if now != status and sid:
                self.desk.control(f"ports/{sid}/next")
            return now == status
        frame.wait_for(f"{address} to be {status}", look)

    def page(self, address, person=None):
        page = (person or self.owner).browser.get(address)
        self.assertEqual((page.status, page.path), (200, address), page.text[:300])
        return page

    def at_carrier(self, number):
        """The carrier's port of that number, once it has it."""
        return frame.wait_for(f"{number} at the carrier", lambda: self.desk.carrier_ports(number))[0]

    def events(self, address):
        return [event for event, in self.records.rows("SELECT event FROM timeline WHERE request = ? ORDER BY id",
                                                      address.rpartition("/")[2])]


class Journey(JourneyCase):
    def test_two_numbers_are_ported(self):
        numbers, signer, pin = [journey.number(), journey.number()], self.signer(), "739104862957318"
        page = journey.submit(self.agent.browser, numbers, pin=pin, owner_email=signer)
        address = page.path
        self.assertIn("Your request is on its way", page.text)
        self.assertEqual(self.records.one("SELECT count(*) FROM port_pin WHERE request = ?", address.rpartition("/")[2]), 1)
        sid = self.at_carrier(numbers[0])["port_in_request_sid"]
        self.assertEqual({each["phone_number"] for each in self.at_carrier(numbers[1])["phone_numbers"]}, set(numbers))
        self.until(address, "waiting_for_signature", sid)
        page = self.page(address, self.agent)
        self.assertIn("Waiting for Signature", page.text)
        self.assertIn("Dana Whitfield", page.text)
        self.sign_by_mail(signer)
        self.until(address, "submitted")
        self.assertIn("Port Submitted", self.page(address, self.agent).text)
        self.desk.next_event(sid)
        self.until(address, "pending")
        firm = self.records.rows("SELECT DISTINCT firm_date FROM port_number WHERE request = ?", address.rpartition("/")[2])
        self.assertRegex(firm[0][0], r"^\d{4}-\d\d-\d\d$")
        page = self.page(address, self.agent)
        self.assertIn("Port Pending", page.text)
        self.assertIn(f'<time datetime="{firm[0][0]}">', page.body.decode())
        self.assertRegex(page.text, "(?i)keep (the|your) .*(service|Verizon)")
        self.until(address, "completed", sid)
        self.has_arrived(address, numbers, pin)

    def sign_by_mail(self, signer):
        """As the owner does it: the mail, its link, the typed name, the signed copy."""
        mail = self.desk.mail(signer, "Letter of Authorization")
        self.assertRegex(mail["subject"], r"Signature requested by .+ before [A-Z][a-z]{2} \d{1,2}, \d{4}$")
        link = re.search(rf"{re.escape(self.desk.sandbox_origin)}/sign/\S+", mail["text"])[0]
        page = self.desk.browser(self.desk.sandbox_origin).get(link)
        page = page.form("signature").submit(agree_letter="yes", agree_electronic="yes", signature="Dana Whitfield")
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertTrue(page.follow("letter.pdf").body.startswith(b"%PDF-"))

    def has_arrived(self, address, numbers, pin):
        for number in numbers:
            self.assertIn(shown(number), self.page("/numbers").text)
        self.assertIn("Completed", self.page(address).text)
        for who in ("agent", "owner"):  # the requester, and the owner of the account
            self.desk.mail(self.desk.address(who), f"Completed: {shown(numbers[0])}")
            self.assertEqual(len(self.desk.mails(self.desk.address(who), f"Completed: {shown(numbers[0])}")), 1)
        self.assertEqual(self.records.rows("SELECT given_at FROM port_pin WHERE request = ?", address.rpartition("/")[2]), [])
        self.assertEqual(self.records.find_bytes(pin.encode()), [])
        self.assertEqual(self.records.find_bytes(journey.TYPED["account_number"].encode()), [])
        for log in self.desk.logs.glob("portdesk*.log"):
            self.assertNotIn(pin.encode(), log.read_bytes())
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_a_wrong_pin_is_corrected_and_sent_again(self):
        number, signer = journey.number(), self.signer()
        address = journey.submit(self.agent.browser, [number], pin="0000", owner_email=signer).path
        first = self.at_carrier(number)["port_in_request_sid"]
        self.until(address, "waiting_for_signature", first)
        self.sign_by_mail(signer)
        self.until(address, "action_required", first)
        for who in ("agent", "owner"):
            mail = self.desk.mail(self.desk.address(who), f"Action Required: {shown(number)}")
            self.assertIn(f"{self.desk.origin}{address}", mail["text"])
            self.assertIn("PIN", mail["text"])
        page = self.page(address, self.agent)
        self.assertIn("Action Required", page.text)
        self.assertIn("https://www.twilio.com/docs/", page.body.decode())
        page = page.follow("/fix")
        before_more = page.body.decode().partition('<details class="more"')[0]
        self.assertEqual(re.findall(r'<(?:input|select) id="(\w+)"', before_more), ["pin"])
        page = page.form("pin").submit(pin="482913")
        self.assertEqual((page.status, page.path), (200, address), page.text[:500])
        self.assertIn("The corrected request is on its way", page.text)
        second = self.second_port(number, first)
        self.assertEqual(len(self.desk.carrier_ports(number)), 2)
        canceled = next(port for port in self.desk.carrier_ports(number) if port["port_in_request_sid"] == first)
        self.assertEqual(canceled["port_in_request_status"], "Canceled")
        self.until(address, "waiting_for_signature", second)
        frame.wait_for("the second letter", lambda: len(self.desk.mails(signer, "Letter of Authorization")) == 2)
        self.sign_by_mail(signer)
        self.until(address, "completed", second)
        self.assertIn(shown(number), self.page("/numbers").text)
        self.assertEqual(self.request(address, "attempt"), 2)
        self.assertEqual(self.records.rows("SELECT field, was, now FROM attempt_change WHERE request = ?",
                                           address.rpartition("/")[2]), [("pin", None, None)])
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def second_port(self, number, first):
        """Lets the carrier cancel the first one; the one that comes after it."""
        def newer():
            newest = self.desk.carrier_ports(number)[0]["port_in_request_sid"]
            if newest == first:
                self.desk.control(f"ports/{first}/next")
            return newest != first and newest
        return frame.wait_for(f"the second port of {number}", newer)

    def test_canadian_and_toll_free_numbers_go_beside(self):
        american, canadian, free = journey.number(), TORONTO.format(101), TOLL_FREE.format(101)
        address = self.owner.submitted([american, canadian, free])
        page = self.page(address)
        self.assertEqual(self.records.rows(
            "SELECT way, carrier FROM carrier_order WHERE request = ? ORDER BY way", address.rpartition("/")[2]),
            [("canada", "manual"), ("toll_free", "manual"), ("us", "twilio")])
        self.assertEqual([each["phone_number"] for each in self.at_carrier(american)["phone_numbers"]], [american])
        self.assertEqual(self.desk.carrier_ports(canadian) + self.desk.carrier_ports(free), [])
        sid = self.at_carrier(american)["port_in_request_sid"]
        self.desk.next_event(sid)
        frame.wait_for("the letter", lambda: self.request(address, "turn") == "signer")
        self.assertNotIn('action="' + address + '/record"', page.body.decode())
        self.assertIn(address, self.page("/requests", self.team).body.decode())  # waits for the porting team all the same
        journey.sign(self.desk, american)
        self.record(address, canadian, "pending", True, firm_date="2031-03-04")
        self.assertIn("In Progress", self.page(address).text)
        self.record(address, canadian, "completed", True)
        self.record(address, free, "rejected", rejection="document", words="Bill is too old")
        self.assertIn("Bill is too old", self.page(address).text)
        self.until(address, "action_required", sid)
        self.record(address, free, "completed", True)
        self.until(address, "completed", sid)
        numbers = self.page("/numbers").text
        for number in (american, canadian, free):
            self.assertIn(shown(number), numbers)
        self.assertEqual(self.records.one("SELECT firm_date FROM port_number WHERE e164 = ?", canadian), "2031-03-04")

    def record(self, address, number, status, asked=False, **fields):
        """As the porting team does it on the request's page; what cannot be undone, or is far ahead, is asked once more."""
        form = self.page(address, self.team).form("/record")
        page = form.submit(number=number, status=status, **fields)
        if asked:
            self.assertEqual(page.status, 422)
            page = page.form("/record").submit(sure="yes")
        self.assertEqual((page.status, page.path), (200, address), page.text[:500])
        self.assertIn("It is recorded", page.text)

    def test_a_request_is_canceled_when_the_carrier_has_it(self):
        number = journey.number()
        address = self.owner.submitted([number])
        sid = self.at_carrier(number)["port_in_request_sid"]
        self.until(address, "waiting_for_signature", sid)
        page = self.page(address).follow("/cancel").form("/cancel").submit()
        self.assertEqual((page.status, page.path), (200, address))
        self.assertIn("Canceling", page.text)
        self.until(address, "canceled", sid)
        self.assertEqual(self.at_carrier(number)["port_in_request_status"], "Canceled")
        self.assertEqual(self.records.rows("SELECT 1 FROM number_use WHERE e164 = ?", number), [])
        self.assertEqual(self.owner.get(f"{address}/cancel").status, 303)
        self.assertEqual(self.owner.post(f"{address}/cancel").status, 409)
        self.owner.submitted([number])  # free again

    def test_a_letter_that_ran_out_is_sent_again(self):
        number, signer = journey.number(), self.signer()
        address = self.owner.submitted([number], owner_email=signer)
        first = self.at_carrier(number)["port_in_request_sid"]
        self.until(address, "waiting_for_signature", first)
        self.assertEqual(self.desk.control(f"ports/{first}/expire"), 303)
        self.until(address, "expired")
        self.desk.mail(self.desk.address("owner"), f"Expired: the letter for {shown(number)}")
        self.assertEqual(self.records.rows("SELECT given_at FROM port_pin WHERE request = ?", address.rpartition("/")[2]), [])
        page = self.page(address).follow("/fix")
        page = page.form("pin").submit(pin="482913")
        self.assertEqual((page.status, page.path), (200, address), page.text[:500])
        second = self.second_port(number, first)
        self.until(address, "waiting_for_signature", second)
        frame.wait_for("the second letter", lambda: len(self.desk.mails(signer, "Letter of Authorization")) == 2)
        self.sign_by_mail(signer)
        self.until(address, "completed", second)
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_a_draft_is_taken_up_in_another_session(self):
        number = journey.number()
        page = journey.start(self.agent.browser)
        page = journey.at_step(page, 1).submit("next", carrier="Verizon", numbers=number)
        page = journey.at_step(page, 2).submit("next")
        address = page.path.removesuffix("/steps/3")
        elsewhere = Person(self.desk, "agent")
        self.assertIn(f"{address}/steps/3", self.page("/requests", elsewhere).body.decode())
        page = elsewhere.get(address, redirects=1)
        self.assertEqual(page.path, f"{address}/steps/3")
        page = elsewhere.get(f"{address}/steps/1")
        self.assertEqual(page.form("wizard").value("numbers").strip(), number)
        page = elsewhere.browser.request(*self.pressed_submit(elsewhere, address))
        self.assertEqual(page.path, f"{address}/steps/3?check=1")  # the first step that is not right
        self.assertIn('id="bill-e"', page.body.decode())
        self.assertIn("draft_started", self.events(address))

    @staticmethod
    def pressed_submit(person, address):
        return journey.submission(person.get(f"{address}/steps/7"))

    def test_a_submit_that_comes_twice_is_one(self):
        number = journey.number()
        address = self.owner.ready([number])
        sent = [("key", "the-same-key-0001"), *self.owner.submission()]
        other = Person(self.desk, "owner")
        answers = [self.owner.post(f"{address}/submit", sent), self.owner.post(f"{address}/submit", sent),
                   other.post(f"{address}/submit", [("key", "another-key-00002"), *self.owner.submission()])]
        self.assertEqual([(page.status, page.headers["Location"]) for page in answers], [(303, address)] * 3)
        self.went_out_once(address, number)

    def test_two_submits_with_two_keys_at_once_are_one(self):
        number, people = journey.number(), [self.owner, Person(self.desk, "owner"), Person(self.desk, "admin")]
        address = self.owner.ready([number])
        answers = both(*[lambda person=person: person.post(f"{address}/submit", person.submission()) for person in people])
        for page in answers:
            self.assertEqual((page.status, page.headers["Location"]), (303, address), page.text[:500])
        self.went_out_once(address, number)

    def went_out_once(self, address, number):
        self.until(address, "waiting_for_signature", self.at_carrier(number)["port_in_request_sid"])
        self.assertEqual(len(self.desk.carrier_ports(number)), 1)
        self.assertEqual(self.events(address).count("submitted"), 1)
        self.assertEqual(self.records.one("SELECT count(*) FROM carrier_order WHERE request = ?", address.rpartition("/")[2]), 1)
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_of_two_requests_for_one_number_at_once_exactly_one_goes_out(self):
        for strangers in (False, True):
            number = journey.number()
            people = [self.owner, Person(self.desk, "tom") if strangers else self.agent]
            addresses = [person.ready([number]) for person in people]
            answers = both(*[lambda person=person, address=address: person.post(f"{address}/submit", person.submission())
                             for person, address in zip(people, addresses)])
            won = [page.headers.get("Location") == address for page, address in zip(answers, addresses)]
            self.assertEqual(sorted(won), [False, True], [(page.status, page.text[:200]) for page in answers])
            lost = addresses[won.index(False)]
            page = people[won.index(False)].browser.request(*journey.submission(
                people[won.index(False)].get(f"{lost}/steps/7")))
            self.assertIn('id="numbers-e"', page.body.decode())
            self.assertEqual(self.request(lost), "draft")
            self.went_out_once(addresses[won.index(True)], number)

    # ---- The carrier's events ----

    def hook(self, body, signature=None, token=None):
        """An event as the carrier posts it; with `signature` right, wrong or none. The status of the answer."""
        real = frame.wait_for("the webhook's address", lambda: self.desk.state()["webhook_url"])
        base = real if token is None else real.rpartition("/")[0] + "/" + token
        path = f"{base.removeprefix(self.desk.origin)}?bodySHA256={hashlib.sha256(body).hexdigest()}"
        headers = {}
        if signature:
            digest = hmac.new(frame.AUTH_TOKEN.encode(), (self.desk.origin + path).encode(), hashlib.sha1).digest()
            right = base64.b64encode(digest).decode()
            headers["X-Twilio-Signature"] = right if signature == "right" else "A" + right[1:] if right[0] != "A" else "B" + right[1:]
        return Person(self.desk).send(path, body, "application/json", headers).status

    def kept(self):
        return self.records.one("SELECT count(*) FROM inbound_event")

    def test_events_are_hints_and_nothing_more(self):
        number = journey.number()
        address = self.owner.submitted([number])
        port = self.at_carrier(number)
        self.until(address, "waiting_for_signature", port["port_in_request_sid"])
        frame.wait_for("the carrier's own events", lambda: not self.desk.state()["deliveries_waiting"])
        lie = json.dumps({"port_in_request_sid": port["port_in_request_sid"], "phone_number": number, "status": "completed",
                          "port_in_phone_number_sid": port["phone_numbers"][0]["port_in_phone_number_sid"]}).encode()
        for what, signature, token, status, stored in (
                ("forged", "wrong", None, 403, 0), ("to a wrong address", "right", "0" * 32, 404, 0),
                ("unsigned", None, None, 204, 1), ("true", "right", None, 204, 1), ("doubled", "right", None, 204, 1)):
            with self.subTest(event=what):
                before, asked = self.kept(), self.looked(address)
                self.assertEqual(self.hook(lie, signature, token), status)
                self.assertEqual(self.kept() - before, stored)
                if stored:
                    frame.wait_for("the order to be read again", lambda asked=asked: self.looked(address) > asked)
                self.assertEqual(self.request(address), "waiting_for_signature")
        self.assertEqual(self.events(address).count("number_completed"), 0)
        before = self.kept()
        unknown = lie.replace(port["port_in_request_sid"].encode(), b"KW" + b"0" * 32)
        self.assertEqual((self.hook(unknown, "right"), self.kept() - before), (204, 1))
        self.assertEqual(self.records.rows("SELECT account FROM inbound_event ORDER BY id DESC LIMIT 1"), [(None,)])

    def looked(self, address):
        return self.records.one("SELECT synced_at FROM carrier_order WHERE request = ?", address.rpartition("/")[2]) or 0


class CarrierGone(JourneyCase):
    """Tests that take the carrier's program away: each brings it back."""

    def setUp(self):
        self.addCleanup(lambda: self.desk.sandbox.running() or self.desk.sandbox.start())

    def hurry(self, what, until):
        """Moves the clock on until it is so: the desk tries again after longer and longer times."""
        def look():
            self.desk.advance(60)
            return until()
        return frame.wait_for(what, look)

    def test_a_request_is_canceled_before_the_carrier_has_it(self):
        number = journey.number()
        self.desk.sandbox.kill()
        address = self.owner.submitted([number])
        self.assertIn("In Review", self.page(address).text)
        page = self.page(address).follow("/cancel").form("/cancel").submit()
        self.assertEqual((page.status, page.path), (200, address))
        self.assertIn("Canceled", page.text)
        self.assertEqual(self.request(address), "canceled")
        self.desk.sandbox.start()
        other = journey.number()
        self.owner.submitted([other])
        self.hurry("a later request at the carrier", lambda: self.desk.carrier_ports(other))
        self.assertEqual(self.desk.carrier_ports(number), [])

    def test_the_carrier_dies_in_the_middle(self):
        number = journey.number()
        self.desk.sandbox.kill()
        address = self.owner.submitted([number])
        frame.wait_for("a try that failed", lambda: self.records.rows(
            "SELECT 1 FROM job WHERE kind = 'order_place' AND problem IS NOT NULL"))
        self.assertEqual(self.request(address), "in_review")
        self.desk.sandbox.start()
        self.hurry("the port", lambda: self.desk.carrier_ports(number))
        sid = journey.sign(self.desk, number)
        self.desk.sandbox.kill()
        self.desk.sandbox.start()

        def completed():
            self.desk.control(f"ports/{sid}/next")
            return self.request(address) == "completed"
        self.hurry("the end of the port", completed)
        self.assertEqual(len(self.desk.carrier_ports(number)), 1)
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_the_desk_dies_in_the_middle(self):
        number = journey.number()
        address = self.owner.submitted([number])
        self.desk.portdesk.kill()
        self.desk.portdesk.start()
        sid = journey.sign(self.desk, number)
        self.desk.portdesk.kill()
        self.desk.portdesk.start()
        self.until(address, "completed", sid)
        self.assertEqual(len(self.desk.carrier_ports(number)), 1)
        self.assertEqual(self.desk.state()["duplicates"], 0)


class MailServerDown(JourneyCase):
    """The desk's own mail goes to a server that is not there at first."""

    @classmethod
    def setUpClass(cls):
        cls.web_port, cls.mail_port = frame.free_ports(2)
        cls.settings = {"mail.smtp_url": f"smtp://127.0.0.1:{cls.mail_port}"}
        super().setUpClass()
        directory = cls.desk.directory / "post"
        directory.mkdir(mode=0o700)
        config = directory / "post.ini"
        origin = f"http://127.0.0.1:{cls.web_port}"
        frame.write_ini(config, {
            "web.listen": f"127.0.0.1:{cls.web_port}", "web.base_url": origin, "data.dir": directory,
            "clock.file": cls.desk.directory / "clock", "mail.listen": f"127.0.0.1:{cls.mail_port}",
            "mail.smtp_url": f"smtp://127.0.0.1:{cls.mail_port}", "carrier.account_sid": frame.ACCOUNT_SID,
            "carrier.auth_token": frame.AUTH_TOKEN})
        cls.post = frame.Program("mail server", [frame.BUILD / "portdesk-sandbox", "serve", "--config", config],
                                 cls.desk.logs / "post.log", cls.web_port)
        cls.addClassCleanup(cls.post.stop)
        cls.post_browser = cls.desk.browser(origin)

    def test_a_mail_waits_for_its_server_and_arrives_once(self):
        number = journey.number()
        address = self.owner.submitted([number])
        sid = journey.sign(self.desk, number)
        for status in ("submitted", "pending", "completed"):  # no mail holds up a port
            self.until(address, status)
            self.desk.control(f"ports/{sid}/next")
        frame.wait_for("a try that failed", lambda: self.records.rows(
            "SELECT 1 FROM job WHERE kind = 'mail_send' AND problem IS NOT NULL"))
        self.assertEqual(self.records.rows("SELECT sent_at, refused FROM mail WHERE request = ?", address.rpartition("/")[2]),
                         [(None, None)] * 2)
        self.post.start()

        def arrived():
            self.desk.advance(600)
            return self.arrived()
        frame.wait_for("the mail", arrived)
        frame.wait_for("the desk to know", lambda: not self.records.rows("SELECT 1 FROM mail WHERE sent_at IS NULL"))
        self.desk.advance(6 * 3600)
        # That a date was set is no news any more.
        self.assertEqual([mail["subject"].partition(":")[0] for mail in self.arrived()], ["Completed"])

    def arrived(self):
        return json.loads(self.post_browser.get("/mail.json").body)["mails"]


if __name__ == "__main__":
    unittest.main()
