"""A browser without JavaScript, as small as the tests need: cookies, redirects, links and forms with every hidden field
that the page carries. A test says what a person types; names of hidden fields do not concern it."""
import html.parser
import http.client
import re
import secrets
import urllib.parse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use", "path"}


class Form:
    def __init__(self, page, attributes):
        self.page = page
        self.id = attributes.get("id")
        self.action = attributes.get("action") or page.url
        self.method = attributes.get("method", "get").upper()
        self.multipart = attributes.get("enctype") == "multipart/form-data"
        self.in_main = False
        self.fields = []   # [name, value] in the order of the page
        self.choices = {}  # name -> values that a radio, checkbox or select offers
        self.files = set()
        self.buttons = []  # attributes, with the text as "label"

    def names(self):
        return [name for name, _ in self.fields]

    def value(self, name):
        return next((value for key, value in self.fields if key == name), None)

    def set(self, name, value):
        """Fills one field. A field, choice or file input of that name must be on the page."""
        if name not in self.names() and name not in self.choices and name not in self.files:
            known = sorted({*self.names(), *self.choices, *self.files})
            raise AssertionError(f"{self.page.url}: no field {name!r} in the form {self.action} (it has {known})")
        self.fields = [field for field in self.fields if field[0] != name]
        for each in value if isinstance(value, list) else [value]:
            self.fields.append([name, each])
        return self

    def prepare(self, button=None, **values):
        """What a browser would send for the button of that name, value or label (by default the first): method, address,
        body, headers. A file is given as (file name, bytes, type)."""
        for name, value in values.items():
            self.set(name, value)
        fields = [tuple(field) for field in self.fields]
        action, method = self.action, self.method
        pressed = self.button(button)
        if pressed:
            if pressed.get("name"):
                fields.append((pressed["name"], pressed.get("value", "")))
            action = pressed.get("formaction", action)
            method = pressed.get("formmethod", method).upper()
        url = urllib.parse.urljoin(self.page.url, action)
        if method == "GET":
            return method, urllib.parse.urlsplit(url)._replace(query=urllib.parse.urlencode(fields)).geturl(), None, {}
        body, kind = (multipart if self.multipart else urlencoded)(fields)
        return method, url, body, {"Content-Type": kind, "Origin": self.page.browser.origin}

    def submit(self, button=None, **values):
        """Sends the form as a browser does, and follows where the answer leads."""
        return self.page.browser.request(*self.prepare(button, **values))

    def button(self, wanted):
        if wanted is None:
            return self.buttons[0] if self.buttons else None
        for button in self.buttons:
            if wanted in (button.get("name"), button.get("value"), button["label"].strip()) or \
                    button.get("formaction", "").endswith(wanted):
                return button
        raise AssertionError(f"{self.page.url}: no button {wanted!r} (there are {[b['label'] for b in self.buttons]})")


def urlencoded(fields):
    return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"


def multipart(fields):
    boundary = "----portdesk" + secrets.token_hex(12)
    body = bytearray()
    for name, value in fields:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if isinstance(value, tuple):
            file_name, content, kind = value
            quoted = file_name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            body += f'; filename="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'.encode() + content
        else:
            body += b"\r\n\r\n" + (value if isinstance(value, bytes) else str(value).encode())
        body += b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body), f"multipart/form-data; boundary={boundary}"


