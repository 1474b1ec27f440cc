"""Walks at random through the lives of requests, with real programs: the carrier steps, jumps, refuses, forgets and comes back; its webhooks are
lost, doubled, late, reordered and forged; its calls fail in all ways; people sign, correct and cancel; both programs are killed, at failpoints
and at any moment. Then the carrier is left in peace, and the desk must come to stand where the carrier stands: number by number, and for
the request as a whole.

Walks go in batches that share the programs and the clock. All that is done follows from the seed, the batch and the walk: one walk alone
does again what it did among the others."""
import http.client
import json
import random
import re
import threading
import time

import database
import frame
import journey
from browser import Browser

LOST = (http.client.HTTPException, OSError)
BATCH = 25
CUSTOMERS = ("owner", "admin", "agent")  # each fills in one request at a time
ROUNDS = 12
PEACE_SECONDS = 90  # of real time that the desk has to come to rest

# How the carrier's words are the desk's. What is under way ends with the request.
STATUS = {"in_review": "in_review", "waiting_for_signature": "waiting_for_signature", "port_submitted": "submitted",
          "port_pending": "pending", "port_rejected": "rejected", "canceling": "canceling", "completed": "completed",
          "canceled": "canceled"}
RANK = ["in_review", "waiting_for_signature", "submitted", "pending"]
ENDS = {"completed", "canceled", "expired", "not_portable"}
REASONS = ["CONTACT_SUPPORT_REQUIRED", "PHONE_NUMBER_WITH_CARRIER_RESTRICTION", "PHONE_NUMBER_INACTIVE_OR_DISCONNECTED",
           "INVALID_END_USER_NAME", "INVALID_ADDRESS", "INVALID_PIN", "INVALID_ACCOUNT_NUMBER", "THE_DOG_ATE_IT"]
DESK_FAILPOINTS = ["carrier-before-call", "carrier-during-call", "carrier-after-answer", "document-after-upload", "job-before-commit",
                   "job-after-commit", "sync-before-commit", "sync-after-commit", "write-before-commit", "write-after-commit",
                   "submit-before-commit", "submit-after-commit"]
CARRIER_FAILPOINTS = ["sandbox-before-effect", "sandbox-before-answer", "sandbox-in-event", "sandbox-after-delivery"]


def roll_up(statuses):
    """The request's status from its numbers'."""
    if "rejected" in statuses:
        return "action_required"
    under_way = [status for status in statuses if status not in ENDS]
    if under_way:
        if len(set(under_way)) == 1:
            return under_way[0]
        if {"submitted", "pending"} & set(under_way):
            return "in_progress"
        return min(under_way, key=lambda status: RANK.index(status) if status in RANK else len(RANK))
    if set(statuses) == {"completed"}:
        return "completed"
    if "completed" in statuses:
        return "partly_completed"
    return statuses[0] if len(set(statuses)) == 1 else "canceled"


class Walk:
    def __init__(self, seed, index):
        self.index = index
        self.random = random.Random(f"{seed}/walk {index}")
        first = index * 3
        self.numbers = [f"+1415{300 + at // 9000:03}{1000 + at % 9000:04}" for at in range(first, first + self.random.choice([1, 1, 2, 3]))]
        self.address = None
        self.done = []  # what was done, for who looks for a reason
        self.problem = None

    @property
    def id(self):
        return self.address.rpartition("/")[2]

    def scenarios(self):
        """What the carriers do with its numbers beside all else."""
        knobs = [{"spelling": self.random.choice(["title", "hyphens", "bare", "prefixed", "capitals"])}, {"strange_status": True},
                 {"firm_date": self.random.choice(["moved", "lost"])}, {"late_cancel": True}, {"dropped": True},
                 {"reject": self.random.choice(REASONS), "attempts": 1}, {"answer_days": 4}, {"letter_days": 3}, {"inventory_hours": 30}]
        return [{"name": f"walk {number}", "number_ends": number,
                 **{key: value for knob in self.random.sample(knobs, self.random.choice([0, 1, 1, 2])) for key, value in knob.items()}}
                for number in self.numbers]


