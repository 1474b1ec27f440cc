"""The checker of contracts bites: a small description, an exchange that keeps to it, and each way of breaking it."""
import dataclasses
import json
import unittest

import openapi
from recorder import Exchange

ENGINES = {"none"}  # no database of the product is in these tests

DESCRIPTION = openapi.Description({
    "paths": {"/v1/Things/{Sid}": {"post": {
        "parameters": [{"name": "Sid", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^TH[0-9]+$"}},
                       {"name": "Size", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}}}}},
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}}}}}},
    "components": {"schemas": {"thing": {"type": "object", "properties": {
        "sid": {"type": "string", "pattern": "^TH[0-9]+$"}, "state": {"type": "string", "enum": ["on", "off"]},
        "at": {"type": "string", "format": "date-time", "nullable": True},
        "parts": {"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"count": {"type": "integer"}}}}}}}},
})
GOOD = {"sid": "TH1", "state": "on", "at": None, "parts": [{"count": 1}]}


def exchange(answer=None, request=None, **changes):
    made = Exchange("POST", "/v1/Things/TH1?Size=5", "application/json", json.dumps(request or {"name": "thing"}).encode(), 200,
                    "application/json", json.dumps(GOOD if answer is None else answer).encode())
    return dataclasses.replace(made, **changes)


def findings(made, ours=True):
    return DESCRIPTION.check(made, ours)[1]


class OpenApi(unittest.TestCase):
    def test_what_keeps_to_the_description_has_no_finding(self):
        self.assertEqual(findings(exchange()), [])
        self.assertEqual(findings(exchange({**GOOD, "at": "2026-11-26T10:00:00Z"})), [])

    def test_each_broken_answer_is_found(self):
        for broken in ({**GOOD, "sid": "TX1"}, {**GOOD, "state": "maybe"}, {**GOOD, "at": "today"}, {**GOOD, "more": 1},
                       {**GOOD, "parts": [{"count": "1"}]}, {**GOOD, "parts": [{}, {}, {}]}, {**GOOD, "sid": None},
                       {"sid": "TH1", "state": "on", "parts": []}, []):
            self.assertEqual(len(findings(exchange(broken))), 1, broken)

    def test_each_broken_request_is_found(self):
        for request in ({"name": "longer"}, {"name": 1}, {"other": "x", "name": "x"}):
            self.assertTrue(findings(exchange(request=request)), request)
        self.assertTrue(findings(exchange(target="/v1/Things/TH1?Other=1")))
        self.assertTrue(findings(exchange(target="/v1/Things/x")))
        self.assertTrue(findings(exchange(target="/v1/Nothing")))
        self.assertTrue(findings(exchange(request_type="text/plain")))

    def test_a_refused_request_counts_only_when_it_is_ours(self):
        error = {"code": 20001, "message": "no", "more_info": "https://x.example", "status": 400}
        refused = exchange(error, {"name": 1}, status=400)
        self.assertEqual((findings(refused, False), len(findings(refused, True))), ([], 1))
        self.assertTrue(findings(exchange({**error, "status": 401}, status=400)))
        self.assertTrue(findings(exchange({"code": 1}, status=400)))

    def test_every_spoiled_value_is_found(self):
        names = [name for name, _ in openapi.spoiled(exchange())]
        self.assertEqual(names, ["status", "sid", "state", "at", "parts", "parts.0", "parts.0.count", "member too many"])
        for name, spoiled in openapi.spoiled(exchange()):
            self.assertTrue(findings(spoiled), name)


if __name__ == "__main__":
    unittest.main()
