"""What a proxy in front sees of a process that is told to stop."""
import signal
import unittest

import frame
from browser import Browser


class Stopping(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = frame.Desk("ready", {"serve.drain_seconds": "60"})
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()

    def look(self, path):
        """A fresh connection: an old one is served to its end anyway."""
        browser = Browser(self.desk.origin, timeout=10)
        try:
            page = browser.request("GET", path, None, {}, redirects=0)
            return page.status, page.body.decode().strip()
        finally:
            browser.close()

    def test_it_is_seen_before_the_door_closes(self):
        program = self.desk.portdesk
        self.assertEqual(self.look("/readyz"), (200, "ok"))
        program.process.send_signal(signal.SIGTERM)
        frame.wait_for("503", lambda: self.look("/readyz") == (503, "not ready: this process is stopping"))
        self.assertEqual(self.look("/healthz"), (200, "ok"))
        self.assertEqual(self.look("/sign-in")[0], 200)
        program.process.send_signal(signal.SIGTERM)  # no more waiting
        self.assertEqual(program.process.wait(30), 0)
        program.look()
        with self.assertRaises(OSError):
            self.look("/readyz")


if __name__ == "__main__":
    unittest.main()
