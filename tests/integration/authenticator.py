"""An authenticator for passkeys, in software: keys and signatures by the openssl program, which ca-certificates brings along,
everything else by hand."""
import base64
import hashlib
import json
import pathlib
import secrets
import struct
import subprocess
import tempfile

PRESENT, VERIFIED, CREDENTIAL = 0x01, 0x04, 0x40


def encode(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def openssl(*words, content=None):
    done = subprocess.run(["openssl", *(str(word) for word in words)], input=content, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise AssertionError(f"openssl {words}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 24, number]) if number < 256 else bytes([major << 5 | 25]) + struct.pack(">H", number)


def cbor(value):
    """As CTAP2 writes it."""
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(name) + cbor(each) for name, each in value.items())


class Authenticator:
    """One passkey of one person, made by `create`. `test` is the test case, or its class, with which it goes."""

    def __init__(self, test, origin, alg="ES256"):
        self.origin, self.alg = origin, alg
        self.rp = origin.partition("://")[2].partition(":")[0]
        self.id, self.counter, self.user = secrets.token_bytes(32), 0, None
        directory = tempfile.TemporaryDirectory(prefix="portdesk-authenticator-")
        (test.addClassCleanup if isinstance(test, type) else test.addCleanup)(directory.cleanup)
        self.key = pathlib.Path(directory.name) / "key.pem"
        if alg == "ES256":
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        else:
            openssl("genpkey", "-algorithm", "ED25519", "-out", self.key)

    def cose(self):
        public = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        if self.alg == "ES256":
            return cbor({1: 2, 3: -7, -1: 1, -2: public[-64:-32], -3: public[-32:]})
        return cbor({1: 1, 3: -8, -1: 6, -2: public[-32:]})

    def data(self, flags=PRESENT | VERIFIED):
        content = hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter)
        if flags & CREDENTIAL:
            content += bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.cose()
        return content

    def client(self, ceremony, challenge):
        return json.dumps({"type": f"webauthn.{ceremony}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def sign(self, content):
        if self.alg == "ES256":
            return openssl("dgst", "-sha256", "-sign", self.key, content=content)
        file = self.key.with_name("content")
        file.write_bytes(content)
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", file)

    def create(self, options):
        """What a browser sends after navigator.credentials.create."""
        self.user = options["user"]
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": self.data(PRESENT | VERIFIED | CREDENTIAL)})
        return [("client_data", encode(self.client("create", options["challenge"]))), ("attestation", encode(attestation))]

    def get(self, options):
        """What a browser sends after navigator.credentials.get."""
        self.counter += 1
        client, data = self.client("get", options["challenge"]), self.data()
        signature = self.sign(data + hashlib.sha256(client).digest())
        return [("credential", encode(self.id)), ("user_handle", self.user), ("client_data", encode(client)),
                ("auth_data", encode(data)), ("signature", encode(signature))]


JSON = {"Accept": "application/json"}


def begin(person, **fields):
    """The options for a new passkey."""
    page = person.wants(person.post("/settings/passkeys/begin", list(fields.items()), JSON), 200)
    return json.loads(page.body)


def add(test, person, name="Key", alg="ES256", **fields):
    """A new passkey of that person: the authenticator that has it."""
    authenticator = Authenticator(test, person.desk.settings["web.base_url"], alg)
    person.wants(person.post("/settings/passkeys", [("name", name), *authenticator.create(begin(person, **fields))]), 303)
    return authenticator


def options_to_sign_in(person):
    return json.loads(person.wants(person.get("/sign-in/passkey", JSON), 200).body)
