"""The table of rights, cell by cell: every route for everybody, about their own things and about others'. What is expected stands here by
hand, in RIGHTS and THINGS; the routes come from `portdesk routes`.

To add a route: nothing is to do here when its right has a row in RIGHTS and its address is about nothing, or about a thing that THINGS
knows. An address with a new kind of {parameter} gets a line in THINGS, and a method of Things that makes one for a person and gives its
address. To add a right: a row in RIGHTS (docs: people/rights.h). A route that answers otherwise than its right says gets a line in
ODD, with the reason."""
import html
import re
import unittest

import authenticator
import billreader_files as files
import frame
import journey
from people import Person, Records, routes

ENGINES = {"sqlite"}  # the table is asked before any engine is; the statements' reach is tested on both by tests/unit/porting/reach_test.c
TABLE = routes()

# How far each right of each role reaches: "own" what the person began or who the person is, "account" everything of the person's
# account, "all" everything of everybody, "-" nothing.
ROLES = ("agent", "admin", "owner", "team")
RIGHTS = {
    # right                agent      admin      owner      team
    "self":              ("own",     "own",     "own",     "own"),
    "request_start":     ("account", "account", "account", "-"),
    "request_start_for": ("-",       "-",       "-",       "all"),
    "request_see":       ("own",     "account", "account", "all"),
    "request_work":      ("own",     "account", "account", "all"),
    "request_record":    ("-",       "-",       "-",       "all"),
    "number_see":        ("account", "account", "account", "-"),
    "user_see":          ("-",       "account", "account", "all"),
    "user_manage":       ("-",       "account", "account", "all"),
    "owner_manage":      ("-",       "-",       "account", "all"),
    "account_settings":  ("-",       "-",       "account", "all"),
    "account_create":    ("-",       "-",       "-",       "all"),
    "connection_manage": ("-",       "-",       "account", "all"),
    "audit_see":         ("-",       "-",       "account", "all"),
    "desk":              ("-",       "-",       "-",       "all"),
}
OPEN_TO_ALL = {"public", "outside"}

# Who asks, and about whose things. All but the stranger and the team are of one account; the stranger owns another.
CASES = (
    # who        role     whose
    ("nobody",   None,    "agent"),
    ("agent",    "agent", "agent"),
    ("agent",    "agent", "admin"),
    ("admin",    "admin", "agent"),
    ("owner",    "owner", "agent"),
    ("stranger", "owner", "agent"),
    ("team",     "team",  "agent"),
)

# What an address is about: the first pattern that fits. The name is that of the method of Things which makes one.
THINGS = (
    (re.compile(r"^/requests/{id}/(steps/\d|submit|discard|documents/{document}(/remove|/preview)?)$"), "draft"),
    (re.compile(r"^/requests/{id}"), "request"),
    (re.compile(r"^/connections/{id}"), "connection"),
    (re.compile(r"^/accounts/{id}/invitations/{invitation}"), "invitation"),
    (re.compile(r"^/accounts/{id}/people/{user}/ownership$"), "owner_of"),
    (re.compile(r"^/accounts/{id}/people/{user}"), "member"),
    (re.compile(r"^/accounts/{id}"), "account"),
    (re.compile(r"^/join/{account}/{token}$"), "link"),
    (re.compile(r"^/settings/passkeys/{id}"), "passkey"),
)

# Neither forbidden, nor hidden, nor a fault of ours: what the form lacks is another matter.
OPEN = frozenset({200, 303, 409, 422, 429})
# Routes that answer otherwise than their right says, for everybody.
ODD = {
    "twilio_hook": {404},  # an address that is no connection's
    "sign_in_code": {"sign in"},      # without a half session they lead back to the first step
    "sign_in_recovery": {"sign in"},
    "sign_out": None,      # these two change who is signed in: tests of their own, below
    "sign_in": None,
}


