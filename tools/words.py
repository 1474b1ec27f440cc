#!/usr/bin/env python3
"""Compiles the message catalogue web/words/<language>/<module>.txt into words.gen.h and words.gen.c.

A line is `key = text with {name}`; `key#one` is the form for exactly one; `#` begins a comment line. The key's first
part is the file's name. English is the reference: another language may lack keys (English is used), never add any.
"""
import pathlib
import re
import sys

KEY = re.compile(r"^([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)(#one)?$")
HOLE = re.compile(r"\{([a-z_]+)\}")


def fail(path, line, message):
    sys.exit(f"{path}:{line}: {message}")


def read(paths):
    languages = {}
    for path in map(pathlib.Path, paths):
        entries = languages.setdefault(path.parent.name, {})
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            key, separator, text = line.partition("=")
            match = KEY.match(key.strip())
            if not separator or not match or not text.strip():
                fail(path, number, "a line is `key = text`")
            name = f"{path.stem}.{match[1]}"
            slot = entries.setdefault(name, {})
            form = "one" if match[2] else "other"
            if form in slot:
                fail(path, number, f"{name} stands twice")
            if "{" in HOLE.sub("", text) or "}" in HOLE.sub("", text):
                fail(path, number, "a placeholder is {name}")
            slot[form] = text.strip()
    return languages


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(header, source, *paths):
    languages = read(paths)
    english = languages["en"]
    for key, forms in english.items():
        if "other" not in forms:
            sys.exit(f"{key}#one has no general form")
    keys = sorted(english)
    order = ["en"] + sorted(set(languages) - {"en"})
    for language in order[1:]:
        for key in languages[language]:
            if key not in english:
                sys.exit(f"{language}: {key} is not in the English catalogue")
    names = [key.replace(".", "_") for key in keys]
    if len(set(names)) != len(names):
        sys.exit("two keys give the same name")
    lines = ["/* Made by tools/words.py from web/words. */", "#ifndef WORDS_GEN_H", "#define WORDS_GEN_H", "enum word {", "    WORD_NONE,"]
    lines += [f"    WORD_{name}," for name in names]
    lines += ["    WORD_COUNT", "};", "#endif", ""]
    pathlib.Path(header).write_text("\n".join(lines), encoding="utf-8")
    lines = ['#include "base/words_table.h"', "", f"const char *const words_keys[WORD_COUNT] = {{", "    \"\","]
    lines += [f"    {quote(key)}," for key in keys]
    lines += ["};", "", "const struct words_entry words_table[LANGUAGE_COUNT][WORD_COUNT] = {"]
    for language in order:
        lines.append(f"    {{ /* {language} */")
        lines.append('        {"", NULL},')
        for key in keys:
            forms = languages[language].get(key, english[key])
            one = quote(forms["one"]) if "one" in forms else "NULL"
            lines.append(f"        {{{quote(forms['other'])}, {one}}},")
        lines.append("    },")
    lines += ["};", ""]
    pathlib.Path(source).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
