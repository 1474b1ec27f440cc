"""The audit log: what people do stands in it, with who, when and from where; who may read it; filters, pages and the download. And the mail
about a sign-in from somewhere new."""
import csv
import http.client
import io
import re
import unittest
import urllib.parse

import billreader_files as files
import frame
import journey
from people import Person, Records


class Audit(frame.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner, cls.agent, cls.team = (Person(cls.desk, who) for who in ("owner", "agent", "porting_team"))
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.account = cls.account_of("owner")

    @classmethod
    def account_of(cls, who):
        return cls.records.one("SELECT account FROM app_user WHERE email = ?", cls.desk.address(who))

    def lines(self, kind):
        """Who, whose log, subject and words of all lines of a kind, oldest first."""
        return self.records.rows("SELECT by_name, account, subject, about, client FROM audit_event WHERE kind = ? ORDER BY at, id", kind)

    def reference(self, address):
        return self.records.one("SELECT reference FROM port_request WHERE id = ?", address.rpartition("/")[2])

    # ---- What stands in it ----

    def test_what_customers_do_with_requests(self):
        number = journey.number()
        address = self.agent.submitted([number], pin="0000")
        request, reference = address.rpartition("/")[2], self.reference(address)
        line = ("Elena Marsh", self.account, request, reference, "127.0.0.1")
        self.assertIn(line, self.lines("request_submitted"))
        sid = journey.sign(self.desk, number)
        page = journey.status_on(self.agent.browser, address, "Action Required", self.desk, sid)
        self.assertEqual(page.follow("/fix").form("pin").submit(pin="482913").status, 200)
        self.assertIn(line, self.lines("request_corrected"))
        self.owner.wants(self.owner.post(f"{address}/cancel", [("key", "cancel-of-the-audit-test")]), 303)
        self.assertIn(("Priya Raman", *line[1:]), self.lines("request_canceled"))
        draft = self.agent.draft()
        reference = self.reference(draft)
        self.agent.wants(self.agent.post(f"{draft}/discard"), 303)
        self.assertIn(("Elena Marsh", self.account, draft.rpartition("/")[2], reference, "127.0.0.1"), self.lines("draft_discarded"))

    def test_the_same_submit_twice_is_one_line(self):
        address = self.agent.ready([journey.number()])
        before = len(self.lines("request_submitted"))
        for _ in range(2):
            self.agent.wants(self.agent.post(f"{address}/submit", [("key", "one-and-the-same-key"), *self.agent.submission()]), 303)
        self.assertEqual(len(self.lines("request_submitted")), before + 1)

    def test_who_looks_at_a_bill(self):
        """Once an hour for each person and bill; who added it sees its picture without a line."""
        draft = self.agent.draft()
        bill = self.agent.bill(draft, files.JPEG, "march.jpg")
        about = f"{self.reference(draft)}: march.jpg"

        def looked(kind):
            return [who for who, _, _, words, _ in self.lines(kind) if words == about]
        for _ in range(2):
            self.assertEqual(self.agent.get(f"{bill}/preview").status, 200)
            self.assertEqual(self.owner.get(f"{bill}/preview").status, 200)
            self.assertEqual(self.team.get(bill).status, 200)
            self.assertEqual(self.agent.get(bill).status, 200)
        self.assertEqual(looked("bill_looked_at"), ["Priya Raman"])
        self.assertEqual(looked("bill_downloaded"), ["Nadia Weiss", "Elena Marsh"])
        self.assertEqual(Person(self.desk, "tom").get(bill).status, 404)  # who sees nothing leaves no line
        self.assertEqual(len(looked("bill_downloaded")), 2)

    def test_connections_and_commands(self):
        address = self.owner.connection("AC" + "a" * 32)
        connection = address.rpartition("/")[2]
        self.owner.wants(self.owner.post(f"{address}/rotate", [("secret", "n" * 32)]), 303)
        self.owner.wants(self.owner.post(f"{address}/test"), 303)
        for kind in ("connection_added", "connection_retired", "connection_rotated", "connection_tested"):
            self.assertIn(("Priya Raman", self.account, connection, "Ours", "127.0.0.1"), self.lines(kind), kind)
        self.assertNotIn("n" * 32, repr(self.records.rows("SELECT * FROM audit_event")))
        self.assertEqual(self.records.one("SELECT count(*) FROM audit_event WHERE kind = 'user_added' AND by_role = 'command' AND about ="
                                          " 'Nadia Weiss, Porting team'"), 1)

    # ---- Who reads it ----

    def test_who_may_read_it(self):
        for who, status in (("agent", 403), ("admin", 403), ("owner", 200), ("tom", 200), ("porting_team", 200)):
            person = Person(self.desk, who)
            for path in ("/audit", "/audit/download"):
                self.assertEqual(person.get(path).status, status, (who, path))
            rail = any(link == "/audit" for link, _ in person.get("/requests").links)
            self.assertEqual(rail, status == 200, who)

    def test_whose_log_it_is(self):
        tom, other = Person(self.desk, "tom"), self.account_of("tom")
        self.agent.submitted([journey.number()])
        self.assertIn("Elena Marsh", self.owner.get("/audit").text)
        page = tom.get("/audit")
        self.assertNotIn("Elena", page.text)
        self.assertIn("Birch Street Dental", page.text)
        self.assertEqual(tom.get(f"/audit?account={self.account}").status, 404)
        self.assertEqual(tom.get(f"/audit/download?account={self.account}").status, 404)
        self.assertEqual(self.owner.get("/audit?account=operator").status, 404)
        everything = self.team.get("/audit")
        self.assertIn("Elena Marsh", everything.text)
        self.assertIn("every account", everything.text)
        link = next(link for link, words in everything.links if words == "Harbor & Pine Realty")
        page = self.team.get(link)
        self.assertIn("Elena Marsh", page.text)
        self.assertNotIn("Tom Okafor", page.text)
        self.assertNotIn("Elena", self.team.get(f"/audit?account={other}").text)
        self.assertEqual(self.team.get("/audit?account=acc_0192b8c4d1e27000a000000000000001").status, 404)

    # ---- Filters, pages, download ----

    def test_filters_and_pages(self):
        for _ in range(60):
            self.owner.wants(self.owner.post(f"{self.agent.draft()}/discard"), 303)
        form = self.owner.browser.get("/audit").form("kind")
        page = form.submit(kind="draft_discarded", who=self.records.one(
            "SELECT id FROM app_user WHERE email = ?", self.desk.address("owner")))
        seen = []
        while True:
            self.assertEqual(page.status, 200)
            rows = re.findall(r'<th role="rowheader"[^>]*>([^<]+)<', page.body.decode())
            self.assertEqual(set(rows), {"Threw a draft away"})
            seen += rows
            older = [link for link, words in page.links if words == "Older"]
            if not older:
                break
            page = self.owner.browser.get(older[0])
        self.assertEqual(len(seen), self.records.one("SELECT count(*) FROM audit_event WHERE kind = 'draft_discarded' AND by_name = 'Priya Raman'"))
        self.assertGreater(len(seen), 50)
        empty = self.owner.get("/audit?kind=job_dropped")
        self.assertIn("Nothing fits", empty.text)
        for hostile in ("kind=x&who=y", "before=%00", "before=1.aud_x&kind='%20OR%201=1%20--", "who=usr_" + "x" * 500, "account=&kind=&who="):
            self.assertIn(self.owner.get("/audit?" + hostile).status, (200, 400), hostile)

    def test_the_download(self):
        strange = '=1+1,"quoted"'
        connection = self.owner.connection("AC" + "b" * 32)
        for _ in range(2):  # the second line has the name that the first change gave it
            self.owner.wants(self.owner.post(connection, [("label", strange)]), 303)
        page = self.owner.get("/audit/download")
        self.assertEqual(page.headers["Content-Type"], "text/csv; charset=utf-8")
        self.assertIn("attachment", page.headers["Content-Disposition"])
        rows = list(csv.reader(io.StringIO(page.body.decode(), newline="")))
        self.assertEqual(rows[0], ["when", "account", "what", "about", "who", "role", "from", "id"])
        line = next(row for row in rows if "quoted" in row[3])
        self.assertEqual(line[2:4], ["connection_retired", "'" + strange])
        self.assertEqual(line[1:2] + line[4:7], ["Harbor & Pine Realty", "Priya Raman", "owner", "127.0.0.1"])
        self.assertRegex(line[0], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertFalse([cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")])
        self.assertIn(("Priya Raman", self.account, "", "", "127.0.0.1"), self.lines("log_downloaded"))

    # ---- From somewhere new ----

    def sign_in_from(self, address, who):
        """As a browser at another address of this machine."""
        wire = http.client.HTTPConnection("127.0.0.1", self.desk.port, source_address=(address, 0), timeout=60)
        wire.request("GET", "/sign-in")
        answer = wire.getresponse()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        csrf = re.search(r'name="csrf" value="([^"]+)"', answer.read().decode())[1]
        body = urllib.parse.urlencode({"csrf": csrf, "email": self.desk.address(who), "password": self.desk.password})
        wire.request("POST", "/sign-in", body, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
        answer = wire.getresponse()
        answer.read()
        wire.close()
        self.assertEqual(answer.status, 303)

    def test_a_sign_in_from_somewhere_new_is_mailed(self):
        to = self.desk.address("admin")
        Person(self.desk, "admin")
        self.assertEqual(self.desk.mails(to, "New sign-in"), [])
        self.sign_in_from("127.0.0.7", "admin")
        mail = self.desk.mail(to, "New sign-in")
        self.assertIn("127.0.0.7", mail["text"])
        self.sign_in_from("127.0.0.7", "admin")
        Person(self.desk, "admin")
        self.sign_in_from("127.0.0.8", "admin")
        frame.wait_for("the second mail", lambda: len(self.desk.mails(to, "New sign-in")) == 2)
        self.assertEqual(len(self.lines("new_place")), 2)


if __name__ == "__main__":
    unittest.main()
