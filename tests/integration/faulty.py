"""A gaining carrier and a mail server that misbehave on demand: they fail, and repeat in their words what they were told."""
import base64
import http.client
import http.server
import json
import socketserver
import threading
import urllib.parse

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Carrier:
    """Hands every call on to the sandbox carrier, unless `fault` is a status: then it answers that, with a message that
    repeats the whole call. `fault_at` narrows it to paths that contain the word."""

    def __init__(self, origin):
        self.fault, self.fault_at, self.faults = None, "", 0
        upstream = urllib.parse.urlsplit(origin).netloc
        carrier = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def body(self):
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                whole = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    whole += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return whole

            def say(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def forward(self):
                body = self.body()
                if carrier.fault and carrier.fault_at in self.path:
                    carrier.faults += 1
                    signed = self.headers.get("Authorization", "")
                    plain = base64.b64decode(signed.partition(" ")[2]).decode()
                    words = f"{signed} {plain} {body.decode('utf-8', 'replace')}"[:12000]
                    answer = json.dumps({"code": 20001, "message": words, "status": carrier.fault}).encode()
                    self.say(carrier.fault, "application/json", answer)
                    return
                connection = http.client.HTTPConnection(upstream, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                self.say(answer.status, answer.headers.get("Content-Type", ""), answer.read())
                connection.close()

            do_GET = do_POST = do_DELETE = forward

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # Portdesk was killed
        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mailer:
    """Takes mail from who signs in. `fault` is None, "sign-in" or "recipient": what it refuses, repeating the password."""

    def __init__(self):
        self.fault, self.faults, self.mails, self.signed_in = None, 0, [], []
        mailer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                told = b""

                def say(line):
                    self.wfile.write(line + b"\r\n")
                say(b"220 mail.example")
                while line := self.rfile.readline().rstrip(b"\r\n"):
                    word = line.split(b" ")[0].upper()
                    if word == b"EHLO":
                        say(b"250-mail.example\r\n250 AUTH PLAIN")
                    elif word == b"AUTH":
                        coded = line.split(b" ")[2] if line.count(b" ") > 1 else None
                        if coded is None:
                            say(b"334 ")
                            coded = self.rfile.readline().strip()
                        told = base64.b64decode(coded).replace(b"\0", b" ") + b" " + coded
                        mailer.signed_in.append(told)
                        refused = mailer.fault == "sign-in"
                        mailer.faults += refused
                        say(b"535 5.7.8 wrong: " + told if refused else b"235 welcome")
                    elif word == b"RCPT" and mailer.fault == "recipient":
                        mailer.faults += 1
                        say(b"550 5.1.1 nobody here, " + told)
                    elif word == b"DATA":
                        say(b"354 go on")
                        whole = b""
                        while (piece := self.rfile.readline()) not in (b".\r\n", b""):
                            whole += piece
                        mailer.mails.append(whole)
                        say(b"250 taken")
                    elif word == b"QUIT":
                        say(b"221 bye")
                        return
                    else:
                        say(b"250 ok")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass
        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
