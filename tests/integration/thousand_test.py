"""A thousand numbers in one request, through the real programs: submitted, asked for at the rate that is kept, placed as one port, and
completed, with memory that stays bounded."""
import re
import time
import unittest

import frame
import journey
from browser import Browser
from people import Person, Records

RATE = 250  # calls a second
NUMBERS = [f"+1628220{i:04}" for i in range(200, 1200)]  # those before mean something to the sandbox carrier


class SmallDesk(frame.Desk):
    """With the address sanitizer, but not the memory that it keeps back after it was freed."""

    def __init__(self, name, settings):
        super().__init__(name, settings, {"ASAN_OPTIONS": frame.ASAN + ":quarantine_size_mb=1"})


class Thousand(frame.DeskCase):
    desk_class = SmallDesk

    def metric(self, name):
        browser = Browser(self.desk.origin)
        text = browser.get("/metrics").body.decode()
        browser.close()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1])

    def memory(self):
        return self.metric("process_resident_memory_bytes")

    def calls(self, operation):
        return self.metric(f'portdesk_carrier_calls_total{{operation="{operation}",outcome="ok"}}')

    def test_a_thousand_numbers_go_through(self):
        team, owner = Person(self.desk, "porting_team"), Person(self.desk, "owner")
        records = Records(self.desk)
        self.addCleanup(records.close)
        connection = records.one("SELECT id FROM carrier_connection")
        team.wants(team.post(f"/connections/{connection}", [
            ("label", "Fast"), ("takes_new", "yes"), ("calls_per_second", RATE)]), 303)
        before = self.memory()
        began = time.monotonic()
        address = owner.submitted(NUMBERS)
        submitted = time.monotonic()
        ports = frame.wait_for("the port at the carrier", lambda: self.desk.carrier_ports(NUMBERS[0]), 120)
        placed = time.monotonic()
        self.assertEqual([len(port["phone_numbers"]) for port in ports], [1000])
        self.assertEqual(self.calls("portability"), 1000)  # each number once
        self.assertEqual(self.calls("create"), 1)
        self.assertGreaterEqual(placed - submitted, 999 / RATE - 0.2)  # and no faster than the rate
        # Its events for each number are the sandbox carrier's work, not ours: the rest is learned by asking.
        records.quiet()
        self.desk.at_carrier("DELETE", "/v1/Porting/Configuration/Webhook/PORT_IN")
        sid = journey.sign(self.desk, NUMBERS[0])

        def all_here():
            self.desk.control(f"ports/{sid}/next")
            self.desk.advance(601)
            return records.one("SELECT count(*) FROM number") == 1000
        frame.wait_for("the last of them", all_here)
        self.assertIn("Completed", owner.get(address).text)
        completed = time.monotonic()
        self.assertEqual(records.one("SELECT count(*) FROM port_number WHERE status = 'completed'"), 1000)
        grown = self.memory() - before
        print(f"submitted in {submitted - began:.1f} s, placed after {placed - submitted:.1f} s,"
              f" completed after {completed - placed:.1f} s, memory grew by {grown / 2**20:.0f} MiB", flush=True)
        self.assertLess(grown, 150 * 2**20)


if __name__ == "__main__":
    unittest.main()
