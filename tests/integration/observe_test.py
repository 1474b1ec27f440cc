"""What the operator sees of a running desk: the metrics, parsed strictly, and the log, in which one submission can be followed
to the carrier."""
import json
import re
import secrets
import socket
import unittest

import database
import exposition
import frame
import journey
from people import Person, routes


class Parser(unittest.TestCase):
    """The parser itself: what it must refuse, or the tests below would prove little."""

    GOOD = ('# HELP a_total A.\n# TYPE a_total counter\na_total{x="1\\n\\"\\\\"} 2\n'
            '# HELP h_seconds H.\n# TYPE h_seconds histogram\n'
            'h_seconds_bucket{le="0.5"} 1\nh_seconds_bucket{le="+Inf"} 2\nh_seconds_sum 1.25\nh_seconds_count 2\n')

    def test_good(self):
        families = exposition.parse(self.GOOD)
        self.assertEqual(families["a_total"].value(x='1\n"\\'), 2)
        self.assertEqual(families["h_seconds"].total("_sum"), 1.25)

    def test_broken(self):
        for what, old, new in (
                ("no line feed", "count 2\n", "count 2"), ("type before help", "# HELP a_total A.\n", ""),
                ("unknown type", "counter", "count"), ("series twice", "a_total{", 'a_total{x="1\\n\\"\\\\"} 1\na_total{'),
                ("falling", 'le="0.5"} 1', 'le="0.5"} 3'), ("no +Inf", "+Inf", "7"), ("count", "count 2", "count 3"),
                ("no sum", "h_seconds_sum 1.25\n", ""), ("bad escape", "\\n", "\\t"), ("counter's name", "a_total", "a"),
                ("bounds", '"0.5"', '"+Inf"'), ("number", "} 2\n#", "} two\n#"), ("negative", "} 2\n#", "} -2\n#"),
                ("carriage return", "A.\n", "A.\r\n"), ("comma", '\\\\"}', '\\\\",}'), ("family twice", "h_seconds", "a_total")):
            with self.subTest(what):
                self.assertIn(old, self.GOOD)
                self.assertRaises(exposition.Broken, exposition.parse, self.GOOD.replace(old, new))

    def test_log(self):
        self.assertEqual(exposition.logfmt('level=info event=x a="b c\\n" n=-5')["a"], "b c\\n")
        for line in ("event=x level=info", "level=info event=x a", 'level=info event=x a="b', "level=info event=x a=b\x1b", "level=info",
                     'level=info event=x a="\xe9"', "level=info event=x a=1 a=2", "level=info event=x  a=1"):
            with self.subTest(line):
                self.assertRaises(exposition.Broken, exposition.logfmt, line)


