#!/usr/bin/env python3
"""Compiles db/<program>/NNNN_name.sql into an array of struct db_migration: embed.py OUT DEPFILE PROGRAM FOLDER."""
import pathlib
import re
import sys

NAME = re.compile(r"^([0-9]{4})_([a-z0-9_]+)\.sql$")


def quote(line):
    escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return f'        "{escaped}\\n"'


def main(out, depfile, program, folder):
    steps = {}
    paths = sorted(pathlib.Path(folder).glob("*.sql"))
    for path in paths:
        match = NAME.match(path.name)
        if not match:
            sys.exit(f"{path}: a migration is called NNNN_name.sql")
        number = int(match[1])
        if number in steps or number == 0:
            sys.exit(f"{path}: the number is taken, or 0000")
        lines = path.read_text(encoding="utf-8").splitlines()
        if not any(line.strip() for line in lines):
            sys.exit(f"{path}: is empty")
        steps[number] = (match[2], lines)
    code = ["/* Made by tools/embed.py. */", '#include "store/migrations.h"', "",
            f"const struct db_migration {program}_migrations[] = {{"]
    for number, (name, lines) in sorted(steps.items()):
        code += [f'    {{{number}, "{name}",', *map(quote, lines), "    },"]
    code += ["    {0, NULL, NULL},", "};", ""]
    pathlib.Path(out).write_text("\n".join(code), encoding="utf-8")
    # The folder itself too: a file that comes or goes changes its time.
    needs = " ".join(str(path).replace(" ", "\\ ") for path in [pathlib.Path(folder), *paths])
    pathlib.Path(depfile).write_text(f"{out}: {needs}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
