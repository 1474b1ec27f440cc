"""A PostgreSQL server of the tests' own, in a directory of its own. PostgreSQL refuses to run as root, so as root it runs as the
user that Debian's package makes."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import database
from ports import free_ports

USER = "postgres"
# What differs from the defaults. Tests of what a power cut leaves switch fsync on again.
SETTINGS = {"listen_addresses": "'127.0.0.1'", "max_connections": "300", "fsync": "off", "shared_buffers": "64MB",
            "log_min_messages": "fatal", "logging_collector": "off"}


def programs():
    """Where Debian keeps them, of the newest version that is installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise AssertionError("PostgreSQL is not installed: script/bootstrap --test")
    return found[-1].parent


def as_user(*words):
    """The command as a user that PostgreSQL accepts."""
    words = [str(word) for word in words]
    return ["runuser", "-u", USER, "--", *words] if os.geteuid() == 0 else words


class Cluster:
    """A server; .url is the address of its database `postgres`."""

    def __init__(self, settings=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="portdesk-postgres-"))
        self.directory.chmod(0o755)
        self.data, self.log = self.directory / "data", self.directory / "log"
        self.settings = {**SETTINGS, **(settings or {})}
        self.port = free_ports(1)[0]
        self.url = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"
        self.made = 0
        if os.geteuid() == 0:
            shutil.chown(self.directory, USER, USER)

    def run(self, *words):
        done = subprocess.run(as_user(*words), capture_output=True, text=True, cwd=self.directory, check=False)
        if done.returncode:
            raise AssertionError(f"{words[0]}: {done.stdout}{done.stderr}{self.tail()}")
        return done.stdout

    def tail(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def create(self):
        self.run(programs() / "initdb", "-D", self.data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(f"port = {self.port}\nunix_socket_directories = '{self.directory}'\n")
            file.writelines(f"{name} = {value}\n" for name, value in self.settings.items())
        return self

    def start(self):
        # Its output goes to the log: a pipe would stay open as long as the server runs.
        with open(self.directory / "start", "w", encoding="utf-8") as out:
            code = subprocess.run(as_user(programs() / "pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "start"),
                                  cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False).returncode
        if code:
            raise AssertionError(f"pg_ctl start: {self.tail()}")
        return self

    def stop(self, mode="immediate"):
        """"fast" ends sessions in order, "immediate" is as a crash."""
        subprocess.run(as_user(programs() / "pg_ctl", "-D", self.data, "-m", mode, "-w", "stop"), cwd=self.directory,
                       capture_output=True, check=False)

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill_backend(self):
        """kill -9 of one process that serves a connection: the server then restarts all of itself."""
        server = database.connect(self.url)
        rows = server.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'portdesk' ORDER BY state = 'idle', pid")
        server.close()
        if rows:
            os.kill(rows[0][0], signal.SIGKILL)
        return bool(rows)

