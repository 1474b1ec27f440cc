"""A line between two programs that can fail: it hands TCP connections on to a port, or refuses them, or breaks them off."""
import contextlib
import socket
import threading


class Line:
    """Listens on a port of its own (`port`). `mode` is for connections from then on:

    up        handed on
    down      nobody listens
    error     each request is answered 500
    swallow   handed on, and cut when the answer comes: what was asked for has happened, and nobody knows"""

    def __init__(self, target):
        self.target, self.mode, self.calls = target, "up", 0
        self.lock = threading.Lock()
        self.open = set()
        self.listener = None
        self.listen(0)
        self.port = self.listener.getsockname()[1]

    def listen(self, port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def set(self, mode):
        """What is under way is cut."""
        before, self.mode = self.mode, mode
        if mode == "down":
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)  # wakes who accepts
            self.listener.close()
        elif before == "down":
            self.listen(self.port)
        with self.lock:
            cut, self.open = self.open, set()
        for each in cut:
            hang_up(each)

    def accept(self, listener):
        while True:
            try:
                caller = listener.accept()[0]
            except OSError:
                return
            with self.lock:
                self.calls += 1
                self.open.add(caller)
            threading.Thread(target=self.serve, args=(caller, self.mode), daemon=True).start()

    def serve(self, caller, mode):
        try:
            if mode == "error":
                self.refuse(caller)
            else:
                self.hand_on(caller, mode == "swallow")
        except OSError:
            pass
        finally:
            hang_up(caller)
            with self.lock:
                self.open.discard(caller)

    @staticmethod
    def refuse(caller):
        caller.settimeout(10)
        caller.recv(1 << 16)
        caller.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 35\r\n"
                       b'Connection: close\r\n\r\n{"code":20500,"message":"no luck"}\n\n')

    def hand_on(self, caller, swallow):
        with socket.create_connection(("127.0.0.1", self.target), timeout=30) as other:
            other.settimeout(None)
            with self.lock:
                self.open.add(other)
            threading.Thread(target=pump, args=(caller, other), daemon=True).start()
            if swallow:
                other.recv(1)
                hang_up(other)
            else:
                pump(other, caller)
            with self.lock:
                self.open.discard(other)

    def close(self):
        self.set("down")


def pump(source, sink):
    with contextlib.suppress(OSError):
        while True:
            got = source.recv(1 << 16)
            if not got:
                break
            sink.sendall(got)
        sink.shutdown(socket.SHUT_WR)


def hang_up(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
