"""A directory that loses what was not made durable (tests/lose): a desk whose data stands in it can have its power cut."""
import os
import subprocess

import frame

LIBRARY = frame.BUILD / "tests/lose/liblose.so"
TOOL = frame.BUILD / "tests/lose/lose"


class Disk:
    """Moves a desk's data, before it is started, onto a disk whose power can be cut."""

    def __init__(self, desk):
        self.root, self.shadow = desk.directory / "disk", desk.directory / "durable"
        self.root.mkdir(mode=0o700)
        self.run("begin")
        desk.data = self.root / "data"
        desk.database = desk.database_url or desk.data / "portdesk.db"
        desk.configure({})
        # The sanitizer's library is not the first one then.
        desk.environment.update({"LD_PRELOAD": str(LIBRARY), "LOSE_ROOT": str(self.root.resolve()),
                                 "LOSE_SHADOW": str(self.shadow.resolve()), "ASAN_OPTIONS": frame.ASAN + ":verify_asan_link_order=0"})

    def run(self, *words):
        done = subprocess.run([TOOL, words[0], self.root.resolve(), self.shadow.resolve(), *words[1:]], capture_output=True,
                              text=True, env={**os.environ, "LD_PRELOAD": ""}, check=False)
        if done.returncode:
            raise AssertionError(f"lose {' '.join(words)}: {done.stderr}")

    def cut(self, seed=0):
        """The power goes, after the programs were killed: what was not made durable is gone. With a seed some of it stays."""
        self.run("restore", str(seed))
