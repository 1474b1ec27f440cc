"""The porting team's desk: its queue, who takes what, messages both ways, notes that nobody else sees, records by hand, and what the team does in a
customer's name."""
import json
import re
import subprocess
import threading
import unittest

import frame
import journey
from people import Person, Records, routes

TORONTO, TOLL_FREE = "+1416231{:04}", "+1888231{:04}"
MARKUP = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</textarea><b>x</b>", "&lt;b&gt;&amp;",
          "'; DROP TABLE request_note; --", "http://evil.example/ <a href=http://evil.example>x</a>", "\u202egnp.exe\u2066")


class DeskTest(frame.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.portdesk.stop()  # on SQLite the desk alone writes
        subprocess.run([frame.BUILD / "portdesk", "user", "add", "--account", "Northline Support", "--email",
                        "omar@northline.example", "--name", "Omar Haddad", "--role", "porting_team", "--config", cls.desk.config],
                       input=cls.desk.password + "\n", text=True, check=True, timeout=60, capture_output=True)
        cls.desk.portdesk.start()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.owner, cls.agent, cls.team, cls.stranger = (
            Person(cls.desk, who) for who in ("owner", "agent", "porting_team", "tom"))
        cls.desk.people.append(("omar@northline.example", "colleague"))
        cls.omar = Person(cls.desk, "omar")
        cls.serial = 0

    @classmethod
    def number(cls, pattern=TORONTO):
        cls.serial += 1
        return pattern.format(cls.serial)

    def by_hand(self, who=None):
        return (who or self.owner).submitted([self.number()])

    def page(self, address, person=None):
        page = (person or self.team).browser.get(address)
        self.assertEqual(page.status, 200, f"{address}: {page.text[:300]}")
        return page

    def of(self, address, column):
        return self.records.one(f"SELECT {column} FROM port_request WHERE id = ?", address.rpartition("/")[2])

    def say(self, person, address, words):
        page = self.page(address, person).form("/messages").submit(message=words)
        self.assertEqual((page.status, page.path), (200, address), page.text[:400])
        self.assertIn("Your message is on its way.", page.text)
        return page

    # ---- The queue ----

    def test_the_desk_is_the_teams_home(self):
        address = self.by_hand()
        page = self.team.browser.get("/")
        self.assertEqual(page.path, "/team")
        body = page.body.decode()
        self.assertIn(address, body)
        for words in ("By hand", "usually 2 business days", "Harbor & Pine Realty", "Take it on", "less than an hour"):
            self.assertIn(words, page.text)
        self.assertIn(address, self.page("/team?whose=nobody&why=by_hand").body.decode())
        for query in ("whose=mine", "why=unclear", "whose=mine&why=mail"):
            self.assertNotIn(address, self.page(f"/team?{query}").body.decode())
        self.page("/team?whose=<b>&why='--&before=1.2.3")
        for person in (self.owner, self.agent, self.stranger):
            self.assertEqual(person.get("/team").status, 403)
            self.assertEqual(person.browser.get("/").path, "/requests")

    def test_two_who_take_it_at_once(self):
        address = self.by_hand()
        forms = [self.page(address, person).form("/assign") for person in (self.team, self.omar)]
        pages = [None, None]
        gate = threading.Barrier(2)

        def take(index):
            gate.wait(30)
            pages[index] = forms[index].submit()
        threads = [threading.Thread(target=take, args=(index,)) for index in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(page.status for page in pages), [200, 409])
        late = next(page for page in pages if page.status == 409)
        self.assertRegex(late.text, r"(Nadia Weiss|Omar Haddad) has taken it on meanwhile\. Nothing was changed\.")
        self.assertIn("Our porting team is on it.", self.page(address, self.owner).text)
        holder = self.team if self.of(address, "assigned_user") == self.records.one(
            "SELECT id FROM app_user WHERE name = 'Nadia Weiss'") else self.omar
        self.assertIn("You have this request.", self.page(address, holder).text)
        back = [form for form in self.page(address, holder).forms if form.action.endswith("/assign") and form.value("to") == ""]
        self.assertIn("It is given back.", back[0].submit().text)
        self.assertEqual(self.of(address, "assigned_user"), None)
        for words in ("Taken on.", "Given back"):
            self.assertIn(words, self.page(address).text)
            self.assertNotIn(words, self.page(address, self.owner).text)

    def test_taking_from_the_queue_and_handing_over(self):
        address = self.by_hand()
        form = next(form for form in self.page("/team?whose=nobody&why=by_hand").forms if form.action == address + "/assign")
        page = form.submit()
        self.assertEqual(page.path, "/team?whose=nobody&why=by_hand")
        self.assertIn("It is yours now.", page.text)
        self.assertIn(address, self.page("/team?whose=mine").body.decode())
        omar = self.records.one("SELECT id FROM app_user WHERE name = 'Omar Haddad'")
        hand = next(form for form in self.page(address).forms if "to" in form.choices)
        self.assertIn("It is handed over.", hand.submit(to=omar).text)
        self.assertIn(address, self.page("/team?whose=mine", self.omar).body.decode())
        self.assertEqual(self.records.rows("SELECT kind, by_name FROM audit_event WHERE subject = ? AND kind IN ('request_taken_on', 'request_handed_over') ORDER BY id",
                                           address.rpartition("/")[2]),
                         [("request_taken_on", "Nadia Weiss"), ("request_handed_over", "Nadia Weiss")])
        # A message goes to who has it alone.
        self.say(self.owner, address, "For whoever has it")
        self.desk.mail("omar@northline.example", "wrote")
        reference = self.of(address, "reference")
        self.assertEqual([mail for mail in self.desk.mails("nadia@northline.example", reference) if "wrote" in mail["subject"]], [])

    # ---- Messages ----

    def test_messages_go_both_ways_and_by_mail(self):
        address = self.by_hand(self.agent)
        self.say(self.agent, address, "Can it be Friday?\nBefore noon, please.")
        reference = self.of(address, "reference")
        mail = self.desk.mail("nadia@northline.example", reference)
        self.assertIn("> Can it be Friday?\n> Before noon, please.", mail["text"].replace("\r\n", "\n"))
        self.assertIn(self.desk.origin + address + "#messages", mail["text"])
        self.assertIn("Answers to this e-mail are not read", mail["text"])
        self.assertIn(address, self.page("/team?why=message").body.decode())
        self.assertIn("1 new", self.page(address).text)
        self.assertNotIn("1 new", self.page(address).text)  # seen
        self.assertIn("The customer waits for an answer.", self.page(address).text)
        before = self.agent.get(address + "/state", {"Accept": "application/json"}).body
        self.say(self.team, address, "Friday it is.")
        self.assertNotEqual(before, self.agent.get(address + "/state", {"Accept": "application/json"}).body)
        for who in ("agent", "owner"):
            self.assertIn("Friday it is.", self.desk.mail(self.desk.address(who), "Message about")["text"])
        self.assertNotIn(address, self.page("/team?why=message").body.decode())
        for person in (self.agent, self.owner):
            page = self.page(address, person)
            self.assertIn("Nadia Weiss, our porting team", page.text)
            self.assertIn("1 new", page.text)
            self.assertIn("Do not write PINs", page.text)
            self.assertNotIn("1 new", self.page(address, person).text)
        self.say(self.agent, address, "Thank you!")
        page = next(form for form in self.page(address).forms if form.value("why") == "message").submit()
        self.assertIn("Noted.", page.text)
        self.assertNotIn(address, self.page("/team?why=message").body.decode())

    def test_what_is_typed_comes_back_as_text(self):
        address = self.by_hand()
        for value in MARKUP:
            with self.subTest(value=value):
                page = self.say(self.owner, address, value)
                body = page.body.decode()
                self.assertIn(value, page.text)
                self.assertNotIn(value, body) if re.search("[<>\"'&]", value) else None
                self.assertNotRegex(body, r"<script(?![^>]*\bsrc=\"/static/)|<img src=x|<a [^>]*evil")
                self.assertEqual(self.records.find_bytes(b"DROP TABLE request_note"), [])
        form = self.page(address, self.owner).form("/messages")
        for value, words in (("x" * 4001, "4000 characters fit here"), ("  \r\n ", "Please write something first.")):
            page = form.submit(message=value)
            self.assertEqual(page.status, 422)
            self.assertIn(words, page.text)
            self.assertIn('href="#message"', page.body.decode())
        form = self.page(address, self.owner).form("/messages").set("message", "Only once")
        first, second = form.submit(), form.submit()
        self.assertEqual((first.status, second.status), (200, 200))
        self.assertEqual(second.text.count("Only once"), 1)

    def test_one_who_writes_too_much_waits(self):
        address = self.by_hand(self.agent)
        statuses = [self.agent.post(address + "/messages", [("message", f"No {i}"), ("key", f"{i:022}")]).status for i in range(22)]
        self.assertEqual(statuses[:15], [303] * 15)
        self.assertIn(429, statuses)
        self.assertEqual(self.agent.get(address).status, 200)
        self.desk.advance(11 * 60)

    def test_notes_reach_no_customer(self):
        """Every address that a customer may ask for is asked for after the team has noted something."""
        secret = "Zqx-note-that-nobody-else-reads"
        address = self.by_hand()
        page = self.page(address).form("/notes").submit(note=secret)
        self.assertIn(secret, page.text)
        self.assertIn("The note is kept.", page.text)
        self.assertEqual(self.records.find_bytes(secret.encode()), [])
        asked = 0
        for route in routes():
            if route["rights"] in ("outside", "desk") or "{document}" in route["pattern"]:
                continue
            path = route["pattern"].replace("{id}", address.rpartition("/")[2])
            for person in (self.owner, self.agent, self.stranger):
                for headers in ({}, {"Accept": "application/json"}):
                    if route["method"] == "GET":
                        page = person.get(path, headers)
                    elif route["page"] in ("sign_out", "theme", "request_cancel"):
                        continue
                    else:
                        page = person.post(path, headers=headers)
                    self.assertNotIn(secret, page.body.decode(errors="replace"), path)
                    asked += 1
        self.assertGreater(asked, 60)
        self.assertEqual([mail for mail in self.desk.mails() if secret in json.dumps(mail)], [])
        self.assertEqual(self.owner.post(address + "/notes", [("note", "x")]).status, 403)

    # ---- Records and acting ----

    def test_what_the_team_does_for_a_customer_is_told(self):
        number = self.number("+1415232{:04}")
        draft = self.agent.ready([number])
        page = self.page(draft + "/steps/7")
        self.assertIn("You act for Harbor & Pine Realty", page.text)
        boxes = page.form("wizard").choices.get("acknowledged", [])
        page = page.form("wizard").submit("/submit", acknowledged=list(boxes))
        self.assertEqual((page.status, page.path), (200, draft), page.text[:500])
        self.assertIn("You act for Harbor & Pine Realty", page.text)
        seen = self.page(draft, self.agent).text
        self.assertIn("Nadia Weiss, our porting team, for Harbor & Pine Realty", seen)
        for who in ("agent", "owner"):
            self.assertIn("in the name of Harbor & Pine Realty", self.desk.mail(self.desk.address(who), "Submitted for you")["text"])
        frame.wait_for("the port", lambda: self.desk.carrier_ports(number))
        page = self.page(draft).follow("/cancel")
        self.assertIn("You act for Harbor & Pine Realty", page.text)
        page.form("/cancel").submit()
        self.desk.mail(self.desk.address("agent"), "Cancel asked for you")
        kinds = [row[0] for row in self.records.rows("SELECT kind FROM audit_event WHERE subject = ? ORDER BY id", draft.rpartition("/")[2])]
        self.assertEqual(kinds[-2:], ["acted_submitted", "acted_canceled"])

    def begin_for(self, who):
        """The team's way from the list of accounts to the person, and the button there; the draft's address and the person's page."""
        account, user = self.records.rows("SELECT account, user_id FROM user_email WHERE email = ?", self.desk.address(who))[0]
        person = f"/accounts/{account}/people/{user}"
        page = self.page(person).form(f"{person}/requests").submit()
        self.assertEqual(page.status, 200, page.text[:500])
        self.assertTrue(page.path.endswith("/steps/1"), page.path)
        self.assertIn("You act for Harbor & Pine Realty", page.text)
        return page.path.removesuffix("/steps/1"), person

    def test_the_team_begins_a_request_for_somebody_who_phones_in(self):
        number = self.number("+1415232{:04}")
        draft, person = self.begin_for("agent")
        mail = self.desk.mail(self.desk.address("agent"), "Begun for you")
        self.assertIn("has begun the port request PR-", mail["text"])
        self.assertIn(f"{self.desk.origin}{draft}", mail["text"])
        self.assertIn(self.of(draft, "reference"), self.page(person).text)
        # Pressed again, it is the same; the person's own is another.
        self.assertEqual(self.begin_for("agent"), (draft, person))
        seen = self.page(draft, self.agent)
        self.assertEqual(seen.path, f"{draft}/steps/1")
        self.assertNotIn("You act for", seen.text)
        self.assertIn(draft, self.page("/requests", self.agent).body.decode())
        self.assertEqual(self.stranger.get(draft).status, 404)
        self.team.fill(draft, [number])
        page = self.page(f"{draft}/steps/5").form("wizard").submit("close")
        self.assertEqual(page.path, person)
        self.assertIn(f"({number[2:5]}) {number[5:8]}-{number[8:]}", page.text)
        page = self.page(f"{draft}/steps/7")
        boxes = page.form("wizard").choices.get("acknowledged", [])
        page = page.form("wizard").submit("/submit", acknowledged=list(boxes))
        self.assertEqual((page.status, page.path), (200, draft), page.text[:500])
        self.desk.mail(self.desk.address("agent"), "Submitted for you")
        seen = self.page(draft, self.agent).text
        self.assertRegex(seen, r"Draft started\.\s*(\w+ \d+, [^N]*)?Nadia Weiss, our porting team, for Harbor & Pine Realty")
        self.assertNotIn(draft, self.page(person).body.decode())
        self.assertIn("Began a port request for the customer", self.page("/audit", self.owner).text)
        kinds = [row[0] for row in self.records.rows("SELECT kind FROM audit_event WHERE subject = ? ORDER BY id", draft.rpartition("/")[2])]
        self.assertEqual([kind for kind in kinds if kind.startswith("acted")], ["acted_begun", "acted_edited", "acted_submitted"])

    def test_what_was_begun_can_be_thrown_away_by_the_person(self):
        draft, person = self.begin_for("owner")
        self.desk.mail(self.desk.address("owner"), "Begun for you")
        self.records.quiet()
        self.owner.wants(self.owner.post(f"{draft}/discard"), 303)
        self.assertNotIn(draft, self.page(person).body.decode())
        self.assertEqual(self.records.rows("SELECT id FROM mail WHERE request = ?", draft.rpartition("/")[2]), [])
        self.assertEqual(self.team.get(f"{draft}/steps/1").status, 404)

    def test_nobody_begins_a_request_for_the_team_itself(self):
        account, user = self.records.rows("SELECT account, user_id FROM user_email WHERE email = ?", self.desk.address("porting_team"))[0]
        person = f"/accounts/{account}/people/{user}"
        self.assertNotIn(f"{person}/requests", [form.action for form in self.page(person).forms])
        page = self.team.post(f"{person}/requests")
        self.assertEqual(page.status, 409)
        self.assertIn("The porting team has no port requests of its own", page.text)
        for other in (self.owner, self.agent, self.stranger):
            self.assertEqual(other.post(f"{person}/requests").status, 403)
        account, user = self.records.rows("SELECT account, user_id FROM user_email WHERE email = ?", self.desk.address("agent"))[0]
        page = self.page(f"/accounts/{account}/people/{user}", self.owner)
        self.assertNotIn("Port requests begun", page.text)

    def test_a_record_is_asked_about_and_made_once(self):
        address = self.by_hand()
        number = self.records.one("SELECT e164 FROM port_number WHERE request = ?", address.rpartition("/")[2])
        form = self.page(address).form("/record")
        page = form.submit(number=number, status="completed")
        self.assertEqual(page.status, 422)
        self.assertIn("This cannot be undone", page.text)
        self.assertIn('href="#sure"', page.body.decode())
        page = page.form("/record").submit(sure="yes")
        self.assertEqual((page.status, page.path), (200, address))
        self.assertEqual(self.of(address, "status"), "completed")
        self.assertNotIn("/record", [form.action for form in page.forms])
        self.desk.mail(self.desk.address("owner"), "Completed")
        self.assertEqual(self.records.rows("SELECT by_name FROM audit_event WHERE kind = 'recorded' AND subject = ?",
                                           address.rpartition("/")[2]), [("Nadia Weiss",)])


if __name__ == "__main__":
    unittest.main()
