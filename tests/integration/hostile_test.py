"""What a hostile client may send to each form and endpoint: the list comes from the table of routes, so a new route that
takes a body fails here until it has its case. Each time the answer is a clear sentence with the right status, nothing is half
stored, no sanitizer speaks, and the desk goes on."""
import http.client
import re
import socket
import unittest
import zlib

import authenticator
import billreader_files as files
import frame
import journey
import journey
from people import TEAM_RIGHTS, UNKNOWN, Person, Records, encode, parts, routes

ENGINES = {"postgres"}  # the stricter one about what a text is; the forms are the same
TABLE = routes()

NOT_TEXT = {
    "latin-1": "Müller".encode("latin-1"),
    "UTF-16": "Dana".encode("utf-16"),
    "cut UTF-8": b"Dana\xc3",
    "overlong slash": b"..\xc0\xaf..",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "NUL": b"Dana\0Whitfield",
    "escape": b"\x1b[2J",
    "delete": b"\x7f",
}
MARKUP = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'\"--></style></textarea><b>x</b>", "&lt;b&gt;&amp;",
)
SQL = ("'; DROP TABLE port_request; --", "' OR '1'='1", "x\\'; DELETE FROM document; --")
OTHER = ("%s%n%x{name}{{v->name}}${7*7}", "\u202egnp.exe\u2066", "../../../etc/passwd", "\U0001f4de" * 9)
TOLL_FREE = "+18885550142"
WRONG_IDS = (
    "..", "%2e%2e", "..%2f..%2f..%2fetc%2fpasswd", "%00", "{own}%00", "{own}%20", "{own}'--", "{own}x", "{prefix}_" + UNKNOWN,
    "xx_" + UNKNOWN, "{prefix}_", "x" * 64, "x" * 65, "x" * 5000, "%FF", "%c0%ae%c0%ae", "*", "{own};a=b", "%",
)


SECRET = ("pin", "password", "secret")


class Case:
    """How one form is reached and what it takes. `limits` are the most characters of a field that takes text; `columns`
    tell where port_request keeps it as it was typed; `choices` take one of a few words; `good` is a form that is sent, which
    is `refused` when a request must not go on by it: then the answer itself shows again what was typed."""

    def __init__(self, target, limits=None, columns=None, choices=(), good=(), required=(), body="form", who="owner",
                 refused=False):
        self.target, self.limits, self.columns, self.choices = target, limits or {}, columns or {}, choices
        self.good, self.required, self.body, self.who, self.refused = list(good), required, body, who, refused

    def form(self, **changes):
        """The good form with some fields changed, or with None left out."""
        fields = [(name, value) for name, value in self.good if name not in changes]
        return fields + [(name, value) for name, value in changes.items() if value is not None]


def step(number, **case):
    return Case(lambda hostile: f"{hostile.draft}/steps/{number}", **case)


