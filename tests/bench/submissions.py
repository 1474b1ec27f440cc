"""Durable submissions: what pressing Submit on the last page of the wizard takes, beside a bare loop over SQLite and the peer."""
import json
import os
import re
import secrets
import shutil
import signal
import subprocess

import frame
import journey
import load
import peer
import seed

CUSTOMERS = 64
BARE = frame.BUILD / "tests/bench/bench-bare"
COUNTS = {1: 60, 16: 300, 64: 700}  # submissions for each second of measuring


class Desk(frame.Desk):
    """A desk whose drafts are made by SQL. Its carrier is silent while it is measured: it is somebody else's server, and what a
    submission leaves to do there is done by jobs, which wait."""
    store = None  # seed.Sqlite or seed.Postgres

    def prepare(self):
        """Starts, has a person fill in one draft, stops, signs customers in, starts again."""
        self.start()
        self.store = self.store or seed.Sqlite(self.data / "portdesk.db")
        person = self.sign_in("owner")
        page = journey.review(person, [journey.number()])
        self.template = re.search(r"pr_[0-9a-f]+", page.url)[0]
        self.acknowledged = page.form("wizard").choices["acknowledged"]
        self.restart(lambda: seed.customers(self.store, CUSTOMERS))
        return self

    def end(self):
        """Stops Portdesk. The calls that wait for the silent carrier are let end, once no further job is begun."""
        said = self.portdesk.log.stat().st_size
        self.portdesk.process.terminate()
        frame.wait_for("portdesk to begin no more jobs", lambda: b"serve.ending" in self.portdesk.log.read_bytes()[said:])
        os.kill(self.sandbox.process.pid, signal.SIGCONT)
        self.portdesk.stop()

    def restart(self, meanwhile):
        """Does something to the database while nobody serves it."""
        self.end()
        got = meanwhile()
        os.kill(self.sandbox.process.pid, signal.SIGSTOP)
        self.portdesk.start()
        if not hasattr(self, "customers"):
            self.customers = got
            self.csrf = {customer.token: load.csrf_of(self.origin, self.port, customer) for customer in got}
        return got

    def drafts(self, count, first):
        """So many drafts of the customers, all that a person would have typed typed."""
        made = self.restart(lambda: seed.drafts(self.store, self.template, self.customers, count, first))
        account = [(name, journey.TYPED[name]) for name in ("account_name", "account_type", "account_number", "pin")]
        load.run(self.port, 64, 60, [post(self, draft, "steps/4", [
            *account, ("pin_when", "now"), ("btn", draft.number), ("go", "next")]) for draft in made], once=True)
        return made

    def submissions(self, drafts):
        return [submission(self, self.acknowledged, draft) for draft in drafts]

    def stop(self):
        if self.portdesk.running():
            self.end()
        super().stop()


def post(server, draft, action, fields):
    """What a form of a draft's page sends to Portdesk or the peer."""
    token = draft.customer.token
    return load.request(server.origin, "POST", f"/requests/{draft.id}/{action}", f"portdesk={token}",
                        [*fields, ("key", secrets.token_urlsafe(16))], server.csrf[token])


def submission(server, acknowledged, draft):
    return post(server, draft, "submit", [("wished_date", ""), *(("acknowledged", each) for each in acknowledged)])


def copy_of(desk, name):
    """A copy of the database as it stands, made while nobody serves it."""
    copy = desk.directory / name
    for old in desk.directory.glob(name + "*"):
        old.unlink()
    desk.restart(lambda: shutil.copy(desk.store.path, copy))
    return copy


def bare(desk, database, drafts, group):
    file = desk.directory / "drafts"
    file.write_text("".join(f"{each.customer.account} {each.customer.user} {each.id} {each.number}\n" for each in drafts))
    done = subprocess.run([BARE, database, peer.STATEMENTS, file, f"{max(group, 1):.3f}"], stdout=subprocess.PIPE, text=True,
                          check=True)
    return json.loads(done.stdout)


def group_size(desk, before=(0, 0)):
    writes, commits = (load.metric(desk.port, f"portdesk_db_{name}_total") for name in ("writes", "commits"))
    return writes, commits, (writes - before[0]) / max(1, commits - before[1])


