"""Pages beside the number of requests in the database, and how long Portdesk takes to start on it."""
import os
import time

import frame
import load
import seed


def memory(pid):
    """Proportional memory of a process and its children, in MiB: pages that they share are counted once."""
    pids, total = [pid], 0
    for each in pids:
        with open(f"/proc/{each}/smaps_rollup", encoding="ascii") as lines:
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        for thread in os.listdir(f"/proc/{each}/task"):
            with open(f"/proc/{each}/task/{thread}/children", encoding="ascii") as children:
                pids += map(int, children.read().split())
    return total / 1024


def timed_start(program):
    began = time.monotonic()
    program.start()
    return time.monotonic() - began


class Sized(frame.Desk):
    """A desk with so many requests; its large customer has a tenth of them."""

    def __init__(self, count):
        super().__init__(f"bench-{count}")
        self.count = count

    def prepare(self):
        self.start()
        self.team = self.sign_in("porting_team")
        self.portdesk.stop()
        database = seed.Sqlite(self.data / "portdesk.db")
        self.customer = seed.customers(database, 1)[0]
        self.found = seed.requests(database, self.customer, self.count)
        self.started = timed_start(self.portdesk)
        return self

    def pages(self):
        """Name -> the requests that are sent in turn."""
        mine = f"portdesk={self.customer.token}"
        team = self.team.cookie_header()["Cookie"]

        def get(cookie, paths):
            return [load.request(self.origin, "GET", path, cookie) for path in paths]
        numbers = [e164[2:] for _, e164 in self.found]
        return {
            "request page": get(mine, [f"/requests/{one}" for one, _ in self.found]),
            "number look-up": get(mine, [f"/requests?q={number}" for number in numbers]),
            "number look-up, last four": get(mine, [f"/requests?q={number[-4:]}" for number in numbers]),
            "list of ports": get(mine, ["/requests"]),
            "list of ports, your turn": get(mine, ["/requests?show=mine"]),
            "inventory": get(mine, ["/numbers"]),
            "porting team: queue": get(team, ["/requests"]),
            "porting team: all": get(team, ["/requests?show=all"]),
            "porting team: number look-up": get(team, [f"/requests?show=all&q={number}" for number in numbers]),
        }


def report_all(report, sizes, seconds):
    report.begin("Pages beside the number of requests", "  one client; the ratio is of the time to half of the answers, to that at the "
                 "number before")
    medians, starts, previous = {}, [], 0
    for count in sizes:
        desk = Sized(count)
        try:
            desk.prepare()
            starts.append((count, desk.started, memory(desk.portdesk.process.pid)))
            for name, wires in desk.pages().items():
                figures = load.run(desk.port, 1, seconds, wires, pid=desk.portdesk.process.pid)
                before = medians.get(name)
                medians[name] = figures["p50_us"]
                ratio = figures["p50_us"] / before if before else None
                report.add(f"{name}, {count:,} requests", 1, figures, ratio, f"at {previous:,}", "like log n" if before else "")
            previous = count
        finally:
            desk.stop()
    report.begin("Start and memory")
    for count, started, size in starts:
        report.say(f"start on {count:,} requests", f"{started:6.2f} s" + (" (wanted: under 1 s)" if count >= 1000000 else ""), started)
        report.say(f"memory at rest with {count:,} requests", f"{size:6.1f} MiB (wanted: under 30)", size)
