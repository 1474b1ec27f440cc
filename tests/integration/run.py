#!/usr/bin/env python3
"""Runs the integration tests: `run.py` all *_test.py beside it, `run.py NAME...` those files. The last line is the count.
A skipped test counts as failed, and so does a file without a test."""
import importlib
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# A file of tests for one engine alone says so in ENGINES; one that knows of none ("none") runs once, in the lane that is told to.
ENGINE = "postgres" if os.environ.get("PORTDESK_TEST_DATABASE") else "sqlite"
RUNS = {ENGINE} if os.environ.get("PORTDESK_TEST_ONCE") == "elsewhere" else {ENGINE, "none"}


class Result(unittest.TextTestResult):
    """One line a test, with its time."""

    def startTest(self, test):
        unittest.TestResult.startTest(self, test)
        self.began = time.monotonic()

    def say(self, test, verdict):
        self.stream.writeln(f"{verdict:7} {test.id()[:200]} ({time.monotonic() - self.began:.1f} s)")
        self.stream.flush()

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.say(test, "ok")

    def addFailure(self, test, err):
        unittest.TestResult.addFailure(self, test, err)
        self.say(test, "FAILED")

    def addError(self, test, err):
        unittest.TestResult.addError(self, test, err)
        self.began = getattr(self, "began", time.monotonic())
        self.say(test, "FAILED")

    def addSubTest(self, test, subtest, err):
        unittest.TestResult.addSubTest(self, test, subtest, err)
        if err:
            self.say(subtest, "FAILED")

    def addSkip(self, test, reason):
        unittest.TestResult.addSkip(self, test, reason)
        self.say(test, f"FAILED skipped: {reason}")


def every(suite):
    """The tests of a suite of suites."""
    for each in suite:
        yield from every(each) if isinstance(each, unittest.TestSuite) else [each]


def main():
    names = [name.removesuffix(".py") for name in sys.argv[1:]] or sorted(path.stem for path in HERE.glob("*_test.py"))
    suite, passed, failed = unittest.TestSuite(), 0, 0
    for name in names:
        if not RUNS & getattr(importlib.import_module(name.split(".")[0]), "ENGINES", {ENGINE}):
            continue
        tests = unittest.defaultTestLoader.loadTestsFromName(name)
        if not tests.countTestCases():
            print(f"FAILED  {name}: no test in it")
            failed += 1
        suite.addTests(tests)
    count, names = suite.countTestCases(), {test.id() for test in every(suite)}
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0).run(suite)
    wrong = {str(test.id()).split(" ")[0] for test, _ in result.failures + result.errors + result.skipped}
    failed += len(wrong) or (0 if count else 1)
    passed = max(0, result.testsRun - len(wrong & names)) # when the set-up of a class fails, its tests do not run
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