def measure(desk, clients, count, first):
    """One round: the product, the bare loop with the group size that the product reached, and the peer, each with the same drafts."""
    drafts = desk.drafts(count, first)
    for_bare, for_peer = copy_of(desk, "bare.db"), copy_of(desk, "peer.db")
    before = group_size(desk)
    ours = load.run(desk.port, clients, 60, desk.submissions(drafts), once=True, pid=desk.portdesk.process.pid)
    ours["group"] = group_size(desk, before)[2]
    loop = bare(desk, for_bare, drafts, ours["group"])
    with peer.Peer(for_peer, desk.customers) as other:
        wires = [submission(other, desk.acknowledged, draft) for draft in drafts]
        theirs = load.run(other.port, clients, 60, wires, once=True, pid=other.process.pid)
    return ours, loop, theirs


def report_all(report, desk, seconds):
    """All of it; gives back the peer's rate at 64 clients."""
    report.begin("Durable submissions on SQLite",
                 "  bare: the same statements in a C loop, as many to a commit as Portdesk reached; peer: bench/peer")
    theirs = {}
    for at, (clients, each) in enumerate(COUNTS.items()):
        ours, loop, theirs = measure(desk, clients, max(50, int(each * seconds)), (at + 1) * 100000)
        wanted = "0.7" if clients == 64 else ""
        report.add("Portdesk", clients, ours)
        report.add(f"bare loop, {ours['group']:.1f} to a commit", None, loop, ours["per_second"] / loop["per_second"], "bare",
                   wanted)
        report.add("peer", clients, theirs, ours["per_second"] / theirs["per_second"], "the peer's rate", "4")
        report.add("", None, None, ours["p99_us"] / theirs["p99_us"], "the peer's p99", "0.1")
    return theirs["per_second"]


def report_same_load(report, desk, seconds, rate):
    """Both at the rate that the peer could just hold: what the clients then wait."""
    report.begin("The same load for both", f"  {rate:.0f} submissions a second are due, whoever serves them")
    drafts = desk.drafts(max(50, int(rate * seconds)), 500000)
    for_peer = copy_of(desk, "peer.db")
    ours = load.run(desk.port, 64, 60, desk.submissions(drafts), once=True, rate=rate, pid=desk.portdesk.process.pid)
    with peer.Peer(for_peer, desk.customers) as other:
        wires = [submission(other, desk.acknowledged, draft) for draft in drafts]
        theirs = load.run(other.port, 64, 60, wires, once=True, rate=rate, pid=other.process.pid)
    report.add("Portdesk", 64, ours)
    report.add("peer", 64, theirs, ours["p99_us"] / theirs["p99_us"], "the peer's p99", "0.1")


def report_reads(report, desk, seconds):
    """The request page and the list, of customers with about a hundred requests each."""
    report.begin("Reads on SQLite", "  the request's page and the list of ports, in turn for 64 customers")
    submitted = "SELECT account, min(id) FROM port_request WHERE status = 'in_review' GROUP BY account"
    if not desk.store.rows(submitted):  # this part alone was asked for
        load.run(desk.port, 16, 60, desk.submissions(desk.drafts(100 * CUSTOMERS, 700000)), once=True)
    found = desk.store.rows(submitted)
    tokens = {customer.account: customer.token for customer in desk.customers}
    paths = {"request page": [(account, f"/requests/{one}") for account, one in found if account in tokens],
             "list of ports": [(account, "/requests") for account in tokens]}
    with peer.Peer(copy_of(desk, "peer.db"), desk.customers) as other:
        for name, pages in paths.items():
            for clients in (1, 16, 64):
                ours, theirs = ({}, {})
                for server, pid in ((desk, desk.portdesk.process.pid), (other, other.process.pid)):
                    wires = [load.request(server.origin, "GET", path, f"portdesk={tokens[account]}") for account, path in pages]
                    figures = load.run(server.port, clients, seconds, wires, pid=pid)
                    ours, theirs = (figures, theirs) if server is desk else (ours, figures)
                report.add(f"{name}: Portdesk", clients, ours)
                report.add(f"{name}: peer", clients, theirs, ours["per_second"] / theirs["per_second"], "the peer's rate", "4")
                report.add("", None, None, ours["p99_us"] / theirs["p99_us"], "the peer's p99", "0.1")
            figures = {}
            for server, pid in ((desk, desk.portdesk.process.pid), (other, other.process.pid)):
                wires = [load.request(server.origin, "GET", path, f"portdesk={tokens[account]}") for account, path in pages]
                figures[server] = load.run(server.port, 64, seconds, wires, rate=theirs["per_second"], pid=pid)
            report.add(f"{name} at the peer's rate: Portdesk", 64, figures[desk])
            report.add(f"{name} at the peer's rate: peer", 64, figures[other],
                       figures[desk]["p99_us"] / figures[other]["p99_us"], "the peer's p99", "0.1")
