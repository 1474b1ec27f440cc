"""The ways through the product that several tests take, as a person without JavaScript goes them: by links and forms."""
import itertools
import os
import threading

import frame

PORTS = "/requests"
SAMPLE_BILL = frame.EXAMPLES / "sample-bill.pdf"

# What stands on the sample bill; a test overrides what it is about.
TYPED = {
    "carrier": "Verizon", "account_name": "Harbor Lane Realty LLC", "account_type": "business",
    "account_number": "942118306-00001", "owner_name": "Dana Whitfield", "owner_email": "dana@harborlane.example",
    "street": "1180 Fillmore St", "unit": "Ste 4", "city": "San Francisco", "state": "CA", "zip": "94115",
    "pin": "482913", "bill": "sample-bill.pdf", "wished_date": "",
}
_serial = itertools.count(int(os.environ.get("PORTDESK_FIRST_NUMBER", "0")))
_lock = threading.Lock()


def number():
    """A number of San Francisco that no test has used in this run; none whose ending means something to the sandbox."""
    with _lock:
        while True:
            serial = next(_serial)
            if not 140 <= serial % 10000 <= 199:
                return f"+1415{220 + serial // 10000:03}{serial % 10000:04}"


def start(person):
    """Presses New port request; the wizard's first page."""
    page = person.get(PORTS)
    for form in page.forms:
        if form.in_main and form.method == "POST" and form.action.startswith(PORTS):
            return form.submit()
    raise AssertionError(f"{page.url}: no form starts a request: {[form.action for form in page.forms]}")


def at_step(page, step):
    """The form of a step of the wizard, which the page must show."""
    if page.status != 200 or not page.path.endswith(f"/steps/{step}"):
        raise AssertionError(f"wanted step {step}, got {page.status} at {page.path}: {page.text[:1500]}")
    return page.form("wizard")


def review(person, numbers, **typed):
    """Walks through the wizard to its last page."""
    typed = {**TYPED, **typed}
    page = start(person)
    page = at_step(page, 1).submit("next", carrier=typed["carrier"], numbers="\n".join(numbers))
    page = at_step(page, 2).submit("next")
    bill = (typed["bill"], SAMPLE_BILL.read_bytes(), "application/pdf")
    page = at_step(page, 3).submit("next", bill=bill, bill_confirmed="yes")
    account = {name: typed[name] for name in ("account_name", "account_type", "account_number")}
    account["btn"] = typed.get("btn", numbers[0])
    if typed["pin"]:
        account.update(pin=typed["pin"], pin_when="now")
    page = at_step(page, 4).submit("next", **account)
    page = at_step(page, 5).submit("next", owner_name=typed["owner_name"], owner_email=typed["owner_email"])
    page = at_step(page, 6).submit("next", **{name: typed[name] for name in ("street", "unit", "city", "state", "zip")})
    at_step(page, 7)
    return page


def submission(page):
    """What pressing Submit on the last page sends, every warning acknowledged."""
    form = page.form("wizard")
    return form.prepare("/submit", acknowledged=form.choices["acknowledged"])


def submit(person, numbers, **typed):
    """A whole request; its page."""
    page = person.request(*submission(review(person, numbers, **typed)))
    if page.status != 200 or "/steps/" in page.path:
        raise AssertionError(f"submitting {numbers}: {page.status} at {page.path}: {page.text[:1500]}")
    return page


def is_draft(page):
    return "/steps/" in page.path


def sign(desk, letter_number):
    """Opens the carrier's signing page of the newest port with that number, and signs."""
    port = frame.wait_for(f"a letter to sign for {letter_number}", lambda: signable(desk, letter_number))
    page = desk.browser(desk.sandbox_origin).get(port["sign_url"])
    form = page.form("agree_letter")
    page = form.submit(agree_letter="yes", agree_electronic="yes", signature=TYPED["owner_name"])
    if page.status != 200 or page.forms and page.forms[0].in_main:
        raise AssertionError(f"signing for {letter_number}: {page.status}: {page.text[:500]}")
    return port["port_in_request_sid"]


def signable(desk, letter_number):
    """The carrier's newest port of a number once its letter can be signed; hurries the review before."""
    ports = desk.carrier_ports(letter_number)
    if not ports:
        return None
    if ports[0]["port_in_request_status"].lower() != "waiting for signature":
        desk.control(f"ports/{ports[0]['port_in_request_sid']}/next")
        return None
    return ports[0] if ports[0].get("sign_url") else None


def status_on(person, address, wanted, desk=None, sid=None):
    """Waits until the request's page says so; with `sid`, lets the carrier take its next steps meanwhile."""
    def look():
        page = person.get(address)
        if page.status != 200:
            raise AssertionError(f"{address}: {page.status}")
        if wanted in page.text:
            return page
        if sid:
            desk.control(f"ports/{sid}/next")
        return None
    return frame.wait_for(f"{wanted!r} on {address}", look)


def port(desk, who="owner"):
    """The first journey: submit, sign, completed. The request's page."""
    person, mine = desk.sign_in(who), number()
    address = submit(person, [mine]).path
    sid = sign(desk, mine)
    return status_on(person, address, "Completed", desk, sid)


def reject_and_fix(desk, who="owner"):
    """The second journey: a wrong PIN is rejected, corrected, sent again, signed again, completed."""
    person, mine = desk.sign_in(who), number()
    address = submit(person, [mine], pin="0000").path
    sid = sign(desk, mine)
    page = status_on(person, address, "Action Required", desk, sid)
    page = page.follow("/fix") if not any("fix" in form.action for form in page.forms) else page
    page = page.form("pin").submit(pin="482913")
    if page.status != 200:
        raise AssertionError(f"correcting the PIN: {page.status} at {page.path}: {page.text[:1000]}")

    def corrected():
        newest = desk.carrier_ports(mine)[0]["port_in_request_sid"]
        if newest == sid:
            desk.control(f"ports/{sid}/next")  # the old order's cancel
        return newest != sid
    frame.wait_for("the corrected order", corrected)
    again = sign(desk, mine)
    return status_on(person, address, "Completed", desk, again)


def cancel(desk, who="owner"):
    """Submits and takes it back before the letter is signed."""
    person, mine = desk.sign_in(who), number()
    page = submit(person, [mine])
    address = page.path
    frame.wait_for("the carrier's port", lambda: desk.carrier_ports(mine))
    page = person.get(address).follow("/cancel").form("/cancel").submit()
    sid = desk.carrier_ports(mine)[0]["port_in_request_sid"]
    return status_on(person, address, "Canceled", desk, sid)


def carrier_numbers(desk):
    """Each number as often as the carrier has it in a port that was not canceled."""
    state = desk.state()
    if state["ports_count"] != len(state["ports"]):
        raise AssertionError(f"the carrier has {state['ports_count']} ports, more than it tells")
    return [each["phone_number"] for one in state["ports"] if one["port_in_request_status"] != "Canceled"
            for each in one["phone_numbers"]]


def carrier_duplicates(desk):
    return desk.state()["duplicates"]
