"""Passkeys over HTTP with an authenticator in software: what signs in, and what an attacker tries."""
import copy
import json
import re
import threading
import unittest

import frame
from authenticator import JSON, Authenticator, add, begin, encode, options_to_sign_in
from people import Person, Records

SIGN_IN = "/sign-in/passkey"
PAGE = "/settings/passkeys"


class Passkeys(frame.DeskCase):
    settings = {"web.base_url": "http://localhost:{port}"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)

    def visitor(self):
        return Person(self.desk)

    def sign_in(self, authenticator, visitor=None, **changes):
        visitor = visitor or self.visitor()
        fields = [(name, changes.get(name, value)) for name, value in authenticator.get(options_to_sign_in(visitor))]
        return visitor, visitor.post(SIGN_IN, [*fields, ("next", changes.get("next", "/numbers"))])

    def refused(self, page):
        self.assertEqual(page.status, 422, page.text[:300])
        self.assertIn("This passkey could not be used", page.text)
        self.assertNotIn("portdesk", page.browser.cookies)

    def count(self, table):
        return self.records.one(f"SELECT count(*) FROM {table}")

    def test_both_kinds_of_keys_sign_in(self):
        for alg in ("ES256", "EdDSA"):
            with self.subTest(alg=alg):
                owner = Person(self.desk, "owner")
                authenticator = add(self, owner, f"{alg} key", alg)
                visitor, page = self.sign_in(authenticator)
                self.assertEqual((page.status, page.headers["Location"]), (303, "/numbers"))
                shown = visitor.get(PAGE)
                self.assertEqual(shown.status, 200)
                self.assertIn(f"{alg} key", shown.text)
                # Sessions are apart: leaving one leaves the other.
                self.assertEqual(owner.post("/sign-out").status, 303)
                self.assertEqual(visitor.get(PAGE).status, 200)

    def test_a_session_from_before_ends(self):
        """Fixation: what the browser had is never kept."""
        agent = Person(self.desk, "agent")
        authenticator = add(self, agent)
        before = dict(agent.browser.cookies)
        page = agent.post(SIGN_IN, authenticator.get(options_to_sign_in(agent)))
        self.assertEqual(page.status, 303)
        self.assertNotEqual(agent.browser.cookies["portdesk"], before["portdesk"])
        thief = self.visitor()
        thief.browser.cookies = before
        self.assertEqual(thief.get(PAGE).status, 303)
        self.assertEqual(agent.get(PAGE).status, 200)

    def test_a_replay_is_refused(self):
        authenticator = add(self, Person(self.desk, "owner"))
        visitor = self.visitor()
        fields = authenticator.get(options_to_sign_in(visitor))
        kept = dict(visitor.browser.cookies)
        self.assertEqual(visitor.post(SIGN_IN, fields).status, 303)
        visitor.browser.cookies = dict(kept)
        self.refused(visitor.post(SIGN_IN, fields))
        # In another browser it is worth nothing from the beginning.
        fields = authenticator.get(options_to_sign_in(visitor))
        self.refused(self.visitor().post(SIGN_IN, fields))
        # A challenge of five minutes ago neither.
        fields = authenticator.get(options_to_sign_in(visitor))
        self.desk.advance(301)
        self.refused(visitor.post(SIGN_IN, fields))

    def test_two_replays_at_the_same_moment(self):
        authenticator = add(self, Person(self.desk, "owner"))
        for counts in (True, False):
            visitor = self.visitor()
            if not counts:
                authenticator = add(self, Person(self.desk, "owner"))
                authenticator.counter = -1  # the next answer says 0, as the one that was registered
            fields = authenticator.get(options_to_sign_in(visitor))
            twins = [self.visitor() for _ in range(6)]
            for twin in twins:
                twin.browser.cookies, twin.csrf = dict(visitor.browser.cookies), visitor.csrf
            statuses, gate = [], threading.Barrier(len(twins))

            def send(twin, fields=fields, statuses=statuses, gate=gate):
                gate.wait()
                statuses.append(twin.post(SIGN_IN, fields).status)
            threads = [threading.Thread(target=send, args=[twin]) for twin in twins]
            sessions = self.count("session")
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(statuses), [303] + [422] * 5)
            self.assertEqual(self.count("session"), sessions + 1)

    def test_a_copy_is_refused(self):
        authenticator = add(self, Person(self.desk, "agent"), "Copied")
        copied = copy.copy(authenticator)
        self.assertEqual(self.sign_in(authenticator)[1].status, 303)
        told = self.records.one("SELECT count(*) FROM person_mail WHERE kind = 'passkey_copied'")
        self.refused(self.sign_in(copied)[1])
        self.assertEqual(self.records.one("SELECT count(*) FROM person_mail WHERE kind = 'passkey_copied'"), told + 1)

    def test_wrong_answers_are_all_answered_alike(self):
        owner = Person(self.desk, "owner")
        good, ghost = add(self, owner), Authenticator(self, self.desk.settings["web.base_url"])
        ghost.user = good.user
        stranger = copy.copy(good)
        stranger.key = Authenticator(self, good.origin).key
        elsewhere = copy.copy(good)
        elsewhere.origin = "https://desk.example.com"
        other_host = copy.copy(good)
        other_host.rp = "example.com"
        unasked = copy.copy(good)
        unasked.data = lambda: Authenticator.data(good, flags=0x01)
        pages = [self.sign_in(each)[1] for each in (ghost, stranger, elsewhere, other_host, unasked)]
        for name in ("credential", "user_handle", "client_data", "auth_data", "signature"):
            for value in ("", "AAAA", "!", "x" * 5000, encode(bytes(1500))):
                good.counter += 1
                pages.append(self.sign_in(good, **{name: value})[1])
        texts = set()
        for page in pages:
            self.refused(page)
            texts.add(re.sub(r'name="(csrf|key)" value="[^"]*"', "", page.body.decode()))
        self.assertEqual(len(texts), 1)
        good.counter += 1
        self.assertEqual(self.sign_in(good)[1].status, 303)

    def test_the_form_needs_its_token(self):
        authenticator = add(self, Person(self.desk, "owner"))
        visitor = self.visitor()
        fields = authenticator.get(options_to_sign_in(visitor))
        visitor.csrf = "x" * 43
        self.assertEqual(visitor.post(SIGN_IN, fields).status, 403)
        owner = Person(self.desk, "owner")
        owner.csrf = ""
        for path in (PAGE, f"{PAGE}/begin"):
            self.assertEqual(owner.post(path, [], JSON).status, 403, path)

    def test_where_one_is_led_afterwards(self):
        authenticator = add(self, Person(self.desk, "owner"))
        for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
            page = self.sign_in(authenticator, next=wanted)[1]
            self.assertEqual((page.status, page.headers["Location"]), (303, "/"))

    def test_it_stands_for_both_factors(self):
        """Where an account asks everybody for a second factor, a password alone opens nothing; a passkey opens all."""
        authenticator = add(self, Person(self.desk, "agent"), "Both")
        self.records.database.write("UPDATE account SET second_factor = 'all'")
        self.addCleanup(self.records.database.write, "UPDATE account SET second_factor = 'free'")
        visitor, page = self.sign_in(authenticator, next=PAGE)
        self.assertEqual((page.status, page.headers["Location"]), (303, PAGE))
        self.assertEqual(visitor.get(PAGE).status, 200)
        self.assertIn("With a passkey", visitor.get("/settings/security").text)
        plain = self.desk.browser()
        page = plain.get("/sign-in").form("password").submit(email=self.desk.address("agent"), password=self.desk.password)
        self.assertIn("Please sign in with it", page.text)  # or a thief of the password would be led to set up an app
        self.assertNotIn("portdesk", plain.cookies)
        self.assertNotEqual(plain.request("GET", self.desk.origin + PAGE, None, {}, 0).status, 200)

    def test_a_lost_one_is_reset(self):
        add(self, Person(self.desk, "agent"), "Lost")
        owner = Person(self.desk, "owner")
        account, user = self.records.rows("SELECT account, id FROM app_user WHERE email = ?", self.desk.address("agent"))[0]
        person = f"/accounts/{account}/people/{user}"
        self.assertIn("Second stepPasskey Change: Elena Marsh", owner.get("/people").text)
        self.assertIn(f"{person}/second-factor", [link for link, _ in owner.get(person).links])
        self.assertIn("App, recovery codes and passkeys are gone", owner.get(f"{person}/second-factor").text)
        self.assertEqual(owner.post(f"{person}/second-factor").status, 303)
        self.assertEqual(self.records.one("SELECT count(*) FROM passkey WHERE user_id = ?", user), 0)
        self.assertIn("does not use two-step sign-in", owner.get(f"{person}/second-factor").text)

    def test_adding_asks_who_it_is(self):
        agent = Person(self.desk, "agent")
        self.desk.advance(601)
        for password in ("", "wrong password"):
            page = agent.post(f"{PAGE}/begin", [("password", password)], JSON)
            self.assertEqual((page.status, json.loads(page.body)["field"]), (422, "password"))
            self.assertNotIn("challenge", page.text)
        # Without a challenge of ours there is nothing to add with; nor with one for signing in.
        authenticator = Authenticator(self, self.desk.settings["web.base_url"])
        before = self.count("passkey")
        options = {**options_to_sign_in(agent), "user": "AAAA"}
        page = agent.post(PAGE, [("name", "Key"), *authenticator.create(options)])
        self.assertEqual(page.status, 422)
        self.assertEqual(self.count("passkey"), before)
        add(self, agent, "Asked", password=self.desk.password)
        # Nor is a passkey taken away without it.
        address = self.address(agent, "Asked")
        self.assertEqual(agent.post(f"{address}/remove").status, 422)
        self.assertEqual(agent.post(f"{address}/remove", [("password", "wrong password")]).status, 422)
        self.assertEqual(self.count("passkey"), before + 1)
        self.assertEqual(agent.post(f"{address}/remove", [("password", self.desk.password)]).status, 303)
        # Guessing has an end.
        statuses = [agent.post(f"{PAGE}/begin", [("password", f"wrong password {i}")], JSON).status for i in range(12)]
        self.assertEqual(statuses, sorted(statuses))
        self.assertTrue(0 < statuses.count(422) <= 10 and statuses[-1] == 429, statuses)
        self.desk.advance(15 * 60)

    def address(self, person, name):
        return next(link for link, shown in person.get(PAGE).links if shown.strip() == name)

    def test_other_peoples_are_not_there(self):
        owner, agent, stranger = Person(self.desk, "owner"), Person(self.desk, "agent"), Person(self.desk, "tom")
        authenticator = add(self, owner, "Mine alone")
        address = self.address(owner, "Mine alone")
        for other in (agent, stranger):
            self.assertNotIn("Mine alone", other.get(PAGE).text)
            self.assertEqual(other.get(address).status, 404)
            self.assertEqual(other.post(address, [("name", "Taken")]).status, 404)
            self.assertEqual(other.post(f"{address}/remove").status, 404)
            # The same key for two people would be somebody else at the next sign-in.
            page = other.post(PAGE, [("name", "Theirs"), *authenticator.create(begin(other))])
            self.assertEqual(page.status, 422)
        authenticator.user = begin(owner)["user"]
        self.assertEqual(self.sign_in(authenticator)[1].status, 303)
        self.assertEqual(owner.post(f"{address}/remove").status, 303)
        self.assertEqual(owner.post(f"{address}/remove").status, 303)  # pressed twice
        self.refused(self.sign_in(authenticator)[1])

    def test_a_double_click_adds_one(self):
        owner = Person(self.desk, "owner")
        authenticator = Authenticator(self, self.desk.settings["web.base_url"])
        fields = [("name", "Twice"), *authenticator.create(begin(owner))]
        self.assertEqual([owner.post(PAGE, fields).status for _ in range(2)], [303, 303])
        self.assertEqual(self.records.one("SELECT count(*) FROM passkey WHERE name = 'Twice'"), 1)

    def test_what_is_stored_is_public(self):
        """Nothing by which somebody could sign in, and nobody's e-mail in what the authenticator is told to keep."""
        owner = Person(self.desk, "owner")
        options = begin(owner)
        self.assertEqual(len(options["user"]), 43)
        self.assertEqual(options["user"], begin(owner)["user"])
        self.assertNotEqual(options["challenge"], begin(owner)["challenge"])
        self.assertEqual(self.records.rows("SELECT 1 FROM passkey_challenge WHERE length(challenge_hash) <> 64"), [])


class AtABareAddress(frame.DeskCase):
    """Browsers bind passkeys to a name: a desk without one has none, and says so."""

    def test_there_are_none(self):
        visitor, owner = Person(self.desk), Person(self.desk, "owner")
        self.assertNotIn("passkey", visitor.get("/sign-in").body.decode())
        self.assertEqual(visitor.get(SIGN_IN, JSON).status, 409)
        self.assertEqual(visitor.post(SIGN_IN, [("credential", "AAAA")]).status, 422)
        self.assertIn("They need a name, not a number", owner.get(PAGE).text)
        self.assertEqual(owner.post(f"{PAGE}/begin", [], JSON).status, 409)
        self.assertEqual(owner.post(PAGE, [("name", "Key")]).status, 422)


if __name__ == "__main__":
    unittest.main()
