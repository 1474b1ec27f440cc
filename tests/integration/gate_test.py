"""The strict gate of the HTTP server, over raw sockets against the running programs: what could make two servers see two
requests is refused and the connection closed, and a second request never slips through behind it."""
import re
import socket

from frame import DeskCase

SECOND = "GET /healthz?second HTTP/1.1\r\nHost: x\r\n\r\n"


def post(*lines, body=SECOND):
    return "\r\n".join(["POST /sign-in HTTP/1.1", "Host: x", *lines, "", body])


REFUSED = {
    "two lengths that differ": post("Content-Length: 0", f"Content-Length: {len(SECOND)}"),
    "two lengths that agree": post("Content-Length: 0", "Content-Length: 0"),
    "length with a sign": post("Content-Length: +0"),
    "length with a minus": post("Content-Length: -1"),
    "length in hex": post("Content-Length: 0x0"),
    "length as a list": post("Content-Length: 0, 0"),
    "length with a blank in it": post("Content-Length: 0 0"),
    "empty length": post("Content-Length:"),
    "length too great for a number": post("Content-Length: 99999999999999999999999"),
    "length and chunked": post("Content-Length: 0", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SECOND),
    "chunked and length": post("Transfer-Encoding: chunked", "Content-Length: 4", body="0\r\n\r\n" + SECOND),
    "unknown coding": post("Transfer-Encoding: gzip", body="0\r\n\r\n" + SECOND),
    "chunked not last": post("Transfer-Encoding: chunked, identity", body="0\r\n\r\n" + SECOND),
    "coding that looks like chunked": post("Transfer-Encoding: xchunked", body="0\r\n\r\n" + SECOND),
    "two codings": post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SECOND),
    "two hosts": "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + SECOND,
    "no host": "GET / HTTP/1.1\r\n\r\n" + SECOND,
    "path with an encoded NUL": "GET /sign-in%00 HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "path with an encoded line break": "GET /sign-in%0d%0aX:y HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "path upwards": "GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "path upwards, encoded": "GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "path of broken UTF-8": "GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "bare percent": "GET /% HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
}


class GateTest(DeskCase):
    def exchange(self, port, request):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(request.encode("latin-1"))
            answer = b""
            while True:
                got = wire.recv(65536)
                if not got:
                    return answer
                answer += got

    def test_refused_and_closed(self):
        for port in (self.desk.port, self.desk.sandbox_port):
            for name, request in REFUSED.items():
                with self.subTest(name, port=port):
                    answer = self.exchange(port, request)
                    # libmicrohttpd itself refuses some, a length beyond its numbers with 413, and repeats the head in the body.
                    statuses = set(re.findall(rb"HTTP/1\.[01] (\d+)", answer))
                    self.assertIn(statuses, ({b"400"}, {b"413"}), answer[:300])

    def test_a_good_request_is_answered(self):
        """The table above would say nothing if everything were refused."""
        for port in (self.desk.port, self.desk.sandbox_port):
            answer = self.exchange(port, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertEqual(answer[:12], b"HTTP/1.1 200", answer[:200])