class Reader(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open = []
        self.form = self.select = self.textarea = self.button = self.link = None
        self.text = []
        self.by_id = {}

    def attach(self, attributes):
        """The form an element belongs to: the one around it, or that of its form attribute."""
        if "form" in attributes:
            return self.by_id.setdefault(attributes["form"], Form(self.page, {}))
        return self.form

    def handle_starttag(self, tag, pairs):
        attributes = {name: value or "" for name, value in pairs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "form":
            known = self.by_id.get(attributes.get("id"))
            self.form = known or Form(self.page, attributes)
            if known:  # a field before it named it by its form attribute
                fresh = Form(self.page, attributes)
                known.action, known.method, known.multipart = fresh.action, fresh.method, fresh.multipart
                known.id = fresh.id
            if attributes.get("id"):
                self.by_id[attributes["id"]] = self.form
            self.form.in_main = "main" in self.open
            self.page.forms.append(self.form)
        elif tag == "a" and "href" in attributes:
            self.link = [attributes["href"], ""]
        form = self.attach(attributes)
        if form is None or "disabled" in attributes:
            return
        name = attributes.get("name")
        if tag == "input":
            self.input(form, name, attributes)
        elif tag == "select":
            self.select = (form, name, [], [])
        elif tag == "option" and self.select:
            self.select[2].append(attributes.get("value", ""))
            if "selected" in attributes:
                self.select[3].append(attributes.get("value", ""))
        elif tag == "textarea":
            self.textarea = (form, name, [])
        elif tag == "button" and attributes.get("type", "submit") == "submit":
            attributes["label"] = ""
            form.buttons.append(attributes)
            self.button = attributes

    @staticmethod
    def input(form, name, attributes):
        kind = attributes.get("type", "text")
        if kind == "submit":
            form.buttons.append({**attributes, "label": attributes.get("value", "")})
        elif not name:
            return
        elif kind == "file":
            form.files.add(name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(attributes.get("value", "on"))
            if "checked" in attributes:
                form.fields.append([name, attributes.get("value", "on")])
        elif kind not in ("button", "reset", "image"):
            form.fields.append([name, attributes.get("value", "")])

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            form, name, offered, chosen = self.select
            self.select = None
            if name:
                form.choices[name] = offered
                form.fields.append([name, (chosen or offered or [""])[0]])
        elif tag == "textarea" and self.textarea:
            form, name, parts = self.textarea
            self.textarea = None
            if name:
                form.fields.append([name, "".join(parts).removeprefix("\n")])
        elif tag == "button":
            self.button = None
        elif tag == "a" and self.link:
            self.page.links.append((self.link[0], " ".join(self.link[1].split())))
            self.link = None

    def handle_data(self, data):
        if self.textarea:
            self.textarea[2].append(data)
            return
        if self.open and self.open[-1] in ("script", "style"):
            return
        if self.button is not None:
            self.button["label"] += data
        if self.link:
            self.link[1] += data
        self.text.append(data)


class Page:
    def __init__(self, browser, url, status, headers, body):
        self.browser, self.url, self.status, self.headers, self.body = browser, url, status, headers, body
        self.forms, self.links = [], []
        self.text = ""
        if headers.get("Content-Type", "").startswith("text/html"):
            reader = Reader(self)
            reader.feed(body.decode("utf-8"))
            reader.close()
            self.text = " ".join("".join(reader.text).split())

    @property
    def path(self):
        parts = urllib.parse.urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def form(self, wanted=None):
        """The form with that id, or which has a field or file of that name, or whose action contains the word; by default
        the first form of the page's main part."""
        tests = [lambda form: wanted == form.id,
                 lambda form: wanted in form.names() or wanted in form.choices or wanted in form.files,
                 lambda form: wanted in form.action] if wanted else [lambda form: form.in_main]
        for fits in tests:
            for form in self.forms:
                if fits(form):
                    return form
        raise AssertionError(f"{self.url}: no form {wanted!r}; it has {[f.action for f in self.forms]}: {self.text[:300]}")

    def follow(self, label):
        """Follows the first link with that label, or whose address contains it."""
        for address, text in self.links:
            if label == text or label in address:
                return self.browser.get(urllib.parse.urljoin(self.url, address))
        raise AssertionError(f"{self.url}: no link {label!r}; it has {self.links}")


class Browser:
    """One person's browser: keeps cookies and one connection."""

    def __init__(self, origin, timeout=60):
        self.origin = origin
        self.timeout = timeout
        self.cookies = {}
        self.connection = None
        self.connected_to = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def get(self, url, headers=None):
        return self.request("GET", url, None, headers or {})

    def post(self, url, fields, headers=None):
        """A POST without a page before it: what a program or an attacker sends."""
        body, kind = urlencoded(fields if isinstance(fields, list) else list(fields.items()))
        return self.request("POST", url, body, {"Content-Type": kind, "Origin": self.origin, **(headers or {})})

    def wire(self, method, url, body=None, headers=None):
        """The bytes of a whole request, for the load generator."""
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(self.origin, url))
        lines = [f"{method} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in {**(headers or {}), **self.cookie_header()}.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + (body or b"")

    def cookie_header(self):
        if not self.cookies:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def request(self, method, url, body=None, headers=None, redirects=10):
        url = urllib.parse.urljoin(self.origin, url)
        status, answer, content = self.once(method, url, body, headers or {})
        while status in (301, 302, 303, 307, 308) and redirects and "Location" in answer:
            redirects -= 1
            url = urllib.parse.urljoin(url, answer["Location"])
            if status in (301, 302, 303):
                method, body, headers = "GET", None, {}
            status, answer, content = self.once(method, url, body, headers or {})
        return Page(self, url, status, answer, content)

    def once(self, method, url, body, headers):
        """One request and its answer: status, headers, bytes. A kept connection that the server closed is opened anew,
        for a GET only."""
        parts = urllib.parse.urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self.connected_to != parts.netloc:
            self.close()
        fresh = self.connection is None
        if fresh:
            self.connection = http.client.HTTPConnection(parts.netloc, timeout=self.timeout)
            self.connected_to = parts.netloc
        sent = {**headers, **self.cookie_header()}
        try:
            self.connection.request(method, target, body, sent)
            answer = self.connection.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError):
            self.close()
            if fresh or method != "GET":
                raise
            return self.once(method, url, body, headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            gone = re.search(r"max-age=0\b", rest, re.I)
            if gone or not value:
                self.cookies.pop(name.strip(), None)
            else:
                self.cookies[name.strip()] = value
        if answer.will_close:
            self.close()
        return answer.status, answer.headers, content