class Things:
    """What addresses are about, made for a person. Kept ones are not changed by who may not."""

    def __init__(self, case):
        self.case = case
        self.kept = {}
        self.made = 0
        self.canadian = [f"+1416220710{last}" for last in range(5)]

    def of(self, kind, whose, fresh):
        """The address of such a thing. `fresh`: one that nobody else will need."""
        make = getattr(self, kind)
        if fresh:
            return make(whose)
        if (kind, whose) not in self.kept:
            self.kept[kind, whose] = make(whose)
            self.case.records.quiet()
        return self.kept[kind, whose]

    def draft(self, whose):
        """A draft with a bill; {document} is the bill."""
        person = self.case.people[whose]
        draft = person.draft()
        return {"{id}": draft.rpartition("/")[2], "{document}": person.bill(draft, files.JPEG, "bill.jpg").rpartition("/")[2]}

    def request(self, whose):
        """A request that was refused, with a number that the porting team works by hand: all can be done to it."""
        person, number = self.case.people[whose], journey.number()
        address = person.submitted([number, self.canadian.pop()], pin="0000")
        journey.status_on(person.browser, address, "Action Required", self.case.desk, journey.sign(self.case.desk, number))
        return {"{id}": address.rpartition("/")[2]}

    def connection(self, whose):
        """Of the account, whoever asks."""
        if "connection" not in self.kept:
            self.kept["connection"] = {"{id}": self.case.people["owner"].connection().rpartition("/")[2]}
            self.case.records.quiet()
        return self.kept["connection"]

    def account(self, whose):
        found = self.case.records.one("SELECT account FROM user_email WHERE email = ?", self.case.desk.address(whose))
        return {"{id}": found}

    def owner_of(self, whose):
        """The account's owner, to whom nothing can be handed over."""
        return {**self.account(whose), "{user}": self.case.records.one(
            "SELECT user_id FROM user_email WHERE email = ?", self.case.desk.address("owner"))}

    def member(self, whose):
        """An agent of the account, of whom nobody has heard yet."""
        account = self.account(whose)
        self.made += 1
        user, email = f"usr_{self.made:032x}", f"member{self.made}@fresh.example"
        write = self.case.records.database.write
        write("INSERT INTO app_user (account, id, email, name, role, password_hash, time_zone, created_at)"
              " VALUES (?, ?, ?, 'Robin Vale', 'agent', '-', 'America/Denver', 1)", account["{id}"], user, email)
        write("INSERT INTO user_email (email, account, user_id) VALUES (?, ?, ?)", email, account["{id}"], user)
        return {**account, "{user}": user}

    def invited(self, whose):
        """An e-mail that was invited, and the account."""
        account = self.account(whose)
        self.made += 1
        email = f"guest{self.made}@fresh.example"
        Person.wants(self.case.people["owner"].post(
            f"/accounts/{account['{id}']}/invite", [("name", "Robin"), ("email", email), ("role", "agent")]), 303)
        self.case.desk.mail(email, "invites you")
        self.case.records.quiet()
        return account, email

    def invitation(self, whose):
        account, email = self.invited(whose)
        return {**account, "{invitation}": self.case.records.one("SELECT id FROM user_link WHERE email = ?", email)}

    def link(self, whose):
        """Where an invitation leads."""
        account, email = self.invited(whose)
        found = re.search(r"/join/(\w+)/([\w-]+)", self.case.desk.mail(email, "invites you")["text"])
        return {"{account}": found[1], "{token}": found[2]}

    def passkey(self, whose):
        """Of that person alone."""
        person = self.case.people[whose]
        known = {link for link, _ in person.get("/settings/passkeys").links}
        authenticator.add(self.case, person, password=self.case.desk.password)
        added = {link for link, _ in person.get("/settings/passkeys").links} - known
        return {"{id}": added.pop().rpartition("/")[2]}


# Things that some POST about them ends.
ENDED = {"draft", "invitation", "member"}


def thing_of(pattern):
    """The kind of thing that an address is about, or None."""
    for fits, kind in THINGS:
        if fits.match(pattern):
            return kind
    if "{" in pattern and not pattern.startswith(("/static/", "/hooks/")):
        raise AssertionError(f"{pattern}: what it is about is not known here; see THINGS")
    return None


def expected(route, who, role, whose):
    """The statuses that the table of rights leaves, or "sign in"."""
    right, about = route["rights"], thing_of(route["pattern"])
    if right in OPEN_TO_ALL:
        return OPEN
    if right not in RIGHTS:
        raise AssertionError(f"{route['pattern']}: the right {right!r} is not known here; see RIGHTS")
    if who == "nobody":
        return {"sign in"}
    reach = RIGHTS[right][ROLES.index(role)]
    if reach == "-":
        return {403}
    if about is None or reach == "all":
        return OPEN
    reached = who != "stranger" and (reach == "account" or who == whose)
    return OPEN if reached else {404}


