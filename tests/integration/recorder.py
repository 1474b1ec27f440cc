"""A proxy between Portdesk and the sandbox carrier that keeps every exchange, for script/contract."""
import dataclasses
import http.client
import http.server
import threading
import urllib.parse

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection", "content-length", "host"}


@dataclasses.dataclass
class Exchange:
    method: str
    target: str
    request_type: str
    request: bytes
    status: int
    answer_type: str
    answer: bytes

    @property
    def path(self):
        return urllib.parse.unquote(urllib.parse.urlsplit(self.target).path)

    @property
    def query(self):
        return urllib.parse.parse_qsl(urllib.parse.urlsplit(self.target).query, keep_blank_values=True)


class Recorder:
    """Listens on a port of its own (`port`), hands everything on to `origin`, and keeps it in `exchanges`."""

    def __init__(self, origin):
        self.exchanges = []
        self.losing = []  # (method, path) of answers that get lost on their way back
        upstream = urllib.parse.urlsplit(origin).netloc
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def body(self):
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                whole = b""
                while True:
                    size = int(self.rfile.readline().split(b";")[0], 16)
                    whole += self.rfile.read(size)
                    self.rfile.readline()
                    if size == 0:
                        return whole

            def forward(self):
                body = self.body()
                connection = http.client.HTTPConnection(upstream, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                recorder.exchanges.append(Exchange(
                    self.command, self.path, self.headers.get("Content-Type", ""), body, answer.status,
                    answer.headers.get("Content-Type", ""), content))
                if (self.command, self.path) in recorder.losing:
                    recorder.losing.remove((self.command, self.path))
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP | {"date", "server"}:
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = forward

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lose(self, count, method, path):
        """The next answers to such calls get lost; what the calls did has been done."""
        self.losing += [(method, path)] * count

    def close(self):
        self.server.shutdown()
        self.server.server_close()
