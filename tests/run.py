#!/usr/bin/env python3
"""Runs the suites one after the other and adds up their counts: what script/test calls when everything is built. A suite
that finds no test fails; a skipped test counts as failed."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))

import postgres  # noqa: E402

BUILD = ROOT / "build-test"
LOGS = BUILD / "logs"
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$")
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


def meson_suite(suite, environment=None):
    """Runs one of meson's suites and returns (passed, failed)."""
    log = suite
    written = BUILD / "meson-logs" / f"{log}.json"
    written.unlink(missing_ok=True)
    subprocess.run(["meson", "test", "-C", str(BUILD), "--no-rebuild", "--suite", suite, "--logbase", log, "--num-processes",
                    str(os.cpu_count()), "--print-errorlogs"],
                   env={**os.environ, **SANITIZERS, **(environment or {})}, check=False)
    if not written.exists():
        return 0, 0
    passed = failed = 0
    with written.open() as lines:
        for line in lines:
            test = json.loads(line)
            good, bad = cmocka_counts(test)
            passed, failed = passed + good, failed + bad
            if bad:
                say(f"FAILED  {test['name']}: {bad}")
    written.unlink()  # its lines carry the whole environment
    written.with_suffix(".txt").replace(LOGS / f"{log}.txt")
    return passed, failed


def unit():
    """The C tests under the sanitizers: unit tests, the replay of every fuzz corpus, the bill reader in its cage (which is
    built without sanitizers in every build)."""
    return meson_suite("unit")


def script(name, command, environment=None):
    """Runs a program whose last line is its count; what it says is shown and kept."""
    logs = LOGS / "postgres" if environment else LOGS
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env={**os.environ, "PORTDESK_LOGS": str(logs), "PYTHONUNBUFFERED": "1",
                                        **(environment or {})})
        last = ""
        for line in process.stdout:
            log.write(line)
            say(line.rstrip("\n"))
            last = line.strip() or last
        code = process.wait()
    found = COUNT.match(last)
    if not found:
        return 0, 1
    passed, failed = int(found[1]), int(found[2])
    return passed, failed or (1 if code else 0)


def integration(environment=None):
    return script("integration", [sys.executable, "tests/integration/run.py"], environment)


def browser(environment=None):
    return script("browser", ["node", "tests/browser/run.mjs"], environment)


def torture():
    """On both engines by itself."""
    return script("torture", [sys.executable, "script/torture", "--sample"])


def on_postgres(suite):
    """The same tests once more, on a PostgreSQL server of their own: those that have a database of the product in them."""
    def run():
        server = postgres.Cluster().create().start()
        try:
            return suite({"PORTDESK_TEST_DATABASE": server.url})
        finally:
            server.remove()
    run.__name__ = f"{suite.__name__} on PostgreSQL"
    return run


def database(environment):
    return meson_suite("database", environment)


SUITES = {"unit": [unit, on_postgres(database)], "integration": [integration, on_postgres(integration)],
          "browser": [browser, on_postgres(browser)], "torture": [torture]}


def main():
    wanted = sys.argv[1:] or list(SUITES)
    if not set(wanted) <= set(SUITES):
        sys.exit(f"usage: script/test [{'|'.join(SUITES)}]")
    LOGS.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    for suite in [suite for name in wanted for suite in SUITES[name]]:
        say(f"--- {suite.__name__}")
        began = time.monotonic()
        good, bad = suite()
        if not good and not bad:
            say(f"FAILED  {suite.__name__}: found no test")
            bad = 1
        say(f"--- {suite.__name__}: {good} passed, {bad} failed in {time.monotonic() - began:.0f} s")
        passed, failed = passed + good, failed + bad
    say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