class Rights(frame.DeskCase):
    settings = {"people.sign_up": "true", "web.base_url": "http://localhost:{port}"}  # passkeys need a name

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"nobody": Person(cls.desk), "agent": Person(cls.desk, "agent"), "admin": Person(cls.desk, "admin"),
                      "owner": Person(cls.desk, "owner"), "stranger": Person(cls.desk, "tom"),
                      "team": Person(cls.desk, "porting_team")}
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.things = Things(cls)
        cls.css = re.search(r'href="(/static/\w+/portdesk\.css)"', cls.people["agent"].get("/requests").body.decode())[1]

    def address(self, route, whose="agent", fresh=False):
        """An address of the route that is about something of that person's."""
        pattern = route["pattern"]
        if pattern == "/static/{hash}/{file}":
            return self.css
        if pattern == "/hooks/twilio/{token}":
            return "/hooks/twilio/" + "0" * 32
        kind = thing_of(pattern)
        for parameter, value in (self.things.of(kind, whose, fresh) if kind else {}).items():
            pattern = pattern.replace(parameter, value)
        self.assertNotIn("{", pattern)
        return pattern

    def ask(self, route, who, path, headers=None):
        person = self.people[who]
        if route["method"] == "GET":
            return person.get(path, headers)
        if route["body"] == "upload":
            return person.upload(path, headers=headers)
        return person.post(path, headers=headers)

    @staticmethod
    def seen(page):
        if page.status == 303 and page.headers["Location"].startswith("/sign-in?") or page.headers.get("Location") == "/sign-in":
            return "sign in"
        return page.status

    def everybody(self, closed):
        """Each route with each case for which it is closed, or open."""
        for route in TABLE:
            if ODD.get(route["page"], True) is None:
                continue
            about = thing_of(route["pattern"])
            for who, role, whose in CASES:
                if whose == "admin" and not about:
                    continue  # the same as about their own
                wanted = expected(route, who, role, whose)
                if closed == (wanted is not OPEN):
                    with self.subTest(method=route["method"], path=route["pattern"], who=who, whose=whose):
                        yield route, who, whose, ODD.get(route["page"], wanted)

    def test_closed_routes_do_nothing_and_tell_nothing(self):
        told = [self.address(route, whose) for route in TABLE for whose in ("agent", "admin")]  # all things are there
        self.assertGreater(len(told), 40)
        for route, who, whose, wanted in self.everybody(closed=True):
            path = self.address(route, whose)
            before = self.records.everything()
            page = self.ask(route, who, path)
            self.assertIn(self.seen(page), wanted, f"{path}: {page.text[:300]}")
            after = self.records.everything()
            self.assertEqual(before, after, self.records.difference(before, after))
            if who in ("nobody", "stranger"):
                self.assertNotIn("Harbor", page.text)  # not a word of whose it is
            for what in ("Dana Whitfield", "942118306", "bill.jpg", "Fillmore"):
                self.assertNotIn(what, page.text)

    def test_open_routes_answer(self):
        for route, who, whose, wanted in self.everybody(closed=False):
            fresh = route["method"] == "POST" and thing_of(route["pattern"]) in ENDED
            path = self.address(route, whose, fresh)
            page = self.ask(route, who, path)
            self.assertIn(self.seen(page), wanted, f"{path}: {page.text[:300]}")

    def test_another_accounts_thing_is_as_one_that_is_not_there(self):
        """Not even the words of the page differ, so that nobody learns what is there."""
        nothing = {"request": "pr_", "draft": "pr_", "connection": "con_", "account": "acc_", "member": "acc_", "invitation": "acc_"}
        for route in TABLE:
            kind = thing_of(route["pattern"])
            if kind in nothing and RIGHTS[route["rights"]][ROLES.index("owner")] == "account":
                with self.subTest(method=route["method"], path=route["pattern"]):
                    there = self.address(route)
                    known = re.search(r"/(\w+_[0-9a-f]{32})", there)[1]
                    away = there.replace(known, nothing[kind] + "0192b8c4d1e27000a000000000000001")
                    pages = [self.ask(route, "stranger", path) for path in (there, away)]
                    own = r"\w+_[0-9a-f]{32}|code: \w+"  # the address itself, and the request's id
                    self.assertEqual([page.status for page in pages], [404, 404])
                    self.assertEqual(*[re.sub(own, "", page.text) for page in pages])

    def test_every_right_is_asked_for_or_known_not_to_be_yet(self):
        """A row that no route asks for is either asked for by a use case alone, or not needed."""
        asked = {route["rights"] for route in TABLE} - OPEN_TO_ALL
        self.assertLessEqual(asked, set(RIGHTS))

    def test_scripts_are_told_by_a_status(self):
        """With JSON accepted there is no way to the sign-in page, but 401 and a problem of RFC 9457."""
        for route in TABLE:
            if route["rights"] in RIGHTS:
                with self.subTest(method=route["method"], path=route["pattern"]):
                    page = self.ask(route, "nobody", self.address(route), {"Accept": "application/json"})
                    self.assertEqual((page.status, page.headers["Content-Type"]), (401, "application/problem+json"))

    def test_another_method_is_told_apart_from_another_address(self):
        for route in TABLE:
            others = {each["method"] for each in TABLE if each["pattern"] == route["pattern"]}
            path = self.address(route)
            for method in {"GET", "POST", "PUT", "DELETE"} - others:
                with self.subTest(method=method, path=route["pattern"]):
                    page = self.people["agent"].browser.request(method, path, None if method == "GET" else b"", {}, 0)
                    self.assertIn(page.status, (404, 405, 501))
                    if page.status == 405 and page.headers["Allow"]:
                        self.assertNotIn(method, page.headers["Allow"].split(", "))

    def test_a_sign_out_ends_what_the_cookie_could(self):
        leaving = Person(self.desk, "agent")
        cookies = dict(leaving.browser.cookies)
        self.assertEqual(leaving.get("/requests").status, 200)
        self.assertEqual(leaving.post("/sign-out").headers["Location"], "/sign-in")
        leaving.browser.cookies = cookies
        self.assertEqual(self.seen(leaving.get("/requests")), "sign in")
        self.assertEqual(self.seen(leaving.post("/requests")), "sign in")
        self.assertEqual(self.people["agent"].get("/requests").status, 200)  # others of the same person stay

    def test_the_sign_in_is_for_who_is_not_signed_in(self):
        self.assertEqual(self.people["nobody"].get("/sign-in").status, 200)
        self.assertEqual(self.people["agent"].get("/sign-in").status, 303)
        self.assertEqual(self.people["nobody"].post("/sign-in").status, 422)

    def test_lists_show_what_the_right_reaches(self):
        ours = {whose: "/requests/" + self.things.of("request", whose, False)["{id}"] for whose in ("agent", "admin")}
        for path in ("/requests?show=all", "/requests?show=all&q=PR-100", "/requests?show=all&q=415", "/requests?show=under_way"):
            for who, reached in (("agent", {"agent"}), ("admin", {"agent", "admin"}), ("owner", {"agent", "admin"}),
                                 ("stranger", set()), ("team", {"agent", "admin"})):
                with self.subTest(path=path, who=who):
                    page = self.people[who].get(path)
                    self.assertEqual(page.status, 200)
                    if "PR-100" not in path:
                        self.assertEqual({whose for whose, address in ours.items() if address in page.body.decode()}, reached)
                    if not reached:
                        self.assertNotIn("(415)", page.text)


class ThePageOfRights(frame.DeskCase):
    """What is shown of the table says the same as the table above."""

    PLAIN = {"request_start", "request_start_for", "account_create", "desk"}  # about no thing of somebody's
    WORDS = {"own": "Their own", "account": "The account’s", "all": "Everybody’s", "-": "–"}

    def test_each_cell(self):
        for who in ("agent", "porting_team"):
            page = self.desk.sign_in(who).get("/people/rights").body.decode()
            rows = re.findall(r'<tr [^>]*data-right="(\w+)">(.*?)</tr>', page, re.S)
            shown = {right: tuple(html.unescape(cell) for cell in re.findall(
                r'<td[^>]*><span class="cell-label"[^>]*>[^<]*</span><span[^>]*>([^<]*)</span>', row)) for right, row in rows}
            wanted = {right: tuple("Yes" if right in self.PLAIN and reach != "-" else self.WORDS[reach] for reach in reaches)
                      for right, reaches in RIGHTS.items()}
            self.assertEqual(shown, wanted)


if __name__ == "__main__":
    unittest.main()
