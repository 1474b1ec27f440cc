"""One process has a SQLite database: whoever comes second is refused with a sentence, whenever it comes, and the first is not disturbed."""
import subprocess
import unittest

import database
import frame
from ports import free_ports

REFUSED = "Another process is using the database"


class InstanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(setattr, database, "SERVER", database.SERVER)
        database.SERVER = ""  # PostgreSQL has many processes
        cls.desk = frame.Desk(cls.__name__)
        cls.addClassCleanup(cls.desk.stop)
        cls.desk.start()

    def serve(self):
        """A further server of the same data."""
        port = free_ports(1)[0]
        return frame.Program("second", [*self.desk.portdesk.command, f"--web.listen=127.0.0.1:{port}"],
                             self.desk.logs / f"second-{port}.log", port)

    def refused(self, said):
        self.assertIn(REFUSED, said)
        self.assertIn(str(self.desk.data / "portdesk.db"), said)
        self.assertEqual(len(said.strip().splitlines()), 1, said)

    def test_a_second_server_and_commands_that_write(self):
        second = self.serve().start(wait=False)
        self.assertEqual(second.process.wait(30), 1)
        self.refused(second.tail())
        for words in (["init"], ["init", "--demo"]):
            done = self.desk.command(*words, check=False)
            self.assertEqual(done.returncode, 1, words)
            self.refused(done.stderr)
        self.assertEqual(self.desk.sign_in().get("/requests").status, 200)

    def test_killed_and_started_many_times_at_once(self):
        """The lock goes with the process that held it, also by kill -9; of several that start together one gets it."""
        for _ in range(3):
            self.desk.portdesk.kill()
            several = [self.desk.portdesk.start(wait=False), *(self.serve().start(wait=False) for _ in range(3))]

            def decided(several=several):
                return sum(program.process.poll() is None for program in several) == 1
            frame.wait_for("all but one to be refused", decided)
            winner = next(program for program in several if program.running())
            frame.wait_for("the one to answer", winner.answers)
            for program in several:
                if program is not winner:
                    self.assertEqual(program.process.returncode, 1)
                    self.assertIn(REFUSED, program.tail())
            winner.kill()
            self.desk.portdesk.start()

    def test_refused_while_the_first_starts(self):
        """The lock comes before everything else that a start does."""
        self.desk.portdesk.kill()
        first = subprocess.Popen([str(word) for word in self.desk.portdesk.command], stderr=subprocess.PIPE, text=True)
        try:
            lock = self.desk.data / "portdesk.db.lock"
            frame.wait_for("the lock", lambda: held(lock))
            second = self.desk.command("init", check=False)
            self.assertEqual(second.returncode, 1)
            self.refused(second.stderr)
        finally:
            first.kill()
            first.communicate()
        self.desk.portdesk.start()


def held(lock):
    """Whether somebody holds the lock, without taking it."""
    inode = f":{lock.stat().st_ino} "
    with open("/proc/locks", encoding="ascii") as locks:
        return any(inode in line and "FLOCK" in line for line in locks)


if __name__ == "__main__":
    unittest.main()
