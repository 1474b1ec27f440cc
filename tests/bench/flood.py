"""A flood of sign-ins from many places at once, and what people who are signed in notice of it: pages at an even rate, without the flood and
with it."""
import concurrent.futures
import re

import frame
import load

FLOODERS = 64
TRIES = 20000   # more than a measurement can send: each from another address, for another person
PAGES_A_SECOND = 50
LIMIT_MS = 100


def tries(desk):
    """Sign-ins with wrong passwords, none of which the counts of tries hold back, so that each costs a hash."""
    page = load.ask(desk.port, load.request(desk.origin, "GET", "/sign-in"))
    visitor = re.search(r"portdesk-visitor=([\w-]+)", page)[1]
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    for i in range(TRIES):
        wire = load.request(desk.origin, "POST", "/sign-in", f"portdesk-visitor={visitor}",
                            [("email", f"guess{i}@flood.example"), ("password", "a wrong password"), ("next", "/")], csrf)
        yield wire.replace(b"\r\n", f"\r\nX-Forwarded-For: 198.{18 + i // 65536}.{i // 256 % 256}.{i % 256}\r\n".encode(), 1)


def report_all(report, seconds):
    report.begin("A flood of sign-ins", f"  the list of ports, {PAGES_A_SECOND} a second due, while {FLOODERS} clients post sign-ins without a pause")
    desk = frame.Desk("flood", {"web.trusted_proxies": "127.0.0.1"})
    try:
        desk.start()
        token = desk.sign_in("owner").cookies["portdesk"]
        page = [load.request(desk.origin, "GET", "/requests", f"portdesk={token}")]
        alone = load.run(desk.port, 8, seconds, page, rate=PAGES_A_SECOND)
        wires = list(tries(desk))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            flood = pool.submit(load.run, desk.port, FLOODERS, seconds + 2, wires, good_only=False)
            beside = load.run(desk.port, 8, seconds, page, rate=PAGES_A_SECOND)
            flooded = flood.result()
        report.add("pages alone", 8, alone)
        report.add("pages beside the flood", 8, beside, beside["p99_us"] / alone["p99_us"], "their p99 alone")
        report.add("the flood's own answers", FLOODERS, flooded)
        report.say("99 of 100 pages beside the flood within", f"{beside['p99_us'] / 1000:.1f} ms (wanted: {LIMIT_MS} ms)",
                   beside["p99_us"] / 1000)
    finally:
        desk.stop()
