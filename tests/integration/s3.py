"""An S3-compatible store for tests: s3rver from npm, behind a door of ours that knows AWS's Signature Version 4 by its specification
(s3rver looks at it half-heartedly), and that can be out of order when a test wants that."""
import hashlib
import hmac
import http.client
import http.server
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

import frame

ACCESS, SECRET, REGION, BUCKET = "AKIDPORTDESK", "s3cr3t/of+the=test", "eu-test-1", "desk"
SERVERS = frame.ROOT / "tests/servers"


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def wrong_signature(method, target, headers, body):
    """Why the request is not signed as it must be, or None. After AWS's description, not after any client."""
    fields = dict(part.strip().split("=", 1) for part in headers.get("Authorization", "").removeprefix("AWS4-HMAC-SHA256").split(",") if "=" in part)
    if not fields.get("Credential", "").startswith(f"{ACCESS}/"):
        return "no credential of ours"
    _, date, region, service, end = fields["Credential"].split("/")
    if (region, service, end) != (REGION, "s3", "aws4_request") or not headers["x-amz-date"].startswith(date):
        return "another scope"
    if headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return "another body"
    names = fields["SignedHeaders"].split(";")
    if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names):
        return "a header is not signed"
    path, _, query = target.partition("?")
    pairs = sorted(tuple(urllib.parse.quote(urllib.parse.unquote(part), safe="-_.~") for part in pair.partition("=")[::2])
                   for pair in query.split("&") if pair)
    canonical = "\n".join([method, path, "&".join(f"{name}={value}" for name, value in pairs),
                           *[f"{name}:{' '.join(headers[name].split())}" for name in names], "", ";".join(names),
                           headers["x-amz-content-sha256"]])
    scope = f"{date}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SECRET.encode()
    for part in (date, region, "s3", "aws4_request"):
        key = sign(key, part)
    return None if hmac.compare_digest(sign(key, text).hex(), fields["Signature"]) else "another signature"


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wrong = wrong_signature(self.command, self.path, self.headers, body)
        if wrong:
            store.wrong.append((self.command, self.path, wrong))
            return self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        with store.lock:
            store.calls.append((self.command, self.path))
            fault = store.faults.pop(0) if store.faults else None
        if store.listing is not None and "list-type=2" in self.path:
            return self.answer(200, store.listing)
        if callable(fault):
            return fault(self)
        if fault:
            return self.answer(*fault)
        connection = http.client.HTTPConnection("127.0.0.1", store.inner_port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("authorization", "host", "expect")}
        connection.request(self.command, self.path, body, headers)
        try:
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException:  # s3rver gives half an object when it is written meanwhile
            self.close_connection = True
            return None
        self.answer(answer.status, content, [(name, value) for name, value in answer.getheaders()
                                             if name.lower() in ("content-type", "content-range", "etag", "last-modified")])
        connection.close()
        return None

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = handle_any


class Store:
    """`faults`: what the next calls get instead of an answer: (status, body), or a function of the handler."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="portdesk-s3-"))
        self.inner_port, self.port = frame.free_ports(2)
        self.lock, self.calls, self.wrong, self.faults = threading.Lock(), [], [], []
        self.listing = None  # what listings are answered with
        self.server = self.process = None

    def start(self):
        program = SERVERS / "node_modules/s3rver/bin/s3rver.js"
        if not program.exists():
            raise AssertionError("s3rver is not installed: script/bootstrap --test")
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["node", program, "--directory", self.directory / "objects", "--address", "127.0.0.1", "--port", str(self.inner_port),
                 "--no-vhost-buckets", "--configure-bucket", BUCKET], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NODE_NO_WARNINGS": "1"})

        def answers():
            if self.process.poll() is not None:
                raise AssertionError((self.directory / "log").read_text())
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.inner_port, timeout=5)
                connection.request("GET", "/")
                return connection.getresponse().status > 0
            except OSError:
                return False
        frame.wait_for("s3rver to answer", answers)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Door)
        self.server.daemon_threads = True
        self.server.store = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        if self.process:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def settings(self, prefix="desk/one"):
        return {"documents.url": f"s3://{BUCKET}/{prefix}" if prefix else f"s3://{BUCKET}", "documents.endpoint": f"http://127.0.0.1:{self.port}",
                "documents.region": REGION, "documents.access_key": ACCESS, "documents.secret_key": SECRET}

    def objects(self):
        """Keys and bytes of all objects."""
        folder = self.directory / "objects" / BUCKET
        return {str(path.relative_to(folder)).removesuffix("._S3rver_object"): path.read_bytes()
                for path in folder.rglob("*._S3rver_object")}
