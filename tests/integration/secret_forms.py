"""The forms that a secret may take where it does not belong: as it is, and as programs write bytes that they pass on."""
import base64
import html
import json
import urllib.parse


def base64_middles(secret, alphabet):
    """What stands for the secret in the base64 of anything that contains it: one text for each place in a group of three."""
    for before in range(3):
        coded = alphabet(b"\0" * before + secret + b"\0" * 3)
        first = -(-before * 8 // 6)  # letters that the bytes before it have a part in
        yield coded[first:(before + len(secret)) * 8 // 6]


def forms(secret):
    """{name: bytes} of each form that differs from the others."""
    text = secret.decode("latin-1")
    found = {
        "as it is": secret,
        "reversed": secret[::-1],
        "other case": secret.swapcase(),
        "lower case": secret.lower(),
        "upper case": secret.upper(),
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "hex with escapes": "".join(f"\\x{byte:02x}" for byte in secret).encode(),
        "percent": urllib.parse.quote_from_bytes(secret, safe="").encode(),
        "percent lower": urllib.parse.quote_from_bytes(secret, safe="").lower().encode(),
        "percent of all": "".join(f"%{byte:02X}" for byte in secret).encode(),
        "JSON": json.dumps(text)[1:-1].encode(),
        "HTML": html.escape(text).encode("latin-1"),
        "UTF-16": text.encode("utf-16-le"),
        "quoted-printable": "".join(f"={byte:02X}" for byte in secret).encode(),
    }
    for name, alphabet in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
        for place, middle in enumerate(base64_middles(secret, alphabet)):
            found[f"{name} at {place}"] = middle
    return {name: form for name, form in found.items() if len(form) >= 8}


class Searched:
    """Secrets by name, and where they were found."""

    def __init__(self):
        self.forms = {}
        self.found = []
        self.bytes = 0

    def plant(self, name, secret):
        secret = secret if isinstance(secret, bytes) else secret.encode()
        if len(secret) < 9:
            raise AssertionError(f"{name}: too short to be told from chance")
        self.forms[name] = forms(secret)

    def look(self, where, content, allowed=()):
        """Notes every secret, but those allowed there, that stands in the bytes in any form."""
        self.bytes += len(content)
        for name, each in self.forms.items():
            if name in allowed:
                continue
            for form, wanted in each.items():
                at = content.find(wanted)
                if at >= 0:
                    around = content[max(0, at - 60):at + len(wanted) + 30]
                    self.found.append(f"{where}: {name}, {form}: {around!r}")
                    break
