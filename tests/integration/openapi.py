"""Looks whether an exchange keeps to an OpenAPI 3.0 description: method, path, parameters, bodies, answers. Stricter than the
description asks: a field that it does not know is a finding, so that neither side leans on something that is not there."""
import copy
import dataclasses
import datetime
import json
import re
import urllib.parse

FORMATS = {
    "date": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text) and datetime.date.fromisoformat(text),
    "date-time": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text),
    "uri": lambda text: re.fullmatch(r"(https?:/)?/[^\s<>\"]+", text),  # the older API's are relative
    "email": lambda text: re.fullmatch(r"[^\s@]+@[^\s@]+", text),
    "phone-number": lambda text: re.fullmatch(r"\+[1-9]\d{6,14}", text),
    "iso-country-code": lambda text: re.fullmatch(r"[A-Z]{2}", text),
}
TYPES = {"string": str, "array": list, "object": dict, "boolean": bool}


class Description:
    def __init__(self, document):
        self.document = document
        self.operations = []
        for path, item in document["paths"].items():
            pattern = re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")))
            for method in ("get", "post", "put", "delete"):
                if method in item:
                    self.operations.append((method.upper(), path, pattern, item[method]))

    def resolve(self, schema):
        """A schema with its $ref followed; what stands beside the $ref counts too."""
        while "$ref" in schema:
            target = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target.get(part, {})  # a description may be a cut of a larger one: what is not there is open
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        return schema

    def find(self, method, path):
        """The operation of a request: a literal path goes before one with a hole."""
        found = [each for each in self.operations if each[0] == method and each[2].fullmatch(path)]
        return min(found, key=lambda each: each[1].count("{"), default=None)

    def names(self):
        return [f"{method} {path}" for method, path, _, _ in self.operations]

    def check(self, exchange, ours=True):
        """(operation's name or None, findings). With `ours` a request is looked at even when it was refused."""
        operation = self.find(exchange.method, exchange.path)
        if not operation:
            return None, [f"{exchange.method} {exchange.path}: not in the description"]
        method, path, _, about = operation
        name = f"{method} {path}"
        findings = self.parameters(path, about, exchange) + self.request(about, exchange, ours)
        if 200 <= exchange.status < 300:
            findings += self.answer(about, exchange)
        elif exchange.status == 400 and is_portability(exchange.answer):
            findings += self.answer(about, dataclasses.replace(exchange, status=200))
        else:
            findings += refusal(exchange)
        return name, [f"{name}: {finding}" for finding in findings]

    def parameters(self, path, about, exchange):
        findings, known = [], {}
        for parameter in map(self.resolve, about.get("parameters", [])):
            known[parameter["name"], parameter["in"]] = parameter
        for part, given in zip(path.split("/"), exchange.path.split("/")):
            parameter = known.get((part.strip("{}"), "path")) if part.startswith("{") else None
            # A refusal may be about a path that is wrong on purpose.
            if parameter and exchange.status < 400:
                findings += self.value(parameter["schema"], given, f"path {part}")
        for name, given in exchange.query:
            parameter = known.pop((name, "query"), None)
            if parameter is None:
                findings.append(f"query {name}: not in the description")
            elif exchange.status < 400:
                findings += self.value(parameter["schema"], as_typed(self.resolve(parameter["schema"]), given), f"query {name}")
        findings += [f"query {name}: missing" for (name, where), parameter in known.items()
                     if where == "query" and parameter.get("required")]
        return findings

    def request(self, about, exchange, ours):
        wanted = about.get("requestBody")
        if not wanted:
            return ["a body where there is none"] if exchange.request else []
        if exchange.status >= 400 and not ours:
            return []
        kind = exchange.request_type.split(";")[0]
        if kind not in wanted["content"]:
            return [f"request of type {kind!r}"]
        schema = self.resolve(wanted["content"][kind]["schema"])
        if not schema.get("properties"):
            return []  # the description leaves it open
        if kind == "application/x-www-form-urlencoded":
            return self.value(schema, dict(urllib.parse.parse_qsl(exchange.request.decode(), keep_blank_values=True)), "request")
        return self.body(schema, exchange.request, "request")

    def answer(self, about, exchange):
        wanted = about["responses"].get(str(exchange.status))
        if wanted is None:
            return [f"answered {exchange.status}, the description knows {sorted(about['responses'])}"]
        if "content" not in wanted:
            return ["a body where there is none"] if exchange.answer else []
        kind = exchange.answer_type.split(";")[0]
        if kind not in wanted["content"]:
            return [f"answer of type {kind!r}"]
        return self.body(wanted["content"][kind]["schema"], exchange.answer, "answer")

    def missing(self, schema, value, where):
        """Twilio says null where it has nothing to say: what may be null is there."""
        return [f"{where}: {name} is missing" for name, each in schema.get("properties", {}).items()
                if name not in value and self.resolve(each).get("nullable")] if where.startswith("answer") else []

    def body(self, schema, content, where):
        try:
            return self.value(schema, json.loads(content), where)
        except ValueError as error:
            return [f"{where}: {error}"]

    def value(self, schema, value, where):
        """Findings about one value, whole depth."""
        schema = self.resolve(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where}: null"]
        kind = schema.get("type", "object" if "properties" in schema else None)
        if not of_type(kind, value):
            return [f"{where}: {json.dumps(value)[:60]} is not of type {kind}"]
        if isinstance(value, dict):
            return self.members(schema, value, where)
        if isinstance(value, list):
            findings = []
            if len(value) < schema.get("minItems", 0) or len(value) > schema.get("maxItems", len(value)):
                findings.append(f"{where}: {len(value)} items")
            for index, each in enumerate(value):
                findings += self.value(schema.get("items", {}), each, f"{where}[{index}]")
            return findings
        return scalar(schema, value, where)

    def members(self, schema, value, where):
        known = schema.get("properties", {})
        findings = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        findings += self.missing(schema, value, where)
        for name, each in value.items():
            if name in known:
                findings += self.value(known[name], each, f"{where}.{name}")
            elif known:
                findings.append(f"{where}.{name}: not in the description")
        return findings


