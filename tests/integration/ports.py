"""Ports for the processes of a test."""
import os
import random
import socket

# Below the ports that outgoing connections are given, so that none of those sits on a port between our look and the program's start.
# Tests that run beside each other (tests/run.py) have ranges of their own.
FIRST, LAST = map(int, os.environ.get("PORTDESK_TEST_PORTS", "10000-29999").split("-"))


def bound(port):
    """A socket on that port, or None when it is taken."""
    wire = socket.socket()
    try:
        wire.bind(("127.0.0.1", port))
        return wire
    except OSError:
        wire.close()
        return None


def free_ports(count):
    """Ports that nobody listened on a moment ago."""
    sockets = []
    while len(sockets) < count:
        sockets += filter(None, [bound(random.randint(FIRST, LAST))])
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