class Observed(frame.DeskCase):
    """Both journeys were gone, and then it is looked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journey.port(cls.desk)
        journey.reject_and_fix(cls.desk)
        cls.desk.mail(subject="Action Required")
        frame.wait_for("all mails to be counted", lambda: cls.metrics()["portdesk_mails_total"].total(outcome="sent") >= 3)
        cls.done = frame.wait_for("a moment in which nothing is being committed", cls.still)

    @classmethod
    def still(cls):
        """The metrics, unless a commit fell between two of them."""
        found = cls.metrics()
        if database.SERVER or found["portdesk_db_group_writes"].total("_count") == found["portdesk_db_commits_total"].total():
            return found
        return None

    @classmethod
    def metrics(cls):
        return exposition.parse(cls.desk.browser().get("/metrics").body.decode("ascii"))

    def test_headers(self):
        page = self.desk.browser().get("/metrics")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def log(self, program=None):
        """Its whole lines; one may be being written."""
        lines = (program or self.desk.portdesk).log.read_text().rpartition("\n")[0].splitlines()
        return [exposition.logfmt(line) for line in lines]

    def test_what_was_done_is_counted(self):
        found = self.done

        def total(name, suffix="", **labels):
            return found["portdesk_" + name].total(suffix, **labels)
        self.assertEqual(total("http_requests_total", route="/requests/{id}/submit", method="POST", status="3xx"), 2)
        self.assertEqual(total("http_request_duration_seconds", "_count", route="/requests/{id}/submit"), 2)
        self.assertEqual(total("http_requests_in_flight"), 1)
        self.assertEqual(total("upload_bytes_total"), 2 * len(journey.SAMPLE_BILL.read_bytes()))
        self.assertEqual(total("bill_reader_runs_total", outcome="read"), 2)
        self.assertEqual(total("bill_reader_duration_seconds", "_count"), 2)
        self.assertEqual(total("sign_ins_total", outcome="good"), 2)
        self.assertEqual(total("carrier_calls_total", operation="create", outcome="ok"), 3)
        self.assertEqual(total("carrier_calls_total", operation="upload", outcome="ok"), 3)
        self.assertEqual(total("carrier_calls_total", operation="cancel", outcome="ok"), 1)
        self.assertEqual(total("carrier_calls_total", operation="configure_webhook", outcome="ok"), 1)
        self.assertGreater(total("carrier_call_duration_seconds", "_sum", operation="create"), 0)
        self.assertGreaterEqual(total("webhooks_total", verdict="valid") + total("webhooks_total", verdict="unsigned"), 6)
        self.assertGreaterEqual(total("mails_total", notice="rejected", outcome="sent"), 1)
        self.assertEqual(total("build_info"), 1)
        self.assertGreater(total("db_writes_total"), 50)
        self.assertLessEqual(total("db_commits_total"), total("db_writes_total"))
        if not database.SERVER:
            self.assertEqual(total("db_replays_total"), 0)
            self.assertGreaterEqual(total("db_group_writes", "_sum"), total("db_writes_total"))
        self.assertEqual(total("job_runs_total", kind="order_cancel", outcome="done"), 1)
        self.assertEqual(total("job_runs_total", kind="order_place", outcome="done"), 3)
        self.assertEqual(total("job_runs_total", outcome="dead"), 0)
        self.assertEqual(total("job_duration_seconds", "_count"), total("job_runs_total"))
        self.assertGreaterEqual(total("jobs", state="waiting"), 1)  # the janitor's, and those that re-read orders
        self.assertEqual(total("jobs", state="dead"), 0)
        self.assertGreater(found["process_resident_memory_bytes"].total(), 1 << 20)
        self.assertGreater(found["process_open_fds"].total(), 5)
        self.assertGreater(found["process_threads"].total(), 4)

    def test_docs_name_them_all(self):
        documented = re.findall(r"^\| `(\w+)` \| (\w+) \|", (frame.ROOT / "docs/metrics.md").read_text(), re.M)
        self.assertEqual([(name, family.type) for name, family in self.metrics().items()], documented)

    def test_nothing_from_outside_makes_a_series(self):
        visitor = self.desk.browser()

        def keys():
            return {key for family in self.metrics().values() for key in family.samples}
        visitor.request("GET", self.desk.origin + "/nothing", None, {}, 0)
        visitor.request("BREW", self.desk.origin + "/nothing", None, {}, 0)
        before = keys()
        for serial in range(200):
            word = secrets.token_hex(4 + serial % 20)
            method = "GET" if serial % 2 else "M" + word.upper()[:8]
            visitor.request(method, f"{self.desk.origin}/{word}/{word}?{word}={word}", None,
                            {"X-Request-Id": word, "Accept": word, "User-Agent": word}, 0)
        self.assertEqual(keys() - before, set())

    def test_every_route_has_its_pattern(self):
        patterns = {route["pattern"] for route in routes()} | {"other"}
        used = {dict(labels)["route"] for _, labels in self.metrics()["portdesk_http_requests_total"].samples}
        self.assertLessEqual(used, patterns)
        self.assertIn("/requests/{id}", used)

    def test_the_gate_counts(self):
        before = self.metrics()["portdesk_http_refused_total"].total(status="400")
        with socket.create_connection(("127.0.0.1", self.desk.port)) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer = b""
            while piece := wire.recv(4096):
                answer += piece
        self.assertTrue(answer.startswith(b"HTTP/1.1 400"), answer)
        self.assertRegex(answer, rb"\r\nX-Request-Id: [0-9a-z]{12}\r\n")
        self.assertEqual(self.metrics()["portdesk_http_refused_total"].total(status="400"), before + 1)

    def test_others_are_not_told(self):
        there = self.desk.browser().request("GET", self.desk.origin + "/metrics", None, {"X-Forwarded-For": "192.0.2.1"}, 0)
        nothing = self.desk.browser().request("GET", self.desk.origin + "/metricx", None, {"X-Forwarded-For": "192.0.2.1"}, 0)
        self.assertEqual((there.status, nothing.status), (404, 404))
        self.assertEqual(sorted(there.headers.keys()), sorted(nothing.headers.keys()))
        blank = re.compile(rb"metric[sx]|[0-9a-z]{12}\b|value=\"[^\"]*\"")
        self.assertEqual(blank.sub(b"", there.body), blank.sub(b"", nothing.body))

    def test_each_request_has_its_line(self):
        person = Person(self.desk, "owner")
        address = person.draft()
        page = person.get(address + "/steps/1?secret=in-the-query")
        given = page.headers["X-Request-Id"]
        lines = frame.wait_for("the line", lambda: [line for line in self.log() if line.get("request") == given])
        self.assertEqual(len(lines), 1)
        line = lines[0]
        self.assertEqual({name: line[name] for name in ("level", "event", "method", "route", "status", "about")},
                         {"level": "info", "event": "web.request", "method": "GET", "route": "/requests/{id}/steps/1",
                          "status": "200", "about": address.rpartition("/")[2]})
        self.assertEqual(int(line["bytes"]), len(page.body))
        self.assertRegex(line["us"], r"^[1-9][0-9]*$")
        self.assertRegex(line["user"] + line["account"], r"^usr?_[0-9a-f]{32}acc?_[0-9a-f]{32}$")
        whole = self.desk.portdesk.log.read_text()
        self.assertNotIn("in-the-query", whole)
        self.assertFalse([line for line in self.log() if line.get("route") == "/metrics"])

    def test_a_submission_can_be_followed_to_the_carrier(self):
        """One id stands in the line of the request, of its job, and of the carrier's own log."""
        person, number = self.desk.sign_in("owner"), journey.number()
        page = person.request(*journey.submission(journey.review(person, [number])), redirects=0)
        given = page.headers["X-Request-Id"]

        def lines(program):
            return [line for line in self.log(program) if line.get("request") == given]
        frame.wait_for("the job", lambda: [line for line in lines(self.desk.portdesk) if line["event"] == "job.done"])
        events = [(line["event"], line.get("kind") or line.get("route")) for line in lines(self.desk.portdesk)]
        self.assertEqual(events[0], ("web.request", "/requests/{id}/submit"))
        self.assertIn(("job.done", "order_place"), events)
        calls = [(line["method"], line["route"], line["status"]) for line in lines(self.desk.sandbox)]
        self.assertIn(("POST", "/v1/Documents", "201"), calls)
        self.assertIn(("POST", "/v1/Porting/PortIn", "202"), calls)

    def test_error_pages_tell_the_code(self):
        page = self.desk.browser().get("/nothing")
        self.assertEqual(page.status, 404)
        self.assertIn("give this code: " + page.headers["X-Request-Id"], page.text)

    def test_ids_from_outside_are_not_taken(self):
        page = self.desk.browser().request("GET", self.desk.origin + "/sign-in", None, {"X-Request-Id": "mine-mine-mine"}, 0)
        self.assertNotEqual(page.headers["X-Request-Id"], "mine-mine-mine")