def of_type(kind, value):
    if kind is None:
        return True
    if kind in ("integer", "number"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (kind == "number" and isinstance(value, float))
    return isinstance(value, TYPES[kind])


def as_typed(schema, text):
    return int(text) if schema.get("type") == "integer" and text.isdigit() else text


def scalar(schema, value, where):
    findings = []
    if "enum" in schema and value not in schema["enum"]:
        findings.append(f"{where}: {value!r} is none of {schema['enum']}")
    if not isinstance(value, str):
        return findings
    if len(value) < schema.get("minLength", 0) or len(value) > schema.get("maxLength", len(value)):
        findings.append(f"{where}: {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        findings.append(f"{where}: {value!r} does not match {schema['pattern']}")
    try:
        right = FORMATS.get(schema.get("format"), lambda text: True)(value)
    except ValueError:
        right = False
    if not right:
        findings.append(f"{where}: {value!r} is not a {schema['format']}")
    return findings


def is_portability(answer):
    """"Not portable" comes with status 400 at times, in the shape of an answer."""
    try:
        return "portable" in json.loads(answer)
    except (ValueError, TypeError):
        return False


def refusal(exchange):
    """Twilio's errors all have one shape, which the description does not tell."""
    try:
        body = json.loads(exchange.answer)
    except ValueError:
        return [f"answered {exchange.status} with something that is not JSON"]
    wrong = [name for name, kind in (("code", int), ("message", str), ("more_info", str), ("status", int))
             if not isinstance(body.get(name), kind)]
    findings = [f"error: {name} is missing or of another type" for name in wrong]
    if not wrong and body["status"] != exchange.status:
        findings.append(f"error: says status {body['status']}, is {exchange.status}")
    return findings


class Nonsense(dict):
    """What stands in an answer that was spoiled."""

    def __init__(self):
        super().__init__(spoiled=True)


def places(value, where=()):
    """The ways to every value, whole depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*where, key)
        yield from places(each, (*where, key))


def spoiled(exchange):
    """The exchange with one value of its answer made nonsense, for each value; with a member too many; and with a status that it
    should not have."""
    try:
        body = json.loads(exchange.answer)
    except ValueError:
        body = None
    yield "status", dataclasses.replace(exchange, status=299)
    for way in places(body) if body else ():
        changed = copy.deepcopy(body)
        at = changed
        for key in way[:-1]:
            at = at[key]
        at[way[-1]] = Nonsense()
        yield ".".join(map(str, way)), dataclasses.replace(exchange, answer=json.dumps(changed).encode())
    if isinstance(body, dict) and exchange.status < 300:
        yield "member too many", dataclasses.replace(exchange, answer=json.dumps({**body, "spoiled": 1}).encode())
