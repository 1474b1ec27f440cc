"""Every route for everybody: nobody, an agent of another account, an agent of the account, the porting team. What is expected
follows from the rights in the table of routes and from what an address is about; a route for which nothing is known fails."""
import re
import unittest

import billreader_files as files
import frame
import journey
from people import TEAM_RIGHTS, Person, Records, routes

TABLE = routes()
CANADIAN = "+14162207101"

# What the table's rights cannot tell: people for whom a route is closed all the same, and with which answer.
CLOSED = {
    ("POST", "/requests", "team"): 403,  # starts none of its own
    ("GET", "/numbers", "team"): 403,    # has none
    # An agent sees no connections; whoever owns another account none of this one.
    **{(method, pattern, "mine"): 403 for method, pattern in (
        ("GET", "/connections"), ("GET", "/connections/new"), ("POST", "/connections/new"), ("GET", "/connections/{id}"),
        ("GET", "/connections/{id}/state"), ("POST", "/connections/{id}"), ("POST", "/connections/{id}/rotate"),
        ("POST", "/connections/{id}/test"))},
}
PEOPLE = {"self", "request_start", "request_see", "request_work", "number_see", "connection_manage"}
# Which request a route with {id} is about; a POST that ends it gets one of its own.
DRAFTS = re.compile(r"^/requests/{id}/(steps/\d|submit|discard|documents/{document}(/remove|/preview)?)$")


class Rights(frame.DeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"nobody": Person(cls.desk), "stranger": cls.stranger(), "mine": Person(cls.desk, "agent"),
                      "team": Person(cls.desk, "porting_team")}
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.asked = cls.request()
        cls.draft = cls.people["mine"].draft()
        cls.connection = Person(cls.desk, "owner").connection()
        cls.records.quiet()
        cls.document = cls.people["mine"].bill(cls.draft, files.JPEG, "bill.jpg")
        cls.css = re.search(r'href="(/static/\w+/portdesk\.css)"', cls.people["mine"].get("/requests").body.decode())[1]

    @classmethod
    def stranger(cls):
        """The demo's other account has its owner only: who sees no more of our account than an agent of it would."""
        return Person(cls.desk, "tom")

    @classmethod
    def request(cls):
        """A request that waits for a signature, with a number that the porting team works by hand: all can be done to it."""
        mine, number = cls.people["mine"], journey.number()
        address = mine.submitted([number, CANADIAN], pin="0000")
        sid = journey.sign(cls.desk, number)
        journey.status_on(mine.browser, address, "Action Required", cls.desk, sid)
        cls.records.quiet()
        return address

    def address(self, route, draft=None):
        """An address of the route that is about something of our account: of that draft, or of one of its own."""
        pattern = route["pattern"]
        if pattern == "/static/{hash}/{file}":
            return self.css
        if pattern == "/hooks/twilio/{token}":
            return "/hooks/twilio/" + "0" * 32
        if "{id}" not in pattern:
            return pattern
        if pattern.startswith("/connections/"):
            return pattern.replace("/connections/{id}", self.connection)
        about = self.asked
        if DRAFTS.match(pattern):
            about = draft or self.people["mine"].draft()
        if "{document}" in pattern:
            document = self.document if draft else self.people["mine"].bill(about, files.JPEG, "bill.jpg")
            pattern = pattern.replace("{document}", document.rpartition("/")[2])
        return pattern.replace("{id}", about.rpartition("/")[2])

    @staticmethod
    def expected(route, who):
        """Statuses that the route's rights allow for the person."""
        known = CLOSED.get((route["method"], route["pattern"], who))
        if known:
            return {known}
        if route["rights"] == "outside":
            return {404} if route["page"] == "twilio_hook" else {200}
        if route["rights"] == "public":
            return OPEN
        if who == "nobody":
            return {"sign in"}
        if route["rights"] in TEAM_RIGHTS:
            return OPEN if who == "team" else {403}
        if route["rights"] not in PEOPLE:
            raise AssertionError(f"rights {route['rights']!r} of {route['pattern']} are not known here")
        return {404} if who == "stranger" and "{id}" in route["pattern"] else OPEN

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
        """Each route with each person for whom it is closed, or open."""
        for route in TABLE:
            if route["page"] in ("sign_out", "sign_in"):
                continue  # below: they change who is signed in
            for who in ("nobody", "stranger", "mine", "team"):
                expected = self.expected(route, who)
                if closed == (expected is not OPEN and expected != {200}):
                    with self.subTest(method=route["method"], path=route["pattern"], who=who):
                        yield route, who, expected

    def test_closed_routes_do_nothing_and_tell_nothing(self):
        for route, who, expected in self.everybody(closed=True):
            path = self.address(route, self.draft)
            before = self.records.everything()
            page = self.ask(route, who, path)
            self.assertIn(self.seen(page), expected, f"{path}: {page.text[:300]}")
            after = self.records.everything()
            self.assertEqual(before, after, self.records.difference(before, after))
            self.assertNotIn("Harbor", page.text)  # not a word of whose it is

    def test_open_routes_answer(self):
        for route, who, expected in self.everybody(closed=False):
            path = self.address(route)
            page = self.ask(route, who, path)
            self.assertIn(self.seen(page), expected, f"{path}: {page.text[:300]}")

    def test_scripts_are_told_by_a_status(self):
        """With JSON accepted there is no way to the sign-in page, but 401 and a problem of RFC 9457."""
        for route in TABLE:
            if route["rights"] in TEAM_RIGHTS | PEOPLE:
                with self.subTest(method=route["method"], path=route["pattern"]):
                    page = self.ask(route, "nobody", self.address(route, self.draft), {"Accept": "application/json"})
                    self.assertEqual((page.status, page.headers["Content-Type"]), (401, "application/problem+json"))

    def test_another_method_is_told_apart_from_another_address(self):
        for route in TABLE:
            others = {each["method"] for each in TABLE if each["pattern"] == route["pattern"]}
            path = self.address(route, self.draft)
            for method in {"GET", "POST", "PUT", "DELETE"} - others:
                with self.subTest(method=method, path=route["pattern"]):
                    page = self.people["mine"].browser.request(method, path, None if method == "GET" else b"", {}, 0)
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
        self.assertEqual(self.people["mine"].get("/requests").status, 200)  # others of the same person stay

    def test_the_sign_in_is_for_who_is_not_signed_in(self):
        self.assertEqual(self.people["nobody"].get("/sign-in").status, 200)
        self.assertEqual(self.people["mine"].get("/sign-in").status, 303)
        self.assertEqual(self.people["nobody"].post("/sign-in").status, 422)

    def test_lists_show_nothing_of_other_accounts(self):
        for path in ("/requests", "/requests?q=PR-100", "/requests?q=415", "/numbers", "/requests?show=ended"):
            page = self.people["stranger"].get(path)
            self.assertEqual(page.status, 200)
            self.assertNotIn(self.asked, page.body.decode())
            self.assertNotIn("(415)", page.text)
        for who in ("mine", "team"):
            self.assertIn(self.asked, self.people[who].get(f"/requests?show=all&q={CANADIAN[-7:]}").body.decode())


# Neither forbidden, nor hidden, nor a fault of ours: what the form lacks is another matter.
OPEN = frozenset({200, 303, 409, 422, 429})


if __name__ == "__main__":
    unittest.main()
