"""What a person's app does: one-time codes (RFC 6238), from the key that the page shows, at the time of the desk's clock."""
import base64
import datetime
import hashlib
import hmac
import re
import struct


def now(desk):
    """The desk's time in seconds since 1970."""
    told = desk.state()["now"]
    return datetime.datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp()


def code(key, seconds):
    secret = base64.b32decode(key.replace(" ", ""))
    mac = hmac.new(secret, struct.pack(">Q", int(seconds) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class App:
    """The app of one person; knows the key of a page that sets it up."""

    def __init__(self, desk, page):
        self.desk = desk
        self.key = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.body.decode())[1]

    def next(self):
        """A code that was not used: the next step's."""
        self.desk.advance(30)
        return code(self.key, now(self.desk))

    def wrong(self):
        at = now(self.desk)
        near = {code(self.key, at + step * 30) for step in range(-3, 6)}
        return next(f"{number:06d}" for number in range(20) if f"{number:06d}" not in near)


def set_up(desk, browser):
    """Turns two-step sign-in on for whoever is signed in there; the app and the recovery codes."""
    page = browser.get("/settings/security/code").form("/settings/security/begin").submit()
    app = App(desk, page)
    form = page.form("code")
    form.set("code", app.next())
    if "password" in form.names():
        form.set("password", desk.password)
    page = form.submit()
    codes = re.findall(r"<li><code>([0-9a-z-]{19})</code></li>", page.body.decode())
    if len(codes) != 10:
        raise AssertionError(f"{page.status} at {page.path}: {page.text[:500]}")
    return app, codes