class Walker:
    """Somebody who takes walks on: the browsers of a customer, of the porting team and of the signer."""

    def __init__(self, walks, who):
        self.walks = walks
        self.desk = walks.desk
        self.who = who
        self.customer = self.team = None
        self.outside = Browser(self.desk.sandbox_origin)

    def sign_in(self):
        self.customer, self.team = self.desk.sign_in(self.who), self.desk.sign_in("porting_team")

    def look_at(self, team, path):
        """A page for the customer or for the porting team; days may have passed since they signed in."""
        page = (self.team if team else self.customer).get(path)
        if not page.path.startswith("/sign-in"):
            return page
        self.sign_in()
        return (self.team if team else self.customer).get(path)

    def close(self):
        for browser in filter(None, (self.customer, self.team, self.outside)):
            browser.close()

    # What can happen. Each says what came of it.

    def port(self, walk):
        """The carrier's newest port with one of the numbers: sid, token of its letter."""
        rows = self.walks.carrier_rows("SELECT DISTINCT p.sid, p.sign_token, p.position FROM port p JOIN port_number n ON n.port_sid = p.sid "
                                       f"WHERE n.e164 IN ({','.join('?' * len(walk.numbers))}) ORDER BY p.position DESC", *walk.numbers)
        return rows[0][:2] if rows else (None, None)

    def json(self, path, body):
        page = self.outside.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return page.status

    def next(self, walk, sid, _token):
        return self.json(f"/control/api/ports/{sid}/advance", {})

    def expire(self, walk, sid, _token):
        return self.json(f"/control/api/ports/{sid}/expire", {})

    def answer(self, walk, sid, _token):
        reason = walk.random.choice(REASONS[:-1] + [""])
        return reason, self.json(f"/control/api/ports/{sid}/answer", {"reason": reason or None})

    def jump(self, walk, sid, _token):
        status = walk.random.choice(["in_review", "waiting_for_signature", "port_submitted", "port_pending", "port_rejected", "canceling",
                                     "port_pending", "port_submitted", "completed", "canceled"])
        asked = {"status": status, "reason": walk.random.choice(REASONS)}
        if walk.random.random() < 0.6:
            asked["phone_number"] = walk.random.choice(walk.numbers)
        return asked, self.json(f"/control/ports/{sid}/jump", asked)

    def sign(self, walk, _sid, token):
        page = self.outside.get(f"/sign/{token}")
        if page.status != 200 or not any("agree_letter" in form.choices for form in page.forms):
            return page.status
        return page.form("agree_letter").submit(agree_letter="yes", agree_electronic="yes", signature="Dana Whitfield").status

    def decline(self, walk, sid, _token):
        return self.json(f"/control/api/ports/{sid}/decline", {"reason": "I know nothing of it"})

    def lie(self, walk, sid, _token):
        """Somebody who has learned the webhook's address tells lies."""
        url = self.walks.webhook()
        if not url:
            return None
        body = json.dumps({"port_in_request_sid": sid, "status": walk.random.choice(["completed", "canceled", "port_rejected", "nonsense"]),
                           "phone_number": walk.numbers[0], "last_date_updated": "2031-01-01T00:00:00Z"}).encode()
        headers = {"Content-Type": "application/json"}
        if walk.random.random() < 0.5:
            headers["X-Twilio-Signature"] = "bm9ib2R5J3Mgc2lnbmF0dXJl"
        return self.customer.request("POST", url, body, headers).status

    def cancel(self, walk, _sid, _token):
        page = self.look_at(False, f"{walk.address}/cancel")
        if page.status != 200 or not any(form.in_main and form.action.endswith("/cancel") for form in page.forms):
            return f"{page.status} at {page.path}"
        return page.form("/cancel").submit().status

    def correct(self, walk, _sid, _token):
        """The customer sends it again, or else the porting team."""
        said = []
        for team in (False, True):
            page = self.look_at(team, f"{walk.address}/fix")
            forms = [form for form in page.forms if form.id == "fix"]
            said.append(f"{page.status} at {page.path}")
            if page.status != 200 or not forms:
                continue
            sent = forms[0].submit(pin=str(walk.random.randrange(100000, 999999)))
            if sent.status == 200 and not sent.path.endswith("/fix"):
                return "sent again"
            said.append(f"sent: {sent.status} at {sent.path}")
        return said

    ACTIONS = {"next": 6, "sign": 6, "jump": 3, "correct": 5, "answer": 2, "cancel": 1, "expire": 1, "decline": 1, "lie": 2}

    def act(self, walk):
        name = walk.random.choices(list(self.ACTIONS), list(self.ACTIONS.values()))[0]
        try:
            sid, token = self.port(walk)
            said = getattr(self, name)(walk, sid, token) if sid or name == "cancel" else "not at the carrier"
        except LOST as lost:  # one of the programs was killed meanwhile
            said = type(lost).__name__
            self.close()
        walk.done.append((name, said))

    def submit(self, walk):
        page = journey.review(self.customer, walk.numbers)
        request = journey.submission(page)
        for _ in range(20):
            try:
                status, headers, _ = self.customer.once(*request)
                if status == 303:
                    walk.address = headers["Location"]
                    return
            except LOST:
                self.customer.close()
            self.walks.revive()
        raise AssertionError(f"walk {walk.index} could not be submitted")