class Hidden(frame.DeskCase):
    """Behind a trusted proxy, with a token, and a log for machines."""
    settings = {"web.trusted_proxies": "127.0.0.1", "metrics.token": "tok-" + "7" * 20, "log.format": "json", "log.level": "debug"}

    def ask(self, path, **headers):
        return self.desk.browser().request("GET", self.desk.origin + path, None, headers, 0)

    def test_only_with_the_token(self):
        token = self.settings["metrics.token"]
        self.assertEqual(self.ask("/metrics").status, 404)
        self.assertEqual(self.ask("/metrics", Authorization="Bearer " + token[:-1]).status, 404)
        page = self.ask("/metrics", Authorization="Bearer " + token, **{"X-Forwarded-For": "192.0.2.9"})
        self.assertEqual(page.status, 200)
        exposition.parse(page.body.decode("ascii"))
        self.assertNotIn(token, self.desk.portdesk.log.read_text())

    def test_the_proxys_id_is_taken(self):
        page = self.ask("/nothing", **{"X-Request-Id": "from-the-proxy_1"})
        self.assertEqual(page.headers["X-Request-Id"], "from-the-proxy_1")
        self.assertNotEqual(self.ask("/nothing", **{"X-Request-Id": "no good id"}).headers["X-Request-Id"], "no good id")

        def line():
            lines = [json.loads(each) for each in self.desk.portdesk.log.read_text().splitlines()]
            return [each for each in lines if each.get("request") == "from-the-proxy_1"]
        found = frame.wait_for("the line", line)
        self.assertEqual((found[0]["event"], found[0]["status"], found[0]["route"]), ("web.request", 404, "other"))
        self.assertRegex(found[0]["time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class Quiet(frame.DeskCase):
    settings = {"log.requests": "false"}

    def test_no_line_for_each(self):
        self.assertEqual(self.desk.browser().get("/nothing").status, 404)
        self.desk.portdesk.stop()  # all that it has to say is said
        self.assertNotIn("web.request", self.desk.portdesk.log.read_text())
        self.desk.portdesk.start()


if __name__ == "__main__":
    unittest.main()
