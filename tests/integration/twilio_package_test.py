"""Twilio's own npm package against the sandbox carrier: tests/twilio/porting.test.mjs in one run of node. And the examples of
docs/sandbox.md, as they stand there."""
import os
import re
import subprocess
import tempfile
import unittest

from carrier import API_KEY_SECRET, API_KEY_SID, Carrier
from frame import ACCOUNT_SID, AUTH_TOKEN, ROOT

ENGINES = {"none"}  # no database of the product is in these tests


def run(origin):
    """Runs them all against the sandbox carrier at that address."""
    return subprocess.run(
        ["node", "--test", "--test-reporter", "tap", "tests/twilio/porting.test.mjs"], cwd=ROOT, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False, env={
            **os.environ, "SANDBOX_ORIGIN": origin, "SANDBOX_ACCOUNT_SID": ACCOUNT_SID, "SANDBOX_AUTH_TOKEN": AUTH_TOKEN,
            "SANDBOX_API_KEY_SID": API_KEY_SID, "SANDBOX_API_KEY_SECRET": API_KEY_SECRET})


def examples(language):
    """The blocks of docs/sandbox.md in that language, one after the other."""
    text = (ROOT / "docs/sandbox.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S))


class TwilioPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.carrier = Carrier("twilio-package")
        cls.addClassCleanup(cls.carrier.stop)

    def tearDown(self):
        self.carrier.program.look()

    def test_every_porting_call_and_whole_lives(self):
        done = run(self.carrier.origin)
        counts = dict(re.findall(r"^# (tests|pass|fail|skipped) (\d+)$", done.stdout, re.M))
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])
        self.assertEqual((counts["pass"], counts["fail"], counts["skipped"]), (counts["tests"], "0", "0"))
        self.assertGreaterEqual(int(counts["pass"]), 17)

    def example(self, command, script):
        """Runs an example whose sandbox is ours; what it printed."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, input=script, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env={
                **os.environ, "SANDBOX": self.carrier.origin, "ACCOUNT": ACCOUNT_SID, "TOKEN": AUTH_TOKEN})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_examples_of_the_docs(self):
        script = examples("sh")
        for name, value in (("SANDBOX", self.carrier.origin), ("ACCOUNT", ACCOUNT_SID), ("TOKEN", AUTH_TOKEN)):
            script, count = re.subn(rf"^{name}=\S+$", f"{name}={value}", script, flags=re.M)
            self.assertEqual(count, 1, name)
        said = self.example(["bash", "-euo", "pipefail", "-s"], script)
        for wanted in ('"portable":true', '"port_in_request_status":"Completed"', '"sid":"PN', '"creates":1',
                       "Signature requested by Twilio Onboarding Team"):
            self.assertIn(wanted, said)
        # From within tests/twilio, where the package is.
        module = f"import {{ createRequire }} from 'node:module';\nconst twilio = createRequire('{ROOT}/tests/twilio/x.mjs')('twilio');\n"
        script, count = re.subn(r"^import twilio from 'twilio';$", module, examples("js"), flags=re.M)
        self.assertEqual(count, 1)
        self.assertIn("portable true", self.example(["node", "--input-type=module"], script))


if __name__ == "__main__":
    unittest.main()
