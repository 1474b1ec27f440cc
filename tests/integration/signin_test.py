"""Signing in, and what attackers try with it: sessions, two steps, tries, forged addresses. Each test has people of its own, as the desk
remembers who tried what."""
import concurrent.futures
import re
import unittest

import frame
import totp
from browser import urlencoded
from people import Records, encode


def cookies_of(page):
    return page.headers.get_all("Set-Cookie") or []


class Case(frame.DeskCase):
    # The tests come from this machine and say by X-Forwarded-For from where they claim to come.
    settings = {"web.trusted_proxies": "127.0.0.0/8"}
    count = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)

    def browser(self, client=None):
        """A browser at an address of its own."""
        browser = self.desk.browser()
        Case.count += 1
        browser.client = client or f"198.51.{Case.count // 250}.{Case.count % 250 + 1}"
        browser.agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        plain = browser.once

        def once(method, url, body, headers):
            return plain(method, url, body, {"X-Forwarded-For": browser.client, "User-Agent": browser.agent, **headers})
        browser.once = once
        return browser

    def try_in(self, browser, who, password=None, path="/sign-in", **more):
        form = browser.get(path).form("password")
        return form.submit(email=who if "@" in who else self.desk.address(who), password=password or self.desk.password, **more)

    def signed_in(self, who, browser=None):
        browser = browser or self.browser()
        page = self.try_in(browser, who)
        self.assertFalse(page.path.startswith("/sign-in"), page.text[:300])
        return browser

    def is_in(self, browser):
        return browser.request("GET", "/requests", None, {}, 0).status == 200

    def is_half(self, page):
        return page.path.startswith("/sign-in/code")


