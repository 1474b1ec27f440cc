"""The load generator, and what a load is made of: whole requests as bytes."""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import urllib.parse

import frame

LOADER = frame.BUILD / "tests/bench/bench-load"


class CpuTime:
    """Processor seconds of a process and its threads since this was made."""

    def __init__(self, pid):
        self.path = pathlib.Path(f"/proc/{pid}/stat")
        self.began = self.now()

    def now(self):
        fields = self.path.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def spent(self):
        return self.now() - self.began


def run(port, connections, seconds, requests, once=False, rate=0, pid=None, good_only=True):
    """Keeps that many connections busy with the requests in turn; the figures of the generator. With `once` each is sent once. With a
    `rate` so many a second are sent, and the time to an answer counts from when its request was due. With `pid`, also the
    processor time of that process for each answer. With `good_only` a refusal ends the run: what is measured is measured of good answers."""
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        for request in requests:
            file.write(b"%d\n" % len(request) + request)
        file.flush()
        cpu = CpuTime(pid) if pid else None
        words = [LOADER, port, connections, seconds, file.name, "once" if once else "again", rate]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(f"script/bench: the load generator failed: {done.stderr}")
    figures = json.loads(done.stdout)
    if figures["failed"] or figures["5xx"] or (good_only and figures["4xx"]):
        sys.exit(f"script/bench: not every answer was a good one: {figures}")
    if cpu:
        figures["cpu_us"] = cpu.spent() * 1e6 / figures["answers"]
    return figures


def request(origin, method, path, cookie=None, fields=None, csrf=None):
    """A request as bytes."""
    host = urllib.parse.urlsplit(origin).netloc
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    body = b""
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if fields is not None:
        body = urllib.parse.urlencode([*fields, ("csrf", csrf)] if csrf else fields).encode()
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Origin: {origin}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(port, wire):
    """One request by hand; the answer as text."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(wire.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.decode("utf-8", "replace")


def csrf_of(origin, port, customer):
    """The customer's CSRF token, from a page."""
    page = ask(port, request(origin, "GET", "/requests", f"portdesk={customer.token}"))
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    if not found:
        sys.exit(f"script/bench: no page for a customer: {page[:300]}")
    return found[1]


def wait_until_listens(port):
    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    frame.wait_for(f"port {port} to listen", listens)


def metric(port, name):
    """A number of /metrics."""
    answer = ask(port, request(f"http://127.0.0.1:{port}", "GET", "/metrics"))
    found = re.search(rf"^{name} (\S+)$", answer, re.M)
    if not found:
        sys.exit(f"script/bench: /metrics has no {name}: {answer[:300]}")
    return float(found[1])