CASES = {
    "/sign-in": Case(lambda hostile: "/sign-in", limits={"email": None, "password": None}, who="visitor",
                     good=[("email", "nobody@example.com"), ("password", "a wrong password"), ("next", "/")],
                     choices=("next",), required=("email", "password")),
    # Without a half session the second step leads back to the first.
    "/sign-in/code": Case(lambda hostile: "/sign-in/code", who="visitor", choices=("code", "next"), good=[("code", "123456"), ("next", "/")]),
    "/sign-in/recovery": Case(lambda hostile: "/sign-in/recovery", who="visitor", choices=("code", "next"),
                              good=[("code", "x7k2-9dmw-p3fa-hq5n"), ("next", "/")]),
    "/settings/security/sessions": Case(lambda hostile: "/settings/security/sessions", choices=("session",), good=[("session", "ses_x")]),
    "/settings/security/begin": Case(lambda hostile: "/settings/security/begin"),
    "/settings/security/code": Case(lambda hostile: "/settings/security/code", choices=("password",), good=[("code", "1"), ("password", "x")]),
    "/settings/security/off": Case(lambda hostile: "/settings/security/off", choices=("password",), good=[("code", "1"), ("password", "x")]),
    "/settings/security/recovery": Case(lambda hostile: "/settings/security/recovery", choices=("password",),
                                        good=[("code", "1"), ("password", "x")]),
    "/settings/security/recovery/file": Case(lambda hostile: "/settings/security/recovery/file", choices=("codes",), good=[("codes", "a b")]),
    "/account/security": Case(lambda hostile: "/account/security", choices=("second_factor",), good=[("second_factor", "sometimes")]),
    "/accounts/{id}/people/{user}/second-factor": Case(
        lambda hostile: f"/accounts/acc_{UNKNOWN}/people/usr_{UNKNOWN}/second-factor"),
    "/sign-in/passkey": Case(lambda hostile: "/sign-in/passkey", who="visitor", refused=True,
                             choices=("credential", "user_handle", "client_data", "auth_data", "signature", "next"),
                             good=[("credential", "AAAA"), ("user_handle", "AAAA"), ("client_data", "e30"), ("auth_data", "AAAA"),
                                   ("signature", "AAAA"), ("next", "/")]),
    "/settings/passkeys": Case(lambda hostile: "/settings/passkeys", refused=True, choices=("client_data", "attestation"),
                               limits={"name": 60}, good=[("name", "Laptop"), ("client_data", "e30"), ("attestation", "oA")],
                               required=("name",)),
    "/settings/passkeys/begin": Case(lambda hostile: "/settings/passkeys/begin"),
    "/settings/passkeys/{id}": Case(lambda hostile: hostile.passkey, limits={"name": 60}, good=[("name", "Laptop")],
                                    required=("name",)),
    "/settings/passkeys/{id}/remove": Case(lambda hostile: f"{hostile.passkey}/remove"),
    "/sign-out": Case(lambda hostile: "/sign-out", who="visitor"),
    "/theme": Case(lambda hostile: "/theme", choices=("theme", "next"), good=[("theme", "dark"), ("next", "/")], who="visitor"),
    "/requests": Case(lambda hostile: "/requests"),
    "/accounts/{id}/people/{user}/requests": Case(
        lambda hostile: f"/accounts/acc_{UNKNOWN}/people/usr_{UNKNOWN}/requests", who="team"),
    "/requests/{id}/steps/1": step(
        1, limits={"carrier": 100, "numbers": 65536}, columns={"carrier": "losing_carrier_name", "numbers": "numbers_typed"},
        choices=("pick", "carrier_other", "go"), good=[("carrier", "Verizon"), ("numbers", "415 555 0134"), ("go", "next")],
        required=("carrier", "numbers")),
    "/requests/{id}/steps/2": step(2, choices=("go", "checklist", "checklist_shown"), good=[("go", "next")]),
    "/requests/{id}/steps/3": step(3, choices=("go", "bill_confirmed"), good=[("bill_confirmed", "yes"), ("go", "close")],
                                   body="upload"),
    "/requests/{id}/steps/4": step(
        4, limits={"account_name": 100, "account_number": 40, "btn": 40, "pin": 15},
        columns={"account_name": "account_name", "btn": "btn"}, choices=("account_type", "pin_when", "go"),
        good=[("account_name", "Harbor Lane Realty LLC"), ("account_type", "business"), ("account_number", "9421-1"),
              ("btn", "4155550134"), ("pin", "482913"), ("go", "next")],
        required=("account_name", "account_type", "account_number", "btn")),
    "/requests/{id}/steps/5": step(
        5, limits={"owner_name": 100, "owner_email": 254}, columns={"owner_name": "owner_name", "owner_email": "owner_email"},
        choices=("go",), good=[("owner_name", "Dana Whitfield"), ("owner_email", "dana@harborlane.example"), ("go", "next")],
        required=("owner_name", "owner_email")),
    "/requests/{id}/steps/6": step(
        6, limits={"street": 120, "unit": 40, "city": 80, "zip": 20},
        columns={name: name for name in ("street", "unit", "city", "zip")}, choices=("state", "go"),
        good=[("street", "1180 Fillmore St"), ("unit", "Ste 4"), ("city", "San Francisco"), ("state", "CA"), ("zip", "94115"),
              ("go", "next")], required=("street", "city", "state", "zip")),
    "/requests/{id}/steps/7": step(7, limits={"wished_date": 20, "pin": 15}, columns={"wished_date": "wished_date"},
                                   choices=("acknowledged", "wished_time", "go"), good=[("wished_date", ""), ("wished_time", ""), ("go", "close")]),
    "/requests/{id}/submit": Case(lambda hostile: f"{hostile.draft}/submit", limits={"wished_date": 20, "pin": 15},
                                  columns={"wished_date": "wished_date"}, choices=("acknowledged", "wished_time")),
    "/requests/{id}/discard": Case(lambda hostile: f"{hostile.draft}/discard"),
    "/requests/{id}/documents/{document}/remove": Case(lambda hostile: f"{hostile.document}/remove"),
    "/requests/{id}/remind": Case(lambda hostile: f"{hostile.rejected}/remind"),
    "/requests/{id}/cancel": Case(lambda hostile: f"{hostile.rejected}/cancel"),
    "/requests/{id}/fix/bill": Case(lambda hostile: f"{hostile.rejected}/fix/bill", body="upload"),
    "/requests/{id}/fix": Case(
        lambda hostile: f"{hostile.rejected}/fix", refused=True,
        limits={"account_name": 100, "account_number": 40, "btn": 40, "pin": 15, "owner_name": 100, "owner_email": 254,
                "street": 120, "unit": 40, "city": 80, "zip": 20},
        choices=("account_type", "state"), good=[("pin", "")],
        required=("pin", "account_name", "account_number", "btn", "owner_name", "owner_email", "street", "city", "zip")),
    "/requests/{id}/record": Case(
        lambda hostile: f"{hostile.rejected}/record", who="team", refused=True, limits={"words": 300},
        choices=("number", "status", "rejection"), required=("status", "rejection"),
        good=[("number", TOLL_FREE), ("status", "rejected"), ("rejection", ""), ("firm_date", ""), ("words", "")]),
    "/requests/{id}/checklist": Case(lambda hostile: f"{hostile.rejected}/checklist", choices=("checklist", "checklist_shown", "none")),
    "/settings": Case(
        lambda hostile: "/settings", refused=True, limits={"name": 100}, required=("name",),
        choices=("time_zone", "mails", "return", "version"),
        # The phone is none: nothing is ever saved, and the page comes again.
        good=[("name", "Marcus"), ("personal_phone", "12"), ("time_zone", "America/New_York"), ("version", "0"), ("mails", "dates")]),
    "/requests/{id}/put-off": Case(lambda hostile: f"{hostile.rejected}/put-off", who="team"),
    # What messages and notes are made of is in desk_test.py: a person's pace ends such tests here.
    "/requests/{id}/messages": Case(lambda hostile: f"{hostile.rejected}/messages", refused=True, good=[("message", "")],
                                    required=("message",)),
    "/requests/{id}/notes": Case(lambda hostile: f"{hostile.rejected}/notes", who="team", refused=True, good=[("note", "")],
                                 required=("note",)),
    "/requests/{id}/assign": Case(lambda hostile: f"{hostile.rejected}/assign", who="team", choices=("was", "to", "next"),
                                  good=[("was", ""), ("to", "")]),
    "/requests/{id}/settle": Case(lambda hostile: f"{hostile.rejected}/settle", who="team", choices=("why",),
                                  good=[("why", "message")]),
    "/team/stuck/retry": Case(lambda hostile: "/team/stuck/retry", who="team", choices=("account", "kind", "subject", "moot"),
                              good=[("account", "operator"), ("kind", "order_sync"), ("subject", "ord_" + UNKNOWN)]),
    "/team/stuck/drop": Case(lambda hostile: "/team/stuck/drop", who="team", choices=("account", "kind", "subject"),
                             good=[("account", "operator"), ("kind", "order_sync"), ("subject", "ord_" + UNKNOWN)]),
    "/connections/new": Case(
        lambda hostile: "/connections/new", refused=True, limits={"label": 60, "secret": 200},
        required=("label", "account_sid", "secret"), good=[("label", "Ours"), ("account_sid", "AC1"), ("secret", "s" * 32)]),
    "/connections/{id}": Case(
        lambda hostile: hostile.connection, refused=True, choices=("takes_new",), required=("label",),
        limits={"label": 60, "letter_subject": 255, "letter_message": 5000},
        good=[("label", "Ours"), ("calls_per_second", "many")]),
    "/connections/{id}/rotate": Case(
        lambda hostile: f"{hostile.connection}/rotate", refused=True, limits={"secret": 200}, required=("secret",),
        good=[("key_sid", "SK1"), ("secret", "s" * 32)]),
    "/connections/{id}/test": Case(lambda hostile: f"{hostile.connection}/test", choices=("events", "next"),
                                   good=[("next", "forget")]),
    "/hooks/twilio/{token}": Case(lambda hostile: "/hooks/twilio/" + "0" * 32, body="raw", who="visitor"),
    "/account": Case(lambda hostile: "/account", required=("name",), good=[("before", "Harbor"), ("name", "")]),
    "/accounts/{id}/settings": Case(lambda hostile: f"{hostile.account}/settings", required=("name",),
                                    good=[("before", "Harbor"), ("name", "")]),
    "/accounts/new": Case(
        lambda hostile: "/accounts/new", who="team", refused=True, limits={"name": 100, "owner_name": 100, "email": 254},
        choices=("country",), required=("name", "owner_name", "email", "country"),
        good=[("name", "Maple"), ("country", "US"), ("owner_name", "Jo March"), ("email", "nobody")]),
    "/accounts/{id}/invite": Case(
        lambda hostile: f"{hostile.account}/invite", refused=True, limits={"name": 100, "email": 254}, choices=("role",),
        required=("name", "email", "role"), good=[("name", "Jo March"), ("email", "nobody"), ("role", "agent")]),
    "/accounts/{id}/invitations/{invitation}/again": Case(lambda hostile: f"{hostile.invitation}/again"),
    "/accounts/{id}/invitations/{invitation}/withdraw": Case(lambda hostile: f"{hostile.invitation}/withdraw"),
    "/accounts/{id}/people/{user}": Case(lambda hostile: hostile.user, choices=("role",), required=("role",), good=[("role", "agent")]),
    "/accounts/{id}/people/{user}/remove": Case(lambda hostile: f"{hostile.user}/remove"),
    "/accounts/{id}/people/{user}/ownership": Case(lambda hostile: f"{hostile.user}/ownership"),
    "/join/{account}/{token}": Case(lambda hostile: hostile.join, who="visitor", refused=True, limits={"name": 100},
                                    required=("name", "password"), good=[("name", "Jo March"), ("password", "short")]),
    "/forgot-password": Case(lambda hostile: "/forgot-password", who="visitor", refused=True, limits={"email": 254},
                             required=("email",), good=[("email", "nobody")]),
    "/sign-up": Case(
        lambda hostile: "/sign-up", who="visitor", refused=True, limits={"account_name": 100, "name": 100, "email": 254},
        choices=("country",), required=("account_name", "name", "email", "country"),
        good=[("account_name", "Maple"), ("country", "US"), ("name", "Jo March"), ("email", "nobody")]),
    "/settings/password": Case(lambda hostile: "/settings/password", required=("current",), good=[("current", ""), ("password", "x")]),
    "/settings/email": Case(lambda hostile: "/settings/email", refused=True, limits={"email": 254}, required=("email",),
                            good=[("email", "nobody"), ("current", "x")]),
}