class Sessions(Case):
    # ---- Sessions ----

    def test_sessions_are_seen_and_ended(self):
        one, two, three = self.signed_in("agent"), self.browser(), self.signed_in("agent")
        two.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1"
        self.signed_in("agent", two)
        page = one.get("/settings/security")
        self.assertRegex(page.text, r"Firefox on Linux.*This browser")
        self.assertIn("Safari on iPhone", page.text)
        self.assertIn(two.client, page.text)
        ends = [form for form in page.forms if form.action == "/settings/security/sessions"]
        row = page.body.decode().partition("Safari on iPhone")[2]
        which = re.search(r'name="session" value="(ses_[0-9a-f]{32})"', row)[1]
        form = next(form for form in ends if form.value("session") == which)
        done = form.submit()
        self.assertIn("That browser is signed out.", done.text)
        self.assertEqual([self.is_in(each) for each in (one, two, three)], [True, False, True])
        self.assertIn("signed out", form.submit().text)  # twice is once
        # Nobody ends another's.
        stranger = self.signed_in("tom")
        other = self.records.one("SELECT s.id FROM session s JOIN app_user u ON u.id = s.user_id WHERE u.email = ? AND s.client = ?",
                                 self.desk.address("agent"), three.client)
        csrf = stranger.get("/settings/security").forms[0].value("csrf")
        stranger.post("/settings/security/sessions", {"csrf": csrf, "session": other})
        self.assertTrue(self.is_in(three))
        one.get("/settings/security").form("/settings/security/sessions").set("session", "others").submit()
        self.assertEqual([self.is_in(each) for each in (one, three)], [True, False])
        self.assertIn("signed in nowhere else", one.get("/settings/security").text)
        stored = self.records.rows("SELECT browser FROM session")
        self.assertTrue(all(len(row[0]) <= 40 and "Mozilla" not in row[0] for row in stored), stored)

    def test_a_session_is_never_one_that_came_from_outside(self):
        """Fixation: whatever stands in the cookies before, the session is a new one, and a session before is over."""
        victim, attacker = self.browser(), self.signed_in("tom")
        planted = attacker.cookies["portdesk"]
        victim.cookies["portdesk"] = planted
        victim.cookies["portdesk-device"] = attacker.cookies["portdesk-device"]
        page = victim.request("GET", "/sign-in", None, {}, 0)
        self.assertEqual(page.status, 303)  # the attacker's own session: signed in as him, until signing in as oneself
        account = self.records.one("SELECT account FROM app_user WHERE email = ?", self.desk.address("agent"))
        for token in (planted, account + "." + "A" * 43, "A" * 80, ""):
            victim = self.browser()
            victim.cookies["portdesk"] = token
            victim.cookies["portdesk-visitor"] = "A" * 43
            csrf = victim.get("/requests?").forms[0].value("csrf") if token == planted else victim.get("/sign-in").forms[0].value("csrf")
            page = victim.request("POST", "/sign-in", encode([("csrf", csrf), ("email", self.desk.address("agent")),
                                                              ("password", self.desk.password)]),
                                  {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.desk.origin}, 0)
            self.assertEqual(page.status, 303, page.text[:300])
            self.assertNotEqual(victim.cookies["portdesk"], token)
            self.assertTrue(self.is_in(victim))
        self.assertFalse(self.is_in(attacker))  # it was replaced in the victim's browser, so it is over
        # A planted device is not known for the victim.
        self.assertEqual(self.records.one("SELECT count(*) FROM known_device d JOIN app_user u ON u.id = d.user_id WHERE u.email = ?",
                                          self.desk.address("tom")), 1)

    def test_a_new_password_ends_what_was_stolen(self):
        own, thief = self.signed_in("porting_team"), self.signed_in("porting_team")
        stolen = self.browser()
        stolen.cookies["portdesk"] = own.cookies["portdesk"]
        self.assertTrue(self.is_in(stolen))
        form = own.get("/settings/password").form("current")
        self.assertEqual(form.submit(current="not the password", password="another good password").status, 422)
        self.assertTrue(self.is_in(thief))
        page = form.submit(current=self.desk.password, password="another good password")
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertEqual([self.is_in(each) for each in (own, thief, stolen)], [True, False, False])
        # Neither is the thief's browser known any more.
        self.assertEqual(self.records.one("SELECT count(*) FROM known_device d JOIN app_user u ON u.id = d.user_id WHERE u.email = ?",
                                          self.desk.address("porting_team")), 1)
        own.get("/settings/password").form("current").submit(current="another good password", password=self.desk.password)
        self.assertTrue(self.is_in(own))

    def test_cookies(self):
        browser = self.browser()
        page = browser.get("/sign-in").form("password")
        page.set("email", self.desk.address("agent")).set("password", self.desk.password)
        answer = browser.request(*page.prepare(), 0)
        kept = {line.partition("=")[0]: line for line in cookies_of(answer)}
        for name in ("portdesk", "portdesk-device"):
            self.assertRegex(kept[name], r"; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax$")
        self.assertIn(f"Max-Age={14 * 86400}", kept["portdesk"])
        self.assertNotIn(browser.cookies["portdesk"].partition(".")[2], str(self.records.rows("SELECT * FROM session")))
        self.assertNotIn(browser.cookies["portdesk-device"], str(self.records.rows("SELECT * FROM known_device")))

    # ---- Where one is led ----

    def test_next_leads_nowhere_else(self):
        for where in ("//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example\t", "javascript:alert(1)", "\\\\evil.example",
                      "/ /evil.example", "http:evil.example", "/requests\r\nSet-Cookie: x=y", "evil.example", "/sign-out", "@evil.example"):
            browser = self.browser()
            page = browser.get("/sign-in").form("password")
            fields = [("csrf", page.value("csrf")), ("email", self.desk.address("agent")), ("password", self.desk.password), ("next", where)]
            body, kind = urlencoded(fields)
            answer = browser.request("POST", "/sign-in", body, {"Content-Type": kind, "Origin": self.desk.origin}, 0)
            self.assertIn(answer.status, (303, 400), where)
            self.assertTrue(answer.headers.get("Location", "/").startswith("/"), where)
            self.assertFalse(answer.headers.get("Location", "/").startswith(("//", "/\\")), where)
            self.assertNotIn("evil.example", answer.headers.get("Location", "").replace("%", "/").split("/")[:2])
            self.assertNotIn("x", browser.cookies)

    def test_forged_hosts_change_nothing(self):
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example;for=1.2.3.4"},
                        {"X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "1", "X-Original-URL": "/evil"}):
            browser = self.browser()
            page = browser.request("GET", "/sign-in", None, headers, 0)
            self.assertEqual(page.status, 200)
            self.assertNotIn(b"evil", page.body)
            form = page.form("password").set("email", self.desk.address("agent")).set("password", self.desk.password)
            method, url, body, sent = form.prepare()
            answer = browser.request(method, url, body, {**sent, **headers}, 0)
            self.assertEqual((answer.status, answer.headers["Location"]), (303, "/"), answer.text[:300])

    # ---- Tries ----

    def test_unknown_people_look_like_known_ones(self):
        def shown(who):
            browser = self.browser()
            answers = []
            for _ in range(11):
                page = self.try_in(browser, who, "a wrong password")
                text = page.body.decode().partition('id="demo-title"')[0]  # where the demo names its people
                text = re.sub(r'value="[\w-]{22,43}"', "", text).replace(who, "WHO")
                answers.append((page.status, text, sorted(line.partition("=")[0] for line in cookies_of(page))))
            return answers
        self.assertEqual(shown(self.desk.address("agent")), shown("nobody@harbor.example"))

    def test_strangers_do_not_keep_a_person_out(self):
        address = self.desk.address("admin")
        own = self.signed_in("admin")
        sign_out = own.get("/settings/security").form("/sign-out")
        sign_out.submit()
        stranger = self.browser()
        for _ in range(10):
            self.assertEqual(self.try_in(stranger, address, "a wrong password").status, 422)
        page = self.try_in(stranger, address, "a wrong password")
        self.assertEqual(page.status, 429)
        # Elsewhere the e-mail is held too, but not in the person's own browser, wherever it is.
        self.assertEqual(self.try_in(self.browser(), address).status, 429)
        own.client = "203.0.113.77"
        self.assertFalse(self.try_in(own, address).path.startswith("/sign-in"))
        mail = self.desk.mail(address, "failed sign-ins")
        told = str(mail)
        self.assertIn(self.desk.origin + "/settings/security", told)
        self.assertIn(stranger.client, told)
        # One a day.
        self.try_in(stranger, address, "a wrong password")
        self.assertEqual(len(self.desk.mails(address, "failed sign-ins")), 1)

    def test_clients_are_told_apart_behind_the_proxy(self):
        """The header is walked from its end, through trusted addresses only: what a client writes before it is not believed."""
        liar = self.browser()
        for i in range(50):
            liar.client = f"9.9.9.{i}, 203.0.113.50"
            csrf = liar.get("/sign-in").form("password").value("csrf") if i == 0 else csrf
            page = liar.post("/sign-in", {"csrf": csrf, "email": f"guess{i}@x.example", "password": "wrong"})
            self.assertEqual(page.status, 422)
        page = liar.post("/sign-in", {"csrf": csrf, "email": "last@x.example", "password": "wrong"})
        self.assertEqual(page.status, 429)
        other = self.browser()
        self.assertEqual(self.try_in(other, "another@x.example", "wrong").status, 422)


class TwoSteps(Case):
    def tearDown(self):
        super().tearDown()
        for sql in ("DELETE FROM recovery_code", "DELETE FROM totp", "DELETE FROM code_try", "UPDATE account SET second_factor = 'free'"):
            self.records.database.write(sql)

    def set_up(self, who):
        browser = self.signed_in(who)
        app, codes = totp.set_up(self.desk, browser)
        return browser, app, codes

    def off(self, browser, app):
        page = browser.get("/settings/security/off").form("code")
        page.set("code", app.next())
        if "password" in page.names():
            page.set("password", self.desk.password)
        self.assertIn("Two-step sign-in is off.", page.submit().text)

    def test_the_whole_way(self):
        other = self.signed_in("agent")
        browser = self.signed_in("agent")
        before = browser.cookies["portdesk"]
        app, codes = totp.set_up(self.desk, browser)
        self.assertNotEqual(browser.cookies["portdesk"], before)
        self.assertFalse(self.is_in(other))  # all others are over
        page = browser.get("/settings/security")
        self.assertRegex(page.text, r"Two-step sign-in ?On .*left ?10")
        self.assertNotIn(app.key, page.text)
        self.desk.mail(self.desk.address("agent"), "Two-step sign-in is on")
        # Nothing of it is in the clear.
        for secret in (app.key.replace(" ", "").encode(), codes[0].encode(), codes[0].replace("-", "").encode()):
            self.assertEqual(self.records.find_bytes(secret), [])
        browser.get("/settings/security").form("/sign-out").submit()
        # Sign in with it.
        page = self.try_in(browser, "agent", path="/sign-in?next=/numbers")
        self.assertTrue(self.is_half(page), page.path)
        self.assertFalse(self.is_in(browser))
        code = app.next()
        page = page.form("code").submit(code=code)
        self.assertEqual(page.path, "/numbers")
        self.assertNotIn("portdesk-half", browser.cookies)
        # The code works once.
        second = self.browser()
        page = self.try_in(second, "agent")
        again = page.form("code").submit(code=code)
        self.assertEqual(again.status, 422)
        self.assertIn("does not fit", again.text)
        # A recovery code, once.
        page = page.follow("Use a recovery code")
        self.assertEqual(page.form("code").submit(code="x7k2-9dmw-p3fa-hq5n").status, 422)
        done = page.form("code").submit(code=codes[3].upper().replace("-", " "))
        self.assertTrue(self.is_in(second), done.text[:300])
        self.desk.mail(self.desk.address("agent"), "A recovery code was used")
        third = self.browser()
        page = self.try_in(third, "agent").follow("Use a recovery code")
        self.assertEqual(page.form("code").submit(code=codes[3]).status, 422)
        self.assertRegex(second.get("/settings/security").text, r"With password and recovery code.*|left ?9")
        # New codes; the file.
        form = second.get("/settings/security/recovery").form("code")
        self.assertEqual(form.submit(code=app.wrong()).status, 422)
        page = form.submit(code=app.next())
        fresh = re.findall(r"<li><code>([0-9a-z-]{19})</code></li>", page.body.decode())
        self.assertEqual(len(fresh), 10)
        self.assertFalse(set(fresh) & set(codes))
        file = page.form("codes").submit()
        self.assertEqual(file.headers["Content-Disposition"], 'attachment; filename="recovery-codes.txt"')
        self.assertEqual(re.findall(rb"^([0-9a-z-]{19})\r$", file.body, re.M), [each.encode() for each in fresh])
        form = page.form("codes")
        for text in (" ".join(codes), fresh[0] + " <b>", "", " ".join(fresh) + " x"):
            self.assertEqual(form.set("codes", text).submit().status, 422)
        self.off(second, app)
        self.assertFalse(self.is_half(self.try_in(self.browser(), "agent")))

    def test_a_stolen_session_does_not_turn_it_off(self):
        browser, app, _ = self.set_up("agent")
        self.desk.advance(11 * 60)  # the sign-in is not fresh any more: the password is asked too
        form = browser.get("/settings/security/off").form("code")
        self.assertIn("password", form.names())
        page = form.submit(code=app.next(), password="not the password")
        self.assertEqual(page.status, 422)
        self.assertIn("This is not your password", page.text)
        for _ in range(12):
            page = form.submit(code="123456", password="not the password")
        self.assertIn("tried too often", page.text)
        self.desk.advance(16 * 60)
        page = form.submit(code=app.wrong(), password=self.desk.password)
        self.assertIn("does not fit", page.text)
        self.assertRegex(browser.get("/settings/security").text, "Two-step sign-in ?On")
        self.off(browser, app)

    def test_codes_cannot_be_guessed(self):
        browser, app, codes = self.set_up("agent")
        guesser, wrong = self.browser(), app.wrong()
        for _ in range(4):
            page = self.try_in(guesser, "agent")
            for _ in range(4):
                self.assertEqual(page.form("code").submit(code=wrong).status, 422)
            over = page.form("code").submit(code=wrong)
            self.assertEqual(over.status, 422)
            self.assertIn("Please sign in again", page.form("code").submit(code=wrong).text)
        page = self.try_in(guesser, "agent")
        self.assertEqual(page.form("code").submit(code=app.next()).status, 429)
        self.desk.mail(self.desk.address("agent"), "may know your password")
        # Its owner comes in all the same.
        browser.get("/settings/security").form("/sign-out").submit()
        page = self.try_in(browser, "agent").form("code").submit(code=app.next())
        self.assertTrue(self.is_in(browser), page.text[:300])
        elsewhere = self.browser()
        page = self.try_in(elsewhere, "agent").follow("Use a recovery code").form("code").submit(code=codes[0])
        self.assertTrue(self.is_in(elsewhere), page.text[:300])
        self.off(browser, app)

    def test_the_same_code_at_the_same_moment(self):
        browser, app, codes = self.set_up("agent")
        for round_ in range(4):
            recovery = round_ % 2
            halves = []
            for _ in range(4):
                each = self.browser()
                page = self.try_in(each, "agent")
                halves.append((each, page.follow("Use a recovery code") if recovery else page))
            code = codes[round_] if recovery else app.next()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda half, code=code: half[1].form("code").submit(code=code), halves))
            self.assertEqual(sum(self.is_in(each) for each, _ in halves), 1, f"round {round_}")
        self.off(browser, app)

    def test_half_a_session_opens_nothing(self):
        browser, app, _ = self.set_up("agent")
        half = self.browser()
        page = self.try_in(half, "agent")
        token = half.cookies["portdesk-half"]
        for cookie in ("portdesk", "portdesk-device"):
            thief = self.browser()
            thief.cookies[cookie] = token
            self.assertFalse(self.is_in(thief))
        self.desk.advance(5 * 60)
        page = page.form("code").submit(code=app.next())
        self.assertEqual(page.path, "/sign-in")
        self.assertIn("took too long", page.text)
        self.assertNotIn("portdesk-half", half.cookies)
        self.off(browser, app)

    def test_it_can_be_asked_of_everybody(self):
        owner = self.signed_in("owner")
        page = owner.get("/account/security").form("second_factor").submit(second_factor="all")
        self.assertEqual(page.status, 422)
        self.assertIn("Turn on your own", page.text)
        owner_app, _ = totp.set_up(self.desk, owner)
        agent = self.signed_in("agent")
        page = owner.get("/account/security").form("second_factor").submit(second_factor="all")
        self.assertIn("The rule is saved", page.text)
        # The agent reaches nothing else, signed in before or anew.
        for browser in (agent, self.signed_in("agent")):
            for path in ("/requests", "/numbers", "/settings/security", "/"):
                page = browser.request("GET", path, None, {}, 0)
                self.assertEqual((page.status, page.headers["Location"]), (303, "/settings/security/code"), path)
            page = browser.get("/requests")
            self.assertIn("asks for two-step sign-in", page.text)
            self.records.quiet()  # the mails about these sign-ins are out
            before = self.records.everything()
            page = browser.post("/requests", {"csrf": page.forms[0].value("csrf")})
            self.assertEqual(self.records.everything(), before)
            page = browser.request("GET", "/requests", None, {"Accept": "application/json"}, 0)
            self.assertEqual(page.status, 403)
        app, codes = totp.set_up(self.desk, agent)
        self.assertTrue(self.is_in(agent))
        page = agent.request("GET", "/settings/security/off", None, {}, 0)
        self.assertEqual(page.status, 303)  # it cannot be turned off
        # Lost: the owner resets it; an agent and another account's owner cannot.
        person = self.records.one("SELECT id FROM app_user WHERE email = ?", self.desk.address("agent"))
        account = self.records.one("SELECT account FROM app_user WHERE id = ?", person)
        path = f"/accounts/{account}/people/{person}/second-factor"
        self.assertEqual(agent.get(path).status, 403)
        self.assertEqual(self.signed_in("tom").get(path).status, 404)
        self.assertEqual(owner.get(path.replace(person, "usr_0192b8c4d1e27000a000000000000001")).status, 404)
        page = owner.get(path)
        self.assertIn("Make sure it is really", page.text)
        page = page.form(path).submit()
        self.assertIn("was reset, and the person was told", page.text)
        self.desk.mail(self.desk.address("agent"), "Your two-step sign-in was reset")
        self.assertFalse(self.is_in(agent))
        self.assertFalse(self.is_half(self.try_in(self.browser(), "agent")))
        owner.get("/account/security").form("second_factor").submit(second_factor="free")
        self.assertTrue(self.is_in(self.signed_in("agent")))
        self.assertTrue(codes and app)
        self.off(owner, owner_app)


