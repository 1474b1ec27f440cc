"""How people come in and leave: invitations, new passwords, other e-mail addresses, sign-up, roles, removal. And what a stranger
may learn by it: nothing."""
import re
import subprocess
import threading
import unittest
import urllib.parse

import frame
import journey
from people import Person, Records

PASSWORD = "three wet umbrellas"
OTHER = "a lamp under the stairs"
DAY = 24 * 3600
TOKENS = re.compile(rb'name="(csrf|key)" value="[^"]*"')


def link_of(mail):
    """The path of the mail's link."""
    return re.search(r"(/join/acc_\w+/[\w-]{43})", mail["text"])[1]


class Joining(frame.DeskCase):
    settings = {"people.sign_up": "true"}
    serial = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)

    def fresh(self, name="new"):
        """An e-mail address that nobody had before."""
        Joining.serial += 1
        return f"{name}{Joining.serial}@fresh.example"

    def account_of(self, person):
        return self.records.one("SELECT account FROM user_email WHERE email = ?", self.desk.address(person.who))

    def user_of(self, email):
        return self.records.one("SELECT account, user_id FROM user_email WHERE email = ?", email)

    def invite(self, person, email, role="agent", account=None, name="Robin Vale"):
        account = account or self.account_of(person)
        return person.post(f"/accounts/{account}/invite", [("name", name), ("email", email), ("role", role)])

    def joined(self, role="agent", account=None, who="owner"):
        """Somebody who was invited and joined: their browser, and the e-mail."""
        email = self.fresh()
        Person.wants(self.invite(self.owner if who == "owner" else who, email, role, account), 303)
        browser = self.desk.browser()
        page = browser.get(link_of(self.desk.mail(email, "invites you"))).form("password").submit(name="Robin Vale", password=PASSWORD)
        self.assertEqual(page.path, "/requests", page.text[:300])
        return browser, email

    def sign_in(self, email, password):
        browser = self.desk.browser()
        page = browser.get("/sign-in").form("password").submit(email=email, password=password)
        return browser, page

    def setUp(self):
        self.owner = Person(self.desk, "owner")
        self.desk.advance(20 * 60)  # what was tried before counts no more

    def is_over(self, page):
        self.assertEqual(page.status, 404)
        self.assertIn("does not work any more", page.text)

    def is_signed_in(self, browser):
        return browser.get("/requests").path == "/requests"

    def audit(self, kind):
        return self.records.rows("SELECT by_name, subject, about, client FROM audit_event WHERE kind = ? ORDER BY id", kind)

    # ---- Invitations ----

    def test_an_invitation_leads_in_once(self):
        email = self.fresh("dana")
        page = self.invite(self.owner, email, "admin", name="Dana Whitfield")
        self.assertEqual((page.status, page.headers["Location"]), (303, "/people"))
        mail = self.desk.mail(email, "invites you to Harbor")
        self.assertIn("Priya Raman invites you to work with Harbor & Pine Realty", mail["text"])
        self.assertIn("an admin", mail["text"])
        link = link_of(mail)
        self.assertIn(self.desk.origin + link, mail["text"])
        browser = self.desk.browser()
        page = browser.get(link)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.form("password").value("name"), "Dana Whitfield")
        self.assertEqual(page.form("password").value("username"), email)
        for typed, field in (({"password": "short"}, "password"), ({"name": " ", "password": PASSWORD}, "name")):
            wrong = page.form("password").submit(**typed)
            self.assertEqual(wrong.status, 422)
            self.assertIn(f'id="{field}-e"', wrong.body.decode())
            self.assertNotIn('value="short"', wrong.body.decode())
        page = browser.get(link).form("password").submit(name="Dana W. Whitfield", password=PASSWORD)
        self.assertEqual((page.status, page.path), (200, "/requests"))
        self.assertIn("Dana W. Whitfield", page.text)
        self.is_over(browser.get(link))
        self.is_over(self.desk.browser().get(link))
        account, user = self.user_of(email)
        self.assertEqual(self.records.one("SELECT role, time_zone FROM app_user WHERE account = ? AND id = ?", account, user),
                         ("admin", "America/Los_Angeles"))
        self.assertIn(("Dana W. Whitfield", user), [each[:2] for each in self.audit("joined")])
        token = link.rpartition("/")[2]
        self.records.quiet()
        self.assertEqual(self.records.find_bytes(token.encode()), [])
        self.assertNotIn(token, self.desk.portdesk.log.read_text())
        self.assertEqual(self.records.rows("SELECT id FROM person_mail WHERE link_sealed IS NOT NULL AND sent_at IS NOT NULL"), [])

    def test_the_same_form_twice_is_one_invitation(self):
        email, account = self.fresh(), self.account_of(self.owner)
        fields = [("name", "Robin"), ("email", email), ("role", "agent"), ("key", "k" * 32)]
        for _ in range(2):
            Person.wants(self.owner.post(f"/accounts/{account}/invite", fields), 303)
        self.desk.mail(email, "invites you")
        self.records.quiet()
        self.assertEqual(self.records.one("SELECT count(*) FROM person_mail WHERE to_address = ?", email), 1)

    def waiting(self, email):
        return self.records.one("SELECT account, id FROM user_link WHERE email = ? AND used_at IS NULL", email)

    def test_again_and_withdrawn(self):
        email = self.fresh()
        self.invite(self.owner, email)
        first = link_of(self.desk.mail(email, "invites you"))
        account, link = self.waiting(email)
        base = f"/accounts/{account}/invitations/{link}"
        Person.wants(self.owner.post(f"{base}/again"), 303)
        second = frame.wait_for("the second mail", lambda: self.desk.mails(email, "invites you")[1:])[0]
        self.is_over(self.desk.browser().get(first))
        self.assertEqual(self.desk.browser().get(link_of(second)).status, 200)
        for _ in range(8):
            Person.wants(self.owner.post(f"{base}/again"), 303)
        Person.wants(self.owner.post(f"{base}/again"), 429)
        Person.wants(self.owner.post(f"{base}/withdraw"), 303)
        Person.wants(self.owner.post(f"{base}/withdraw"), 404)
        self.records.quiet()
        self.is_over(self.desk.browser().get(link_of(self.desk.mail(email, "invites you"))))

    def test_too_old(self):
        email = self.fresh()
        self.invite(self.owner, email)
        link = link_of(self.desk.mail(email, "invites you"))
        page = self.desk.browser().get(link)
        self.desk.advance(7 * DAY + 1)
        self.is_over(page.form("password").submit(name="Robin", password=PASSWORD))
        self.owner = Person(self.desk, "owner")
        self.assertIn("Too old", self.owner.get("/people").text)

    def test_who_may_invite_whom(self):
        account = self.account_of(self.owner)
        operator = self.records.one("SELECT id FROM account WHERE kind = 'operator'")
        people = {who: Person(self.desk, who) for who in ("owner", "admin", "agent", "tom", "porting_team")}
        cases = [("owner", "owner", 303), ("owner", "admin", 303), ("owner", "porting_team", 422), ("owner", "boss", 422),
                 ("admin", "owner", 403), ("admin", "admin", 303), ("admin", "agent", 303), ("agent", "agent", 403),
                 ("tom", "agent", 404), ("porting_team", "owner", 303), ("porting_team", "porting_team", 422)]
        for who, role, status in cases:
            with self.subTest(who=who, role=role):
                page = self.invite(people[who], self.fresh(), role, account)
                self.assertEqual(page.status, status, page.text[:300])
        self.assertEqual(self.invite(people["porting_team"], self.fresh(), "porting_team", operator).status, 303)
        self.assertEqual(self.invite(people["porting_team"], self.fresh(), "agent", operator).status, 422)
        self.assertEqual(self.invite(people["owner"], self.desk.address("admin"), "agent").status, 422)

    def test_an_admin_cannot_replace_an_owners_invitation(self):
        email = self.fresh()
        Person.wants(self.invite(self.owner, email, "owner"), 303)
        admin = Person(self.desk, "admin")
        self.assertEqual(self.invite(admin, email, "agent").status, 403)
        account, link = self.waiting(email)
        for what in ("again", "withdraw"):
            self.assertEqual(admin.post(f"/accounts/{account}/invitations/{link}/{what}").status, 403)

    def test_an_invitation_to_a_user_of_another_account_tells_nothing(self):
        """The answer and the rows are those of a stranger; only the mail says it, to whom it is about."""
        known, unknown = self.desk.address("tom"), self.fresh()
        answers = []
        for email in (unknown, known):
            before = self.counts()
            page = self.invite(self.owner, email)
            answers.append((page.status, page.headers["Location"], self.difference(before)))
        self.assertEqual(answers[0], answers[1])
        mail = self.desk.mail(known, "invites you")
        self.assertIn("You sign in at", mail["text"])
        self.assertNotIn("/join/", mail["text"])

    # ---- A new password ----

    def counts(self):
        return {name: self.records.one(f"SELECT count(*) FROM {name}") for name in self.records.database.names() if name != "job"}

    def difference(self, before):
        after = self.counts()
        return {name: after[name] - before[name] for name in after if after[name] != before[name] and name != "person_mail"}

    def ask(self, path, fields, headers=None, person=None):
        person = person or Person(self.desk)
        page = person.post(path, [*fields, ("key", "k" * 8 + str(Joining.serial).zfill(8))], headers)
        Joining.serial += 1
        return page

    def test_asking_for_a_password_tells_nothing(self):
        """Byte for byte the same answer for who is here and who is not, and the same rows written by the request."""
        known, unknown = self.desk.address("agent"), self.fresh()
        visitor = Person(self.desk)
        seen = []
        for email in (known, unknown):
            before = self.counts()
            page = self.ask("/forgot-password", [("email", email)], person=visitor)
            written = {name: count for name, count in self.difference(before).items() if name not in ("link_request", "user_link", "audit_event")}
            shown = visitor.get(page.headers["Location"])
            seen.append((page.status, page.headers["Location"], page.body, TOKENS.sub(b"", shown.body),
                         sorted((k, v) for k, v in page.headers.items() if k not in ("Date", "X-Request-Id")), written))
        self.assertEqual(seen[0], seen[1])
        self.assertIn("If somebody signs in here", shown.text)
        self.desk.mail(known, "A new password")
        self.records.quiet()
        self.assertEqual(self.desk.mails(unknown), [])
        self.assertEqual(self.records.one("SELECT count(*) FROM link_request"), 0)

    def test_a_reset_ends_sessions_and_other_links(self):
        browser, email = self.joined()
        for _ in range(2):
            self.ask("/forgot-password", [("email", email.upper())])
        first, second = frame.wait_for("two mails", lambda: (lambda found: found if len(found) == 2 else None)(
            [link_of(mail) for mail in self.desk.mails(email, "A new password")]))
        page = self.desk.browser().get(first)
        self.assertIn(email, page.text)
        page = page.form("password").submit(password=OTHER)
        self.assertEqual(page.path, "/sign-in")
        self.assertIn("The new password is saved", page.text)
        self.assertFalse(self.is_signed_in(browser))
        self.is_over(self.desk.browser().get(second))
        self.assertEqual(self.sign_in(email, PASSWORD)[1].status, 422)
        self.assertEqual(self.sign_in(email, OTHER)[1].path, "/requests")
        self.desk.mail(email, "Your password was changed")

    def test_a_reset_works_for_an_hour(self):
        _, email = self.joined()
        self.ask("/forgot-password", [("email", email)])
        link = link_of(self.desk.mail(email, "A new password"))
        self.desk.advance(3601)
        self.is_over(self.desk.browser().get(link))

    def test_two_at_once_use_a_link_once(self):
        _, email = self.joined()
        self.ask("/forgot-password", [("email", email)])
        link = link_of(self.desk.mail(email, "A new password"))
        forms = [self.desk.browser().get(link).form("password") for _ in range(6)]
        pages = []
        threads = [threading.Thread(target=lambda form=form, i=i: pages.append(form.submit(password=f"{OTHER} {i}")))
                   for i, form in enumerate(forms)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(page.path for page in pages if page.status == 200), ["/sign-in"])
        self.assertEqual([page.status for page in pages].count(404), 5)

    def test_links_come_from_the_settings_and_from_no_header(self):
        email = self.desk.address("marcus")
        page = self.ask("/forgot-password", [("email", email)], {
            "Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"})
        self.assertEqual(page.status, 303, page.text[:200])
        mail = self.desk.mail(email, "A new password")
        self.assertNotIn("evil.example", mail["text"] + mail.get("html", ""))
        self.assertIn(self.desk.origin + "/join/", mail["text"])

    def test_asking_is_bounded(self):
        """By client with an answer that says so; by e-mail without one: further mails are just not sent."""
        email = self.desk.address("elena")
        self.records.quiet()
        before = len(self.desk.mails(email, "A new password"))
        statuses = [self.ask("/forgot-password", [("email", email)]).status for _ in range(21)]
        self.assertEqual(statuses, [303] * 20 + [429])
        self.records.quiet()
        self.assertLessEqual(len(self.desk.mails(email, "A new password")) - before, 3)
        self.desk.advance(16 * 60)
        self.assertEqual(self.ask("/forgot-password", [("email", email)]).status, 303)

    # ---- One's own password and e-mail address ----

    def test_the_own_password(self):
        browser, email = self.joined()
        elsewhere, _ = self.sign_in(email, PASSWORD)
        page = browser.get("/settings/password").form("current").submit(current="not this one", password=OTHER)
        self.assertEqual(page.status, 422)
        self.assertIn('id="current-e"', page.body.decode())
        self.assertTrue(self.is_signed_in(elsewhere))
        page = browser.get("/settings/password").form("current").submit(current=PASSWORD, password=OTHER)
        self.assertIn("The password was changed", page.text)
        self.assertTrue(self.is_signed_in(browser))
        self.assertFalse(self.is_signed_in(elsewhere))
        self.desk.mail(email, "Your password was changed")
        for _ in range(8):
            page = browser.get("/settings/password").form("current").submit(current="not this one", password=OTHER)
        self.assertEqual(browser.get("/settings/password").form("current").submit(current="no", password=OTHER).status, 429)

    def change_email(self, browser, to, password=PASSWORD):
        return browser.get("/settings/email").form("email").submit(email=to, current=password)

    def test_another_address_and_back(self):
        browser, email = self.joined()
        to = self.fresh("moved")
        self.assertIn("on its way to the new address", self.change_email(browser, to).text)
        self.assertIn(to, browser.get("/settings/email").text)
        link = link_of(self.desk.mail(to, "Confirm your new"))
        self.assertEqual(self.sign_in(email, PASSWORD)[1].path, "/requests")  # nothing has changed yet
        page = self.desk.browser().get(link).form().submit()
        self.assertIn("confirmed", page.text)
        self.assertEqual(self.sign_in(email, PASSWORD)[1].status, 422)
        self.assertEqual(self.sign_in(to, PASSWORD)[1].path, "/requests")
        told = self.desk.mail(email, "Your e-mail address was changed")
        self.assertIn(to, told["text"])
        thief, _ = self.sign_in(to, PASSWORD)
        undo = self.desk.browser().get(link_of(told))
        self.assertIn(email, undo.text)
        page = undo.form("password").submit(password=OTHER)
        self.assertEqual(page.path, "/sign-in")
        for each in (browser, thief):
            self.assertFalse(self.is_signed_in(each))
        self.assertEqual(self.sign_in(to, PASSWORD)[1].status, 422)
        self.assertEqual(self.sign_in(email, PASSWORD)[1].status, 422)
        self.assertEqual(self.sign_in(email, OTHER)[1].path, "/requests")

    def test_an_address_that_is_taken_is_told_there_alone(self):
        browser, _ = self.joined()
        pages = [self.change_email(browser, to) for to in (self.fresh(), self.desk.address("tom"))]
        shown = [TOKENS.sub(b"", re.sub(rb"\w+@[\w.]+", b"@", page.body)) for page in pages]
        self.assertEqual(shown[0], shown[1])
        mail = self.desk.mail(self.desk.address("tom"), "signs in already")
        self.assertNotIn("/join/", mail["text"])

    def test_a_thief_cannot_close_the_way_back(self):
        """The link that puts the address back outlives a new password and another change."""
        browser, email = self.joined()
        first, second = self.fresh(), self.fresh()
        self.change_email(browser, first)
        self.desk.browser().get(link_of(self.desk.mail(first, "Confirm"))).form().submit()
        undo = link_of(self.desk.mail(email, "Your e-mail address was changed"))
        self.change_email(browser, second)
        self.desk.browser().get(link_of(self.desk.mail(second, "Confirm"))).form().submit()
        self.ask("/forgot-password", [("email", second)])
        self.desk.browser().get(link_of(self.desk.mail(second, "A new password"))).form("password").submit(password=OTHER)
        page = self.desk.browser().get(undo).form("password").submit(password="my own again, please")
        self.assertEqual(page.path, "/sign-in")
        self.assertEqual(self.sign_in(email, "my own again, please")[1].path, "/requests")
        self.is_over(self.desk.browser().get(link_of(self.desk.mail(first, "Your e-mail address was changed"))))

    # ---- Sign-up ----

    def sign_up(self, email):
        return self.ask("/sign-up", [("account_name", "Maple Plumbing"), ("country", "CA"), ("name", "Jo March"), ("email", email)])

    def test_signing_up(self):
        email, known = self.fresh(), self.desk.address("tom")
        pages = [self.sign_up(each) for each in (email, known)]
        self.assertEqual([(page.status, page.headers["Location"], page.body) for page in pages], [(303, "/sign-up?sent=yes", b"")] * 2)
        self.assertEqual(self.records.rows("SELECT id FROM account WHERE name = 'Maple Plumbing'"), [])
        self.assertIn("You sign in with it already", self.desk.mail(known, "You already have an account")["text"])
        link = link_of(self.desk.mail(email, "Confirm your e-mail"))
        browser = self.desk.browser()
        page = browser.get(link).form("password").submit(name="Jo March", password=PASSWORD)
        self.assertEqual(page.path, "/requests", page.text[:200])
        account = self.records.one("SELECT id, country, kind FROM account WHERE name = 'Maple Plumbing'")
        self.assertEqual(account[1:], ("CA", "customer"))
        self.assertIn("Jo March", browser.get("/people").text)
        self.assertIn("Owner", browser.get("/people").text)
        self.is_over(self.desk.browser().get(link))

    def test_signing_up_with_an_address_that_is_taken_by_then(self):
        email = self.fresh()
        self.sign_up(email)
        self.invite(self.owner, email)
        link = link_of(self.desk.mail(email, "invites you"))
        self.desk.browser().get(link).form("password").submit(name="Robin", password=PASSWORD)
        page = self.desk.browser().get(link_of(self.desk.mail(email, "Confirm your e-mail"))).form("password").submit(
            name="Robin", password=PASSWORD)
        self.assertEqual(page.status, 409)
        self.assertIn("Somebody signs in with this e-mail address by now", page.text)

    # ---- Roles and removal ----

    def page_of(self, email):
        account, user = self.user_of(email)
        return f"/accounts/{account}/people/{user}"

    def test_roles(self):
        _, email = self.joined()
        page = self.page_of(email)
        admin = Person(self.desk, "admin")
        self.assertEqual(admin.post(page, [("role", "owner")]).status, 403)
        self.assertEqual(admin.post(page, [("role", "porting_team")]).status, 422)
        self.assertEqual(admin.post(page, [("role", "")]).status, 422)
        self.assertEqual(admin.post(page, [("role", "admin")]).status, 303)
        self.assertIn("You are now an admin", self.desk.mail(email, "Your role in")["text"] + self.desk.mail(email, "Your role in").get("html", ""))
        self.assertEqual(admin.post(self.page_of(self.desk.address("owner")), [("role", "agent")]).status, 403)
        self.assertEqual(admin.post(self.page_of(self.desk.address("owner")) + "/remove").status, 403)
        self.assertEqual(Person(self.desk, "tom").post(page, [("role", "agent")]).status, 404)
        self.assertEqual(self.owner.post(self.page_of(self.desk.address("owner")), [("role", "admin")]).status, 409)  # the last one
        self.assertEqual(self.owner.post(self.page_of(self.desk.address("owner")) + "/remove").status, 409)
        team = Person(self.desk, "porting_team")
        self.assertEqual(team.post(self.page_of(self.desk.address("porting_team")) + "/remove").status, 409)

    def test_what_was_given_with_a_role_does_not_outlive_it(self):
        browser, email = self.joined("owner")
        guests = {role: self.fresh() for role in ("owner", "admin")}
        account = self.account_of(self.owner)
        for role, guest in guests.items():
            form = browser.get(f"/accounts/{account}/invite").form("email")
            form.submit(name="Guest", email=guest, role=role)
        Person.wants(self.owner.post(self.page_of(email), [("role", "admin")]), 303)
        waiting = lambda: {each[0] for each in self.records.rows("SELECT email FROM user_link WHERE used_at IS NULL")}
        self.assertFalse(guests["owner"] in waiting())
        self.assertTrue(guests["admin"] in waiting())
        Person.wants(self.owner.post(self.page_of(email) + "/remove"), 303)
        self.assertFalse(guests["admin"] in waiting())

    def test_a_removed_person(self):
        browser, email = self.joined("admin")
        account, user = self.user_of(email)
        page = self.page_of(email)
        self.desk.portdesk.look()
        number = journey.number()
        self.records.database.write(
            "INSERT INTO number_use (account, e164, kind) VALUES (?, ?, 'personal')", account, number)
        self.records.database.write("UPDATE app_user SET personal_phone = ? WHERE id = ?", number, user)
        self.ask("/forgot-password", [("email", email)])
        link = link_of(self.desk.mail(email, "A new password"))
        self.assertIn("Remove Robin Vale?", self.owner.get(page + "/remove").text)
        Person.wants(self.owner.post(page + "/remove"), 303)
        self.assertFalse(self.is_signed_in(browser))
        self.is_over(self.desk.browser().get(link))
        self.assertEqual(self.sign_in(email, PASSWORD)[1].status, 422)
        self.assertEqual(self.records.rows("SELECT e164 FROM number_use WHERE e164 = ?", number), [])
        for what in ("", "/remove"):
            self.assertEqual(self.owner.get(page + what).status, 404)
        self.assertEqual(self.owner.post(page + "/remove").status, 404)
        self.assertNotIn(email, self.owner.get("/people").text)
        self.desk.mail(email, "You were removed")
        Person.wants(self.invite(self.owner, email), 303)  # the address is free again
        again = frame.wait_for("a mail", lambda: [mail for mail in self.desk.mails(email, "invites you")][1:])[0]
        self.assertEqual(self.desk.browser().get(link_of(again)).form("password").submit(name="Robin", password=OTHER).path, "/requests")

    def test_handing_the_ownership_over_and_back(self):
        browser, email = self.joined("agent")
        address = self.desk.address("owner")
        self.assertEqual(Person(self.desk, "admin").get(self.page_of(email) + "/ownership").status, 403)
        self.assertEqual(Person(self.desk, "porting_team").get(self.page_of(email) + "/ownership").status, 409)
        self.assertEqual(Person(self.desk, "porting_team").post(self.page_of(email) + "/ownership").status, 409)
        Person.wants(self.owner.post(self.page_of(email) + "/ownership"), 303)
        roles = lambda: [self.records.one("SELECT role FROM app_user WHERE id = ?", self.user_of(each)[1]) for each in (email, address)]
        self.assertEqual(roles(), ["owner", "admin"])
        self.desk.mail(email, "You are now the owner")
        self.assertEqual(self.owner.post(self.page_of(email) + "/ownership").status, 403)
        browser.get(self.page_of(address) + "/ownership").form().submit()
        self.assertEqual(roles(), ["admin", "owner"])

    def test_two_owners_who_remove_or_demote_each_other_at_once(self):
        """Whoever is faster: one owner stays, each time."""
        team = Person(self.desk, "porting_team")
        for turn in range(12):
            made = team.post("/accounts/new", [("name", f"Pair {turn}"), ("country", "US"), ("owner_name", "One"),
                                               ("email", self.fresh("pair"))])
            account = made.headers["Location"].rpartition("/")[2]
            pair = [self.joined("owner", account, team) for _ in range(2)]
            forms = []
            for (browser, _), (_, other) in zip(pair, reversed(pair)):
                page = browser.get(self.page_of(other) + ("/remove" if turn % 2 else ""))
                forms.append(page.form() if turn % 2 else page.form("role").set("role", "agent"))
            threads = [threading.Thread(target=form.submit) for form in forms]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            owners = self.records.one("SELECT count(*) FROM app_user WHERE account = ? AND role = 'owner' AND removed_at IS NULL", account)
            self.assertEqual(owners, 1)
            self.desk.advance(16 * 60)

    # ---- Accounts ----

    def test_accounts(self):
        team = Person(self.desk, "porting_team")
        email = self.fresh("boss")
        fields = [("name", "Zebra Hauling"), ("country", "CA"), ("owner_name", "Zoe Boss"), ("email", email), ("key", "z" * 32)]
        made = [team.post("/accounts/new", fields) for _ in range(2)]
        self.assertEqual(made[0].headers["Location"], made[1].headers["Location"])
        page = team.get(made[0].headers["Location"])
        self.assertIn("Zoe Boss", page.text)
        link = link_of(self.desk.mail(email, "invites you to Zebra"))
        self.desk.browser().get(link).form("password").submit(name="Zoe Boss", password=PASSWORD)
        for q, found in (("zebra", True), ("ZEBRA h", True), (email, True), ("%", False), ("_ebra", False), ("no such", False), ("é", False)):
            with self.subTest(q=q):
                self.assertEqual("Zebra Hauling" in team.browser.get(f"/accounts?q={urllib.parse.quote(q)}").text, found)
        for field, value in (("name", ""), ("country", "FR"), ("owner_name", " "), ("email", "nobody")):
            page = team.post("/accounts/new", [(name, value if name == field else old) for name, old in fields[:-1]])
            self.assertEqual(page.status, 422)
            self.assertIn(f'id="{field}-e"', page.body.decode())
        self.assertEqual(self.owner.get("/accounts").status, 403)
        self.assertEqual(self.owner.get(made[0].headers["Location"]).status, 404)
        self.assertEqual(self.owner.get(made[0].headers["Location"] + "/settings").status, 404)

    def test_a_long_list_of_accounts_has_pages(self):
        for i in range(101):
            self.records.database.write("INSERT INTO account (id, name, country, kind, created_at) VALUES (?, ?, 'US', 'customer', 1)",
                                        f"acc_{i:032x}", f"Row {i // 2:03}")
        team = Person(self.desk, "porting_team")
        seen, page = [], team.browser.get("/accounts?q=row")
        while True:
            seen += [text for address, text in page.links if address.startswith("/accounts/acc_")]
            if "More accounts" not in [text for _, text in page.links]:
                break
            page = page.follow("More accounts")
        self.assertEqual(seen, [f"Row {i // 2:03}" for i in range(101)])

    def test_a_new_name_for_the_account(self):
        form = self.owner.browser.get("/account").form("name")
        stale = self.owner.browser.get("/account").form("name")
        before = form.value("name")
        self.assertIn("The account was renamed", form.submit(name="Harbor Pine & Co").text)
        self.assertEqual(stale.submit(name="Something else").status, 409)
        self.owner.browser.get("/account").form("name").submit(name=before)
        self.assertEqual(Person(self.desk, "admin").get("/account").status, 403)


