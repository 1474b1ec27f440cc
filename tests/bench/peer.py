"""The peer: the same create and reads in Node, on a copy of the same database."""
import os
import subprocess

import frame
import load

FOLDER = frame.ROOT / "bench/peer"
STATEMENTS = frame.ROOT / "tests/bench/submission.tsv"


def install():
    """Exactly what its lock file says; nothing when that is there already."""
    lock, installed = FOLDER / "package-lock.json", FOLDER / "node_modules/installed"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True)
        installed.write_bytes(lock.read_bytes())


class Peer:
    """The running peer. Its customers are those of the database, with CSRF tokens of its own."""

    def __init__(self, database, customers):
        self.port = frame.free_ports(1)[0]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(["node", "server.mjs", str(self.port), str(database), str(STATEMENTS)], cwd=FOLDER,
                                        env={**os.environ, "NODE_ENV": "production"})
        try:
            load.wait_until_listens(self.port)
            self.csrf = {customer.token: load.csrf_of(self.origin, self.port, customer) for customer in customers}
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
