"""The sandbox carrier by itself, over HTTP and SMTP: Twilio's shapes, the whole way of a port, its errors, duplicates, the
signing page and hostile input. The webhooks are received here and their signatures checked."""
import base64
import smtplib
import threading
import unittest
import urllib.parse
from email.message import EmailMessage

from browser import Browser
from carrier import API_KEY_SECRET, API_KEY_SID, PDF, Carrier, Receiver
from frame import ACCOUNT_SID, AUTH_TOKEN, wait_for

ENGINES = {"none"}  # no database of the product is in these tests


class SandboxCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = Carrier()
        cls.addClassCleanup(cls.carrier.stop)

    def tearDown(self):
        self.carrier.program.look()
        self.assertTrue(self.carrier.program.running(), self.carrier.program.tail())

    def assert_error(self, answer, status, code):
        got, headers, body = answer
        self.assertEqual((got, body.get("code")), (status, code), body)
        self.assertEqual(set(body), {"code", "message", "more_info", "status"})
        self.assertEqual(body["status"], status)
        self.assertIn(str(code), body["more_info"])
        self.assertEqual(headers["Content-Type"], "application/json")


class Journey(SandboxCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        status, _, configured = self.carrier.call("POST", "/v1/Porting/Configuration/Webhook", {
            "port_in_target_url": self.receiver.url, "notifications_of": []})
        self.assertEqual((status, configured["port_in_target_url"]), (201, self.receiver.url))

    def test_a_port_is_signed_and_completed(self):
        carrier, numbers = self.carrier, [self.carrier.number(), self.carrier.number()]
        port = carrier.create(numbers)
        sid = port["port_in_request_sid"]
        self.assertRegex(sid, "^KW[0-9a-f]{32}$")
        self.assertEqual(port["port_in_request_status"], "In review")
        self.assertIsNone(port["signature_request_url"])
        self.assertEqual([each["port_in_phone_number_status"] for each in port["phone_numbers"]], ["in_review"] * 2)
        carrier.next(sid)
        port = carrier.until(sid, "Waiting for Signature")
        mail = wait_for("the letter's mail", lambda: [
            each for each in carrier.mails("dana@harbor.example") if port["signature_request_url"] in each["text"]], 20)[-1]
        self.assertRegex(mail["subject"], r"^Porting Letter of Authorization \(LOA\) - Signature requested by Twilio "
                                          r"Onboarding Team before [A-Z][a-z]{2} \d{1,2}, \d{4}$")
        self.assertIn("Twilio Onboarding Team", mail["from"])
        page = carrier.sign(port)
        self.assertEqual(page.status, 200)
        self.assertIn("the letter is signed", page.text)
        letter = page.follow("letter.pdf")
        self.assertTrue(letter.body.startswith(b"%PDF-"))
        port = carrier.until(sid, "In progress")
        self.assertIsNone(port["signature_request_url"])
        for to in ("dana@harbor.example", "desk@northline.example"):
            signed = wait_for(f"the signed copy for {to}", lambda: [
                each for each in carrier.mails(to) if each["attachment_name"]], 20)[-1]
            self.assertEqual(signed["attachment_size"], len(letter.body))
        carrier.next(sid)
        wait_for("a firm date", lambda: carrier.fetch(sid)["phone_numbers"][0]["port_date"], 20)
        port = carrier.fetch(sid)
        self.assertEqual({each["port_in_phone_number_status"] for each in port["phone_numbers"]}, {"port_pending"})
        carrier.next(sid)
        carrier.until(sid, "Completed")
        expected = ["waiting_for_signature", "port_submitted", "port_pending", "completed"]
        for number in numbers:
            wait_for("the webhooks", lambda: len(self.receiver.statuses(number)) == 4, 20)
            self.assertEqual(self.receiver.statuses(number), expected)
        wait_for("the request's webhooks", lambda: len(self.receiver.statuses()) == 3, 20)
        self.assertEqual(self.receiver.statuses(), ["Waiting for Signature", "In progress", "Completed"])
        self.assertEqual(self.receiver.events[0]["portable"], "true")
        status, _, answer = carrier.call("GET", f"/v1/Porting/Portability/PhoneNumber/{numbers[0]}")
        self.assertEqual((status, answer["portable"], answer["not_portable_reason_code"]), (200, False, 22131))
        self.assert_error(carrier.call("DELETE", f"/v1/Porting/PortIn/{sid}"), 400, 20001)

    def test_a_wrong_pin_is_rejected_until_it_is_corrected(self):
        carrier, number = self.carrier, self.carrier.number()
        sid = carrier.create([number], pin="0000")["port_in_request_sid"]
        carrier.next(sid)
        carrier.sign(carrier.until(sid, "Waiting for Signature"))
        carrier.next(sid)
        port = carrier.until(sid, "Action Required")
        rejected = port["phone_numbers"][0]
        self.assertEqual(rejected["rejection_reason"], "INVALID_PIN")
        self.assertIsInstance(rejected["rejection_reason_code"], str)
        path = f"/v1/Porting/PortIn/{sid}/PhoneNumber/{rejected['port_in_phone_number_sid']}"
        self.assertIsInstance(carrier.get(path)["rejection_reason_code"], int)
        self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", carrier.order([number])), 400, 22137)
        self.assertEqual(carrier.call("DELETE", path)[0], 204)
        self.assertEqual(carrier.get(path)["port_in_phone_number_status"], "canceling")
        carrier.next(sid)
        carrier.until(sid, "Canceled")
        again = carrier.create([number])["port_in_request_sid"]
        self.assertNotEqual(again, sid)
        carrier.next(again)
        carrier.sign(carrier.until(again, "Waiting for Signature"))
        carrier.next(again)
        wait_for("the firm date", lambda: carrier.fetch(again)["phone_numbers"][0]["port_date"], 20)

    def test_webhooks_are_tried_again(self):
        self.receiver.refuse = 2
        carrier = self.carrier
        sid = carrier.create([carrier.number()])["port_in_request_sid"]
        failed = carrier.state()["webhooks_failed"]
        carrier.next(sid)
        wait_for("the webhooks", lambda: len(self.receiver.events) == 2, 30)
        self.assertEqual(self.receiver.refuse, 0)
        # Those of earlier tests, whose receivers are gone, may count too.
        self.assertGreaterEqual(carrier.state()["webhooks_failed"], failed + 2)

    def test_days_pass_on_the_shared_clock(self):
        carrier = self.carrier
        sid = carrier.create([carrier.number()])["port_in_request_sid"]
        self.assertLess(carrier.control("clock", advance=2 * 3600), 400)
        carrier.until(sid, "Waiting for Signature")
        self.assertLess(carrier.control("clock", advance=31 * 86400), 400)
        port = carrier.until(sid, "Expired")
        page = Browser(carrier.origin).get(urllib.parse.urlsplit(port["signature_request_url"]).path)
        self.assertEqual(page.status, 410)
        for bad in ({"advance": "0"}, {"advance": "-5"}, {"speed": "1000001"}, {"speed": "x"}, {}, {"speed": "1", "advance": "1"}):
            self.assertEqual(carrier.control("clock", **bad), 422, bad)
        self.assertLess(carrier.control("clock", speed=60), 400)
        self.assertEqual(carrier.state()["speed"], 60)
        self.assertLess(carrier.control("clock", speed=1), 400)

    def test_it_goes_on_after_a_kill(self):
        carrier = self.carrier
        sid = carrier.create([carrier.number()])["port_in_request_sid"]
        carrier.program.kill()
        carrier.program.start()
        carrier.next(sid)
        carrier.until(sid, "Waiting for Signature")
        carrier.program.kill()
        carrier.program.start()
        wait_for("the webhooks", lambda: {"Waiting for Signature"} <= set(self.receiver.statuses()), 20)


class Api(SandboxCase):
    def test_credentials(self):
        before = self.carrier.state()["unauthorized"]
        paths = [("GET", "/v1/Porting/PortIn/PortInRequests"), ("POST", "/v1/Porting/PortIn"), ("POST", "/v1/Documents"),
                 ("GET", "/v1/Nothing")]
        for method, path in paths:
            for user, password in ((None, None), (ACCOUNT_SID, "wrong"), ("wrong", AUTH_TOKEN), ("", "")):
                answer = self.carrier.call(method, path, b"{}" if method == "POST" else None, user=user, password=password)
                self.assert_error(answer, 401, 20003)
        for header in ("Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(), "Bearer x"):
            self.assert_error(self.carrier.call("GET", "/v1/Porting/PortIn/PortInRequests", user=None,
                                                headers={"Authorization": header}), 401, 20003)
        self.assertEqual(self.carrier.state()["unauthorized"], before + 20)

    def test_addresses(self):
        sid = "KW" + "0" * 32
        for path in ("/v1/Porting/PortIn/" + sid, "/v1/Porting/PortIn/KWx", f"/v1/Porting/PortIn/{sid}/PhoneNumber/PU1",
                     "/v1/Nothing", "/v1/Porting/Configuration/Webhooks"):
            self.assert_error(self.carrier.call("GET", path), 404, 20404)
        self.assert_error(self.carrier.call("DELETE", "/v1/Porting/PortIn"), 405, 20004)

    def test_portability(self):
        cases = {"+14152010199": (400, 22130), "+14152010198": (200, 22132),
                 "+14152010197": (200, 22136), "+14152010196": (200, 22133), "+18002010133": (200, 22133),
                 "+14162010133": (200, 22133), "+14152029999": (200, None)}
        for number, (status, code) in cases.items():
            got, _, answer = self.carrier.call("GET", "/v1/Porting/Portability/PhoneNumber/" + urllib.parse.quote(number))
            self.assertEqual((got, answer["not_portable_reason_code"]), (status, code), number)
            self.assertEqual(answer["portable"], code is None)
        status, _, answer = self.carrier.call("GET", "/v1/Porting/Portability/PhoneNumber/+4930123456")
        self.assertEqual((status, answer["not_portable_reason_code"], answer["country"]), (400, 22130, None))
        for bad in ("4152010134", "+0152010134", "+1415", "x", "%27%3B--", "+1234567890123456"):
            self.assert_error(self.carrier.call("GET", f"/v1/Porting/Portability/PhoneNumber/{bad}"), 400, 22102)
        self.assert_error(self.carrier.call(
            "GET", f"/v1/Porting/Portability/PhoneNumber/+14152029999?TargetAccountSid=AC{'1' * 32}"), 403, 20003)

    def test_documents(self):
        png = b"\x89PNG\r\n\x1a\n" + b"x" * 50
        for file, mime in ((PDF, "application/pdf"), (png, "image/png"), (b"\xff\xd8\xff\xe0xx", "image/jpeg")):
            status, _, document = self.carrier.upload(file, "../../<x>.exe")
            self.assertEqual((status, document["mime_type"]), (201, mime))
            self.assertRegex(document["sid"], "^RD[0-9a-f]{32}$")
        status, _, document = self.carrier.upload(b"")
        self.assertEqual((status, document["mime_type"]), (201, ""))
        for case in (dict(file=None), dict(file=b"GIF89a"), dict(file=b"<html>"), dict(fields=()),
                     dict(fields=(("document_type", "Pass port"),)), dict(fields=(("document_type", "x" * 1000),)),
                     dict(file=PDF + b"x" * (10 * 1024 * 1024 + 1))):
            self.assert_error(self.carrier.upload(**case), 400, 20001)
        for body, kind in ((b"{}", "application/json"), (b"", "multipart/form-data; boundary=x"),
                           (b"--x\r\n", "multipart/form-data; boundary=x"), (b"\0" * 100, "multipart/form-data")):
            self.assert_error(self.carrier.call("POST", "/v1/Documents", body, kind), 400, 20001)

    def test_what_a_port_must_have(self):
        carrier, number = self.carrier, self.carrier.number()
        address = carrier.order([number])["losing_carrier_information"]["address"]
        cases = [
            (dict(account_sid=None), 400, 22171), (dict(account_sid="AC1"), 400, 20001),
            (dict(account_sid="AC" + "1" * 32), 403, 20003), (dict(documents=None), 400, 22171),
            (dict(documents=[]), 400, 22171), (dict(documents=["RD" + "0" * 32]), 400, 20404),
            (dict(documents=["x"]), 400, 20001), (dict(documents="x"), 400, 20001),
            (dict(losing_carrier_information=None), 400, 22171), (dict(losing_carrier_information=[]), 400, 20001),
            (dict(customer_name=None), 400, 22171), (dict(customer_name="  "), 400, 22171),
            (dict(customer_name="x" * 256), 400, 20001), (dict(customer_name=7), 400, 20001),
            (dict(customer_name="a\0b"), 400, 20001), (dict(customer_type="Company"), 400, 20001),
            (dict(authorized_representative=None), 400, 22171),
            (dict(authorized_representative_email=None), 400, 22171),
            (dict(authorized_representative_email="dana"), 400, 20001),
            (dict(authorized_representative_email="a@b.example\r\nBcc: x@y.example"), 400, 20001),
            (dict(account_telephone_number="415"), 400, 22102), (dict(address=None), 400, 22171),
            (dict(address={**address, "country": "CA"}), 400, 22130), (dict(address={**address, "zip": ""}), 400, 22171),
            (dict(address_sid="AD" + "0" * 32), 400, 20404), (dict(phone_numbers=None), 400, 22171),
            (dict(phone_numbers=[]), 400, 22171), (dict(phone_numbers=[{}]), 400, 22171),
            (dict(phone_numbers=["x"]), 400, 20001), (dict(phone_numbers=[{"phone_number": "+4930123456"}]), 400, 22172),
            (dict(phone_numbers=[{"phone_number": number}] * 2), 400, 20001),
            (dict(phone_numbers=[{"phone_number": number}] * 1001), 400, 20001),
            (dict(phone_numbers=[{"phone_number": "+14152010195"}]), 400, 22171),
            (dict(phone_numbers=[{"phone_number": "+14152010198"}]), 400, 22132),
            (dict(notification_emails=["x"]), 400, 20001),
            (dict(notification_emails=[f"a{i}@b.example" for i in range(11)]), 400, 20001),
            (dict(target_port_in_date="2026-01-01"), 400, 20001), (dict(target_port_in_date="soon"), 400, 20001),
            (dict(target_port_in_date="2099-02-03", target_port_in_time_range_start="25:00:00Z"), 400, 20001),
            (dict(address_sid="x"), 400, 20404),
        ]
        for changes, status, code in cases:
            with self.subTest(changes=str(changes)[:100]):
                self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", carrier.order([number], **changes)), status, code)
        for body in (b"", b"{", b"[]", b"null", b'{"a":1,"a":2}', b"\xff\xfe", b"[" * 5000):
            self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", body), 400, 20001)
        order = carrier.order([number])
        for more, code in ((dict(bundle_sid="x"), 20001), (dict(documents=[carrier.upload(b"")[2]["sid"]]), 20001),
                           (dict(documents=[carrier.upload(fields=(("document_type", "passport"),))[2]["sid"]]), 22171)):
            self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", {**order, **more}), 400, code)
        self.assertEqual(carrier.call("POST", "/v1/Porting/PortIn", b" " * (2 * 1024 * 1024))[0], 413)
        self.assertEqual([port for port in carrier.state()["ports"]
                          if port["phone_numbers"][0]["phone_number"] == number], [])

    def test_times_are_told_in_utc(self):
        port = self.carrier.create([self.carrier.number()], target_port_in_date="2099-02-03",
                                   target_port_in_time_range_start="20:00:00-08:00",
                                   target_port_in_time_range_end="21:30:00-08:00")
        self.assertEqual((port["target_port_in_date"], port["target_port_in_time_range_start"],
                          port["target_port_in_time_range_end"]), ("2099-02-04", "04:00:00Z", "05:30:00Z"))

    def test_the_end_of_a_time_range_alone_moves_the_date_too(self):
        port = self.carrier.create([self.carrier.number()], target_port_in_date="2099-02-03",
                                   target_port_in_time_range_end="21:30:00-08:00")
        self.assertEqual((port["target_port_in_date"], port["target_port_in_time_range_start"],
                          port["target_port_in_time_range_end"]), ("2099-02-04", None, "05:30:00Z"))

    def test_what_only_some_countries_ask_for_is_kept(self):
        order = self.carrier.order([self.carrier.number()])
        extra = {"bundle_sid": "BU" + "0" * 32, "portability_advance_carrier": "x", "auto_cancel_approval_numbers": "1,2"}
        status, _, port = self.carrier.call("POST", "/v1/Porting/PortIn", {**order, **extra})
        self.assertEqual(status, 202)
        self.assertEqual({name: self.carrier.fetch(port["port_in_request_sid"])[name] for name in extra}, extra)

    def test_the_letters_configuration_is_checked(self):
        path = "/v1/SigningRequest/Configuration"
        for body in ({"product": "Other"}, {"country": "us"}, {"country": "USA"}, {"email_subject": "a\r\nBcc: b@c.example"},
                     {"email_subject": 1}, {"url_redirection": "javascript:alert(1)"}, {"url_redirection": "http://a;b/"},
                     {"url_redirection": "https://user@host/"}, {"logo_sid": 7}, []):
            self.assert_error(self.carrier.call("POST", path, body), 400, 20001)
        for query in ("PageSize=0", "PageSize=1001", "Page=x", "Product=x", "Country=x"):
            self.assert_error(self.carrier.call("GET", f"{path}?{query}"), 400, 20001)
        for country in ("", "CA", "MX"):
            self.assertEqual(self.carrier.call("POST", path, {"product": "Hosting", "country": country})[0], 201)
        first = self.carrier.get(f"{path}?Product=Hosting&PageSize=2")
        self.assertEqual([each["country"] for each in first["configurations"]], [None, "CA"])
        second = self.carrier.get(first["meta"]["next_page_url"].removeprefix(self.carrier.origin))
        self.assertEqual(([each["country"] for each in second["configurations"]], second["meta"]["next_page_url"]), (["MX"], None))
        self.assertEqual(Browser(self.carrier.origin).get("/logo/RD" + "0" * 32).status, 404)

    def test_the_accounts_own_resources(self):
        account = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
        form = "application/x-www-form-urlencoded"
        self.assert_error(self.carrier.call("POST", f"{account}/Addresses.json", b"City=Reno", form), 400, 21604)
        self.assert_error(self.carrier.call("POST", f"{account}/Addresses.json", b"City=%ff", form), 400, 20001)
        for path in (f"{account}/Addresses/AD{'0' * 32}.json", f"{account}/IncomingPhoneNumbers/PN{'0' * 32}.json",
                     f"{account}/IncomingPhoneNumbers/x", f"/2010-04-01/Accounts/AC{'1' * 32}/IncomingPhoneNumbers.json"):
            self.assert_error(self.carrier.call("GET", path), 404, 20404)
        for query in ("PhoneNumber=x", "PageSize=0", "Page=-1", "PhoneNumber=" + "1" * 41, "PhoneNumber=%25"):
            self.assert_error(self.carrier.call("GET", f"{account}/IncomingPhoneNumbers.json?{query}"), 400, 20001)
        self.assertEqual(self.carrier.get(f"{account}/IncomingPhoneNumbers.json?Origin=hosted")["incoming_phone_numbers"], [])
        self.assertIs(self.carrier.get("/v2/PhoneNumbers/+1")["valid"], False)

    def test_an_api_key_is_as_good_as_the_account(self):
        path = "/v1/Porting/PortIn/PortInRequests"
        self.assertEqual(self.carrier.call("GET", path, user=API_KEY_SID, password=API_KEY_SECRET)[0], 200)
        for user, password in ((API_KEY_SID, AUTH_TOKEN), (ACCOUNT_SID, API_KEY_SECRET), (API_KEY_SID, "")):
            self.assert_error(self.carrier.call("GET", path, user=user, password=password), 401, 20003)

    def test_duplicates_are_refused_and_counted(self):
        carrier = self.carrier
        before = carrier.state()
        number = carrier.number()
        order = carrier.order([number])
        self.assertEqual(carrier.call("POST", "/v1/Porting/PortIn", order)[0], 202)
        self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", order), 400, 22137)
        used = carrier.order([carrier.number()])
        used["documents"] = order["documents"]
        self.assert_error(carrier.call("POST", "/v1/Porting/PortIn", used), 400, 22137)
        answers = []
        order = carrier.order([carrier.number()])
        threads = [threading.Thread(target=lambda: answers.append(carrier.call("POST", "/v1/Porting/PortIn", order)[0]))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [202] + [400] * 7)
        after = carrier.state()
        self.assertEqual(after["creates"] - before["creates"], 2)
        self.assertEqual(after["duplicates"] - before["duplicates"], 9)

    def test_a_number_that_cannot_be_ported_stays_aside(self):
        good = self.carrier.number()
        port = self.carrier.create([good, "+14152010196"])
        told = {each["phone_number"]: each for each in port["phone_numbers"]}
        self.assertTrue(told[good]["portable"])
        self.assertEqual((told["+14152010196"]["portable"], told["+14152010196"]["not_portability_reason_code"]), (False, 22133))

    def test_the_list_has_pages(self):
        carrier = self.carrier
        made = [carrier.create([carrier.number()])["port_in_request_sid"] for _ in range(5)]
        wanted = ",".join(made)
        seen, token, pages = [], "", 0
        while True:
            page = carrier.get(f"/v1/Porting/PortIn/PortInRequests?Size=2&PortInRequestSid={wanted}"
                               + (f"&Token={token}" if token else ""))
            pages += 1
            seen += [each["port_in_request_sid"] for each in page["port_in_requests"]]
            self.assertEqual(page["meta"]["previous_token"] is None, pages == 1)
            token = page["meta"]["next_token"]
            if not token:
                break
        self.assertEqual((seen, pages), (made[::-1], 3))
        self.assertEqual(page["port_in_requests"][0]["phone_numbers_requested"], 1)
        everything = "/v1/Porting/PortIn/PortInRequests?Size=100&PortInRequestSid=" + wanted
        self.assertEqual(len(carrier.get(everything + "&PortInRequestStatus=In%20review")["port_in_requests"]), 5)
        for none in ("&PortInRequestStatus=Completed", "&CreatedBefore=2020-01-01", "&CreatedAfter=2190-01-01"):
            self.assertEqual(carrier.get(everything + none)["port_in_requests"], [])
        for bad in ("Size=0", "Size=101", "Size=x", "Token=x", "PortInRequestSid=x", "CreatedBefore=x", "CreatedAfter=1"):
            self.assert_error(carrier.call("GET", f"/v1/Porting/PortIn/PortInRequests?{bad}"), 400, 20001)

    def test_the_webhook_is_configured(self):
        path = "/v1/Porting/Configuration/Webhook"
        self.carrier.call("DELETE", f"{path}/PORT_IN")
        self.assert_error(self.carrier.call("GET", path), 404, 20404)
        for body, code in (({}, 22171), ({"port_in_target_url": "ftp://x"}, 20001), ({"port_in_target_url": 1}, 20001),
                           ({"port_in_target_url": "http://x/\r\nA: b"}, 20001), ([], 20001),
                           ({"port_in_target_url": "http://x", "notifications_of": [1]}, 20001)):
            self.assert_error(self.carrier.call("POST", path, body), 400, code)
        url = "http://127.0.0.1:1/hook"
        self.assertEqual(self.carrier.call("POST", path, {"port_in_target_url": url})[0], 201)
        told = self.carrier.get(path)
        self.assertEqual((told["port_in_target_url"], told["notifications_of"]), (url, []))
        self.assertIsNotNone(told["port_in_target_date_created"])
        self.assertEqual(self.carrier.call("DELETE", f"{path}/PORT_IN")[0], 204)
        self.assert_error(self.carrier.call("DELETE", f"{path}/OTHER"), 400, 20001)


class Pages(SandboxCase):
    def waiting(self, **changes):
        sid = self.carrier.create([self.carrier.number()], **changes)["port_in_request_sid"]
        self.carrier.next(sid)
        return self.carrier.until(sid, "Waiting for Signature")

    def test_signing_needs_name_and_consents(self):
        port = self.waiting()
        for fields, word in ((dict(signature=""), "Type your full name"), (dict(signature="x" * 101), "longer than 100"),
                             (dict(agree_letter=[]), "agree with the letter"),
                             (dict(agree_electronic=[]), "agree to sign on screen")):
            page = self.carrier.sign(port, **fields)
            self.assertEqual(page.status, 422, fields)
            self.assertIn(word, page.text)
            self.assertIn(b"<title>Error:", page.body)
        self.assertEqual(self.carrier.fetch(port["port_in_request_sid"])["port_in_request_status"], "Waiting for Signature")

    def test_hostile_input_stays_text(self):
        name = "<script>alert(1)</script> & \"Söhne\" 'OR 1=1--"
        port = self.waiting(customer_name=name, authorized_representative=name)
        page = self.carrier.sign(port, signature="")
        self.assertNotIn(b"<script>alert", page.body)
        self.assertIn(name, page.text)
        page = self.carrier.sign(port, signature=name)
        self.assertEqual(page.status, 200)
        self.assertNotIn(b"<script>alert", page.body)
        control = Browser(self.carrier.origin).get("/control")
        self.assertNotIn(b"<script>", control.body)
        self.assertIn(name, control.text)
        path = urllib.parse.urlsplit(port["signature_request_url"]).path
        browser = Browser(self.carrier.origin)
        for body in (b"signature=%ff", b"signature=%00", b"%%%", b"&" * 10000):
            answer = self.carrier.call("POST", path, body, "application/x-www-form-urlencoded", user=None)
            self.assertIn(answer[0], (200, 400, 413, 422))
        for bad in ("/sign/x", "/sign/" + "x" * 43, "/sign/", "/sign/x/letter.pdf", "/mail/0", "/mail/x", "/mail/99999999",
                    "/mail/1%27/html", "/static/x/portdesk.css"):
            self.assertEqual(browser.get(bad).status, 404, bad)

    def test_a_page_of_another_site_changes_nothing(self):
        port = self.waiting()
        sid, path = port["port_in_request_sid"], urllib.parse.urlsplit(port["signature_request_url"]).path
        good = b"signature=Dana&agree_letter=yes&agree_electronic=yes"
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
                        {"Sec-Fetch-Site": "same-site", "Origin": self.carrier.origin}):
            for address, body in ((path, good), (f"/control/ports/{sid}/next", b""), (f"/control/ports/{sid}/expire", b""),
                                  (f"/control/ports/{sid}/answer", b"reason="), ("/control/clock", b"advance=3600")):
                answer = self.carrier.call("POST", address, body, "application/x-www-form-urlencoded", user=None, headers=headers)
                self.assertEqual(answer[0], 403, (headers, address))
        self.assertEqual(self.carrier.fetch(sid)["port_in_request_status"], "Waiting for Signature")

    def test_a_drawing_must_be_one(self):
        port = self.waiting()
        for drawing, word in (("", "Draw your signature"), ("1,2", "Draw your signature"), ("x", "could not be read"),
                              ("1,2 " * 5001 + "1,2", "could not be read")):
            page = self.carrier.sign(port, signature="", how="draw", drawing=drawing)
            self.assertEqual(page.status, 422, drawing[:20])
            self.assertIn(word, page.text)
        page = self.carrier.sign(port, signature="", how="draw", drawing=" ".join(f"{x},{x % 90}" for x in range(60)))
        self.assertEqual(page.status, 200)
        self.assertIn("Signed by Dana Whitfield", page.text)

    def test_declining(self):
        port = self.waiting()
        browser = Browser(self.carrier.origin)
        path = urllib.parse.urlsplit(port["signature_request_url"]).path
        page = browser.get(path).follow("/decline")
        self.assertEqual(page.form("reason").submit(reason="x" * 501).status, 422)
        done = page.form("reason").submit(reason="Not <my> number")
        self.assertIn("This letter was declined", done.text)
        told = self.carrier.fetch(port["port_in_request_sid"])
        self.assertEqual((told["port_in_request_status"], told["order_cancellation_reason"]),
                         ("Canceled", "Signature request declined by the authorized representative: Not <my> number"))
        self.assertEqual({each["port_in_phone_number_status"] for each in told["phone_numbers"]}, {"canceled"})
        self.assertEqual(browser.get(path + "/decline").status, 410)
        self.assertEqual(browser.get("/sign/x/decline").status, 404)
        self.assertEqual(self.carrier.api(f"ports/{port['port_in_request_sid']}/decline")[0], 409)

    def test_the_control_api_refuses_what_makes_no_sense(self):
        port = self.waiting()
        sid = port["port_in_request_sid"]
        self.assertEqual(self.carrier.api(f"ports/{sid}/advance")[0], 409)
        for path, body in ((f"ports/{sid}/advance", {"steps": 0}), (f"ports/{sid}/advance", {"steps": 51}),
                           (f"ports/{sid}/answer", {"reason": "NONSENSE"}), (f"ports/{sid}/answer", {"reason": 1}),
                           (f"ports/{sid}/sign", {"name": "x" * 101}), (f"ports/{sid}/sign", {"name": " "}),
                           (f"ports/{sid}/decline", {"reason": "x" * 501}), ("clock", {"speed": -1}), ("clock", {"speed": 1000001}),
                           ("clock", {"to": "soon"}), ("clock", {"to": "2999-01-01T00:00:00Z"}),
                           ("clock", {"to": "2999-01-01T00:00:00Z", "advance_seconds": 1}), ("clock", {"advance_seconds": 31536001})):
            status, answer = self.carrier.api(path, **body)
            self.assertEqual((status, answer["code"]), (400, 20001), (path, body))
        for path in ("advance", "sign", "decline", "expire", "answer"):
            self.assertEqual(self.carrier.call("POST", f"/control/api/ports/{sid}/{path}", b"[]" if path != "expire" else b"{}",
                                               headers={"Origin": "https://evil.example"})[0], 403)
            missing = self.carrier.api(f"ports/KW{'0' * 32}/{path}")[0]
            self.assertEqual(missing, 409 if path in ("advance", "expire") else 404)
        self.assertEqual(self.carrier.call("POST", "/control/api/clock", b"[]")[0], 400)
        self.assertEqual(self.carrier.call("GET", "/control/api/ports/x")[0], 404)
        self.assertEqual(self.carrier.fetch(sid)["port_in_request_status"], "Waiting for Signature")

    def test_the_losing_carriers_answer_can_be_chosen(self):
        port = self.waiting()
        sid = port["port_in_request_sid"]
        self.assertEqual(self.carrier.control(f"ports/{sid}/answer", reason="NONSENSE"), 422)
        self.assertLess(self.carrier.control(f"ports/{sid}/answer", reason="INVALID_ADDRESS"), 400)
        self.assertEqual(self.carrier.control(f"ports/{sid}/next"), 409)
        self.carrier.sign(port)
        self.carrier.next(sid)
        port = self.carrier.until(sid, "Action Required")
        self.assertEqual(port["phone_numbers"][0]["rejection_reason"], "INVALID_ADDRESS")

    def test_the_letter_can_be_let_run_out(self):
        port = self.waiting()
        self.assertLess(self.carrier.control(f"ports/{port['port_in_request_sid']}/expire"), 400)
        self.carrier.until(port["port_in_request_sid"], "Expired")

    def test_any_mail_is_kept_and_shown_safely(self):
        message = EmailMessage()
        message["From"] = "Ä <a@b.example>"
        message["To"] = "someone@c.example"
        message["Subject"] = "<b>Größe</b> & more"
        message.set_content("plain <i>text</i>\n")
        message.add_alternative("<p onclick=x>html</p><script>alert(1)</script>", subtype="html")
        message.add_attachment(b"<script>alert(2)</script>", maintype="text", subtype="html", filename="../x.html")
        with smtplib.SMTP("127.0.0.1", self.carrier.mail_port, timeout=30) as smtp:
            smtp.send_message(message)
            smtp.sendmail("x@y.example", ["someone@c.example"], b"no header at all \xff\xfe\r\n")
        mails = self.carrier.mails("SOMEONE@c.example")
        self.assertEqual([mail["subject"] for mail in mails], ["<b>Größe</b> & more", ""])
        self.assertEqual(self.carrier.mails("nobody@c.example"), [])
        browser = Browser(self.carrier.origin)
        page = browser.get(f"/mail/{mails[0]['id']}")
        self.assertIn("<b>Größe</b> & more", page.text)
        self.assertIn("plain <i>text</i>", page.text)
        self.assertNotIn(b"<script>", page.body)
        html = browser.get(f"/mail/{mails[0]['id']}/html")
        self.assertIn("sandbox", html.headers["Content-Security-Policy"])
        self.assertIn("default-src 'none'", html.headers["Content-Security-Policy"])
        self.assertNotIn("allow-scripts", html.headers["Content-Security-Policy"])
        attachment = browser.get(f"/mail/{mails[0]['id']}/attachment")
        self.assertTrue(attachment.headers["Content-Disposition"].startswith("attachment;"))
        self.assertEqual(attachment.headers["Content-Type"], "application/octet-stream")
        self.assertEqual(browser.get(f"/mail/{mails[1]['id']}").status, 200)
        self.assertIn("<b>Größe</b> & more", browser.get("/mail").text)

    def test_many_large_mails_do_not_weigh_it_down(self):
        with smtplib.SMTP("127.0.0.1", self.carrier.mail_port, timeout=60) as smtp:
            for i in range(20):
                smtp.sendmail("a@b.example", [f"large{k}@c.example" for k in range(20)],
                              f"Subject: large {i}\r\n\r\n".encode() + b"0123456789abcdef\r\n" * 90000)
        listed = self.carrier.mails("large0@c.example")
        self.assertEqual(listed[-1]["subject"], "large 19")
        self.assertLess(len(listed), 20)
        browser = Browser(self.carrier.origin)
        self.assertIn("older mail", browser.get("/mail").text)
        self.assertEqual(browser.get(f"/mail/{listed[-1]['id']}").status, 200)

    def test_a_thousand_numbers_are_one_port(self):
        numbers = [f"+1628{2100000 + i * 10000 % 7000000 + i // 700}" for i in range(1000)]
        self.assertEqual(len(set(numbers)), 1000)
        port = self.carrier.create(numbers)
        self.assertEqual(len(port["phone_numbers"]), 1000)
        sid = port["port_in_request_sid"]
        self.carrier.next(sid)
        page = self.carrier.sign(self.carrier.until(sid, "Waiting for Signature"))
        self.assertTrue(page.follow("letter.pdf").body.startswith(b"%PDF-"))
        self.carrier.next(sid)
        # All but the silent ones: 0193 ends one number of the thousand at most.
        wait_for("the answers", lambda: sum(
            each["port_in_phone_number_status"] in ("port_pending", "port_rejected")
            for each in self.carrier.fetch(sid)["phone_numbers"]) >= 999, 60)
        self.assertIn("and 980 more numbers", Browser(self.carrier.origin).get("/control").text)

    def test_every_page_has_its_headers(self):
        browser = Browser(self.carrier.origin)
        port = self.waiting()
        for path in ("/control", "/mail", "/nothing", urllib.parse.urlsplit(port["signature_request_url"]).path):
            page = browser.get(path)
            policy = page.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
            for address in {word.split(b'"')[0].decode() for word in page.body.split(b'href="/static/')[1:]}:
                file = browser.get("/static/" + address.split("#")[0])
                self.assertEqual(file.status, 200, address)
                self.assertIn("immutable", file.headers["Cache-Control"])
        self.assertEqual(browser.get("/").path, "/control")


if __name__ == "__main__":
    unittest.main()
