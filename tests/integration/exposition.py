"""Prometheus' text format 0.0.4, read as strictly as its description has it: what a lenient reader would forgive is an error."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? ([^ ]+)")
VALUE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|Inf)|NaN")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Broken(AssertionError):
    pass


def want(true, line, why):
    if not true:
        raise Broken(f"{why}: {line!r}")


def labels_of(text, line):
    """The labels between the braces, in their order."""
    found, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        want(match, line, "no label")
        want(match[1] not in found and not match[1].startswith("__"), line, f"label {match[1]}")
        found[match[1]] = re.sub(r'\\[\\"n]', lambda escape: UNESCAPED[escape[0]], match[2])
        at = match.end()
        want(at == len(text) or text[at] == ",", line, "no comma")
        at += 1
        want(at != len(text), line, "a comma too many")
    return found


class Family:
    def __init__(self, name, text):
        self.name, self.help, self.type, self.samples = name, text, None, {}

    def takes(self, name):
        suffixes = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}.get(self.type, ("",))
        return name in [self.name + suffix for suffix in suffixes]

    def value(self, **labels):
        """The one series whose labels are these, or None."""
        return self.samples.get((self.name, tuple(sorted(labels.items()))))

    def total(self, suffix="", **labels):
        """The sum of the series that have at least these labels."""
        return sum(value for (name, pairs), value in self.samples.items()
                   if name == self.name + suffix and set(labels.items()) <= set(pairs))

    def histograms(self):
        """Each series without its le: ({le: count} in the order written, sum, count)."""
        found = {}
        for (name, pairs), value in self.samples.items():
            rest = tuple(pair for pair in pairs if pair[0] != "le")
            series = found.setdefault(rest, [{}, None, None])
            if name.endswith("_bucket"):
                series[0][dict(pairs)["le"]] = value
            else:
                series[1 if name.endswith("_sum") else 2] = value
        return found

    def check(self):
        want(self.type, self.name, "no type")
        if self.type == "counter":
            want(self.name.endswith("_total"), self.name, "a counter without _total")
        if self.type in ("counter", "histogram"):
            for key, value in self.samples.items():
                want(value >= 0, f"{key} {value}", "less than nothing")
        if self.type != "histogram":
            want(all("le" not in dict(pairs) for _, pairs in self.samples), self.name, "le outside a histogram")
            return
        for labels, (buckets, total, count) in self.histograms().items():
            where = f"{self.name} {labels}"
            bounds = [float(bound) for bound in buckets]
            want(bounds and bounds == sorted(set(bounds)) and bounds[-1] == float("inf"), where, f"bounds {bounds}")
            want("+Inf" in buckets, where, "no +Inf")
            counts = list(buckets.values())
            want(counts == sorted(counts), where, f"counts that fall: {counts}")
            want(total is not None and count is not None, where, "no sum or count")
            want(counts[-1] == count, where, "+Inf is not the count")
            want(all(each == int(each) for each in counts), where, "parts of a count")


def parse(text):
    """{name: Family} of a whole answer, or Broken."""
    want(text.endswith("\n") and "\r" not in text, text[-40:], "no line feed at the end")
    families, current = {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            match = re.fullmatch(rf"# HELP ({NAME}) ((?:[^\\\n]|\\\\|\\n)+)", line)
            want(match and match[1] not in families, line, "help")
            current = families[match[1]] = Family(match[1], match[2])
            continue
        if line.startswith("# TYPE "):
            match = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)", line)
            want(match and current and match[1] == current.name and not current.type and not current.samples, line, "type")
            current.type = match[2]
            continue
        match = SAMPLE.fullmatch(line)
        want(match and current and current.type and current.takes(match[1]), line, "a sample out of its family")
        want(VALUE.fullmatch(match[3]), line, "no number")
        key = match[1], tuple(sorted(labels_of(match[2] or "", line).items()))
        want(match[2] != "" and key not in current.samples, line, "a series twice")
        current.samples[key] = float(match[3])
    for family in families.values():
        family.check()
    return families


def logfmt(line):
    """A line of the log as a dictionary; one that is not wholly what the log writes is an error."""
    found, at = {}, 0
    piece = re.compile(r'([a-z_]+)=("(?:[ !#-\[\]-~]|\\["\\n]|\\x[0-9a-f]{2})*"|[!#-<>-\[\]-~]+)( |$)')
    while at < len(line):
        match = piece.match(line, at)
        want(match and match[1] not in found, line, f"no pair at {at}")
        want(match[3] or match.end() == len(line), line, "cut")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    want(list(found)[:2] == ["level", "event"], line, "no level and event first")
    return found