class Hostile(frame.DeskCase):
    settings = {"people.sign_up": "true", "web.base_url": "http://localhost:{port}"}  # passkeys need a name

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"owner": Person(cls.desk, "owner"), "visitor": Person(cls.desk), "stranger": Person(cls.desk, "tom"),
                      "team": Person(cls.desk, "porting_team")}
        cls.owner, cls.visitor, cls.stranger = (cls.people[who] for who in ("owner", "visitor", "stranger"))
        cls.records = Records(cls.desk)
        cls.addClassCleanup(cls.records.close)
        cls.draft = cls.owner.draft()
        cls.owner.bill(cls.draft, files.JPEG, "bill.jpg")
        cls.rejected = cls.reject()
        cls.connection = cls.owner.connection()
        cls.people_of_the_account()
        authenticator.add(cls, cls.owner)
        cls.passkey = next(link for link, shown in cls.owner.get("/settings/passkeys").links if shown.strip() == "Key")
        cls.records.quiet()

    @classmethod
    def people_of_the_account(cls):
        """An agent's page, an invitation that waits, and where its link leads."""
        account, user = cls.records.one("SELECT account, user_id FROM user_email WHERE email = ?", cls.desk.address("agent"))
        cls.account = f"/accounts/{account}"
        cls.user = f"{cls.account}/people/{user}"
        Person.wants(cls.owner.post(f"{cls.account}/invite", [("name", "Jo"), ("email", "jo@fresh.example"), ("role", "agent")]), 303)
        cls.join = re.search(r"/join/acc_\w+/[\w-]{43}", cls.desk.mail("jo@fresh.example", "invites you")["text"])[0]
        cls.invitation = f"{cls.account}/invitations/" + cls.records.one("SELECT id FROM user_link WHERE email = 'jo@fresh.example'")

    @classmethod
    def reject(cls):
        """A request that waits for a correction, with a number that the porting team works by hand."""
        number = journey.number()
        address = cls.owner.submitted([number, TOLL_FREE], pin="0000")
        sid = journey.sign(cls.desk, number)
        journey.status_on(cls.owner.browser, address, "Action Required", cls.desk, sid)
        cls.records.quiet()
        return address

    def setUp(self):
        self.addCleanup(self.clear, 1)
        if self.records.one("SELECT count(*) FROM sign_in_attempt"):
            self.desk.advance(16 * 60)  # until they are forgotten
            self.records.quiet()

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.visitor.get("/healthz").status, 200)

    @property
    def document(self):
        """The draft's first document, as it is now."""
        rows = self.records.rows("SELECT id FROM document WHERE request = ? ORDER BY id", self.draft.rpartition("/")[2])
        return f"{self.draft}/documents/{rows[0][0]}"

    def cases(self, body=None):
        for pattern, case in CASES.items():
            if body is None or case.body in body:
                yield pattern, case

    def person(self, case):
        return self.people[case.who]

    def send(self, case, fields, person=None, headers=None, token=True, path=None):
        """The form, as its route wants it; the token is left out or replaced on demand."""
        person = person or self.person(case)
        path = path or case.target(self)
        csrf = [("csrf", person.csrf)] if token is True else [("csrf", token)] if token else []
        if case.body == "upload":
            body, kind = parts([*csrf, *fields])
        else:
            body, kind = encode([*csrf, *fields]), "application/x-www-form-urlencoded"
        page = person.send(path, body, kind, headers)
        self.assertLess(page.status, 500, f"{path}: {page.text[:300]}")
        return page

    def told(self, page, *statuses):
        """The answer has one of these statuses and a sentence for a person."""
        self.assertIn(page.status, statuses, f"{page.url}: {page.text[:400]}")
        self.assertRegex(page.text, r"[A-Z][^.?!]{10,}[.?!]", page.url)

    def told_at(self, page, field):
        """The page says what is wrong beside the field, and links to it from its summary."""
        body = page.body.decode()
        self.assertRegex(body, rf'id="{field}-e"[^>]*>.*?[A-Za-z ]{{10,}}', f"{page.url}: nothing at {field}: {page.text[:600]}")
        self.assertIn(f'href="#{field}"', body)

    def unchanged(self, before, what):
        after = self.records.everything()
        if after != before:
            frame.wait_for(f"the files after {what}", lambda: self.records.files() == before[1], 10)
            after = self.records.everything()
        self.assertEqual(before, after, f"{what} left something behind:\n{self.records.difference(before, after)}")

    # ---- The table ----

    def test_every_route_that_takes_a_body_has_its_case(self):
        taking = {route["pattern"] for route in TABLE if route["method"] != "GET"}
        self.assertEqual(taking, set(CASES))
        self.assertEqual({route["method"] for route in TABLE}, {"GET", "POST"})
        for route in TABLE:
            if route["method"] == "POST":
                self.assertEqual(CASES[route["pattern"]].body, route["body"], route["pattern"])
                self.assertGreater(route["limit"], 0, route["pattern"])

    # ---- Tokens ----

    def test_a_form_without_its_token_does_nothing(self):
        tokens = {"missing": None, "empty": "", "somebody else's": self.stranger.csrf, "long": "A" * 5000,
                  "a letter changed": self.owner.csrf[:-1] + ("A" if self.owner.csrf[-1] != "A" else "B")}
        for pattern, case in self.cases(("form", "upload")):
            for name, token in tokens.items():
                with self.subTest(route=pattern, token=name):
                    before = self.records.everything()
                    self.told(self.send(case, case.good, token=token), 403)
                    self.unchanged(before, f"{pattern} with a token that is {name}")
            with self.subTest(route=pattern, token="from another site"):
                before = self.records.everything()
                self.told(self.send(case, case.good, headers={"Sec-Fetch-Site": "cross-site"}), 403)
                self.unchanged(before, f"{pattern} from another site")

    def test_a_malformed_key_is_refused(self):
        for pattern, case in self.cases(("form", "upload")):
            for key in ("k" * 65, "a b", "<key>", "../x", "é"):
                with self.subTest(route=pattern, key=key):
                    before = self.records.everything()
                    self.told(self.send(case, [*case.good, ("key", key)]), 400)
                    self.unchanged(before, f"{pattern} with the key {key!r}")

    # ---- Bytes that are no text ----

    def test_what_is_no_text_is_refused_in_every_field(self):
        for pattern, case in self.cases(("form", "upload")):
            for field in {*case.limits, *case.choices, "csrf", "key", "unknown_field"}:
                for name, value in NOT_TEXT.items():
                    with self.subTest(route=pattern, field=field, value=name):
                        before = self.records.everything()
                        fields = [each for each in case.good if each[0] != field] + [(field, value)]
                        page = self.send(case, fields, token=field != "csrf")
                        if case.body == "upload":
                            self.told(page, 400, 403, 422)
                        else:
                            self.told(page, 400)
                            self.assertIn(field, page.text)
                        self.unchanged(before, f"{pattern} with {name} as {field}")

    def test_a_body_of_another_kind_is_refused(self):
        csrf = self.owner.csrf.encode()
        for pattern, case in self.cases(("form", "upload")):
            good = encode([("csrf", self.person(case).csrf), *case.good])
            multi, kind = parts([("csrf", self.person(case).csrf), *case.good])
            kinds = [(b'{"csrf": "' + csrf + b'"}', "application/json"), (good, "text/plain"), (good, None), (good, "x" * 3000),
                     (b"", "application/x-www-form-urlencoded"), (good.decode().encode("utf-16"),
                                                                  "application/x-www-form-urlencoded; charset=utf-16"),
                     (b"csrf=%zz", "application/x-www-form-urlencoded"), (b"&&&===&", "application/x-www-form-urlencoded")]
            if case.body == "form":
                kinds += [(multi, kind)]
            else:
                kinds += [(good, "application/x-www-form-urlencoded"), (multi, "multipart/form-data"),
                          (multi, "multipart/form-data; boundary=" + "b" * 71), (multi[:-6], kind), (b"", kind),
                          (multi, "multipart/form-data; boundary=another")]
            for body, given in kinds:
                with self.subTest(route=pattern, kind=given, body=body[:20]):
                    before = self.records.everything()
                    self.told(self.person(case).send(case.target(self), body, given), 400, 403, 422)
                    self.unchanged(before, f"{pattern} as {given}")

    def test_odd_names_and_numbers_of_fields_are_refused(self):
        for pattern, case in self.cases(("form", "upload")):
            odd = {"a blank": [("a b", "x")], "65 letters": [("n" * 65, "x")], "no name": [("", "x")],
                   "markup": [("<b>", "x")], "too many": [(f"f{i}", "x") for i in range(2001)]}
            for name, fields in odd.items():
                with self.subTest(route=pattern, fields=name):
                    before = self.records.everything()
                    self.told(self.send(case, [*case.good, *fields]), 400, 403, 413, 422)
                    self.unchanged(before, f"{pattern} with {name} for a field")

    # ---- Missing, wrong, long ----

    def test_missing_fields_are_told_at_their_places(self):
        for pattern, case in self.cases(("form",)):
            for field in case.required:
                for changes in ({field: None}, {field: ""}, {field: "  \t "}):
                    if changes[field] is None and case.refused and field not in dict(case.good):
                        continue  # a correction without a field leaves it as it is
                    with self.subTest(route=pattern, field=field, changes=changes):
                        page = self.send(case, case.form(**changes))
                        self.told(page, 422)
                        self.told_at(page, field)

    def test_a_word_that_is_no_choice_is_never_taken(self):
        for pattern, case in self.cases(("form", "upload")):
            for field in set(case.choices):
                for value in ("no such thing", "<b>", "-1", "99999999999999999999", "'", "9-zip", "//evil.example", "\u00e9"):
                    with self.subTest(route=pattern, field=field, value=value):
                        page = self.send(case, [*case.form(**{field: None}), (field, value)])
                        self.assertIn(page.status, (200, 303, 400, 422), page.text[:300])
                        self.assertNotIn("evil.example", page.headers.get("Location", ""))
                        if field == "state" and page.status == 422:
                            self.told_at(page, field)  # a step keeps what was typed, and says what is wrong
                            continue
                        kept = self.records.rows("SELECT * FROM port_request")
                        self.assertNotIn(value, [column for row in kept for column in row if isinstance(column, str)])

    def test_a_field_that_is_one_too_long_is_refused_and_one_that_fits_is_kept(self):
        for pattern, case in self.cases(("form",)):
            for field, limit in case.limits.items():
                if limit is None or field == "numbers" and limit > 1000:
                    continue
                for letter in ("x", "é", "\U0001f4de"):
                    with self.subTest(route=pattern, field=field, letter=letter):
                        before = self.records.everything()
                        page = self.send(case, case.form(**{field: letter * (limit + 1)}))
                        self.told(page, 422)
                        self.told_at(page, field)
                        if field != "pin":
                            self.unchanged(before, f"{pattern} with a long {field}")
                    with self.subTest(route=pattern, field=field, letter=letter, fits=True):
                        if field in case.columns:
                            self.send(case, case.form(**{field: letter * limit}))
                            self.assertEqual(self.kept(case.columns[field]), letter * limit)

    def test_a_list_of_numbers_has_its_limits(self):
        case = CASES["/requests/{id}/steps/1"]
        for name, numbers in {"one byte more": "4" * 65537, "1001 numbers": "\n".join(["4155550134"] * 1001),
                              "only commas": "," * 65537}.items():
            with self.subTest(numbers=name):
                before = self.records.everything()
                page = self.send(case, case.form(numbers=numbers))
                self.told(page, 422)
                self.told_at(page, "numbers")
                self.unchanged(before, name)
        for name, numbers in {"commas": "," * 65536, "garbage": "x;" * 30000, "quotes": '"' * 65536, "no end": "4" * 65536,
                              "digits of other scripts": "٤١٥٥٥٥٠١٣٤\n４１５５５５０１３４", "deep": "(" * 9999}.items():
            with self.subTest(numbers=name):
                self.told(self.send(case, case.form(numbers=numbers)), 422)

    def test_a_body_one_byte_over_the_limit_is_refused(self):
        for route in TABLE:
            if route["pattern"] not in CASES or route["method"] != "POST":
                continue
            case = CASES[route["pattern"]]
            person = self.person(case)
            with self.subTest(route=route["pattern"]):
                before = self.records.everything()
                if case.body == "upload":
                    self.assertIn(self.announce(person, case.target(self), route["limit"] + 1), (413, 422))
                else:
                    start = encode([("csrf", person.csrf), *case.good, ("filler", "")])
                    body = start + b"x" * (route["limit"] + 1 - len(start))
                    page = person.send(case.target(self), body, "application/x-www-form-urlencoded")
                    self.assertEqual(page.status, 413, page.text[:300])
                self.unchanged(before, f"{route['pattern']} with a long body")

    def announce(self, person, path, length):
        """Says that a body of that length will come, sends none of it, and gives the status of the answer."""
        with socket.create_connection(("127.0.0.1", self.desk.port), timeout=60) as line:
            line.sendall(person.browser.wire("POST", path, None, {
                "Content-Type": "multipart/form-data; boundary=x", "Content-Length": length, "X-CSRF-Token": person.csrf}))
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.status

    # ---- Markup, SQL and other tricks ----

    def kept(self, column):
        return self.records.one(f"SELECT {column} FROM port_request WHERE id = ?", self.draft.rpartition("/")[2])

    def test_markup_and_sql_come_back_as_the_text_that_they_are(self):
        for pattern, case in self.cases(("form",)):
            for field, limit in case.limits.items():
                for value in (*MARKUP, *SQL, *OTHER):
                    value = ("Zq" + value if field in SECRET else value)[:limit]
                    with self.subTest(route=pattern, field=field, value=value):
                        if field == "password":  # ten wrong ones for one address would be enough
                            page = self.send(case, case.form(email=f"{len(value)}@example.com", password=value))
                        else:
                            page = self.send(case, case.form(**{field: value}))
                        self.assertIn(page.status, (200, 303, 409, 422), page.text[:300])
                        self.harmless(page, value)
                        self.comes_back(case, field, value, page)

    def comes_back(self, case, field, value, page):
        if field in case.columns:
            self.assertEqual(self.kept(case.columns[field]), value)
        if field in SECRET:
            self.assertNotIn(value, page.text)
        elif case.refused:
            self.assertEqual(page.form(field).value(field).replace("\r\n", "\n"), value)
        elif case.who != "visitor":
            again = self.person(case).get(case.target(self).replace("/submit", "/steps/7"))
            self.harmless(again, value)
            form = again.form("wizard" if "/requests/" in case.target(self) else field)
            self.assertEqual(form.value(field).replace("\r\n", "\n"), value)
        elif page.status == 422:
            self.assertEqual(page.form("password").value(field), value)

    def harmless(self, page, value):
        """The value stands nowhere in the page but escaped; nothing in it runs."""
        body = page.body.decode()
        if re.search("[<>\"']", value):
            self.assertNotIn(value, body)
        self.assertNotRegex(body, r"<script(?![^>]*\bsrc=\"/static/)|<img src=x|onerror=alert\(1\)>|javascript:")
        if page.status != 303:
            policy = page.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")

    def test_nobody_is_sent_to_another_site(self):
        for place in ("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/%0d%0aSet-Cookie: a=b",
                      "javascript:alert(1)", "/a\r\nSet-Cookie: a=b", " //evil.example", "/" * 2000, "/sign-out"):
            with self.subTest(next=place):
                form = self.visitor.get("/sign-in?next=" + encode([("", place)])[1:].decode()).form("password")
                self.assertEqual(form.value("next") or "/", "/" if "%0d" not in place else form.value("next"))
                page = self.visitor.post("/theme", [("theme", "dark"), ("next", place)])
                self.assertEqual(page.status, 303)
                self.assertRegex(page.headers["Location"], r"^(/|/%0d%0aSet-Cookie:%20a=b)$" if "%0d" in place else "^/$")
                self.assertNotIn("a=b", str(page.headers.get("Set-Cookie")))

    # ---- Other people's things, and addresses that name none ----

    def test_ids_of_others_and_ids_of_nobody_find_nothing(self):
        own = {"id": self.draft.rpartition("/")[2], "document": self.document.rpartition("/")[2], "token": "0" * 32,
               "account": "acc_" + UNKNOWN, "user": "usr_" + UNKNOWN, "invitation": "lnk_" + UNKNOWN, "hash": "0" * 8, "file": "portdesk.css"}
        for route in TABLE:
            if route["method"] == "POST" and route["pattern"] not in CASES:
                continue  # the test of the table tells
            names = re.findall(r"{(\w+)}", route["pattern"])
            for name in names:
                for wrong in (*WRONG_IDS, None):
                    values = dict(own)
                    person = self.people["team"] if route["rights"] in TEAM_RIGHTS else self.owner
                    if name == "hash":  # an old page's: gets what there is now
                        continue
                    if wrong is None:
                        person = self.stranger  # all ids are right, but another account's
                    else:
                        values[name] = wrong.format(own=own[name], prefix=own[name].partition("_")[0])
                    path = re.sub(r"{(\w+)}", lambda found: values[found[1]], route["pattern"])
                    with self.subTest(method=route["method"], path=path, who=person.who):
                        before = self.records.everything()
                        self.assertIn(self.reach(route, path, person).status, self.not_found(route, wrong))
                        self.unchanged(before, path)

    @staticmethod
    def not_found(route, wrong):
        if wrong is None and route["rights"] == "outside":
            return (200, 404)  # files are for everybody
        if wrong is None and route["rights"] in TEAM_RIGHTS:
            return (403,)
        return (400, 404)

    def reach(self, route, path, person):
        if route["method"] == "GET":
            return person.get(path)
        case = CASES[route["pattern"]]
        return self.send(case, case.good, person=person, path=path)

    def test_addresses_that_are_almost_right_find_nothing(self):
        own = self.draft
        for path in ("/requests/", "//requests", "/Requests", "/requests/../requests", f"{own}/", f"{own}/steps", f"{own}/steps/0",
                     f"{own}/steps/8", f"{own}/steps/1/", f"{own}/steps/%31x", f"{own}/steps/1;x", f"{own}//steps/1",
                     f"{own}/steps/..%2f..", f"{own}/./steps/1", "/static/../../../etc/passwd", "/static/x/%2e%2e%2fportdesk.db",
                     "/.git/config", "/portdesk.key", "/data/portdesk.db", "/%", "/%00", "/" + "a" * 7000, "/hooks/twilio/",
                     "/sign-in/", "/healthz/x"):
            with self.subTest(path=path[:60]):
                self.assertIn(self.owner.get(path).status, (400, 404, 414, 431))
                self.assertIn(self.owner.post(path).status, (400, 404, 414, 431))

    def test_queries_are_only_looked_at(self):
        own = self.rejected.rpartition("/")[2]
        before = self.records.everything()
        for path in ("/requests?show={}", "/requests?q={}", "/requests?before={}", "/requests?show=all&q=1&before={}",
                     "/numbers?after={}", "/audit?kind={}", "/audit?who={}", "/audit?before={}", f"{self.draft}/steps/1?check={{}}", f"/requests/{own}?x={{}}", "/sign-in?next={}"):
            for value in (*MARKUP, *SQL, *OTHER, *NOT_TEXT.values(), "", "x" * 5000, "%", "&" * 3000):
                with self.subTest(path=path, value=value):
                    shown = value if value == "%" else encode([("", value)]).decode()[1:]
                    page = self.owner.get(path.format(shown))
                    self.assertIn(page.status, (200, 303, 400, 414, 431), page.text[:200])
                    if isinstance(value, str) and page.status == 200:
                        self.harmless(page, value)
        self.unchanged(before, "looking with odd queries")

    # ---- Files ----

    def offer(self, *bills, **fields):
        """Uploads these at step 3; the answer."""
        return self.owner.upload(f"{self.draft}/steps/3", bills, [*fields.items(), ("go", "upload")])

    def documents(self):
        return self.records.rows("SELECT file_name, type, size FROM document WHERE request = ? ORDER BY id",
                                 self.draft.rpartition("/")[2])

    def test_files_that_are_no_bills_are_refused_and_leave_nothing(self):
        pdf = files.pdf_file(files.pdf())
        hostile = {
            "nothing": b"", "one byte": b"%", "HTML": b"<!doctype html><script>alert(1)</script>", "SVG": b"<svg onload=alert(1)/>",
            "zip": files.archive("bill.pdf"), "a document": files.archive("word/document.xml", "[Content_Types].xml"),
            "text": b"Account 942118306\n" * 50, "random": zlib.compress(b"x" * 9999), "cut": pdf[:len(pdf) // 3],
            "only a header": b"%PDF-1.7\n", "locked": files.pdf_encrypted(b"secret"), "a cut picture": files.JPEG[:300],
            "a huge picture": files.png(60000, 60000), "a picture of nothing": files.png(0, 0),
            "10 MB and a byte": pdf + b"\0" * (files.MAX_BYTES + 1 - len(pdf)), "a program": b"\x7fELF" + b"\0" * 200,
        }
        for name, content in hostile.items():
            with self.subTest(file=name):
                before = self.records.everything()
                page = self.offer((b"<img src=x>.pdf", content, "application/pdf"))
                self.told(page, 422)
                self.told_at(page, "bill")
                self.assertIn("<img src=x>.pdf", page.text)
                self.harmless(page, "<img src=x>.pdf")
                self.unchanged_but_confirmed(before, name)

    def unchanged_but_confirmed(self, before, what):
        """The step's other field was saved with the files; nothing else was."""
        self.owner.upload(f"{self.draft}/steps/3", (), [("bill_confirmed", "yes"), ("go", "upload")])
        self.unchanged(before, what)

    def test_one_bad_file_does_not_take_the_good_one_along(self):
        before = len(self.documents())
        page = self.offer((b"good.jpg", files.JPEG, "image/jpeg"), (b"bad.pdf", b"MZ", "application/pdf"), bill_confirmed="yes")
        self.told(page, 422)
        self.told_at(page, "bill")
        self.assertEqual([row[0] for row in self.documents()[before:]], ["good.jpg"])

    def clear(self, keep):
        """Removes the draft's documents but the first ones."""
        rows = self.records.rows("SELECT id FROM document WHERE request = ? ORDER BY id", self.draft.rpartition("/")[2])
        for document, in rows[keep:]:
            self.owner.wants(self.owner.post(f"{self.draft}/documents/{document}/remove", [("bill_confirmed", "yes")]), 303)

    def test_names_of_files_are_only_ever_shown(self):
        names = {  # what the browser says → what is kept
            b"../../../etc/cron.d/x": "x", b"C:\\Users\\bill.pdf": "bill.pdf", b"/etc/passwd": "passwd", b"a/b/": "bill",
            b"<script>alert(1)</script>.pdf": "script>.pdf", b"%22quoted%22.pdf": '"quoted".pdf', b"it's; x=y.pdf": "it's; x=y.pdf",
            b"b" * 300 + b".pdf": "b" * 120, "Rechnung für Müller 電話.pdf".encode(): "Rechnung für Müller 電話.pdf",
            "\u202egpj.llib\u2066".encode(): "gpj.llib", b"..": "..", b"  ": "bill", b"%0D%0ASet-Cookie: a=b": "%0D%0ASet-Cookie: a=b",
            b"'; DROP TABLE document; --": "'; DROP TABLE document; --", b".htaccess": ".htaccess", b"nul": "nul",
        }
        for name, kept in names.items():
            with self.subTest(name=name):
                page = self.offer((name, files.JPEG, "image/jpeg"), bill_confirmed="yes")
                self.assertEqual(page.status, 303, page.text[:600])
                self.assertEqual(self.documents()[-1][0], kept)
                page = self.owner.get(f"{self.draft}/steps/3")
                self.assertIn(kept, page.text)
                self.harmless(page, kept)
                link = next(link for link, _ in reversed(page.links) if "/documents/" in link)
                self.safely_given(link)
                self.clear(1)

    def safely_given(self, link):
        """A download can neither run nor be guessed at, and its headers are those that we meant."""
        page = self.owner.get(link)
        self.assertEqual((page.status, page.body), (200, files.JPEG))
        self.assertEqual(page.headers["Content-Type"], "image/jpeg")
        self.assertEqual(page.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox; default-src 'none'", page.headers.get_all("Content-Security-Policy"))
        self.assertRegex(page.headers["Content-Disposition"], r"^attachment; filename\*=UTF-8''[A-Za-z0-9._~%-]+$")
        self.assertIsNone(page.headers["Set-Cookie"])

    def test_uploads_that_are_not_as_a_browser_sends_them_are_refused(self):
        start = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + self.owner.csrf.encode() + b"\r\n"
        bill = b'--x\r\nContent-Disposition: form-data; name="bill"; filename="b.pdf"'
        end = b"\r\n--x--\r\n"
        odd = {
            "a line break in the name": start + bill[:-1] + b'\r\nX: y"\r\n\r\nx' + end,
            "bytes in the name": start + b'--x\r\nContent-Disposition: form-data; name="bill"; filename="\xff\xfe"\r\n\r\nx' + end,
            "NUL in the name": start + b'--x\r\nContent-Disposition: form-data; name="bill"; filename="a\0.pdf"\r\n\r\nx' + end,
            "a name of 2000 bytes": start + b'--x\r\nContent-Disposition: form-data; name="bill"; filename="%b"\r\n\r\nx' % (
                b"n" * 2000) + end,
            "no end": start + bill + b"\r\n\r\n" + files.JPEG,
            "two dispositions": start + bill + b'\r\nContent-Disposition: form-data; name="go"\r\n\r\nx' + end,
            "base64": start + bill + b"\r\nContent-Transfer-Encoding: base64\r\n\r\neA==" + end,
            "long headers": start + bill + b"\r\nX-A: " + b"a" * 9000 + b"\r\n\r\nx" + end,
            "200 parts": start + b"--x\r\nContent-Disposition: form-data; name=\"go\"\r\n\r\nx\r\n" * 200 + end[2:],
            "a field of 20 kB": start + b"--x\r\nContent-Disposition: form-data; name=\"go\"\r\n\r\n" + b"x" * 20000 + end,
            "the token behind the file": bill + b"\r\n\r\n" + files.JPEG + b"\r\n" + start + b"--x--\r\n",
        }
        for name, body in odd.items():
            with self.subTest(upload=name):
                before = self.records.everything()
                self.told(self.owner.send(f"{self.draft}/steps/3", body, "multipart/form-data; boundary=x"), 400, 403, 413, 422)
                self.unchanged(before, name)

    def test_eleven_files_are_ten(self):
        self.clear(0)
        page = self.offer(*[(b"%d.jpg" % i, files.JPEG, "image/jpeg") for i in range(11)], bill_confirmed="yes")
        self.told(page, 422)
        self.told_at(page, "bill")
        self.assertEqual([row[0] for row in self.documents()], [f"{i}.jpg" for i in range(10)])

    def test_a_peer_that_goes_away_in_the_middle_of_a_file_leaves_nothing(self):
        before = self.records.everything()
        body, kind = parts([("csrf", self.owner.csrf)], [(b"bill.jpg", files.JPEG * 200, "image/jpeg")])
        with socket.create_connection(("127.0.0.1", self.desk.port), timeout=60) as line:
            whole = self.owner.browser.wire("POST", f"{self.draft}/steps/3", body, {"Content-Type": kind})
            line.sendall(whole[:len(whole) // 2])
        self.unchanged(before, "half an upload")

    # ---- The carrier's events ----

    def test_an_event_that_cannot_be_read_is_refused_and_nothing_is_kept(self):
        token = self.hook_token()
        bodies = {"nothing": b"", "no JSON": b"<xml/>", "an array": b"[]", "a number": b"7", "null": b"null", "cut": b'{"port_in',
                  "latin-1": '{"port_in_request_sid": "é"}'.encode("latin-1"), "NUL": b'{"port_in_request_sid": "KW\\u0000"}',
                  "deep": b"[" * 60000, "two values": b"{} {}", "no reference": b'{"status": "completed"}',
                  "a wrong type": b'{"port_in_request_sid": {"a": 1}}', "a wrong reference": b'{"port_in_request_sid": "../../x"}',
                  "UTF-16": '{"port_in_request_sid": "KW"}'.encode("utf-16"), "the same key twice":
                  b'{"port_in_request_sid": "KW0", "port_in_request_sid": "KW1"}'}
        for name, body in bodies.items():
            with self.subTest(body=name):
                before = self.records.everything()
                page = self.visitor.send(f"/hooks/twilio/{token}", body, "application/json")
                self.assertIn(page.status, (400, 422), page.body[:200])
                self.unchanged(before, name)

    def hook_token(self):
        """The secret address that the desk told its carrier."""
        return frame.wait_for("the webhook's address", lambda: self.desk.state()["webhook_url"]).rpartition("/")[2]


if __name__ == "__main__":
    unittest.main()
