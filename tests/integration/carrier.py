"""The sandbox carrier by itself for tests: the running program, its API, what it does when asked, and a receiver of its webhooks."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import pathlib
import shutil
import tempfile
import threading
import urllib.parse

from browser import Browser
from frame import ACCOUNT_SID, AUTH_TOKEN, BUILD, LOGS, Program, free_ports, wait_for, write_ini

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
API_KEY_SID = "SK" + "00112233445566778899aabbccddeeff"
API_KEY_SECRET = "key-secret"


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks, and refuses the first ones when told to."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiving)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook?secret=1"
        self.events, self.refuse = [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def statuses(self, number=None):
        return [each["status"] for each in self.events if each["phone_number"] == number]


class Receiving(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = f"http://{self.headers['Host']}{self.path}"
        digest = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["bodySHA256"][0]
        signature = base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), url.encode(), "sha1")).decode()
        good = digest == hashlib.sha256(body).hexdigest() and signature == self.headers["X-Twilio-Signature"]
        status = 200 if good else 403
        if self.server.refuse:
            self.server.refuse -= 1
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if status == 200:
            self.server.events.append(json.loads(body))

    def log_message(self, *_):
        pass


class Carrier:
    """A running sandbox carrier and its API."""

    def __init__(self, name="alone"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="portdesk-sandbox-"))
        self.port, self.mail_port = free_ports(2)
        self.origin = f"http://127.0.0.1:{self.port}"
        config = self.directory / "sandbox.ini"
        write_ini(config, {
            "web.listen": f"127.0.0.1:{self.port}", "web.base_url": self.origin, "data.dir": self.directory / "data",
            "clock.file": self.directory / "clock", "mail.listen": f"127.0.0.1:{self.mail_port}",
            "mail.smtp_url": f"smtp://127.0.0.1:{self.mail_port}",
            "carrier.account_sid": ACCOUNT_SID, "carrier.auth_token": AUTH_TOKEN,
            "carrier.api_key_sid": API_KEY_SID, "carrier.api_key_secret": API_KEY_SECRET})
        logs = LOGS / "sandbox"
        logs.mkdir(parents=True, exist_ok=True)
        (logs / f"{name}.log").unlink(missing_ok=True)
        self.program = Program("portdesk-sandbox", [BUILD / "portdesk-sandbox", "serve", "--config", config],
                               logs / f"{name}.log", self.port).start()
        self.next_number = 2010000

    def stop(self):
        try:
            self.program.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def call(self, method, path, body=None, kind="application/json", user=ACCOUNT_SID, password=AUTH_TOKEN, headers=None):
        """Status, headers and JSON (or bytes) of one call."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = dict(headers or {})
        if user is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if body is not None:
            sent["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status, answer.headers, json.loads(content) if is_json else content

    def get(self, path):
        status, _, json_ = self.call("GET", path)
        assert status == 200, (status, json_)
        return json_

    def upload(self, file=PDF, name="bill.pdf", fields=(("document_type", "utility_bill"), ("friendly_name", "bill"))):
        boundary = "xxsandboxxx"
        body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
                        for key, value in fields)
        if file is not None:
            body += (f'--{boundary}\r\nContent-Disposition: form-data; name="File"; filename="{name}"\r\n'
                     f"Content-Type: application/pdf\r\n\r\n").encode() + file + b"\r\n"
        return self.call("POST", "/v1/Documents", body + f"--{boundary}--\r\n".encode(),
                         f"multipart/form-data; boundary={boundary}")

    def document(self):
        status, _, document = self.upload()
        assert status == 201, document
        return document["sid"]

    def number(self, ending=None):
        """A number that nobody has asked for yet."""
        self.next_number += 1 if ending is None else 10000
        while ending is None and 140 <= self.next_number % 10000 <= 199:
            self.next_number += 1  # these endings mean something
        return f"+1415{self.next_number if ending is None else str(self.next_number)[:3] + ending}"

    def order(self, numbers, pin="1234", **changes):
        losing = {
            "customer_type": "Business", "customer_name": "Harbor & Pine Realty LLC", "account_number": "942118306-00001",
            "account_telephone_number": numbers[0], "authorized_representative": "Dana Whitfield",
            "authorized_representative_email": "dana@harbor.example",
            "address": {"street": "1180 Fillmore St", "street_2": "Ste 4", "city": "San Francisco", "state": "CA",
                        "zip": "94115", "country": "US"}}
        body = {"account_sid": ACCOUNT_SID, "documents": [self.document()], "losing_carrier_information": losing,
                "phone_numbers": [{"phone_number": number, "pin": pin} for number in numbers],
                "notification_emails": ["desk@northline.example"]}
        for key, value in changes.items():
            target = body if key in body or key.startswith("target") else losing
            if value is None:
                target.pop(key, None)
            else:
                target[key] = value
        return body

    def create(self, numbers, **changes):
        status, _, port = self.call("POST", "/v1/Porting/PortIn", self.order(numbers, **changes))
        assert status == 202, port
        return port

    def fetch(self, sid):
        return self.get(f"/v1/Porting/PortIn/{sid}")

    def until(self, sid, status):
        return wait_for(f"{sid} to be {status}",
                        lambda: (port := self.fetch(sid))["port_in_request_status"] == status and port, 20)

    def control(self, path, **fields):
        browser = Browser(self.origin)
        page = browser.post(f"/control/{path}", fields)
        browser.close()
        return page.status

    def api(self, path, **body):
        """One call of the control API: status and JSON."""
        status, _, answer = self.call("POST", f"/control/api/{path}", body, user=None)
        return status, answer

    def next(self, sid):
        assert self.control(f"ports/{sid}/next") < 400, self.state()["ports"][0]

    def state(self):
        return self.get("/control/state")

    def mails(self, to):
        return self.get(f"/mail.json?to={urllib.parse.quote(to)}")["mails"]

    def sign(self, port, **fields):
        browser = Browser(self.origin)
        page = browser.get(urllib.parse.urlsplit(port["signature_request_url"]).path)
        assert page.status == 200, page.text
        done = page.form("signature").submit(
            **{"signature": "Dana Whitfield", "agree_letter": "yes", "agree_electronic": "yes", **fields})
        browser.close()
        return done