class Walks:
    """All walks on one engine."""

    def __init__(self, engine, seed):
        self.seed = seed
        self.desk = frame.Desk(f"walks-{engine}")
        self.programs = {"desk": self.desk.portdesk, "carrier": self.desk.sandbox}
        self.reviving = threading.Lock()
        self.walkers = []
        self.kills = {}
        self.faults = {}
        self.times = {}
        self.asked = {}  # what people did that went through
        self.ends = {}  # requests by status, when the carrier was left in peace and at the very end

    # The programs.

    def start(self):
        self.desk.start()
        self.walkers = [Walker(self, who) for who in CUSTOMERS]

    def stop(self):
        self.hang_up()
        self.desk.stop()

    def revive(self, failpoint=None, of=None):
        """Starts who is dead, with a failpoint in the program of that name, and waits for both."""
        with self.reviving:
            if of:
                self.programs[of].start({"PORTDESK_FAILPOINT": failpoint}, wait=False)
            for name, program in self.programs.items():
                frame.wait_for(f"{name} to answer, or to die where it should", lambda name=name, program=program: self.lives(program, name == of))

    @staticmethod
    def lives(program, mortal):
        """Whether it answers; it is started anew when it is dead, unless that is what it was started for."""
        try:
            if program.running():
                return program.answers()
        except AssertionError:
            pass  # it died while we looked: by a failpoint that it carried
        program.look()
        if not mortal:
            program.start(wait=False)
        return mortal

    def hang_up(self):
        """Connections may be of programs that have been killed."""
        for walker in self.walkers:
            walker.close()

    def carrier_rows(self, sql, *values):
        records = database.Sqlite(self.desk.directory / "sandbox/sandbox.db")
        try:
            return records.rows(sql, *values)
        finally:
            records.close()

    def webhook(self):
        rows = self.carrier_rows("SELECT url FROM webhook WHERE type = 'PORT_IN'")
        return rows[0][0] if rows else None

    def advance(self, seconds):
        """Moves the clock on; the carrier may die of what that makes due."""
        try:
            self.desk.advance(seconds)
        except LOST:
            self.revive()

    def script(self, body):
        """Posts it; the carrier must be there."""
        self.revive()
        self.hang_up()
        status = self.walkers[0].json("/control/script", body)
        if status != 204:
            raise AssertionError(f"the script was answered with {status}: {body}")

    def each(self, walks, work):
        """Does the work for each walk, a few at a time."""
        failures = []

        def go(at):
            for walk in walks:
                if walk.index % len(CUSTOMERS) == at:
                    try:
                        work(self.walkers[at], walk)
                    except Exception as failure:  # pylint: disable=broad-except
                        failures.append(failure)
                        return
        threads = [threading.Thread(target=go, args=(at,)) for at in range(len(CUSTOMERS))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    # A batch.

    def rules(self, rng):
        """What goes wrong of calls and webhooks, by chance."""
        rules = [{"at": "webhook", "chance": rng.choice([20, 40, 70])}]
        for place in ("create", "fetch", "list", "cancel", "portability", "upload", "configure", "inventory"):
            if rng.random() < 0.7:
                rules.append({"at": place, "chance": rng.choice([10, 25, 40])})
        return rules

    def kill(self, rng):
        """Plans the death of one of the two: at once, or at a failpoint."""
        side = rng.choice(["desk", "carrier"])
        names = DESK_FAILPOINTS if side == "desk" else CARRIER_FAILPOINTS
        name, count = rng.choice([None] + names), rng.randint(1, 4)
        moment = name or "any moment"
        self.kills[moment] = self.kills.get(moment, 0) + 1
        self.programs[side].kill()
        if name:
            self.revive(f"{name}:{count}", side)
        return side, name

    def batch(self, number, walks):
        rng = random.Random(f"{self.seed}/batch {number}")
        script = {"seed": rng.randrange(1 << 40), "scenarios": [], "faults": self.rules(rng)}
        # Of all walks of the batch, also when one goes alone.
        everybody = [Walk(self.seed, index) for index in range(number * BATCH, (number + 1) * BATCH)]
        for walk in everybody:
            chosen = walk.scenarios()
            script["scenarios"] += [each for each in chosen if len(each) > 2]
        for walk in walks:
            walk.scenarios()  # its chance goes on from here
        self.script(script)
        began = time.monotonic()
        for walker in self.walkers:
            walker.sign_in()
        self.each(walks, lambda walker, walk: walker.submit(walk))
        self.took("submitting", began)
        self.advance(5)
        began = time.monotonic()
        for _ in range(ROUNDS):
            killed = self.kill(rng) if rng.random() < 0.35 else None
            if killed is None or killed[1] is None:
                self.revive()
            self.hang_up()
            self.each(walks, lambda walker, walk: walker.act(walk))
            time.sleep(rng.choice([0, 0.1, 0.4]))  # how far the desk comes before the next round, or the next kill
            self.revive()
            self.advance(rng.choice([1, 30, 700, 4000, 90000]))
        self.took("rounds", began)
        began = time.monotonic()
        self.peace(walks, script)
        self.took("peace", began)

    def took(self, what, began):
        self.times[what] = self.times.get(what, 0) + time.monotonic() - began

    # Peace.

    def peace(self, walks, script):
        for program in self.programs.values():
            if program.running():
                program.kill()  # with the failpoint that it may still carry
        self.revive()
        self.count_faults()
        self.script({**script, "faults": []})
        self.come_to_rest(walks, "while the ports are under way")
        self.count_ends("under way", walks)
        self.each(walks, lambda walker, walk: walk.random.random() < 0.5 and walk.done.append(("last", walker.sign(walk, *walker.port(walk)))))
        for _ in range(6):
            self.advance(8 * 86400)
            self.come_to_rest(walks, "in the end")
        self.count_ends("in the end", walks)

    def count_ends(self, when, walks):
        counts, found = self.ends.setdefault(when, {}), self.found(walks)
        for walk in walks:
            status = found[walk.id][1]
            counts[status] = counts.get(status, 0) + 1
            for name, said in walk.done if when == "in the end" else []:
                if name in ("correct", "cancel") and said in (200, "sent again"):
                    self.asked[name] = self.asked.get(name, 0) + 1

    def count_faults(self):
        for body, in self.carrier_rows("SELECT body FROM fault"):
            does = json.loads(body)["does"]
            self.faults[does] = self.faults.get(does, 0) + 1

    def wanted(self, walks):
        """Where the carrier stands with each number."""
        ours = {number for walk in walks for number in walk.numbers}
        wanted = {}
        for e164, status, is_open, portable, request in self.carrier_rows(
                "SELECT n.e164, n.status, n.is_open, n.portable, p.status FROM port_number n JOIN port p ON p.sid = n.port_sid "
                "WHERE n.e164 BETWEEN ? AND ? ORDER BY p.position", min(ours), max(ours)):
            unsigned = status == "waiting_for_signature" and not is_open and request == "Expired"
            wanted[e164] = "not_portable" if not portable else "expired" if unsigned else STATUS[status]
        return wanted

    def never_sent(self, walks):
        """Requests and numbers whose newest order never came to the carrier, whose newest port is of an order before it: a correction that was
        taken back before it was sent."""
        newest = dict(self.carrier_rows("SELECT n.e164, p.sid FROM port_number n JOIN port p ON p.sid = n.port_sid ORDER BY p.position"))
        records = database.connect(self.desk.database)
        try:
            known = {sid for sid, in records.rows("SELECT ref FROM carrier_ref")}
            unsent = records.rows("SELECT n.request, n.e164 FROM port_number n JOIN carrier_order o ON o.account = n.account AND o.id = n.carrier_order "
                                  "WHERE o.carrier_ref IS NULL AND o.phase = 'ended' AND n.request BETWEEN ? AND ?",
                                  min(walk.id for walk in walks), max(walk.id for walk in walks))
            return {(request, e164) for request, e164 in unsent if newest.get(e164) is None or newest[e164] in known}
        finally:
            records.close()

    def found(self, walks):
        """Where the desk stands: the numbers and the status of each request."""
        records = database.connect(self.desk.database)
        try:
            found = {id_: ({}, status) for id_, status in records.rows(
                "SELECT id, status FROM port_request WHERE id BETWEEN ? AND ?", min(walk.id for walk in walks), max(walk.id for walk in walks))}
            for id_, e164, status in records.rows("SELECT request, e164, status FROM port_number WHERE request BETWEEN ? AND ?",
                                                  min(found), max(found)):
                found[id_][0][e164] = status
            return found
        finally:
            records.close()

    def differing(self, walks):
        """The walks on which the two differ, with what is different."""
        carrier, desk, never_sent, differing = self.wanted(walks), self.found(walks), self.never_sent(walks), []
        for walk in walks:
            numbers, request = desk[walk.id]
            wanted = {number: carrier[number] for number in walk.numbers if number in carrier}
            for number in walk.numbers:
                if (walk.id, number) in never_sent and numbers[number] == "canceled" and any(name == "cancel" for name, _ in walk.done):
                    wanted[number] = "canceled"
            if numbers != wanted:
                differing.append((walk, f"the carrier has {wanted}, the desk {numbers}"))
            elif request != roll_up(list(wanted.values())):
                differing.append((walk, f"the numbers are {wanted}, but the request is {request}"))
        return differing

    def come_to_rest(self, walks, when):
        """The carrier does nothing more but what its clock brings; the desk has time to look."""
        left = [walk for walk in walks if not walk.problem]
        end = time.monotonic() + PEACE_SECONDS
        looks = 0
        while left:
            differing = self.differing(left)
            left = [walk for walk, _ in differing]
            if left and time.monotonic() > end:
                for walk, what in differing:
                    walk.problem = f"{when}: {what}; it went {walk.done}; request {walk.id}"
                return
            looks += 1
            if left and looks % 6 == 0:
                self.advance(700)  # past the desk's next look
            time.sleep(0.05)

    # The whole.

    def check(self):
        """What must hold of all of them at the end."""
        done = self.desk.command("doctor", "--deep", check=False)
        if done.returncode:
            raise AssertionError(f"doctor --deep ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        records = database.connect(self.desk.database)
        try:
            dead = records.rows("SELECT kind, subject, problem FROM job WHERE state = 'dead'")
        finally:
            records.close()
        duplicates = journey.carrier_duplicates(self.desk)
        if dead or duplicates:
            raise AssertionError(f"{duplicates} duplicates at the carrier; dead jobs: {dead}")
        for program in self.programs.values():
            program.look()


def plan(seed, count, only):
    """The walks by batch."""
    indices = [only] if only is not None else range(count)
    batches = {}
    for index in indices:
        batches.setdefault(index // BATCH, []).append(Walk(seed, index))
    return batches
