#!/usr/bin/env python3
"""Runs the suites, on SQLite and beside it on PostgreSQL, and adds up their counts: what script/test calls when everything is built. A suite
that finds no test fails; a skipped test counts as failed."""
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))

import postgres  # noqa: E402

BUILD = ROOT / "build-test"
LOGS = BUILD / "logs"
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$")
# Where a suite begins to tell of a failure, and where it ends: at the next line of its own.
WRONG = re.compile(r"^(FAILED|not ok|=====)")
END = re.compile(r"^(ok |Ran |--- |\d+ passed)")
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


def say(*words):
    print(*words, flush=True)


def cmocka_counts(test):
    """Passed and failed of one entry of meson's testlog.json. A cmocka program tells its own tests; another one is one."""
    text = test.get("stdout", "") + "\n" + test.get("stderr", "")
    planned = sum(map(int, re.findall(r"^\[=+\] .*?Running (\d+) test", text, re.M)))
    good = len(re.findall(r"^\[ +OK +\] ", text, re.M))
    if planned:
        failed = planned - good
        if test["result"] != "OK" and not failed:
            failed = 1  # a leak at the exit, say
        return good, failed
    if re.search(r"^\[=+\]", text, re.M):
        return 0, 1  # a cmocka program without a test
    return (1, 0) if test["result"] == "OK" else (0, 1)


class Lane:
    """Some suites on one engine, one after the other."""

    def __init__(self, name, ports, suites):
        self.name, self.suites = name, suites
        self.on_postgres = name == "postgres"
        self.logs = LOGS / "postgres" if self.on_postgres else LOGS
        self.logs.mkdir(parents=True, exist_ok=True)
        self.environment = {**os.environ, "PORTDESK_TEST_PORTS": ports, "PORTDESK_LOGS": str(self.logs), "PYTHONUNBUFFERED": "1"}
        self.environment.pop("PORTDESK_TEST_DATABASE", None)
        if not self.on_postgres:  # what knows of no engine runs once, in the lane that is shorter
            self.environment["PORTDESK_TEST_ONCE"] = "elsewhere"
        self.passed = self.failed = 0
        self.wrong = []  # what is said again at the end, where it is found
        self.seconds = {}

    def say(self, *words):
        say(f"{self.name:8}", *words)

    def meson(self, suite):
        """Runs one of meson's suites and returns (passed, failed)."""
        written = BUILD / "meson-logs" / f"{suite}.json"
        written.unlink(missing_ok=True)
        subprocess.run(["meson", "test", "-C", str(BUILD), "--no-rebuild", "--suite", suite, "--logbase", suite, "--num-processes",
                        str(max(1, os.cpu_count() // 2)), "--print-errorlogs"], env={**self.environment, **SANITIZERS}, check=False)
        if not written.exists():
            return 0, 0
        passed = failed = 0
        with written.open() as lines:
            for line in lines:
                test = json.loads(line)
                good, bad = cmocka_counts(test)
                passed, failed = passed + good, failed + bad
                if bad:
                    self.wrong.append(f"FAILED  {test['name']}: {bad}")
                    self.say(self.wrong[-1])
                    self.wrong += (test.get("stdout", "") + test.get("stderr", "")).splitlines()[-30:]
        written.unlink()  # its lines carry the whole environment
        written.with_suffix(".txt").replace(LOGS / f"{suite}.txt")
        return passed, failed

    def script(self, name, command):
        """Runs a program whose last line is its count; what it says is shown and kept."""
        with (self.logs / f"{name}.txt").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, errors="replace", env=self.environment)
            last, telling = "", False
            for line in process.stdout:
                log.write(line)
                self.say(line.rstrip("\n"))
                last = line.strip() or last
                telling = bool(WRONG.match(line)) or (telling and not END.match(line))
                if telling:
                    self.wrong.append(line.rstrip("\n"))
            code = process.wait()
        found = COUNT.match(last)
        if not found:
            self.wrong.append(f"FAILED  {name}: ended with {code} after: {last}")
            return 0, 1
        passed, failed = int(found[1]), int(found[2])
        return passed, failed or (1 if code else 0)

    # The suites. On PostgreSQL only what has a database of the product in it.

    def unit(self):
        """The C tests under the sanitizers: unit tests, the replay of every fuzz corpus, the bill reader in its cage (which is
        built without sanitizers in every build)."""
        return self.meson("database" if self.on_postgres else "unit")

    def integration(self):
        return self.script("integration", [sys.executable, "tests/integration/run.py"])

    def browser(self):
        return self.script("browser", ["node", "tests/browser/run.mjs"])

    def torture(self):
        return self.script("torture", [sys.executable, "script/torture", "--sample", "--engine", self.name])

    def run(self, wanted):
        wanted = [name for name in self.suites if name in wanted]
        if not wanted:
            return
        server = postgres.Cluster().create().start() if self.on_postgres else None
        if server:
            self.environment["PORTDESK_TEST_DATABASE"] = server.url
        try:
            for name in wanted:
                self.say(f"--- {name}")
                began = time.monotonic()
                good, bad = getattr(self, name)()
                if not good and not bad:
                    self.wrong.append(f"FAILED  {name}: found no test")
                    bad = 1
                self.seconds[name] = time.monotonic() - began
                self.say(f"--- {name}: {good} passed, {bad} failed in {self.seconds[name]:.0f} s")
                self.passed, self.failed = self.passed + good, self.failed + bad
        except BaseException:
            self.failed += 1
            raise
        finally:
            if server:
                server.remove()


SUITES = ("unit", "integration", "browser", "torture")


def lanes():
    """What runs beside each other: each a list of lanes that run one after the other. A browser waits more than it works, so the
    browsers of both engines have a row of their own."""
    beside = tuple(name for name in SUITES if name != "browser")
    return [[Lane("sqlite", "10000-14999", beside)], [Lane("postgres", "20000-24999", beside)],
            [Lane("sqlite", "15000-19999", ("browser",)), Lane("postgres", "25000-29999", ("browser",))]]


def main():
    wanted = sys.argv[1:] or SUITES
    if not set(wanted) <= set(SUITES):
        sys.exit(f"usage: script/test [{'|'.join(SUITES)}]")
    LOGS.mkdir(parents=True, exist_ok=True)
    rows = lanes()
    threads = [threading.Thread(target=lambda row=row: [lane.run(wanted) for lane in row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    all_lanes = [lane for row in rows for lane in row]
    for lane in all_lanes:
        for line in lane.wrong:
            lane.say(line)
        if lane.seconds:
            lane.say(", ".join(f"{name} {seconds:.0f} s" for name, seconds in lane.seconds.items()))
    passed, failed = sum(lane.passed for lane in all_lanes), sum(lane.failed for lane in all_lanes)
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