class CommandLine(unittest.TestCase):
    def test_people_from_the_command_line(self):
        desk = frame.Desk("joining-commands")
        self.addCleanup(desk.stop)
        desk.start()
        desk.portdesk.stop()
        tom, elena = desk.address("tom"), desk.address("elena")
        run = lambda *words: desk.command(*words, check=False)
        done = run("account", "add", "--name", "Command Line Ltd", "--country", "CA", "--owner", "Cy Own", "--email", "cy@cli.example")
        account = done.stdout.strip()
        self.assertRegex(account, r"^acc_\w{32}$", done.stderr)
        self.assertIn(f"{account}\tCA\tCommand Line Ltd\t0\t-", run("account", "list").stdout)
        cases = [(("user", "invite", "--account", "Command Line Ltd", "--name", "Di", "--email", "di@cli.example", "--role", "agent"), 0),
                 (("user", "invite", "--account", "Nobody", "--name", "Di", "--email", "di@cli.example", "--role", "agent"), 1),
                 (("user", "role", "--email", elena, "--role", "admin"), 0), (("user", "role", "--email", tom, "--role", "agent"), 1),
                 (("user", "remove", "--email", tom), 1), (("user", "remove", "--email", elena), 0), (("user", "remove", "--email", elena), 1),
                 (("user", "reset", "--email", "nobody@cli.example"), 1), (("user", "reset", "--email", tom), 0), (("user",), 2), (("account",), 2)]
        for words, code in cases:
            with self.subTest(words=words):
                done = run(*words)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        listed = run("user", "list").stdout
        self.assertIn(tom, listed)
        self.assertNotIn(elena, listed)
        printed = run("user", "reset", "--email", tom, "--print").stdout.strip()
        self.assertTrue(printed.startswith(desk.origin + "/join/"), printed)
        desk.portdesk.start()
        self.assertEqual(desk.browser().get(printed).form("password").submit(password=OTHER).path, "/sign-in")
        for to, subject in (("cy@cli.example", "invites you"), ("di@cli.example", "invites you"), (elena, "You were removed"), (tom, "A new password")):
            desk.mail(to, subject)
        deep = subprocess.run([frame.BUILD / "portdesk", "doctor", "--deep", "--config", desk.config], capture_output=True, text=True, check=False)
        self.assertEqual(deep.returncode, 0, deep.stdout)


class Closed(frame.DeskCase):
    def test_the_sign_up_is_closed_unless_it_is_opened(self):
        visitor = Person(self.desk)
        self.assertEqual(visitor.get("/sign-up").status, 404)
        self.assertEqual(visitor.post("/sign-up", [("email", "a@b.example")]).status, 404)
        self.assertNotIn("/sign-up", visitor.get("/sign-in").body.decode())


if __name__ == "__main__":
    unittest.main()
