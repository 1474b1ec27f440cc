"""The table of script/bench: each figure beside its limit of the same run."""
import json


class Report:
    def __init__(self):
        self.rows = []
        self.section = None

    def begin(self, section, note=""):
        self.section = section
        print(f"\n{section}\n{note}" if note else f"\n{section}", flush=True)

    def add(self, name, clients=None, figures=None, ratio=None, of="", wanted=""):
        """A line: the load generator's figures, or None; the ratio `of` something, and what is wanted of it."""
        figures = figures or {}
        self.rows.append({"section": self.section, "name": name, "clients": clients, **figures, "ratio": ratio, "of": of,
                          "wanted": wanted})
        parts = [f"  {name:46} {clients or '':>3}"]
        parts.append(f"{figures['per_second']:9.0f}/s" if "per_second" in figures else " " * 11)
        for key in ("p50_us", "p99_us"):
            parts.append(f"{key[:3]} {figures[key] / 1000:8.2f} ms" if key in figures else " " * 15)
        parts.append(f"{figures['cpu_us']:6.0f} µs" if "cpu_us" in figures else " " * 9)
        if ratio is not None:
            parts.append(f"{ratio:8.2f} × {of}" + (f" (wanted: {wanted})" if wanted else ""))
        print(" ".join(parts).rstrip(), flush=True)

    def say(self, name, text, value=None):
        """A line of another kind."""
        self.rows.append({"section": self.section, "name": name, "value": value if value is not None else text})
        print(f"  {name:46} {text}", flush=True)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.rows, file, indent=1)