class Alone(unittest.TestCase):
    """What is told at the start, and by the command line beside it."""

    def test_plain_http_is_refused_where_others_listen(self):
        desk = frame.Desk("plain")
        self.addCleanup(desk.stop)
        desk.command("init", "--demo")
        for url, network, refused in (("http://desk.example.com", "", "https"), ("http://192.0.2.7:8080", "", "https"),
                                      ("http://127.0.0.1.evil.example", "", "https"), ("http://localhost.evil.example", "", "https"),
                                      ("https://desk.example.com", "10.0.0.0/8, what", "what"), (desk.origin, "10.0.0.1/8", "10.0.0.1/8")):
            with self.subTest(url=url):
                done = desk.command("serve", "--web.base_url", url, "--web.trusted_proxies", network, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(refused, done.stderr)

    def test_the_command_line_resets(self):
        desk = frame.Desk("reset")
        self.addCleanup(desk.stop)
        desk.start()
        browser = desk.sign_in("owner")
        totp.set_up(desk, browser)
        desk.portdesk.stop()
        address = desk.address("owner")
        self.assertEqual(desk.command("user", "reset-second-factor", "--email", "nobody@x.example", check=False).returncode, 1)
        done = desk.command("user", "reset-second-factor", "--email", address.upper())
        self.assertIn("was reset", done.stdout)
        again = desk.command("user", "reset-second-factor", "--email", address, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("does not use two-step", again.stderr)
        desk.portdesk.start()
        desk.mail(address, "was reset")
        desk.sign_in("owner")

    def test_secure_cookies_with_https(self):
        desk = frame.Desk("secure", {"web.base_url": "https://desk.example.com"})
        self.addCleanup(desk.stop)
        desk.start()
        browser = desk.browser()
        form = browser.get("/sign-in").form("password").set("email", desk.address("owner")).set("password", desk.password)
        page = browser.request(*form.prepare(), 0)
        lines = cookies_of(page)
        self.assertTrue(lines)
        for line in lines:
            self.assertRegex(line, r"^__Host-portdesk[a-z-]*=[^;]*; Path=/; .*; Secure$")
            self.assertNotIn("Domain", line)


if __name__ == "__main__":
    unittest.main()
